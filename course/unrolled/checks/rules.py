"""Rules: what a right answer keeps, whatever its values.

Each is a generator, see ``unrolled.checks.engine.Rule``: it yields lists of cases, receives their
outcomes, none of which is an error, and returns what to tell the student where the rule is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise, shapes_text
from unrolled.compare import TOLERANCE, structure_difference

Asking = Generator[list[Case], list[Outcome], str | None]


def arguments_unchanged(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> Asking:
    """No argument is written to."""
    if whole.changed:
        argument = list(exercise.arguments)[whole.changed[0]]
        return f"{exercise.name} changes its argument {argument} in place; leave it as it was"
    return None
    yield


def same_again(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> Asking:
    """A second call gives the very same result: nothing is kept from call to call."""
    (again,) = yield [case]
    first, second = exercise.results(whole.value), exercise.results(again.value)
    if second is None or _apart(first, second, by=0):
        return f"{exercise.name} gives another result when it is called a second time"
    return None


def rows_apart(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> Asking:
    """A row of a batch gives what it gives alone; a result that is not by row is their sum."""
    name = exercise.name
    results = exercise.results(whole.value)
    by_row = [dims[:1] == ("B",) for dims in exercise.returns.values()]
    rows = [_row_alone(exercise, case, row) for row in range(exercise.sizes(case).get("B", 0))]
    outcomes = yield rows
    alone = [exercise.results(o.value) for o in outcomes]
    for row, found in enumerate(alone):
        wanted = [a[row : row + 1] if b else a for a, b in zip(results, by_row, strict=True)]
        if found is None or [a.shape for a in found] != [w.shape for w in wanted]:
            got, one = shapes_text(found), shapes_text(wanted)
            return f"{name} returned {got} for a batch of one row; expected {one}"
        for a, w, is_by_row in zip(found, wanted, by_row, strict=True):
            if is_by_row and _apart([w], [a]):
                return f"{name} gives row {row} another result alone than inside its batch"
    for place, (result, is_by_row) in enumerate(zip(exercise.returns, by_row, strict=True)):
        if alone and not is_by_row:
            total = np.sum([found[place] for found in alone], axis=0)
            if _apart([results[place]], [total]):
                return (
                    f"{name}: {result} of a batch is not the sum of what its rows give one by one"
                )
    return None


def arguments_count(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> Asking:
    """The result depends on every argument, or on those in ``moves``."""
    names = exercise.arguments if exercise.moves is None else exercise.moves

    def move(value: np.ndarray | float) -> np.ndarray | float:
        moved = value + rng.uniform(0.2, 0.5, np.shape(value))
        return moved if isinstance(value, np.ndarray) else float(moved)

    outcomes = yield [replaced(exercise, case, {name: move}) for name in names]
    first = exercise.results(whole.value)
    for name, outcome in zip(names, outcomes, strict=True):
        value = exercise.results(outcome.value)
        if value is None or not _apart(first, value):
            return f"{exercise.name} gives the same result whatever {name} is"
    return None


def pieces_join(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> Asking:
    """A sequence cut in two, the state carried over, equals the sequence in one piece."""
    if not exercise.carry:
        return None
    steps = exercise.sizes(case)["T"]
    cut = steps // 2
    values = exercise.results(whole.value)
    by_name = dict(zip(exercise.returns, values, strict=True))
    late = {n: by_name[r][:, cut - 1].copy() for n, r in exercise.carry.items()}
    outcomes = yield [
        _sliced(exercise, case, slice(0, cut), {}),
        _sliced(exercise, case, slice(cut, steps), late),
    ]
    pieces = [exercise.results(o.value) for o in outcomes]
    if all(
        part is not None and exercise.has_shapes(case, part, {"T": length})
        for part, length in zip(pieces, (cut, steps - cut), strict=True)
    ):
        joined = [np.concatenate(pair, axis=1) for pair in zip(*pieces, strict=True)]
        if not _apart(values, joined):
            return None
    return (
        f"{exercise.name} on a sequence cut in two, the state carried across the cut, "
        "departs from the sequence in one piece"
    )


FUNCTION = (arguments_unchanged, same_again, rows_apart, arguments_count, pieces_join)


# The same for answers whose arguments are lists and dicts


def data_unchanged(*names: str) -> Callable[..., Asking]:
    """No argument is written to, nor anything in it; ``names`` are theirs, by position."""

    def rule(exercise: CaseExercise, case: Case, whole: Outcome, rng) -> Asking:
        if whole.changed:
            argument = names[whole.changed[0]]
            return f"{exercise.name} changes its argument {argument} in place; leave it as it was"
        return None
        yield

    return rule


def data_same_again(exercise: CaseExercise, case: Case, whole: Outcome, rng) -> Asking:
    """A second call gives the same result."""
    (again,) = yield [case]
    if structure_difference("", again.value, whole.value, tolerance=0.0):
        return f"{exercise.name} gives another result when it is called a second time"
    return None


def replaced(exercise: FunctionExercise, case: Case, change: dict[str, Callable]) -> Case:
    """The case with some arguments passed through functions."""
    arguments = [
        change[name](value) if name in change else value
        for name, value in zip(exercise.arguments, case.arguments, strict=True)
    ]
    return replace(case, arguments=tuple(arguments))


def _row_alone(exercise: FunctionExercise, case: Case, row: int) -> Case:
    change = {
        name: lambda a: a[row : row + 1].copy()
        for name, dims in exercise.arguments.items()
        if dims[:1] == ("B",)
    }
    return replaced(exercise, case, change)


def _sliced(
    exercise: FunctionExercise, case: Case, steps: slice, states: dict[str, np.ndarray]
) -> Case:
    change = {
        n: lambda a: a[:, steps].copy()
        for n, dims in exercise.arguments.items()
        if dims[1:2] == ("T",)
    }
    return replaced(exercise, case, change | {n: lambda a, s=s: s for n, s in states.items()})


def _apart(first: list[np.ndarray], second: list[np.ndarray], by: float = TOLERANCE) -> bool:
    """Whether two results differ by more than rounding, or more than ``by``."""
    for a, b in zip(first, second, strict=True):
        if a.shape != b.shape:
            return True
        if not np.allclose(a, b, by, by, equal_nan=by == 0):
            return True
    return False
