"""References of the lesson ``long_memory``. ``make notebooks`` stamps them into the notebook."""

import keras
import numpy as np
import tensorflow as tf

from unrolled import progress


def adding_batch(rng, batch, steps):
    r"""Draw a batch of the adding problem: remember two marked numbers and add them.

    y = sum over t of x[:, t, 0] * x[:, t, 1]

    rng    a np.random.Generator, from which every random number comes
    batch  B, how many sequences
    steps  T, at least 2
    Returns x (B, T, 2) and y (B,). x[:, :, 0] is uniform on [0, 1). x[:, :, 1] is 0 but for two
    markers of 1 in each row: one at a step in [0, T // 2), one at a step in [T // 2, T), every step
    of its half equally likely, each row and half on its own.
    Raises ValueError when steps is below 2.
    Source: Arjovsky, Shah and Bengio (2016), after Hochreiter and Schmidhuber (1997).
    """
    if steps < 2:
        raise ValueError(f"steps is {steps}; expected 2 or more")
    ### BEGIN SOLUTION
    rows = np.arange(batch)
    first = rng.integers(0, steps // 2, batch)
    second = rng.integers(steps // 2, steps, batch)
    x = np.zeros((batch, steps, 2))
    x[:, :, 0] = rng.random((batch, steps))
    x[rows, first, 1] = 1.0
    x[rows, second, 1] = 1.0
    return x, x[rows, first, 0] + x[rows, second, 0]
    ### END SOLUTION


def influence_by_position(model, x):
    r"""Measure how strongly each step of the input moves a model's output.

    influence[b, t] = || d output[b] / d x[b, t] ||, Euclidean over the D inputs of the step

    model  a Keras model that turns x into one number a row, (B, 1) or (B,), each row by itself;
           it is run in inference mode
    x      (B, T, D), float
    Returns influence (B, T), a NumPy array; 0 where the output does not depend on a step.
    """
    ### BEGIN SOLUTION
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = model(x, training=False)
    gradient = tape.gradient(output, x)
    return np.linalg.norm(gradient, axis=2)
    ### END SOLUTION


def sample_text(step, state, prefix, n, temperature, rng):
    r"""Continue a text, one token at a time, each drawn from the model's own probabilities.

    p = softmax(logits / temperature)

    step         step(token, state) -> (logits (V,), state): reads a token, says what may come next
    state        the state before the first token of the prefix
    prefix       list of tokens (whole numbers from 0 to V - 1), not empty: read in order, not drawn
    n            how many tokens to draw, 0 or more
    temperature  above 0: below 1 favours the likely tokens, above 1 evens them out
    rng          a np.random.Generator, from which every draw comes
    Returns a list of the n new tokens, without the prefix.
    """
    ### BEGIN SOLUTION
    for token in prefix:
        logits, state = step(token, state)
    drawn = []
    for _ in range(n):
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        p = np.exp(scaled - np.max(scaled))
        token = int(rng.choice(len(p), p=p / np.sum(p)))
        drawn.append(token)
        logits, state = step(token, state)
    return drawn
    ### END SOLUTION


def build_model(steps, vocabulary):
    """Build a model that reads a review and says how likely it is to be a good one.

    steps       T, the length of a row; short reviews have zeros in front
    vocabulary  how many different words there are: they are numbered 0 to vocabulary - 1
    Returns a keras.Model, not trained, that turns whole numbers (B, T) into probabilities (B, 1).
    """
    ### BEGIN SOLUTION
    units = 32
    memory = keras.layers.LSTM(units)
    model = keras.Sequential(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(vocabulary, 16),
            memory,
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    kernel, recurrent_kernel, bias = memory.get_weights()
    bias[units : 2 * units] = 2.0  # the forget gates start at 0.88
    memory.set_weights([kernel, recurrent_kernel, bias])
    return model
    ### END SOLUTION


def train(model, data):
    """Train a model on reviews, in place.

    model  a keras.Model from whole numbers (B, T) to probabilities (B, 1), not compiled
    data   a pair: x (N, T), whole numbers with zeros in front, and y (N,), each 0 or 1
    Returns the history: what model.fit returns, or a dict whose "loss" lists the losses.
    """
    x, y = data
    ### BEGIN SOLUTION

    class StopWhenLearnt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = logs["loss"] < 0.005

    optimizer = keras.optimizers.Adam(5e-3, clipnorm=1.0)
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    callbacks = [StopWhenLearnt(), progress.epochs("train")]
    return model.fit(x, y, epochs=30, batch_size=64, verbose=0, callbacks=callbacks)
    ### END SOLUTION
