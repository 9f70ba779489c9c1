"""Known-wrong answers of the lesson ``long_memory``, most specific first."""

import keras
import numpy as np
import tensorflow as tf

from solutions.long_memory import build_model
from solutions.mistakes import mistake

# adding_batch


def _positions(rng, batch, steps):
    return rng.integers(0, steps // 2, batch), rng.integers(steps // 2, steps, batch)


def _marked(numbers, first, second):
    """x and the two marked numbers of each row."""
    rows = np.arange(len(numbers))
    x = np.stack([numbers, np.zeros_like(numbers)], axis=2)
    x[rows, first, 1] = 1.0
    x[rows, second, 1] = 1.0
    return x, numbers[rows, first], numbers[rows, second]


@mistake(
    "adding_batch",
    hint="The first marker belongs in the first half and the second in the second. Give each half "
    "a draw of its own, with its own lower and upper end.",
)
def both_markers_in_the_first_half(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first, second = (rng.integers(0, max(steps // 2, 1), batch) for _ in range(2))
    x, a, b = _marked(numbers, first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="The first marker belongs in the first half and the second in the second. Give each half "
    "a draw of its own, with its own lower and upper end.",
)
def both_markers_in_the_second_half(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first, second = (rng.integers(steps // 2, steps, batch) for _ in range(2))
    x, a, b = _marked(numbers, first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="The first marker belongs in the first half and the second in the second. Give each half "
    "a draw of its own, with its own lower and upper end.",
)
def markers_anywhere(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first = rng.integers(0, steps, batch)
    second = (first + rng.integers(1, steps, batch)) % steps
    x, a, b = _marked(numbers, first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="Two draws from all steps can hit the same step, and need not lie in different halves.",
)
def two_draws_that_may_coincide(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first, second = (rng.integers(0, steps, batch) for _ in range(2))
    x, a, b = _marked(numbers, first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="Every row needs markers of its own: draw as many positions as there are rows.",
)
def markers_shared_by_the_batch(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first, second = rng.integers(0, steps // 2), rng.integers(steps // 2, steps)
    x = np.stack([numbers, np.zeros_like(numbers)], axis=2)
    x[:, [first, second], 1] = 1.0
    return x, numbers[:, first] + numbers[:, second]


@mistake(
    "adding_batch",
    hint="Each row needs its own two markers. Indexing with `x[:, positions]` puts all positions "
    "into all rows; pair each row's number with its position.",
)
def every_marker_in_every_row(rng, batch, steps):
    numbers = rng.random((batch, steps))
    first, second = _positions(rng, batch, steps)
    x = np.stack([numbers, np.zeros_like(numbers)], axis=2)
    x[:, first, 1] = 1.0
    x[:, second, 1] = 1.0
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=1)


@mistake(
    "adding_batch",
    hint="The target is the sum of the two marked numbers: this is the adding problem.",
)
def product_for_the_sum(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, a * b


@mistake("adding_batch", hint="The target is the sum of the two marked numbers, not their mean.")
def mean_for_the_sum(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, (a + b) / 2


@mistake(
    "adding_batch",
    hint="Only the two marked numbers enter the target. The product of the two channels is zero "
    "wherever there is no marker.",
)
def sum_of_all_numbers(rng, batch, steps):
    x, _, _ = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, np.sum(x[:, :, 0], axis=1)


@mistake(
    "adding_batch",
    hint="y must belong to the rows of x: take the marked numbers from the x that you return.",
)
def target_of_another_batch(rng, batch, steps):
    x, _, _ = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    _, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="y must belong to the rows of x: take the marked numbers from the x that you return.",
)
def only_the_first_marked_number(rng, batch, steps):
    x, a, _ = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, a


@mistake(
    "adding_batch",
    hint="Look at the shape of y: one number a row, (B,), and not a column.",
)
def y_as_a_column(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x, (a + b)[:, np.newaxis]


@mistake(
    "adding_batch",
    hint="Check the axes of x: row first, then step, then the two channels.",
)
def time_first(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return np.swapaxes(x, 0, 1), a + b


@mistake(
    "adding_batch",
    hint="Check the axes of x: row first, then step, then the two channels.",
)
def channels_before_steps(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return np.swapaxes(x, 1, 2), a + b


@mistake("adding_batch", hint="Channel 0 holds the numbers, channel 1 the markers.")
def channels_exchanged(rng, batch, steps):
    x, a, b = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x[:, :, ::-1], a + b


@mistake(
    "adding_batch",
    hint="The upper end of `rng.integers` is not drawn itself. Is the last step of each half "
    "reached, and the first?",
)
def last_step_of_each_half_missing(rng, batch, steps):
    half = steps // 2
    first = rng.integers(0, max(half - 1, 1), batch)
    second = rng.integers(half, max(steps - 1, half + 1), batch)
    x, a, b = _marked(rng.random((batch, steps)), first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="The upper end of `rng.integers` is not drawn itself. Is the last step of each half "
    "reached, and the first?",
)
def last_step_missing(rng, batch, steps):
    half = steps // 2
    second = rng.integers(half, max(steps - 1, half + 1), batch)
    x, a, b = _marked(rng.random((batch, steps)), rng.integers(0, half, batch), second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="The upper end of `rng.integers` is not drawn itself. Is the last step of each half "
    "reached, and the first?",
)
def first_step_missing(rng, batch, steps):
    half = steps // 2
    first = rng.integers(min(1, half - 1), half, batch)
    x, a, b = _marked(rng.random((batch, steps)), first, rng.integers(half, steps, batch))
    return x, a + b


@mistake(
    "adding_batch",
    hint="With an odd number of steps the second half is longer by one: it goes on to T. Measure "
    "both halves by T // 2 and T.",
)
def odd_last_step_missing(rng, batch, steps):
    half = steps // 2
    x, a, b = _marked(
        rng.random((batch, steps)),
        rng.integers(0, half, batch),
        half + rng.integers(0, half, batch),
    )
    return x, a + b


@mistake(
    "adding_batch",
    hint="The two markers of a row must be drawn separately: where the second one stands must not "
    "follow from where the first one does.",
)
def second_follows_from_first(rng, batch, steps):
    half = steps // 2
    first = rng.integers(0, half, batch)
    extra = rng.integers(0, 2, batch) * (steps % 2)
    x, a, b = _marked(rng.random((batch, steps)), first, first + half + extra)
    return x, a + b


@mistake(
    "adding_batch",
    hint="The two markers of a row must be drawn separately: where the second one stands must not "
    "follow from where the first one does.",
)
def second_mirrors_first(rng, batch, steps):
    first = rng.integers(0, steps // 2, batch)
    x, a, b = _marked(rng.random((batch, steps)), first, steps - 1 - first)
    return x, a + b


@mistake(
    "adding_batch",
    hint="Every step of a half must be equally likely. Going through the steps in turn, or always "
    "taking the same one, is no draw.",
)
def always_the_first_and_the_last_step(rng, batch, steps):
    first = np.zeros(batch, dtype=int)
    x, a, b = _marked(rng.random((batch, steps)), first, first + steps - 1)
    return x, a + b


@mistake(
    "adding_batch",
    hint="Every step of a half must be equally likely. Going through the steps in turn, or always "
    "taking the same one, is no draw.",
)
def positions_in_turn(rng, batch, steps):
    half = steps // 2
    rows = np.arange(batch)
    x, a, b = _marked(rng.random((batch, steps)), rows % half, half + rows % (steps - half))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 is uniform on [0, 1). Which distribution do your numbers have?",
)
def numbers_from_a_normal_distribution(rng, batch, steps):
    x, a, b = _marked(rng.normal(size=(batch, steps)), *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 is uniform on [0, 1). Which distribution do your numbers have?",
)
def numbers_from_minus_one_to_one(rng, batch, steps):
    x, a, b = _marked(rng.uniform(-1, 1, (batch, steps)), *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 holds real numbers in [0, 1), and x and y are float arrays. Is a dtype or a "
    "rounding in the way?",
)
def numbers_rounded_to_whole_ones(rng, batch, steps):
    numbers = rng.integers(0, 2, (batch, steps)).astype(np.float64)
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 holds real numbers in [0, 1), and x and y are float arrays. Is a dtype or a "
    "rounding in the way?",
)
def x_of_integers(rng, batch, steps):
    x, _, _ = _marked(rng.random((batch, steps)), *_positions(rng, batch, steps))
    return x.astype(int), np.zeros(batch)


@mistake(
    "adding_batch",
    hint="Each row needs numbers of its own: draw (batch, steps) of them, not one row for all.",
)
def numbers_shared_by_the_batch(rng, batch, steps):
    numbers = np.tile(rng.random(steps), (batch, 1))
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Each step needs a number of its own: draw (batch, steps) of them, not one for each row.",
)
def numbers_shared_by_the_steps(rng, batch, steps):
    numbers = np.repeat(rng.random((batch, 1)), steps, axis=1)
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


_OWN_DRAW = (
    "Every number needs a draw of its own: none may follow from another number, be it copied or "
    "mirrored."
)


@mistake("adding_batch", hint=_OWN_DRAW)
def rows_copied_from_the_first_half(rng, batch, steps):
    numbers = np.tile(rng.random((-(-batch // 2), steps)), (2, 1))[:batch]
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake("adding_batch", hint=_OWN_DRAW)
def rows_mirrored_from_the_first_half(rng, batch, steps):
    numbers = rng.random((-(-batch // 2), steps))
    x, a, b = _marked(
        np.concatenate([numbers, 1 - numbers])[:batch], *_positions(rng, batch, steps)
    )
    return x, a + b


@mistake("adding_batch", hint=_OWN_DRAW)
def steps_copied_from_the_first_half(rng, batch, steps):
    numbers = np.tile(rng.random((batch, -(-steps // 2))), 2)[:, :steps]
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 is uniform on [0, 1). Which distribution do your numbers have?",
)
def numbers_from_two_beta_distributions(rng, batch, steps):
    # Mean and mean square are those of uniform numbers.
    low, high = rng.beta(2, 6, (batch, steps)), rng.beta(6, 2, (batch, steps))
    numbers = np.where(rng.random((batch, steps)) < 0.5, low, high)
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Channel 0 is uniform on [0, 1). Which distribution do your numbers have?",
)
def mean_of_two_draws_at_the_last_step(rng, batch, steps):
    numbers = rng.random((batch, steps))
    numbers[:, -1] = (numbers[:, -1] + rng.random(batch)) / 2
    x, a, b = _marked(numbers, *_positions(rng, batch, steps))
    return x, a + b


@mistake(
    "adding_batch",
    hint="Take every random number from the rng that is passed: `np.random.random` and a generator "
    "of your own do not know its seed.",
)
def rng_ignored(rng, batch, steps):
    x, a, b = _marked(
        np.random.random((batch, steps)), *_positions(np.random.default_rng(), batch, steps)
    )
    return x, a + b


@mistake(
    "adding_batch",
    hint="Take every random number from the rng that is passed: `np.random.random` and a generator "
    "of your own do not know its seed.",
)
def markers_from_the_global_generator(rng, batch, steps):
    half = steps // 2
    first = np.random.randint(0, half, batch)
    second = np.random.randint(half, steps, batch)
    x, a, b = _marked(rng.random((batch, steps)), first, second)
    return x, a + b


@mistake(
    "adding_batch",
    hint="A generator made inside the function starts anew with each call, so that every batch is "
    "the same. Draw from the one that is passed.",
)
def fixed_seed(rng, batch, steps):
    own = np.random.default_rng(0)
    x, a, b = _marked(own.random((batch, steps)), *_positions(own, batch, steps))
    return x, a + b


# influence_by_position


def _gradient(model, x, training=False):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = model(x, training=training)
    return tape.gradient(output, x).numpy()


@mistake(
    "influence_by_position",
    hint="In training mode dropout and batch normalisation mix chance and the rest of the batch "
    "in. Say which mode the model is to run in.",
)
def training_mode(model, x):
    return np.linalg.norm(_gradient(model, x, training=True), axis=2)


@mistake(
    "influence_by_position",
    hint="The influence of a step is a length, the Euclidean norm over its D inputs: squares are "
    "added and the root is taken.",
)
def absolute_sum(model, x):
    return np.sum(np.abs(_gradient(model, x)), axis=2)


@mistake(
    "influence_by_position",
    hint="A gradient has a sign, and positive and negative entries cancel when they are added. The "
    "influence is a norm.",
)
def signed_gradient(model, x):
    return np.sum(_gradient(model, x), axis=2)


@mistake(
    "influence_by_position",
    hint="A gradient has a sign, and positive and negative entries cancel when they are added. The "
    "influence is a norm.",
)
def signed_mean(model, x):
    return np.mean(_gradient(model, x), axis=2)


@mistake(
    "influence_by_position",
    hint="The influence of a step is a length, the Euclidean norm over its D inputs: squares are "
    "added and the root is taken.",
)
def square_root_missing(model, x):
    return np.sum(_gradient(model, x) ** 2, axis=2)


@mistake(
    "influence_by_position",
    hint="The influence of a step is a length, the Euclidean norm over its D inputs: squares are "
    "added and the root is taken.",
)
def root_mean_square(model, x):
    return np.sqrt(np.mean(_gradient(model, x) ** 2, axis=2))


@mistake(
    "influence_by_position",
    hint="The influence of a step is a length, the Euclidean norm over its D inputs: squares are "
    "added and the root is taken.",
)
def largest_entry(model, x):
    return np.max(np.abs(_gradient(model, x)), axis=2)


@mistake(
    "influence_by_position",
    hint="Over which axis is the norm? The result has one entry for each row and step, (B, T).",
)
def norm_over_the_steps(model, x):
    return np.linalg.norm(_gradient(model, x), axis=1)


@mistake(
    "influence_by_position",
    hint="Over which axis is the norm? The result has one entry for each row and step, (B, T).",
)
def gradient_itself(model, x):
    return _gradient(model, x)


@mistake(
    "influence_by_position",
    hint="Each row has influences of its own; do not average or add over the batch.",
)
def mean_over_the_batch(model, x):
    return np.mean(np.linalg.norm(_gradient(model, x), axis=2), axis=0)


@mistake(
    "influence_by_position",
    hint="Each row has influences of its own; do not average or add over the batch.",
)
def batch_mean_in_every_row(model, x):
    norms = np.linalg.norm(_gradient(model, x), axis=2)
    return np.tile(np.mean(norms, axis=0), (len(norms), 1))


@mistake(
    "influence_by_position",
    hint="The gradient of a mean over the batch is smaller by a factor of B. Take the outputs as "
    "they are, or their sum.",
)
def gradient_of_the_batch_mean(model, x):
    return np.linalg.norm(_gradient(model, x), axis=2) / len(x)


@mistake(
    "influence_by_position",
    hint="Only the gradient itself is asked for, not scaled to a largest value or a sum of 1.",
)
def scaled_to_a_largest_value_of_one(model, x):
    norms = np.linalg.norm(_gradient(model, x), axis=2)
    return norms / np.max(norms, axis=1, keepdims=True)


@mistake(
    "influence_by_position",
    hint="Only the gradient itself is asked for, not scaled to a largest value or a sum of 1.",
)
def scaled_to_a_sum_of_one(model, x):
    norms = np.linalg.norm(_gradient(model, x), axis=2)
    return norms / np.sum(norms, axis=1, keepdims=True)


@mistake(
    "influence_by_position",
    hint="The gradient of the output is asked for, not that of its square or of a loss.",
)
def gradient_of_the_square(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = tf.square(model(x, training=False))
    return np.linalg.norm(tape.gradient(output, x), axis=2)


@mistake(
    "influence_by_position",
    hint="The gradient of the output is asked for; multiplying it by the input measures something "
    "else.",
)
def gradient_times_input(model, x):
    return np.linalg.norm(_gradient(model, x) * np.asarray(x), axis=2)


@mistake(
    "influence_by_position",
    hint="This is the size of the input at each step. What counts is how the output answers to it.",
)
def size_of_the_input(model, x):
    return np.linalg.norm(x, axis=2)


@mistake(
    "influence_by_position",
    hint="Step t of the result belongs to step t of the input; do not turn the time axis round.",
)
def time_turned_round(model, x):
    return np.linalg.norm(_gradient(model, x), axis=2)[:, ::-1]


@mistake(
    "influence_by_position",
    hint="Without `tape.watch` the tape follows trainable variables only, and the gradient by x "
    "is None.",
)
def input_not_watched(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        output = model(x, training=False)
    return np.linalg.norm(tape.gradient(output, x), axis=2)


@mistake(
    "influence_by_position",
    hint="Where a step has no influence the result is 0. Something is divided by a norm of 0, or "
    "its logarithm is taken.",
)
def logarithm_of_the_norm(model, x):
    with np.errstate(divide="ignore"):
        return np.log(np.linalg.norm(_gradient(model, x), axis=2))


@mistake(
    "influence_by_position",
    hint="Take the gradient of every row's output, not of the first row's.",
)
def first_row_only(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = model(x, training=False)[0]
    return np.linalg.norm(tape.gradient(output, x), axis=2)


# sample_text


def _drawn(logits, temperature, rng):
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    p = np.exp(scaled - np.max(scaled))
    return int(rng.choice(len(p), p=p / np.sum(p)))


def _sampled(step, state, prefix, n, temperature, rng, draw=_drawn):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    for _ in range(n):
        tokens.append(draw(logits, temperature, rng))
        logits, state = step(tokens[-1], state)
    return tokens


@mistake(
    "sample_text",
    hint="Taking the likeliest token is no draw: the others have probabilities too.",
)
def argmax(step, state, prefix, n, temperature, rng):
    return _sampled(
        step, state, prefix, n, temperature, rng, lambda logits, t, rng: int(np.argmax(logits))
    )


@mistake(
    "sample_text",
    hint="A low temperature must make the likely tokens likelier. Do you divide the logits by it?",
)
def temperature_multiplied(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n, 1 / temperature, rng)


@mistake(
    "sample_text",
    hint="Every temperature above 0 is to be used as it is, however small or large.",
)
def temperature_kept_from_a_tenth_to_ten(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n, min(max(temperature, 0.1), 10.0), rng)


@mistake(
    "sample_text",
    hint="The first new token is drawn like all others, from the logits after the prefix.",
)
def first_token_the_likeliest(step, state, prefix, n, temperature, rng):
    first = []

    def draw(logits, temperature, rng):
        first.append(None)
        return int(np.argmax(logits)) if len(first) == 1 else _drawn(logits, temperature, rng)

    return _sampled(step, state, prefix, n, temperature, rng, draw)


_TIED = "Each token needs a random number of its own: one that is used again ties tokens together."

_PREFIX = """The prefix belongs to the caller, who may need it again: leave it as it is, and collect
    the new tokens in a list of your own."""


@mistake("sample_text", hint=_TIED)
def one_random_number_for_two_tokens(step, state, prefix, n, temperature, rng):
    left = []

    def draw(logits, temperature, rng):
        if not left:
            left.extend([rng.random()] * 2)
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        cumulative = np.cumsum(np.exp(scaled - np.max(scaled)))
        return int(np.searchsorted(cumulative, left.pop() * cumulative[-1], side="right"))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake("sample_text", hint=_TIED)
def random_numbers_used_over_and_over(step, state, prefix, n, temperature, rng):
    numbers = rng.random(100)
    drawn = []

    def draw(logits, temperature, rng):
        drawn.append(None)
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        cumulative = np.cumsum(np.exp(scaled - np.max(scaled)))
        number = numbers[len(drawn) % 100] * cumulative[-1]
        return int(np.searchsorted(cumulative, number, side="right"))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake("sample_text", hint=_PREFIX)
def prefix_grows_in_place(step, state, prefix, n, temperature, rng):
    new = _sampled(step, state, prefix, n, temperature, rng)
    prefix.extend(new)
    return prefix[-n:] if n else []


@mistake("sample_text", hint=_PREFIX)
def prefix_used_up(step, state, prefix, n, temperature, rng):
    *before, last = prefix
    prefix.clear()
    for token in before:
        _, state = step(token, state)
    return _sampled(step, state, [last], n, temperature, rng)


@mistake("sample_text", hint="The temperature has no effect. It belongs inside the softmax.")
def temperature_ignored(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n, 1.0, rng)


@mistake("sample_text", hint="The temperature has no effect. It belongs inside the softmax.")
def probabilities_divided_by_the_temperature(step, state, prefix, n, temperature, rng):
    def draw(logits, temperature, rng):
        p = np.exp(np.asarray(logits, dtype=np.float64) - np.max(logits))
        p = p / np.sum(p) / temperature
        return int(rng.choice(len(p), p=p / np.sum(p)))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake("sample_text", hint="Every token is equally likely here. Do the logits enter the draw?")
def uniform_draw(step, state, prefix, n, temperature, rng):
    return _sampled(
        step,
        state,
        prefix,
        n,
        temperature,
        rng,
        lambda logits, t, rng: int(rng.integers(len(logits))),
    )


@mistake(
    "sample_text",
    hint="exp of a large logit is infinite. Subtract the largest logit first: the probabilities "
    "stay the same.",
)
def softmax_that_overflows(step, state, prefix, n, temperature, rng):
    def draw(logits, temperature, rng):
        with np.errstate(over="ignore", invalid="ignore"):
            p = np.exp(np.asarray(logits, dtype=np.float64) / temperature)
            return int(rng.choice(len(p), p=p / np.sum(p)))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake(
    "sample_text",
    hint="Adding noise to the logits and taking the largest draws from the softmax only if the "
    "noise is Gumbel noise.",
)
def normal_noise_and_argmax(step, state, prefix, n, temperature, rng):
    def draw(logits, temperature, rng):
        return int(np.argmax(np.asarray(logits) / temperature + rng.normal(size=len(logits))))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake(
    "sample_text",
    hint="Read the whole prefix first, one token after the other, each with the state that the one "
    "before left.",
)
def only_the_last_token_of_the_prefix_read(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix[-1:], n, temperature, rng)


@mistake(
    "sample_text",
    hint="Read the whole prefix first, one token after the other, each with the state that the one "
    "before left.",
)
def only_the_first_token_of_the_prefix_read(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix[:1], n, temperature, rng)


@mistake(
    "sample_text",
    hint="Read the whole prefix first, one token after the other, each with the state that the one "
    "before left.",
)
def prefix_read_backwards(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix[::-1], n, temperature, rng)


@mistake(
    "sample_text",
    hint="The state does not move on while the prefix is read: hand what step returns to its next "
    "call.",
)
def state_not_advanced_over_the_prefix(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, after = step(token, state)
    tokens = []
    for _ in range(n):
        tokens.append(_drawn(logits, temperature, rng))
        logits, after = step(tokens[-1], after)
    return tokens


@mistake(
    "sample_text",
    hint="The state does not move on while tokens are drawn: hand what step returns to its next "
    "call.",
)
def state_not_advanced_over_the_new_tokens(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    for _ in range(n):
        tokens.append(_drawn(logits, temperature, rng))
        logits, _ = step(tokens[-1], state)
    return tokens


@mistake(
    "sample_text",
    hint="The last token of the prefix is read twice: once with the prefix, once when drawing "
    "begins.",
)
def last_token_of_the_prefix_read_twice(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, [*prefix, prefix[-1]], n, temperature, rng)


@mistake(
    "sample_text",
    hint="What was drawn must be read before the next draw: give step the new token.",
)
def new_tokens_not_read(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    return [_drawn(logits, temperature, rng) for _ in range(n)]


@mistake(
    "sample_text",
    hint="What was drawn must be read before the next draw: give step the new token.",
)
def last_token_of_the_prefix_read_for_ever(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    for _ in range(n):
        tokens.append(_drawn(logits, temperature, rng))
        logits, state = step(prefix[-1], state)
    return tokens


@mistake(
    "sample_text",
    hint="What is read next is the token that was drawn, not the likeliest one.",
)
def likeliest_token_read_instead_of_the_drawn_one(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    for _ in range(n):
        tokens.append(_drawn(np.asarray(logits) / 60, temperature, rng))
        logits, state = step(int(np.argmax(logits)), state)
    return tokens


@mistake("sample_text", hint="Return the new tokens only; the caller knows the prefix.")
def prefix_returned_too(step, state, prefix, n, temperature, rng):
    return [*prefix, *_sampled(step, state, prefix, n, temperature, rng)]


@mistake("sample_text", hint="Count the draws: n new tokens are asked for.")
def one_token_too_many(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n + 1, temperature, rng)


@mistake("sample_text", hint="Count the draws: n new tokens are asked for.")
def prefix_counted_among_the_n(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, max(n - len(prefix), 0), temperature, rng)


@mistake("sample_text", hint="Return the tokens in a list, not the last one or a text.")
def last_token_only(step, state, prefix, n, temperature, rng):
    return (_sampled(step, state, prefix, n, temperature, rng) or [0])[-1]


@mistake("sample_text", hint="Return the tokens in a list, not the last one or a text.")
def tokens_as_text(step, state, prefix, n, temperature, rng):
    return "".join(map(str, _sampled(step, state, prefix, n, temperature, rng)))


@mistake(
    "sample_text",
    hint="logits has one axis, (V,): one number for each token. Do not take one entry of it, or "
    "the softmax of each entry by itself.",
)
def wrong_axis(step, state, prefix, n, temperature, rng):
    def draw(logits, temperature, rng):
        logits = np.asarray(logits)[:, np.newaxis]  # the softmax of one entry is 1
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = (p / p.sum(axis=1, keepdims=True))[:, 0]
        return int(np.argmax(p))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake(
    "sample_text",
    hint="Every draw must come from the rng that is passed, so that its seed gives the text again.",
)
def rng_ignored_in_the_draws(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n, temperature, np.random.default_rng())


@mistake(
    "sample_text",
    hint="Every draw must come from the rng that is passed, so that its seed gives the text again.",
)
def drawn_from_the_global_generator(step, state, prefix, n, temperature, rng):
    def draw(logits, temperature, rng):
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        p = np.exp(scaled - np.max(scaled))
        return int(np.random.choice(len(p), p=p / np.sum(p)))

    return _sampled(step, state, prefix, n, temperature, rng, draw)


@mistake(
    "sample_text",
    hint="A generator made inside the function draws the same in every call, or in every step. "
    "Draw from the one that is passed.",
)
def generator_with_a_fixed_seed(step, state, prefix, n, temperature, rng):
    return _sampled(step, state, prefix, n, temperature, np.random.default_rng(0))


@mistake(
    "sample_text",
    hint="A generator made anew for each draw gives the same draw every time. Use the one that is "
    "passed.",
)
def generator_made_anew_for_each_draw(step, state, prefix, n, temperature, rng):
    return _sampled(
        step,
        state,
        prefix,
        n,
        temperature,
        rng,
        lambda logits, t, rng: _drawn(logits, t, np.random.default_rng(0)),
    )


# build_model


def _reviewer(steps, vocabulary, *layers, units=1, activation="sigmoid"):
    return keras.Sequential(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(vocabulary, 16),
            *layers,
            keras.layers.Dense(units, activation=activation),
        ]
    )


_POOLING = """The order of the words makes no difference to your model: it counts them, and the
    filler is full of verdict words about other things. Use a layer that reads in order."""


@mistake("build_model", hint=_POOLING)
def average_over_the_words(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.GlobalAveragePooling1D())


@mistake("build_model", hint=_POOLING)
def largest_over_the_words(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.GlobalMaxPooling1D())


@mistake("build_model", hint=_POOLING)
def dense_then_average(steps, vocabulary):
    return _reviewer(
        steps,
        vocabulary,
        keras.layers.Dense(32, activation="relu"),
        keras.layers.GlobalAveragePooling1D(),
    )


_END = """Your model does not look at the whole review: exchanging its first words changes nothing.
    The verdict stands at the beginning."""


@mistake("build_model", hint=_END)
def only_the_last_ten_words(steps, vocabulary):
    return _reviewer(
        steps,
        vocabulary,
        keras.layers.Cropping1D((steps - 10, 0)),
        keras.layers.LSTM(32),
    )


@mistake("build_model", hint=_END)
def only_the_last_word(steps, vocabulary):
    return _reviewer(
        steps, vocabulary, keras.layers.Cropping1D((steps - 1, 0)), keras.layers.Flatten()
    )


_KEPT = {}


@mistake(
    "build_model",
    hint="Each call builds a model of its own. One that is kept from call to call has been trained "
    "already when it is asked for again.",
)
def one_model_for_all_calls(steps, vocabulary):
    return _KEPT.setdefault(
        (steps, vocabulary), _reviewer(steps, vocabulary, keras.layers.LSTM(32))
    )


@mistake(
    "build_model",
    hint="The output is a probability, between 0 and 1. Which activation does the last layer need?",
)
def no_activation_at_the_end(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.LSTM(32), activation=None)


@mistake(
    "build_model",
    hint="The output is a probability, between 0 and 1. Which activation does the last layer need?",
)
def tanh_at_the_end(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.LSTM(32), activation="tanh")


@mistake(
    "build_model",
    hint="The softmax of a single number is always 1. Which activation turns one number into a "
    "probability?",
)
def softmax_of_one_number(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.LSTM(32), activation="softmax")


_SHAPE = "Look at the shape of the output: one probability for each review, (B, 1)."


@mistake("build_model", hint=_SHAPE)
def two_outputs(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.LSTM(32), units=2, activation="softmax")


@mistake("build_model", hint=_SHAPE)
def one_output_for_each_step(steps, vocabulary):
    return _reviewer(steps, vocabulary, keras.layers.LSTM(32, return_sequences=True))


@mistake("build_model", hint=_SHAPE)
def output_without_its_axis(steps, vocabulary):
    model = _reviewer(steps, vocabulary, keras.layers.LSTM(32))
    return keras.Sequential([model, keras.layers.Reshape(())])


@mistake(
    "build_model",
    hint="Sizes must come from the arguments: steps and vocabulary are others in the checks.",
)
def steps_written_as_a_number(steps, vocabulary):
    words = keras.Input((100,), dtype="int32")
    memory = keras.layers.LSTM(32)(keras.layers.Embedding(vocabulary, 16)(words))
    return keras.Model(words, keras.layers.Dense(1, activation="sigmoid")(memory))


@mistake(
    "build_model",
    hint="Sizes must come from the arguments: steps and vocabulary are others in the checks.",
)
def vocabulary_written_as_a_number(steps, vocabulary):
    return _reviewer(steps, 40, keras.layers.LSTM(32))


@mistake(
    "build_model",
    hint="Words are numbered from 0, the padding, to vocabulary - 1. How many rows does the "
    "embedding need?",
)
def one_word_too_few(steps, vocabulary):
    return _reviewer(steps, vocabulary - 1, keras.layers.LSTM(32))


@mistake("build_model", hint="Return the model, not a list of its layers or a function.")
def layers_in_a_list(steps, vocabulary):
    return [keras.layers.Embedding(vocabulary, 16), keras.layers.LSTM(32)]


@mistake("build_model", hint="Nothing in this model can be trained. Is trainable switched off?")
def frozen(steps, vocabulary):
    model = _reviewer(steps, vocabulary, keras.layers.LSTM(32))
    model.trainable = False
    return model


# train


def _fitted(model, x, y, epochs=30, rate=5e-3, **compiled):
    settings = {"optimizer": keras.optimizers.Adam(rate, clipnorm=1.0)}
    settings |= {"loss": "binary_crossentropy", **compiled}
    model.compile(**settings)
    return model.fit(x, y, epochs=epochs, batch_size=64, verbose=0)


_AS_BEFORE = """The weights of the model are as before: train the one that was passed, not a copy or
    one of your own, until its weights have moved."""


@mistake("train", hint=_AS_BEFORE)
def not_trained(model, data):
    return {"loss": [0.7, 0.6, 0.5]}


@mistake("train", hint=_AS_BEFORE)
def copy_trained(model, data):
    return _fitted(keras.models.clone_model(model), *data, epochs=3)


@mistake("train", hint=_AS_BEFORE)
def model_of_its_own_trained(model, data):
    x, y = data
    return _fitted(build_model(x.shape[1], int(np.max(x)) + 1), x, y, epochs=3)


_SHORT = """Does training see reviews of every length? What is learnt at one length does not by
    itself hold at another."""


@mistake("train", hint=_SHORT)
def longest_reviews_only(model, data):
    x, y = data
    words = np.count_nonzero(x, axis=1)
    kept = words >= np.quantile(words, 0.8)
    return _fitted(model, x[kept], y[kept])


@mistake("train", hint=_SHORT)
def one_length_only(model, data):
    x, y = data
    words = np.count_nonzero(x, axis=1)
    kept = words == np.bincount(words).argmax()
    return _fitted(model, x[kept], y[kept])


@mistake("train", hint=_SHORT)
def shortest_reviews_only(model, data):
    x, y = data
    words = np.count_nonzero(x, axis=1)
    kept = words <= np.quantile(words, 0.3)
    return _fitted(model, x[kept], y[kept])


@mistake(
    "train",
    hint="The loss stays level for several passes over the data and then falls at once. One or two "
    "passes are not enough.",
)
def one_epoch(model, data):
    return _fitted(model, *data, epochs=1)


@mistake(
    "train",
    hint="The loss stays level for several passes over the data and then falls at once. One or two "
    "passes are not enough.",
)
def two_epochs(model, data):
    return _fitted(model, *data, epochs=2)


@mistake(
    "train",
    hint="The weights hardly move. How large are the steps of your optimizer?",
)
def steps_too_small(model, data):
    return _fitted(model, *data, epochs=3, rate=1e-6)


@mistake("train", hint="Do the labels still belong to their reviews? Shuffle both or neither.")
def labels_shuffled(model, data):
    x, y = data
    return _fitted(model, x, np.random.default_rng(0).permutation(y), epochs=3)


@mistake("train", hint="Is 1 a good review and 0 a bad one? The labels are turned round.")
def labels_turned_round(model, data):
    x, y = data
    return _fitted(model, x, 1 - y)


@mistake(
    "train",
    hint="Return the history: what `model.fit` returns, or a dict with the losses.",
)
def nothing_returned(model, data):
    _fitted(model, *data, epochs=3)


@mistake(
    "train",
    hint="Return the history: what `model.fit` returns, or a dict with the losses.",
)
def model_returned(model, data):
    _fitted(model, *data, epochs=3)
    return model


@mistake(
    "train",
    hint="Return the history: what `model.fit` returns, or a dict with the losses.",
)
def list_of_losses_returned(model, data):
    return _fitted(model, *data, epochs=3).history["loss"]


@mistake(
    "train",
    hint="data is a pair: take it apart into x and y before you fit.",
)
def pair_not_taken_apart(model, data):
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model.fit(data, epochs=3, verbose=0)


@mistake(
    "train",
    hint="The steps are so large that the weights jump about. Which learning rate does your "
    "optimizer have?",
)
def steps_too_large(model, data):
    model.compile(optimizer=keras.optimizers.SGD(1e6), loss="binary_crossentropy")
    return model.fit(*data, epochs=3, batch_size=64, verbose=0)


@mistake(
    "train",
    hint="The loss must suit a single probability: it compares it with a label of 0 or 1.",
)
def loss_for_several_classes(model, data):
    return _fitted(model, *data, epochs=3, loss="sparse_categorical_crossentropy")
