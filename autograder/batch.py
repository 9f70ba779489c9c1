"""Grade a class: judge several submissions at once, record them one by one."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from jupyter_core.utils import ensure_event_loop
from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.errors import AutograderError, CourseError, SubmissionError
from autograder.judge import Grading
from autograder.master import Master, read_file
from autograder.nbgrader import grade_submission, record, released_master
from autograder.references import preload
from autograder.results import fingerprint, read_result
from autograder.sandbox import isolation
from autograder.student import Student
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
    used = str(isolation(level))
    master = released_master(course, lesson)
    students = course.students(lesson)
    if not students:
        folder = course.path("submitted", "STUDENT", lesson)
        raise CourseError(f"no submissions of {lesson}; expected notebooks in {folder}")
    # Here and not in several threads at once, where Ctrl-C would not reach the import either.
    course.secret()
    preload(lesson)
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        progress(row, len(rows), len(students))

    waiting = []
    for student in students:
        kept = None if rerun else _kept(course, lesson, student, seed)
        if kept is not None and kept.isolation == used:
            add(Row(student, kept, kept=True))
        else:
            waiting.append(student)
    # Threads suffice: what takes time runs in each submission's own process.
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        tasks = {
            pool.submit(_graded, course, master, s, seed=seed, level=level): s for s in waiting
        }
        try:
            for task in as_completed(tasks):
                add(_recorded(course, master, tasks[task], task))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            Student.close_all()  # so that leaving the pool does not wait for what runs
            raise
    return sorted(rows, key=lambda row: row.student)


def _graded(*arguments: object, **options: object) -> Grading:
    try:
        return grade_submission(*arguments, **options)
    finally:
        # jupyter_client makes one for each thread, and nobody else closes it.
        ensure_event_loop().close()


def _recorded(course: Course, master: Master, student: str, task: Future[Grading]) -> Row:
    try:
        grading = task.result()
    except AutograderError as exc:
        return Row(student, problem=str(exc))
    except Exception as exc:  # a fault of ours with one submission must not cost the others
        return Row(student, problem=f"the grader failed: {type(exc).__name__}: {exc}")
    try:
        record(course, master.lesson, student, grading)
    except AutograderError as exc:
        return Row(student, problem=str(exc))
    except Exception as exc:
        problem = f"the grade could not be stored: {type(exc).__name__}: {exc}"
        return Row(student, problem=problem)
    return Row(student, grading.verdicts)


def _kept(course: Course, lesson: str, student: str, seed: int | None) -> Verdicts | None:
    """Verdicts that still stand: same submission, master and code, and in the gradebook."""
    found = read_result(course, lesson, student)
    if found is None:
        return None
    verdicts, of = found
    try:
        data = read_file(course.submission(student, lesson))
    except (CourseError, SubmissionError):
        return None
    if of != fingerprint(course, lesson, student, data) or (
        seed is not None and seed != verdicts.seed
    ):
        return None
    autograded = course.path("autograded", student, lesson) / f"{lesson}.ipynb"
    with course.gradebook() as gradebook:
        try:
            gradebook.find_submission(lesson, student)
        except MissingEntry:
            return None
    return verdicts if autograded.is_file() else None
