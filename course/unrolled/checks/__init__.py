"""The visible checks: call them in a notebook, right after the answer they check.

>>> checks.run("rnn_step", "values", rnn_step)          # doctest: +SKIP
rnn_step, values: passed

A failed check raises ``CheckFailed`` with one sentence that says where to look. The expected
numbers were recorded from the course's reference on fixed inputs; marks are given on other,
fresh inputs.
"""

from __future__ import annotations

import numpy as np

from unrolled.checks import (
    basic_cell,
    clipping,
    long_memory,
    lstm_cell,
    lstm_variants,
    orientation,
    recorded,
    through_time,
    truncation,
)
from unrolled.checks.engine import Case, CheckFailed, Exercise, Finding, Local, Once

__all__ = ["EXERCISES", "LESSONS", "CheckFailed", "exercise", "lesson_of", "run", "visible_cases"]

LESSONS: dict[str, tuple[Exercise, ...]] = {
    "orientation": orientation.EXERCISES,
    "basic_cell": basic_cell.EXERCISES,
    "through_time": through_time.EXERCISES,
    "clipping": clipping.EXERCISES,
    "truncation": truncation.EXERCISES,
    "lstm_cell": lstm_cell.EXERCISES,
    "lstm_variants": lstm_variants.EXERCISES,
    "long_memory": long_memory.EXERCISES,
}
EXERCISES: dict[str, Exercise] = {e.name: e for group in LESSONS.values() for e in group}


def lesson_of(name: str) -> str:
    """The lesson that an exercise belongs to."""
    return next(lesson for lesson, group in LESSONS.items() if name in {e.name for e in group})


def exercise(name: str, prop: str) -> Exercise:
    """Look an exercise up and make sure that it has the property.

    Raises ValueError naming what was asked for and what there is.
    """
    if name not in EXERCISES:
        raise ValueError(f"exercise is {name!r}; expected one of {', '.join(EXERCISES)}")
    found = EXERCISES[name]
    if prop not in found.properties:
        raise ValueError(f"property is {prop!r}; expected one of {', '.join(found.properties)}")
    return found


def run(name: str, prop: str, answer: object, **earlier: object) -> None:
    """Check one property of an answer on recorded cases, and print that it passed.

    name     the exercise, e.g. "rnn_forward"
    prop     "values", "edges", "rules", or what the exercise has instead
    answer   the function or class under check
    earlier  the answers it builds on, by name: ``rnn_step=rnn_step``
    Raises CheckFailed with one sentence that says where to look.
    """
    found = exercise(name, prop)
    finding = _finding(found, prop, answer, tuple(earlier.values()))
    if finding.holds:
        print(f"{name}, {prop}: passed" + (f". {finding.remark}" if finding.remark else ""))
        return
    message = finding.message
    for other, function in earlier.items():
        base = EXERCISES[other]
        quick = [p for p in base.properties if p not in base.costly]
        right = all(_finding(base, p, function).holds for p in quick)
        if not finding.unanswered and not right:
            message += (
                f". It builds on {other}, which is not right yet: mend {other} first, then run "
                f"this check again (when graded, {name} is also tried apart from your {other})"
            )
    raise CheckFailed(message)


def visible_cases(found: Exercise, prop: str) -> list[Case]:
    """What the visible check of a property asks; the same for everybody, and no secret."""
    if found.recorded:
        return recorded.cases(found.name, prop)
    return found.cases(prop, np.random.default_rng(0))


def _finding(found: Exercise, prop: str, answer: object, earlier: tuple = ()) -> Finding:
    cases = visible_cases(found, prop)
    target = Local(answer)
    if prop in found.together:
        target = _shared(found, prop, (answer, *earlier))
    return found.check(prop, target, lambda case: case.want, cases)


# What the first of two properties that are judged together has asked, and of which answers.
_asked: dict[str, tuple[tuple, Once]] = {}


def _shared(found: Exercise, prop: str, answers: tuple) -> Once:
    """The target that the check of the first property has asked, if that was of the same answers.

    It is used up: the second check, run once more by itself, asks again.
    """
    before, target = _asked.pop(found.name, ((), None))
    if prop == found.together[0] or before != answers:
        target = Once(Local(answers[0]))
    if prop == found.together[0]:
        _asked[found.name] = (answers, target)
    return target
