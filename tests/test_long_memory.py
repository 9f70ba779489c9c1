"""The lesson ``long_memory``: its references from outside, its reviews, and its checks."""

from types import SimpleNamespace

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from alternates import long_memory as alternates
from checking import finding, fresh, message, on_substitutes, wrong_answer
from keras.src.backend.tensorflow.rnn import _assert_valid_mask
from scipy.stats import binom, poisson

from autograder import judge as judging
from autograder import wire
from autograder.sandbox import Limits
from autograder.student import Student
from solutions import long_memory
from unrolled import checks, plots, probes, reviews, tasks
from unrolled.calling import Outcome
from unrolled.checks import long_memory as asked
from unrolled.checks.engine import Case, Local, Once

# adding_batch


@pytest.mark.parametrize("steps", [2, 3, 7, 40])
def test_always_saying_one_errs_by_a_sixth_in_the_adding_problem(steps):
    _, y = long_memory.adding_batch(np.random.default_rng(0), 40_000, steps)
    assert abs(np.mean((y - 1) ** 2) - 1 / 6) < 0.005


def test_the_markers_of_a_batch_stand_one_in_each_half():
    x, y = long_memory.adding_batch(np.random.default_rng(1), 50, 7)
    assert x.shape == (50, 7, 2) and y.shape == (50,)
    assert np.array_equal(x[:, :3, 1].sum(axis=1), np.ones(50))
    assert np.array_equal(x[:, 3:, 1].sum(axis=1), np.ones(50))
    np.testing.assert_allclose(y, np.sum(x[:, :, 0] * x[:, :, 1], axis=1))


def test_a_batch_without_room_for_two_markers_is_refused():
    with pytest.raises(ValueError, match="steps is 1; expected 2 or more"):
        long_memory.adding_batch(np.random.default_rng(0), 3, 1)


def bernstein(sigmas, count, deviation, largest, slack=1.0):
    """A bound on the chance that a mean of independent terms is off by some deviations.

    slack  by how much the variance may exceed deviation squared; also for sums in which each
           term's mean is 0 given all before it (Freedman)
    """
    reach = largest * sigmas / (3 * deviation * np.sqrt(count))
    return 2 * np.exp(-(sigmas**2) / (2 * (slack + reach)))


def off_by_chance(draws, chance, sigmas):
    """The chance that a count is as far off as the checks find too far."""
    reach = sigmas * np.sqrt(draws * chance * (1 - chance))
    low, high = draws * chance - reach, draws * chance + reach
    return binom.cdf(np.ceil(low) - 1, draws, chance) + binom.sf(np.floor(high), draws, chance)


def test_a_right_batch_is_not_refused_by_chance():
    total = 0.0
    for case in fresh("adding_batch", "chance", 0)[0]:
        batch, steps = case.arguments[0]["batch"], case.arguments[0]["steps"]
        half, other = steps // 2, steps - steps // 2
        numbers = batch * steps
        # Dvoretzky, Kiefer, Wolfowitz, in the form of Massart (1990)
        total += (1 + steps) * 2 * np.exp(-2 * asked.KOLMOGOROV**2)
        # Half of the steps of single precision are told apart; those that meet are about Poisson.
        meet = numbers**2 / 2 / 2**23
        total += poisson.sf(0.05 * numbers, meet)
        for pairs in ((batch - 1) * steps, batch * (steps - 1)):
            total += bernstein(asked.SIGMAS, pairs, 1 / 12, 1 / 4, slack=1.1)
        for size in (half, other):
            total += size * off_by_chance(batch, 1 / size, asked.SIGMAS) if size > 1 else 0
            if size > 1:
                total += size**2 * off_by_chance(batch // 2, size**-2.0, asked.SIGMAS_RARE)
        total += half * other * off_by_chance(batch, 1 / (half * other), asked.SIGMAS_RARE)
        total += bernstein(asked.SIGMAS, 2 * batch, np.sqrt(1 / 12), 0.5)
    assert 2 * total < 1e-9  # the visible and the hidden cases


def test_statistics_of_right_batches_stay_far_from_what_is_refused(monkeypatch):
    monkeypatch.setattr(asked, "SIGMAS", 5.0)
    monkeypatch.setattr(asked, "SIGMAS_RARE", 5.5)
    monkeypatch.setattr(asked, "KOLMOGOROV", 2.7)
    for seed in range(20):
        assert finding("adding_batch", "chance", long_memory.adding_batch, seed).holds


def test_a_number_that_single_precision_rounds_up_to_one_is_accepted():
    def adding_batch(rng, batch, steps):
        x, _ = long_memory.adding_batch(rng, batch, steps)
        x[0, :, 0] = 1.0
        return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=1)

    assert finding("adding_batch", "form", adding_batch).holds


@pytest.mark.parametrize(
    ("name", "prop", "words"),
    [
        ("both markers in the first half", "form", "has 2 markers in the first half, steps [0, 4)"),
        ("product for the sum", "form", "y is the product of the marked numbers"),
        ("channels exchanged", "form", "the markers stand in x[:, :, 0]; expected them in"),
        ("markers shared by the batch", "chance", "of 16384 markers in the first half"),
        ("last step missing", "chance", "0 stand at step 9; expected about 3277"),
        ("odd last step missing", "chance", "0 stand at step 6; expected about 1024"),
        ("second mirrors first", "chance", "second marker stands depends on its first one"),
        ("numbers shared by the batch", "chance", "go together from one row to the next"),
        ("rows copied from the first half", "chance", "many stand there more than once"),
        ("rows mirrored from the first half", "chance", "or with 1 minus a number elsewhere"),
        ("numbers from two beta distributions", "chance", "are below 0."),
        ("mean of two draws at the last step", "chance", "numbers in x[:, :, 0] 8"),
        ("rng ignored", "generator", "take every random number from rng"),
        ("fixed seed", "generator", "gave the same numbers again"),
    ],
)
def test_a_wrong_batch_is_told_what_is_wrong_with_it(name, prop, words):
    assert words in message("adding_batch", prop, wrong_answer("adding_batch", name))


def test_markers_drawn_where_numbers_are_large_are_noticed():
    def adding_batch(rng, batch, steps):
        numbers, half = rng.random((batch, steps)), steps // 2
        x = np.stack([numbers, np.zeros_like(numbers)], axis=2)
        rows = np.arange(batch)
        x[rows, np.argmax(numbers[:, :half], axis=1), 1] = 1
        x[rows, half + np.argmax(numbers[:, half:], axis=1), 1] = 1
        return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=1)

    assert "must not depend on the numbers" in message("adding_batch", "chance", adding_batch)
    assert finding("adding_batch", "form", adding_batch).holds


def test_markers_that_a_row_takes_over_from_the_row_before_are_noticed():
    def adding_batch(rng, batch, steps):
        half = steps // 2
        first = np.repeat(rng.integers(0, half, -(-batch // 2)), 2)[:batch]
        second = rng.integers(half, steps, batch)
        x = np.zeros((batch, steps, 2))
        x[:, :, 0] = rng.random((batch, steps))
        x[np.arange(batch), first, 1] = x[np.arange(batch), second, 1] = 1
        return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=1)

    assert message("adding_batch", "chance", adding_batch)


# influence_by_position


def test_the_influence_in_a_linear_recurrence_is_a_power_of_its_weight():
    cell = keras.layers.SimpleRNN(1, activation="linear", dtype="float64")
    model = keras.Sequential([keras.Input((30, 1), dtype="float64"), cell])
    cell.set_weights([np.ones((1, 1)), np.full((1, 1), -0.8), np.zeros(1)])
    found = long_memory.influence_by_position(
        model, np.random.default_rng(0).normal(size=(2, 30, 1))
    )
    np.testing.assert_allclose(found, np.tile(0.8 ** np.arange(29, -1, -1), (2, 1)), rtol=1e-9)


def test_the_influence_is_the_length_of_the_gradient_by_differences():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.LSTM(5, dtype="float64"), keras.layers.Dense(1, dtype="float64")]
    model = keras.Sequential([keras.Input((6, 3), dtype="float64"), *layers])
    x = np.random.default_rng(1).normal(size=(2, 6, 3))
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        moved = np.stack([x, x])
        moved[(0, *place)] += 1e-5
        moved[(1, *place)] -= 1e-5
        up, down = (np.asarray(model(m)).sum() for m in moved)
        gradient[place] = (up - down) / 2e-5
    found = long_memory.influence_by_position(model, x)
    np.testing.assert_allclose(found, np.sqrt(np.sum(gradient**2, axis=2)), rtol=1e-6, atol=1e-9)


def test_a_model_that_reads_its_last_two_steps_has_no_influence_before_them():
    case = next(c for c in fresh("influence_by_position", "edges", 0)[0] if "last two" in c.label)
    (outcome,) = Local(long_memory.influence_by_position).ask([case])
    found = outcome.value["influence"]
    assert not found[:, :-2].any() and found[:, -2:].all()


def test_training_mode_costs_only_the_marks_of_inference():
    answer = wrong_answer("influence_by_position", "training mode")
    assert finding("influence_by_position", "values", answer).holds
    assert finding("influence_by_position", "edges", answer).holds
    assert "departs first at" in message("influence_by_position", "inference", answer)


def _without_watching(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        output = model(x, training=False)
    return x, output, tape


def _root_by_hand(model, x):
    x, output, tape = _without_watching(model, x)
    return np.sqrt(np.sum(tape.gradient(output, x) ** 2, axis=2))


def _listed_and_as_numpy(model, x):
    x, output, tape = _without_watching(model, x)
    return tape.gradient(output, [x])[0].numpy()


def _returned_as_it_is(model, x):
    x, output, tape = _without_watching(model, x)
    return tape.gradient(output, x)


def _predicted(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = model.predict_on_batch(x)
    return tape.gradient(tf.constant(output), x).numpy()


@pytest.mark.parametrize(
    "answer", [_root_by_hand, _listed_and_as_numpy, _returned_as_it_is, _predicted]
)
def test_a_gradient_that_is_none_is_called_that_whatever_was_done_with_it(answer):
    whole = tf.GradientTape.gradient
    said = message("influence_by_position", "values", answer)
    assert "the gradient is None: was x watched, and the model called inside the tape?" in said
    assert tf.GradientTape.gradient is whole


def test_an_influence_of_zero_everywhere_asks_whether_x_was_watched():
    def influence_by_position(model, x):
        x, output, tape = _without_watching(model, x)
        return tf.norm(tape.gradient(output, x, unconnected_gradients="zero"), axis=2)

    said = message("influence_by_position", "values", influence_by_position)
    assert "0 everywhere: was x watched" in said


@pytest.mark.parametrize(
    ("name", "prop", "words"),
    [
        ("absolute sum", "values", "this is the sum of the absolute values"),
        ("square root missing", "values", "the root is missing"),
        ("gradient of the batch mean", "values", "smaller by the number of rows"),
        ("training mode", "inference", "does the model run in inference mode?"),
    ],
)
def test_an_influence_of_something_else_is_named_whatever_the_seed(name, prop, words):
    for seed in range(3):
        said = message(
            "influence_by_position", prop, wrong_answer("influence_by_position", name), seed
        )
        assert words in said and "again" not in said and "differs too" not in said


def test_an_influence_that_is_another_the_second_time_is_told_so():
    calls = []

    def influence_by_position(model, x):
        calls.append(None)
        return long_memory.influence_by_position(model, x) + len(calls) % 2 - 1

    said = message("influence_by_position", "values", influence_by_position)
    assert "the influence, asked a second time, departs" in said


# sample_text


def test_sampled_pairs_follow_the_probabilities_of_a_chain():
    logits = np.array([[0.0, 1.0, -1.0], [2.0, 0.0, 0.0], [0.5, 0.5, -3.0]])
    tokens = long_memory.sample_text(
        lambda token, state: (logits[token], None), None, [0], 20_000, 0.8, np.random.default_rng(0)
    )
    counts = np.zeros((3, 3))
    np.add.at(counts, (tokens[:-1], tokens[1:]), 1)
    scaled = np.exp(logits / 0.8)
    np.testing.assert_allclose(
        counts / counts.sum(axis=1, keepdims=True),
        scaled / scaled.sum(axis=1, keepdims=True),
        atol=0.07,
    )


def test_a_cold_model_takes_the_likeliest_token_and_a_hot_one_any():
    def step(token, state):
        return np.array([1.0, 3.0, 2.0]), state

    def drawn(temperature):
        rng = np.random.default_rng(0)
        return np.bincount(long_memory.sample_text(step, None, [0], 3000, temperature, rng))

    assert drawn(0.01).tolist() == [0, 3000]
    assert np.all(np.abs(drawn(1000.0) - 1000) < 150)


def test_right_draws_are_not_refused_by_chance():
    total = 0.0
    for prop in ("draws", "edges"):
        for case in fresh("sample_text", prop, 0)[0]:
            (settings,) = case.arguments
            draws = settings["n"] * settings["times"]
            if draws > 1000:
                p = asked._softmax(settings["table"][0] / settings["temperature"])
                counts = [off_by_chance(draws, chance, asked.SIGMAS) for chance in p]
                total += np.nansum(counts)
                # Pairs at one lag fall into two groups, in each of which they are independent.
                alike, sigmas = np.sum(p**2), asked.SIGMAS_PAIRS / np.sqrt(2)
                deviation = np.sqrt(alike * (1 - alike))
                total += draws / 2 * 2 * bernstein(sigmas, draws / 4, deviation, 1.0)
    assert 0 < 2 * total < 1e-9


def test_what_all_but_certain_logits_leave_open_is_no_chance_at_all():
    table = asked._certain(np.random.default_rng(0), 7, 5)
    p = asked._softmax(table[0] / 1.0)
    assert np.sort(p)[-2] < 1e-25
    assert len({int(np.argmax(row)) for row in table}) > 2


@pytest.mark.parametrize(
    ("name", "prop", "words"),
    [
        ("argmax", "draws", "(always the likeliest token)"),
        ("temperature multiplied", "draws", "(as if the temperature were multiplied)"),
        ("state not advanced over the prefix", "steps", "call 2 of step was not given the state"),
        ("prefix returned too", "steps", "(the prefix does not belong in it)"),
        ("new tokens not read", "steps", "step was called 6 times; expected at least 17"),
        ("softmax that overflows", "edges", "with logits from -1000 to 1000: sample_text raised"),
        ("rng ignored in the draws", "draws", "take every draw from rng"),
        (
            "first token the likeliest",
            "edges",
            "with n = 1, 2500 times: sample_text: of 2500 draws",
        ),
        ("one random number for two tokens", "draws", "is the same as the one 1 earlier in"),
        ("random numbers used over and over", "draws", "is the same as the one "),
        ("prefix grows in place", "steps", "it changes its argument prefix in place"),
    ],
)
def test_a_wrong_sampler_is_told_what_is_wrong_with_it(name, prop, words):
    assert words in message("sample_text", prop, wrong_answer("sample_text", name))


def test_a_prefix_need_not_be_read_where_nothing_is_drawn():
    def sample_text(step, state, prefix, n, temperature, rng):
        if n == 0:
            return []
        return long_memory.sample_text(step, state, prefix, n, temperature, rng)

    assert finding("sample_text", "edges", sample_text).holds


# Reviews


def test_a_review_opens_with_its_verdict_after_some_padding():
    x, y = reviews.make(np.random.default_rng(0), 500, 30, 40)
    places = reviews.opening_at(x)
    assert x.shape == (500, 30) and x.dtype == np.int32 and set(y.tolist()) == {0, 1}
    for row, verdict, place in zip(x, y, places, strict=True):
        assert not row[: place - 1].any() and row[place - 1 :].all() and place - 1 >= 4
        words = reviews.text(row).split()
        assert [words[0], *words[2:4]] == ["i", "this", "movie"]
        assert words[1] in (reviews.GOOD if verdict else reviews.BAD)


def test_reviews_mix_all_lengths_about_equally_and_both_verdicts():
    x, y = reviews.make(np.random.default_rng(0), 20_000, 100, 40)
    least, most = reviews.filler_range(100)
    found = np.bincount(np.count_nonzero(x, axis=1) - reviews.OPENING, minlength=most + 1)
    assert (least, most) == (7, 92) and not found[:least].any()
    assert np.all(np.abs(found[least:] - 20_000 / 86) < 100)
    assert abs(y.mean() - 0.5) < 0.02


def test_one_filler_word_in_ten_is_a_verdict_word_without_regard_to_the_verdict():
    x, y = reviews.make(np.random.default_rng(0), 4000, 60, 40, filler=50)
    filler = x[:, 10:]
    good, bad = (
        np.isin(filler, [reviews.WORDS.index(word) for word in words]).sum(axis=1)
        for words in (reviews.GOOD, reviews.BAD)
    )
    assert abs(np.mean(good + bad) - 5) < 0.1
    assert not np.any((good > 0) & (bad > 0))  # a review praises all the rest, or nothing
    assert abs(np.corrcoef(good - bad, y)[0, 1]) < 0.06
    assert filler.max() == 39


def test_reviews_without_decoys_have_one_verdict_word_and_the_seed_decides():
    first, second = (
        reviews.make(np.random.default_rng(5), 100, 40, 30, decoys=0.0) for _ in range(2)
    )
    assert all(map(np.array_equal, first, second))
    verdicts = [reviews.WORDS.index(word) for word in reviews.GOOD + reviews.BAD]
    assert np.array_equal(np.isin(first[0], verdicts).sum(axis=1), np.ones(100))


@pytest.mark.parametrize(
    ("build", "can_be_cut"),
    [
        (long_memory.build_model, True),
        (alternates.functional_and_both_directions, True),
        (alternates.phrases_anywhere, True),
        (alternates.masked_padding, False),
        (alternates.subclass_with_dropout_and_two_layers, False),
    ],
)
def test_a_model_is_cut_behind_its_embedding_or_not_at_all(build, can_be_cut):
    x, _ = reviews.make(np.random.default_rng(0), 5, 20, 30)
    model = build(20, 30)
    found = reviews.split_at_embedding(model, x)
    assert (found is not None) == can_be_cut
    if can_be_cut:
        rows, rest = found
        assert rows.shape[:2] == x.shape
        np.testing.assert_allclose(rest(rows), model(x), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 12, "vocabulary": 40}, "steps is 12; expected 16 or more"),
        ({"steps": 30, "vocabulary": 8}, "vocabulary is 8; expected 12 to 51"),
        ({"steps": 30, "vocabulary": 99}, "vocabulary is 99; expected 12 to 51"),
        ({"steps": 30, "vocabulary": 40, "filler": 27}, "filler is 27; expected 0 to 26"),
    ],
)
def test_reviews_of_impossible_sizes_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        reviews.make(np.random.default_rng(0), 3, **settings)


def test_the_digits_are_scikit_learns_and_each_stands_on_one_side_only():
    digits = tasks.digit_sequences(np.random.default_rng(0))
    assert digits.train_x.shape == (1400, 64, 1) and digits.test_x.shape == (397, 64, 1)
    assert digits.train_x.dtype == np.float32
    assert digits.train_x.min() == 0 and digits.train_x.max() == 1
    assert np.bincount(np.concatenate([digits.train_y, digits.test_y])).tolist() == [
        *(178, 182, 177, 183, 181),
        *(182, 181, 179, 174, 180),
    ]


def test_the_figure_of_a_row_says_what_its_axes_are_and_marks_two_numbers():
    x, y = long_memory.adding_batch(np.random.default_rng(0), 1, 12)
    plots.marked_row(x[0], y[0])
    axes = plt.gca()
    assert axes.get_xlabel() == "position (steps)" and axes.get_ylabel() == "number (no unit)"
    (marked,) = [line for line in axes.lines if line.get_label() == "marked number"]
    assert abs(marked.get_ydata().sum() - y[0]) < 1e-12
    plt.close()


# build_model


def test_the_reference_model_starts_with_open_forget_gates_and_masks_nothing():
    model = long_memory.build_model(20, 15)
    words, memory, _ = model.layers
    bias = memory.get_weights()[2]
    assert np.all(bias[32:64] == 2) and not bias[:32].any() and not bias[64:].any()
    assert not words.mask_zero and model(np.zeros((3, 20), "int32")).shape == (3, 1)


def test_cudnn_refuses_padding_in_front_and_takes_it_at_the_end():
    # What the notebook says of mask_zero, as Keras's own source has it.
    front = tf.constant([[False, False, True, True]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="right-padded"):
        _assert_valid_mask(front)
    _assert_valid_mask(front[:, ::-1])


def interface(answer, seed=0):
    return finding("build_model", "interface", answer, seed)


def test_reading_backwards_passes_with_a_remark_however_it_is_done():
    def turned(steps, vocabulary):
        words = keras.Input((steps,), dtype="int32")
        rows = keras.layers.Embedding(vocabulary, 16)(keras.ops.flip(words, axis=1))
        state = keras.layers.LSTM(24)(rows)
        return keras.Model(words, keras.layers.Dense(1, activation="sigmoid")(state))

    for backwards in (alternates.backwards, turned):
        for seed in range(2):
            found = interface(backwards, seed)
            assert found.holds and "reads reviews backwards" in found.remark
    for answer in (
        long_memory.build_model,
        alternates.lstm_as_keras_starts_it,
        alternates.functional_and_both_directions,
        alternates.phrases_anywhere,
    ):
        assert interface(answer).remark is None


def test_a_model_that_knows_the_verdicts_already_is_refused():
    def build_model(steps, vocabulary):
        signs = np.zeros((vocabulary, 1), "float32")
        signs[[4, 5]], signs[[6, 7]] = 9, -9
        words = keras.layers.Embedding(vocabulary, 1)
        first = keras.layers.Lambda(lambda rows: rows[:, 5, :])
        model = keras.Sequential(
            [
                keras.Input((steps,), dtype="int32"),
                words,
                first,
                keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones"),
            ]
        )
        words.set_weights([signs])
        return model

    assert "knows the verdicts before any training" in interface(build_model).message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("two outputs", "for 120 reviews the model gives shape (120, 2); expected (120, 1)"),
        ("no activation at the end", "expected probabilities, from 0 to 1"),
        ("layers in a list", "it returned an object of type list; expected a keras.Model"),
        ("vocabulary written as a number", "with steps = 48 and vocabulary = 51: build_model"),
        ("frozen", "training could not move any weight of the model"),
    ],
)
def test_a_model_of_the_wrong_form_is_told_so_whatever_the_seed(name, words):
    for seed in range(3):
        assert words in interface(wrong_answer("build_model", name), seed).message


@pytest.mark.slow
def test_a_pooling_model_is_told_that_long_reviews_are_wrong():
    said = message("build_model", "learns", wrong_answer("build_model", "average over the words"))
    assert "short reviews are right and long ones are not" in said
    assert "words of filler" in said


@pytest.mark.slow
def test_a_basic_cell_that_learns_short_reviews_passes_with_a_remark():
    def build_model(steps, vocabulary):
        return alternates._model(steps, vocabulary, keras.layers.SimpleRNN(32))

    found = finding("build_model", "learns", build_model)
    assert not found.holds or "only memory in your model is a basic cell" in found.remark


# train


def shares(probabilities, want, enough=0.8):
    """What the check says of probabilities for unseen reviews."""
    case = Case(({},), seconds=100.0, want={"property": "half", **want})
    value = {"probabilities": np.asarray(probabilities)[:, np.newaxis], "seconds": 1.0}
    return next(asked._train_complaints("half", case, value), None)


def test_the_lowest_length_decides_and_is_named():
    want = {"labels": np.tile([0, 1], 50), "filler": np.repeat([5, 50], 50)}
    right = want["labels"].astype(float)
    assert shares(right, want) is None
    coin = right.copy()
    coin[50:75] = 1 - coin[50:75]
    message = shares(coin, want).message
    assert "short reviews are right and long ones are not" in message
    assert "1.00 at 5, 0.50 at 50; expected at least 0.8" in message
    assert (
        "long reviews are right and short ones are not"
        in shares(coin[::-1], {"labels": want["labels"][::-1], "filler": want["filler"]}).message
    )
    assert "hardly learnt anything" in shares(np.full(100, 0.5), want).message
    some = right.copy()
    some[:12], some[50:62] = 1 - some[:12], 1 - some[50:62]
    assert "right often enough at no length" in shares(some, want).message
    assert "from -1 to 1" in shares(2 * right - 1, want).message
    assert "not finite" in shares(np.full(100, np.nan), want).message


def test_training_that_takes_too_long_is_told_how_long_it_may_take():
    want = {"labels": np.array([0, 1]), "filler": np.array([5, 5])}
    case = Case(({},), seconds=100.0, want={"property": "full", **want})
    value = {"probabilities": np.array([[0.0], [1.0]]), "seconds": 120.0}
    (found,) = asked._train_complaints("full", case, value)
    assert found.message == "training took 120 s; expected at most 100 s"


def test_training_is_tried_on_a_task_for_another_model_where_the_model_is_not_right():
    (joint,) = asked._train_cases("half", np.random.default_rng(0))
    (apart,) = checks.EXERCISES["train"].apart([joint])
    verdicts = [reviews.WORDS.index(word) for word in reviews.GOOD + reviews.BAD]
    counted = [np.isin(c.arguments[0]["x"], verdicts).sum(axis=1) for c in (joint, apart)]
    assert counted[0].min() == 1 and counted[0].max() > 5 and counted[1].max() == 0
    x, y = apart.arguments[0]["x"], apart.arguments[0]["y"]
    here = np.take_along_axis(x, reviews.opening_at(x)[:, np.newaxis], axis=1)[:, 0]
    assert np.array_equal(np.isin(x, (2, 3)).sum(axis=1), np.ones(len(x)))
    assert np.array_equal(here == 2, y == 1)
    assert checks.EXERCISES["build_model"].substitute is probes.long_memory.model_by_place


@pytest.mark.slow
def test_training_that_is_right_keeps_its_marks_whatever_the_model():
    called_as = {"build_model": "build_model"}
    assert on_substitutes("train", long_memory.train, called_as, 0) == []
    for name in ("longest reviews only", "one length only"):
        lost = on_substitutes("train", wrong_answer("train", name), called_as, 0)
        assert lost == ["interface", "half", "full"]


def test_the_model_that_stands_in_for_a_students_learns_nothing_from_reviews():
    # What stands in for a student's model must be no answer to `build_model`.
    x, y = reviews.make(np.random.default_rng(0), 2000, 40, 40)
    model = probes.long_memory.model_by_place(40, 40)
    model.fit(x, y, epochs=15, verbose=0)
    unseen, labels = reviews.make(np.random.default_rng(1), 2000, 40, 40)
    right = (np.asarray(model(unseen, training=False))[:, 0] > 0.5) == (labels == 1)
    assert np.mean(right) < 0.56


def test_who_is_not_answered_is_told_from_whose_model_is_missing():
    def unanswered(*arguments):
        raise NotImplementedError()

    (case,) = asked._train_cases("half", np.random.default_rng(0))

    def said(train, **beside):
        train = type(train)(train.__code__, {"long_memory": long_memory, **beside})
        (outcome,) = Local(train).ask([case])
        return checks.EXERCISES["train"].fault(case, outcome)

    def train(model, data):
        return long_memory.train(model, data)

    assert said(unanswered, build_model=unanswered) == "train is not answered yet"
    assert said(unanswered) == "train is not answered yet"
    assert "build_model is not answered yet" in said(train, build_model=unanswered)
    assert "build_model is not defined" in said(train)


# What trains is asked once


class Kernel:
    """A student's kernel whose trained models are right, or know nothing, and that counts."""

    def __init__(self, right=True):
        self.right, self.asked = right, []

    def ask(self, name, cases, substitutes=None):
        self.asked.append((name, [c.probe for c in cases], dict(substitutes or {})))
        return [Outcome({"probabilities": self.said(c), "seconds": 1.0}) for c in cases]

    def said(self, case):
        x = case.arguments[0]["unseen"]
        word = np.take_along_axis(x, reviews.opening_at(x)[:, np.newaxis], axis=1)
        return np.isin(word, (2, 4, 5)) * 1.0 if self.right else np.full(word.shape, 0.5)


def judged(kernel, lacking=()):
    """Mark the two costly properties of ``train`` in a judge, and return the findings."""
    judge = judging.Judge(kernel, seed=3)
    judge._marks = {name: judging._Marks() for name in ("train", "build_model")}
    answer = judging.StandIn("train", judge)
    exercise = checks.EXERCISES["train"]
    return [judge._finding(exercise, prop, answer, list(lacking)) for prop in ("half", "full")]


def test_the_judge_has_a_model_trained_once_for_both_properties_on_fresh_reviews_only():
    kernel = Kernel()
    assert all(found.holds for found in judged(kernel))
    assert kernel.asked == [("train", ["trained_reviews"], {})]


def test_a_training_that_follows_a_wrong_model_is_not_tried_on_that_model_too():
    kernel = Kernel()
    assert all(found.holds for found in judged(kernel, lacking=["build_model"]))
    ((name, probed, substitutes),) = kernel.asked
    assert (name, probed, list(substitutes)) == ("train", ["trained_reviews"], ["build_model"])


def test_no_mistake_is_trained_to_find_out_which_one_an_answer_is():
    kernel = Kernel(right=False)
    assert not any(found.holds for found in judged(kernel))
    assert [probed for _, probed, _ in kernel.asked] == [
        ["trained_reviews"],
        ["trained_by_place"],
    ]


def test_a_visible_check_takes_the_training_of_the_check_before_once(monkeypatch, capsys):
    kernel, asked_for = Kernel(), []

    class Counting(Local):
        def ask(self, cases):
            asked_for.append(self.answer)
            return kernel.ask("train", cases)

    monkeypatch.setattr(checks, "Local", Counting)
    first, second, model = object(), object(), object()
    checks.run("train", "half", first, build_model=model)
    checks.run("train", "full", first, build_model=model)
    assert asked_for == [first]
    checks.run("train", "full", first, build_model=model)  # by itself it trains again
    assert asked_for == [first, first]
    checks.run("train", "half", first, build_model=model)
    checks.run("train", "full", second, build_model=model)
    assert asked_for == [first, first, first, second]
    checks.run("train", "half", second, build_model=model)
    checks.run("train", "full", second, build_model=first)
    assert asked_for[4:] == [second, second]
    assert capsys.readouterr().out.count("passed") == 7


def test_a_target_that_is_asked_once_keeps_what_it_heard():
    kernel = Kernel()
    target = Once(SimpleNamespace(ask=lambda cases: kernel.ask("train", cases)))
    cases = asked._train_cases("half", np.random.default_rng(0))
    assert target.ask(cases) is target.ask([])
    assert len(kernel.asked) == 1


def test_time_for_training_does_not_count_towards_the_time_for_the_whole_notebook(monkeypatch):
    student = Student(limits=Limits(total_s=50.0))
    buffers = [wire.encode({"missing": False, "outcomes": [vars_of(Outcome(1.0))]})]
    reply = {"msg_type": "unrolled_reply", "buffers": buffers}
    limits = []

    def wait(request, seconds, collect):
        limits.append((seconds, student._deadline))
        return reply

    session = SimpleNamespace(msg=lambda *a: {"header": {"msg_id": "1"}}, send=lambda *a, **k: None)
    student._client = SimpleNamespace(
        session=session, shell_channel=SimpleNamespace(socket=None), stop_channels=lambda: None
    )
    monkeypatch.setattr(student, "_wait", wait)
    before = student._deadline
    student.ask("train", [Case(({},), probe="trained_reviews", seconds=240.0)])
    assert limits == [(250.0, before + 240.0)]
    assert before <= student._deadline < before + 1  # what was not used is not kept
    student.close()


def vars_of(outcome):
    """An outcome as the kernel sends it."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(outcome).items()}
