"""The lesson ``lstm_variants``, held to outside implementations and to its own words."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from checking import finding, fresh, message, visible, wrong_answer

from solutions import lstm_variants as variants
from solutions.orientation import numerical_gradient
from unrolled import checks, plots, tasks
from unrolled.shapes import expect_stack


def drawn(*shapes, seed=3, scale=0.7):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, scale, shape) for shape in shapes]


# The references and the cells that others wrote

LEGACY = """
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
import tensorflow as tf

given = {name: np.array(value) for name, value in json.load(sys.stdin).items()}
H, P = given["Wp"].shape
cell = tf.compat.v1.nn.rnn_cell.LSTMCell(
    H, use_peepholes="pi" in given, num_proj=P, forget_bias=0.0, dtype="float64"
)
x, h, c = (tf.constant(given[name]) for name in ("x", "h", "c"))
cell.build(x.shape)
# Its kernel reads x, then h, and packs i, g, f, o.
i, f, g, o = np.split(np.concatenate([given["Wx"], given["Wh"]]), 4, axis=1)
bi, bf, bg, bo = np.split(given["b"], 4)
values = {
    "lstm_cell/kernel:0": np.concatenate([i, g, f, o], axis=1),
    "lstm_cell/bias:0": np.concatenate([bi, bg, bf, bo]),
    "lstm_cell/projection/kernel:0": given["Wp"],
}
if "pi" in given:
    values |= {f"lstm_cell/w_{gate}_diag:0": given[f"p{gate}"] for gate in "ifo"}
assert {w.name for w in cell.weights} == set(values)
for weight in cell.weights:
    weight.assign(values[weight.name])
output, (c, h) = cell(x, (c, h))
assert np.array_equal(output, h)
json.dump([h.numpy().tolist(), c.numpy().tolist()], sys.stdout)
"""


def legacy_cell(**arrays):
    """One step of TensorFlow 1's ``LSTMCell``, in a process of its own with the old Keras."""
    ran = subprocess.run(
        [sys.executable, "-c", LEGACY],
        input=json.dumps({name: array.tolist() for name, array in arrays.items()}),
        env=os.environ | {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [np.array(a) for a in json.loads(ran.stdout)]


@pytest.mark.slow
def test_the_peephole_step_is_the_cell_of_tensorflow_1():
    x, h, c, Wx, Wh, b = drawn((3, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,))
    pi, pf, po = drawn((4,), (4,), (4,), seed=4, scale=1.5)
    c = 2 * c
    theirs = legacy_cell(x=x, h=h, c=c, Wx=Wx, Wh=Wh, b=b, pi=pi, pf=pf, po=po, Wp=np.eye(4))
    ours = variants.peephole_lstm_step(x, h, c, Wx, Wh, b, pi, pf, po)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


@pytest.mark.slow
def test_the_projected_step_is_the_cell_of_tensorflow_1():
    x, r, c, Wx, Wr, b, Wp = drawn((3, 2), (3, 5), (3, 4), (2, 16), (5, 16), (16,), (4, 5))
    theirs = legacy_cell(x=x, h=r, c=c, Wx=Wx, Wh=Wr, b=b, Wp=Wp)
    ours = variants.projected_lstm_step(x, r, c, Wx, Wr, b, Wp)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


def keras_cell(cell, weights, x, states):
    """One step of a Keras cell with given weights, in float64."""
    cell.build(x.shape)
    cell.set_weights(weights)
    return cell(tf.constant(x), [tf.constant(s) for s in states])


def test_without_peepholes_it_is_the_lstm_cell_of_keras():
    x, h, c, Wx, Wh, b = drawn((3, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,))
    cell = keras.layers.LSTMCell(4, dtype="float64")
    _, theirs = keras_cell(cell, [Wx, Wh, b], x, [h, c])
    ours = variants.peephole_lstm_step(x, h, c, Wx, Wh, b, *np.zeros((3, 4)))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


def test_a_projection_that_changes_nothing_gives_the_lstm_cell_of_keras():
    x, h, c, Wx, Wh, b = drawn((3, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,))
    cell = keras.layers.LSTMCell(4, dtype="float64")
    _, theirs = keras_cell(cell, [Wx, Wh, b], x, [h, c])
    ours = variants.projected_lstm_step(x, h, c, Wx, Wh, b, np.eye(4))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


def test_a_factored_recurrent_matrix_is_a_projection():
    # h Wh with Wh = Wp Wr is r Wr with r = h Wp, over any number of steps.
    xs, Wx, b, Wp, Wr = drawn((5, 3, 2), (2, 16), (16,), (4, 2), (2, 16))
    states = [np.zeros((3, 4)), np.zeros((3, 4))]
    r, c = np.zeros((3, 2)), np.zeros((3, 4))
    for x in xs:
        cell = keras.layers.LSTMCell(4, dtype="float64")
        _, states = keras_cell(cell, [Wx, Wp @ Wr, b], x, states)
        r, c = variants.projected_lstm_step(x, r, c, Wx, Wr, b, Wp)
        np.testing.assert_allclose(r, states[0] @ Wp, atol=1e-12)
        np.testing.assert_allclose(c, states[1], atol=1e-12)


def test_with_masks_of_ones_the_stack_is_that_of_keras():
    widths = (2, 4, 3, 5)
    layers = [drawn((d, 4 * h), (h, 4 * h), (4 * h,), seed=h) for d, h in pairwise(widths)]
    cells = [keras.layers.LSTMCell(h, dtype="float64") for h in widths[1:]]
    stack = keras.layers.StackedRNNCells(cells, dtype="float64")
    stack.build((None, 2))
    stack.set_weights([w for layer in layers for w in layer])
    states = [tuple(drawn((6, h), (6, h), seed=10 + h)) for h in widths[1:]]
    masks = [np.ones((6, n)) for n in widths]
    theirs_states = [[tf.constant(a) for a in pair] for pair in states]
    for x in drawn((6, 2), (6, 2), (6, 2)):
        output, states = variants.stacked_lstm_step(x, states, layers, masks)
        their_output, theirs_states = stack(tf.constant(x), theirs_states)
        np.testing.assert_allclose(output, their_output, atol=1e-12)
        for ours, theirs in zip(states, theirs_states, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_with_dropout_the_stack_is_keras_cells_with_products_between_them():
    widths = (2, 4, 3)
    layers = [drawn((d, 4 * h), (h, 4 * h), (4 * h,), seed=h) for d, h in pairwise(widths)]
    states = [tuple(drawn((6, h), (6, h), seed=10 + h)) for h in widths[1:]]
    rng = np.random.default_rng(0)
    masks = [(rng.random((6, n)) < 0.7) / 0.7 for n in widths]
    (x,) = drawn((6, 2))
    output, new = variants.stacked_lstm_step(x, states, layers, masks)
    below = x
    for layer, (h, c), mask, ours in zip(layers, states, masks[:-1], new, strict=True):
        cell = keras.layers.LSTMCell(h.shape[1], dtype="float64")
        below, theirs = keras_cell(cell, layer, below * mask, [h, c])
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    np.testing.assert_allclose(output, below * masks[-1], atol=1e-12)


@pytest.mark.parametrize("inputs", [1, 5, 30])
@pytest.mark.parametrize("units", [1, 7, 64])
def test_the_count_is_that_of_keras(inputs, units):
    layer = keras.layers.LSTM(units)
    layer.build((None, None, inputs))
    assert variants.lstm_param_count(inputs, units) == layer.count_params()


@pytest.mark.parametrize("projection", [None, 1, 4, 9])
@pytest.mark.parametrize("peepholes", [False, True])
def test_the_count_is_the_size_of_the_arrays_that_the_steps_take(projection, peepholes):
    inputs, units = 3, 6
    width = units if projection is None else projection
    arrays = [np.zeros((inputs, 4 * units)), np.zeros((width, 4 * units)), np.zeros(4 * units)]
    arrays += [] if projection is None else [np.zeros((units, projection))]
    arrays += [np.zeros(units)] * 3 * peepholes
    x, c = np.zeros((2, inputs)), np.zeros((2, units))
    if projection is not None:
        variants.projected_lstm_step(x, np.zeros((2, projection)), c, *arrays[:4])
    elif peepholes:
        variants.peephole_lstm_step(x, c, c, *arrays)
    count = variants.lstm_param_count(inputs, units, projection, peepholes)
    assert count == sum(a.size for a in arrays)


def test_the_count_gives_the_sizes_that_are_published():
    # Zaremba et al. (2014): 10,000 words, two layers of 1,500 units; listed later as 66 million.
    table, dense = 10_000 * 1500, 1501 * 10_000
    assert round((table + 2 * variants.lstm_param_count(1500, 1500) + dense) / 1e6) == 66
    # The medium model, two layers of 650 units: 20 million.
    table, dense = 10_000 * 650, 651 * 10_000
    assert round((table + 2 * variants.lstm_param_count(650, 650) + dense) / 1e6) == 20


def test_the_model_answer_of_the_question_counts_right():
    # 8 million a layer; 2.3 million with a projection to 250 in this layer and the one below;
    # 3,000 more with peepholes.
    assert round(variants.lstm_param_count(1000, 1000) / 1e6) == 8
    assert round(variants.lstm_param_count(250, 1000, 250) / 1e6, 1) == 2.3
    with_peepholes = variants.lstm_param_count(1000, 1000, peepholes=True)
    assert with_peepholes - variants.lstm_param_count(1000, 1000) == 3000
    assert round(0.9**100, 5) == 0.00003


def test_gru_step_is_the_gru_of_keras_at_every_step():
    xs, h, Wx, Wh, bias = drawn((3, 6, 2), (3, 4), (2, 12), (4, 12), (2, 12))
    layer = keras.layers.GRU(4, return_sequences=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights([Wx, Wh, bias])
    theirs = layer(xs, initial_state=tf.constant(h))
    for t in range(xs.shape[1]):
        h = variants.gru_step(xs[:, t], h, Wx, Wh, *bias)
        np.testing.assert_allclose(h, theirs[:, t], atol=1e-12)


def test_gru_step_has_the_derivatives_of_the_gru_of_keras():
    x, h, Wx, Wh, bias = drawn((3, 2), (3, 4), (2, 12), (4, 12), (2, 12))
    cell = keras.layers.GRUCell(4, dtype="float64")
    tensors = [tf.constant(x), tf.constant(h)]
    cell.build(x.shape)
    cell.set_weights([Wx, Wh, bias])
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output, _ = cell(tensors[0], [tensors[1]])
        loss = tf.reduce_sum(tf.sin(output))
    gradients = tape.gradient(loss, [*tensors, *cell.trainable_variables])

    arrays = [x, h, Wx, Wh, bias]

    def loss(_):
        return np.sin(variants.gru_step(*arrays[:4], *bias)).sum()

    for array, theirs in zip(arrays, gradients, strict=True):
        np.testing.assert_allclose(numerical_gradient(loss, array), theirs, atol=1e-8)


def test_a_gru_that_resets_before_the_product_is_the_other_gru_of_keras_and_no_right_answer():
    x, h, Wx, Wh, bx = drawn((3, 2), (3, 4), (2, 12), (4, 12), (12,))
    cell = keras.layers.GRUCell(4, reset_after=False, dtype="float64")
    theirs, _ = keras_cell(cell, [Wx, Wh, bx], x, [h])
    before = wrong_answer("gru_step", "reset before the product")(x, h, Wx, Wh, bx, np.zeros(12))
    np.testing.assert_allclose(before, theirs, atol=1e-12)
    ours = variants.gru_step(x, h, Wx, Wh, bx, np.zeros(12))
    assert np.abs(ours - before).max() > 1e-3


# Shapes that disagree


def test_a_shape_that_disagrees_is_named():
    x, h, c, Wx, Wh, b, p = drawn((3, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,), (4,))
    with pytest.raises(ValueError, match=r"pf has shape \(3,\); expected \(4,\), as Wx has H = 4"):
        variants.peephole_lstm_step(x, h, c, Wx, Wh, b, p, p[:3], p)
    with pytest.raises(ValueError, match=r"Wp has shape \(2, 4\); expected \(4, 2\)"):
        variants.projected_lstm_step(x, h[:, :2], c, Wx, Wh[:2], b, np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"bh has shape \(9,\); expected \(12,\)"):
        variants.gru_step(x, h, Wx[:, :12], Wh[:, :12], b[:12], b[:9])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masks": 2}, r"masks has 2 entries; expected 3, one more than layers"),
        ({"states": 1}, r"states has 1 entries; expected 2, one for each of layers"),
        ({"x": (3, 3)}, r"x has shape \(3, 3\); expected \(3, 2\), as Wx of layers\[0\] has D = 2"),
        ({"mask": (3, 5)}, r"masks\[1\] has shape \(3, 5\); expected \(3, 4\)"),
        ({"last": (3, 4)}, r"masks\[2\] has shape \(3, 4\); expected \(3, 5\)"),
        ({"h": (3, 4)}, r"h of states\[1\] has shape \(3, 4\); expected \(3, 5\)"),
    ],
    ids=str,
)
def test_a_stack_that_does_not_fit_is_named(change, message):
    x = np.zeros(change.get("x", (3, 2)))
    layers = [drawn((2, 16), (4, 16), (16,)), drawn((4, 20), (5, 20), (20,))]
    states = [drawn((3, 4), (3, 4)), drawn(change.get("h", (3, 5)), (3, 5))]
    masks = [np.ones(s) for s in ((3, 2), change.get("mask", (3, 4)), change.get("last", (3, 5)))]
    arguments = x, states[: change.get("states")], layers, masks[: change.get("masks")]
    with pytest.raises(ValueError, match=message):
        expect_stack(*arguments)
    with pytest.raises(ValueError, match=message):
        variants.stacked_lstm_step(*arguments)


def test_a_stack_that_fits_is_let_through():
    layers = [drawn((2, 16), (4, 16), (16,)), drawn((4, 20), (5, 20), (20,))]
    states = [drawn((3, 4), (3, 4)), drawn((3, 5), (3, 5))]
    expect_stack(np.zeros((3, 2)), states, layers, [np.ones((3, n)) for n in (2, 4, 5)])


# What the checks say and how they divide the marks


def properties_lost(name, answer):
    return [p for p in checks.EXERCISES[name].properties if not finding(name, p, answer).holds]


@pytest.mark.parametrize(
    ("name", "mistake", "lost"),
    [
        ("stacked_lstm_step", "no mask", ["masks"]),
        ("stacked_lstm_step", "scale thrown away", ["masks"]),
        ("stacked_lstm_step", "masked h in the states", ["masks", "rules"]),
        ("stacked_lstm_step", "list of states overwritten", ["rules"]),
        ("lstm_param_count", "peepholes ignored", ["options"]),
        ("lstm_param_count", "projection matrix not counted", ["options"]),
        ("gru_step", "bias changed in place", ["rules"]),
    ],
)
def test_a_slip_costs_the_property_that_it_breaks_and_no_other(name, mistake, lost):
    assert properties_lost(name, wrong_answer(name, mistake)) == lost


def test_a_stack_is_said_to_depart_where_it_first_does():
    def second_layer_wrong(x, states, layers, masks):
        output, new = variants.stacked_lstm_step(x, states, layers, masks)
        new[1] = (new[1][0], new[1][1] + 0.5)
        return output + 1.0, new

    assert message("stacked_lstm_step", "values", second_layer_wrong).startswith(
        "stacked_lstm_step: the new c of layer 1 departs first at row 0, unit 0: got"
    )


def test_states_of_another_form_are_described():
    said = message("stacked_lstm_step", "rules", wrong_answer("stacked_lstm_step", "states flat"))
    assert "expected the output, of shape (" in said
    assert "one pair (h, c) for each layer" in said


def test_masked_states_are_called_that_by_a_rule():
    last = wrong_answer("stacked_lstm_step", "masked h in the state of the last layer")
    assert message("stacked_lstm_step", "rules", last) == (
        "stacked_lstm_step: the new states changed when only the last mask was changed"
    )


def test_a_wrong_count_is_told_with_its_arguments():
    ignored = wrong_answer("lstm_param_count", "projection ignored")
    ((inputs, units, width), *_) = (c.arguments for c in fresh("lstm_param_count", "options", 0)[0])
    said = message("lstm_param_count", "options", ignored)
    assert f"lstm_param_count({inputs}, {units}, {width}) is " in said
    by_name = [c for c in fresh("lstm_param_count", "options", 0)[0] if c.probe]
    assert len(by_name) == 3
    exercise = checks.EXERCISES["lstm_param_count"]
    found = exercise.departure(by_name[0], {"result": 1}, {"result": 2})
    assert found == f"lstm_param_count({inputs}, {units}, projection={width}) is 1; expected 2"


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (12, True),
        (12.0, True),
        (np.array(12), True),
        (np.array([12]), True),
        (12.5, False),
        (float("inf"), False),
        (True, False),
        ("12", False),
        ([12], False),
        (np.array([6, 6]), False),
    ],
)
def test_a_count_is_right_in_any_form_that_holds_one_whole_number(value, right):
    exercise = checks.EXERCISES["lstm_param_count"]
    (case, *_) = exercise.cases("values", np.random.default_rng(0))
    assert (exercise.departure(case, value, 12) is None) is right


def test_the_output_peephole_on_the_old_c_shows_on_recorded_cases_too():
    old = wrong_answer("peephole_lstm_step", "output peephole on the old c")
    assert "h' departs" in visible("peephole_lstm_step", "values", old).message


def test_a_message_says_whether_the_memory_agrees():
    for name, words in (
        ("output peephole on the old c", "c' agrees"),
        ("pi and pf swapped", "c' differs too"),
        ("h and c swapped", "it is what c' should be"),
    ):
        said = message("peephole_lstm_step", "values", wrong_answer("peephole_lstm_step", name))
        assert said.endswith(f" entries differ); {words}")


def test_the_edges_that_are_right_say_which_gate_the_others_need():
    early = wrong_answer("gru_step", "reset before the product")
    said = message("gru_step", "edges", early)
    assert "; right only with " in said
    assert said.endswith("; with z = 1, so that the old state is kept; with z = 0 and r = 1")


# The data and the figure of the lesson


def test_an_alarm_comes_when_patience_runs_out_and_then_again():
    xs, alarms = tasks.flags_and_alarms(np.random.default_rng(1), count=50, steps=90, patience=7)
    assert xs.shape == (50, 90, 1) and alarms.shape == (50, 90)
    assert set(np.unique(xs)) == set(np.unique(alarms)) == {0, 1}
    assert xs[:, 0].all()
    for flags, due in zip(xs[:, :, 0], alarms, strict=True):
        last = 0
        for t in range(1, 90):
            assert due[t] == (not flags[t] and t - last == 7)
            last = t if flags[t] or due[t] else last
    assert 1 / 7 - 0.02 < xs[:, 1:].mean() < 1 / 7 + 0.02


def test_the_figure_of_the_stack_has_a_box_for_each_layer_and_step():
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    plots.stack_graph(layers=3, steps=2)
    (axes,) = plt.gcf().axes
    plt.gcf().canvas.draw()
    assert [t.get_text() for t in axes.texts].count("layer 2") == 2
    assert len(axes.patches) == 6
    plt.close("all")
