"""The right answer to an exercise, possibly built on a student's own earlier answers."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import types
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from autograder.quiet import quiet
from unrolled import probes
from unrolled.calling import plain
from unrolled.checks import EXERCISES, LESSONS, lesson_of
from unrolled.checks.engine import Case, Exercise, FunctionExercise, Rules, Target
from unrolled.compare import same_value


@dataclass
class Reference:
    """What an answer's values are compared with.

    earlier  name -> what stands for the student's function of that name
    """

    exercise: Exercise
    answer: object
    earlier: dict[str, _Called] = field(default_factory=dict)
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

    def moves(self, case: Case, rng: np.random.Generator) -> bool:
        """Whether the expected value of a case depends on every argument but biases.

        On earlier answers that do nothing a later one could do nothing too and agree.
        """
        rules = Rules(self.exercise, None)
        value = self._arrays(case)
        return all(
            any(np.max(np.abs(a - b)) > 1e-3 for a, b in zip(value, moved, strict=True))
            for moved in (
                self._arrays(rules.moved(case, name, rng))
                for name in self.exercise.arguments
                if not name.startswith("b")
            )
        )

    def _arrays(self, case: Case) -> list[np.ndarray]:
        value = self.want(case)
        parts = [value] if len(self.exercise.returns) == 1 else value
        return [np.asarray(p, dtype=np.float64) for p in parts]

    def is_reproduced(self, rng: np.random.Generator) -> bool:
        """Whether the earlier answers give the same again, asked in another order and company.

        To be called in a fresh kernel. An answer that tells from the manner of asking whether it
        is the one under check, or a reference's part, could steer the reference.
        """
        for called in self.earlier.values():
            cases = [case for case, _ in called.record] + called.exercise.cases("values", rng)
            order = rng.permutation(len(cases))
            outcomes = called.target.ask([cases[i] for i in order])
            again = dict(zip(order.tolist(), outcomes, strict=True))
            for i, (_, value) in enumerate(called.record):
                if again[i].error or not same_value(value, again[i].value, 1e-9):
                    return False
        return True


class _Called:
    """A student's function as one that a reference can call."""

    def __init__(self, target: Target, exercise: FunctionExercise):
        self.target, self.exercise = target, exercise
        self.record: list[tuple[Case, object]] = []

    def __call__(self, *arguments: object) -> object:
        case = Case(tuple(np.array(a) for a in arguments))
        (outcome,) = self.target.ask([case])
        if outcome.error is not None:
            raise ValueError(outcome.error)
        self.record.append((case, outcome.value))
        if len(self.exercise.returns) == 1:
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


# Importing with stderr turned away is no work for two threads at a time.
_importing = threading.RLock()


def preload(lesson: str) -> None:
    """Import the references of a lesson, before a student's process could hold that up."""
    for exercise in LESSONS.get(lesson, ()):
        solution(exercise.name)


@cache
def solution(name: str) -> object:
    """The reference of an exercise."""
    if "tensorflow" not in sys.modules:
        # On a machine with a GPU too the reference computes as the student's kernel does.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    with _importing, quiet():
        return getattr(importlib.import_module(f"solutions.{lesson_of(name)}"), name)
