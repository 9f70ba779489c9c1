"""The clipping lesson held to TensorFlow, to Keras and to its own words."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from checking import finding, message

from autograder import recording
from autograder.references import solution
from solutions import clipping
from solutions.mistakes import clipping as wrong
from unrolled import checks, plots, probes, tasks
from unrolled.checks.recorded import from_json, to_json


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def gradients(rng, scale=1.0):
    """What a model's gradients may look like: any number of axes, and None."""
    shapes = ((3, 4), (), (5,), (2, 3, 2), (1, 1))
    return [None, *(scale * rng.normal(size=shape) for shape in shapes), None]


def agree(ours, theirs):
    assert [a is None for a in ours] == [b is None for b in theirs]
    for a, b in zip(ours, theirs, strict=True):
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


# The NumPy references, held to TensorFlow


@pytest.mark.parametrize("limit", [0.01, 1.0, 3.0, 1e6])
def test_each_way_of_clipping_is_the_one_of_tensorflow(rng, limit):
    grads = gradients(rng, scale=3.0)
    kept = [g for g in grads if g is not None]
    ours, norm = clipping.clip_by_global_norm(grads, limit)
    theirs, their_norm = tf.clip_by_global_norm(grads, limit)
    agree(ours, theirs)
    assert norm == pytest.approx(float(their_norm), rel=1e-12)
    by_value = [g for g in clipping.clip_by_value(grads, limit) if g is not None]
    agree(by_value, [tf.clip_by_value(g, -limit, limit) for g in kept])
    agree(
        [clipping.clip_by_norm(g, limit) for g in kept], [tf.clip_by_norm(g, limit) for g in kept]
    )


def test_the_sides_of_a_right_triangle_have_the_norm_that_one_can_work_out():
    # 3^2 + 12^2 + 4^2 = 169 = 13^2
    grads = [np.array([3.0, 0.0]), np.array([[-12.0]]), np.array(4.0)]
    clipped, norm = clipping.clip_by_global_norm(grads, 1.0)
    assert norm == 13.0
    agree(clipped, [g / 13 for g in grads])
    assert clipping.clip_by_norm(np.array([3.0, -4.0]), 2.5).tolist() == [1.5, -2.0]


def test_what_is_not_longer_than_the_limit_comes_back_bit_for_bit(rng):
    grads = gradients(rng)
    _, norm = clipping.clip_by_global_norm(grads, 1.0)
    for limit in (norm, 2 * norm):
        same, _ = clipping.clip_by_global_norm(grads, limit)
        for before, after in zip(grads, same, strict=True):
            assert before is after is None or np.array_equal(before, after)
    assert np.array_equal(clipping.clip_by_norm(grads[1], 1e3), grads[1])


def test_a_clipped_gradient_is_as_long_as_the_limit_and_points_where_it_pointed(rng):
    grads = gradients(rng, scale=10.0)
    clipped, norm = clipping.clip_by_global_norm(grads, 0.5)
    assert clipping.clip_by_global_norm(clipped, 1.0)[1] == pytest.approx(0.5)
    agree(clipped, [None if g is None else g * (0.5 / norm) for g in grads])
    single = clipping.clip_by_norm(grads[1], 0.5)
    assert np.linalg.norm(single) == pytest.approx(0.5)
    np.testing.assert_allclose(single / 0.5, grads[1] / np.linalg.norm(grads[1]))


def test_without_gradients_the_norm_is_zero_and_zeros_stay_zeros():
    assert clipping.clip_by_global_norm([], 1.0) == ([], 0.0)
    assert clipping.clip_by_global_norm([None, None], 1.0) == ([None, None], 0.0)
    assert clipping.clip_by_value([], 1.0) == []
    zeros = np.zeros((2, 3))
    assert not clipping.clip_by_norm(zeros, 1.0).any()
    assert not clipping.clip_by_global_norm([zeros], 1.0)[0][0].any()
    assert clipping.clip_by_norm(np.zeros((2, 0)), 1.0).shape == (2, 0)


def test_entries_whose_squares_overflow_or_underflow_are_clipped_like_others():
    for size in (1e200, 1e-200):
        clipped, norm = clipping.clip_by_global_norm([np.array([3 * size]), -4 * size], 0.5 * size)
        assert norm == pytest.approx(5 * size)
        agree(clipped, [np.array([0.3 * size]), -0.4 * size])
        single = clipping.clip_by_norm(np.array([3 * size, -4 * size]), 0.5 * size)
        agree([single], [np.array([0.3 * size, -0.4 * size])])


@pytest.mark.parametrize("limit", [0, -1.0])
def test_a_limit_that_is_none_is_named(limit):
    grads = [np.ones(2)]
    for clip, given in (
        (clipping.clip_by_value, grads),
        (clipping.clip_by_norm, grads[0]),
        (clipping.clip_by_global_norm, grads),
    ):
        with pytest.raises(ValueError, match=rf"limit is {limit}; expected more than 0"):
            clip(given, limit)
    with pytest.raises(ValueError, match="limit is"):
        clipping.clipped_train_step(None, None, None, None, None, limit)


@pytest.mark.parametrize("entry", [np.nan, np.inf, -np.inf])
def test_a_norm_that_is_not_finite_is_refused_by_those_that_take_one(entry):
    grad = np.array([1.0, entry])
    with pytest.raises(FloatingPointError, match=r"norm is (nan|inf); expected a finite number"):
        clipping.clip_by_norm(grad, 1.0)
    with pytest.raises(FloatingPointError, match=r"norm is (nan|inf); expected a finite number"):
        clipping.clip_by_global_norm([None, np.ones(2), grad], 1.0)
    assert clipping.clip_by_value([np.array([1.0, np.inf])], 0.5)[0].tolist() == [0.5, 0.5]


# The train step, held to Keras's own clipping


def network(seed=1):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            keras.layers.Embedding(6, 3),
            keras.layers.SimpleRNN(5, unroll=True),
            keras.layers.Dense(2),
        ]
    )


def batches(rng, count=3):
    for _ in range(count):
        yield (
            tf.constant(rng.integers(0, 3, (7, 4))),
            tf.constant(rng.normal(0, 3, (7, 2)), "float32"),
        )


@pytest.mark.parametrize("limit", [0.3, 1e5])
@pytest.mark.parametrize("kind", [keras.optimizers.SGD, keras.optimizers.Adam])
def test_the_step_is_the_one_of_an_optimizer_that_clips_by_itself(rng, kind, limit):
    ours, theirs = network(), network()
    loss_fn = keras.losses.MeanSquaredError()
    optimizer, clipping_itself = kind(0.1), kind(0.1, global_clipnorm=limit)
    for x, y in batches(rng):
        with tf.GradientTape() as tape:
            their_loss = loss_fn(y, theirs(x, training=True))
        weights = theirs.trainable_variables
        grads = [tf.convert_to_tensor(g) for g in tape.gradient(their_loss, weights)]
        clipping_itself.apply_gradients(zip(grads, weights, strict=True))
        loss, norm = clipping.clipped_train_step(ours, optimizer, loss_fn, x, y, limit)
        assert float(loss) == pytest.approx(float(their_loss), rel=1e-5)
        assert float(norm) == pytest.approx(float(tf.linalg.global_norm(grads)), rel=1e-5)
        for our, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(our, their, atol=1e-5)
    assert int(optimizer.iterations) == 3


def test_the_step_moves_by_rate_times_limit_where_it_clips(rng):
    model = network()
    before = model.get_weights()
    ((x, y),) = batches(rng, 1)
    sgd = keras.optimizers.SGD(0.5)
    _, norm = clipping.clipped_train_step(model, sgd, keras.losses.MeanSquaredError(), x, y, 0.2)
    moves = [a - b for a, b in zip(model.get_weights(), before, strict=True)]
    assert float(norm) > 0.2
    assert np.sqrt(sum(np.sum(m**2) for m in moves)) == pytest.approx(0.5 * 0.2, rel=1e-4)


def test_the_norm_is_that_of_the_numeric_gradient_where_a_word_stands_twice(rng):
    model = network()
    ((x, y),) = batches(rng, 1)
    loss_fn = keras.losses.MeanSquaredError()
    start = model.get_weights()
    squares = 0.0
    for place, weight in enumerate(start):
        for index in np.ndindex(weight.shape):
            values = []
            for step in (1e-2, -1e-2):
                moved = [w.copy() for w in start]
                moved[place][index] += step
                model.set_weights(moved)
                values.append(float(loss_fn(y, model(x, training=True))))
            squares += ((values[0] - values[1]) / 2e-2) ** 2
    model.set_weights(start)
    _, norm = clipping.clipped_train_step(model, keras.optimizers.SGD(0.1), loss_fn, x, y, 1.0)
    assert float(norm) == pytest.approx(np.sqrt(squares), rel=1e-2)


class TwoRoads(keras.Model):
    """One weight or the other, so that each has no gradient at times."""

    def __init__(self):
        super().__init__()
        self.left = self.add_weight(shape=(1,), initializer="ones", name="left")
        self.right = self.add_weight(shape=(1,), initializer="ones", name="right")

    def call(self, x):
        return x * (self.left if x[0, 0] > 0 else self.right)


def test_a_weight_without_a_gradient_stays_and_may_have_one_later():
    model, optimizer = TwoRoads(), keras.optimizers.SGD(0.1, momentum=0.9)
    loss_fn = keras.losses.MeanSquaredError()
    model(tf.ones((2, 1)))
    for sign in (1.0, -1.0):
        x = sign * tf.ones((2, 1))
        clipping.clipped_train_step(model, optimizer, loss_fn, x, tf.zeros((2, 1)), 0.5)
    # Each was moved once, by the rate of 0.1 times the limit of 0.5.
    np.testing.assert_allclose(np.ravel(model.get_weights()), [0.95, 0.95], atol=1e-6)


def test_a_refused_step_leaves_weights_and_optimizer_as_they_were():
    model, optimizer = network(), keras.optimizers.Adam(0.1)
    before = model.get_weights()
    x, y = tf.zeros((2, 4), "int32"), tf.fill((2, 2), np.nan)
    with pytest.raises(FloatingPointError, match="norm is nan"):
        clipping.clipped_train_step(model, optimizer, keras.losses.MeanSquaredError(), x, y, 1.0)
    assert all(map(np.array_equal, before, model.get_weights()))
    assert int(optimizer.iterations) == 0


# What a failed check says


@pytest.mark.parametrize(
    ("name", "prop", "answer", "said"),
    [
        (
            *("clip_by_value", "rules", wrong.arrays_changed_in_place),
            "clip_by_value changes its argument grads in place",
        ),
        (
            *("clip_by_value", "edges", wrong.zero_for_none),
            "with gradients that are None: clip_by_value: result[0] is array(0.); expected None",
        ),
        (
            *("clip_by_norm", "rules", wrong.entries_clipped),
            "clip_by_norm changes the direction: the result is not the gradient times one number",
        ),
        (
            *("clip_by_norm", "edges", wrong.zero_divided_by_zero),
            "with zeros: clip_by_norm departs first at index [0, 0]: got nan, expected 0",
        ),
        (
            *("clip_by_norm", "errors", wrong.only_nan_refused),
            "with an entry that is inf: clip_by_norm returned a result; expected it to raise",
        ),
        (
            *("clip_by_global_norm", "values", wrong.clipped_norm_returned),
            "clip_by_global_norm: norm departs from the expected value: got",
        ),
        (
            *("clip_by_global_norm", "rules", wrong.clipped_norm_returned),
            "clip_by_global_norm gives another norm where only the limit is another",
        ),
        (
            *("clip_by_global_norm", "rules", wrong.joint_none_dropped),
            "clip_by_global_norm: clipped has 3 entries; expected 4",
        ),
        (
            *("clip_by_global_norm", "values", wrong.only_the_list_returned),
            "clip_by_global_norm has 3 entries; expected 2: (clipped, norm)",
        ),
        (
            *("clipped_train_step", "training", wrong.training_flag_missing),
            "a layer that differs in training: clipped_train_step: the loss of each step departs",
        ),
        (
            *("clipped_train_step", "stop", wrong.stopped_after_the_update),
            "with a loss that is NaN: clipped_train_step: the weights afterwards, array[0] departs",
        ),
        (
            *("clipped_train_step", "stop", wrong.value_error_stops_the_step),
            "clipped_train_step: the exception is 'ValueError'; expected 'FloatingPointError'",
        ),
        (
            *("clipped_train_step", "step", wrong.one_update_a_weight),
            "the number of updates that the optimizer made is 4; expected 1",
        ),
        (
            *("clip_by_value", "values", wrong.only_the_first_array),
            "clip_by_value: result has",
        ),
        (
            *("clipped_train_step", "step", wrong.one_update_a_weight_from_the_first_on),
            "give it all pairs in one call",
        ),
        (
            *("clipped_train_step", "step", wrong.fresh_optimizer_each_step),
            "the number of updates that the optimizer made is 0; expected 1",
        ),
        (
            *("clipped_train_step", "step", wrong.optimizer_told_to_clip_from_now_on),
            "in the optimizer's settings is 'global_clipnorm'; expected 'nothing'",
        ),
        (
            *("clipped_train_step", "gradients", wrong.zeros_in_place_of_none),
            "no gradient, and weight decay: clipped_train_step: the weights afterwards, array[2]",
        ),
        (
            *("clipped_train_step", "training", wrong.frozen_weights_trained),
            "a layer that is frozen and nothing to clip: clipped_train_step: the norm of each step",
        ),
        (
            *("clipped_train_step", "step", wrong.gradients_for_the_norm),
            "the norm that the step returned is no number",
        ),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_a_failed_check_says_where_to_look(name, prop, answer, said):
    assert said in message(name, prop, answer)


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        (wrong.training_flag_missing, ["training"]),
        (wrong.crash_on_a_gradient_that_is_none, ["gradients"]),
        (wrong.sparse_gradient_kept, ["gradients"]),
        (wrong.norm_of_the_step_not_checked, ["stop"]),
        (wrong.zero_norm_divides, ["step"]),
        (wrong.clipped_gradients_discarded, ["step", "gradients"]),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_a_slip_in_the_train_step_costs_what_it_spoils_and_no_more(answer, lost):
    name = "clipped_train_step"
    properties = checks.EXERCISES[name].properties
    assert [p for p in properties if not finding(name, p, answer).holds] == lost


@pytest.mark.parametrize("returned", [np.zeros((2, 2)), [np.zeros(2), None], [], "text", {}])
@pytest.mark.parametrize("name", ["clip_by_value", "clip_by_norm", "clip_by_global_norm"])
def test_the_rules_of_clipping_take_no_other_form_than_that_of_the_gradients(name, returned):
    assert message(name, "rules", lambda grads, limit: returned).startswith(name)


def test_one_result_of_another_form_among_right_ones_is_told_in_words():
    def clip_by_global_norm(grads, limit):
        clipped, norm = clipping.clip_by_global_norm(grads, limit)
        if np.ndim(grads[0]) == 3:
            clipped = [None if g is None else g.ravel() for g in clipped]
        return clipped, norm

    assert "has shape" in message("clip_by_global_norm", "rules", clip_by_global_norm)


# What the checks and the lesson stand on


def test_the_gradients_of_the_joint_case_are_long_together_and_short_apart():
    for seed in range(20):
        cases = checks.EXERCISES["clip_by_global_norm"].cases("values", np.random.default_rng(seed))
        grads, limit = cases[2].arguments
        norms = [np.linalg.norm(g) for g in grads]
        assert max(norms) < limit < np.linalg.norm(norms)
        grad, limit = (
            checks.EXERCISES["clip_by_norm"]
            .cases("values", np.random.default_rng(seed))[2]
            .arguments
        )
        assert np.abs(grad).max() < limit < np.linalg.norm(grad)


def test_the_train_step_is_asked_where_the_norm_is_well_above_a_small_limit():
    exercise = checks.EXERCISES["clipped_train_step"]
    for seed in range(3):
        for prop in ("step", "gradients"):
            for case in exercise.cases(prop, np.random.default_rng(seed)):
                (settings,) = case.arguments
                if settings["limit"] < 1.5:
                    reported = probes.clipped_steps(solution(exercise.name), **settings)
                    assert reported["norms"].min() > 2 * settings["limit"]


def test_numbers_that_are_not_finite_are_recorded_in_json_that_any_reader_takes():
    arrays = {"x": np.array([[1.5, np.nan], [np.inf, -np.inf]]), "n": np.arange(3)}
    text = json.dumps(to_json(arrays), allow_nan=False)
    back = from_json(json.loads(text))
    for name, array in arrays.items():
        assert np.array_equal(back[name], array, equal_nan=array.dtype.kind == "f")
    assert recording.agree(text, text)


def test_two_different_numbers_of_a_row_are_marked_and_any_pair_may_be(rng):
    numbers, marks = tasks.marked_numbers(rng, 4000, 5)
    assert numbers.shape == marks.shape == (4000, 5)
    assert numbers.dtype == marks.dtype == np.float32
    assert numbers.min() >= 0 and numbers.max() < 1
    assert set(np.unique(marks)) == {0, 1} and (marks.sum(axis=1) == 2).all()
    pairs = marks.T @ marks / 4000
    # Each of the ten pairs is as likely as any other.
    assert pairs[np.triu_indices(5, 1)] == pytest.approx([0.1] * 10, abs=0.025)
    # Two numbers uniform on [0, 1), each of variance 1/12.
    assert np.var((numbers * marks).sum(axis=1)) == pytest.approx(1 / 6, abs=0.01)


def test_a_row_without_room_for_two_marks_is_named(rng):
    with pytest.raises(ValueError, match="steps is 1; expected at least 2"):
        tasks.marked_numbers(rng, 3, 1)


def test_the_figures_of_clipping_label_their_axes(monkeypatch):
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    plots.bars(
        ["Wx", "b"],
        {"before": [3.0, 4.0], "after": [1.0, 1.0]},
        title="t",
        xlabel="gradient",
        ylabel="norm (no unit)",
        levels={"limit": 1.0},
    )
    (axes,) = plt.gcf().axes
    assert [t.get_text() for t in axes.get_xticklabels()] == ["Wx", "b"]
    assert [p.get_height() for p in axes.patches] == [3.0, 4.0, 1.0, 1.0]
    assert {t.get_text() for t in axes.get_legend().get_texts()} == {"before", "after", "limit"}
    arrows = np.array([[3.0, 1.0], [0.2, -0.1]])
    panels = {"square": ("square", None), "circle": ("circle", arrows / 4)}
    plots.gradient_arrows(arrows, panels, limit=1.0)
    assert [axes.get_title() for axes in plt.gcf().axes] == ["square", "circle"]
    assert all("first weight" in axes.get_xlabel() for axes in plt.gcf().axes)
    x, y = np.linspace(0, 1, 4), np.linspace(0, 2, 5)
    plots.surface(
        *(x, y, np.add.outer(y, x), {"a path": np.array([[0.5, 0.5], [9.0, 9.0]])}),
        title="t",
        xlabel="w",
        ylabel="b",
        label="loss",
    )
    axes, beside = plt.gcf().axes
    assert axes.get_xlim() == (0, 1) and axes.get_ylim() == (0, 2)
    assert beside.get_ylabel() == "loss"
    plt.close("all")
