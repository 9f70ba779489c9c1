"""The right answer to an exercise, possibly on substitutes for the earlier ones it calls."""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from autograder.errors import CourseError
from autograder.quiet import quiet
from unrolled import probes
from unrolled.calling import plain
from unrolled.checks import LESSONS, lesson_of
from unrolled.checks.engine import Case, Exercise
from unrolled.substitutes import substitute


@dataclass
class Reference:
    """What an answer's values are compared with.

    earlier  name -> the function to call in place of the earlier reference of that name
    """

    exercise: Exercise
    answer: object
    earlier: dict[str, Callable] = field(default_factory=dict)

    @classmethod
    def of(cls, exercise: Exercise) -> Reference:
        """The reference of an exercise, as it stands."""
        return cls(exercise, solution(exercise.name))

    @classmethod
    def on_substitutes(cls, exercise: Exercise, seeds: Mapping[str, int]) -> Reference:
        """The reference that calls ``unrolled.substitutes``, by name of what they replace."""
        functions = {name: substitute(name, seed) for name, seed in seeds.items()}
        return cls(exercise, solution(exercise.name), functions)

    def right(self, name: str) -> object:
        """The right answer that makes inputs of this exercise, on the same earlier functions.

        An answer may compute again what a forward pass gave it. On a substitute for ``sigmoid``
        that is another number, so the forward pass has to use the substitute too.
        """
        return rebuilt(solution(name), self.earlier)

    def want(self, case: Case) -> object:
        """The expected value of a case."""
        answer = rebuilt(self.answer, self.earlier)
        copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in case.arguments]
        with np.errstate(all="ignore"):
            if case.probe is None:
                return plain(answer(*copies))
            return getattr(probes, case.probe)(answer, **copies[0])


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
    """Import the references of a lesson, before a student's process could hold that up.

    Raises CourseError where they are not installed.
    """
    for exercise in LESSONS.get(lesson, ()):
        solution(exercise.name)


@cache
def solution(name: str) -> object:
    """The reference of an exercise."""
    if "tensorflow" not in sys.modules:
        # On a machine with a GPU too the reference computes as the student's kernel does.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with quiet():
            return getattr(importlib.import_module(f"solutions.{lesson_of(name)}"), name)
    except ModuleNotFoundError as exc:
        if not (exc.name or "").startswith("solutions"):
            raise
        raise CourseError(
            "the reference solutions are not installed here: to grade, set up the course's "
            "repository with make setup; for the checks that students have, add --visible-only"
        ) from None
