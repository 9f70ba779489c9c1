"""nbgrader's own commands in the course: they go through the judge, and give nothing away."""

import csv
import shutil

import nbformat
import pytest
from conftest import (
    LESSON,
    LEVELS,
    answered,
    cell_of,
    command,
    hand_in,
    is_check,
    page_text,
    secrets_of,
)

from autograder.course import Course
from autograder.sandbox import isolation

pytestmark = pytest.mark.skipif(
    not LEVELS, reason="this host cannot confine; see autograder doctor"
)
STUDENTS = ("01-right", "02-wrong-first", "04-late", "05-unanswered", "06-broken-file", "50-mine")


def nbgrader(course, *words, **env):
    """Run a command of nbgrader's in the course's folder; it must succeed."""
    done = command("nbgrader", *words, cwd=course.root, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def scores(course):
    with course.gradebook() as gradebook:
        return {
            r["student"]: (r["score"], r["max_score"]) for r in gradebook.submission_dicts(LESSON)
        }


def autograded(course, student):
    return course.path("autograded", student, LESSON) / f"{LESSON}.ipynb"


def feedback(course, student):
    path = course.path("feedback", student, LESSON) / f"{LESSON}.html"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def handed_in(base, right, tmp_path_factory):
    """The course with a few submissions, one of them with the question answered."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    shutil.copytree(base.root, folder)
    for student in (folder / "submitted").iterdir():
        if student.name not in STUDENTS:
            shutil.rmtree(student)
    course = Course.find(folder)
    mine = answered(right, question_gates="The gates are half open: *0.5* to the power 100.")
    hand_in(course, "50-mine", mine)
    return course


@pytest.fixture(scope="module")
def stock(handed_in, tmp_path_factory):
    """The same course graded by nbgrader's own commands, and what they printed."""
    folder = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(handed_in.root, folder)
    course = Course.find(folder)
    printed = nbgrader(course, "autograde", LESSON)
    printed += nbgrader(course, "generate_feedback", LESSON)
    return course, printed


@pytest.fixture(scope="module")
def ours(handed_in, tmp_path_factory):
    """The same course graded by ``autograder grade``."""
    folder = tmp_path_factory.mktemp("ours") / "course"
    shutil.copytree(handed_in.root, folder)
    done = command("autograder", "grade", LESSON, "--workers", "2", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return Course.find(folder), done.stdout


def test_autograde_gives_the_same_scores_as_the_graders_own_command(stock, ours):
    assert scores(stock[0]) == scores(ours[0])
    assert set(scores(ours[0])) == set(STUDENTS)
    for student in STUDENTS:
        assert told(stock[0], student) == told(ours[0], student)


def told(course, student):
    """The cells of an autograded notebook, and what stands under the checks."""
    notebook = nbformat.read(autograded(course, student), as_version=4)
    return [
        (c.source, [o.get("text") for o in c.outputs] if c.get("outputs") and is_check(c) else [])
        for c in notebook.cells
    ]


def test_the_scores_are_those_of_right_wrong_late_and_empty_work(ours):
    got = scores(ours[0])
    assert got["01-right"] == (90, 100)
    assert got["02-wrong-first"] == (83, 100)
    assert got["04-late"] == (90, 100)
    assert got["05-unanswered"] == got["06-broken-file"] == (0, 100)
    assert got["50-mine"] == (90, 100)


def test_a_late_submission_is_known_to_be_late(ours):
    with ours[0].gradebook() as gradebook:
        late = gradebook.find_submission(LESSON, "04-late")
        assert late.total_seconds_late == 2 * 24 * 3600
        assert gradebook.find_submission(LESSON, "01-right").total_seconds_late == 0


def test_each_check_has_its_points_in_the_gradebook(ours, master):
    with ours[0].gradebook() as gradebook:
        found = {
            grade.name: (grade.auto_score, grade.max_score)
            for grade in gradebook.find_submission_notebook(LESSON, LESSON, "02-wrong-first").grades
        }
    checks = {c.name: c.points for c in master.cells if c.role == "check"}
    lost = {"sigmoid-edges"}
    for name, points in checks.items():
        assert found[name] == (0 if name in lost else points, points)
    assert found["question_gates"] == (None, 10) or found["question_gates"] == (0, 10)


def test_a_question_in_words_waits_for_a_person_where_it_is_answered(ours):
    with ours[0].gradebook() as gradebook:
        mine = gradebook.find_submission_notebook(LESSON, LESSON, "50-mine")
        assert mine.needs_manual_grade
        assert [g.name for g in mine.grades if g.needs_manual_grade] == ["question_gates"]


def test_feedback_says_what_the_verdict_says_and_quotes_the_prose(ours):
    text = page_text(feedback(ours[0], "02-wrong-first"))
    assert "Hint:" in text and "exponent" in text
    assert "0 of 7 points" in text and "5 of 5 points" in text
    text = page_text(feedback(ours[0], "50-mine"))
    assert "The gates are half open" in text


def hidden(text, *own):
    """The secrets that stand in a text and not in the student's own work."""
    mine = " ".join(" ".join(t.split()) for t in own)
    return {s for s in secrets_of(LESSON) if s in text and s not in mine}


def test_nothing_hidden_shows_in_release_feedback_or_what_was_printed(stock, released):
    course, printed = stock
    release = " ".join(" ".join(c.source.split()) for c in released.cells)
    assert hidden(release) == set()
    for student in STUDENTS:
        own = "\n".join(
            " ".join(c.source.split())
            for c in nbformat.read(autograded(course, student), as_version=4).cells
            if c.metadata.get("nbgrader", {}).get("solution")
        )
        assert hidden(page_text(feedback(course, student)), own) == set()
    assert hidden(" ".join(printed.split())) == set()


def test_the_release_has_no_solution_no_hidden_test_and_no_output(released):
    text = "\n".join(c.source for c in released.cells)
    for word in ("SOLUTION", "HIDDEN", "judge"):
        assert word not in text
    code = "\n".join(c.source for c in released.cells if c.cell_type == "code")
    assert code.count("raise NotImplementedError()") == 3
    assert not any(c.get("outputs") for c in released.cells)
    assert cell_of(released, "question_gates").source == "YOUR ANSWER HERE"
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            assert cell.source.splitlines()[0].startswith("# Check, ")
            assert cell.metadata.deletable is False and cell.metadata.editable is False


def test_releasing_again_changes_nothing_for_the_students(copy):
    course = copy()
    path = course.path("release", ".", LESSON) / f"{LESSON}.ipynb"
    before = path.read_bytes()
    nbgrader(course, "generate_assignment", LESSON, "--force")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("right", ["Success! Your notebook passes all the tests."]),
        (
            "wrong",
            ["FAILED ON 1 CELL", "CheckFailed", "sigmoid", "overflow"],
        ),
        ("released", ["FAILED ON 10 CELL", "sigmoid is not answered yet"]),
    ],
)
def test_validate_passes_right_answers_explains_wrong_ones_and_shows_nothing_hidden(
    right, released, tmp_path, kind, says
):
    wrong = answered(right, sigmoid="def sigmoid(x):\n    return 1 / (1 + np.exp(-x))")
    notebook = {"right": right, "wrong": wrong, "released": released}[kind]
    path = tmp_path / f"{LESSON}.ipynb"
    nbformat.write(notebook, path)
    done = command("nbgrader", "validate", path, cwd=tmp_path)
    text = done.stdout
    for words in says:
        assert words.lower() in text.lower(), text + done.stderr
    own = "\n".join(c.source for c in notebook.cells)
    assert hidden(" ".join((text + done.stderr).split()), own) == set()
    assert "Traceback" not in text


def test_the_level_of_isolation_is_printed_and_stands_on_the_feedback_page(stock):
    course, printed = stock
    level = str(isolation())
    assert printed.count(f"isolation: {level}") == len(STUDENTS)
    assert f"Isolation while this was graded: {level}." in page_text(feedback(course, "01-right"))


def test_export_writes_everybodys_score(stock):
    course, _ = stock
    nbgrader(course, "export")
    with open(course.root / "grades.csv", newline="") as file:
        rows = {(r["student_id"], r["assignment"]): r for r in csv.DictReader(file)}
    for student, (score, most) in scores(course).items():
        row = rows[student, LESSON]
        assert (float(row["raw_score"]), float(row["max_score"])) == (score, most)


def test_grades_given_by_hand_survive_grading_again(ours, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(ours[0].root, folder)
    course = Course.find(folder)
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(LESSON, LESSON, "50-mine")
        for grade in notebook.grades:
            if grade.name == "question_gates":
                grade.manual_score = 8
            if grade.name == "sigmoid-values":
                grade.manual_score = 1
                grade.extra_credit = 0.5
        for comment in notebook.comments:
            if comment.name == "question_gates":
                comment.manual_comment = "Well put."
        gradebook.db.commit()
    assert scores(course)["50-mine"] == (94.5, 100)
    done = command("autograder", "grade", LESSON, "--rerun", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert scores(course)["50-mine"] == (94.5, 100)
    assert "Well put." in page_text(feedback(course, "50-mine"))
    nbgrader(course, "autograde", LESSON, "--student", "50-mine", "--force")
    assert scores(course)["50-mine"] == (94.5, 100)


def test_releasing_again_keeps_the_grades(ours, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(ours[0].root, folder)
    course = Course.find(folder)
    before = scores(course)
    done = command("autograder", "release", LESSON, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert scores(course) == before


def test_autograde_without_isolation_must_be_typed_and_is_recorded(handed_in, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(handed_in.root, folder)
    course = Course.find(folder)
    printed = nbgrader(
        *(course, "autograde", LESSON, "--student", "01-right", "--RunJudge.isolation=none")
    )
    assert "isolation: none" in printed
    assert '"isolation": "none"' in (folder / "results" / LESSON / "01-right.json").read_text()
    assert scores(course)["01-right"] == (90, 100)


def test_a_source_that_was_edited_after_the_release_is_refused_by_name(copy):
    course = copy("right")
    path = course.source(LESSON)
    notebook = nbformat.read(path, as_version=4)
    cell_of(notebook, "sigmoid-values").metadata.nbgrader.points = 50
    nbformat.write(notebook, path)
    done = command("nbgrader", "autograde", LESSON, cwd=course.root)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "sigmoid-values" in text and f"autograder release {LESSON}" in text
