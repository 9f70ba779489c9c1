"""The lessons as an author leaves them and as a student runs them."""

import importlib
import inspect
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from unrolled import kernels, plots
from unrolled.checks import EXERCISES

ROOT = Path(__file__).resolve().parent.parent
LESSONS = {
    "orientation": ("numerical_gradient", "relative_error"),
    "basic_cell": ("rnn_step", "rnn_forward", "BasicRNNCell"),
    "through_time": (
        *("rnn_step_backward", "rnn_backward", "jacobian_norms"),
        *("recurrent_matrix", "layer_norm_rnn_step"),
    ),
    "clipping": ("clip_by_value", "clip_by_norm", "clip_by_global_norm", "clipped_train_step"),
    "truncation": ("stream_batches", "truncated_bptt", "tbptt_train_step", "multires_window"),
    "lstm_cell": (
        *("sigmoid", "lstm_step", "lstm_forward", "lstm_step_backward", "lstm_backward"),
        *("BasicLSTMCell", "to_keras_lstm", "memory_kept"),
    ),
    "lstm_variants": (
        *("peephole_lstm_step", "projected_lstm_step", "stacked_lstm_step"),
        *("lstm_param_count", "gru_step"),
    ),
    "long_memory": (
        *("adding_batch", "influence_by_position", "sample_text", "build_model", "train"),
    ),
}
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
CLAIMS = {lesson: importlib.import_module(f"claims.{lesson}").CLAIMS for lesson in LESSONS}
SEEDED = {
    lesson: getattr(importlib.import_module(f"claims.{lesson}"), "ON_OTHER_SEEDS", [])
    for lesson in LESSONS
}


def path_of(lesson):
    return ROOT / "course" / "source" / lesson / f"{lesson}.ipynb"


def load(lesson):
    return nbformat.read(path_of(lesson), as_version=nbformat.NO_CONVERT)


def graded(notebook):
    """The cells that earn points, by grade_id."""
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    return {c.metadata["nbgrader"]["grade_id"]: c for c in cells}


def answers(notebook):
    """The grade_ids of the answer cells, in their order."""
    settings = [c.metadata.get("nbgrader", {}) for c in notebook.cells if c.cell_type == "code"]
    return tuple(s["grade_id"] for s in settings if s.get("solution"))


def tagged(notebook, tag):
    return [c for c in notebook.cells if tag in c.metadata.get("tags", ())]


def prose(notebook):
    """All plain markdown as one line of words."""
    cells = [c for c in notebook.cells if c.cell_type == "markdown"]
    return " ".join(" ".join(c.source for c in cells if "nbgrader" not in c.metadata).split())


def points(notebook):
    """Points by exercise; the question in words is called "question"."""
    found = {}
    for grade_id, cell in graded(notebook).items():
        name = "question" if cell.cell_type == "markdown" else grade_id.rpartition("-")[0]
        found[name] = found.get(name, 0) + cell.metadata["nbgrader"]["points"]
    return found


# With pytest-xdist one process runs a lesson's tests; any runs its notebook on a further seed.
@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in LESSONS]
)
def lesson(request):
    return request.param


@pytest.fixture
def notebook(lesson):
    return load(lesson)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to run in, and before all other kernels those of this Python."""
    kernels.register(prefix=str(tmp_path / "kernels"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "kernels" / "share" / "jupyter"))
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_every_notebook_of_the_course_is_a_lesson_that_these_tests_know():
    assert {p.parent.name for p in (ROOT / "course" / "source").glob("*/*.ipynb")} == set(LESSONS)


def test_the_points_of_a_lesson_add_to_100(notebook):
    assert sum(points(notebook).values()) == 100


def test_the_answer_cells_are_the_exercises_of_the_curriculum_in_its_order(lesson, notebook):
    assert answers(notebook) == LESSONS[lesson]


def test_each_property_of_an_exercise_has_one_check_after_its_answer(lesson, notebook):
    order = [c.metadata.get("nbgrader", {}).get("grade_id") for c in notebook.cells]
    for name in LESSONS[lesson]:
        first = order.index(name)
        wanted = [f"{name}-{prop}" for prop in EXERCISES[name].properties]
        assert [g for g in order if g and g.rpartition("-")[0] == name] == wanted
        assert all(order.index(grade_id) > first for grade_id in wanted)


def test_a_check_says_its_points_first_then_asks_the_same_of_checks_and_judge(lesson, notebook):
    for name in LESSONS[lesson]:
        earlier = "".join(f", {other}={other}" for other in EXERCISES[name].builds_on)
        for prop in EXERCISES[name].properties:
            cell = graded(notebook)[f"{name}-{prop}"]
            call = f'run("{name}", "{prop}", {name}{earlier})'
            worth = cell.metadata["nbgrader"]["points"]
            first, *rest = cell.source.splitlines()
            unit = "point" if worth == 1 else "points"
            assert re.fullmatch(rf"# Check, {worth} {unit}: .+\.", first)
            assert rest == [
                f"checks.{call}",
                "### BEGIN HIDDEN TESTS",
                "from autograder import judge",
                "",
                f"judge.{call}",
                "### END HIDDEN TESTS",
            ]


def test_what_a_student_may_not_edit_is_locked_and_the_rest_is_not(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            settings = cell.metadata["nbgrader"]
            assert settings["schema_version"] == 3 and settings["task"] is False
            assert settings["locked"] is not settings["solution"]


def test_each_answer_withholds_something(lesson, notebook):
    cells = [c for c in notebook.cells if "### BEGIN SOLUTION" in c.source]
    assert len(cells) == len(LESSONS[lesson])
    assert all(
        c.source.count("### BEGIN SOLUTION") == c.source.count("### END SOLUTION") for c in cells
    )


def test_a_lesson_asks_for_words_for_a_prediction_and_for_an_experiment(notebook):
    kinds = [cell.cell_type for cell in graded(notebook).values()]
    assert kinds.count("markdown") >= 1
    assert tagged(notebook, "experiment")
    for prediction in tagged(notebook, "prediction"):
        after = notebook.cells[notebook.cells.index(prediction) + 1]
        assert "experiment" in after.metadata.tags
    assert tagged(notebook, "prediction")


def test_each_idea_ends_in_a_takeaway_and_each_exercise_names_its_points(lesson, notebook):
    text = prose(notebook)
    ideas = re.findall(r"^## (.+)$", "\n".join(c.source for c in notebook.cells), re.MULTILINE)
    assert ideas[-2:] == ["What remains unsolved", "Sources"]
    assert text.count("**Takeaway.**") == len(ideas) - 2
    worth = points(notebook)
    for name in LESSONS[lesson]:
        assert f"**Exercise `{name}` ({worth[name]} points).**" in text
        assert f"| `{name}` |" in text
    assert f"**Question ({worth['question']} points, graded by hand).**" in text


def test_a_lesson_installs_nothing_and_has_one_import_cell_and_no_html(notebook):
    code = [c for c in notebook.cells if c.cell_type == "code"]
    shown = [c for c in code if "BEGIN HIDDEN TESTS" not in c.source]
    imports = [c for c in shown if re.search(r"^\s*(import|from) ", c.source, re.MULTILINE)]
    assert [c.metadata.nbgrader.grade_id for c in imports] == ["setup"]
    for cell in notebook.cells:
        assert not re.search(r"pip install|sys\.path|^\s*[!%]", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown":
            assert not re.search(r"</?[a-z]+[^>]*>", cell.source)


def test_a_lesson_pins_the_course_kernel_and_keeps_no_output(notebook):
    assert notebook.metadata.kernelspec == {
        "display_name": "Unrolled (CPU)",
        "language": "python",
        "name": "unrolled-cpu",
    }
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]{3,63}", cell.id)
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_the_syllabus_lists_each_lesson_with_its_exercises_points_and_minutes():
    text = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (\d+) \| (\d+) \| .+ \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == list(LESSONS)
    for lesson, exercises, total, minutes in rows:
        notebook = load(lesson)
        told = {}
        for item in exercises.split(", "):
            name, worth = item.rsplit(" ", 1)
            told[name.strip("`")] = int(worth)
        assert told == points(notebook)
        assert int(total) == sum(told.values())
        assert f"About {minutes} minutes; {total} points." in prose(notebook)


def test_the_syllabus_and_a_lesson_name_the_same_earlier_lessons():
    text = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
    for lesson, needs in re.findall(r"^\| `(\w+)` .* \| (.+) \|$", text, re.MULTILINE):
        first = load(lesson).cells[0].source.split("| exercise |")[0]
        told = [name for name in LESSONS if f"`{name}`" in first]
        assert [name for name in LESSONS if f"`{name}`" in needs] == told, lesson


def test_every_kind_of_figure_is_drawn_in_some_lesson():
    code = "".join(cell.source for lesson in LESSONS for cell in load(lesson).cells)
    kinds = [n for n, f in inspect.getmembers(plots, inspect.isfunction) if n[0] != "_"]
    drawn_here = [n for n in kinds if getattr(plots, n).__module__ == plots.__name__]
    assert [name for name in drawn_here if f"plots.{name}(" not in code] == []


def test_the_numbers_that_the_tests_verify_stand_in_the_prose(lesson, notebook):
    text = prose(notebook)
    assert [words for words, _ in CLAIMS[lesson] if words not in text] == []


@pytest.mark.slow
def test_a_lesson_runs_to_its_end_and_what_its_prose_says_is_true(lesson, notebook, folder):
    ran = run(notebook, CLAIMS[lesson], folder)
    outputs = [(cell.id, output) for cell in ran.cells for output in cell.get("outputs", ())]
    assert [i for i, o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []
    passed = [i for i, o in outputs if "passed" in o.get("text", "")]
    assert len(passed) == len(graded(notebook)) - 1
    shown = [o.data.keys() for _, o in outputs if "data" in o]
    assert all(k & {"image/png", "application/vnd.jupyter.widget-view+json"} for k in shown)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lesson", "seed"),
    [
        pytest.param(lesson, seed, marks=pytest.mark.xdist_group(f"{lesson}, seed {seed}"))
        for lesson, claims in SEEDED.items()
        for seed in (1, 2)
        if claims
    ],
)
def test_what_a_lesson_shows_of_its_source_holds_on_other_seeds(lesson, seed, folder):
    notebook = load(lesson)
    notebook.cells = [c for c in notebook.cells if c.cell_type == "code"]
    kept = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")]
    (setup,) = [c for c in kept if c.metadata.get("nbgrader", {}).get("grade_id") == "setup"]
    setup.source, found = re.subn(r"^SEED = 0$", f"SEED = {seed}", setup.source, flags=re.MULTILINE)
    assert found == 1
    notebook.cells = kept
    run(notebook, [claim[1:] for claim in SEEDED[lesson]], folder)


def test_each_claim_of_the_source_is_tested_on_other_seeds_and_stands_in_the_prose():
    claims = [(lesson, *claim) for lesson, found in SEEDED.items() for claim in found]
    assert {number for _, number, _, _ in claims} == set(range(1, 11))
    assert [words for lesson, _, words, _ in claims if words not in prose(load(lesson))] == []


@pytest.mark.slow
def test_the_cells_after_an_empty_answer_say_that_it_is_empty(lesson, notebook, folder):
    for cell in notebook.cells:
        cell.source = re.sub(
            r"### BEGIN SOLUTION.*?### END SOLUTION",
            "raise NotImplementedError()",
            cell.source,
            flags=re.DOTALL,
        )
    ran = run(notebook, [], folder, allow_errors=True)
    for name in LESSONS[lesson]:
        for prop in EXERCISES[name].properties:
            (output,) = graded(ran)[f"{name}-{prop}"].outputs
            assert output.evalue.startswith(f"{name} is not answered yet")


def run(notebook, claims, folder, **settings):
    """Run what a student runs, in the course's CPU kernel of this Python, then the claims."""
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", cell.source)
    for words, expression in claims:
        source = f"assert {expression}, {words!r}"
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=f"claim-{len(notebook.cells)}"))
    client = NotebookClient(
        notebook,
        kernel_name="unrolled-cpu",
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
        **settings,
    )
    return client.execute()
