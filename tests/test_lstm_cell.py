"""The lesson ``lstm_cell`` against what is outside it: Keras, the book's own cell, differences."""

import math
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from checking import finding, on_substitutes
from conftest import ROOT, command

from solutions import lstm_cell
from solutions.lstm_cell import (
    BasicLSTMCell,
    lstm_backward,
    lstm_forward,
    lstm_step,
    lstm_step_backward,
    memory_kept,
    sigmoid,
    to_keras_lstm,
)
from solutions.orientation import numerical_gradient
from unrolled import interactive, probes

WEIGHTS = ("Wx", "Wh", "b")


def drawn(B=3, T=6, D=2, H=4, seed=5):
    """Arguments of ``lstm_forward`` by name."""
    rng = np.random.default_rng(seed)
    shapes = {"xs": (B, T, D), "h0": (B, H), "c0": (B, H)}
    shapes |= {"Wx": (D, 4 * H), "Wh": (H, 4 * H), "b": (4 * H,)}
    return {name: rng.normal(0, 0.7, shape) for name, shape in shapes.items()}


def book_weights(D=3, H=4, seed=6):
    """A kernel and a bias of the book's cell."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (D + H, 4 * H)), rng.normal(0, 0.5, 4 * H)


# Gradients


@pytest.mark.parametrize(("T", "H"), [(6, 4), (1, 4), (9, 1)])
def test_every_gradient_of_a_sequence_is_that_of_the_lstm_of_keras(T, H):
    given = drawn(T=T, H=H)
    hs, cs = lstm_forward(**given)
    ours = lstm_backward(
        np.cos(hs), given["xs"], given["h0"], given["c0"], hs, cs, *_weights(given)
    )
    layer = keras.layers.LSTM(H, return_sequences=True, dtype="float64")
    layer.build(given["xs"].shape)
    layer.set_weights(_weights(given))
    watched = {name: tf.constant(given[name]) for name in ("xs", "h0", "c0")}
    with tf.GradientTape() as tape:
        tape.watch(watched)
        outputs = layer(watched["xs"], initial_state=[watched["h0"], watched["c0"]])
        loss = tf.reduce_sum(tf.sin(outputs))
    theirs = tape.gradient(
        loss, watched | dict(zip(WEIGHTS, layer.trainable_variables, strict=True))
    )
    assert ours.keys() == theirs.keys()
    for name, gradient in ours.items():
        np.testing.assert_allclose(gradient, theirs[name], atol=1e-12, err_msg=name)


def _weights(given):
    return [given[name] for name in WEIGHTS]


def test_every_gradient_of_a_step_is_its_central_difference():
    given = drawn()
    given["x"], given["h"], given["c"] = given.pop("xs")[:, 0], given.pop("h0"), given.pop("c0")
    dh, dc = np.random.default_rng(7).normal(size=(2, 3, 4))

    def loss():
        h, c = lstm_step(**given)
        return np.sum(dh * h) + np.sum(dc * c)

    _, c = lstm_step(**given)
    names = ("x", "h", "c", *WEIGHTS)
    x, h_prev, c_prev, *weights = (given[name] for name in names)
    found = lstm_step_backward(dh, dc, x, h_prev, c_prev, c, *weights)
    for name, gradient in zip(names, found, strict=True):
        np.testing.assert_allclose(
            gradient, numerical_gradient(lambda _: loss(), given[name]), atol=1e-8, err_msg=name
        )


def test_every_gradient_of_a_sequence_is_its_central_difference():
    given = drawn(B=2, T=4, D=3, H=2)
    dhs = np.random.default_rng(8).normal(size=(2, 4, 2))
    hs, cs = lstm_forward(**given)
    found = lstm_backward(dhs, given["xs"], given["h0"], given["c0"], hs, cs, *_weights(given))
    for name, gradient in found.items():
        measured = numerical_gradient(lambda _: np.sum(dhs * lstm_forward(**given)[0]), given[name])
        np.testing.assert_allclose(gradient, measured, atol=1e-8, err_msg=name)


def test_a_gradient_of_c_passes_an_open_forget_gate_unchanged():
    given = drawn(T=1)
    given["b"] = np.repeat([-1e3, 1e3, 0.0, 0.0], 4)
    x, h_prev, c_prev = given["xs"][:, 0], given["h0"], given["c0"]
    _, c = lstm_step(x, h_prev, c_prev, *_weights(given))
    dc = np.random.default_rng(9).normal(size=c.shape)
    found = lstm_step_backward(np.zeros_like(dc), dc, x, h_prev, c_prev, c, *_weights(given))
    assert np.array_equal(found[2], dc)


def test_a_loss_on_one_step_reaches_no_later_input():
    given = drawn(T=7)
    hs, cs = lstm_forward(**given)
    dhs = np.zeros_like(hs)
    dhs[:, 3] = 1.0
    found = lstm_backward(dhs, given["xs"], given["h0"], given["c0"], hs, cs, *_weights(given))
    assert not found["xs"][:, 4:].any() and found["xs"][:, :4].all()


@pytest.mark.parametrize("name", ["dh", "c_prev", "Wh"])
def test_a_backward_step_names_the_array_of_a_wrong_shape(name):
    shapes = dict.fromkeys(("dh", "dc", "h_prev", "c_prev", "c"), (3, 4))
    shapes |= {"x": (3, 2), "Wx": (2, 16), "Wh": (4, 16), "b": (16,)}
    arrays = {n: np.zeros(shape) for n, shape in shapes.items()}
    with pytest.raises(ValueError, match=rf"^{name} has shape \(5, 5\); expected "):
        lstm_step_backward(**arrays | {name: np.zeros((5, 5))})


# The cell


def test_the_cell_is_the_one_of_the_book_in_both_forms(tmp_path):
    rng = np.random.default_rng(10)
    kernel, bias = book_weights()
    xs, (c0, h0) = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 2, 4))
    source, target = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(source, kernel=kernel, bias=bias, forget_bias=2.5, xs=xs, c0=c0, h0=h0)
    script = Path(__file__).parent / "legacy_cell.py"
    ran = command("python", script, source, target, cwd=tmp_path, TF_USE_LEGACY_KERAS="1")
    assert ran.returncode == 0, ran.stderr
    book = np.load(target)

    apart = _in_keras(kernel, bias, xs, [c0, h0], forget_bias=2.5)
    for name in ("outputs", "c", "h", "xs", "kernel", "bias"):
        np.testing.assert_allclose(apart[name], book[name], atol=1e-12, err_msg=name)
    joined = np.concatenate([c0, h0], axis=1)
    one = _in_keras(kernel, bias, xs, [joined], forget_bias=2.5, state_is_tuple=False)
    np.testing.assert_allclose(one["outputs"], book["joined_outputs"], atol=1e-12)
    np.testing.assert_allclose(one["s"], book["s"], atol=1e-12)


def _in_keras(kernel, bias, xs, states, **options):
    """What our cell gives in Keras, under the names of ``legacy_cell.py``."""
    cell = BasicLSTMCell(len(bias) // 4, dtype="float64", **options)
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights([kernel, bias])
    xs = tf.constant(xs)
    with tf.GradientTape() as tape:
        tape.watch(xs)
        outputs, *last = layer(xs, initial_state=states)
        loss = tf.reduce_sum(tf.sin(outputs))
    gradients = tape.gradient(loss, [xs, *layer.trainable_variables])
    names = ("c", "h") if len(states) == 2 else ("s",)
    found = {"outputs": outputs, **dict(zip(names, last, strict=True))}
    return found | dict(zip(("xs", "kernel", "bias"), gradients, strict=True))


@pytest.mark.parametrize("forget_bias", [0.0, 1.0, 2.5])
def test_converted_weights_make_the_lstm_of_keras_and_ours_compute_what_the_cell_does(forget_bias):
    kernel, bias = book_weights()
    rng = np.random.default_rng(11)
    xs, (c0, h0) = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 2, 4))
    cell = _in_keras(kernel, bias, xs, [c0, h0], forget_bias=forget_bias)
    weights = to_keras_lstm(kernel, bias, forget_bias, inputs=3)
    layer = keras.layers.LSTM(4, return_sequences=True, return_state=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights(weights)
    outputs, h, c = layer(xs, initial_state=[h0, c0])
    hs, cs = lstm_forward(xs, h0, c0, *weights)
    for ours, theirs in ((hs, outputs), (hs[:, -1], h), (cs[:, -1], c)):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for name, array in {"outputs": outputs, "c": c, "h": h}.items():
        np.testing.assert_allclose(cell[name], array, atol=1e-12, err_msg=name)


def test_the_cell_trains_in_a_model_from_zero_states_either_way():
    xs = np.random.default_rng(12).normal(size=(8, 5, 3)).astype("float32")
    for is_tuple in (True, False):
        layer = keras.layers.RNN(BasicLSTMCell(4, state_is_tuple=is_tuple))
        model = keras.Sequential([keras.Input((5, 3)), layer, keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        before = [w.copy() for w in model.get_weights()]
        model.fit(xs, np.ones((8, 1)), epochs=1, verbose=0)
        moved = zip(before, model.get_weights(), strict=True)
        assert all(not np.allclose(was, now) for was, now in moved)


def test_a_cell_that_returns_another_number_of_states_is_told_how_many():
    class OneTooFew(BasicLSTMCell):
        def call(self, inputs, states):
            output, states = super().call(inputs, states)
            return output, states[:1]

    assert (
        "call returned 1 new states; expected [c, h]"
        in finding("BasicLSTMCell", "step", OneTooFew).message
    )


def test_what_is_special_about_a_cell_shows_in_the_message():
    class Forgetful(BasicLSTMCell):
        def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True):
            super().__init__(num_units, 1.0, state_is_tuple)

    message = finding("BasicLSTMCell", "step", Forgetful).message
    assert message.startswith(
        "with forget_bias = 0.0, state_is_tuple = False, so that states is [s], s = [c | h]: "
    )
    assert "the output of one step departs" in message


def _columns(order):
    """The book's cell with its blocks of columns taken in another order."""

    class Reordered(BasicLSTMCell):
        def build(self, input_shape):
            super().build(input_shape)
            self.own = self.kernel, self.bias

        def call(self, inputs, states):
            self.kernel, self.bias = (
                keras.ops.concatenate([keras.ops.split(w, 4, axis=-1)[k] for k in order], axis=-1)
                for w in self.own
            )
            return super().call(inputs, states)

    return Reordered


class _StateFirst(BasicLSTMCell):
    def build(self, input_shape):
        super().build(input_shape)
        self.own, self.inputs = self.kernel, input_shape[-1]

    def call(self, inputs, states):
        units = self.num_units
        self.kernel = keras.ops.concatenate([self.own[units:], self.own[:units]], axis=0)
        return super().call(inputs, states)


class _SpeechFirst(BasicLSTMCell):
    def call(self, inputs, states):
        output, new = super().call(inputs, states[::-1])
        return output, new[::-1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_columns((0, 2, 1, 3)), "; right only with the defaults and the same columns in all four"),
        (_StateFirst, "; right only with the defaults and a kernel of zeros"),
        (_SpeechFirst, "the new state c, first of the list, departs first at row 0, unit 0: "),
    ],
)
def test_a_step_says_which_order_is_not_the_book_s(answer, words):
    message = finding("BasicLSTMCell", "step", answer).message
    assert message.startswith("with the defaults and states of zeros: ")
    assert words in message


def test_a_bias_that_starts_elsewhere_is_named():
    class StartsAtOne(BasicLSTMCell):
        def build(self, input_shape):
            super().build(input_shape)
            self.bias.assign(np.ones(self.bias.shape))

    message = finding("BasicLSTMCell", "interface", StartsAtOne).message
    assert "the bias before training departs first at column 0: got 1, expected 0" in message


def test_a_probe_reports_a_joined_state_returned_bare():
    class Bare(BasicLSTMCell):
        def call(self, inputs, states):
            output, (state,) = super().call(inputs, states)
            return output, state

    kernel, bias = (w.astype("float32") for w in book_weights())
    found = probes.lstm_cell_step(
        Bare,
        options={"state_is_tuple": False},
        by_position=False,
        weights=[kernel, bias],
        x=np.ones((2, 3), "float32"),
        states=[np.ones((2, 8), "float32")],
    )
    assert found["s"].shape == (2, 8) and np.array_equal(found["s"][:, 4:], found["output"])


# Memory


def test_memory_kept_has_its_published_values():
    # 2 ** -100, (1 + 1/e) ** -100 and (1 + exp(-5)) ** -100
    assert memory_kept(0.0, 100) == pytest.approx(7.888609e-31, rel=1e-6)
    assert memory_kept(1.0, 100) == pytest.approx(2.488e-14, rel=1e-3)
    assert memory_kept(5.0, 100) == pytest.approx(0.5109, rel=1e-3)


@pytest.mark.parametrize("forget_bias", [-3.0, 0.0, 1.5, 6.0])
def test_memory_kept_is_what_a_cell_keeps(forget_bias):
    b = np.array([-1e3, forget_bias, 0.0, 0.0])
    zeros = np.zeros((1, 1))
    arguments = (np.zeros((1, 30, 1)), zeros, zeros + 1, np.zeros((1, 4)), np.zeros((1, 4)), b)
    _, cs = lstm_forward(*arguments)
    for steps in (1, 7, 30):
        kept = memory_kept(forget_bias, steps)
        assert type(kept) is float and math.isclose(kept, cs[0, steps - 1, 0], rel_tol=1e-9)


def test_a_small_part_counts_relative_to_its_size():
    def rounded(forget_bias, steps):
        return round(memory_kept(forget_bias, steps), 12)

    message = finding("memory_kept", "edges", rounded).message
    assert message.startswith("for a negative forget bias: memory_kept departs from the expected")


# What a right answer may compute again


def test_an_answer_that_computes_c_again_is_right_on_another_sigmoid():
    def lstm_step_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        zi, zf, zg, zo = np.split(x @ Wx + h_prev @ Wh + b, 4, axis=1)
        i, f, g, o = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
        t = np.tanh(f * c_prev + i * g)
        dc = dc + dh * o * (1 - t**2)
        blocks = [dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)]
        dz = np.concatenate([*blocks, dh * t * o * (1 - o)], axis=1)
        return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)

    assert lstm_cell.sigmoid is sigmoid
    for seed in range(5):
        assert on_substitutes("lstm_step_backward", lstm_step_backward, {}, seed) == []


# The benchmark


def test_the_benchmark_prints_each_program_with_its_time_and_the_ratio():
    sizes = ("--batch", 3, "--steps", 4, "--inputs", 2, "--units", 5, "--rounds", 1)
    ran = command("python", ROOT / "bench" / "lstm_step.py", *sizes, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    first, heads, *rows, _ = ran.stdout.splitlines()
    assert "B = 3, T = 4, D = 2, H = 5" in first and "to Keras" in heads
    assert [row[:20].strip() for row in rows] == [
        *("NumPy, float64", "NumPy, float32", "Keras, eager", "Keras, tf.function"),
    ]
    apart = [float(row.split()[-1]) for row in rows]
    assert apart[0] == 0 and max(apart) < 1e-5


# Figures that move


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order; an update of a display is noted as ("update", what)."""
    import IPython.display

    found = []

    class Handle:
        def update(self, what):
            found.append(("update", what))

    def display(what, display_id=None):
        found.append(what)
        return Handle() if display_id else None

    monkeypatch.setattr(IPython.display, "display", display)
    plt.switch_backend("Agg")
    return found


def test_a_figure_with_sliders_is_a_picture_first_and_follows_them(shown):
    def draw(height, slope):
        plt.figure().add_subplot().plot([0, 1], [height, height + slope])

    interactive.explore(
        draw,
        height=interactive.Slider("height", start=1.0, low=0.0, high=5.0, step=0.5),
        slope=interactive.Slider("slope", start=-2.0, low=-3.0, high=3.0, step=1.0),
    )
    figure, box = shown
    assert figure.axes[0].lines[0].get_ydata().tolist() == [1, -1]
    assert [(s.description, s.min, s.max, s.step) for s in box.children] == [
        ("height", 0, 5, 0.5),
        ("slope", -3, 3, 1),
    ]
    box.children[0].value = 3.0
    word, figure = shown[-1]
    assert word == "update" and figure.axes[0].lines[0].get_ydata().tolist() == [3, 1]
    assert plt.get_fignums() == []  # none is left that a notebook would show again
