"""Judge the mutants of the references, and fail where one survives that is not known to be right.

Exercises or lessons can be named; all is the default. "wrong" and "raises" are what the checks find
in a mutant, "stopped" is one that would take too long or too much, "equivalent" one that
equivalent.toml has a reason for.
"""

import argparse
import sys
import time
import tomllib
from collections import Counter
from contextlib import closing
from pathlib import Path

from checking import named

from mutants.changes import bare, is_costly, mutants
from mutants.judging import PASSES, Worker

EQUIVALENT = Path(__file__).with_name("equivalent.toml")
KILLED = ("wrong", "raises", "stopped")


def reasons(name, path=EQUIVALENT, chance=False):
    """Why mutants of an exercise are as right as the reference, by their bare change.

    chance  those of which chance decides whether the checks notice, and not the others
    """
    groups = tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    chosen = [group for group in groups if group.get("chance", False) == chance]
    return {bare(change): group["why"] for group in chosen for change in group["mutants"]}


def run(name, every, seeds, known, by_chance=()):
    """Judge every n-th mutant of an exercise and say what became of them; counts by fate."""
    made, counts, began = mutants(name)[::every], Counter(), time.monotonic()
    with closing(Worker(name, seeds)) as worker:
        for number, mutant in enumerate(made, start=1):
            if sys.stderr.isatty():
                print(f"{name}: {number} of {len(made)}", end="\r", file=sys.stderr)
            fate = worker.judge(mutant.source)
            listed = bare(mutant.change) in known
            if (listed and fate == PASSES) or bare(mutant.change) in by_chance:
                fate = "equivalent"
            elif listed or fate not in KILLED:
                but = "stands in the list of equivalent ones, but " if listed else ""
                print(f"{name}: {but}{fate}\n{mutant.change}\n")
                fate = "unexplained"
            counts[fate] += 1
    print(f"{name}: {said(counts)} ({time.monotonic() - began:.0f} s)", flush=True)
    return counts


def said(counts):
    fates = (*KILLED, "equivalent", "unexplained")
    parts = [f"{counts[fate]} {fate}" for fate in fates if counts[fate]]
    return f"{counts.total()} mutants: {', '.join(parts)}"


def main():
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("name", nargs="*", help="an exercise or a lesson")
    parser.add_argument("--cheap", action="store_true", help="leave out what runs TensorFlow")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th mutant only")
    parser.add_argument("--seeds", type=int, help="hidden sets of cases; 1 with TensorFlow, else 3")
    parser.add_argument("--equivalent", type=Path, default=EQUIVALENT, help="another such file")
    given = parser.parse_args()
    total = Counter()
    for name in named(parser, given.name):
        if not (given.cheap and is_costly(name)):
            seeds = given.seeds or (1 if is_costly(name) else 3)
            known = reasons(name, given.equivalent)
            total += run(name, given.every, seeds, known, reasons(name, given.equivalent, True))
    print(f"all: {said(total)}")
    return 1 if total["unexplained"] else 0


if __name__ == "__main__":
    sys.exit(main())
