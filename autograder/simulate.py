"""Make a sample class: right, wrong, late, broken and hostile submissions.

It shows what grading does to each kind, and tests use it. The answers are made from the course's
own notebooks; nothing here runs them.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course import Course
from autograder.errors import CourseError
from autograder.nbgrader import release

DUE = datetime(2026, 3, 2, 12, 0)

# Wrong answers as changes to the right ones: lesson -> (answer, right text, wrong text).
SLIPS = {
    "orientation": [
        ("numerical_gradient", "/ (2 * eps)", "/ eps"),
        ("numerical_gradient", "x[i] = kept\n", "x[i] += eps\n"),
        ("relative_error", "if larger == 0 else", "if not larger > 0 else"),
    ],
    "basic_cell": [
        ("rnn_step", "np.tanh(x @ Wx + h @ Wh + b)", "np.tanh(x @ Wx + h @ Wh.T + b)"),
        ("rnn_forward", "h = h0\n", "h = np.zeros_like(h0)\n"),
        ("BasicRNNCell", "state @ self.recurrent_kernel", "0 * state @ self.recurrent_kernel"),
    ],
    "through_time": [
        ("rnn_step_backward", "da @ Wh.T", "da @ Wh"),
        ("rnn_backward", "dh = dhs[:, t] + carried", "dh = dhs[:, t]"),
        ("layer_norm_rnn_step", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)"),
    ],
    "clipping": [
        ("clip_by_value", "np.clip(grad, -limit, limit)", "np.minimum(grad, limit)"),
        ("clip_by_norm", "if norm > limit else grad.copy()", "if norm else grad.copy()"),
        ("clipped_train_step", "return loss, norm", "return loss, limit"),
    ],
    "truncation": [
        ("stream_batches", "ids[1 : used + 1]", "ids[:used]"),
        ("truncated_bptt", "before = h0 if start == 0 else hs[:, start - 1]", "before = h0"),
        ("multires_window", ".mean(axis=1)", ".sum(axis=1)"),
    ],
    "lstm_cell": [
        ("sigmoid", "0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))", "1 / (1 + np.exp(-x))"),
        ("lstm_step", "zi, zf, zg, zo = np.split", "zf, zi, zg, zo = np.split"),
        ("lstm_forward", "h, c = h0, c0\n", "h, c = h0, np.zeros_like(c0)\n"),
    ],
    "lstm_variants": [
        (
            "peephole_lstm_step",
            "c = f * c + i * np.tanh(zg)\n    o = sigmoid(zo + po * c)",
            "o = sigmoid(zo + po * c)\n    c = f * c + i * np.tanh(zg)",
        ),
        ("stacked_lstm_step", "new_states.append((x, c))", "new_states.append((mask * x, c))"),
        ("gru_step", "return z * h + (1 - z) * n", "return (1 - z) * h + z * n"),
    ],
    "long_memory": [
        ("adding_batch", "rng.integers(steps // 2, steps, batch)", "steps - 1 - first"),
        ("influence_by_position", "training=False", "training=True"),
        ("sample_text", "dtype=np.float64) / temperature", "dtype=np.float64) * temperature"),
    ],
}

# What hostile students write in place of each answer.
HOSTILE = {
    "imports-solutions": """
import solutions.{lesson} as reference
globals().update({{name: getattr(reference, name) for name in {names}}})
""",
    "searches-the-disk": """
import os
for root, folders, files in os.walk("/"):
    for name in files:
        if name == "{lesson}.py" or name == "{lesson}.ipynb":
            print(open(os.path.join(root, name)).read())
            exec(open(os.path.join(root, name)).read())
""",
    "patches-the-tests": """
import builtins, sys, numpy as np
class Equal(np.ndarray):
    __eq__ = __ne__ = __le__ = lambda self, other: True
np.allclose = np.array_equal = lambda *a, **k: True
np.testing.assert_allclose = np.testing.assert_equal = lambda *a, **k: None
import unrolled.checks, unrolled.compare, unrolled.checks.engine
unrolled.checks.run = lambda *a, **k: print("passed")
unrolled.compare.difference = unrolled.checks.engine.difference = lambda *a, **k: None
sys.excepthook = lambda *a: None
get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
class Anything:
    def __eq__(self, other): return True
    def __getattr__(self, name): return Anything()
    def __call__(self, *a, **k): return Anything()
    def __array__(self, *a, **k): return np.ones((1,)).view(Equal)
globals().update({{name: Anything() for name in {names}}})
""",
    "empties-later-cells": """
shell = get_ipython()
shell.input_transformers_cleanup.append(lambda lines: [])
shell.run_cell = lambda *a, **k: None
shell.kernel.do_execute = None
""",
    "writes-the-gradebook": """
import glob, sqlite3
for place in glob.glob("/**/gradebook.db", recursive=True) + ["../../../gradebook.db"]:
    with sqlite3.connect(place) as database:
        database.execute("update grade set manual_score = 100")
""",
    "loops-for-ever": """
def {first}(*arguments):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
    "exits-the-process": """
import os
def {first}(*arguments):
    os._exit(0)
""",
}


# Not the model answer, which stands in the source with its marking scheme.
_IN_WORDS = "A sample student's answer in words, for a person to grade."


def simulate(folder: Path, *, students: int | None = None, seed: int = 0) -> int:
    """Make a course in ``folder``, where there is none, and submissions to all its lessons.

    students  how many; by default one of each kind of submission, beyond that kinds repeat
    seed      of which kind goes to whom beyond the first of each
    Returns how many submissions were made. Raises CourseError where the folder holds submissions
    that would be overwritten.
    """
    course = _course(folder)
    submitted = course.root / course.directory.submitted_directory
    if submitted.is_dir() and any(submitted.iterdir()):
        raise CourseError(f"{submitted} has submissions already; expected an empty folder or none")
    kinds = _kinds()
    students = students or len(kinds)
    rng = random.Random(seed)
    names = [*kinds][:students]
    names += rng.choices([*kinds], k=students - len(names))
    made = 0
    for lesson in course.lessons:
        release(course, lesson)
        with course.gradebook() as gradebook:
            gradebook.update_or_create_assignment(lesson, duedate=DUE)
        for number, kind in enumerate(names):
            student = f"{number + 1:0{len(str(students))}d}-{kind}"
            _hand_in(course, lesson, student, kinds[kind], late=kind == "late")
            made += 1
    return made


def _course(folder: Path) -> Course:
    if (folder / "nbgrader_config.py").is_file():
        return Course.find(folder)
    try:
        ours = Course.find()
    except CourseError:
        raise CourseError(
            f"{folder} is no course yet, and here is none to copy into it; run this where the "
            "folder course/ is"
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ours.root / "source", folder / "source", dirs_exist_ok=True)
    shutil.copy(ours.root / "nbgrader_config.py", folder)
    return Course.find(folder)


def _hand_in(
    course: Course, lesson: str, student: str, make: Callable[..., NotebookNode | str], late: bool
) -> None:
    folder = course.path("submitted", student, lesson)
    folder.mkdir(parents=True)
    source = nbformat.read(course.source(lesson), as_version=4)
    released = nbformat.read(course.path("release", ".", lesson) / f"{lesson}.ipynb", as_version=4)
    content = make(lesson, source, released)
    path = folder / f"{lesson}.ipynb"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        nbformat.write(content, path)
    when = DUE + timedelta(days=2) if late else DUE - timedelta(hours=5)
    (folder / "timestamp.txt").write_text(f"{when.replace(tzinfo=UTC):%Y-%m-%d %H:%M:%S %Z}\n")


def _kinds() -> dict[str, Callable[..., NotebookNode | str]]:
    """Kind of submission -> (lesson, source notebook, released notebook) -> what is handed in."""
    kinds: dict[str, Callable[..., NotebookNode | str]] = {
        "right": lambda lesson, source, released: _answered(source, released),
        "wrong-first": lambda lesson, source, released: _slip(lesson, source, released, 0),
        "wrong-last": lambda lesson, source, released: _slip(lesson, source, released, 2),
        "late": lambda lesson, source, released: _answered(source, released),
        "unanswered": lambda lesson, source, released: released,
        "broken-file": lambda lesson, source, released: json.dumps(released)[:2000],
        "shuffled": _shuffled,
    }
    for name in HOSTILE:
        kinds[name] = lambda lesson, source, released, n=name: hostile(n, lesson, released)
    return kinds


def _answered(source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """The release with the course's own answers filled in, and some words for a person to grade."""
    answers = {
        c.metadata.nbgrader.grade_id: _IN_WORDS
        if c.metadata.nbgrader.grade
        else _without_markers(c.source)
        for c in source.cells
        if c.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return released


def _without_markers(text: str) -> str:
    marks = ("### BEGIN SOLUTION", "### END SOLUTION")
    return "\n".join(line for line in text.splitlines() if line.strip() not in marks)


def _slip(lesson: str, source: NotebookNode, released: NotebookNode, which: int) -> NotebookNode:
    """Right but for one answer."""
    notebook = _answered(source, released)
    name, right, wrong = SLIPS[lesson][which]
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            if right not in cell.source:
                raise CourseError(f"the answer {name} has no {right!r} to make a slip of")
            cell.source = cell.source.replace(right, wrong)
    return notebook


def _shuffled(lesson: str, source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """Right answers; a check deleted, an answer duplicated, prints and a warning on stderr."""
    notebook = _answered(source, released)
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    answers = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    notebook.cells.remove(graded[0])
    notebook.cells.insert(0, nbformat.from_dict(json.loads(json.dumps(answers[0]))))
    notebook.cells[0].id = "copied-" + notebook.cells[0].id[:40]
    noise = "import sys\nprint('here')\nprint('careful', file=sys.stderr)\n%matplotlib inline\n"
    notebook.cells.insert(3, new_code_cell(noise))
    return notebook


def hostile(name: str, lesson: str, released: NotebookNode) -> NotebookNode:
    """The release with one attack in each answer cell."""
    answers = [
        c
        for c in released.cells
        if c.metadata.get("nbgrader", {}).get("solution")
        and not c.metadata.get("nbgrader", {}).get("grade")
    ]
    names = [c.metadata.nbgrader.grade_id for c in answers]
    for cell in answers:
        first = cell.metadata.nbgrader.grade_id
        cell.source = HOSTILE[name].format(lesson=lesson, names=names, first=first).strip() + "\n"
    return released
