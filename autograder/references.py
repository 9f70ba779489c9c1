"""The right answer to an exercise, possibly built on a student's own earlier answers."""

from __future__ import annotations

import importlib
import os
import sys
import types
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from autograder.quiet import quiet
from unrolled import probes
from unrolled.calling import plain
from unrolled.checks import EXERCISES, LESSONS, lesson_of
from unrolled.checks.engine import Case, Exercise, FunctionExercise, Target


@dataclass
class Reference:
    """What an answer's values are compared with.

    earlier  name -> a callable that stands for the student's function of that name
    """

    exercise: Exercise
    answer: object
    earlier: dict[str, object] = field(default_factory=dict)
    _known: dict[int, tuple[Case, object]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, exercise: Exercise) -> Reference:
        return cls(exercise, solution(exercise.name))

    def want(self, case: Case) -> object:
        """The expected value of a case."""
        if id(case) not in self._known:
            value = self._value(case)
            self._known[id(case)] = (case, value)  # the case is kept, and so is its id
        return self._known[id(case)][1]

    def _value(self, case: Case) -> object:
        answer = rebuilt(self.answer, self.earlier)
        copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in case.arguments]
        with np.errstate(all="ignore"):
            if case.probe is None:
                return plain(answer(*copies))
            return getattr(probes, case.probe)(answer, **copies[0])

    def on_wrong(self, earlier: dict[str, Target], rng: np.random.Generator) -> Reference | None:
        """This reference on the student's own earlier answers, those that are wrong.

        None when all are right, or when one is too empty, or too broken, to build on.
        """
        replaced = {}
        for name, target in earlier.items():
            exercise = EXERCISES[name]
            if not isinstance(exercise, FunctionExercise) or name not in self.exercise.builds_on:
                continue
            cases = exercise.cases("values", rng) + exercise.cases("edges", rng)
            try:
                if exercise.compare(target, Reference.of(exercise).want, cases).holds:
                    continue
                if not exercise.responds(target, rng):
                    return None
            except Exception:
                return None  # it ended its process, or returned what cannot be compared
            replaced[name] = _Called(target, exercise)
        return Reference(self.exercise, self.answer, replaced) if replaced else None

    def is_trivial(self, case: Case) -> bool:
        """Whether the expected value takes no work: constant, still in time, or an argument.

        A student's earlier answer may change its ways between the questions whether it responds
        and these; what a later answer earns on it must not be had for nothing.
        """
        value = self.want(case)
        for result, dims in zip(
            [value] if len(self.exercise.returns) == 1 else value,
            self.exercise.returns.values(),
            strict=True,
        ):
            array = np.asarray(result, dtype=np.float64)
            if array.size < 2:
                continue
            moving = array
            if "T" in dims and array.shape[dims.index("T")] > 1:
                moving = np.diff(array, axis=dims.index("T"))
            taken = any(
                np.shape(a) == array.shape and np.allclose(a, array, 1e-3, 1e-3)
                for a in case.arguments
            )
            if taken or not np.ptp(array) > 1e-3 or not np.max(np.abs(moving)) > 1e-3:
                return True
        return False


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


def preload(lesson: str) -> None:
    """Import the references of a lesson; before threads that would do it at the same time."""
    for exercise in LESSONS.get(lesson, ()):
        solution(exercise.name)


@cache
def solution(name: str) -> object:
    """The reference of an exercise."""
    if "tensorflow" not in sys.modules:
        # On a machine with a GPU too the reference computes as the student's kernel does.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    with quiet():
        return getattr(importlib.import_module(f"solutions.{lesson_of(name)}"), name)
