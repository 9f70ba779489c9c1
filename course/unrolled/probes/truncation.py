"""Probes of the lesson ``truncation``."""

from __future__ import annotations

import numpy as np


def tbptt_steps(
    train_step,
    *,
    cell: str,
    weights: list,
    rate: float,
    momentum: float,
    xs,
    ys,
    states: list,
    report: list,
    carry: bool = True,
) -> dict:
    """Train a small model on some chunks, one after the other.

    cell            "simple", a layer with one state, or "lstm", with two
    weights         of that layer and of a dense layer on top
    rate, momentum  of stochastic gradient descent
    xs (C, B, T, D), ys (C, B, T, O)   inputs and targets of C chunks
    states          of the first chunk, each (B, H); of every chunk where ``carry`` is False
    Returns those of these that ``report`` names: ``losses`` (C,), ``weights`` after the last chunk,
    flattened and joined, ``states``, what each chunk returned, and ``leak``: after the last chunk,
    the largest gradient of its new states for its inputs, its states and the weights.
    """
    import keras
    import tensorflow as tf

    model = _model(cell, xs.shape[3], states[0].shape[1], ys.shape[3])
    model.set_weights(weights)
    first = [tf.constant(s) for s in states]
    optimizer = keras.optimizers.SGD(rate, momentum=momentum)
    optimizer.build(model.trainable_variables)  # outside of a graph, if the answer makes one
    losses, carried, handed = [], [], first
    for x, y in zip(map(tf.constant, xs), map(tf.constant, ys), strict=True):
        with tf.GradientTape() as outer:
            outer.watch([x, *handed])
            loss, new = _called(train_step, len(states), model, optimizer, _loss, x, y, handed)
            total = tf.add_n([tf.reduce_sum(tf.square(tf.convert_to_tensor(s))) for s in new])
        losses.append(np.asarray(loss))
        carried.append([np.asarray(s) for s in new])
        before, handed = handed, [tf.convert_to_tensor(s) for s in new] if carry else first
    found = {
        "losses": losses,
        "weights": np.concatenate([w.ravel() for w in model.get_weights()]),
        "states": carried,
    }
    if "leak" in report:
        sources = [x, *before, *model.trainable_variables]
        gradients = [g for g in outer.gradient(total, sources) if g is not None]
        found["leak"] = max((float(tf.reduce_max(tf.abs(g))) for g in gradients), default=0.0)
    return {name: found[name] for name in report}


def _model(cell: str, inputs: int, units: int, outputs: int):
    """A model that is called with inputs and a list of states, and returns outputs and states."""
    import keras

    layer = {"simple": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM}[cell]

    class Chunked(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = layer(units, return_sequences=True, return_state=True)
            self.head = keras.layers.Dense(outputs)
            # By hand: Keras would trace the model to find these shapes, which takes longer than
            # all the training here.
            self.layer.build((None, None, inputs))
            self.head.build((None, None, units))
            self.built = True

        def call(self, x, states, training=None):
            sequence, *last = self.layer(x, initial_state=list(states))
            return self.head(sequence), last

    return Chunked()


def _loss(y_true, y_pred):
    """A mean of weighted squares that shows when its arguments are exchanged."""
    import tensorflow as tf

    return tf.reduce_mean(tf.square(y_pred - y_true) * (1.0 + tf.square(y_true)))


def _called(train_step, states: int, *arguments):
    """What one call returns, if it is the two things that a train step returns."""
    result = train_step(*arguments)
    if not isinstance(result, list | tuple) or len(result) != 2:
        many = f"{len(result)} objects" if isinstance(result, list | tuple) else "one object"
        many = "nothing" if result is None else many
        raise TypeError(f"returned {many}; expected (loss, new_states)")
    loss, new = result
    if not isinstance(new, list | tuple) or len(new) != states:
        many = f"a list of {len(new)}" if isinstance(new, list | tuple) else type(new).__name__
        raise TypeError(f"new_states is {many}; expected a list of {states}")
    return loss, new
