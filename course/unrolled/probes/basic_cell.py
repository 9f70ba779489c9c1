"""Probes of the basic cell."""

from __future__ import annotations

import numpy as np

from unrolled.probes import cells


def rnn_cell_interface(cell_class, *, num_units: int, inputs: int) -> dict:
    """Report what the class offers to ``keras.layers.RNN``.

    num_units, inputs   H and D
    Returns ``is_layer``, ``own_work`` (neither derived from one of Keras's RNN cells nor wrapped
    around one; the other probes report it too), ``state_size`` and ``output_size`` (H; a list of
    one H counts as H), ``weights``, the shapes in ``get_weights()`` order, and
    ``weights_of_its_own``, whether a second cell of the same size has others.
    """
    import keras

    cell = cell_class(num_units)
    if not isinstance(cell, keras.layers.Layer):
        return {"is_layer": False}
    second = cell_class(num_units)
    for made in (cell, second):
        if not made.built:  # as keras.layers.RNN does it: a missing `call` costs nothing here
            made.build((None, inputs))
    return {
        "is_layer": True,
        "own_work": cells.own_work(cell),
        "state_size": cells.size(cell.state_size),
        "output_size": cells.size(cell.output_size),
        "weights": [list(w.shape) for w in cell.get_weights()],
        "weights_of_its_own": not any(v is w for v in cell.weights for w in second.weights),
    }


def rnn_cell_step(cell_class, *, activation: str, weights: list, x, h, bare_state: bool) -> dict:
    """Run one step with given weights. x (B, D), h (B, H); weights in the cell's order.

    bare_state  pass the state as a tensor and not as a list of one
    Returns ``output`` (B, H), ``state`` (B, H), and ``again``, the output when called once more.
    """
    import tensorflow as tf

    units = h.shape[1]
    cell = cells.built(cell_class(units, activation=activation), x.shape[1], [units])
    cell.set_weights(weights)
    state = tf.constant(h)
    output, states = cells.called(cell, tf.constant(x), state if bare_state else [state])
    again, _ = cells.called(cell, tf.constant(x), state if bare_state else [state])
    return {
        "own_work": cells.own_work(cell),
        "output": np.asarray(output),
        "state": np.asarray(cells.as_list(states)[0]),
        "again": np.asarray(again),
    }


def rnn_cell_sequence(
    cell_class, *, weights: list, xs, h0, graph: bool, start: bool = True
) -> dict:
    """Run the cell inside ``keras.layers.RNN``. xs (B, T, D), h0 (B, H).

    graph  run under ``tf.function``
    start  whether to start from h0; otherwise the layer makes the first state itself
    Returns ``outputs`` (B, T, H), ``final_state`` (B, H), and ``gradients``, see ``cells.in_rnn``.
    """
    cell = cell_class(num_units=h0.shape[1])
    ran = cells.in_rnn(cell, weights, xs, [h0] if start else [], graph)
    (final,) = ran.pop("states")
    return {"own_work": cells.own_work(cell), **ran, "final_state": final}
