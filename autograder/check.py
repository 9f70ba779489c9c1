"""Grade one notebook without a gradebook: for a CI job, an author, or a look at one student."""

from __future__ import annotations

import secrets
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError, SubmissionError
from autograder.judge import grade_notebook
from autograder.master import Master, cell_texts, read_file, read_notebook
from autograder.sandbox import Limits
from autograder.verdict import Verdicts


def grade(
    submission: str | Path | NotebookNode,
    *,
    lesson: str | None = None,
    seed: int | None = None,
    course: str | Path | None = None,
    isolation: str = "auto",
    limits: Limits | None = None,
    visible_only: bool = False,
) -> Verdicts:
    """Mark a notebook against the lesson's source and return the verdicts.

    submission    a path, or a notebook already read
    lesson        by default the one whose answers the notebook has
    seed          of the fresh inputs; by default random, and recorded in the result
    course        the course's folder; by default the one that the notebook lies in, else the
                  working directory or ``course/`` below it
    isolation     "auto", "full", "landlock" or "none", see ``autograder.sandbox``
    visible_only  only the checks that students have; works without a course, on the notebook's
                  own check cells
    Raises SubmissionError, CourseError or IsolationError, each with what to do.
    """
    student, name = None, "notebook"
    if isinstance(submission, str | Path):
        path = Path(submission)
        try:
            notebook = read_notebook(read_file(path.resolve()))
        except SubmissionError as exc:
            raise SubmissionError(f"{path}: {exc}") from None
        student, name = _student_of(path.resolve()), path.stem
    else:
        notebook = submission
    if course is None and isinstance(submission, str | Path):
        course = _course_around(path.resolve())
    master = _master(notebook, lesson, course, visible_only, name)
    if seed is None:
        seed = secrets.randbits(53)
    grading = grade_notebook(
        master,
        notebook,
        seed=seed,
        student=student,
        level=isolation,
        limits=limits,
        visible_only=visible_only,
    )
    return grading.verdicts


def _master(
    notebook: NotebookNode,
    lesson: str | None,
    folder: str | Path | None,
    visible_only: bool,
    name: str,
) -> Master:
    try:
        course = Course.find(folder)
    except CourseError:
        if not visible_only or folder is not None:
            raise
        # A student's own repository: only released notebooks, whose checks are all visible.
        return Master.of_release(notebook, lesson or name)
    if lesson is not None:
        master = Master.load(course.source(lesson), lesson, course.config)
        master.require_answers(notebook)
        return master
    names = {name for name, *_ in cell_texts(notebook)}
    masters = [Master.load(course.source(n), n, course.config) for n in course.lessons]
    best = max(masters, key=lambda m: len(names & set(m.answers)), default=None)
    if best is None or not names & set(best.answers):
        raise SubmissionError(
            "the notebook has none of the answer cells of any lesson "
            f"({', '.join(course.lessons)}); name its lesson with --lesson"
        )
    return best


def _course_around(path: Path) -> Path | None:
    """The nearest folder above a notebook that is a course."""
    return next((p for p in path.parents if Course.is_one(p)), None)


def _student_of(path: Path) -> str | None:
    """Whose notebook it is, where it lies as nbgrader has it: submitted/STUDENT/LESSON/."""
    parents = path.parents
    return parents[1].name if len(parents) > 2 and parents[2].name == "submitted" else None
