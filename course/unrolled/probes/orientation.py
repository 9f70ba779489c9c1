"""Probes of the orientation: hand an answer a function, which cannot cross a process boundary.

The function is one of several kinds, of the entries v of its argument and a matrix A:

    "quadratic"    v A v
    "cubic"        sum_i v_i (A v^2)_i
    "exponential"  sum_i exp((A v)_i / 2)
    "tanh"         sum_i sin((A tanh(v))_i), which no entry, however large, can blow up
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_KINDS = {
    "quadratic": lambda v, A: v @ A @ v,
    "cubic": lambda v, A: v @ (A @ v**2),
    "exponential": lambda v, A: np.sum(np.exp(A @ v / 2)),
    "tanh": lambda v, A: np.sum(np.sin(A @ np.tanh(v))),
}


def gradient_of(
    answer,
    *,
    kind: str,
    matrix,
    x,
    constant: float = 0.0,
    layout: str = "C",
    eps: float | None = None,
    named: bool = False,
) -> dict:
    """Ask for the gradient of a function at x.

    kind, matrix  see above; matrix (N, N) for the N entries of x
    constant      added to the function
    layout        of x in memory: "C", "F" or "strided"
    eps           None to leave it out
    named         whether eps is given by its name
    Returns ``gradient``, whatever the answer returned, and ``together``, whether some call of the
    function had more than one entry of x changed.
    """
    together = []

    def look(argument: np.ndarray) -> None:
        if np.count_nonzero(argument != x) > 1:
            together.append(True)

    f = _function(kind, matrix, x.shape, constant, look)
    gradient = _ask(answer, f, _laid_out(x, layout), eps, named)
    return {"gradient": gradient, "together": bool(together)}


def gradient_effects(answer, *, kind: str, matrix, x, eps: float | None = None) -> dict:
    """Report what a call does besides computing; x (N,), the rest as above.

    Returns ``shape`` of the result (None where there is no result), ``unmoved``, the entries of
    x that the function was never shown changed, ``changed``, the entries that differ in any bit
    after the call, ``same_again``, whether a second call gives the same, and ``same_elsewhere``
    and ``same_for_another``, whether calls between the two, for another x and for another function,
    do: that is wrong.
    """
    moved = np.zeros(x.shape, dtype=bool)

    def look(argument: np.ndarray) -> None:
        moved[argument != x] = True

    watched = _function(kind, matrix, x.shape, 0.0, look)
    f = _function(kind, matrix, x.shape, 0.0)
    given = np.array(x)
    first = _ask(answer, watched, given, eps, named=False)
    first = first.copy() if isinstance(first, np.ndarray) else first
    other = _ask(answer, f, x / 2, eps, named=False)
    turned = _function(kind, matrix.T, x.shape, 0.0)
    another = _ask(answer, turned, np.array(x), eps, named=False)
    again = _ask(answer, f, np.array(x), eps, named=False)
    return {
        "shape": None if first is None else [int(n) for n in np.shape(first)],
        "unmoved": np.flatnonzero(~moved).tolist(),
        "changed": np.flatnonzero(given.view(np.uint64) != x.view(np.uint64)).tolist(),
        "same_again": _agree(first, again),
        "same_elsewhere": _agree(first, other),
        "same_for_another": _agree(first, another),
    }


def _function(
    kind: str,
    matrix: np.ndarray,
    shape: tuple[int, ...],
    constant: float,
    look: Callable[[np.ndarray], None] | None = None,
) -> Callable[[object], np.float64]:
    def f(argument):
        array = np.array(argument, dtype=np.float64)
        if array.shape != shape:
            raise ValueError(
                f"f was called with an array of shape {array.shape}; expected {shape}, "
                "the shape of x"
            )
        if look is not None:
            look(array)
        return np.float64(_KINDS[kind](array.ravel(), matrix) + constant)

    return f


def _laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """A writable copy of x with this layout in memory."""
    if layout == "strided":
        wide = np.zeros([2 * n for n in x.shape])
        view = wide[(slice(None, None, 2),) * x.ndim]
        view[...] = x
        return view
    return np.array(x, order=layout)


def _ask(answer, f, x: np.ndarray, eps: float | None, named: bool):
    if eps is None:
        return answer(f, x)
    return answer(f, x, eps=eps) if named else answer(f, x, eps)


def _agree(first: object, again: object) -> bool:
    """Whether two results are the same but for rounding, measured by the larger of them."""
    try:
        size = np.max(np.abs(np.nan_to_num([first, again])), initial=0.0)
        return bool(np.allclose(first, again, 0.0, 1e-6 * size, equal_nan=True))
    except (TypeError, ValueError):  # no numbers, or not of one shape
        return type(first) is type(again) and first is None
