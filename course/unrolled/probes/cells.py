"""What the probes of all cells share."""

from __future__ import annotations

import numpy as np


def own_work(cell) -> bool:
    """Whether neither the cell nor a layer in it is one of Keras's own RNN cells."""
    import keras

    theirs = (
        keras.layers.SimpleRNNCell,
        keras.layers.GRUCell,
        keras.layers.LSTMCell,
        keras.layers.RNN,
    )
    return not any(isinstance(layer, theirs) for layer in cell._flatten_layers())


def built(cell, inputs: int, widths: list[int]):
    """Make the cell's weights the way Keras does, by a first call.

    inputs   D
    widths   the width of each state
    """
    import tensorflow as tf

    if not cell.built:
        cell(tf.zeros((2, inputs)), [tf.zeros((2, width)) for width in widths])
    return cell


def called(cell, inputs, states) -> tuple:
    """What one call returns, if it is the two things that a cell returns."""
    result = cell(inputs, states)
    if not isinstance(result, list | tuple) or len(result) != 2:
        many = f"{len(result)} objects" if isinstance(result, list | tuple) else "one object"
        raise TypeError(f"call returned {many}; expected (output, [state])")
    return tuple(result)


def as_list(states) -> list:
    """The states that a cell returned, of which a single one may be bare."""
    return list(states) if isinstance(states, list | tuple) else [states]


def size(found):
    """A size as a list of ints, or as an int where it was given as one or as a list of one."""
    sizes = [int(n) for n in found] if isinstance(found, list | tuple) else [int(found)]
    return sizes if len(sizes) > 1 else sizes[0]


def in_rnn(cell, weights: list, xs, states: list, graph: bool) -> dict:
    """Run a cell inside ``keras.layers.RNN``. xs (B, T, D); states as the cell takes them.

    states  what to start from; where it is empty, the layer makes zeros
    graph   run under ``tf.function``, where neither B nor T is known, as in a Keras model
    Returns ``outputs`` (B, T, H), ``states``, the list of the last ones, and ``gradients``: for
    each weight the gradient of the mean square of the outputs, flattened and joined; zero where a
    weight has no part in the outputs.
    """
    import keras
    import tensorflow as tf

    xs, states = tf.constant(xs), [tf.constant(s) for s in states]
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    layer(xs, initial_state=states or None)
    layer.set_weights(weights)

    def run(xs, states):
        with tf.GradientTape() as tape:
            outputs, *last = layer(xs, initial_state=states or None, training=True)
            loss = tf.reduce_mean(tf.square(outputs))
        return outputs, last, tape.gradient(loss, layer.trainable_variables)

    if graph:  # traced by hand: TensorFlow warns of functions that it sees traced often
        shapes = [tf.TensorSpec([None] * (len(v.shape) - 1) + v.shape[-1:]) for v in (xs, *states)]
        run = tf.function(run).get_concrete_function(shapes[0], shapes[1:])
    outputs, last, gradients = run(xs, states)
    reached = dict(zip(map(id, layer.trainable_variables), gradients, strict=True))
    flat = [
        np.zeros(w.size, w.dtype) if (g := reached.get(id(v))) is None else np.asarray(g).ravel()
        for v, w in zip(layer.weights, weights, strict=True)
    ]
    return {
        "outputs": np.asarray(outputs),
        "states": [np.asarray(s) for s in last],
        "gradients": np.concatenate(flat),
    }
