"""Which known mistake a wrong answer equals."""

from __future__ import annotations

import numpy as np

from autograder.references import Reference, rebuilt
from unrolled.calling import Outcome
from unrolled.checks.engine import Case, Exercise, Local, Target
from unrolled.compare import difference


def diagnose(answer: Target, reference: Reference, rng: np.random.Generator) -> str | None:
    """The hint of the mistake whose outcomes an answer's equal in every case, or None.

    reference  says which exercise, and on what earlier functions the mistakes are tried
    """
    from solutions import mistakes

    exercise = reference.exercise
    # What trains a model would be trained once for every mistake.
    props = [p for p in exercise.properties if p != "rules" and p not in exercise.costly]
    cases = [case for p in props for case in exercise.cases(p, rng, reference.right)]
    outcomes = answer.ask(cases)
    for mistake in mistakes.of(exercise.name):
        if _equals(exercise, rebuilt(mistake.answer, reference.earlier), cases, outcomes):
            return mistake.hint
    return None


def _equals(exercise: Exercise, wrong: object, cases: list[Case], outcomes: list[Outcome]) -> bool:
    target = Local(wrong)
    values = 0
    for case, got in zip(cases, outcomes, strict=True):
        (own,) = target.ask([case])
        if not same(exercise.told(case, own), exercise.told(case, got), case):
            return False
        values += own.error is None
    # Errors alone say little: two answers may well raise the same for different reasons.
    return values > 0 or all(
        a.error == b.error for a, b in zip(target.ask(cases), outcomes, strict=True)
    )


# Errors that say what is wrong only by their text; of others the type is enough.
_VAGUE = ("TypeError", "AttributeError", "NameError")


def same(own: Outcome, got: Outcome, case: Case) -> bool:
    """Whether two answers did the same in a case, as far as it can be told apart."""
    if own.error is not None or got.error is not None:
        first, second = (o.error.split(":")[0] if o.error else None for o in (own, got))
        return first == second and (first not in _VAGUE or own.error == got.error)
    if own.changed != got.changed:
        return False
    if case.quiet and _overflows(own) != _overflows(got):
        return False
    return _same_value(own.value, got.value, case)


def _overflows(outcome: Outcome) -> bool:
    return any("overflow" in warning for warning in outcome.warnings)


def _same_value(own: object, got: object, case: Case) -> bool:
    if isinstance(own, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(own) == len(got)
            and all(_same_value(a, b, case) for a, b in zip(own, got, strict=True))
        )
    if isinstance(own, dict):
        return (
            isinstance(got, dict)
            and own.keys() == got.keys()
            and all(_same_value(v, got[k], case) for k, v in own.items())
        )
    if isinstance(own, np.ndarray | float) and isinstance(got, np.ndarray | float):
        own, array = np.asarray(own), np.asarray(got)
        kept = np.isfinite(own)
        filled = np.where(kept, own, 0.0)
        if array.shape != own.shape or array.dtype.kind not in "biuf":
            return False
        if not np.array_equal(kept, np.isfinite(array)):
            return False
        there = np.where(kept, array, 0.0)
        how = {"tolerance": case.tolerance, "measure": case.measure}
        return difference("", there, filled, **how) is None
    return type(own) is type(got) and own == got
