"""Count false alarms: how often the checks find fault with right answers, over many seeds.

Exercises or lessons can be named; all is the default. The right answers are the solution and those
of ``alternates``. What trains a model on reviews is asked with fewer seeds, as a training takes
seconds.
"""

import argparse
import io
import sys
import time
import warnings
from contextlib import redirect_stdout

from alternates import ALTERNATES
from checking import finding, named, visible

from autograder.references import solution
from unrolled.checks import EXERCISES

_TRAININGS = 3


def alarms(name, seeds):
    """What the checks find in right answers of an exercise, and how often they were asked."""
    exercise, found, asked = EXERCISES[name], [], 0
    for answer in (solution(name), *ALTERNATES[name]):
        for prop in exercise.properties:
            count = min(seeds, _TRAININGS) if prop in exercise.costly else seeds
            findings = [finding(name, prop, answer, seed) for seed in range(count)]
            findings.append(visible(name, prop, answer))
            asked += len(findings)
            found += [f"{answer.__name__}, {prop}: {f.message}" for f in findings if not f.holds]
    return found, asked


def main():
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("name", nargs="*", help="an exercise or a lesson")
    parser.add_argument("--seeds", type=int, default=50, help="sets of cases for each answer")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # a right answer may warn
    total = checks = 0
    for name in named(parser, given.name):
        began = time.monotonic()
        with redirect_stdout(io.StringIO()):  # and print
            found, asked = alarms(name, given.seeds)
        print(*found, sep="\n", end="\n" if found else "")
        answers = 1 + len(ALTERNATES[name])
        took = time.monotonic() - began
        print(
            f"{name}: {answers} answers, {asked} checks, {len(found)} alarms ({took:.0f} s)",
            flush=True,
        )
        total, checks = total + len(found), checks + asked
    print(f"all: {checks} checks of right answers, {total} false alarms")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
