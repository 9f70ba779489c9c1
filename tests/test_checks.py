"""The checks reject every known mistake, accept every right answer, and say where to look."""

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from alternates import ALTERNATES, CALLS
from checking import finding, fresh, message, message_of, on_substitutes, visible

from autograder import notebooks, wire
from autograder.diagnosis import same
from autograder.references import Reference, solution
from autograder.simulate import SLIPS
from solutions import basic_cell, lstm_cell, mistakes
from solutions.mistakes import basic_cell as wrong_basic
from solutions.mistakes import lstm_cell as wrong_lstm
from unrolled import checks
from unrolled.calling import plain
from unrolled.checks.engine import CaseExercise, Local
from unrolled.substitutes import substitute

ROOT = Path(__file__).resolve().parent.parent
# Answers that run TensorFlow take seconds to check, so they are checked with fewer seeds.
CLASSES = tuple(n for n, e in checks.EXERCISES.items() if isinstance(e, CaseExercise) and e.driven)
FUNCTIONS = tuple(name for name in checks.EXERCISES if name not in CLASSES)
BANK = [m for name in checks.EXERCISES for m in mistakes.of(name)]


def each(exercise, *values, slow=False):
    """Parameters of a test: with pytest-xdist one process runs all tests of an exercise."""
    marks = [pytest.mark.xdist_group(exercise), *([pytest.mark.slow] if slow else [])]
    return pytest.param(*values, marks=marks)


EXERCISES = [each(name, name, slow=name in CLASSES) for name in checks.EXERCISES]
# Mistakes in training show after a training.
EACH_MISTAKE = [each(m.exercise, m, slow=bool(checks.EXERCISES[m.exercise].costly)) for m in BANK]


def described(mistake):
    return f"{mistake.exercise}: {mistake.name}"


# What has to be rejected


@pytest.mark.parametrize("mistake", EACH_MISTAKE, ids=described)
def test_every_mistake_loses_marks_whatever_the_seed(mistake):
    properties = checks.EXERCISES[mistake.exercise].properties
    costly = checks.EXERCISES[mistake.exercise].costly
    for seed in range(1 if costly else 2 if mistake.exercise in CLASSES else 5):
        # Lazily: most mistakes in a class show before the costly training of a sequence.
        found = (finding(mistake.exercise, p, mistake.answer, seed) for p in properties)
        assert not all(f.holds for f in found), f"it passes all checks with seed {seed}"


@pytest.mark.parametrize("mistake", EACH_MISTAKE, ids=described)
def test_every_mistake_fails_a_visible_check(mistake):
    properties = checks.EXERCISES[mistake.exercise].properties
    found = (visible(mistake.exercise, p, mistake.answer) for p in properties)
    assert not all(f.holds for f in found)


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_no_two_mistakes_of_an_exercise_have_one_name(name):
    names = [m.name for m in mistakes.of(name)]
    assert names
    assert len(names) == len(set(names))


# What has to be told apart


@cache
def bank_outcomes(name):
    """What the reference and every mistake of an exercise do where mistakes are told apart."""
    cases = [
        case
        for prop in checks.EXERCISES[name].properties
        if prop != "rules" and prop not in checks.EXERCISES[name].costly
        for case in fresh(name, prop, 11)[0]
    ]
    answers = [solution(name), *(m.answer for m in mistakes.of(name))]
    right, *wrong = [
        [checks.EXERCISES[name].told(c, o) for c, o in zip(cases, outcomes, strict=True)]
        for outcomes in (Local(answer).ask(cases) for answer in answers)
    ]
    return cases, right, list(zip(mistakes.of(name), wrong, strict=True))


@pytest.mark.parametrize("name", EXERCISES)
def test_the_first_mistake_that_equals_a_mistake_has_its_hint(name):
    cases, _, bank = bank_outcomes(name)
    for mistake, own in bank:
        first = next(m for m, theirs in bank if all(map(same, theirs, own, cases)))
        assert first.hint == mistake.hint, f"{mistake.name} is taken for {first.name}"


@pytest.mark.parametrize("name", EXERCISES)
def test_no_mistake_equals_a_right_answer(name):
    cases, right, bank = bank_outcomes(name)
    assert [m.name for m, theirs in bank if all(map(same, theirs, right, cases))] == []


@pytest.mark.parametrize("lesson", SLIPS)
def test_slips_of_the_sample_class_lose_marks_and_the_first_earns_a_hint(lesson):
    module = importlib.import_module(f"solutions.{lesson}")
    for place, (name, right, slip) in enumerate(SLIPS[lesson]):
        own = inspect.getsource(getattr(module, name))
        assert own.count(right) == 1
        slipped = {"__name__": module.__name__}
        exec(inspect.getsource(module).replace(own, own.replace(right, slip)), slipped)
        exercise, answer = checks.EXERCISES[name], slipped[name]
        assert not all(finding(name, prop, answer).holds for prop in exercise.properties)
        if place == 0:
            cases, _, bank = bank_outcomes(name)
            outcomes = zip(cases, Local(answer).ask(cases), strict=True)
            told = [exercise.told(case, outcome) for case, outcome in outcomes]
            assert [m.name for m, theirs in bank if all(map(same, theirs, told, cases))]


# What has to be accepted


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")  # an answer may warn
@pytest.mark.parametrize(
    ("name", "answer"),
    [each(name, name, answer) for name in FUNCTIONS for answer in ALTERNATES[name]],
    ids=lambda v: v if isinstance(v, str) else v.__name__,
)
def test_a_right_function_written_otherwise_keeps_full_marks(name, answer):
    for prop in checks.EXERCISES[name].properties:
        assert visible(name, prop, answer).message is None
        for seed in range(50):
            assert finding(name, prop, answer, seed).message is None, f"{prop}, seed {seed}"


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")  # an answer may warn
@pytest.mark.parametrize(
    ("name", "answer"),
    [each(name, name, answer) for name in CLASSES for answer in ALTERNATES[name]],
    ids=lambda v: v if isinstance(v, str) else v.__name__,
)
def test_a_right_class_written_otherwise_keeps_full_marks(name, answer):
    for prop in checks.EXERCISES[name].properties:
        assert visible(name, prop, answer).message is None
        for seed in range(1 if prop in checks.EXERCISES[name].costly else 3):
            assert finding(name, prop, answer, seed).message is None, f"{prop}, seed {seed}"


def test_text_among_numbers_is_refused_before_it_takes_the_room_of_its_longest():
    # NumPy would make an array of 9 GB of this.
    texts = ["x" * 900_000] + [""] * 2500
    refusal = "sigmoid is a list with text in it; expected real numbers"
    assert message_of("sigmoid", "values", lambda x: texts) == refusal
    assert message_of("sigmoid", "values", lambda x: [[0.5, [b"x"]]]) == refusal
    assert "returned a list of 2501; expected" in message_of("sigmoid", "rules", lambda x: texts)


def test_what_is_not_answered_is_named_also_where_another_answer_calls_it():
    def sigmoid(x):
        raise NotImplementedError()

    def lstm_step(x, h, c, Wx, Wh, b):
        return sigmoid(x @ Wx), c

    assert message_of("sigmoid", "values", sigmoid) == "sigmoid is not answered yet"
    message = message_of("lstm_step", "values", lstm_step, sigmoid=sigmoid)
    assert "sigmoid is not answered yet" in message and "lstm_step is not answered" not in message
    assert "mend sigmoid first" in message


def test_a_row_of_another_shape_is_told_from_a_row_of_other_values():
    def rnn_step(x, h, Wx, Wh, b):
        return np.squeeze(np.tanh(x @ Wx + h @ Wh + b))

    message = message_of("rnn_step", "rules", rnn_step)
    assert "for a batch of one row; expected shape (1, " in message


def test_an_earlier_answer_that_works_in_place_is_named_where_a_later_one_suffers():
    def rnn_step(x, h, Wx, Wh, b):
        h[:] = np.tanh(x @ Wx + h @ Wh + b)
        return h

    def rnn_forward(xs, h0, Wx, Wh, b):
        hs, h = [], h0
        for t in range(xs.shape[1]):
            h = rnn_step(xs[:, t], h, Wx, Wh, b)
            hs.append(h)
        return np.stack(hs, axis=1)

    message = message_of("rnn_forward", "values", rnn_forward, rnn_step=rnn_step)
    assert "It builds on rnn_step, which is not right yet" in message


def test_a_cell_that_returns_the_state_alone_is_told_what_to_return():
    class BasicRNNCell(basic_cell.BasicRNNCell):
        def call(self, inputs, states):
            return super().call(inputs, states)[0]

    message = message_of("BasicRNNCell", "step", BasicRNNCell)
    assert "call returned one object; expected (output, [state])" in message


def test_a_shape_error_says_from_which_array_the_expected_size_is():
    step = [np.zeros(shape) for shape in ((10, 2), (3, 4), (2, 4), (4, 4), (4,))]
    with pytest.raises(
        ValueError, match=r"h has shape \(3, 4\); expected \(10, 4\), as x has B = 10"
    ):
        basic_cell.rnn_step(*step)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("name", EXERCISES)
def test_what_right_answers_return_fits_into_a_message_to_the_judge(name):
    exercise = checks.EXERCISES[name]
    for answer in (solution(name), *ALTERNATES[name]):
        for prop in set(exercise.properties) - set(exercise.costly):
            outcomes = Local(answer).ask(fresh(name, prop, 0)[0])
            message = wire.encode([outcome.value for outcome in outcomes])
            wire.decode(message)
            assert len(message) < wire.MAX_BYTES / 2, (answer.__name__, prop)


# On substitutes for earlier answers


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (name, answer)
        for name, called_as in CALLS.items()
        for answer in ALTERNATES[name]
        if set(called_as.values()) & set(answer.__code__.co_names)
    ],
    ids=lambda v: v if isinstance(v, str) else v.__name__,
)
def test_a_right_answer_keeps_its_marks_on_any_earlier_one(name, answer):
    for seed in range(10):
        assert on_substitutes(name, answer, CALLS[name], seed) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", [n for n in CALLS if not checks.EXERCISES[n].costly])
def test_a_mistake_loses_marks_on_any_earlier_answer(name):
    for mistake in mistakes.of(name):
        assert on_substitutes(name, mistake.answer, {}, 0), mistake.name


def test_what_builds_on_what_is_covered_here():
    builds_on = {n: set(e.builds_on) for n, e in checks.EXERCISES.items() if e.builds_on}
    assert {n: set(called_as) for n, called_as in CALLS.items()} == builds_on


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            n
            for e in checks.EXERCISES.values()
            for n in e.builds_on
            if n not in CLASSES  # one that brings its own is no function of arrays
        }
    ),
)
def test_a_substitute_keeps_the_rules_and_is_not_the_real_one(name):
    exercise = checks.EXERCISES[name]
    for seed in range(10):
        rng = np.random.default_rng(seed)
        function = substitute(name, seed)
        assert exercise.check(
            "rules", Local(function), None, exercise.cases("rules", rng, solution)
        ).holds
        want = Reference.of(exercise).want
        assert not exercise.check(
            "values", Local(function), want, exercise.cases("values", rng, solution)
        ).holds
        (case, *_) = exercise.cases("values", rng, solution)
        first, again, other = (
            exercise.results(plain(f(*case.arguments)))
            for f in (function, substitute(name, seed), substitute(name, seed + 1))
        )
        for axes, a, b, c in zip(exercise.returns.values(), first, again, other, strict=True):
            assert np.array_equal(a, b)
            assert axes[0] != "B" or np.all(np.abs(a) < 1)
            assert not np.allclose(a, c)


def test_a_substitute_is_called_as_the_real_one_and_takes_rows():
    x, h = np.ones((2, 3)), np.zeros((2, 4))
    weights = {"Wx": np.ones((3, 4)), "Wh": np.ones((4, 4)), "b": np.arange(4.0)}
    step = substitute("rnn_step", 1)
    whole = step(x, h, **weights)
    assert whole.shape == (2, 4)
    assert np.allclose(step(x[0], h[0], *weights.values()), whole[0])
    for wrong in ((x, h), (x, h, *weights.values(), 1)):
        with pytest.raises(TypeError, match="rnn_step takes the arguments x, h, Wx, Wh, b"):
            step(*wrong)
    with pytest.raises(TypeError, match="rnn_step takes"):
        step(x, *weights.values(), x=x)
    assert substitute("sigmoid", 1)(0.5).shape == ()


# What a failed check says


def test_a_failed_check_names_the_first_wrong_step_row_and_unit():
    def wrong_from_step_5(xs, h0, Wx, Wh, b):
        hs = basic_cell.rnn_forward(xs, h0, Wx, Wh, b)
        hs[0, 6:] += 0.5
        hs[1, 5, 1] += 0.5
        return hs

    assert "first at step t = 5, row 1, unit 1: got" in message(
        "rnn_forward", "values", wrong_from_step_5
    )


def test_a_failed_check_of_two_results_names_the_wrong_one():
    def wrong_c(x, h, c, Wx, Wh, b):
        h, c = lstm_cell.lstm_step(x, h, c, Wx, Wh, b)
        return h, c + 0.5

    assert message("lstm_step", "values", wrong_c).startswith(
        "lstm_step: c' departs first at row 0, unit 0: got"
    )


@pytest.mark.parametrize(
    ("name", "answer", "argument"),
    [
        ("rnn_step", wrong_basic.state_changed_in_place, "h"),
        ("rnn_forward", wrong_basic.inputs_used_up, "xs"),
        ("rnn_forward", wrong_basic.h0_changed_in_place, "h0"),
        ("sigmoid", wrong_lstm.x_changed_in_place, "x"),
        ("lstm_step", wrong_lstm.old_c_changed_in_place, "c"),
        ("lstm_forward", wrong_lstm.c0_changed_in_place, "c0"),
    ],
)
def test_a_change_in_place_is_called_that_and_costs_no_other_property(name, answer, argument):
    assert f"{name} changes its argument {argument} in place" in message(name, "rules", answer)
    assert finding(name, "values", answer).holds


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_missing_return_is_called_that(name):
    assert message(name, "values", lambda *arguments: None) == (
        f"{name} returned None; is a `return` missing?"
    )
    assert f"{name} returned nothing" in message(name, "rules", lambda *arguments: None)


@pytest.mark.parametrize("prop", ["values", "rules"])
def test_a_wrong_shape_is_named_beside_the_expected_one(prop):
    found = message("rnn_forward", prop, wrong_basic.time_first)
    (xs, h0, *_), *_ = (case.arguments for case in fresh("rnn_forward", prop, 0)[0])
    batch, steps, units = *xs.shape[:2], h0.shape[1]
    assert f"shape ({steps}, {batch}, {units})" in found
    assert f"({batch}, {steps}, {units}) = (B, T, H)" in found


@pytest.mark.parametrize("name", checks.EXERCISES)
def test_an_empty_answer_is_said_to_be_not_answered_yet(name):
    class Empty:
        def __init__(self, *arguments, **options):
            raise NotImplementedError()

    for prop in checks.EXERCISES[name].properties:
        assert message(name, prop, Empty).startswith(f"{name} is not answered yet")


def test_numpy_on_a_symbolic_tensor_is_not_taken_for_an_empty_answer():
    class Cell(basic_cell.BasicRNNCell):
        def call(self, inputs, states):
            output = np.tanh(inputs @ self.kernel)
            return output, [output]

    graph = fresh("BasicRNNCell", "sequence", 0)[0][1]
    (outcome,) = Local(Cell).ask([graph])
    assert outcome.error.startswith("NotImplementedError: Cannot convert a symbolic tf.Tensor")


def test_an_error_inside_a_layer_is_told_without_the_words_of_keras():
    assert message("BasicRNNCell", "step", wrong_basic.name_of_the_activation_called).startswith(
        "with activation 'tanh' and the state as a list: BasicRNNCell raised TypeError: 'str' "
    )


def test_an_error_of_tensorflow_is_told_without_where_it_was():
    def influence_by_position(model, x):
        return tf.matmul(tf.ones((2, 3)), tf.ones((4, 5)))

    said = message("influence_by_position", "values", influence_by_position)
    assert said.endswith("Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]")


def test_a_cell_that_is_no_layer_is_called_that():
    assert "being a keras.layers.Layer is False" in message(
        "BasicRNNCell", "interface", wrong_basic.not_a_layer
    )


def test_a_cell_that_cannot_be_trained_shows_in_its_gradient():
    assert "gradient of the mean square of the outputs departs first at index [0]: got 0" in (
        message("BasicRNNCell", "sequence", wrong_basic.weights_are_not_trained)
    )


def test_a_check_names_the_sizes_at_which_an_answer_fails():
    assert message("rnn_step", "edges", wrong_basic.sum_averaged_over_the_batch).startswith(
        "with one row (B = 1): "
    )


def test_an_overflow_counts_in_the_sigmoid_and_nowhere_else():
    def overflowing(x):
        return 1 / (1 + np.exp(-x))

    def step(x, h, c, Wx, Wh, b):
        i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
        c = overflowing(f) * c + overflowing(i) * np.tanh(g)
        return overflowing(o) * np.tanh(c), c

    assert "sigmoid overflows" in message("sigmoid", "edges", overflowing)
    assert finding("lstm_step", "edges", step).holds


@pytest.mark.parametrize(
    "returned",
    [
        (np.zeros((2, 3)), np.zeros(2)),
        {"h": np.zeros(2)},
        "text",
        [[1.0], [1.0, 2.0]],
        np.array([1j]),
        np.zeros((2, 2), dtype=bool),
        float("nan"),
    ],
    ids=["pair", "dict", "text", "ragged", "complex", "bools", "nan"],
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_an_answer_returns_the_check_says_a_sentence(name, returned):
    for prop in checks.EXERCISES[name].properties:
        assert name in message(name, prop, lambda *arguments: returned)


def test_a_sequence_that_changes_shape_with_its_length_is_rejected_in_words():
    def wide_when_long(xs, h0, Wx, Wh, b):
        hs = basic_cell.rnn_forward(xs, h0, Wx, Wh, b)
        return hs if xs.shape[1] > 7 else hs[:, :, :1]

    assert "cut in two" in message("rnn_forward", "rules", wide_when_long)


def test_a_visible_check_prints_that_it_passed(capsys):
    checks.run("rnn_step", "values", basic_cell.rnn_step)
    assert capsys.readouterr().out == "rnn_step, values: passed\n"


def test_a_visible_check_sends_the_student_to_the_earlier_answer_first():
    wrong_step = wrong_basic.bias_missing

    def forward(xs, h0, Wx, Wh, b):
        return np.stack(wrong_basic._states(wrong_step, xs, h0, Wx, Wh, b), axis=1)

    with pytest.raises(checks.CheckFailed, match="mend rnn_step first"):
        checks.run("rnn_forward", "values", forward, rnn_step=wrong_step)


def test_a_visible_check_that_does_not_exist_says_which_do():
    with pytest.raises(ValueError, match="expected one of numerical_gradient, relative"):
        checks.run("rnn_stop", "values", basic_cell.rnn_step)
    with pytest.raises(ValueError, match="expected one of values, edges, rules"):
        checks.run("rnn_step", "value", basic_cell.rnn_step)


# What the references are held to: Keras


def drawn(*shapes, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.5, shape) for shape in shapes]


def test_rnn_forward_is_the_simple_rnn_of_keras():
    xs, h0, Wx, Wh, b = drawn((3, 6, 2), (3, 4), (2, 4), (4, 4), (4,))
    layer = keras.layers.SimpleRNN(4, return_sequences=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights([Wx, Wh, b])
    np.testing.assert_allclose(
        basic_cell.rnn_forward(xs, h0, Wx, Wh, b), layer(xs, initial_state=[h0]), atol=1e-12
    )


def test_lstm_forward_is_the_lstm_of_keras_at_every_step():
    xs, h0, c0, Wx, Wh, b = drawn((3, 6, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,))
    layer = keras.layers.LSTM(4, return_state=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights([Wx, Wh, b])
    hs, cs = lstm_cell.lstm_forward(xs, h0, c0, Wx, Wh, b)
    for t in range(xs.shape[1]):
        _, h, c = layer(xs[:, : t + 1], initial_state=[h0, c0])
        np.testing.assert_allclose(hs[:, t], h, atol=1e-12)
        np.testing.assert_allclose(cs[:, t], c, atol=1e-12)


def test_sigmoid_is_the_sigmoid_of_keras():
    x = np.linspace(-40, 40, 201)
    np.testing.assert_allclose(lstm_cell.sigmoid(x), keras.ops.sigmoid(x), atol=1e-12)


def outputs_and_gradients(layer, weights, xs, h0):
    """Outputs, final state, and the gradient of a loss on both for weights, inputs and state."""
    xs, h0 = tf.constant(xs), tf.constant(h0)
    layer.build(xs.shape)
    layer.set_weights(weights)
    with tf.GradientTape() as tape:
        tape.watch([xs, h0])
        outputs, state = layer(xs, initial_state=[h0])
        loss = tf.reduce_sum(tf.sin(outputs)) + tf.reduce_sum(state**2)
    gradients = tape.gradient(loss, [*layer.trainable_variables, xs, h0])
    return [np.asarray(a) for a in (outputs, state, *gradients)]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_basic_rnn_cell_in_an_rnn_is_the_simple_rnn_of_keras(activation):
    xs, h0, *weights = drawn((3, 6, 2), (3, 4), (2, 4), (4, 4), (4,))
    options = {"return_sequences": True, "return_state": True, "dtype": "float64"}
    cell = basic_cell.BasicRNNCell(4, activation=activation, dtype="float64")
    ours = outputs_and_gradients(keras.layers.RNN(cell, **options), weights, xs, h0)
    layer = keras.layers.SimpleRNN(4, activation=activation, **options)
    theirs = outputs_and_gradients(layer, weights, xs, h0)
    assert len(ours) == len(theirs) == 7
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


# What may import what, and what has to be in step


def imported(path):
    """The top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [("course/unrolled", {"solutions", "autograder"}), ("solutions", {"autograder"})],
)
def test_imports_point_one_way(folder, forbidden):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for path in files:
        assert not forbidden & set(imported(path)), path


def test_no_notebook_and_no_recorded_check_is_stale(capsys, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert notebooks.main(["--check"]) == 0, capsys.readouterr().err
