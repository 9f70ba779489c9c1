"""Known-wrong answers, one module a lesson, each with the hint it earns.

A mistake is written like an answer. Grading runs it on the inputs that a failed answer got; where
the two agree, the answer has that mistake and its hint is shown. The same bank tests the checks.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from unrolled.checks import lesson_of

# Hints of mistakes that can be made anywhere
NO_RETURN = "The answer gives nothing back. Printing a result does not hand it to the caller."
UNKNOWN_NAME = """The answer uses a name that nothing in it defines. It may only use its arguments
    and the functions of this notebook, not variables of other cells."""
SHAPES = """Some product or sum does not fit these sizes. Write the shape of every array next to the
    equation, and take every size from the arguments: a number that fits one example fails on the
    next."""
IN_PLACE = """An argument is different after the call than before. Look for +=, -= or an assignment
    into an argument: they write into the caller's array."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer to ``exercise`` and the hint for whoever wrote it.

    name      what is wrong, in a few words, unique within the exercise
    hint      where to look, without giving the line away
    answer    the wrong function or class
    """

    exercise: str
    name: str
    hint: str
    answer: object


MISTAKES: list[Mistake] = []


def mistake(exercise: str, hint: str) -> Callable[[object], object]:
    """Register the decorated function or class as a mistake, named by its ``__name__``."""

    def register(answer: object) -> object:
        MISTAKES.append(
            Mistake(exercise, answer.__name__.replace("_", " "), " ".join(hint.split()), answer)
        )
        return answer

    return register


def of(exercise: str) -> list[Mistake]:
    """The mistakes known for an exercise, most specific first."""
    importlib.import_module(f"solutions.mistakes.{lesson_of(exercise)}")  # registers them
    return [m for m in MISTAKES if m.exercise == exercise]
