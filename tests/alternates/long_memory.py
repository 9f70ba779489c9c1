"""Right answers to the exercises of the lesson ``long_memory``, written otherwise."""

import warnings

import keras
import numpy as np
import tensorflow as tf

from alternates import CALLS, right

# adding_batch


@right("adding_batch")
def row_by_row(rng, batch, steps):
    half = steps // 2
    x, y = np.zeros((batch, steps, 2)), np.zeros(batch)
    for b in range(batch):
        x[b, :, 0] = rng.uniform(size=steps)
        for place in (rng.integers(half), half + rng.integers(steps - half)):
            x[b, place, 1] = 1
            y[b] += x[b, place, 0]
    return x, y


@right("adding_batch")
def single_precision_and_one_hot_rows(rng, batch, steps):
    half = steps // 2
    first = np.eye(steps)[rng.integers(0, half, size=batch)]
    second = np.eye(steps)[rng.integers(half, steps, size=batch)]
    numbers = rng.random((batch, steps), dtype=np.float32)
    markers = (first + second).astype(np.float32)
    x = np.stack([numbers, markers], axis=-1)
    return x, x.prod(axis=-1).sum(axis=-1)


@right("adding_batch")
def largest_of_random_scores(rng, batch, steps):
    half = steps // 2
    first = np.argmax(rng.random((batch, half)), axis=1)
    second = half + np.argmax(rng.random((batch, steps - half)), axis=1)
    markers = np.zeros((batch, steps))
    np.put_along_axis(markers, np.stack([first, second], axis=1), 1.0, axis=1)
    numbers = rng.random((batch, steps))
    return [
        np.concatenate([numbers[..., None], markers[..., None]], axis=2),
        (numbers * markers).sum(1),
    ]


@right("adding_batch")
def floor_of_uniform_numbers(rng, batch, steps):
    print("a batch of", batch)
    half = steps // 2
    places = np.stack(
        [
            np.floor(rng.random(batch) * half),
            half + np.floor(rng.random(batch) * (steps - half)),
        ],
        axis=1,
    ).astype(int)
    x = np.zeros((batch, steps, 2), dtype=np.float32)
    x[..., 0] = rng.random((batch, steps))
    x[np.arange(batch)[:, None], places, 1] = 1
    return x, np.einsum("bt,bt->b", x[..., 0], x[..., 1])


@right("adding_batch")
def time_major_inside(rng, batch, steps):
    x = np.zeros((2, steps, batch))
    x[0] = rng.uniform(0.0, 1.0, (steps, batch))
    for low, high in ((0, steps // 2), (steps // 2, steps)):
        x[1, rng.integers(low, high, batch), range(batch)] = 1.0
    return x.transpose(2, 1, 0), np.sum(x[0] * x[1], axis=0)


@right("adding_batch")
def tensors(rng, batch, steps):
    half = steps // 2
    numbers = tf.constant(rng.random((batch, steps)), tf.float32)
    markers = tf.one_hot(rng.integers(0, half, batch), steps) + tf.one_hot(
        rng.integers(half, steps, batch), steps
    )
    return tf.stack([numbers, markers], axis=2), tf.reduce_sum(numbers * markers, axis=1)


@right("adding_batch")
def nested_lists_returned(rng, batch, steps):
    half = steps // 2
    rows, sums = [], []
    for _ in range(batch):
        numbers = rng.random(steps)
        marked = {int(rng.integers(half)), int(rng.integers(half, steps))}
        rows.append([[float(v), float(t in marked)] for t, v in enumerate(numbers)])
        sums.append(float(sum(numbers[t] for t in marked)))
    return rows, sums


# influence_by_position


@right("influence_by_position")
def squares_added_by_hand(model, x):
    inputs = tf.Variable(x)
    with tf.GradientTape() as tape:
        output = model(inputs, training=False)
    gradient = tape.gradient(output, inputs)
    return tf.sqrt(tf.reduce_sum(gradient**2, axis=-1)).numpy()


@right("influence_by_position")
def row_after_row(model, x):
    found = []
    for row in x:
        row = tf.constant(row[np.newaxis])
        with tf.GradientTape() as tape:
            tape.watch(row)
            output = tf.reshape(model(row, training=False), [])
        found.append(np.linalg.norm(tape.gradient(output, row)[0], axis=-1))
    return np.array(found)


@right("influence_by_position")
def sum_of_the_outputs(model, x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        total = tf.reduce_sum(model(x, training=False))
    return np.sqrt(np.einsum("btd,btd->bt", *[tape.gradient(total, x).numpy()] * 2))


@right("influence_by_position")
def tensor_returned(model, x):
    warnings.warn("this may take a while", stacklevel=2)
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = tf.squeeze(model(x, training=False))
    return tf.norm(tape.gradient(output, x), axis=2)


@right("influence_by_position")
def called_by_default_in_inference_mode(model, x):
    x = tf.convert_to_tensor(np.array(x, dtype="float32"))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        output = model(x)
    gradient = tape.gradient(output, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return np.asarray(keras.ops.norm(gradient, axis=-1))


@right("influence_by_position")
def in_a_graph_and_as_lists(model, x):
    def measured(x):
        return tf.gradients(model(x, training=False), x)[0]

    x = tf.convert_to_tensor(x)
    gradient = tf.function(measured).get_concrete_function(x)(x).numpy()
    return [[float(np.sqrt(np.dot(g, g))) for g in row] for row in gradient]


@right("influence_by_position")
def whole_jacobian(model, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = tf.reshape(model(x, training=False), [-1])
    jacobian = tape.jacobian(output, x).numpy()
    return np.linalg.norm(jacobian[np.arange(len(x)), np.arange(len(x))], axis=-1)


# sample_text


def _softmax(logits, temperature):
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    p = np.exp(scaled - scaled.max())
    return p / p.sum()


@right("sample_text")
def gumbel_noise_and_argmax(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    while len(tokens) < n:
        if tokens:
            logits, state = step(tokens[-1], state)
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        tokens.append(int(np.argmax(scaled + rng.gumbel(size=scaled.shape))))
    return tokens


@right("sample_text")
def inverse_of_the_cumulative_sum(step, state, prefix, n, temperature, rng):
    *before, token = prefix
    for earlier in before:
        _, state = step(earlier, state)
    tokens = []
    for _ in range(n):
        logits, state = step(token, state)
        cumulative = np.cumsum(_softmax(logits, temperature))
        token = min(int(np.searchsorted(cumulative, rng.random())), len(cumulative) - 1)
        tokens.append(token)
    return tokens


@right("sample_text")
def multinomial_and_numpy_integers(step, state, prefix, n, temperature, rng):
    for token in prefix:
        logits, state = step(token, state)
    tokens = []
    for _ in range(n):
        drawn = np.argmax(rng.multinomial(1, _softmax(logits, temperature)))
        tokens.append(drawn)
        logits, state = step(drawn, state)
    return tokens


@right("sample_text")
def all_random_numbers_drawn_first(step, state, prefix, n, temperature, rng):
    numbers = rng.random(n)
    text = list(prefix)
    position = 0
    while len(text) < len(prefix) + n:
        logits, state = step(text[position], state)
        position += 1
        if position == len(text):
            cumulative = _softmax(logits, temperature).cumsum()
            number = numbers[len(text) - len(prefix)] * cumulative[-1]
            text.append(int(np.count_nonzero(cumulative <= number)))
    return tuple(text[len(prefix) :])


@right("sample_text")
def softmax_of_keras_and_an_array(step, state, prefix, n, temperature, rng):
    tokens = np.zeros(n, dtype=int)
    for token in prefix:
        logits, state = step(token, state)
    for k in range(n):
        logits = keras.ops.cast(logits, "float64")
        p = np.asarray(keras.ops.softmax(logits / temperature), dtype=np.float64)
        tokens[k] = rng.choice(np.arange(p.size), p=p / p.sum())
        logits, state = step(int(tokens[k]), state)
    return tokens


@right("sample_text")
def powers_of_the_probabilities(step, state, prefix, n, temperature, rng):
    def draw(logits):
        p = _softmax(logits, 1.0)
        p = p ** (1 / temperature)
        return int(rng.choice(p.size, p=p / p.sum()))

    def grow(tokens, logits, state):
        while len(tokens) < n:
            tokens.append(draw(logits))
            logits, state = step(tokens[-1], state)
        return tokens

    for token in prefix:
        logits, state = step(token, state)
    return grow([], logits, state)


# build_model


def _model(steps, vocabulary, *layers, size=16):
    return keras.Sequential(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(vocabulary, size),
            *layers,
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


@right("build_model")
def lstm_as_keras_starts_it(steps, vocabulary):
    return _model(steps, vocabulary, keras.layers.LSTM(48))


@right("build_model")
def spread_forget_biases(steps, vocabulary):
    def biases(shape, dtype=None):
        b = np.zeros(shape, dtype="float32")
        b[32:64] = np.linspace(1, 3, 32)
        return keras.ops.cast(b, dtype or "float32")

    memory = keras.layers.LSTM(32, bias_initializer=biases, unit_forget_bias=False)
    return _model(steps, vocabulary, memory)


@right("build_model")
def gated_recurrent_unit_on_any_length(steps, vocabulary):
    return _model(None, vocabulary, keras.layers.GRU(32))


@right("build_model")
def functional_and_both_directions(steps, vocabulary):
    words = keras.Input((steps,), dtype="int64")
    rows = keras.layers.Embedding(vocabulary, 12)(words)
    state = keras.layers.Bidirectional(keras.layers.LSTM(24))(rows)
    hidden = keras.layers.Dense(8, activation="relu")(state)
    return keras.Model(words, keras.layers.Dense(1, activation="sigmoid")(hidden))


@right("build_model")
def masked_padding(steps, vocabulary):
    return keras.Sequential(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(vocabulary, 16, mask_zero=True),
            keras.layers.LSTM(32),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


@right("build_model")
def backwards(steps, vocabulary):
    return _model(steps, vocabulary, keras.layers.LSTM(24, go_backwards=True))


@right("build_model")
def phrases_anywhere(steps, vocabulary):
    phrases = keras.layers.Conv1D(32, 3, activation="relu", padding="same")
    return _model(steps, vocabulary, phrases, keras.layers.GlobalMaxPooling1D())


@right("build_model")
def subclass_with_dropout_and_two_layers(steps, vocabulary):
    class Reviewer(keras.Model):
        def __init__(self):
            super().__init__()
            self.words = keras.layers.Embedding(vocabulary, 16)
            self.first = keras.layers.LSTM(32, return_sequences=True)
            self.second = keras.layers.LSTM(32)
            self.drop = keras.layers.Dropout(0.1)
            self.out = keras.layers.Dense(1)

        def call(self, x, training=False):
            state = self.second(self.first(self.words(x)))
            return keras.ops.sigmoid(self.out(self.drop(state, training=training)))

    return Reviewer()


@right("build_model")
def compiled_already(steps, vocabulary):
    model = _model(steps, vocabulary, keras.layers.LSTM(32))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


# train, with a model that learns quickly


def build_model(steps, vocabulary):
    return phrases_anywhere(steps, vocabulary)


CALLS["train"] = {"build_model": "build_model"}


@right("train")
def few_epochs_of_rmsprop(model, data):
    model.compile(keras.optimizers.RMSprop(0.003), "binary_crossentropy", metrics=["accuracy"])
    return model.fit(data[0], data[1], batch_size=32, epochs=12, verbose=0)


@right("train")
def loop_of_its_own(model, data):
    x, y = tf.constant(data[0]), tf.cast(data[1], tf.float32)[:, tf.newaxis]
    optimizer = keras.optimizers.Adam(5e-3)
    losses = []

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            p = model(x, training=True)
            loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, p))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(0)
    for _ in range(8):
        order = rng.permutation(len(x))
        batches = [order[n : n + 64] for n in range(0, len(x) - len(x) % 64, 64)]
        losses.append(np.mean([step(tf.gather(x, b), tf.gather(y, b)) for b in batches]))
    return {"loss": losses}


@right("train")
def stopped_by_validation(model, data):
    print("training")
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss=keras.losses.BinaryCrossentropy())
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True)
    return model.fit(
        *data, validation_split=0.2, epochs=25, batch_size=32, callbacks=[stop], verbose=2
    )


@right("train")
def history_as_a_dict_of_arrays(model, data):
    x, y = data
    model.compile(optimizer=keras.optimizers.Nadam(0.005), loss="mse")
    losses = []
    while len(losses) < 12 and (not losses or losses[-1] > 1e-3):
        history = model.fit(x, y.astype("float32"), batch_size=50, verbose=0)
        losses += history.history["loss"]
    return {"loss": np.array(losses), "epochs": len(losses)}


@right("train")
def rate_that_falls(model, data):
    batches = tf.data.Dataset.from_tensor_slices(data).shuffle(5000, seed=1).batch(64)
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    model.compile(
        optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0), loss="binary_crossentropy"
    )
    return model.fit(batches, epochs=8, verbose=0)
