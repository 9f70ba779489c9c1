"""What several test files share: the course as released, a class graded once, notebooks read back.

The class is that of ``autograder simulate`` on the course of this repository, in a temporary
folder, and in the same class the notebooks of ``tests/submissions``. Everybody in it is graded
together, so that each test of an attack can look at the neighbours too.
"""

import dataclasses
import functools
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
import submissions

from autograder import cli, judge, nbgrader, sandbox, wire
from autograder.course import Course
from autograder.errors import StudentFault
from autograder.judge import grade_notebook
from autograder.master import Master
from autograder.results import read_result
from autograder.sandbox import Limits
from autograder.simulate import simulate
from autograder.student import CellRun
from unrolled.checks.engine import Local
from unrolled.substitutes import substituted

ROOT = Path(__file__).resolve().parent.parent
SUBMISSIONS = Path(__file__).parent / "submissions"
LESSON = "lstm_cell"
# nbgrader starts programs of its environment by name, whether that is activated or not.
BIN = Path(sys.executable).parent
os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ["PATH"]])
# Short enough to wait for what never ends, long enough for an honest cell on a busy machine.
SHORT = Limits(cell_s=5.0, request_s=5.0)


def _levels():
    """The levels of isolation that this host offers."""
    missing = {layer.name: layer.missing for layer in sandbox.layers()}
    if missing["seccomp"]:
        return []
    layers = {"landlock": "landlock", "full": "bubblewrap"}
    return [level for level, layer in layers.items() if not missing[layer]]


LEVELS = _levels()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Let one process run the tests of a file, which share what is made once."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def environment(**changes):
    """The environment of a command of ours: the tools on the path, quiet, no GPU."""
    quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **quiet, **changes}


def command(*words, cwd, timeout=300, **env):
    """Run a program of the environment and return what it did."""
    return subprocess.run(
        [str(BIN / words[0]), *map(str, words[1:])],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def secrets_of(lesson):
    """Lines that only staff may see: of the references, the hidden tests and the model answer."""
    source = nbformat.read(ROOT / "course" / "source" / lesson / f"{lesson}.ipynb", as_version=4)
    lines = ["BEGIN HIDDEN TESTS", "judge.run(", "BEGIN SOLUTION"]
    for cell in source.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution") and meta.get("grade"):
            lines += cell.source.splitlines()
        for block in re.findall("### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S):
            lines += block.splitlines()
    return {" ".join(line.split()) for line in lines if len(line.strip()) > 24 or "(" in line}


def page_text(page):
    """What a person reads on an HTML page, on one line."""
    text = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


def cell_of(notebook, name):
    """The cell of a notebook with this grade_id."""
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def is_check(cell):
    """Whether a cell is graded, by the judge or by a person."""
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def is_answer(cell):
    """Whether a student writes in a cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def answered(notebook, **answers):
    """A copy of a notebook with other text in answer cells."""
    copy = nbformat.from_dict(notebook)
    for name, text in answers.items():
        cell_of(copy, name).source = text
    return copy


@dataclass
class Class:
    """A graded class: the course, what was printed, and a look at each student's result."""

    course: Course
    lesson: str
    handed_in: dict
    printed: str = ""

    @property
    def students(self):
        return self.course.students(self.lesson)

    def student(self, kind):
        """The full name of the first student of a kind, such as "01-right"."""
        return next(s for s in self.students if s.split("-", 1)[1] == kind)

    def verdicts(self, kind):
        return read_result(self.course, self.lesson, self.student(kind))[0]

    def exercise(self, kind, name):
        return next(v for v in self.verdicts(kind).exercises if v.name == name)

    def feedback(self, kind):
        return (
            self.course.path("feedback", self.student(kind), self.lesson) / f"{self.lesson}.html"
        ).read_text(encoding="utf-8")

    def autograded(self, kind):
        folder = self.course.path("autograded", self.student(kind), self.lesson)
        return nbformat.read(folder / f"{self.lesson}.ipynb", as_version=4)


# The points of the short lesson, which add to 100 with 10 for the question.
POINTS = {
    "sigmoid": (5, 7, 3),
    "lstm_step": (20, 10, 10),
    "lstm_forward": (17, 8, 10),
}
_IMPORTS = """import numpy as np

from unrolled import checks, plots, tasks
from unrolled.shapes import expect_shapes

SEED = 0"""


def short_lesson():
    """The lesson up to its first three exercises, which need no TensorFlow, and its question.

    A class of fifty is graded with it: what grading does to attacks does not depend on how much
    else there is in the notebook, and TensorFlow's import would be most of the time.
    """
    path = ROOT / "course" / "source" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    answers = [c for c in cells if c.cell_type == "code" and is_answer(c)]
    end = cells.index(answers[3]) if len(answers) > 3 else len(cells)
    question = next(c for c in cells if c.cell_type == "markdown" and is_check(c))
    notebook.cells = [c for c in cells[:end] if c is not question] + [question]
    cell_of(notebook, "setup").source = _IMPORTS
    question.metadata.nbgrader.points = 10
    for name, points in POINTS.items():
        for prop, worth in zip(("values", "edges", "rules"), points, strict=True):
            cell = cell_of(notebook, f"{name}-{prop}")
            cell.metadata.nbgrader.points = worth
            cell.source = re.sub(r"^# Check, \d+ points?", f"# Check, {worth} points", cell.source)
    return notebook


def write_course(folder, *lessons):
    """Make a course of some lessons, given as notebooks by name."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "course" / "nbgrader_config.py", folder)
    for name, notebook in lessons:
        path = folder / "source" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A course of two lessons, released, with the sample class handed in, not graded."""
    folder = tmp_path_factory.mktemp("base") / "course"
    first = ROOT / "course" / "source" / "basic_cell" / "basic_cell.ipynb"
    write_course(
        folder, ("basic_cell", nbformat.read(first, as_version=4)), (LESSON, short_lesson())
    )
    simulate(folder, students=14)
    return Course.find(folder)


@pytest.fixture
def copy(base, tmp_path):
    """A copy of the course of ``base`` for one test; keeps the students that are named."""

    def make(*kinds, into="course"):
        folder = tmp_path / into
        shutil.copytree(base.root, folder)
        submitted = folder / "submitted"
        for student in submitted.iterdir():
            if student.name.split("-", 1)[1] not in kinds:
                shutil.rmtree(student)
        return Course.find(folder)

    return make


@pytest.fixture(scope="session")
def master(base):
    return Master.load(base.source(LESSON), LESSON)


@pytest.fixture(scope="session")
def released(base):
    return nbformat.read(base.path("release", ".", LESSON) / f"{LESSON}.ipynb", as_version=4)


@pytest.fixture(scope="session")
def right(base):
    """The release of the lesson with the course's own answers."""
    path = base.path("submitted", "01-right", LESSON) / f"{LESSON}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="session")
def grade(master):
    """Grade a notebook of the lesson and return its verdicts."""

    def run(notebook, *, seed=1, limits=SHORT, **kw):
        return grade_notebook(master, notebook, seed=seed, limits=limits, **kw).verdicts

    return run


@pytest.fixture(scope="session")
def lean(master):
    """Grade a notebook on a master of answers and checks only, for when figures cost too much."""
    notebook = nbformat.from_dict(master.notebook)
    notebook.cells = [
        c for c in notebook.cells if "nbgrader" in c.metadata and c.cell_type == "code"
    ]
    small = Master(master.lesson, notebook, master.released)

    def run(submission, *, seed=1, limits=SHORT, **kw):
        return grade_notebook(small, submission, seed=seed, limits=limits, **kw).verdicts

    return run


class InProcess:
    """A stand-in for ``Student`` that runs the answers here: for what does not need a process."""

    def __init__(self, level, limits):
        self.names = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def close(self):
        pass

    def run(self, source, trusted=False):
        if "plots." in source:
            return CellRun()
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                exec(source, self.names)
        except Exception as exc:
            return CellRun(error=type(exc).__name__)
        return CellRun()

    def ask(self, name, cases, substitutes=None):
        if name not in self.names:
            raise StudentFault("missing", f"{name} is not defined")
        with substituted(self.names, substitutes or {}):
            return [self.crossed(o) for o in Local(self.names[name]).ask(cases)]

    def crossed(self, outcome):
        """What is left of an outcome after the wire."""
        value = wire.decode(wire.encode(outcome.value))
        return dataclasses.replace(outcome, value=value)


@pytest.fixture
def quick(lean, monkeypatch):
    """Grade as ``lean`` does, but run the answers in this process: only for tests' own answers."""
    monkeypatch.setattr(judge, "Student", InProcess)
    return lean


def address_of(server, runtime, log):
    """Where a JupyterLab that is starting in a process answers, and its token.

    runtime  its JUPYTER_RUNTIME_DIR; log  the file that it prints to
    """
    end = time.monotonic() + 120  # for a busy machine
    while time.monotonic() < end and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with suppress(OSError, ValueError):
                found = json.loads(file.read_text())
                with urlopen(f"{found['url']}api/status?token={found['token']}", timeout=10):
                    return found["url"].rstrip("/"), found["token"]
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")


def hand_in(course, student, data, lesson=LESSON, name=None):
    """Put a file into a student's folder as nbgrader would collect it."""
    folder = course.path("submitted", student, lesson)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{lesson}.ipynb")
    path.write_bytes(data if isinstance(data, bytes) else nbformat.writes(data).encode())
    return path


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """The sample class, the attacks and the accidents of ``tests/submissions``, graded together.

    The figures of the lesson are left out of this course: most of the time would go into them.
    """
    folder = tmp_path_factory.mktemp("graded") / "course"
    notebook = short_lesson()
    notebook.cells = [c for c in notebook.cells if "plots." not in c.source]
    write_course(folder, (LESSON, notebook))
    simulate(folder, students=14)
    course = Course.find(folder)
    right = nbformat.read(
        course.path("submitted", "01-right", LESSON) / f"{LESSON}.ipynb", as_version=4
    )
    handed_in = {
        path.stem: (path.read_bytes(), None)
        for path in sorted((SUBMISSIONS / "hostile").glob("*.ipynb"))
    } | submissions.accidents(right)
    for number, (kind, (data, name)) in enumerate(handed_in.items(), start=15):
        hand_in(course, f"{number:02d}-{kind}", data, name=name)
    before = {p: p.read_bytes() for p in (folder / "submitted").rglob("*") if p.is_file()}
    out = io.StringIO()
    short = functools.partial(grade_notebook, limits=SHORT)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setattr(nbgrader, "grade_notebook", short)
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")
        # More than there are processors: many of these submissions only wait for their limits.
        code = cli.main(["grade", LESSON, "--course", str(folder), "--workers", "4"])
    made = Class(course, LESSON, before, out.getvalue())
    assert code == 0, made.printed
    return made
