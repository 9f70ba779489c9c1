"""Compare what an answer returned with what was expected, and say where they part.

Rules and tolerances stand here once, for the checks a student runs and for grading alike. What
an error is relative to is called its *measure*:

    "entry"     max(1, |expected|) of the same entry, where nothing else is said
    "array"     max(1, the largest |expected| of the array), for gradients: their entries are sums
                whose terms may cancel, so that rounding is of the size of the largest
    "relative"  |expected| of the same entry, where small numbers matter as much as large ones
"""

from __future__ import annotations

from collections.abc import Mapping
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
    measure: str = "entry",
    backward: bool = False,
) -> Difference | None:
    """Return the first difference of ``got`` from ``want``, or None when they agree.

    name       what to call the result in the message, e.g. "rnn_step"
    got        array, number or nested list of numbers that the answer returned
    want       array of the expected values
    dims       names of the axes of ``want``, e.g. ``("B", "T", "H")``; when one is ``"T"``,
               "first" means the earliest step
    tolerance  largest accepted error
    measure    what errors are relative to, see above; equal values never differ, and NaN equals
               NaN
    backward   whether the steps were computed from the last to the first: then "first" means the
               latest wrong step
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
        accepted = tolerance * _scale(want_values, measure)
        near = np.isfinite(want_values) & (np.abs(got_values - want_values) <= accepted)
    alike = (got_values == want_values) | (np.isnan(got_values) & np.isnan(want_values))
    wrong = ~(near | alike)
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return None
    where = _first(wrong, dims, backward)
    place = _place(where, dims, backward)
    got_here, want_here = _told_apart(got_values[where], want_values[where])
    return Difference(
        f"{name} departs {place}: got {got_here}, expected {want_here}{_amount(count, wrong.size)}"
    )


def _scale(want: np.ndarray, measure: str) -> np.ndarray | float:
    if measure == "relative":
        return np.abs(want)
    if measure == "array":
        return max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0)))
    return np.maximum(1.0, np.abs(want))


def structure_difference(
    name: str,
    got: object,
    want: object,
    *,
    dims: Mapping[str, tuple[str, ...] | None] | None = None,
    words: Mapping[str, str] | None = None,
    tolerance: float = TOLERANCE,
    measure: str = "entry",
    backward: bool = False,
) -> str | None:
    """Return where nested lists and dicts of numbers first differ from the expected ones, or None.

    name   what to call the whole in the message
    dims   key, or name by position, -> axes of the array there; these are compared first
    words  the same key -> what to call that part in the message
    A dict may hold more than is expected, and what holds an array's place may be a list. Of a dict
    the message also says which other numbers agree. The other arguments are ``difference``'s.
    """
    dims, words = dims or {}, words or {}
    how = {"tolerance": tolerance, "measure": measure, "backward": backward}

    def within(label: str, got: object, want: object, key: str | None = None) -> str | None:
        axes = dims.get(key) if key else None
        if isinstance(want, np.ndarray | float):
            found = difference(label, got, want, dims=axes or None, **how)
            return found and found.message
        if _is_plain(want) or want is None:
            if _equal(got, want):
                return None
            return f"{label} is {_brief(got)}; expected {_brief(want)}"
        if isinstance(want, dict):
            if not isinstance(got, dict):
                return f"{label} is no dict; expected one with the keys {', '.join(want)}"
            for key in [k for k in dims if k in want] + [k for k in want if k not in dims]:
                part = f"{label}: {words.get(key, key)}"
                if key not in got:
                    return f"{part} is missing; the keys are {', '.join(got) or 'none'}"
                if message := within(part, got[key], want[key], key):
                    return message + others(got, want, key)
            return None
        parts = list(got) if isinstance(got, np.ndarray) and got.ndim else got
        if not isinstance(parts, list | tuple):
            return f"{label} is one object; expected {len(want)}" + _listed(label, name, dims)
        if len(parts) != len(want):
            many = "1 entry" if len(parts) == 1 else f"{len(parts)} entries"
            return f"{label} has {many}; expected {len(want)}" + _listed(label, name, dims)
        keys = list(dims) if label == name and len(dims) == len(want) else [None] * len(want)
        for place, (key, a, b) in enumerate(zip(keys, parts, want, strict=True)):
            part = f"{label}: {words.get(key, key)}" if key else f"{label}[{place}]"
            if message := within(part, a, b, key):
                return message
        return None

    def others(got: dict, want: dict, first: str) -> str:
        if _is_plain(want[first]) or want[first] is None or got[first] is None:
            return ""
        numbers = [k for k, v in want.items() if not _is_plain(v) and v is not None]
        found = {k: True if k not in got else within("", got[k], want[k]) for k in numbers}
        for other in numbers:
            tells = other != first and isinstance(want[other], np.ndarray) and np.any(want[other])
            if tells and within("", got[first], want[other]) is None:
                return f"; it is what {words.get(other, other)} should be"
        return _which_agree(found, first)

    return within(name, got, want)


def _which_agree(found: Mapping[str, object], first: str) -> str:
    """Say which of several results agree (found is None there), where ``first`` departs."""
    agree = [name for name, one in found.items() if one is None]
    others = [name for name in found if name != first]
    if not others:
        return ""
    if not agree:
        return f"; {others[0]} differs too" if len(others) == 1 else "; all others differ too"
    listed = " and ".join([", ".join(agree[:-1]), agree[-1]] if agree[1:] else agree)
    return f"; {listed} {'agree' if agree[1:] else 'agrees'}"


def _listed(label: str, name: str, dims: Mapping) -> str:
    return f": ({', '.join(dims)})" if label == name and dims else ""


def _is_plain(value: object) -> bool:
    """Whether there are only words and whole numbers, which are equal or not."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, bool | int | str | bytes)


def _equal(got: object, wanted: object) -> bool:
    try:
        return bool(got == wanted)
    except ValueError:  # an array where something plain belongs
        return False


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def holds_text(value: object) -> bool:
    """Whether there is text anywhere in nested lists.

    NumPy would give each entry the room of the longest text, which is a way to ask for terabytes.
    """
    if isinstance(value, list | tuple):
        return any(map(holds_text, value))
    return isinstance(value, str | bytes)


def _first(wrong: np.ndarray, dims: tuple[str, ...] | None, backward: bool) -> tuple[int, ...]:
    """Index of the first true entry, the time axis counted before all others, or from its end."""
    if not wrong.ndim:
        return ()
    if not dims or "T" not in dims:
        return tuple(int(i) for i in np.argwhere(wrong)[0])
    axis = dims.index("T")
    steps = np.flatnonzero(wrong.any(axis=tuple(i for i in range(wrong.ndim) if i != axis)))
    step = int(steps[-1 if backward else 0])
    index = [int(i) for i in np.argwhere(wrong.take(step, axis))[0]]
    index.insert(axis, step)
    return tuple(index)


_AXIS_WORDS = {
    "B": "row",
    "P": "projection",
    "O": "output",
    "T": "step t =",
    "H": "unit",
    "D": "input",
    "N": "column",
    "K": "lag k =",
}


def _place(where: tuple[int, ...], dims: tuple[str, ...] | None, backward: bool) -> str:
    if not where:
        return "from the expected value"
    if not dims:
        return f"first at index {list(where)}"
    # The axes of several gates side by side, such as 4H, have no letter of their own.
    words = [_AXIS_WORDS.get(d, d if d.isalpha() else "column") for d in dims]
    parts = [(d, f"{word} {i}") for d, word, i in zip(dims, words, where, strict=True)]
    parts.sort(key=lambda part: part[0] not in ("T", "K"))
    order = "first, going backwards," if backward and "T" in dims else "first"
    return f"{order} at " + ", ".join(text for _, text in parts)


def _told_apart(got: float, want: float) -> tuple[str, str]:
    """Both numbers with six digits, or with as many more as they differ in; no zero has a sign."""
    got, want = got + 0.0, want + 0.0
    for digits in (6, 9, 17):
        texts = f"{got:.{digits}g}", f"{want:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def _amount(count: int, size: int) -> str:
    return f" ({count} of {size} entries differ)" if size > 1 else ""
