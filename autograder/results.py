"""Verdicts kept as files, with what they depend on, so that nothing is graded twice for nothing."""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from autograder.course import Course
from autograder.verdict import Verdict, Verdicts


def result_path(course: Course, lesson: str, student: str) -> Path:
    """Where the verdicts of a submission are kept."""
    return course.root / "results" / lesson / f"{student}.json"


def write_result(course: Course, verdicts: Verdicts, submission: bytes) -> None:
    """Keep the verdicts of a submission that the gradebook has, in one step or not at all."""
    path = result_path(course, verdicts.lesson, verdicts.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    of = fingerprint(course, verdicts.lesson, verdicts.student, submission)
    temporary = path.with_suffix(".part")
    text = json.dumps(verdicts.as_dict() | {"of": of}, indent=1, ensure_ascii=False)
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def read_result(course: Course, lesson: str, student: str) -> tuple[Verdicts, dict] | None:
    """Verdicts kept earlier and what they were of, or None."""
    try:
        path = result_path(course, lesson, student)
        data = json.loads(path.read_text(encoding="utf-8"))
        of = data.pop("of")
        for total in ("score", "max_score"):
            data.pop(total)
        exercises = [Verdict(**v) for v in data.pop("exercises")]
        return Verdicts(**data, exercises=exercises), of
    except (OSError, ValueError, KeyError, TypeError):
        return None


def fingerprint(course: Course, lesson: str, student: str, submission: bytes) -> dict:
    """What a grade depends on: submission, time, master, references, checks and software."""
    stamp = course.path("submitted", student, lesson) / "timestamp.txt"
    return {
        "submission": sha256(submission).hexdigest(),
        "timestamp": stamp.read_text(errors="replace").strip() if stamp.is_file() else None,
        "due": course.due(lesson),
        "master": sha256(course.source(lesson).read_bytes()).hexdigest(),
        "code": _code_hash(),
        "versions": {n: version(n) for n in ("numpy", "nbgrader", "tensorflow")},
    }


@cache
def _code_hash() -> str:
    """The text of the checks, the references and the grader."""
    code = sha256()
    for package in ("autograder", "solutions", "unrolled"):
        spec = find_spec(package)
        for folder in spec.submodule_search_locations if spec else []:
            for path in sorted([*Path(folder).rglob("*.py"), *Path(folder).rglob("*.json")]):
                code.update(path.read_bytes())
    return code.hexdigest()
