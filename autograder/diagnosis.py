"""Which known mistake a wrong answer equals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.references import Reference, rebuilt
from unrolled.calling import Outcome
from unrolled.checks.engine import Case, Exercise, Local, Target
from unrolled.compare import same_value


def diagnose(
    exercise: Exercise,
    answer: Target,
    references: Sequence[Reference | None],
    rng: np.random.Generator,
) -> str | None:
    """The hint of the mistake whose outcomes an answer's equal in every case, or None."""
    from solutions import mistakes

    known = mistakes.of(exercise.name)
    props = [p for p in exercise.properties if p != "rules"]
    cases = [case for p in props for case in exercise.cases(p, rng)]
    outcomes = answer.ask(cases)
    for reference in references:
        if reference is None:
            continue
        for mistake in known:
            wrong = rebuilt(mistake.answer, reference.earlier)
            if _equals(wrong, cases, outcomes):
                return mistake.hint
    return None


def _equals(wrong: object, cases: list[Case], outcomes: list[Outcome]) -> bool:
    target = Local(wrong)
    values = 0
    for case, got in zip(cases, outcomes, strict=True):
        (own,) = target.ask([case])
        if not same(own, got, case):
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
    return same_value(own.value, got.value, case.tolerance)


def _overflows(outcome: Outcome) -> bool:
    return any("overflow" in warning for warning in outcome.warnings)
