"""Grade a class: judge several submissions at once, record them one by one."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.errors import AutograderError, CourseError
from autograder.judge import Grading
from autograder.master import Master
from autograder.nbgrader import grade_submission, record, released_master
from autograder.report import fingerprint, read_result
from autograder.sandbox import isolation
from autograder.verdict import Verdicts

Progress = Callable[["Row", int, int], None]


@dataclass(frozen=True)
class Row:
    """One student's result: verdicts, or a sentence why there are none.

    kept  whether the grade stood already and nothing was run
    """

    student: str
    verdicts: Verdicts | None = None
    problem: str | None = None
    kept: bool = False


def grade_class(
    course: Course,
    lesson: str,
    *,
    workers: int | None = None,
    seed: int | None = None,
    level: str = "auto",
    rerun: bool = False,
    progress: Progress = lambda row, done, total: None,
) -> list[Row]:
    """Grade all that was handed in for a lesson and put it into the gradebook.

    workers   submissions judged at once; by default one a processor
    seed      the same for all; by default one of its own for each submission
    rerun     grade again what has not changed since it was graded
    progress  called after each submission
    A submission that cannot be graded becomes a row that says why; the others are graded.
    Raises CourseError without a release or submissions, IsolationError where nothing confines.
    """
    isolation(level)
    master = released_master(course, lesson)
    students = course.students(lesson)
    if not students:
        folder = course.path("submitted", "STUDENT", lesson)
        raise CourseError(f"no submissions of {lesson}; expected notebooks in {folder}")
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        progress(row, len(rows), len(students))

    waiting = []
    for student in students:
        kept = None if rerun else _kept(course, lesson, student, seed)
        if kept is not None:
            add(Row(student, kept, kept=True))
        else:
            waiting.append(student)
    # Threads suffice: what takes time runs in each submission's own process.
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        tasks = {
            pool.submit(grade_submission, course, master, s, seed=seed, level=level): s
            for s in waiting
        }
        try:
            for task in as_completed(tasks):
                add(_recorded(course, master, tasks[task], task))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(rows, key=lambda row: row.student)


def _recorded(course: Course, master: Master, student: str, task: Future[Grading]) -> Row:
    try:
        grading = task.result()
        record(course, master.lesson, student, grading)
    except AutograderError as exc:
        return Row(student, problem=str(exc))
    except OSError as exc:
        return Row(student, problem=f"the submission cannot be read: {exc}")
    except Exception as exc:  # a fault of ours with one submission must not cost the others
        return Row(student, problem=f"the grader failed ({type(exc).__name__}: {exc})")
    return Row(student, grading.verdicts)


def _kept(course: Course, lesson: str, student: str, seed: int | None) -> Verdicts | None:
    """Verdicts that still stand: same submission, master and code, and in the gradebook."""
    found = read_result(course, lesson, student)
    if found is None:
        return None
    verdicts, of = found
    try:
        data = course.submission(student, lesson).read_bytes()
    except (CourseError, OSError):
        return None
    if of != fingerprint(course, lesson, data) or (seed is not None and seed != verdicts.seed):
        return None
    autograded = course.path("autograded", student, lesson) / f"{lesson}.ipynb"
    with course.gradebook() as gradebook:
        try:
            gradebook.find_submission(lesson, student)
        except MissingEntry:
            return None
    return verdicts if autograded.is_file() else None
