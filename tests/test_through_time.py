"""The lesson ``through_time``: its references against Keras and differences, and its checks."""

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from checking import finding, fresh, visible

from autograder.diagnosis import diagnose
from autograder.references import Reference
from solutions import through_time
from solutions.basic_cell import rnn_forward, rnn_step
from solutions.mistakes import through_time as wrong
from solutions.orientation import numerical_gradient
from unrolled import checks, plots, probes
from unrolled.checks.engine import Local

SIZES = [(3, 6, 2, 4), (1, 1, 1, 1), (5, 2, 3, 1), (2, 9, 1, 5)]


def drawn(*shapes, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.5, shape) for shape in shapes]


def sequence(b, t, d, h):
    return drawn((b, t, h), (b, t, d), (b, h), (d, h), (h, h), (h,))


# What the references are held to


@pytest.mark.parametrize(("b", "t", "d", "h"), SIZES)
def test_rnn_backward_is_the_gradient_of_the_simple_rnn_of_keras(b, t, d, h):
    dhs, xs, h0, Wx, Wh, bias = sequence(b, t, d, h)
    layer = keras.layers.SimpleRNN(h, return_sequences=True, dtype="float64")
    layer.build(xs.shape)
    layer.set_weights([Wx, Wh, bias])
    inputs, state = tf.constant(xs), tf.constant(h0)
    with tf.GradientTape() as tape:
        tape.watch([inputs, state])
        hs = layer(inputs, initial_state=[state])
        loss = tf.reduce_sum(hs * dhs)
    wanted = tape.gradient(loss, [inputs, state, *layer.trainable_variables])
    found = through_time.rnn_backward(dhs, xs, h0, np.asarray(hs), Wx, Wh)
    assert list(found) == ["xs", "h0", "Wx", "Wh", "b"]
    for our, their in zip(found.values(), wanted, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-12)


@pytest.mark.parametrize(("b", "t", "d", "h"), SIZES)
def test_rnn_step_backward_agrees_with_differences(b, t, d, h):
    dh, x, h_prev, Wx, Wh, bias = drawn((b, h), (b, d), (b, h), (d, h), (h, h), (h,))

    def loss():
        return np.sum(dh * rnn_step(x, h_prev, Wx, Wh, bias))

    output = rnn_step(x, h_prev, Wx, Wh, bias)
    found = through_time.rnn_step_backward(dh, x, h_prev, output, Wx, Wh)
    for gradient, array in zip(found, (x, h_prev, Wx, Wh, bias), strict=True):
        np.testing.assert_allclose(gradient, numerical_gradient(lambda _: loss(), array), atol=1e-8)


def test_rnn_backward_agrees_with_differences_for_a_loss_that_is_not_linear():
    _, xs, h0, Wx, Wh, bias = sequence(2, 5, 3, 4)

    def loss():
        return np.sum(rnn_forward(xs, h0, Wx, Wh, bias) ** 3)

    hs = rnn_forward(xs, h0, Wx, Wh, bias)
    found = through_time.rnn_backward(3 * hs**2, xs, h0, hs, Wx, Wh)
    for name, array in {"xs": xs, "h0": h0, "Wx": Wx, "Wh": Wh, "b": bias}.items():
        np.testing.assert_allclose(
            found[name], numerical_gradient(lambda _: loss(), array), atol=1e-8
        )


@pytest.mark.parametrize(("b", "t", "d", "h"), SIZES)
def test_jacobian_norms_are_those_of_the_jacobians_that_tensorflow_finds(b, t, d, h):
    _, xs, h0, Wx, Wh, bias = sequence(b, t, d, h)
    hs = rnn_forward(xs, h0, Wx, Wh, bias)
    norms = through_time.jacobian_norms(hs, Wh)
    assert norms.shape == (b, t) and (norms[:, 0] == 1).all()
    for row, k in itertools.product(range(b), range(t)):
        start = tf.Variable(hs[row, t - 1 - k][None])
        with tf.GradientTape() as tape:
            state = tf.identity(start)
            for x in xs[row, t - k : t]:
                state = tf.tanh(x[None] @ Wx + state @ Wh + bias)
        jacobian = np.asarray(tape.jacobian(state, start)).reshape(h, h)
        assert norms[row, k] == pytest.approx(np.linalg.norm(jacobian, 2), rel=1e-9)


def test_norms_never_exceed_the_bound_that_vanishing_rests_on():
    (hs, Wh) = drawn((4, 12, 5), (5, 5))
    norms = through_time.jacobian_norms(np.tanh(hs), Wh)
    assert (norms <= np.linalg.norm(Wh, 2) ** np.arange(12) * (1 + 1e-12)).all()


def test_orthogonal_weights_in_silence_carry_exactly_their_gain():
    Wh = through_time.recurrent_matrix(8, "orthogonal", 0.7, np.random.default_rng(0))
    norms = through_time.jacobian_norms(np.zeros((1, 40, 8)), Wh)
    np.testing.assert_allclose(norms[0], 0.7 ** np.arange(40), rtol=1e-10)


def test_recurrent_matrices_are_what_their_kind_promises():
    rng = np.random.default_rng(5)
    q = through_time.recurrent_matrix(50, "orthogonal", 1.3, rng)
    np.testing.assert_allclose(q.T @ q, 1.3**2 * np.eye(50), atol=1e-12)
    assert np.array_equal(through_time.recurrent_matrix(3, "identity", 2.0, rng), 2.0 * np.eye(3))
    entries = through_time.recurrent_matrix(400, "glorot", 0.5, rng)
    assert entries.std() == pytest.approx(0.5 / 20, rel=0.02)
    with pytest.raises(ValueError, match="kind is 'he'; expected 'glorot', 'orthogonal' or"):
        through_time.recurrent_matrix(3, "he", 1.0, rng)


def test_layer_norm_rnn_step_is_keras_layer_normalisation_before_tanh():
    x, h, Wx, Wh, b, gamma, beta = drawn((3, 2), (3, 6), (2, 6), (6, 6), (6,), (6,), (6,))
    layer = keras.layers.LayerNormalization(epsilon=0.3, dtype="float64")
    layer.build((None, 6))
    layer.set_weights([gamma, beta])
    wanted = np.tanh(layer(x @ Wx + h @ Wh + b))
    found = through_time.layer_norm_rnn_step(x, h, Wx, Wh, b, gamma, beta, 0.3)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_layer_norm_rnn_step_of_one_unit_knows_only_its_shift():
    x, h, Wx, Wh, b, gamma, beta = drawn((3, 2), (3, 1), (2, 1), (1, 1), (1,), (1,), (1,))
    found = through_time.layer_norm_rnn_step(x, h, Wx, Wh, b, gamma, beta)
    np.testing.assert_allclose(found, np.tanh(np.repeat(beta[None], 3, axis=0)))


def test_layer_norm_rnn_step_does_not_notice_the_scale_of_its_weights():
    x, h, Wx, Wh, b, gamma, beta = drawn((3, 2), (3, 6), (2, 6), (6, 6), (6,), (6,), (6,))
    step = through_time.layer_norm_rnn_step
    first = step(x, h, Wx, Wh, b, gamma, beta, 1e-12)
    again = step(x, h, 7 * Wx, 7 * Wh, 7 * b, gamma, beta, 1e-12)
    np.testing.assert_allclose(first, again, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "wrong_at", "shape", "message"),
    [
        ("rnn_step_backward", 0, (3, 5), r"dh has shape \(3, 5\); expected \(\d, \d\)"),
        ("rnn_backward", 3, (1, 1, 1), r"hs has shape \(1, 1, 1\); expected \("),
        ("jacobian_norms", 0, (2, 3), r"hs has shape \(2, 3\); expected \(B, T, \d\)"),
        ("layer_norm_rnn_step", 5, (1,), r"gamma has shape \(1,\); expected \(\d+,\)"),
    ],
)
def test_a_shape_that_disagrees_is_named(name, wrong_at, shape, message):
    (case, *_), _ = fresh(name, "values", 0)
    arguments = list(case.arguments)
    arguments[wrong_at] = np.zeros(shape)
    with pytest.raises(ValueError, match=message):
        getattr(through_time, name)(*arguments)


# What the checks ask


@pytest.mark.parametrize("prop", ["values", "edges", "rules"])
def test_states_in_the_cases_of_gradients_come_from_a_forward_pass(prop):
    for seed in range(5):
        for case in fresh("rnn_step_backward", prop, seed)[0]:
            _, x, h_prev, h, Wx, Wh = case.arguments
            # One bias for all rows: that is what a forward pass leaves over.
            biases = np.arctanh(h) - x @ Wx - h_prev @ Wh
            np.testing.assert_allclose(biases, biases[:1].repeat(len(h), 0), atol=1e-6)
            assert np.abs(h).max() < 0.9999
        for case in fresh("rnn_backward", prop, seed)[0]:
            _, xs, h0, hs, Wx, Wh = case.arguments
            before = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
            biases = np.arctanh(hs) - xs @ Wx - before @ Wh
            np.testing.assert_allclose(biases, biases[:1, :1] + 0 * biases, atol=1e-5)


class Watched:
    """An answer that keeps what it is asked."""

    def __init__(self, answer):
        self.local, self.cases = Local(answer), []

    def ask(self, cases):
        self.cases += cases
        return self.local.ask(cases)


@pytest.mark.parametrize("name", ["rnn_step_backward", "rnn_backward"])
def test_rules_of_gradients_ask_nothing_that_no_forward_pass_could_produce(name):
    exercise = checks.EXERCISES[name]
    watched = Watched(getattr(through_time, name))
    assert exercise.check("rules", watched, None, fresh(name, "rules", 1)[0]).holds
    for case in watched.cases:
        _, xs, h0, hs, Wx, Wh = case.arguments
        if xs.ndim == 2:
            xs, hs = xs[:, None], hs[:, None]
        before = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
        assert np.abs(hs).max() < 1
        biases = np.arctanh(hs) - xs @ Wx - before @ Wh
        np.testing.assert_allclose(biases, biases[:1, :1] + 0 * biases, atol=1e-5)


def test_a_gradient_lost_at_a_cut_is_told():
    def without_carried(dhs, xs, h0, hs, Wx, Wh):
        found = through_time.rnn_backward(dhs, xs, h0, hs, Wx, Wh)
        return found | {"h0": 0.5 * found["h0"]}

    assert "cut in two" in finding("rnn_backward", "rules", without_carried).message
    assert finding("rnn_backward", "rules", lambda *a: [1]).message.startswith("rnn_backward")


def test_a_missing_key_and_a_tuple_are_named():
    assert (
        "h0 is missing" in finding("rnn_backward", "values", wrong.gradient_of_h0_missing).message
    )
    assert (
        "is no dict; expected one with the keys xs, h0, Wx, Wh, b"
        in finding("rnn_backward", "values", wrong.backward_returns_a_tuple).message
    )


def test_lags_counted_from_the_wrong_end_are_told():
    found = finding("jacobian_norms", "rules", wrong.in_order_of_the_steps)
    assert "a lag is counted back from the last step" in found.message


# Matrices that chance decides


@pytest.mark.parametrize(
    ("prop", "answer", "words"),
    [
        ("orthogonal", wrong.no_decomposition_at_all, "the columns are not orthogonal"),
        ("orthogonal", wrong.gain_ignored_for_orthogonal, "a column has the length 1; expected"),
        ("orthogonal", wrong.reflection_for_orthogonal, "the matrix is symmetric"),
        ("orthogonal", wrong.identity_shuffled_for_orthogonal, "most entries are 0"),
        ("orthogonal", wrong.matrix_not_returned, "the result is None; is a `return` missing?"),
        ("orthogonal", wrong.a_vector, "expected (2"),
        ("glorot", wrong.uniform_to_the_deviation, "expected about gain / sqrt(H) ="),
        ("glorot", wrong.glorot_of_one_sign, "expected about 0"),
        ("glorot", wrong.one_row_repeated, "the entries depend on each other"),
        ("kinds", wrong.gain_ignored_for_identity, "the diagonal holds 1; expected the gain"),
        ("kinds", wrong.ones_for_identity, "there are numbers beside the diagonal"),
        ("kinds", wrong.glorot_for_unknown_kinds, "expected it to raise ValueError"),
        ("draws", wrong.global_random_numbers, "have to come from rng"),
        ("draws", wrong.seed_of_its_own, "is rng used?"),
        ("draws", wrong.generator_copied, "rng itself has to move on"),
    ],
)
def test_a_wrong_matrix_is_told_by_what_it_breaks(prop, answer, words):
    for found in (
        finding("recurrent_matrix", prop, answer),
        visible("recurrent_matrix", prop, answer),
    ):
        assert found.message and words in found.message


def test_one_wrong_kind_costs_only_its_own_check():
    lost = [
        prop
        for prop in checks.EXERCISES["recurrent_matrix"].properties
        if not finding("recurrent_matrix", prop, wrong.uniform_to_the_deviation).holds
    ]
    assert lost == ["glorot"]


def test_a_matrix_with_numbers_that_are_not_finite_is_refused():
    def infinite(H, kind, gain, rng):
        return np.full((H, H), np.inf if kind == "glorot" else np.nan)

    for prop in ("orthogonal", "glorot"):
        with np.errstate(all="ignore"):
            assert not finding("recurrent_matrix", prop, infinite).holds


def test_a_right_matrix_passes_for_two_hundred_seeds():
    for prop in checks.EXERCISES["recurrent_matrix"].properties:
        for seed in range(200):
            found = finding("recurrent_matrix", prop, through_time.recurrent_matrix, seed)
            assert found.message is None, (prop, seed)


def hint_of(answer, seed):
    reference = Reference.of(checks.EXERCISES["recurrent_matrix"])
    return diagnose(Local(answer), reference, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(10))
def test_a_mistake_in_a_random_matrix_is_known_from_other_random_numbers(seed):
    def mine(H, kind, gain, rng):
        if kind == "orthogonal":
            return -gain * np.linalg.svd(rng.uniform(-1, 1, (H, H)))[0]
        if kind == "glorot":
            return np.array([[rng.normal(0, gain / H) for _ in range(H)] for _ in range(H)])
        return through_time.recurrent_matrix(H, kind, gain, rng)

    assert hint_of(mine, seed) == " ".join(wrong.DEVIATION.split())


def test_a_right_random_matrix_equals_no_mistake():
    for seed in range(10):
        assert hint_of(through_time.recurrent_matrix, seed) is None


def test_the_probe_of_matrices_leaves_the_global_random_numbers_as_they_were():
    np.random.seed(3)
    wanted = np.random.normal(size=2)
    np.random.seed(3)
    first = np.random.normal()
    found = probes.recurrent_matrices(
        lambda H, kind, gain, rng: np.random.normal(size=(H, H)),
        units=2,
        kind="glorot",
        gain=1.0,
        runs=[(1, 5), (2, 5)],
        calls=2,
    )
    assert [first, np.random.normal()] == wanted.tolist()
    (a, b), (c, _) = found["matrices"]
    assert np.array_equal(a, c) and not np.array_equal(a, b)


# Figures


def test_the_figures_of_the_lesson_label_their_axes(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.switch_backend("Agg")
    tables = {"one": np.array([[0.1, np.nan]]), "two": np.array([[0.2, 0.7]])}
    plots.heat_maps(
        tables,
        rows=["row"],
        columns=["a", "b"],
        title="t",
        xlabel="start",
        ylabel="activation",
        label="loss (nats)",
        limits=(0.0, 1.0),
        missing="diverged",
    )
    first, second, colours = plt.gcf().axes
    assert (first.get_xlabel(), first.get_ylabel()) == ("start", "activation")
    assert second.get_title() == "two" and colours.get_ylabel() == "loss (nats)"
    assert [t.get_text() for t in first.texts] == ["0.1", "diverged"]
    plots.backward_graph(steps=3)
    written = [t.get_text() for t in plt.gcf().axes[0].texts]
    assert [w for w in written if "dhs" in w] == ["$dhs_{1}$", "$dhs_{2}$", "$dhs_{3}$"]
    plt.gcf().canvas.draw()
    plt.close("all")
