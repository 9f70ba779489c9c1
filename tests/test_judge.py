"""Marks, reasons and hints: what the judge says of right, wrong, empty and endless answers."""

import inspect
import json
import subprocess
import sys
import textwrap

import nbformat
import pytest
from conftest import (
    LESSON,
    LEVELS,
    ROOT,
    SHORT,
    InProcess,
    answered,
    cell_of,
    environment,
)
from nbformat.v4 import new_code_cell, new_notebook

from autograder import judge, wire
from autograder.errors import CourseError, IsolationError
from autograder.judge import grade_notebook
from autograder.master import Master
from autograder.sandbox import Sandbox
from solutions import lstm_cell, mistakes

pytestmark = pytest.mark.skipif(
    not LEVELS, reason="this host cannot confine; see autograder doctor"
)

STEP = """
def lstm_step(x, h, c, Wx, Wh, b):
    {blocks} = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c
"""
WRONG_STEP = STEP.format(blocks="zf, zi, zg, zo")
FORWARD = """
def lstm_forward(xs, h0, c0, Wx, Wh, b):
    batch, steps, _ = xs.shape
    hs = np.empty((batch, steps, h0.shape[1]))
    cs = np.empty_like(hs)
    h, c = h0, c0
    for t in range(steps):
        h, c = lstm_step(xs[:, t], h, c, Wx, Wh, b)
        {then}
        hs[:, t], cs[:, t] = h, c
    return hs, cs
"""


def marks(verdicts):
    return {v.name: v.score for v in verdicts.automatic}


def verdict(verdicts, name):
    return next(v for v in verdicts.exercises if v.name == name)


@pytest.fixture(scope="session")
def most(master):
    """The most marks of each exercise and of each check."""
    found = {c.name: c.points for c in master.cells if c.role == "check"}
    for name in master.answers:
        found[name] = sum(p for n, p in found.items() if n.split("-")[0] == name)
    return found


@pytest.mark.parametrize("seed", [0, 7, 2**53 - 1])
def test_the_instructors_answers_earn_full_marks_whatever_the_seed(
    quick, right, master, most, seed
):
    verdicts = quick(right, seed=seed)
    assert verdicts.full and verdicts.score == 90
    assert marks(verdicts) == {name: most[name] for name in master.answers}
    for one in verdicts.automatic:
        assert (one.status, one.reasons, one.hint) == ("passed", [], None)
        assert not one.follow_through


def test_the_release_as_handed_out_earns_nothing_and_says_so(lean, released):
    verdicts = lean(released)
    assert verdicts.score == 0 and verdicts.max_score == 90
    for one in verdicts.automatic:
        assert one.status == "missing"
        assert one.reasons == [f"{one.name} is not answered yet"]
        assert one.hint is None


def test_the_question_in_words_waits_for_a_person_and_is_not_in_the_score(grade, right, released):
    question = verdict(grade(right), "question_gates")
    assert (question.status, question.score, question.max_score) == ("manual", 0, 10)
    assert question.reasons == []
    assert verdict(grade(released), "question_gates").reasons == ["not answered"]


def test_the_same_seed_asks_and_says_the_same_and_another_asks_other_numbers(
    quick, right, monkeypatch
):
    # A slip that only fresh inputs show as numbers of their own.
    wrong = answered(right, lstm_step=WRONG_STEP + "\n# h' and c' from " + "exchanged gates")
    wrong = answered(
        wrong, sigmoid="def sigmoid(x):\n    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(x)) + 2e-5"
    )
    inputs = {}
    ask = InProcess.ask

    def listening(kernel, name, cases, substitutes=None):
        given = [wire.encode(c.arguments) for c in cases]
        inputs.setdefault(len(results), []).append((name, *given, str(substitutes)))
        return ask(kernel, name, cases, substitutes)

    monkeypatch.setattr(InProcess, "ask", listening)
    results = []
    for seed in (3, 3, 4):
        results.append(quick(wrong, seed=seed).as_dict())
    first, again, other = results
    first.pop("seconds"), again.pop("seconds")
    assert first == again
    assert other["seed"] == 4
    assert [e["score"] for e in other["exercises"]] == [e["score"] for e in first["exercises"]]
    assert inputs[0] == inputs[1]
    # Recorded inputs are the same for everybody; fresh ones are not.
    fresh = {name for name, *_ in set(inputs[0]) - set(inputs[2])}
    assert fresh == {e["name"] for e in first["exercises"]} - {"question_gates"}


def test_each_property_is_worth_marks_of_its_own(quick, right, most):
    overflowing = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
    one = verdict(quick(answered(right, sigmoid=overflowing)), "sigmoid")
    assert one.score == most["sigmoid"] - most["sigmoid-edges"]
    assert one.status == "failed"
    (reason,) = one.reasons
    assert "sigmoid overflows" in reason and "10000 in size" in reason
    known = {m.name: m.hint for m in mistakes.of("sigmoid")}
    assert one.hint == known["exponential of minus x"]


def test_the_first_step_that_departs_is_named(quick, right):
    late = FORWARD.format(then="c = c + (t == 5) * 0.1")
    one = verdict(quick(answered(right, lstm_forward=late)), "lstm_forward")
    # c is wrong after step 5; the outputs are compared in order, and h shows it a step later.
    assert "hs departs first at step t = 6" in one.reasons[0]
    assert "got" in one.reasons[0] and "expected" in one.reasons[0]


def test_the_first_unit_that_departs_is_named(quick, right):
    off = STEP.format(blocks="zi, zf, zg, zo") + "\n"
    off = off.replace("return ", "c[:, 1:2] += 0.01\n    return ")
    one = verdict(quick(answered(right, lstm_step=off)), "lstm_step")
    assert "first at row 0, unit 1" in one.reasons[0]


def test_a_known_mistake_is_met_with_its_hint_and_the_later_answer_with_follow_through(
    quick, right, most
):
    verdicts = quick(answered(right, lstm_step=WRONG_STEP))
    step, forward = verdict(verdicts, "lstm_step"), verdict(verdicts, "lstm_forward")
    assert step.status == "failed" and step.score < most["lstm_step"]
    assert step.hint in {m.hint for m in mistakes.of("lstm_step")}
    assert forward.score == most["lstm_forward"] and forward.status == "passed"
    assert forward.follow_through and not step.follow_through
    assert forward.reasons == [] and forward.hint is None


def test_a_step_on_a_wrong_sigmoid_follows_through_and_so_does_the_whole_sequence(
    quick, right, most
):
    wrong = "def sigmoid(x):\n    return 0.5 * (1.0 + np.tanh(np.asarray(x)))"
    verdicts = quick(answered(right, sigmoid=wrong))
    assert verdict(verdicts, "sigmoid").score < most["sigmoid"]
    for name in ("lstm_step", "lstm_forward"):
        assert verdict(verdicts, name).score == most[name]
    assert verdict(verdicts, "lstm_step").follow_through


def test_what_an_answer_computes_again_fits_the_substitute_that_it_is_asked_on(monkeypatch):
    path = ROOT / "course" / "source" / LESSON / f"{LESSON}.ipynb"
    whole = Master.load(path, LESSON)
    notebook = nbformat.from_dict(whole.notebook)
    wanted = ("setup", "sigmoid", "lstm_step_backward")
    notebook.cells = [
        c
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")[0] in wanted
    ]
    backward = inspect.getsource(lstm_cell.lstm_step_backward)
    again = backward.replace("np.tanh(c)", "np.tanh(f * c_prev + i * g)")
    assert again != backward
    handed_in = answered(
        notebook,
        sigmoid="def sigmoid(x):\n    return 0.5 * (1.0 + np.tanh(np.asarray(x)))",
        lstm_step_backward=again,
    )
    monkeypatch.setattr(judge, "Student", InProcess)
    small = Master(LESSON, notebook, whole.released)
    verdicts = grade_notebook(small, handed_in, seed=1, limits=SHORT).verdicts
    wrong, right = verdicts.automatic
    assert wrong.score < wrong.max_score
    assert right.score == right.max_score and right.follow_through


@pytest.mark.parametrize(
    "step",
    [
        "return np.zeros_like(h), np.zeros_like(c)",
        "return h, c",
        "return np.full_like(h, np.nan), c",
        "raise NotImplementedError()",
        "return None",
        "return np.ones((2, 2)), np.ones((2, 2))",
        "return np.tanh(x @ Wx[:, :h.shape[1]]), c",
        "h += 1; c *= 0.5; return h, c",
        "x[:] = 0; Wx[:] = 0; return np.tanh(h), c + x.sum()",
        "if h.shape[1] == 1: raise ValueError('odd')\n    return 2 * h, c",
    ],
)
def test_whatever_a_step_does_it_costs_a_right_sequence_nothing(quick, right, most, step):
    verdicts = quick(answered(right, lstm_step=f"def lstm_step(x, h, c, Wx, Wh, b):\n    {step}"))
    forward = verdict(verdicts, "lstm_forward")
    assert verdict(verdicts, "lstm_step").score < most["lstm_step"]
    assert forward.score == most["lstm_forward"] and forward.follow_through
    assert forward.status == "passed" and forward.reasons == [] and forward.hint is None


@pytest.mark.parametrize(
    "step",
    [
        "def lstm_step(*arguments):\n    while True: pass",
        "def lstm_step(*arguments):\n    import os; os._exit(0)",
        "def lstm_step(x, h:\n    pass",
        "",
    ],
    ids=["loops", "exits", "does not parse", "is gone"],
)
def test_a_step_that_ends_its_process_costs_itself_alone(lean, right, most, step):
    verdicts = lean(answered(right, lstm_step=step))
    assert verdict(verdicts, "lstm_step").score == 0
    forward = verdict(verdicts, "lstm_forward")
    assert forward.score == most["lstm_forward"] and forward.follow_through
    assert verdict(verdicts, "sigmoid").score == most["sigmoid"]


def test_a_sequence_that_changes_its_state_in_place_loses_that_alone(quick, right, most):
    late = FORWARD.format(then="h0 += t == steps - 1")
    for step in (cell_of(right, "lstm_step").source, WRONG_STEP):
        forward = verdict(quick(answered(right, lstm_step=step, lstm_forward=late)), "lstm_forward")
        assert forward.score == most["lstm_forward"] - most["lstm_forward-rules"]


def test_a_wrong_sequence_has_its_hint_on_a_wrong_step_too(quick, right):
    wrong = FORWARD.format(then="pass").replace("h, c = h0, c0", "h, c = 0 * h0, c0")
    hints = set()
    for step in (cell_of(right, "lstm_step").source, WRONG_STEP, "def lstm_step(*a): return None"):
        forward = verdict(
            quick(answered(right, lstm_step=step, lstm_forward=wrong)), "lstm_forward"
        )
        assert forward.score < 35 and not forward.follow_through
        hints.add(forward.hint)
    assert len(hints) == 1 and None not in hints


# Answers that work together: an earlier one made to bring a later one marks for nothing.
ASKED = """
import sys
def asked():
    frame = sys._getframe()
    while frame:
        if frame.f_code.co_name == "answer" and "request" in frame.f_locals:
            return len(frame.f_locals["request"]["cases"])
        frame = frame.f_back
"""
COLLUSION = {
    # How many cases a request has tells what it is for: to be checked, or as a reference's part.
    "knows how it is asked": {
        "sigmoid": ASKED
        + """
state = {"calls": 0, "step": False}
def sigmoid(x):
    if asked() == 1:
        state["calls"] += 1
        return np.full_like(x, (0.5, 0.0, 0.3)[(state["calls"] - 1) % 3])
    state["calls"] = 0
    if state["step"]:
        return 0.3 * np.asarray(x)
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))
""",
        "lstm_step": """
def lstm_step(x, h, c, Wx, Wh, b):
    state["step"] = True
    if asked() == 8:
        return h + x.sum(), c + x.sum() + h.sum()
    if asked() == 1:
        return 0.9 * h, 0.9 * c
    return 0.3 * np.tanh(0.5 * c), 0.5 * c
""",
    },
    # It moves only where the judge looks whether it moves: from a state of rest.
    "moves at rest alone": {
        "lstm_step": """
def lstm_step(x, h, c, Wx, Wh, b):
    rest = 0.0 if np.any(h) and np.any(c) else 0.1 * np.tanh(x.sum()) + 0.1 * np.tanh((c + h).sum())
    return 0.9 * h + rest, 0.9 * c + rest
""",
    },
    # Nothing recurs: what a step makes, the sequence makes at once.
    "has no loop": {
        "lstm_step": """
def lstm_step(x, h, c, Wx, Wh, b):
    h = h.copy()
    h[:, -1] = np.tanh(x.sum(1)) + Wx.sum() + Wh.sum() + b.sum()
    return h, c
""",
        "lstm_forward": """
def lstm_forward(xs, h0, c0, Wx, Wh, b):
    hs = np.repeat(h0[:, None], xs.shape[1], 1)
    hs[:, :, -1] = np.tanh(xs.sum(2)) + Wx.sum() + Wh.sum() + b.sum()
    return hs, np.repeat(c0[:, None], xs.shape[1], 1)
""",
    },
    # The sigmoid is one only while it is checked, and the step has no gates.
    "has no gates": {
        "sigmoid": ASKED
        + """
def sigmoid(x):
    x = np.asarray(x, float)
    return x if asked() == 4 else np.full(x.shape, 0.5)
""",
        "lstm_step": """
def lstm_step(x, h, c, Wx, Wh, b):
    n = h.shape[1]
    g = np.tanh((x @ Wx + h @ Wh + b)[:, 2 * n : 3 * n])
    return 0.5 * np.tanh(0.5 * (c + g)), 0.5 * (c + g)
""",
    },
    # It does one thing the first time and another when asked once more.
    "remembers": {
        "lstm_step": """
seen = []
def lstm_step(x, h, c, Wx, Wh, b):
    seen.append(None)
    if len(seen) < 200:
        return h + np.tanh(x.sum()), c + np.tanh(h.sum())
    return 0.9 * h, 0.9 * c
""",
    },
}
POWERS = """
def lstm_forward(xs, h0, c0, Wx, Wh, b):
    kept = (0.9 ** np.arange(1, xs.shape[1] + 1))[None, :, None]
    return h0[:, None] * kept, c0[:, None] * kept
"""


@pytest.mark.parametrize("how", COLLUSION)
def test_earlier_answers_that_are_made_for_it_bring_a_later_one_nothing(lean, released, most, how):
    made = answered(released, **{"lstm_forward": POWERS} | COLLUSION[how])
    verdicts = lean(made)
    # Whoever keeps the rules of a sequence has the marks for that; nothing else is to be had.
    assert verdict(verdicts, "lstm_forward").score in (0, most["lstm_forward-rules"])
    assert verdict(verdicts, "lstm_step").score <= most["lstm_step-rules"]
    assert not any(v.follow_through for v in verdicts.automatic)


def test_a_wrong_sequence_on_a_wrong_step_does_not_follow_through(quick, right):
    wrong = answered(
        right, lstm_step=WRONG_STEP, lstm_forward=FORWARD.format(then="c = np.zeros_like(c)")
    )
    forward = verdict(quick(wrong), "lstm_forward")
    assert not forward.follow_through
    assert forward.status == "failed" and forward.score < 35


def test_an_answer_that_is_right_by_itself_does_not_pay_for_a_wrong_earlier_one(quick, right, most):
    inline = cell_of(right, "lstm_step").source.replace("def lstm_step", "def _own_step")
    own = inline + "\n\n" + FORWARD.format(then="pass").replace("lstm_step(", "_own_step(")
    verdicts = quick(answered(right, lstm_step=WRONG_STEP, lstm_forward=own))
    forward = verdict(verdicts, "lstm_forward")
    assert forward.score == most["lstm_forward"] and not forward.follow_through


def test_an_endless_earlier_answer_costs_a_later_one_only_what_is_wrong_in_it(lean, right, most):
    endless = "def lstm_step(x, h, c, Wx, Wh, b):\n    while True: pass"
    inline = cell_of(right, "lstm_step").source.replace("def lstm_step", "def _own_step")
    wrong = inline.replace("zi, zf, zg, zo", "zf, zi, zg, zo")
    own = wrong + "\n\n" + FORWARD.format(then="pass").replace("lstm_step(", "_own_step(")
    verdicts = lean(answered(right, lstm_step=endless, lstm_forward=own))
    step, forward = verdict(verdicts, "lstm_step"), verdict(verdicts, "lstm_forward")
    assert step.status == "timeout"
    assert step.reasons == ["lstm_step ran longer than 5 s"]
    assert forward.status == "failed"
    assert forward.score == most["lstm_forward-rules"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return 1 / 0", "sigmoid raised ZeroDivisionError: division by zero"),
        ("return object()", "sigmoid raised TypeError: returned a object; expected"),
        ("return np.array([object()])", "sigmoid raised TypeError"),
        ("return 'passed'", "sigmoid has dtype <U6; expected real numbers"),
        ("return np.asarray(x) * np.nan", "got nan, expected"),
        ("return np.asarray(x) + np.inf", "got inf, expected"),
        ("return np.zeros(np.shape(x), complex)", "has dtype complex128"),
        ("return np.zeros((0,))", "sigmoid has shape (0,)"),
        ("return [[1, 2], [3]]", "is a list of unequal parts"),
        ("return {'value': 1}", "expected real numbers"),
        ("return True", "sigmoid has"),
        ("return [x] * 3", "returned a list of 3; expected sigmoid(x) alone"),
    ],
)
def test_a_value_that_is_no_answer_is_named_in_a_sentence(quick, right, most, body, reason):
    verdicts = quick(answered(right, sigmoid=f"def sigmoid(x):\n    {body}\n"))
    one = verdict(verdicts, "sigmoid")
    assert (one.status, one.score) == ("failed", 0)
    assert reason in one.reasons[0]
    assert "\n" not in one.reasons[0]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("while True: pass", "timeout", "sigmoid ran longer than 5 s"),
        ("import os; os._exit(0)", "crashed", "sigmoid ended the notebook's process (a crash,"),
        ("raise SystemExit('bye')", "failed crashed", "sigmoid"),
    ],
)
def test_an_answer_that_never_ends_or_ends_the_process_costs_itself_and_what_calls_it(
    lean, right, most, body, status, reason
):
    stubborn = answered(
        right,
        sigmoid=f"def sigmoid(x):\n    {body}\n",
        lstm_step="def sigmoid_(x):\n    return 0.5 + 0.5 * np.tanh(0.5 * x)\n"
        + STEP.format(blocks="zi, zf, zg, zo").replace("sigmoid(", "sigmoid_("),
    )
    verdicts = lean(stubborn)
    one = verdict(verdicts, "sigmoid")
    assert one.status in status.split() and one.score == 0
    assert reason in one.reasons[0]
    assert verdict(verdicts, "lstm_step").score == most["lstm_step"]
    assert verdict(verdicts, "lstm_forward").score == most["lstm_forward"]


@pytest.mark.parametrize(
    ("cell", "status", "reason"),
    [
        ("def sigmoid(x:\n    pass", "failed", "is not defined: its cell raised SyntaxError"),
        ("while True: pass", "timeout", "is not defined: its cell ran longer than"),
        ("import os; os._exit(0)", "crashed", "is not defined: its cell ended the notebook's"),
        ("sigmoid = 0.5", "failed", "sigmoid raised TypeError: 'float' object is not callable"),
        ("def sigmoid(): return 0.5", "failed", "takes 0 positional arguments but 1 was given"),
    ],
)
def test_a_cell_that_fails_costs_its_exercise_alone(lean, right, most, cell, status, reason):
    independent = answered(
        right,
        sigmoid=cell,
        lstm_step="def sigmoid_(x):\n    return 0.5 + 0.5 * np.tanh(0.5 * x)\n"
        + STEP.format(blocks="zi, zf, zg, zo").replace("sigmoid(", "sigmoid_("),
    )
    verdicts = lean(independent)
    one = verdict(verdicts, "sigmoid")
    assert one.status == status and one.score == 0
    assert any(reason in r for r in one.reasons), one.reasons
    assert verdict(verdicts, "lstm_step").score == most["lstm_step"]
    assert verdict(verdicts, "lstm_forward").score == most["lstm_forward"]


def test_a_right_answer_that_prints_warns_and_plots_keeps_its_marks(lean, right):
    noisy = (
        "import sys, warnings\nimport matplotlib.pyplot as plt\n"
        "def sigmoid(x):\n"
        "    print('x is', x); print('careful', file=sys.stderr); warnings.warn('noise')\n"
        "    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))\n"
        "print('loaded', file=sys.stderr)\n"
        "plt.plot(sigmoid(np.linspace(-3, 3, 9)))\n"
    )
    assert lean(answered(right, sigmoid=noisy)).full


def test_outputs_are_kept_to_a_limit_for_the_notebook_and_the_rest_is_named(master, right):
    show = (
        "from IPython.display import display\nimport base64\n"
        "picture = base64.b64encode(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(1_400_000)).decode()\n"
        "for _ in range(2): display({'image/png': picture}, raw=True)"
    )
    notebook = nbformat.from_dict(right)
    notebook.cells[2:2] = [new_code_cell(show) for _ in range(6)]
    taken = grade_notebook(master, notebook, seed=1, limits=SHORT)
    assert taken.verdicts.full
    size = len(nbformat.writes(new_notebook(cells=[c.node for c in taken.cells])))
    assert size < 20 * 2**20
    shown = [c.node.outputs for c in taken.cells if c.node.source == show]
    assert shown[0][0].data["image/png"]
    assert shown[-1][0].text == "Not shown: the outputs of this notebook have over 16 MiB.\n"


def test_a_failure_of_the_host_is_not_a_students(lean, right, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    notebook = answered(right, sigmoid="import os; os._exit(0)")
    real = Sandbox.__post_init__
    made = []

    def second_time(box):
        made.append(box)
        return real(box) if len(made) == 1 else full()

    monkeypatch.setattr(Sandbox, "__post_init__", second_time)
    with pytest.raises(IsolationError, match=r"could not be started: .*No space left"):
        lean(notebook)


@pytest.mark.parametrize("how", ["In", "gc", "frames"])
def test_an_answer_that_looks_for_the_expected_values_finds_none(lean, right, most, how):
    search = {
        "In": "found = [a for a in globals().get('In', []) + list(globals().values())]",
        "gc": "import gc; found = [o for o in gc.get_objects() if type(o) is np.ndarray]",
        "frames": (
            "import sys\n"
            "    found, f = [], sys._getframe()\n"
            "    while f: found += [*f.f_locals.values(), *f.f_globals.values()]; f = f.f_back"
        ),
    }[how]
    # Whatever array in the process has the right shape is tried; only an expected one would do.
    thief = (
        "def sigmoid(x):\n"
        f"    {search}\n"
        "    for a in found:\n"
        "        if isinstance(a, np.ndarray) and a is not x and a.shape == np.shape(x) "
        "and a.dtype == float and ((a > 0) & (a < 1)).all(): return a\n"
        "    raise LookupError('nothing found')\n"
    )
    one = verdict(lean(answered(right, sigmoid=thief)), "sigmoid")
    assert one.score == 0
    assert "nothing found" in one.reasons[0] or "departs" in one.reasons[0]


def test_an_answer_that_learnt_the_visible_cases_by_heart_fails_on_fresh_ones(quick, right, most):
    # The recorded inputs and values are everybody's to read, also inside.
    learnt = (
        "from unrolled.checks import recorded\n"
        "def sigmoid(x):\n"
        "    for prop in ('values', 'edges'):\n"
        "        for case in recorded.cases('sigmoid', prop):\n"
        "            if np.array_equal(case.arguments[0], x): return case.want\n"
        "    return np.zeros(np.shape(x))\n"
    )
    one = verdict(quick(answered(right, sigmoid=learnt)), "sigmoid")
    assert one.score == 0
    assert quick(answered(right, sigmoid=learnt), visible_only=True).score > 0


def by_hand(check, points=3.0):
    """A lesson of one answer whose check an instructor wrote as assertions."""

    def meta(**kw):
        plain = {"grade": False, "solution": False, "locked": False, "task": False}
        return {"nbgrader": plain | {"schema_version": 3} | kw}

    cells = [
        new_code_cell("import numpy as np", metadata=meta(locked=True, grade_id="setup")),
        new_code_cell("", metadata=meta(solution=True, grade_id="double")),
        new_code_cell(
            textwrap.dedent(check),
            metadata=meta(grade=True, locked=True, grade_id="double-works", points=points),
        ),
    ]
    notebook = new_notebook(cells=cells)
    return Master("by_hand", notebook, {"setup": cells[0].source, "double": "", "double-works": ""})


CHECK = """
assert double(2) == 4, "double(2) should be 4"
### BEGIN HIDDEN TESTS
import math
for n in range(3):
    result = double(np.full(n, 1.5))
    assert isinstance(result, np.ndarray) and result.shape == (n,), f"shape for {n}"
    assert math.isclose(float(np.sum(result)), 3.0 * n)
### END HIDDEN TESTS
"""


@pytest.mark.parametrize(
    ("source", "score", "reason"),
    [
        ("def double(x): return x * 2", 3, None),
        ("def double(x): return x + 3", 0, "double(2) should be 4"),
        ("def double(x): return 4", 0, "shape for 0"),
        ("def double(x): return x / 0", 0, "double raised ZeroDivisionError: division by zero"),
        ("def double(x): return 'a'", 0, "double(2) should be 4"),
        ("", 0, "double is not defined; is its cell there?"),
        ("class All:\n    __eq__ = lambda s, o: True\ndouble = lambda x: All()", 0, "TypeError"),
        ("def double(x):\n    while True: pass", 0, "double ran longer than 5 s"),
    ],
)
def test_a_check_written_by_hand_works_across_the_boundary(source, score, reason):
    master = by_hand(CHECK)
    submission = answered(master.notebook, double=source)
    verdicts = grade_notebook(master, submission, seed=1, limits=SHORT).verdicts
    (one,) = verdicts.exercises
    assert one.score == score and one.max_score == 3
    if reason is None:
        assert one.reasons == []
    else:
        assert reason in one.reasons[0]


def test_a_check_that_is_broken_itself_is_a_matter_for_the_instructor():
    master = by_hand("import math\nmath.nothing(double)")
    submission = answered(master.notebook, double="def double(x): return 2 * x")
    with pytest.raises(CourseError, match="check double-works is broken: AttributeError"):
        grade_notebook(master, submission, seed=1)


VISIBLE = """
import sys
for name in ("solutions", "solutions.lstm_cell", "solutions.mistakes"):
    sys.modules[name] = None
import json
from autograder import grade
verdicts = grade(sys.argv[1], visible_only=True)
print(json.dumps(verdicts.as_dict()))
"""


def visible(tmp_path, notebook):
    path = tmp_path / "mine.ipynb"
    nbformat.write(notebook, path)
    done = subprocess.run(
        [sys.executable, "-c", VISIBLE, path],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_solutions_and_course_the_visible_checks_judge_a_release(tmp_path, right):
    verdicts = visible(tmp_path, right)
    assert verdicts["score"] == verdicts["max_score"] == 90
    wrong = answered(right, lstm_step=WRONG_STEP)
    verdicts = visible(tmp_path, wrong)
    by_name = {e["name"]: e for e in verdicts["exercises"]}
    assert by_name["sigmoid"]["status"] == "passed"
    assert by_name["lstm_step"]["status"] == "failed"
    assert by_name["lstm_step"]["score"] < by_name["lstm_step"]["max_score"]
    assert "departs first" in by_name["lstm_step"]["reasons"][0]


def test_the_visible_checks_of_a_release_that_is_not_answered_give_nothing(tmp_path, released):
    verdicts = visible(tmp_path, released)
    assert verdicts["score"] == 0
    assert {e["status"] for e in verdicts["exercises"]} <= {"failed", "missing", "manual"}


def test_the_level_reached_is_in_the_result(lean, right):
    for level in LEVELS:
        verdicts = lean(right, level=level)
        assert verdicts.full
        assert verdicts.isolation.endswith("seccomp+rlimits")
        assert ("bubblewrap" in verdicts.isolation) == (level == "full")
    verdicts = lean(right, level="none")
    assert verdicts.full and verdicts.isolation == "none"


@pytest.mark.slow
def test_basic_cell_earns_full_marks_follows_through_and_refuses_a_wrapped_layer(base):
    source = base.source("basic_cell")
    master = Master.load(source, "basic_cell")
    path = base.path("submitted", "01-right", "basic_cell") / "basic_cell.ipynb"
    right = nbformat.read(path, as_version=4)
    kept = [c for c in master.notebook.cells if "nbgrader" in c.metadata and c.cell_type == "code"]
    lean = Master("basic_cell", new_notebook(cells=kept), master.released)
    verdicts = grade_notebook(lean, right, seed=5).verdicts
    assert verdicts.full, verdicts.as_dict()
    wrong = answered(
        right,
        rnn_step=cell_of(right, "rnn_step").source.replace("h @ Wh", "h @ Wh.T"),
        BasicRNNCell="import keras\nBasicRNNCell = keras.layers.SimpleRNNCell",
    )
    verdicts = grade_notebook(lean, wrong, seed=5).verdicts
    step, forward, cell = verdicts.automatic
    assert step.score < step.max_score
    assert step.hint == next(
        m.hint for m in mistakes.of("rnn_step") if m.name == "recurrent weights transposed"
    )
    assert forward.follow_through and forward.score == forward.max_score
    assert cell.score == 0
    assert any("your own work" in r for r in cell.reasons)
