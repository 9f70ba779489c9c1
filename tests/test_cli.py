"""The command line: the contract of its output, exit codes, and one line for each thing amiss."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from contextlib import redirect_stderr, redirect_stdout

import nbformat
import pytest
from conftest import (
    LESSON,
    LEVELS,
    ROOT,
    InProcess,
    answered,
    command,
    environment,
    hand_in,
    is_check,
)

from autograder import judge, sandbox
from autograder.cli import main
from autograder.course import inside
from autograder.verdict import STATUSES

isolated = pytest.mark.skipif(not LEVELS, reason="this host cannot confine; see autograder doctor")
WRONG = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"


@pytest.fixture
def autograder(monkeypatch):
    """Run a command here, which is faster than in a process of its own: see ``installed``.

    confined  whether answers run in a sandbox, and not in this process
    """
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")

    def run(*words, cwd, confined=False):
        if not confined:
            monkeypatch.setattr(judge, "Student", InProcess)
        out, err = io.StringIO(), io.StringIO()
        with inside(cwd), redirect_stdout(out), redirect_stderr(err):
            code = main([*map(str, words)])
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return run


def installed(*words, cwd):
    """Run the command as it is installed, in a process of its own."""
    return command("autograder", *words, cwd=cwd)


def refused(done):
    """The one line that a command which could not do its work says."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("autograder: ")
    return lines[0]


@pytest.fixture(scope="module")
def notebooks(base, right, released, tmp_path_factory):
    """Right, wrong and unanswered notebooks as files."""
    folder = tmp_path_factory.mktemp("notebooks")
    made = {"right": right, "wrong": answered(right, sigmoid=WRONG), "released": released}
    for name, notebook in made.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


# check


@isolated
def test_the_json_of_check_is_the_contract(base, notebooks):
    arguments = ("check", notebooks / "wrong.ipynb", "--json", "-", "--seed", "11")
    done = installed(*arguments, "--course", base.root, cwd=notebooks)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == [
        *("lesson", "student", "seed", "isolation", "score", "max_score", "seconds", "exercises"),
    ]
    assert found["lesson"] == LESSON and found["student"] is None and found["seed"] == 11
    assert isinstance(found["isolation"], str) and found["isolation"].endswith("rlimits")
    assert isinstance(found["seconds"], float) and found["seconds"] > 0
    assert (found["score"], found["max_score"]) == (83, 90)
    names = [e["name"] for e in found["exercises"]]
    assert names == ["sigmoid", "lstm_step", "lstm_forward", "question_gates"]
    for one in found["exercises"]:
        assert list(one) == [
            *("name", "score", "max_score", "status", "follow_through", "reasons", "hint"),
        ]
        assert one["status"] in STATUSES
        assert isinstance(one["score"], int | float) and isinstance(one["max_score"], int | float)
        assert isinstance(one["follow_through"], bool)
        assert isinstance(one["reasons"], list) and all(isinstance(r, str) for r in one["reasons"])
        assert one["hint"] is None or isinstance(one["hint"], str)
    assert [e["status"] for e in found["exercises"]] == ["failed", "passed", "passed", "manual"]
    assert found["exercises"][0]["hint"] and found["exercises"][0]["reasons"]


@isolated
def test_check_exits_with_0_for_full_marks_and_writes_the_files_it_is_asked_for(
    autograder, base, notebooks, tmp_path
):
    done = autograder(
        *("check", notebooks / "right.ipynb", "--json", "out.json", "--junit", "out.xml"),
        *("--course", base.root),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "90 of 90 points" in done.stdout
    assert json.loads((tmp_path / "out.json").read_text())["score"] == 90
    suite = ET.parse(tmp_path / "out.xml").getroot().find("testsuite")
    counts = {k: suite.get(k) for k in ("name", "tests", "failures", "errors", "skipped")}
    assert counts == {
        "name": LESSON,
        "tests": "4",
        "failures": "0",
        "errors": "0",
        "skipped": "1",
    }
    assert done.stderr == ""


@isolated
def test_junit_counts_failures_and_errors_and_says_why(
    autograder, base, notebooks, right, tmp_path
):
    mixed = answered(right, sigmoid=WRONG, lstm_step="import os\ndef lstm_step(*a): os._exit(0)")
    nbformat.write(mixed, tmp_path / "mixed.ipynb")
    done = autograder(
        *("check", "mixed.ipynb", "--junit", "out.xml", "--course", base.root),
        cwd=tmp_path,
        confined=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    suite = ET.parse(tmp_path / "out.xml").getroot().find("testsuite")
    assert (suite.get("failures"), suite.get("errors")) == ("1", "1")
    cases = {c.get("name"): c for c in suite.findall("testcase")}
    failure = cases["sigmoid"].find("failure")
    assert failure.get("message") == "8 of 15 points, failed"
    assert "Hint: " in failure.text
    assert "ended the notebook's process" in cases["lstm_step"].find("error").text
    assert cases["question_gates"].find("skipped") is not None


@isolated
def test_check_finds_course_lesson_and_student_by_where_the_notebook_lies(autograder, base):
    path = base.path("submitted", "02-wrong-first", LESSON) / f"{LESSON}.ipynb"
    done = autograder("check", path, "--json", "-", cwd="/")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert (found["lesson"], found["student"], found["score"]) == (LESSON, "02-wrong-first", 83)


@isolated
def test_the_same_seed_gives_the_same_verdicts_and_without_one_it_is_recorded(
    autograder, base, notebooks
):
    arguments = ("check", notebooks / "wrong.ipynb", "--json", "-", "--course", base.root)
    first = json.loads(autograder(*arguments, cwd=notebooks).stdout)
    again = autograder(*arguments, "--seed", first["seed"], cwd=notebooks)
    again = json.loads(again.stdout)
    first.pop("seconds"), again.pop("seconds")
    assert again == first


@isolated
def test_the_visible_checks_need_no_course(notebooks, tmp_path):
    shutil.copy(notebooks / "right.ipynb", tmp_path)
    done = installed("check", "right.ipynb", "--visible-only", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "90 of 90 points" in done.stdout
    shutil.copy(notebooks / "released.ipynb", tmp_path)
    done = installed("check", "released.ipynb", "--visible-only", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "sigmoid is not answered yet" in done.stdout


@isolated
def test_without_isolation_must_be_typed_and_is_named_in_the_result(autograder, base, notebooks):
    arguments = ("check", notebooks / "released.ipynb", "--json", "-", "--course", base.root)
    done = autograder(*arguments, "--isolation", "none", cwd=notebooks)
    assert json.loads(done.stdout)["isolation"] == "none"


BAD = {
    "empty.ipynb": (b"", "the file is empty; expected a Jupyter notebook"),
    "text.ipynb": (b"print('hello')\n", "the file is not JSON (line 1)"),
    "cut.ipynb": (b'{"cells": [\n', "the file is not JSON (line 2)"),
    "picture.ipynb": (b"\x89PNG\r\n", "the file is not text in UTF-8"),
    "other.json": (b'{"a": 1}', "JSON but not a Jupyter notebook"),
    "none.ipynb": (
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
        "none of the answer cells of any lesson (basic_cell, lstm_cell); name its lesson",
    ),
    "absent.ipynb": (None, "expected a notebook"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_notebook_is_one_line_that_says_what_it_is(
    autograder, base, tmp_path, name
):
    data, says = BAD[name]
    if data is not None:
        (tmp_path / name).write_bytes(data)
    line = refused(autograder("check", name, "--course", base.root, cwd=tmp_path))
    assert says in line
    assert name in line or name == "none.ipynb"


def test_a_folder_in_place_of_a_notebook_is_one_line(autograder, base, tmp_path):
    assert "expected a notebook" in refused(
        autograder("check", tmp_path, "--course", base.root, cwd=tmp_path)
    )


@pytest.mark.parametrize("option", ["--json", "--junit"])
@isolated
def test_a_result_that_cannot_be_written_is_one_line_that_names_the_place(
    autograder, base, notebooks, option
):
    done = autograder(
        *("check", notebooks / "released.ipynb", option, "absent/out"),
        *("--course", base.root),
        cwd=notebooks,
    )
    assert "absent/out" in refused(done)
    assert "points" not in done.stdout
    (notebooks / "folder").mkdir(exist_ok=True)
    done = autograder(
        *("check", notebooks / "released.ipynb", option, "folder", "--course", base.root),
        cwd=notebooks,
    )
    assert "folder is a folder; expected a file to write" in refused(done)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", "text.ipynb"), "text.ipynb: the file is not JSON (line 1)"),
        (("grade", "lstm"), "lesson is 'lstm'; this course has basic_cell, lstm_cell"),
        (("grade", LESSON, "--course", "elsewhere"), "no course in"),
    ],
    ids=["file", "lesson", "course"],
)
def test_the_installed_command_ends_with_2_and_one_line_where_it_cannot_do_its_work(
    base, words, says
):
    (base.root / "text.ipynb").write_text("print('hello')")
    assert says in refused(installed(*words, cwd=base.root))


# What is named and is not there


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("grade", "lstm"), "lesson is 'lstm'; this course has basic_cell, lstm_cell"),
        (("release", "lstm"), "lesson is 'lstm'; this course has basic_cell, lstm_cell"),
        (("release", "../lstm_cell"), "lesson is '../lstm_cell'; this course has"),
        (("check", "released.ipynb", "--lesson", "x"), "lesson is 'x'; this course has"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else "",
)
def test_a_lesson_that_there_is_not_is_named_with_those_there_are(
    autograder, base, notebooks, words, says
):
    line = refused(autograder(*words, "--course", base.root, cwd=notebooks))
    assert says in line


@pytest.mark.parametrize("words", [("grade", LESSON), ("release",), ("check", "right.ipynb")])
def test_without_a_course_the_command_says_where_it_looked_and_what_to_type(
    autograder, notebooks, tmp_path, words
):
    shutil.copy(notebooks / "right.ipynb", tmp_path)
    line = refused(autograder(*words, cwd=tmp_path))
    assert f"no course in {tmp_path}" in line and "--course DIR" in line
    line = refused(autograder(*words, "--course", "elsewhere", cwd=tmp_path))
    assert "elsewhere" in line


def test_a_course_without_a_release_says_what_to_run_and_keeps_the_submissions(autograder, copy):
    course = copy("right")
    (course.root / "gradebook.db").unlink()
    shutil.rmtree(course.root / "release")
    before = {p: p.read_bytes() for p in (course.root / "submitted").rglob("*.ipynb")}
    line = refused(autograder("grade", LESSON, cwd=course.root))
    assert f"was not released from {course.root}" in line
    assert line.endswith(f"run: autograder release {LESSON}")
    assert {p: p.read_bytes() for p in (course.root / "submitted").rglob("*.ipynb")} == before


def test_a_course_without_submissions_says_where_they_are_expected(autograder, copy):
    course = copy()
    line = refused(autograder("grade", LESSON, cwd=course.root))
    assert f"no submissions of {LESSON}" in line
    assert "submitted/STUDENT/lstm_cell" in line


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("grade", LESSON, "--seed", "seven"), "'seven'; expected a whole number from 0"),
        (("grade", LESSON, "--seed", "-1"), "expected"),
        (("grade", LESSON, "--seed", str(2**53)), "expected a whole number from 0 to 2**53 - 1"),
        (("grade", LESSON, "--workers", "0"), "'0'; expected a whole number of at least 1"),
        (("grade", LESSON, "--workers", "two"), "'two'; expected a whole number of at least 1"),
        (("grade", LESSON, "--isolation", "some"), "invalid choice: 'some'"),
        (("grade",), "required: LESSON"),
        (("mark", LESSON), "invalid choice: 'mark'"),
        ((), "required: COMMAND"),
    ],
    ids=lambda v: " ".join(v) or "nothing" if isinstance(v, tuple) else "",
)
def test_an_argument_that_makes_no_sense_is_named_with_what_was_expected(
    capsys, monkeypatch, words, says
):
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err


# grade


@pytest.fixture
def oddities(copy, released):
    """A class of one good student among files that nobody should hand in."""
    course = copy("right")
    folder = course.root / "submitted"
    for name in ("empty", "pipe", "folder", "link", "linked", "two", "none", "big"):
        (folder / f"50-{name}" / LESSON).mkdir(parents=True)
    os.mkfifo(folder / "50-pipe" / LESSON / f"{LESSON}.ipynb")
    (folder / "50-folder" / LESSON / f"{LESSON}.ipynb").mkdir()
    secret = course.root / "gradebook.db"
    (folder / "50-link" / LESSON / f"{LESSON}.ipynb").symlink_to(secret)
    (folder / "50-linked" / LESSON).rmdir()
    (folder / "50-linked" / LESSON).symlink_to(folder / "01-right" / LESSON)
    for name in ("a.ipynb", "b.ipynb"):
        nbformat.write(released, folder / "50-two" / LESSON / name)
    (folder / "50-none" / LESSON / "essay.txt").write_text("words")
    with open(folder / "50-big" / LESSON / f"{LESSON}.ipynb", "wb") as file:
        file.truncate(300 * 2**20)
    (folder / "50-absent").mkdir()
    return course


@isolated
def test_files_that_nobody_should_hand_in_are_a_row_each_and_the_neighbour_is_graded(oddities):
    done = installed("grade", LESSON, "--workers", "2", cwd=oddities.root)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    rows = dict(re.findall(r"^\[\d+/\d+\] lstm_cell  (\S+)  (.*)$", done.stdout, re.M))
    assert rows["01-right"].startswith("90/90")
    assert "no notebook; expected lstm_cell.ipynb" in rows["50-empty"]
    assert "no notebook; expected lstm_cell.ipynb" in rows["50-none"]
    assert "a.ipynb, b.ipynb; expected lstm_cell.ipynb" in rows["50-two"]
    assert "50-absent" not in rows  # handed in nothing for this lesson
    for name in ("pipe", "folder", "link", "linked", "big"):
        row = rows[f"50-{name}"]
        assert row.startswith("0/90") or "expected" in row or "cannot" in row, row
        assert "SQLite" not in row
    with oddities.gradebook() as gradebook:
        found = {r["student"]: r["score"] for r in gradebook.submission_dicts(LESSON)}
    assert found.pop("01-right") == 90
    assert set(found.values()) <= {0}


@isolated
def test_grading_twice_keeps_what_has_not_changed_and_rerun_grades_it_again(
    autograder, copy, right
):
    course = copy("right", "wrong-first")
    arguments = ("grade", LESSON, "--no-feedback")
    first = autograder(*arguments, cwd=course.root)
    assert first.returncode == 0, first.stderr
    assert "unchanged" not in first.stdout
    assert first.stderr == ""
    results = course.root / "results" / LESSON
    before = {p.name: p.read_text() for p in results.glob("*.json")}
    again = autograder(*arguments, cwd=course.root)
    assert again.returncode == 0
    assert again.stdout.count("unchanged") == 2
    assert {p.name: p.read_text() for p in results.glob("*.json")} == before
    wrong = answered(right, lstm_step="def lstm_step(x, h, c, Wx, Wh, b):\n    return h, c")
    hand_in(course, "01-right", wrong)
    third = autograder(*arguments, cwd=course.root)
    assert third.stdout.count("unchanged") == 1
    assert re.search(r"01-right  50/90", third.stdout)
    fourth = autograder(*arguments, "--rerun", cwd=course.root)
    assert "unchanged" not in fourth.stdout
    scores = re.compile(r"(\S+  \d+/90)")
    assert sorted(scores.findall(fourth.stdout)) == sorted(scores.findall(third.stdout))


@isolated
def test_another_isolation_is_another_result_and_is_not_kept(autograder, copy):
    course = copy("right")
    arguments = ("grade", LESSON, "--no-feedback", "--isolation")
    assert "unchanged" not in autograder(*arguments, "none", cwd=course.root).stdout
    again = autograder(*arguments, "none", cwd=course.root)
    assert "unchanged" in again.stdout
    confined = autograder(*arguments, "auto", cwd=course.root)
    assert "unchanged" not in confined.stdout
    (kept,) = (course.root / "results" / LESSON).glob("*.json")
    assert json.loads(kept.read_text())["isolation"] == str(sandbox.isolation())


@isolated
def test_a_file_that_is_no_notebook_has_nothing_of_it_run(autograder, copy, right):
    course = copy("right")
    (path,) = (course.root / "submitted").rglob(f"{LESSON}.ipynb")
    hand_in(course, "50-cut", path.read_bytes()[:-200])
    done = autograder("grade", LESSON, "--no-feedback", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((course.root / "results" / LESSON / "50-cut.json").read_text())
    assert results["score"] == 0
    assert {e["status"] for e in results["exercises"]} == {"missing", "manual"}
    for one in results["exercises"]:
        assert "JSON" in one["reasons"][0] or one["status"] == "manual"
    cells = nbformat.read(
        course.path("autograded", "50-cut", LESSON) / f"{LESSON}.ipynb", as_version=4
    ).cells
    outputs = [c.outputs for c in cells if c.cell_type == "code" and not is_check(c)]
    assert not any(outputs)


@isolated
def test_a_renamed_notebook_is_graded_and_left_as_it_was_handed_in(autograder, copy, right):
    course = copy()
    folder = hand_in(course, "50-mine", answered(right, sigmoid=WRONG), name="my work.ipynb").parent
    arguments = ("grade", LESSON, "--no-feedback")
    assert re.search(r"50-mine  83/90", autograder(*arguments, cwd=course.root).stdout)
    assert [p.name for p in folder.iterdir()] == ["my work.ipynb"]
    hand_in(course, "50-mine", right, name="my work.ipynb")
    assert re.search(r"50-mine  90/90", autograder(*arguments, cwd=course.root).stdout)
    # Beside one of the lesson's name, others are a student's notes.
    hand_in(course, "50-mine", answered(right, sigmoid=WRONG))
    assert re.search(r"50-mine  83/90", autograder(*arguments, cwd=course.root).stdout)


@isolated
def test_another_lessons_notebook_earns_nothing_and_says_so(autograder, copy, base):
    course = copy()
    other = base.path("submitted", "01-right", "basic_cell") / "basic_cell.ipynb"
    hand_in(course, "50-mine", other.read_bytes())
    done = autograder("grade", LESSON, "--no-feedback", cwd=course.root)
    assert re.search(
        "50-mine .*none of the answer cells of lstm_cell", " ".join(done.stdout.split())
    )
    line = refused(autograder("check", other, "--lesson", LESSON, cwd=course.root))
    assert "none of the answer cells of lstm_cell" in line


@isolated
def test_what_lies_in_no_lessons_folder_is_named(autograder, copy, right):
    course = copy("right")
    hand_in(course, "kim", right)
    os.rename(course.root / "submitted/kim/lstm_cell", course.root / "submitted/kim/lstm_cel")
    nbformat.write(right, course.root / "submitted" / "kim" / "mine.ipynb")
    (course.root / "submitted" / "kim" / ".ipynb_checkpoints").mkdir()
    done = autograder("grade", LESSON, LESSON, "--no-feedback", cwd=course.root)
    assert done.returncode == 0
    assert "checkpoints" not in done.stderr
    for name in ("lstm_cel", "mine.ipynb"):
        assert f"submitted/kim/{name} is passed over; expected submitted/STUDENT" in done.stderr
    assert done.stdout.count("01-right  90/90") == 1  # a lesson named twice is graded once


@isolated
def test_one_lesson_that_cannot_be_graded_does_not_hide_the_other(autograder, copy):
    course = copy("right")
    shutil.rmtree(course.root / "submitted" / "01-right" / "basic_cell")
    done = autograder("grade", "basic_cell", LESSON, "--no-feedback", cwd=course.root)
    assert "no submissions of basic_cell" in refused(done)
    assert "01-right  90/90" in done.stdout and "gradebook:" in done.stdout


def test_a_gradebook_that_is_no_database_is_named_with_what_to_do(autograder, copy):
    course = copy("right")
    (course.root / "gradebook.db").write_bytes(b"not a database" * 1000)
    line = refused(autograder("grade", LESSON, cwd=course.root))
    assert "gradebook.db cannot be opened (file is not a database); see that" in line


def test_a_source_that_is_damaged_is_named_when_it_is_released(autograder, copy):
    course = copy()
    course.source(LESSON).write_text("{")
    line = refused(autograder("release", LESSON, cwd=course.root))
    assert f"{LESSON}.ipynb" in line and "above" not in line


def test_a_sample_class_without_a_course_to_copy_says_where_to_run_it(autograder, tmp_path):
    line = refused(autograder("simulate", "--course", "new", cwd=tmp_path))
    assert "new is no course yet, and here is none to copy" in line
    assert not (tmp_path / "new").exists()


def test_escapes_in_a_name_do_not_reach_the_terminal(autograder, base, tmp_path):
    name = "a\x1b]0;title\x07\x1b[31mb\n90 of 90 points.ipynb"
    (tmp_path / name).write_text("no notebook")
    line = refused(autograder("check", name, "--course", base.root, cwd=tmp_path))
    assert "\x1b" not in line and "\x07" not in line


def test_without_the_solutions_full_grading_says_what_is_missing(base, notebooks, tmp_path):
    code = (
        "import sys\nsys.modules['solutions'] = None\nfrom autograder.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ("check", notebooks / "right.ipynb", "--course", base.root)
    line = refused(command("python", "-c", code, *arguments, cwd=tmp_path))
    assert "make setup" in line and "--visible-only" in line


def test_a_command_works_without_a_search_path(tmp_path):
    env = {"HOME": str(tmp_path)}
    program = os.path.join(os.path.dirname(sys.executable), "autograder")
    done = subprocess.run([program, "--help"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@isolated
def test_ctrl_c_stops_a_class_at_once_and_leaves_nothing(copy, tmp_path):
    course = copy("right", "wrong-first", "late")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    grader = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "grade", LESSON],
        cwd=course.root,
        env=environment(TMPDIR=str(scratch)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in grader.stdout:
        if line.startswith("[1/3]"):
            break
    assert list(scratch.iterdir())
    for _ in range(3):  # impatience changes nothing
        grader.send_signal(signal.SIGINT)
        time.sleep(0.2)
    _, complaints = grader.communicate(timeout=60)
    assert grader.returncode == 130
    assert complaints.splitlines() == ["autograder: stopping", "autograder: interrupted"]
    assert not list(scratch.iterdir())
    assert installed("grade", LESSON, cwd=course.root).returncode == 0


@isolated
def test_grade_ends_with_a_table_and_where_everything_is(graded):
    printed = graded.printed
    assert printed.startswith("isolation: ")
    assert f"[{len(graded.students)}/{len(graded.students)}] {LESSON}" in printed
    for student in graded.students:
        assert student in printed
    for place in ("gradebook.db", "results", "feedback"):
        assert f"{graded.course.root}/{place}" in printed
    assert "\x1b" not in printed
    assert "<script>" not in printed.split("writing feedback")[0].replace("alert('reason')", "")


@isolated
def test_where_nothing_confines_grading_refuses_and_says_what_to_do(copy, monkeypatch, capsys):
    course = copy("right")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    missing = tuple(
        sandbox.Layer(n, "not here") for n in ("bubblewrap", "landlock", "seccomp", "rlimits")
    )
    monkeypatch.setattr(sandbox, "layers", lambda: missing)
    assert main(["grade", LESSON, "--course", str(course.root)]) == 2
    captured = capsys.readouterr()
    assert "cannot confine a student's kernel" in captured.err
    assert "--isolation none" in captured.err
    assert not (course.root / "autograded").exists()
    assert not (course.root / "results").exists()


# The rest


def test_release_makes_every_lesson_and_says_where(autograder, copy):
    course = copy()
    (course.root / "gradebook.db").unlink()
    shutil.rmtree(course.root / "release")
    done = autograder("release", cwd=course.root)
    assert done.returncode == 0, done.stderr
    for lesson in ("basic_cell", LESSON):
        assert f"released {lesson} to {course.root / 'release' / lesson}" in done.stdout
        assert (course.root / "release" / lesson / f"{lesson}.ipynb").is_file()


def test_simulate_does_not_overwrite_submissions(autograder, base):
    before = {p: p.read_bytes() for p in (base.root / "submitted").rglob("*.ipynb")}
    line = refused(autograder("simulate", "--course", base.root, cwd=ROOT))
    assert "has submissions already" in line
    assert {p: p.read_bytes() for p in (base.root / "submitted").rglob("*.ipynb")} == before


def test_doctor_names_the_layers_the_kernels_and_the_device():
    done = installed("doctor", cwd=ROOT)
    assert done.returncode in (0, 2)
    for words in ("bubblewrap", "landlock", "seccomp", "unrolled-cpu", "unrolled-gpu", "device:"):
        assert words in done.stdout
    assert ("grading uses:" in done.stdout) == (done.returncode == 0)
    assert "Traceback" not in done.stderr


def test_help_starts_without_tensorflow_and_nbgrader(tmp_path):
    code = (
        "import sys\nfrom autograder.cli import parser\nparser()\n"
        "print([m for m in ('tensorflow', 'nbgrader', 'numpy', 'zmq') if m in sys.modules])"
    )
    done = command("python", "-c", code, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr
