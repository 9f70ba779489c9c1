"""The answers of ``truncation``, held to oracles from outside: TensorFlow, differences, loops."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from checking import message_of

from solutions import through_time, truncation
from solutions.mistakes import truncation as wrong
from unrolled import fitting, models

PARAMS = ("Wx", "Wh", "b", "Wy", "by")


def network(batch, steps, inputs, units, outputs, seed=0):
    """Parameters, inputs, targets and first state, all of order one."""
    rng = np.random.default_rng(seed)
    shapes = ((inputs, units), (units, units), (units,), (units, outputs), (outputs,))
    params = {name: rng.normal(0, 0.6, shape) for name, shape in zip(PARAMS, shapes, strict=True)}
    xs, ys = rng.normal(size=(batch, steps, inputs)), rng.normal(size=(batch, steps, outputs))
    return params, xs, ys, rng.uniform(-0.9, 0.9, (batch, units))


def taped(params, xs, ys, h0, k):
    """Loss and gradients by TensorFlow, with stop_gradient at the cuts."""
    variables = {name: tf.Variable(value) for name, value in params.items()}
    with tf.GradientTape() as tape:
        h, outputs = tf.constant(h0), []
        for t in range(xs.shape[1]):
            h = tf.stop_gradient(h) if t and t % k == 0 else h
            h = tf.tanh(xs[:, t] @ variables["Wx"] + h @ variables["Wh"] + variables["b"])
            outputs.append(h @ variables["Wy"] + variables["by"])
        loss = tf.reduce_mean(tf.square(tf.stack(outputs, axis=1) - ys))
    return loss, tape.gradient(loss, variables), h


# truncated_bptt


@pytest.mark.parametrize("k", [1, 2, 3, 5, 7, 11, 12, 40])
def test_every_gradient_is_that_of_tensorflow_with_stop_gradient_at_the_cuts(k):
    case = network(3, 11, 2, 5, 4)
    loss, grads, last = truncation.truncated_bptt(*case, k)
    want_loss, want_grads, want_last = taped(*case, k)
    assert loss == pytest.approx(float(want_loss), abs=1e-12)
    np.testing.assert_allclose(last, want_last, atol=1e-12)
    assert list(grads) == list(PARAMS)
    for name in PARAMS:
        np.testing.assert_allclose(grads[name], want_grads[name], atol=1e-12)


def test_without_a_cut_every_gradient_is_that_of_finite_differences():
    params, xs, ys, h0 = network(2, 5, 2, 3, 2)
    _, grads, _ = truncation.truncated_bptt(params, xs, ys, h0, 5)

    def loss_with(name, place, change):
        moved = {n: v.copy() for n, v in params.items()}
        moved[name][place] += change
        return truncation.truncated_bptt(moved, xs, ys, h0, 5)[0]

    for name, gradient in grads.items():
        for place in np.ndindex(gradient.shape):
            slope = (loss_with(name, place, 1e-6) - loss_with(name, place, -1e-6)) / 2e-6
            assert gradient[place] == pytest.approx(slope, abs=1e-8)


def test_the_gradient_with_cuts_is_not_that_of_the_loss():
    case = network(3, 11, 2, 5, 4)
    full, cut = (truncation.truncated_bptt(*case, k)[1]["Wh"] for k in (11, 4))
    assert np.abs(full - cut).max() > 1e-3


def test_an_error_after_the_cut_gives_exactly_nothing_to_an_input_before_it():
    params, xs, ys, h0 = network(3, 9, 2, 5, 4)
    params |= {"Wx": 0 * params["Wx"], "b": 0 * params["b"]}
    xs[:, 4:] = 0
    ys[:, :4] = params["by"]
    loss, grads, _ = truncation.truncated_bptt(params, xs, ys, 0 * h0, 4)
    full_loss, full, _ = truncation.truncated_bptt(params, xs, ys, 0 * h0, 9)
    assert not grads["Wx"].any() and loss == full_loss
    assert np.abs(full["Wx"]).max() > 1e-3


def test_chunks_one_by_one_weighed_by_their_steps_give_the_whole():
    params, xs, ys, h0 = network(3, 11, 2, 5, 4)
    loss, grads, last = truncation.truncated_bptt(params, xs, ys, h0, 4)
    total, summed, h = 0.0, dict.fromkeys(PARAMS, 0.0), h0
    for chunk in (slice(0, 4), slice(4, 8), slice(8, 11)):
        part, own, h = truncation.truncated_bptt(params, xs[:, chunk], ys[:, chunk], h, 99)
        share = xs[:, chunk].shape[1] / 11
        total += share * part
        summed = {name: summed[name] + share * own[name] for name in PARAMS}
    assert total == pytest.approx(loss)
    np.testing.assert_allclose(h, last)
    for name in PARAMS:
        np.testing.assert_allclose(summed[name], grads[name], atol=1e-12)


@pytest.mark.parametrize("k", [0, -3])
def test_k_below_one_is_refused_in_words(k):
    with pytest.raises(ValueError, match=f"k is {k}; expected at least 1"):
        truncation.truncated_bptt(*network(2, 3, 2, 3, 1), k)


def test_a_wrong_shape_names_the_array():
    params, xs, ys, h0 = network(2, 3, 2, 4, 1)
    with pytest.raises(ValueError, match=r"ys has shape \(2, 2, 1\); expected \(2, 3, 1\)"):
        truncation.truncated_bptt(params, xs, ys[:, 1:], h0, 2)


# stream_batches


@pytest.mark.parametrize("count", range(1, 40))
def test_streams_are_what_loops_over_the_docstring_say(count):
    ids, batch, steps = np.arange(100, 100 + count), 3, 4
    inputs, targets = truncation.stream_batches(ids, batch, steps)
    chunks = (count - 1) // 12
    assert inputs.shape == targets.shape == (chunks, batch, steps)
    for c, r, t in np.ndindex(chunks, batch, steps):
        assert inputs[c, r, t] == ids[r * chunks * steps + c * steps + t]
        assert targets[c, r, t] == inputs[c, r, t] + 1


def test_the_rows_put_end_to_end_are_the_text_and_a_list_will_do():
    ids = list(range(50))
    inputs, _ = truncation.stream_batches(ids, 2, 7)
    assert inputs.swapaxes(0, 1).ravel().tolist() == ids[:42]
    assert inputs.dtype.kind == "i"


# multires_window


@pytest.mark.parametrize("counts", [(60, 5, 5), (2, 3, 4), (0, 2, 1), (3, 0, 0), (1, 4, 0)])
def test_a_window_is_what_a_walk_back_from_its_end_says(counts):
    rng = np.random.default_rng(1)
    months, weeks, days = counts
    needed = 30 * months + 7 * weeks + days
    series = rng.normal(size=needed + 20)
    for t in (needed, needed + 7, needed + 20):
        want, end = [], t
        for length in [1] * days + [7] * weeks + [30] * months:
            want.append(sum(series[end - length : end]) / length)
            end -= length
        found = truncation.multires_window(series, t, *counts)
        np.testing.assert_allclose(found, want[::-1], atol=1e-12)
        assert end == t - needed


def test_the_window_of_the_notebook_s_example_has_the_days_that_it_says():
    days = np.arange(60)
    found = truncation.multires_window(days, 50, months=1, weeks=2, days=3)
    assert found.tolist() == [np.mean(range(3, 33)), 36.0, 43.0, 47.0, 48.0, 49.0]


@pytest.mark.parametrize(("length", "t"), [(47, 46), (60, 61), (40, 40)])
def test_a_window_that_does_not_fit_is_refused_in_words(length, t):
    with pytest.raises(ValueError, match=f"t is {t}; expected 47 to {length}"):
        truncation.multires_window(np.zeros(length), t, months=1, weeks=2, days=3)


# tbptt_train_step


class Tiny(keras.Model):
    """A model with a state and one layer, small enough to check by hand."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(1,), initializer="ones")

    def call(self, x, states):
        (state,) = states
        return x * self.weight + state, [state + self.weight]


def mean_square(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred))


def test_a_step_worked_by_hand():
    # Outputs 2 w + s = 2 * 1 + 3 = 5, target 1: loss 16, gradient 2 * 4 * 2 = 16, w 1 -> -0.6.
    model, x = Tiny(), tf.constant([[2.0]])
    loss, states = truncation.tbptt_train_step(
        model, keras.optimizers.SGD(0.1), mean_square, x, tf.constant([[1.0]]), [tf.constant([3.0])]
    )
    assert float(loss) == 16.0
    assert states[0].numpy().tolist() == [4.0]
    assert model.weight.numpy().tolist() == pytest.approx([-0.6])


def test_no_gradient_flows_through_the_states_returned_but_through_the_model_s_own():
    model = Tiny()
    arguments = (mean_square, tf.ones((1, 1)), tf.zeros((1, 1)), [tf.zeros(1)])
    with tf.GradientTape(persistent=True) as tape:
        _, ours = truncation.tbptt_train_step(model, keras.optimizers.SGD(0.0), *arguments)
        _, theirs = wrong.states_returned_as_they_are(model, keras.optimizers.SGD(0.0), *arguments)
    assert tape.gradient(ours, model.weight) is None
    assert tape.gradient(theirs, model.weight) is not None


@pytest.mark.slow
def test_train_steps_over_a_frozen_model_give_the_losses_of_one_long_chunk():
    model = models.CharacterModel(vocabulary=7, units=5)
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 7, (2, 3, 12))
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    frozen = keras.optimizers.SGD(0.0)
    whole, (last,) = truncation.tbptt_train_step(model, frozen, loss_fn, x, y, model.start(3))
    states, losses = model.start(3), []
    for chunk in (slice(0, 4), slice(4, 8), slice(8, 12)):
        loss, states = truncation.tbptt_train_step(
            model, frozen, loss_fn, x[:, chunk], y[:, chunk], states
        )
        losses.append(float(loss))
    assert np.mean(losses) == pytest.approx(float(whole), abs=1e-5)
    np.testing.assert_allclose(states[0], last, atol=1e-5)


# What failed checks say


def test_rows_that_do_not_go_on_and_targets_that_are_not_later_are_called_that():
    found = message_of("stream_batches", "rules", wrong.chunks_filled_one_after_the_other)
    assert "a row does not go on in the next chunk" in found
    found = message_of("stream_batches", "rules", wrong.targets_not_shifted)
    assert "the target of a step is not the input of the step after it" in found

    def wrapped_round(ids, batch, steps):
        inputs, _ = truncation.stream_batches(ids, batch, steps)
        rows = inputs.swapaxes(0, 1).reshape(batch, -1)
        targets = np.roll(rows, -1, axis=1).reshape(batch, -1, steps).swapaxes(0, 1)
        return inputs, targets

    found = message_of("stream_batches", "rules", wrapped_round)
    assert "the last target of a row is not the id with which the next row begins" in found


def test_an_empty_result_of_the_wrong_shape_is_told_the_right_one():
    found = message_of("stream_batches", "edges", wrong.list_of_chunks_without_a_shape)
    assert found.startswith("with N = batch * steps, one id too few: stream_batches")
    assert "inputs has shape (0,); expected (0, " in found


def test_a_gradient_through_the_cut_is_said_to_be_one():
    found = message_of("truncated_bptt", "cut", wrong.no_cut_at_all)
    assert "inputs only before the cut and errors only after the cut" in found
    assert "grads: Wx departs first" in found and "expected 0" in found


def test_a_loss_that_depends_on_k_is_told_what_the_cut_is_for():
    found = message_of("truncated_bptt", "rules", wrong.state_reset_at_each_cut)
    assert "loss is another for k = " in found and "the cut is for the gradient only" in found


def test_a_missing_error_for_k_of_zero_is_called_that():
    found = message_of("truncated_bptt", "edges", wrong.k_below_one_taken_for_one)
    assert found == (
        "with k = 0: truncated_bptt returned a result; expected it to raise ValueError"
    )


def test_a_window_that_looks_ahead_is_called_that():
    found = message_of("multires_window", "rules", wrong.ends_with_day_t)
    assert "it looks ahead" in found


@pytest.mark.parametrize(
    ("answer", "argument"),
    [
        (wrong.parameters_updated, "params"),
        (wrong.h0_moved_on_in_place, "h0"),
        (wrong.targets_turned_into_errors_in_place, "ys"),
    ],
)
def test_a_change_of_an_argument_or_in_one_names_it(answer, argument):
    found = message_of("truncated_bptt", "rules", answer)
    assert found.startswith(f"truncated_bptt changes its argument {argument} in place")


@pytest.mark.slow
def test_a_leak_through_the_states_is_called_that():
    found = message_of("tbptt_train_step", "cut", wrong.states_returned_as_they_are)
    assert "the largest gradient that flows back through new_states" in found
    assert found.endswith("expected 0")


@pytest.mark.slow
def test_one_tensor_where_a_list_of_states_belongs_is_called_that():
    found = message_of("tbptt_train_step", "states", wrong.first_state_only)
    assert "expected a list of 1" in found


# What the lesson's experiments rest on


def test_adam_is_the_adam_of_keras():
    rng = np.random.default_rng(0)
    params = {"a": rng.normal(size=(2, 3)), "b": rng.normal(size=4)}
    variables = {name: keras.Variable(value, dtype="float64") for name, value in params.items()}
    theirs = keras.optimizers.Adam(0.05, epsilon=1e-8)
    ours = fitting.Adam(0.05)
    for _ in range(5):
        grads = {name: rng.normal(size=value.shape) for name, value in params.items()}
        theirs.apply_gradients([(tf.constant(grads[n]), v) for n, v in variables.items()])
        params = ours.step(params, grads)
        for name, value in params.items():
            np.testing.assert_allclose(value, variables[name].numpy(), atol=1e-5)


def test_adam_leaves_the_parameters_that_it_is_given():
    params = {"a": np.ones(2)}
    moved = fitting.Adam(0.1).step(params, {"a": np.ones(2)})
    assert params["a"].tolist() == [1.0, 1.0] and moved["a"][0] < 1.0


@pytest.mark.parametrize("penalty", [0.0, 0.1, 30.0])
def test_ridge_is_the_ridge_of_scikit_learn(penalty):
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    inputs = 50 + 7 * rng.normal(size=(40, 6))
    targets = inputs @ rng.normal(size=6) + rng.normal(size=40)
    theirs = Ridge(alpha=penalty).fit((inputs - inputs.mean()) / inputs.std(), targets)
    others = 50 + 7 * rng.normal(size=(9, 6))
    want = theirs.predict((others - inputs.mean()) / inputs.std())
    np.testing.assert_allclose(fitting.ridge(inputs, targets, penalty)(others), want, rtol=1e-6)


def test_the_character_model_goes_on_from_the_state_that_it_returned():
    model = models.CharacterModel(vocabulary=6, units=4)
    x = np.random.default_rng(0).integers(0, 6, (2, 7))
    whole, (last,) = model(x, model.start(2))
    first, states = model(x[:, :3], model.start(2))
    second, (joined,) = model(x[:, 3:], states)
    assert whole.shape == (2, 7, 6) and last.shape == (2, 4)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, atol=1e-5)
    np.testing.assert_allclose(joined, last, atol=1e-5)


def test_what_the_notebook_gives_is_what_the_reference_calls():
    assert truncation.rnn_backward is through_time.rnn_backward
