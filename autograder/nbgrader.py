"""Put the judge inside nbgrader: its command line, its formgrader button, its gradebook.

``configure(c)`` is all that a course's ``nbgrader_config.py`` calls. It replaces nbgrader's steps
of ``autograde``: instead of correcting the submitted notebook and running it whole, tests
included, in one kernel, the submission is rebuilt on the master and marked by the judge. What
nbgrader does with the result (gradebook, late penalties, feedback, export) stays its own.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ComputeChecksums,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from nbgrader.utils import compute_checksum, is_grade
from traitlets import List, Unicode
from traitlets.config import Config

from autograder.course import Course
from autograder.errors import AutograderError, CourseError, SubmissionError
from autograder.judge import Grading, grade_notebook
from autograder.master import Master, read_file, read_notebook
from autograder.results import write_result
from autograder.sanitise import plain_text

# Gradings made beforehand, by (lesson, student): ``autograder grade`` judges several submissions
# at once and then has nbgrader record them one by one.
_prepared: dict[tuple[str, str], Grading] = {}


def configure(c: Config) -> None:
    """Make nbgrader grade through the judge, in the course whose configuration this is."""
    c.CourseDirectory.course_id = "unrolled"
    c.Autograde.exporter_class = EmptyExporter
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = [
        RunJudge,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
        KeepResult,
    ]
    c.GenerateFeedback.preprocessors = [HideTests, GetGrades, CSSHTMLHeaderPreprocessor]
    # A second fence: prose and outputs are made safe when a submission is rebuilt and run, because
    # nbgrader's pages show prose as it is, whatever this says.
    c.HTMLExporter.sanitize_html = True


class EmptyExporter(NotebookExporter):
    """Starts each pass from an empty notebook: the judge reads the submission itself.

    nbgrader's own reading would fail a student, and with some errors the class, on a file that is
    no notebook.
    """

    def from_filename(
        self, filename: str, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        return self.from_notebook_node(new_notebook(), resources=resources, **kw)


class HideTests(ClearHiddenTests):
    """nbgrader's own, with the option that HTML exporters set on every preprocessor."""

    display_data_priority = List(ClearHiddenTests.display_data_priority.default()).tag(config=True)


class RunJudge(NbGraderPreprocessor):
    """Rebuild on the master, judge, and hand nbgrader the marked notebook.

    nbgrader converts from within the course's folder, which is where the course is found.
    """

    isolation = Unicode("auto", help="auto, full, landlock or none").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        meta = resources["nbgrader"]
        lesson, student = meta["assignment"], meta["student"]
        grading = _prepared.get((lesson, student))
        if grading is None:
            course = Course.find(Path.cwd())
            master = released_master(course, lesson)
            grading = grade_submission(course, master, student, level=self.isolation)
        self.log.info("isolation: %s", grading.verdicts.isolation)
        resources["unrolled"] = grading
        return marked_notebook(grading), resources


class KeepResult(NbGraderPreprocessor):
    """Once the gradebook has the grade, keep the verdicts under ``results/``."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        grading = resources["unrolled"]
        write_result(Course.find(Path.cwd()), grading.verdicts, grading.submission)
        return nb, resources


def grade_submission(
    course: Course,
    master: Master,
    student: str,
    *,
    seed: int | None = None,
    level: str = "auto",
) -> Grading:
    """Judge what a student handed in; ``record`` then stores it.

    A file that is no notebook, or another lesson's, is graded as one without answers, and the
    reason given. Raises CourseError where there is no notebook.
    """
    lesson = master.lesson
    path = course.submission(student, lesson)
    data, notebook, refused = b"", new_notebook(), None
    try:
        data = read_file(path)
        notebook = read_notebook(data)
        master.require_answers(notebook)
    except SubmissionError as exc:
        refused = str(exc)
    if seed is None:
        seed = course.seed(lesson, student, data)
    grading = grade_notebook(
        master, notebook, seed=seed, student=student, level=level, refused=refused
    )
    grading.submission = data
    return grading


def released_master(course: Course, lesson: str) -> Master:
    """The master of a lesson, which must be the one that was released.

    Raises CourseError when the source changed in a way that the gradebook does not know.
    """
    course.require_release(lesson)
    master = Master.load(course.source(lesson), lesson, course.config)
    ours, _ = ComputeChecksums().preprocess(master.notebook, {})
    with course.gradebook() as gradebook:
        known = {c.name: c.checksum for c in gradebook.find_notebook(lesson, lesson).source_cells}
    found = {
        c.metadata.nbgrader["grade_id"]: compute_checksum(c)
        for c in ours.cells
        if "nbgrader" in c.metadata
    }
    changed = sorted(n for n in known.keys() | found.keys() if known.get(n) != found.get(n))
    if changed:
        raise CourseError(
            f"{course.source(lesson)} is not what was released (cell {changed[0]} differs); "
            f"run: autograder release {lesson}"
        )
    return master


def marked_notebook(grading: Grading) -> NotebookNode:
    """The rebuilt notebook with the outputs of the run, as nbgrader stores it."""
    cells = []
    for cell in grading.cells:
        node = cell.node
        if node.cell_type == "code":
            node.execution_count = None
        if "nbgrader" in node.metadata and is_grade(node):
            node.metadata.nbgrader.points = cell.points
        cells.append(node)
    text = f"*Isolation while this was graded: {grading.verdicts.isolation}.*"
    cells.append(new_markdown_cell(text, id="isolation"))
    return new_notebook(cells=cells, metadata={"kernelspec": _KERNELSPEC})


_KERNELSPEC = {"name": "unrolled-cpu", "display_name": "Unrolled (CPU)", "language": "python"}


def record(course: Course, lesson: str, student: str, grading: Grading) -> None:
    """Have nbgrader store a grading: gradebook, autograded notebook, late penalty.

    Raises AutograderError with nbgrader's own words when it refuses.
    """
    _prepared[(lesson, student)] = grading
    # nbgrader looks for a notebook of the lesson's name; one that was renamed gets it for now.
    path = course.submission(student, lesson)
    expected = path.with_name(f"{lesson}.ipynb")
    if path != expected:
        shutil.copy2(path, expected, follow_symlinks=False)
    try:
        result = course.api.autograde(lesson, student, force=True, create=True)
    finally:
        del _prepared[(lesson, student)]
        if path != expected:
            expected.unlink()
    if reason := _failure(result):
        raise AutograderError(f"nbgrader could not record {student}'s {lesson}: {reason}")


def release(course: Course, lesson: str) -> Path:
    """Make the students' version of a lesson, again if need be; grades that are there stay.

    Returns the folder to hand out. Raises CourseError with nbgrader's reason when it refuses.
    """
    Master.load(course.source(lesson), lesson, course.config)  # says what is wrong with a source
    result = course.api.generate_assignment(lesson, force=True, create=True)
    if reason := _failure(result):
        raise CourseError(f"lesson {lesson} could not be released: {reason}")
    return course.path("release", ".", lesson).resolve()


def generate_feedback(course: Course, lesson: str) -> Path:
    """Write ``feedback/STUDENT/LESSON/LESSON.html`` for everyone who was graded.

    Returns the folder of all feedback. Raises AutograderError with nbgrader's reason.
    """
    result = course.api.generate_feedback(lesson, force=True)
    if reason := _failure(result):
        raise AutograderError(f"no feedback for {lesson}: {reason}")
    return course.root / course.directory.feedback_directory


def _failure(result: dict) -> str | None:
    """What nbgrader logged as the cause of a step that failed, in one line; None if none did.

    nbgrader takes Ctrl-C for a failure of the step; here it stays what it is.
    """
    if result["success"]:
        return None
    if re.search(r"^KeyboardInterrupt\b", result.get("error") or "", re.M):
        raise KeyboardInterrupt
    text = plain_text(f"{result.get('log') or ''}\n{result.get('error') or ''}")
    lines = [re.sub(r"^\[.*?\]\s*", "", line) for line in text.splitlines() if line.strip()]
    # The exception of the first failure; nbgrader's own, the last, only says that there was one.
    causes = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Missing\w*): ", line)]
    causes = [line for line in causes if "NbGraderException" not in line] or causes
    return (causes or lines or ["no reason given"])[-1]


def lateness(course: Course, lesson: str) -> dict[str, float]:
    """Seconds by which each late submission of a lesson missed its due date."""
    with course.gradebook() as gradebook:
        submissions = gradebook.assignment_submissions(lesson)
        late = {s.student.id: s.total_seconds_late for s in submissions}
    return {student: seconds for student, seconds in late.items() if seconds > 0}
