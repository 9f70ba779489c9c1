"""Keep the course's notebooks and recorded checks in step with ``solutions/``.

    python -m autograder.notebooks            write what is out of step
    python -m autograder.notebooks --check    write nothing; exit 1 where something is
    python -m autograder.notebooks --force    write over answers edited in JupyterLab too
    python -m autograder.notebooks clipping   the same for some lessons only

Three things come from the references. Each answer cell is stamped with the source of the function
or class that its ``grade_id`` names, and each locked cell ``given-NAME`` with that of an earlier
lesson, its marks taken off. Each notebook is made canonical, so that a difference in git
is a change somebody made. The cases of the visible checks are recorded in
``course/unrolled/expected/`` (see ``autograder.recording``).

A stamped cell carries a checksum of its stamp. That is how an edit made in JupyterLab is told from
a cell that is merely older than its solution.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import inspect
import json
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import nbformat

import solutions
from autograder import recording
from autograder.quiet import quiet
from unrolled.checks import EXERCISES, LESSONS, Exercise, lesson_of

COURSE = Path(solutions.__file__).resolve().parent.parent / "course"
NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Unrolled (CPU)",
        "language": "python",
        "name": "unrolled-cpu",
    },
    "language_info": {"name": "python"},
}
_SOLUTION_MARK = re.compile(r"\s*### (BEGIN|END) SOLUTION")
CELL_METADATA = ("nbgrader", "tags", "unrolled")


class Fault(Exception):
    """Something a person has to mend; its text says what was found and what to do."""


@dataclass(frozen=True)
class Change:
    """What a file should hold, and in what its present text is out of step."""

    path: Path
    text: str
    reason: str


def main(argv: list[str] | None = None, course: Path = COURSE) -> int:
    """Do what the command line asks and return the exit status: 0 fine, 1 not."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder.notebooks",
        description="Write solutions/ into the notebooks and make them canonical.",
    )
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="which; all by default")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing; say what is stale")
    how.add_argument("--force", action="store_true", help="overwrite edited answers too")
    args = parser.parse_args(argv)
    # The numbers recorded are the CPU's, on every machine.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    changes, faults = plan(course, force=args.force, only=args.lessons)
    for fault in faults:
        print(fault, file=sys.stderr)
    if args.check:
        for change in changes:
            print(f"{_shown(change.path)} {change.reason}; run: make notebooks", file=sys.stderr)
    elif faults:
        print("nothing was written", file=sys.stderr)
    else:
        for change in changes:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_text(change.text, encoding="utf-8")
            print(f"wrote {_shown(change.path)}, which {change.reason}")
    return int(bool(faults or (args.check and changes)))


def plan(
    course: Path, force: bool = False, only: Sequence[str] = ()
) -> tuple[list[Change], list[str]]:
    """Return the files to write and the faults that stand in the way, writing nothing.

    course  the folder that holds ``source/`` and ``unrolled/``
    force   whether an answer edited in JupyterLab may be overwritten
    only    the lessons to look at; all where it is empty
    """
    lessons = sorted(p.stem for p in Path(solutions.__file__).parent.glob("[!_]*.py"))
    with quiet():
        modules = {lesson: importlib.import_module(f"solutions.{lesson}") for lesson in lessons}
    written = {p.stem for p in (course / "source").glob("*/*.ipynb") if p.stem == p.parent.name}
    known = sorted({*lessons, *written})
    if strange := [lesson for lesson in only if lesson not in known]:
        return [], [f"lesson is {strange[0]!r}; expected one of {', '.join(known)}"]
    steps = []
    for lesson in only or known:
        path = course / "source" / lesson / f"{lesson}.ipynb"
        steps.append((plan_notebook, path, modules.get(lesson), force))
    for name, exercise in EXERCISES.items():
        if not exercise.recorded or (only and lesson_of(name) not in only):
            continue
        path = course / "unrolled" / "expected" / f"{name}.json"
        module = modules.get(lesson_of(name))
        steps.append((plan_expected, path, exercise, module and reference(module, name)))
    changes, faults = [], []
    for step, *arguments in steps:
        try:
            changes.append(step(*arguments))
        except Fault as fault:
            faults.append(str(fault))
    return [c for c in changes if c is not None], faults


def reference(module: ModuleType, name: str) -> object | None:
    """The function or class of this name that a solutions module defines, or None."""
    found = getattr(module, name, None)
    return found if getattr(found, "__module__", None) == module.__name__ else None


# Notebooks


def plan_notebook(path: Path, module: ModuleType | None, force: bool) -> Change | None:
    """The change that brings a notebook in step with its solutions, or None.

    Raises Fault where the notebook cannot be read or an answer would be lost.
    """
    shown = _shown(path)
    if module is None:
        raise Fault(f"{shown} has no solutions/{path.stem}.py; write it, or delete the notebook")
    notebook, before = read(path)
    stamped = [
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in notebook["cells"]
        if is_answer(cell) and stamp(cell, module, force, shown)
    ]
    for cell in notebook["cells"]:
        if name := given(cell):
            stamp_given(cell, name, path.stem, shown)
    canonicalise(notebook)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as exc:
        told = str(exc).splitlines()[0]
        raise Fault(f"{shown} is not a valid notebook: {told}; mend or restore it") from exc
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if text == before:
        return None
    if stamped:
        return Change(path, text, f"is stale in {', '.join(stamped)}")
    return Change(path, text, "is not canonical (outputs, metadata or layout)")


def read(path: Path) -> tuple[nbformat.NotebookNode, str]:
    """The notebook as it stands, before nbformat invents ids for it, and its text.

    Raises Fault where the file is missing, not JSON, or no notebook of format 4.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text)
    except FileNotFoundError:
        raise Fault(f"{_shown(path)} is missing; restore it, or delete its solutions") from None
    except ValueError as exc:
        raise Fault(f"{_shown(path)} is not JSON ({exc}); restore it from git") from None
    if not isinstance(found, dict) or found.get("nbformat") != 4:
        raise Fault(f"{_shown(path)} is no notebook of format 4; save it again in JupyterLab")
    notebook = nbformat.from_dict(found)
    try:
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].get("nbgrader", {}).get("grade_id")
    except (KeyError, TypeError, AttributeError):
        raise Fault(f"{_shown(path)} is not a valid notebook; mend or restore it") from None
    return notebook, text


def is_answer(cell: dict) -> bool:
    """Whether a cell is graded by the checks that follow it, and so has a reference."""
    nbgrader = cell["metadata"].get("nbgrader", {})
    return cell["cell_type"] == "code" and nbgrader.get("solution") and not nbgrader.get("grade")


def stamp(cell: dict, module: ModuleType, force: bool, shown: str) -> bool:
    """Write the reference into an answer cell; return whether that changed its source.

    Raises Fault where nothing has the cell's ``grade_id``, or where somebody edited the cell.
    """
    name = cell["metadata"]["nbgrader"].get("grade_id")
    solved_in = f"solutions/{module.__name__.rpartition('.')[2]}.py"
    found = reference(module, name) if isinstance(name, str) else None
    if found is None:
        raise Fault(
            f"{shown}: grade_id {name!r} names nothing that {solved_in} defines; "
            "rename the cell, or add the solution"
        )
    source = textwrap.dedent(inspect.getsource(found)).rstrip()
    current = cell["source"].rstrip()
    last = cell["metadata"].get("unrolled", {}).get("stamped")
    if current not in ("", source) and checksum(current) != last and not force:
        raise Fault(
            f"{shown}: the answer {name} was edited in the notebook; copy the edit into "
            f"{solved_in}, or drop it with: make notebooks ARGS=--force"
        )
    cell["source"] = source
    cell["metadata"].setdefault("unrolled", {})["stamped"] = checksum(source)
    return current != source


def given(cell: dict) -> str | None:
    """The name of the earlier function that a cell gives to the student, or None."""
    nbgrader = cell["metadata"].get("nbgrader", {})
    grade_id = nbgrader.get("grade_id") or ""
    return grade_id.removeprefix("given-") if grade_id.startswith("given-") else None


def stamp_given(cell: dict, name: str, lesson: str, shown: str) -> None:
    """Write the reference of an earlier lesson into a cell, without the marks of its solution.

    Raises Fault where there is none.
    """
    earlier = list(LESSONS)[: list(LESSONS).index(lesson)] if lesson in LESSONS else []
    modules = [importlib.import_module(f"solutions.{o}") for o in earlier if LESSONS[o]]
    found = [f for module in modules if (f := reference(module, name)) is not None]
    if not found:
        raise Fault(
            f"{shown}: given-{name} names nothing that the solutions of an earlier lesson define"
        )
    source = textwrap.dedent(inspect.getsource(found[0])).rstrip()
    lines = [line for line in source.splitlines() if not _SOLUTION_MARK.match(line)]
    cell["source"] = "\n".join(lines)


def checksum(source: str) -> str:
    """The first 16 hex digits of a source's SHA-256."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def canonicalise(notebook: dict) -> None:
    """Drop what running a notebook leaves behind, and pin what editors vary. In place."""
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    notebook["metadata"] = nbformat.from_dict(NOTEBOOK_METADATA)
    taken: set[str] = set()
    for position, cell in enumerate(notebook["cells"]):
        kept = {k: cell["metadata"][k] for k in CELL_METADATA if cell["metadata"].get(k)}
        cell["metadata"] = nbformat.from_dict(kept)
        cell["id"] = _cell_id(cell, position, taken)
        taken.add(cell["id"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


def _cell_id(cell: dict, position: int, taken: set[str]) -> str:
    """The cell's own id; where it has none, or another cell's, one that a person can read."""
    own = cell.get("id")
    if isinstance(own, str) and own not in taken:
        return own
    graded = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", graded)[:50] or f"cell-{position}"
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


# Recorded checks


def plan_expected(path: Path, exercise: Exercise, answer: object | None) -> Change | None:
    """The change that brings an exercise's recorded cases in step, or None.

    answer  its reference
    Raises Fault where there is none, or where it fails.
    """
    solved_in = f"solutions/{lesson_of(exercise.name)}.py"
    if answer is None:
        raise Fault(f"{solved_in} has no {exercise.name}; add it, or delete its checks")
    try:
        text = recording.record(exercise, answer)
    except ValueError as exc:
        raise Fault(f"{exc}; mend it in {solved_in}") from exc
    if not path.exists():
        return Change(path, text, "was missing")
    if recording.agree(path.read_text(encoding="utf-8"), text):
        return None
    return Change(path, text, "is stale")


def _shown(path: Path) -> str:
    """A path as a person in the repository would type it."""
    root = COURSE.parent
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


if __name__ == "__main__":
    sys.exit(main())
