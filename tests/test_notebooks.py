"""``make notebooks`` on a course in a temporary folder: what it writes, refuses and reports."""

import inspect
import json

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import notebooks
from solutions import basic_cell, lstm_cell
from unrolled.checks import EXERCISES, LESSONS, recorded

NAMES = {lesson: [e.name for e in group] for lesson, group in LESSONS.items() if group}


def answer_cell(name, source=""):
    nbgrader = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3}
    nbgrader |= {"solution": True, "task": False}
    return new_code_cell(source, id=name.replace("_", "-"), metadata={"nbgrader": nbgrader})


def path_of(course, lesson="basic_cell"):
    return course / "source" / lesson / f"{lesson}.ipynb"


def load(course, lesson="basic_cell"):
    return nbformat.read(path_of(course, lesson), as_version=nbformat.NO_CONVERT)


def save(course, notebook, lesson="basic_cell"):
    path_of(course, lesson).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path_of(course, lesson))


def answer(notebook, name):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def files(course):
    return {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}


@pytest.fixture(autouse=True)
def on_the_cpu_and_without_recordings(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setattr(notebooks, "EXERCISES", {})


@pytest.fixture
def course(tmp_path):
    """A course whose answer cells are still empty."""
    for lesson, names in NAMES.items():
        cells = [new_markdown_cell("# Title", id="title"), *(answer_cell(n) for n in names)]
        save(tmp_path, new_notebook(cells=cells), lesson)
    return tmp_path


@pytest.fixture
def stamped(course, capsys):
    """A course in step with the solutions."""
    assert notebooks.main([], course) == 0
    capsys.readouterr()
    return course


def test_an_answer_cell_gets_the_source_of_what_its_grade_id_names(stamped):
    cell = answer(load(stamped), "rnn_step")
    assert cell.source == inspect.getsource(basic_cell.rnn_step).rstrip("\n")
    assert cell.metadata.unrolled.stamped == notebooks.checksum(cell.source)
    cell = answer(load(stamped), "BasicRNNCell")
    assert cell.source == inspect.getsource(basic_cell.BasicRNNCell).rstrip("\n")
    cell = answer(load(stamped, "lstm_cell"), "sigmoid")
    assert cell.source == inspect.getsource(lstm_cell.sigmoid).rstrip("\n")


def given_cell(name):
    cell = answer_cell(f"given-{name}")
    cell.metadata.nbgrader.update(solution=False, locked=True)
    return cell


def test_a_cell_that_gives_an_earlier_function_gets_its_source_without_the_marks(course):
    notebook = load(course, "lstm_cell")
    notebook.cells.append(given_cell("rnn_step"))
    save(course, notebook, "lstm_cell")
    assert notebooks.main(["lstm_cell"], course) == 0
    source = load(course, "lstm_cell").cells[-1].source
    assert "return np.tanh(" in source and "SOLUTION" not in source
    names = {"np": np, "expect_shapes": lambda **arrays: None}
    exec(source, names)
    assert names["rnn_step"](*(np.ones((1, 1)),) * 5) == np.tanh(3.0)


@pytest.mark.parametrize("name", ["lstm_step", "rnn_stop"])
def test_a_cell_may_give_functions_of_earlier_lessons_only(course, capsys, name):
    notebook = load(course)
    notebook.cells.append(given_cell(name))
    save(course, notebook)
    assert notebooks.main(["basic_cell"], course) == 1
    assert f"basic_cell.ipynb: given-{name} names nothing" in capsys.readouterr().err


def test_one_lesson_can_be_written_by_itself(course, capsys):
    before = path_of(course, "lstm_cell").read_bytes()
    assert notebooks.main(["basic_cell"], course) == 0
    assert path_of(course, "lstm_cell").read_bytes() == before
    capsys.readouterr()
    assert notebooks.main(["basic"], course) == 1
    assert "lesson is 'basic'; expected one of basic_cell, " in capsys.readouterr().err


def test_only_ungraded_solution_cells_are_stamped(course):
    by_hand = answer_cell("why", "my words")
    by_hand.metadata.nbgrader.grade = True
    check = answer_cell("rnn_step-values", "check")
    check.metadata.nbgrader.update(solution=False, grade=True, points=1)
    notebook = load(course)
    notebook.cells += [by_hand, check]
    save(course, notebook)
    assert notebooks.main([], course) == 0
    assert [c.source for c in load(course).cells[-2:]] == ["my words", "check"]


def test_a_second_run_changes_nothing(stamped, capsys):
    before = files(stamped)
    assert notebooks.main([], stamped) == 0
    assert notebooks.main(["--check"], stamped) == 0
    assert files(stamped) == before
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_outputs_counts_and_editors_metadata_are_dropped_and_ids_kept(stamped):
    clean = path_of(stamped).read_bytes()
    notebook = load(stamped)
    cell = answer(notebook, "rnn_step")
    cell.execution_count = 7
    cell.outputs = [new_output("stream", name="stdout", text="hello")]
    cell.metadata.update(collapsed=True, jupyter={"source_hidden": True})
    notebook.metadata.update(toc={"base": 1})
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (mine)"}
    notebook.metadata.language_info = {"name": "python", "version": "3.11.9"}
    save(stamped, notebook)
    assert path_of(stamped).read_bytes() != clean
    assert notebooks.main([], stamped) == 0
    assert path_of(stamped).read_bytes() == clean
    assert load(stamped).metadata == notebooks.NOTEBOOK_METADATA
    assert clean.endswith(b"}\n") and not clean.endswith(b"\n\n")


def test_tags_survive(stamped):
    notebook = load(stamped)
    notebook.cells.append(new_code_cell("train()", id="run", metadata={"tags": ["experiment"]}))
    save(stamped, notebook)
    assert notebooks.main([], stamped) == 0
    assert load(stamped).cells[-1].metadata == {"tags": ["experiment"]}


def test_cells_without_an_id_or_with_another_ones_get_a_readable_one_that_stays(stamped):
    raw = json.loads(path_of(stamped).read_text())
    del raw["cells"][0]["id"], raw["cells"][1]["id"]
    raw["cells"][2]["id"] = raw["cells"][3]["id"]
    raw["nbformat_minor"] = 4
    path_of(stamped).write_text(json.dumps(raw))
    assert notebooks.main([], stamped) == 0
    found = load(stamped)
    assert (found.nbformat, found.nbformat_minor) == (4, 5)
    assert [c.id for c in found.cells] == ["cell-0", "rnn_step", "BasicRNNCell", "BasicRNNCell-2"]
    before = files(stamped)
    assert notebooks.main([], stamped) == 0
    assert files(stamped) == before


def test_a_cell_older_than_its_solution_is_brought_up_to_date(stamped, capsys):
    notebook = load(stamped)
    cell = answer(notebook, "rnn_step")
    cell.source = "def rnn_step():\n    'an older solution'"
    cell.metadata.unrolled.stamped = notebooks.checksum(cell.source)
    save(stamped, notebook)
    assert notebooks.main(["--check"], stamped) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "basic_cell.ipynb is stale in rnn_step; run: make notebooks" in err
    assert notebooks.main([], stamped) == 0
    assert answer(load(stamped), "rnn_step").source.startswith("def rnn_step(x, h, Wx, Wh, b):")


def edit(course):
    """Change an answer as somebody in JupyterLab would; also leave an output elsewhere."""
    notebook = load(course)
    answer(notebook, "rnn_forward").source += "\n# a better idea"
    save(course, notebook)
    other = load(course, "lstm_cell")
    answer(other, "sigmoid").execution_count = 3
    save(course, other, "lstm_cell")


@pytest.mark.parametrize("option", [[], ["--check"]])
def test_an_answer_edited_in_jupyterlab_is_named_and_nothing_is_written(stamped, capsys, option):
    edit(stamped)
    before = files(stamped)
    assert notebooks.main(option, stamped) == 1
    assert files(stamped) == before
    err = capsys.readouterr().err
    assert "basic_cell.ipynb: the answer rnn_forward was edited in the notebook" in err
    assert "solutions/basic_cell.py" in err
    assert "ARGS=--force" in err


def test_force_overwrites_an_edited_answer(stamped):
    before = files(stamped)
    edit(stamped)
    assert notebooks.main(["--force"], stamped) == 0
    assert files(stamped) == before


def test_an_edit_that_equals_the_new_solution_is_no_conflict(stamped):
    notebook = load(stamped)
    answer(notebook, "rnn_step").metadata.unrolled.stamped = "0" * 16
    save(stamped, notebook)
    assert notebooks.main([], stamped) == 0


def test_check_writes_nothing_and_says_what_is_not_canonical(stamped, capsys):
    notebook = load(stamped)
    answer(notebook, "rnn_step").execution_count = 1
    save(stamped, notebook)
    before = files(stamped)
    assert notebooks.main(["--check"], stamped) == 1
    assert files(stamped) == before
    assert "is not canonical (outputs, metadata or layout); run: make notebooks" in (
        capsys.readouterr().err
    )


def fault(course, capsys):
    """The one line that a faulty course gets, with nothing written."""
    before = files(course)
    assert notebooks.main([], course) == 1
    assert files(course) == before
    line, last = capsys.readouterr().err.splitlines()
    assert last == "nothing was written"
    return line


def test_a_missing_notebook_is_named(stamped, capsys):
    path_of(stamped).unlink()
    assert "basic_cell.ipynb is missing; restore it" in fault(stamped, capsys)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<<<<<<< HEAD", "is not JSON (Expecting value: line 1 column 1 (char 0)); restore it"),
        ("[]", "is no notebook of format 4"),
        ('{"nbformat": 3, "worksheets": []}', "is no notebook of format 4"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "is not a valid notebook"),
        ('{"nbformat": 4, "cells": [1]}', "is not a valid notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_named(stamped, capsys, text, found):
    path_of(stamped).write_text(text)
    assert found in fault(stamped, capsys)


@pytest.mark.parametrize("name", ["rnn_leap", "np", "expect_shapes", "__name__"])
def test_a_grade_id_that_no_solution_defines_is_named(stamped, capsys, name):
    notebook = load(stamped)
    notebook.cells.append(answer_cell(name))
    save(stamped, notebook)
    line = fault(stamped, capsys)
    assert f"grade_id '{name}' names nothing that solutions/basic_cell.py defines" in line


def test_a_notebook_without_solutions_is_named(stamped, capsys):
    save(stamped, new_notebook(cells=[]), "attention")
    assert "attention.ipynb has no solutions/attention.py" in fault(stamped, capsys)


def test_check_and_force_exclude_each_other(stamped, capsys):
    with pytest.raises(SystemExit):
        notebooks.main(["--check", "--force"], stamped)
    assert "not allowed with" in capsys.readouterr().err


# Recorded checks


@pytest.fixture
def recording(stamped, monkeypatch):
    """A course of one exercise whose checks were recorded; the path of the record."""
    monkeypatch.setattr(notebooks, "EXERCISES", {"lstm_step": EXERCISES["lstm_step"]})
    assert notebooks.main(["--check"], stamped) == 1
    assert notebooks.main([], stamped) == 0
    return stamped / "unrolled" / "expected" / "lstm_step.json"


def test_what_is_recorded_is_what_the_package_ships(recording):
    shipped = notebooks.COURSE / "unrolled" / "expected" / "lstm_step.json"
    assert notebooks.recording.agree(recording.read_text(), shipped.read_text())
    assert [len(recorded.cases("lstm_step", p)) for p in ("values", "edges", "rules")] == [3, 7, 1]


def test_a_record_holds_one_case_a_line(recording):
    lines = recording.read_text().splitlines()
    assert sum(line.startswith('{"label"') for line in lines) == 11


def nudged(value, by):
    """A JSON value whose floats are a little larger."""
    if isinstance(value, dict):
        return {k: nudged(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [nudged(v, by) for v in value]
    return value + by if isinstance(value, float) else value


def test_rounding_of_another_cpu_is_not_stale(recording, capsys):
    other = json.dumps(nudged(json.loads(recording.read_text()), 1e-7))
    recording.write_text(other)
    course = recording.parents[2]
    assert notebooks.main(["--check"], course) == 0
    assert notebooks.main([], course) == 0
    assert recording.read_text() == other


@pytest.mark.parametrize("by", [1e-3, "text", "shorter"])
def test_a_changed_record_is_stale_and_is_written_anew(recording, capsys, by):
    right = recording.read_text()
    if by == "text":
        recording.write_text("{")
    elif by == "shorter":
        found = json.loads(right)
        del found["values"][0]
        recording.write_text(json.dumps(found))
    else:
        recording.write_text(json.dumps(nudged(json.loads(right), by)))
    course = recording.parents[2]
    capsys.readouterr()
    assert notebooks.main(["--check"], course) == 1
    assert "lstm_step.json is stale; run: make notebooks" in capsys.readouterr().err
    assert notebooks.main([], course) == 0
    assert recording.read_text() == right


def test_a_reference_that_raises_is_not_recorded(tmp_path):
    def rnn_step(x, h, Wx, Wh, b):
        raise ZeroDivisionError("oh")

    with pytest.raises(notebooks.Fault, match="rnn_step raised ZeroDivisionError: oh; mend it"):
        notebooks.plan_expected(tmp_path / "a.json", EXERCISES["rnn_step"], rnn_step)


def test_an_exercise_without_a_reference_is_named(tmp_path):
    with pytest.raises(notebooks.Fault, match=r"solutions/basic_cell.py has no rnn_step; add it"):
        notebooks.plan_expected(tmp_path / "a.json", EXERCISES["rnn_step"], None)
