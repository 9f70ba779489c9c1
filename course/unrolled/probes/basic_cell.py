"""Probes of the basic cell."""

from __future__ import annotations

import numpy as np


def rnn_cell_interface(cell_class, *, num_units: int, inputs: int) -> dict:
    """Report what the class offers to ``keras.layers.RNN``.

    num_units, inputs   H and D
    Returns ``is_layer``, ``own_work`` (neither derived from one of Keras's RNN cells nor wrapped
    around one; the other probes report it too), ``state_size`` and ``output_size`` (H; a list of
    one H counts as H), and ``weights``, the shapes in ``get_weights()`` order.
    """
    import keras

    cell = cell_class(num_units)
    if not isinstance(cell, keras.layers.Layer):
        return {"is_layer": False}
    if not cell.built:  # as keras.layers.RNN does it, so that a missing `call` costs nothing here
        cell.build((None, inputs))
    return {
        "is_layer": True,
        "own_work": _own_work(cell),
        "state_size": _single(cell.state_size),
        "output_size": _single(cell.output_size),
        "weights": [list(w.shape) for w in cell.get_weights()],
    }


def rnn_cell_step(cell_class, *, activation: str, weights: list, x, h, bare_state: bool) -> dict:
    """Run one step with given weights. x (B, D), h (B, H); weights in the cell's order.

    bare_state  pass the state as a tensor and not as a list of one
    Returns ``output`` (B, H), ``state`` (B, H), and ``again``, the output when called once more.
    """
    import tensorflow as tf

    cell = _built(cell_class(h.shape[1], activation=activation), x.shape[1], h.shape[1])
    cell.set_weights(weights)
    state = tf.constant(h)
    output, states = _called(cell, tf.constant(x), state if bare_state else [state])
    states = states[0] if isinstance(states, list | tuple) else states
    again, _ = _called(cell, tf.constant(x), state if bare_state else [state])
    return {
        "own_work": _own_work(cell),
        "output": np.asarray(output),
        "state": np.asarray(states),
        "again": np.asarray(again),
    }


def rnn_cell_sequence(cell_class, *, weights: list, xs, h0, graph: bool) -> dict:
    """Run the cell inside ``keras.layers.RNN``. xs (B, T, D), h0 (B, H).

    graph  run under ``tf.function``
    Returns ``outputs`` (B, T, H), ``final_state`` (B, H), and for each weight the gradient of
    the mean square of the outputs, ``gradients``, flattened and joined; zero where a weight
    has no part in the outputs.
    """
    import keras
    import tensorflow as tf

    cell = cell_class(h0.shape[1])
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    layer(tf.constant(xs), initial_state=[tf.constant(h0)])
    layer.set_weights(weights)

    def run(xs, h0):
        with tf.GradientTape() as tape:
            outputs, state = layer(xs, initial_state=[h0])
            loss = tf.reduce_mean(tf.square(outputs))
        return outputs, state, tape.gradient(loss, layer.trainable_variables)

    xs, h0 = tf.constant(xs), tf.constant(h0)
    if graph:  # traced by hand: TensorFlow warns of functions that it sees traced often
        run = tf.function(run).get_concrete_function(xs, h0)
    outputs, state, gradients = run(xs, h0)
    reached = dict(zip(map(id, layer.trainable_variables), gradients, strict=True))
    flat = [
        np.zeros(w.size, w.dtype) if (g := reached.get(id(v))) is None else np.asarray(g).ravel()
        for v, w in zip(layer.weights, weights, strict=True)
    ]
    return {
        "own_work": _own_work(cell),
        "outputs": np.asarray(outputs),
        "final_state": np.asarray(state),
        "gradients": np.concatenate(flat),
    }


def _own_work(cell) -> bool:
    """Whether neither the cell nor a layer in it is one of Keras's own RNN cells."""
    import keras

    theirs = (
        keras.layers.SimpleRNNCell,
        keras.layers.GRUCell,
        keras.layers.LSTMCell,
        keras.layers.RNN,
    )
    return not any(isinstance(layer, theirs) for layer in cell._flatten_layers())


def _built(cell, inputs: int, units: int):
    """Make the cell's weights the way Keras does, by a first call."""
    import tensorflow as tf

    if not cell.built:
        cell(tf.zeros((2, inputs)), [tf.zeros((2, units))])
    return cell


def _called(cell, inputs, states):
    """What one call returns, if it is the two things that a cell returns."""
    result = cell(inputs, states)
    if not isinstance(result, list | tuple) or len(result) != 2:
        many = f"{len(result)} objects" if isinstance(result, list | tuple) else "one object"
        raise TypeError(f"call returned {many}; expected (output, [state])")
    return result


def _single(size):
    """A state size as an int, whether it was given as an int or as a list of one."""
    if isinstance(size, list | tuple) and len(size) == 1:
        size = size[0]
    return [int(s) for s in size] if isinstance(size, list | tuple) else int(size)
