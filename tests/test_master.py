"""Rebuilding: whatever was handed in, the checks are the master's, the answers the student's."""

import json
import random
import re

import nbformat
import pytest
from conftest import LESSON, ROOT, answered, cell_of
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder import master as module
from autograder.errors import CourseError, SubmissionError
from autograder.master import Master, read_notebook

ANSWER = "def sigmoid(x):\n    return 'mine'"
OTHER = "def sigmoid(x):\n    return 'other'"


def plain(notebook):
    """The notebook as a tree that a test may damage."""
    return json.loads(json.dumps(notebook))


def sources(cells, role):
    return [c.node.source for c in cells if c.role == role]


def by_name(cells, name):
    return next(c for c in cells if c.name == name)


def named(tree, name):
    return next(
        c for c in tree["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def rebuild(master, tree):
    """Rebuild, and hold what must always be so."""
    cells = master.rebuild(nbformat.from_dict(tree))
    ours = [c for c in cells if c.role != "extra"]
    for original, cell in zip(master.cells, ours, strict=True):
        assert (cell.role, cell.name, cell.points) == (
            original.role,
            original.name,
            original.points,
        )
        assert cell.node.metadata == original.node.metadata
        assert cell.node.cell_type == original.node.cell_type
        if cell.role in ("check", "locked", "experiment"):
            assert cell.node.source == original.node.source
    for cell in cells:
        if cell.role == "extra":
            assert cell.name is None and cell.points == 0
            assert set(cell.node.metadata) == set()
    nbformat.validate(new_notebook(cells=[c.node for c in cells]))
    return cells


@pytest.fixture
def tree(released):
    return plain(released)


def test_a_release_handed_in_as_it_is_has_no_answer_and_nothing_extra(master, tree):
    cells = rebuild(master, tree)
    assert [c.name for c in cells if c.answered and c.role in ("answer", "manual")] == []
    assert sources(cells, "extra") == []
    assert len(cells) == len(master.cells)


def test_the_instructors_notebook_gives_every_answer(master, right):
    cells = rebuild(master, plain(right))
    assert all(c.answered for c in cells)
    assert sources(cells, "extra") == []


def test_the_hidden_tests_are_in_the_master_and_the_solutions_are_not(master):
    text = "\n".join(c.node.source for c in master.cells)
    assert "BEGIN HIDDEN TESTS" in text
    assert "BEGIN SOLUTION" not in text and "0.5 * (1.0 + np.tanh" not in text
    assert "judge.run" not in "\n".join(c.node.source for c in master.without_hidden_tests().cells)


@pytest.mark.parametrize("where", [0, 5, -1])
def test_of_several_copies_the_last_changed_one_is_the_answer_and_the_others_stay_as_extra_cells(
    master, tree, where
):
    answer = named(tree, "sigmoid")
    copy = json.loads(json.dumps(answer)) | {"id": "a-copy", "source": ANSWER}
    answer["source"] = OTHER
    tree["cells"].insert(where if where >= 0 else len(tree["cells"]), copy)
    cells = rebuild(master, tree)
    last, first = (ANSWER, OTHER) if where == -1 else (OTHER, ANSWER)
    assert by_name(cells, "sigmoid").node.source == last
    assert sources(cells, "extra") == [first]


def test_an_unchanged_copy_is_never_the_answer(master, tree):
    answer = named(tree, "sigmoid")
    tree["cells"].append(json.loads(json.dumps(answer)) | {"id": "a-copy"})
    answer["source"] = ANSWER
    cells = rebuild(master, tree)
    assert by_name(cells, "sigmoid").node.source == ANSWER
    assert sources(cells, "extra") == []


def test_a_deleted_cell_is_the_masters_again(master, tree):
    for name in ("sigmoid-values", "setup", "lstm_step"):
        tree["cells"].remove(named(tree, name))
    cells = rebuild(master, tree)
    assert not by_name(cells, "lstm_step").answered


def test_a_check_or_locked_cell_that_was_changed_is_the_masters_again(master, tree):
    named(tree, "setup")["source"] = "import evil"
    named(tree, "sigmoid-values")["source"] = "pass"
    rebuild(master, tree)


def test_moved_cells_return_to_their_places(master, right):
    tree = plain(right)
    random.Random(3).shuffle(tree["cells"])
    cells = rebuild(master, tree)
    assert all(c.answered for c in cells)
    assert sources(cells, "extra") == []


def test_a_plain_cell_keeps_what_the_student_changed_in_it(master, tree):
    cell = next(c for c in tree["cells"] if c["id"] == "gate-run")
    cell["source"] = "print('mine')"
    cells = rebuild(master, tree)
    assert "print('mine')" in sources(cells, "plain")
    assert sources(cells, "extra") == []


def test_an_experiment_is_the_masters_and_is_not_run(master, tree):
    cell = next(c for c in tree["cells"] if "experiment" in c["metadata"].get("tags", []))
    cell["source"] = "print('mine')"
    cells = rebuild(master, tree)
    assert not any(c.runs for c in cells if c.role == "experiment")


def test_tagging_a_cell_as_an_experiment_changes_nothing(master, right):
    tree = plain(right)
    for cell in tree["cells"]:
        cell["metadata"]["tags"] = ["experiment"]
    assert [c.role for c in rebuild(master, tree)] == [c.role for c in master.cells]


def test_a_students_own_cell_stays_behind_the_cell_before_it(master, tree):
    at = tree["cells"].index(named(tree, "sigmoid"))
    tree["cells"].insert(at + 1, plain(new_notebook(cells=[new_code_cell("a = 1")]))["cells"][0])
    tree["cells"].insert(at + 2, plain(new_notebook(cells=[new_markdown_cell("# b")]))["cells"][0])
    tree["cells"].insert(0, plain(new_notebook(cells=[new_code_cell("c = 1")]))["cells"][0])
    cells = rebuild(master, tree)
    assert cells[0].node.source == "c = 1"
    here = cells.index(by_name(cells, "sigmoid"))
    assert [c.node.source for c in cells[here + 1 : here + 3]] == ["a = 1", "# b"]
    assert [c.node.cell_type for c in cells[here + 1 : here + 3]] == ["code", "markdown"]


FORGERIES = {
    "points": {"points": 10**6},
    "negative points": {"points": -5},
    "no grade": {"grade": False},
    "all of it": {"grade": True, "solution": True, "locked": False, "task": True, "points": 99},
    "schema": {"schema_version": 99},
    "cell type": {"cell_type": "markdown"},
    "weird": {"points": "many", "grade": [], "solution": {}, "locked": None, "checksum": 7},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_metadata_is_not_read(master, right, name):
    tree = plain(right)
    for cell in tree["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"].update(FORGERIES[name])
    cells = rebuild(master, tree)
    assert all(c.answered for c in cells if c.role == "answer")


def test_an_answer_that_takes_the_name_of_a_check_is_nowhere(master, tree):
    named(tree, "sigmoid")["metadata"]["nbgrader"]["grade_id"] = "sigmoid-values"
    cells = rebuild(master, tree)
    assert not by_name(cells, "sigmoid").answered


def test_two_answers_that_exchange_their_names_are_taken_by_name(master, right):
    tree = plain(right)
    first, second = named(tree, "sigmoid"), named(tree, "lstm_step")
    first["metadata"]["nbgrader"]["grade_id"] = "lstm_step"
    second["metadata"]["nbgrader"]["grade_id"] = "sigmoid"
    cells = rebuild(master, tree)
    assert by_name(cells, "sigmoid").node.source.startswith("def lstm_step")


@pytest.mark.parametrize("name", ["sigmoid", "question_gates"])
def test_a_cell_of_another_type_counts_by_its_name_and_is_of_the_masters_type(master, tree, name):
    cell = named(tree, name)
    cell["source"] = "mine"
    cell["cell_type"] = "raw" if cell["cell_type"] == "code" else "code"
    assert by_name(rebuild(master, tree), name).node.source == "mine"


def test_windows_line_ends_lists_of_lines_and_outputs_make_no_difference(master, right):
    tree, expected = plain(right), rebuild(master, plain(right))
    for cell in tree["cells"]:
        text = "".join(cell["source"])
        cell["source"] = text.replace("\n", "\r\n").splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
            cell["execution_count"] = 7
    got = rebuild(master, tree)
    assert [c.node.source for c in got] == [c.node.source for c in expected]
    assert all(c.node.outputs == [] for c in got if c.node.cell_type == "code")


def test_without_any_cell_id_the_answers_are_there_and_nothing_runs_twice(master, right):
    tree = plain(right)
    for cell in tree["cells"]:
        del cell["id"]
    tree["nbformat_minor"] = 4
    cells = rebuild(master, read_notebook(json.dumps(tree).encode()))
    assert all(c.answered for c in cells)
    assert sources(cells, "extra") == []


def test_a_notebook_of_version_3_gives_its_cells(master, right):
    old = nbformat.writes(nbformat.convert(nbformat.from_dict(plain(right)), 3), version=3)
    assert '"worksheets"' in old
    cells = rebuild(master, read_notebook(old.encode()))
    assert all(c.answered for c in cells)
    assert sources(cells, "extra") == []


WEIRD = [None, 0, "text", [], {}, [[]], {"a": 1}, True, 1.5, "\ud800", "x" * 1000]


def test_three_hundred_damaged_notebooks_rebuild_without_an_exception(master, right):
    rng = random.Random(20260302)
    for _ in range(300):
        tree = plain(right)
        for _ in range(rng.randint(1, 8)):
            cells = tree.get("cells")
            if not isinstance(cells, list) or not cells:
                break
            spot = rng.randrange(len(cells))
            cell = cells[spot]
            how = rng.randrange(7)
            if how == 0 or not isinstance(cell, dict):
                cells[spot] = rng.choice(WEIRD)
            elif how == 1:
                cell[rng.choice(["source", "metadata", "cell_type", "id", "outputs"])] = rng.choice(
                    WEIRD
                )
            elif how == 2:
                cell.pop(rng.choice([*cell]), None) if cell else None
            elif how == 3 and isinstance(cell.get("metadata"), dict):
                cell["metadata"]["nbgrader"] = rng.choice(WEIRD)
            elif how == 4 and isinstance(cell.get("metadata"), dict):
                meta = cell["metadata"].get("nbgrader")
                if isinstance(meta, dict):
                    meta["grade_id"] = rng.choice([*WEIRD, "sigmoid", "sigmoid-values", "setup"])
            elif how == 5:
                cells.append(json.loads(json.dumps(cell)))
            else:
                rng.shuffle(cells)
        rebuild(master, tree)


@pytest.mark.parametrize("cells", WEIRD, ids=repr)
def test_cells_that_are_no_list_are_no_cells(master, cells):
    rebuild(master, {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


BAD_FILES = {
    b"": "the file is empty",
    b" \n\t ": "the file is empty",
    b"\xff\xfe\x00{": "not text in UTF-8",
    b"\x89PNG\r\n\x1a\n": "not text in UTF-8",
    b"print('hello')": r"not JSON \(line 1\)",
    b'{"cells": [\n{"a": 1},\n': r"not JSON \(line 3\)",
    b"[" * 200_000: "not JSON",
    b"[]": "JSON but not a Jupyter notebook",
    b"7": "JSON but not a Jupyter notebook",
    b'{"nbformat": "4"}': "JSON but not a Jupyter notebook",
    b'{"nbformat": 4}': "has no list of cells",
    b'{"nbformat": 4, "cells": {}}': "has no list of cells",
    b'{"nbformat": 3}': "version 3 and cannot be read",
    b'{"nbformat": 2, "worksheets": 1}': "version 2 and cannot be read",
    b'{"nbformat": -1}': "version -1 and cannot be read",
    b'{"nbformat": 4, "cells": [' + b"1," * 2000 + b"1]}": "has 2001 cells; expected at most 2000",
    b" " * (20 * 2**20) + b"{}": "20 MiB; expected a notebook of at most 20 MiB",
}


@pytest.mark.parametrize("data", BAD_FILES, ids=lambda d: repr(d[:20]))
def test_a_file_that_is_no_notebook_is_refused_in_one_line_that_says_what_it_is(data):
    with pytest.raises(SubmissionError, match=BAD_FILES[data]) as refused:
        read_notebook(data)
    assert "\n" not in str(refused.value)


def test_a_byte_order_mark_makes_no_difference(right):
    data = nbformat.writes(right).encode()
    assert read_notebook(b"\xef\xbb\xbf" + data) == read_notebook(data)


def test_a_notebook_of_a_later_version_is_read_for_its_cells(master, right):
    tree = plain(right) | {"nbformat": 5, "nbformat_minor": 0}
    cells = rebuild(master, read_notebook(json.dumps(tree).encode()))
    assert all(c.answered for c in cells)


def test_a_source_that_is_no_notebook_is_an_error_of_the_course(tmp_path):
    path = tmp_path / "x.ipynb"
    for text in ("", "{}", "nonsense"):
        path.write_text(text)
        with pytest.raises(CourseError, match="the notebook of lesson x at") as refused:
            Master.load(path, "x")
        assert "\n" not in str(refused.value)
    with pytest.raises(CourseError, match="No such file"):
        Master.load(tmp_path / "absent.ipynb", "x")


def test_the_source_in_the_repository_is_a_master_with_every_role():
    path = ROOT / "course" / "source" / LESSON / f"{LESSON}.ipynb"
    roles = {c.role for c in Master.load(path, LESSON).cells}
    assert roles == {"answer", "check", "manual", "locked", "plain", "experiment"}


def test_the_answer_of_another_notebook_is_an_answer_too(master, released):
    # Whoever copies shows up elsewhere; a rebuild reads answers by name and nothing else.
    copied = answered(released, sigmoid=ANSWER)
    small = new_notebook(cells=[cell_of(copied, "sigmoid")])
    assert by_name(rebuild(master, plain(small)), "sigmoid").node.source == ANSWER


def test_limits_of_size_are_generous_for_honest_notebooks(released):
    assert len(nbformat.writes(released)) * 20 < module.MAX_NOTEBOOK_BYTES
    assert len(released.cells) * 20 < module.MAX_CELLS


def test_a_run_of_blank_lines_is_emptied_and_a_cell_beyond_measure_is_left_out(master, released):
    blanks = "def sigmoid(x):\n" + " \n\t\n" * 50_000 + "    return x"
    cells = master.rebuild(answered(released, sigmoid=blanks, lstm_step="x = 1\n" * 10_000))
    texts = {c.name: c.node.source for c in cells}
    assert "Left out: this cell has" in texts["sigmoid"]
    assert texts["lstm_step"].startswith("# Left out: this cell has 60000 characters; expected")
    cells = master.rebuild(answered(released, sigmoid=blanks[:40_000]))
    assert set(by_name(cells, "sigmoid").node.source.split("\n")[1:]) == {""}


def test_cells_of_ones_own_are_kept_to_a_limit(master, released):
    notebook = nbformat.from_dict(released)
    notebook.cells += [new_code_cell(f"x = {n}\n" + "y = 1\n" * 5000) for n in range(10)]
    added = [c.node.source for c in master.rebuild(notebook) if c.role == "extra"]
    assert len(added) == 10
    assert sum(map(len, added)) < 201_000
    assert added[-1] == "# Left out: cells of your own have over 200000 characters."


@pytest.mark.parametrize("level", [10**9, -1, "x", None, [], 1.5])
def test_a_heading_of_version_3_has_six_levels_at_most(level):
    cell = {"cell_type": "heading", "level": level, "source": "x", "metadata": {}}
    tree = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    (read,) = read_notebook(json.dumps(tree).encode()).cells
    assert re.fullmatch("#{1,6} x", read.source)


def test_a_notebook_of_another_lesson_is_told_so(base, master, released):
    master.require_answers(released)
    path = base.path("release", ".", "basic_cell") / "basic_cell.ipynb"
    with pytest.raises(SubmissionError, match="none of the answer cells of lstm_cell"):
        master.require_answers(nbformat.read(path, as_version=4))
