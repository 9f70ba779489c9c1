"""Probes of the LSTM cell. ``options`` are arguments of its class, beyond num_units."""

from __future__ import annotations

import numpy as np

from unrolled.probes import cells


def lstm_cell_interface(cell_class, *, num_units: int, inputs: int, options: dict) -> dict:
    """Report what the class offers to ``keras.layers.RNN``.

    num_units, inputs   H and D
    Returns ``is_layer``, ``own_work`` (neither derived from one of Keras's RNN cells nor wrapped
    around one; the other probes report it too), ``state_size`` and ``output_size`` (a list of one
    counts as what is in it), ``weights``, the shapes in ``get_weights()`` order, and
    ``first_bias``, the bias before any training.
    """
    import keras

    cell = cell_class(num_units, **options)
    if not isinstance(cell, keras.layers.Layer):
        return {"is_layer": False}
    if not cell.built:  # as keras.layers.RNN does it, so that a missing `call` costs nothing here
        cell.build((None, inputs))
    weights = cell.get_weights()
    return {
        "is_layer": True,
        "own_work": cells.own_work(cell),
        "state_size": cells.size(cell.state_size),
        "output_size": cells.size(cell.output_size),
        "weights": [list(w.shape) for w in weights],
        "first_bias": weights[-1] if weights else None,
    }


def lstm_cell_step(
    cell_class, *, options: dict, by_position: bool, weights: list, x, states: list
) -> dict:
    """Run one step with given weights. x (B, D); weights in the cell's order.

    by_position  whether the class gets its options without their names
    states       [c, h], each (B, H), or [s] with s (B, 2H)
    Returns ``output`` (B, H), the new states ``c`` and ``h``, or ``s``, and ``again``, the output
    when called once more.
    """
    import tensorflow as tf

    units = weights[1].shape[0] // 4
    widths = [s.shape[1] for s in states]
    made = cell_class(units, *options.values()) if by_position else cell_class(units, **options)
    cell = cells.built(made, x.shape[1], widths)
    cell.set_weights(weights)
    output, new = cells.called(cell, tf.constant(x), [tf.constant(s) for s in states])
    again, _ = cells.called(cell, tf.constant(x), [tf.constant(s) for s in states])
    return {
        "own_work": cells.own_work(cell),
        "output": np.asarray(output),
        **_named(cells.as_list(new), len(states)),
        "again": np.asarray(again),
    }


def lstm_cell_sequence(
    cell_class, *, options: dict, weights: list, xs, states: list, graph: bool
) -> dict:
    """Run the cell inside ``keras.layers.RNN``. xs (B, T, D); states as ``lstm_cell_step``.

    states  what to start from; where it is empty, the layer makes zeros from ``state_size``
    graph   run under ``tf.function``
    Returns ``outputs`` (B, T, H), the last states ``c`` and ``h``, or ``s``, and ``gradients``, see
    ``cells.in_rnn``.
    """
    cell = cell_class(weights[1].shape[0] // 4, **options)
    ran = cells.in_rnn(cell, weights, xs, states, graph)
    last = ran.pop("states")
    wanted = 2 if options.get("state_is_tuple", True) else 1
    return {"own_work": cells.own_work(cell), **ran, **_named(last, wanted)}


def _named(states: list, wanted: int) -> dict:
    """The states by name, if there are as many as wanted."""
    names = ("c", "h") if wanted == 2 else ("s",)
    if len(states) != wanted:
        raise TypeError(f"call returned {len(states)} new states; expected [{', '.join(names)}]")
    return {name: np.asarray(s) for name, s in zip(names, states, strict=True)}
