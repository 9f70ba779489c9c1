"""References, and which known mistake a wrong answer equals."""

from __future__ import annotations

import importlib
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from autograder.errors import StudentFault
from autograder.quiet import quiet
from unrolled.calling import Outcome
from unrolled.checks import EXERCISES, lesson_of
from unrolled.checks.engine import Case, Exercise, FunctionExercise, Local, Target
from unrolled.compare import difference


@dataclass
class Reference:
    """The right answer to an exercise, possibly built on a student's own earlier answers.

    earlier  name -> stand-in of the student's function that replaces the reference's
    """

    exercise: Exercise
    answer: object
    earlier: dict[str, Target] = field(default_factory=dict)
    _known: dict[int, tuple[Case, object]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, exercise: Exercise) -> Reference:
        return cls(exercise, _solution(exercise.name))

    def want(self, case: Case) -> object:
        """The expected value of a case."""
        if id(case) not in self._known:
            (outcome,) = Local(self.built()).ask([case])
            if outcome.error is not None:
                raise ValueError(f"there is no expected value: {outcome.error}")
            self._known[id(case)] = (case, outcome.value)  # the case is kept, and so is its id
        return self._known[id(case)][1]

    def built(self) -> object:
        return rebuilt(self.answer, self.earlier)

    def on_wrong(self, earlier: dict[str, Target], rng: np.random.Generator) -> Reference | None:
        """This reference on the student's own earlier answers, those that are wrong.

        None when all are right, or when one is too empty to build on.
        """
        replaced = {}
        for name, target in earlier.items():
            exercise = EXERCISES[name]
            if not isinstance(exercise, FunctionExercise) or name not in self.exercise.builds_on:
                continue
            cases = exercise.cases("values", rng) + exercise.cases("edges", rng)
            try:
                if exercise.check("values", target, Reference.of(exercise).want, cases).holds:
                    continue
                if not exercise.responds(target, rng):
                    return None
            except StudentFault:
                raise
            except Exception:
                return None  # values that cannot be compared are nothing to build on
            replaced[name] = _Called(target, exercise)
        return Reference(self.exercise, self.answer, replaced) if replaced else None


class _Called:
    """A student's function as one that a reference can call."""

    def __init__(self, target: Target, exercise: FunctionExercise):
        self._target, self._exercise = target, exercise

    def __call__(self, *arguments: object) -> object:
        (outcome,) = self._target.ask([Case(arguments)])
        if outcome.error is not None:
            raise ValueError(outcome.error)
        if len(self._exercise.returns) == 1:
            return np.asarray(outcome.value)
        return tuple(np.asarray(v) for v in outcome.value)


def rebuilt(answer: object, earlier: dict[str, object]) -> object:
    """A function of ours whose global names of earlier answers are replaced."""
    if not earlier or not isinstance(answer, types.FunctionType):
        return answer
    return types.FunctionType(
        answer.__code__,
        {**answer.__globals__, **earlier},
        answer.__name__,
        answer.__defaults__,
        answer.__closure__,
    )


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
            if _equals(exercise, wrong, cases, outcomes):
                return mistake.hint
    return None


def _equals(exercise: Exercise, wrong: object, cases: list[Case], outcomes: list[Outcome]) -> bool:
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
    return _same_value(own.value, got.value, case.tolerance)


def _overflows(outcome: Outcome) -> bool:
    return any("overflow" in warning for warning in outcome.warnings)


def _same_value(own: object, got: object, tolerance: float) -> bool:
    if isinstance(own, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(own) == len(got)
            and all(_same_value(a, b, tolerance) for a, b in zip(own, got, strict=True))
        )
    if isinstance(own, dict):
        return isinstance(got, dict) and all(
            _same_value(v, got.get(k), tolerance) for k, v in own.items()
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
        return difference("", there, filled, tolerance=tolerance) is None
    return type(own) is type(got) and own == got


@cache
def _solution(name: str) -> object:
    with quiet():
        return getattr(importlib.import_module(f"solutions.{lesson_of(name)}"), name)
