"""Call an answer with plain arrays and record, as plain data, what it did.

The checks use this in a student's own kernel, the confined kernel uses it in grading, so an
answer is treated the same in both. It holds no expected value.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

NOT_ANSWERED = "NotImplementedError: not answered yet"
_MESSAGE_LIMIT = 500
# Keras wraps an error in its own words, with the cause in bold between them.
_BOLD = re.compile("\x1b\\[1m(.*?)\x1b\\[0m", re.DOTALL)
# Where TensorFlow was when an operation failed, which tells a student nothing.
_PLACES = re.compile(r"\{\{function_node .*?\}\} ?| ?\[Op:\w+\]( name:( \S+)?)?", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """What one call did.

    value     arrays, numbers, strings, None, or lists and dicts of them
    error     None, or "NameOfTheException: its message"
    kinds     names of the exception's classes, its own first
    changed   positions of the arguments that the call changed in place
    warnings  floating-point events on the way, each once: "overflow", "invalid value", ...
    """

    value: object = None
    error: str | None = None
    kinds: tuple[str, ...] = ()
    changed: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


def perform(function: Callable, arguments: Sequence) -> Outcome:
    """Call ``function(*arguments)`` on writable copies of the arguments."""
    copies = copied(arguments)
    events: dict[str, None] = {}
    kinds: tuple[str, ...] = ()
    # NumPy's own reports, and not Python's warnings, which are caught for all threads at once.
    with np.errstate(all="call", call=lambda kind, flag: events.setdefault(kind)):
        try:
            value, error = plain(function(*copies)), None
        except (Exception, SystemExit) as exc:
            value, error = None, _unanswered(function, exc) or describe(exc)
            kinds = tuple(c.__name__ for c in type(exc).__mro__[:8])
    pairs = enumerate(zip(arguments, copies, strict=True))
    changed = tuple(i for i, (before, after) in pairs if not _same(before, after))
    return Outcome(value, error, kinds, changed, tuple(events))


def copied(value: object) -> object:
    """Nested lists and dicts of arrays, each array a copy of its own that can be written to."""
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, list | tuple):
        return [copied(v) for v in value]
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    return value


def plain(value: object) -> object:
    """Turn tensors, NumPy scalars and tuples into arrays, numbers and lists.

    Raises TypeError for anything that is not data.
    """
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.dtype.kind in "biufc":
            return array
        if array.dtype == object:
            raise TypeError("returned an array of objects (rows of unequal length?)")
    raise TypeError(f"returned a {type(value).__name__}; expected arrays or numbers")


def describe(exc: BaseException) -> str:
    """``ValueError: message`` on one line, cut at 500 characters."""
    try:
        message = str(exc)
    except Exception:
        message = ""
    if cause := _BOLD.findall(message):
        message = cause[-1]
    message = " ".join(_PLACES.sub("", message).split())
    # NumPy on a symbolic tensor raises NotImplementedError too, but with a message.
    if isinstance(exc, NotImplementedError) and not message:
        return NOT_ANSWERED
    name = type(exc).__name__
    return (f"{name}: {message}" if message else name)[:_MESSAGE_LIMIT]


def _unanswered(function: Callable, exc: BaseException) -> str | None:
    """For a function that calls one which is not answered yet: an error that names that one."""
    frame = exc.__traceback__
    if describe(exc) != NOT_ANSWERED or not inspect.isfunction(function) or frame is None:
        return None
    while frame.tb_next is not None:
        frame = frame.tb_next
    inner = frame.tb_frame.f_code
    if inner is function.__code__ or function.__name__ == "<lambda>":
        return None
    return f"NotImplementedError: {inner.co_name} is not answered yet"


def _same(before: object, after: object) -> bool:
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and before.tobytes() == after.tobytes()
        )
    if isinstance(before, list | tuple):
        return (
            isinstance(after, list | tuple)
            and len(before) == len(after)
            and all(map(_same, before, after))
        )
    if isinstance(before, dict):
        return (
            isinstance(after, dict)
            and before.keys() == after.keys()
            and all(_same(v, after[k]) for k, v in before.items())
        )
    return before is after or (type(before) is type(after) and before == after)
