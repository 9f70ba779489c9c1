"""What several test files ask of the checks: the findings on fresh and on recorded cases."""

from functools import cache
from unittest.mock import patch

import numpy as np
import pytest

from autograder.references import Reference, solution
from solutions import mistakes
from unrolled import checks
from unrolled.calling import Outcome
from unrolled.checks.engine import Local, Once
from unrolled.substitutes import substitute


@cache
def fresh(name, prop, seed):
    """Cases of a property, and what the reference answers to each."""
    exercise = checks.EXERCISES[name]
    cases = exercise.cases(prop, np.random.default_rng(seed), solution)
    if prop in exercise.costly:  # its cases bring what they expect along
        return cases, {id(c): Outcome(c.want) for c in cases}
    return cases, {id(c): o for c, o in zip(cases, Local(solution(name)).ask(cases), strict=True)}


# What answers did where they were trained, so that each is trained once.
_trained = {}


def finding(name, prop, answer, seed=0):
    """What a property's check finds in an answer, on fresh cases."""
    cases, wanted = fresh(name, prop, seed)
    exercise = checks.EXERCISES[name]
    target = Local(answer)
    if prop in exercise.costly:
        first = exercise.together[0] if prop in exercise.together else prop
        target = _trained.setdefault((name, first, answer, seed), Once(target))
    return exercise.check(prop, target, lambda c: wanted[id(c)].value, cases)


def message(name, prop, answer, seed=0):
    """What a property's check says of a wrong answer, on fresh cases."""
    found = finding(name, prop, answer, seed).message
    assert found is not None
    return found


def message_of(name, prop, answer, **earlier):
    """What a student reads of a visible check that fails."""
    with pytest.raises(checks.CheckFailed) as failure:
        checks.run(name, prop, answer, **earlier)
    return str(failure.value)


def wrong_answer(exercise, name):
    """A known mistake by its name."""
    return next(m.answer for m in mistakes.of(exercise) if m.name == name)


def named(parser, names):
    """The exercises that a command line names, by themselves or by their lesson; or all."""
    lessons = {lesson: [e.name for e in group] for lesson, group in checks.LESSONS.items()}
    found = [e for n in names or lessons for e in lessons.get(n, [n])]
    if unknown := set(found) - checks.EXERCISES.keys():
        parser.error(f"no exercise and no lesson: {', '.join(sorted(unknown))}")
    return found


def visible(name, prop, answer):
    """What a property's check finds in an answer, on the recorded cases."""
    if prop in checks.EXERCISES[name].costly:
        return finding(name, prop, answer)  # the cases made on the spot are those of seed 0
    cases = checks.visible_cases(checks.EXERCISES[name], prop)
    return checks.EXERCISES[name].check(prop, Local(answer), lambda case: case.want, cases)


def on_substitutes(name, answer, called_as, seed):
    """The properties that an answer loses when what it calls is replaced.

    called_as  earlier exercise -> the name under which the answer calls it
    """
    exercise = checks.EXERCISES[name]
    seeds = {earlier: seed for earlier in exercise.builds_on}
    functions = {called_as.get(n, n): substitute(n, s) for n, s in seeds.items()}
    reference = Reference.on_substitutes(exercise, seeds)
    lost = []
    with patch.dict(answer.__globals__, functions):
        for prop in exercise.properties:
            cases = exercise.apart(
                exercise.cases(prop, np.random.default_rng(seed), reference.right)
            )
            if not exercise.check(prop, Local(answer), reference.want, cases).holds:
                lost.append(prop)
    return lost
