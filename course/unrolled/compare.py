"""Compare what an answer returned with what was expected, and say where they part.

Rules and tolerances stand here once, for the checks a student runs and for grading alike.
Errors are relative to ``max(1, |expected|)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# An answer may compute in float32 inside and still be right, so float32's rounding, not
# float64's, decides: 1e-5 where inputs are of order one, 1e-3 where they reach 1e3.
TOLERANCE = 1e-5
TOLERANCE_LARGE_INPUTS = 1e-3

_NUMBER_KINDS = "biuf"


@dataclass(frozen=True)
class Difference:
    """Where a result first departs from the expected one, in words for a student."""

    message: str


def shape_text(shape: tuple[int, ...], dims: tuple[str, ...] | None = None) -> str:
    """``(3, 5)`` or, with names for the axes, ``(3, 5) = (B, H)``."""
    text = str(tuple(int(n) for n in shape))
    if dims:
        text += " = (" + ", ".join(dims) + ("," if len(dims) == 1 else "") + ")"
    return text


def difference(
    name: str,
    got: object,
    want: object,
    *,
    dims: tuple[str, ...] | None = None,
    tolerance: float = TOLERANCE,
) -> Difference | None:
    """Return the first difference of ``got`` from ``want``, or None when they agree.

    name       what to call the result in the message, e.g. "rnn_step"
    got        array, number or nested list of numbers that the answer returned
    want       array of the expected values
    dims       names of the axes of ``want``, e.g. ``("B", "T", "H")``; when one is ``"T"``,
               "first" means the earliest step
    tolerance  largest accepted ``|got - want| / max(1, |want|)``
    """
    want = np.asarray(want)
    if dims and len(dims) != want.ndim:
        dims = None
    if got is None:
        return Difference(f"{name} is None; is a `return` missing?")
    if isinstance(got, list | tuple) and holds_text(got):
        return Difference(f"{name} is a list with text in it; expected real numbers")
    try:
        array = np.asarray(got)
    except ValueError:
        return Difference(f"{name} is a list of unequal parts; expected one array")
    if array.dtype.kind not in _NUMBER_KINDS:
        return Difference(
            f"{name} has dtype {array.dtype}; expected real numbers in an array of shape "
            f"{shape_text(want.shape, dims)}"
        )
    if array.shape != want.shape:
        return Difference(
            f"{name} has shape {shape_text(array.shape)}; expected {shape_text(want.shape, dims)}"
        )
    got_values = array.astype(np.float64)
    want_values = want.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(got_values - want_values) / np.maximum(1.0, np.abs(want_values))
        wrong = ~(error <= tolerance)  # NaN is wrong too
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return None
    where = _first(wrong, dims)
    place = _place(where, dims)
    got_here, want_here = got_values[where], want_values[where]
    return Difference(
        f"{name} departs {place}: got {got_here:.6g}, expected {want_here:.6g}"
        f"{_amount(count, wrong.size)}"
    )


def holds_text(value: object) -> bool:
    """Whether there is text anywhere in nested lists.

    NumPy would give each entry the room of the longest text, which is a way to ask for terabytes.
    """
    if isinstance(value, list | tuple):
        return any(map(holds_text, value))
    return isinstance(value, str | bytes)


def _first(wrong: np.ndarray, dims: tuple[str, ...] | None) -> tuple[int, ...]:
    """Index of the first true entry, the time axis counted before all others."""
    if dims and "T" in dims:
        axis = dims.index("T")
        moved = np.moveaxis(wrong, axis, 0)
        index = [int(i) for i in np.argwhere(moved)[0]]
        step = index.pop(0)
        index.insert(axis, step)
        return tuple(index)
    return tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()


_AXIS_WORDS = {
    "B": "row",
    "T": "step t =",
    "H": "unit",
    "D": "input",
    "N": "column",
    "4H": "column",
}


def _place(where: tuple[int, ...], dims: tuple[str, ...] | None) -> str:
    if not where:
        return "from the expected value"
    if not dims:
        return f"first at index {list(where)}"
    parts = [(d, f"{_AXIS_WORDS.get(d, d)} {i}") for d, i in zip(dims, where, strict=True)]
    parts.sort(key=lambda part: part[0] != "T")
    return "first at " + ", ".join(text for _, text in parts)


def _amount(count: int, size: int) -> str:
    return f" ({count} of {size} entries differ)" if size > 1 else ""
