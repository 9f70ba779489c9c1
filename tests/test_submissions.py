"""What a class meets: attacks that earn nothing, accidents that cost nothing, and the neighbours.

Everybody here is graded in one class (the fixture ``graded``), so each test looks at its own
student and at those beside it.
"""

import json
import sqlite3
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
import submissions
from conftest import LESSON, LEVELS, POINTS, SUBMISSIONS, page_text, secrets_of

from autograder.simulate import HOSTILE

pytestmark = pytest.mark.skipif(
    not LEVELS, reason="this host cannot confine; see autograder doctor"
)
NAMES = [*POINTS]
FILES = sorted(p.stem for p in (SUBMISSIONS / "hostile").glob("*.ipynb"))
ACCIDENTS = [*submissions.accidents(nbformat.v4.new_notebook())]

# What the first verdict of each attack says.
SAYS = {
    "imports-solutions": "sigmoid is not defined",
    "searches-the-disk": "sigmoid is not defined",
    "patches-the-tests": "sigmoid raised",
    "empties-later-cells": "sigmoid",
    "writes-the-gradebook": "sigmoid is not defined",
    "loops-for-ever": "sigmoid ran longer than 5 s",
    "exits-the-process": "sigmoid ended the notebook's process",
    "another-kernel": "sigmoid has shape ()",
    "answers-out-of-turn": "sigmoid",
    "crashes": "sigmoid ended the notebook's process",
    "equal-to-everything": "sigmoid",
    "exits-at-once": "ended the notebook's process",
    "fills-the-disk": "sigmoid",
    "forges-points": "sigmoid has shape ()",
    "learns-the-visible-cases": "sigmoid returned None",
    "lies-on-the-wire": "malformed reply",
    "malformed-messages": "sigmoid",
    "no-numbers": "got nan, expected",
    "patches-the-harness": "sigmoid",
    "prints-for-ever": "sigmoid",
    "reads-everything": "sigmoid raised ValueError",
    "script-in-everything": "sigmoid raised ValueError",
    "starts-programs": "sigmoid",
    "stays-behind": "sigmoid raised RuntimeError: nothing stayed",
    "stops-itself": "sigmoid ran longer than 5 s",
    "swallows-memory": "sigmoid raised",
}


def shown(graded, kind):
    """Everything about a student that the student gets to see, as text on one line."""
    page = page_text(graded.feedback(kind))
    verdicts = json.dumps(graded.verdicts(kind).as_dict(), ensure_ascii=False)
    return page + " " + " ".join(verdicts.replace("\\n", " ").split())


def submitted(graded, kind):
    """What the student wrote, on one line."""
    folder = graded.course.path("submitted", graded.student(kind), LESSON)
    (path,) = folder.glob("*.ipynb")
    return " ".join(path.read_text(errors="replace").replace("\\n", " ").split())


@pytest.mark.parametrize("kind", [*HOSTILE, *FILES])
def test_an_attack_earns_nothing_says_why_shows_nothing_hidden_and_spares_its_neighbours(
    graded, kind
):
    verdicts = graded.verdicts(kind)
    assert verdicts.score == 0, verdicts.as_dict()
    assert verdicts.max_score == 90
    assert [v.name for v in verdicts.automatic] == NAMES
    for verdict in verdicts.automatic:
        assert verdict.status in ("failed", "crashed", "timeout")
        assert verdict.reasons
        for reason in verdict.reasons:
            assert len(reason) < 600
            assert "\n" not in reason
    assert SAYS[kind] in verdicts.automatic[0].reasons[0], verdicts.automatic[0].reasons
    text, own = shown(graded, kind), submitted(graded, kind)
    for secret in secrets_of(LESSON):
        assert secret not in text or secret in own
    names = graded.students
    at = names.index(graded.student(kind))
    for neighbour in (names[at - 1], names[(at + 1) % len(names)]):
        other = graded.verdicts(neighbour.split("-", 1)[1])
        assert len(other.exercises) == len(NAMES) + 1
        assert (graded.course.path("autograded", neighbour, LESSON) / f"{LESSON}.ipynb").is_file()


@pytest.mark.parametrize("kind", ["right", "late", "shuffled", *ACCIDENTS])
def test_an_accident_costs_a_right_answer_nothing(graded, kind):
    verdicts = graded.verdicts(kind)
    assert verdicts.full, verdicts.as_dict()
    assert verdicts.score == 90
    assert {v.status for v in verdicts.automatic} == {"passed"}
    assert not any(v.reasons for v in verdicts.automatic)


def test_wrong_answers_lose_marks_with_the_right_hint(graded):
    first = graded.exercise("wrong-first", "sigmoid")
    assert first.score < first.max_score
    assert "overflow" in first.reasons[0] and "exponent" in first.hint
    assert graded.verdicts("wrong-first").score == 90 - first.max_score + first.score
    last = graded.exercise("wrong-last", "lstm_forward")
    assert last.score < last.max_score
    assert "first step" in last.hint


def test_a_file_that_is_no_notebook_and_an_unanswered_one_earn_nothing_and_say_so(graded):
    for verdict in graded.verdicts("broken-file").automatic:
        assert verdict.score == 0
        assert "the file is not JSON" in verdict.reasons[0]
    assert graded.verdicts("unanswered").score == 0
    assert {v.status for v in graded.verdicts("unanswered").automatic} == {"missing"}


def test_everybody_in_the_class_has_a_grade_and_the_gradebook_has_the_same(graded):
    assert len(graded.students) == 14 + len(FILES) + len(ACCIDENTS)
    with graded.course.gradebook() as gradebook:
        rows = {r["student"]: r for r in gradebook.submission_dicts(LESSON)}
    for student in graded.students:
        verdicts = graded.verdicts(student.split("-", 1)[1])
        assert rows[student]["score"] == verdicts.score, student
        assert rows[student]["max_score"] == 100


def test_no_grade_was_set_by_anybody_but_the_grader(graded):
    with sqlite3.connect(graded.course.root / "gradebook.db") as database:
        (count,) = database.execute(
            "select count(*) from grade where manual_score is not null or extra_credit > 0"
        ).fetchone()
    database.close()
    assert count == 0


def test_no_submission_was_changed_by_another(graded):
    submitted = graded.course.root / "submitted"
    now = {p: p.read_bytes() for p in submitted.rglob("*") if p.is_file()}
    assert graded.handed_in == now


def test_nothing_of_the_class_stays_on_the_machine(graded):
    assert not Path("/tmp/unrolled-was-here").exists()
    for place in ("/tmp", "/var/tmp", "/dev/shm"):
        names = ("sitecustomize.py", "usercustomize.py", "stayed.pth", "numpy.py", "conftest.py")
        assert not [n for n in names if (Path(place) / n).exists()]


def test_what_a_program_of_a_student_got_to_do_is_nothing(graded):
    assert "DONE" not in page_text(graded.feedback("starts-programs")).replace('"DONE"', "")


class Dangers(HTMLParser):
    """Collects the tags and attributes of a page that a student's text may not make."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open = tag
        if tag in ("iframe", "object", "embed", "form", "base", "svg", "link"):
            self.found.append((tag, attrs))
        for name, value in attrs:
            value = "".join((value or "").split()).lower()
            if name.startswith("on") or value.startswith(("javascript:", "data:text")):
                self.found.append((tag, name, value))

    def handle_data(self, data):
        if self.open in ("script", "style") and ("alert(" in data or "display: none }" in data):
            self.found.append((self.open, data[:200]))

    def handle_endtag(self, tag):
        self.open = None


@pytest.mark.parametrize("kind", ["script-in-everything", "forges-points", "reads-everything"])
def test_no_script_of_a_students_runs_on_a_feedback_page(graded, kind):
    own = Dangers(graded.feedback("unanswered")).found  # what nbgrader's page has itself
    page = graded.feedback(kind)
    assert [d for d in Dangers(page).found if d not in own] == []
    assert "\x1b" not in page and "\x07" not in page


def test_what_a_student_printed_is_shown_as_text(graded):
    text = page_text(graded.feedback("script-in-everything"))
    assert "<script>alert('printed')</script>" in text
    assert "<script>alert('error-text')</script>" in text


def test_points_that_a_student_shows_are_not_taken_for_points(graded):
    notebook = graded.autograded("forges-points")
    for cell in notebook.cells:
        results = [o for o in cell.get("outputs", []) if o.output_type == "execute_result"]
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert [o.data["text/plain"] for o in results] == (
                ["0.0"] if cell.cell_type == "code" else []
            )
        else:
            assert results == []


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_notebook_is_tidy_and_its_answers_are_the_lessons(name, master):
    path = SUBMISSIONS / "hostile" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert path.stat().st_size < 6000
    assert notebook.cells[0].cell_type == "markdown"  # what it tries, in words
    graded = [c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata]
    assert set(NAMES) <= set(graded) <= {c.name for c in master.cells}
    assert not any(c.get("outputs") for c in notebook.cells)
    assert name in SAYS
