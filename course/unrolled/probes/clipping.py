"""Probes of the clipped train step."""

from __future__ import annotations

import numpy as np


def clipped_steps(step, *, xs, ys, limit: float, **settings) -> dict:
    """Take one step after another with a fresh model and optimizer.

    xs, ys     inputs and targets, one batch a step along the first axis
    limit      the limit of each step
    settings   see ``_made``
    Returns ``losses`` and ``norms`` (T,), one a step, ``passes``, how often a model that counts
    them was called in training, ``iterations``, the number of updates that the optimizer counted,
    ``settings``, the names of those of the optimizer that are no longer
    what they were or "nothing", and the ``weights`` after the last step.
    """
    import tensorflow as tf

    model, optimizer, loss_fn = _made(xs[0], **settings)
    before = optimizer.get_config()
    try:
        reported = [
            _pair(step(model, optimizer, loss_fn, tf.constant(x), tf.constant(y), limit))
            for x, y in zip(xs, ys, strict=True)
        ]
    except (KeyError, ValueError) as exc:
        if "Unknown variable" not in str(exc):
            raise
        told = "the optimizer met a weight that was not among those of its first update; "
        raise ValueError(told + "give it all pairs in one call") from exc
    losses, norms = np.array(reported).T
    counters = [layer.passes for layer in model.layers if hasattr(layer, "passes")]
    return {
        "losses": losses,
        "norms": norms,
        "passes": sum(map(int, counters)),
        "iterations": int(optimizer.iterations),
        "settings": _changed(before, optimizer.get_config()),
        "weights": model.get_weights(),
    }


def _changed(before: dict, after: dict) -> str:
    return ", ".join(name for name in before if before[name] != after.get(name)) or "nothing"


def clipped_step_stopped(step, *, x, y, limit: float, **settings) -> dict:
    """Take one step that a right answer may have to refuse.

    settings   see ``_made``
    Returns ``raised``, the name of the exception or "nothing", and the ``weights`` after it.
    """
    import tensorflow as tf

    model, optimizer, loss_fn = _made(x, **settings)
    raised = "nothing"
    try:
        step(model, optimizer, loss_fn, tf.constant(x), tf.constant(y), limit)
    except NotImplementedError:
        raise
    except FloatingPointError:  # or one derived from it
        raised = "FloatingPointError"
    except Exception as exc:
        raised = type(exc).__name__
    return {"raised": raised, "weights": model.get_weights()}


def _made(x, *, model: str, weights: list, optimizer: str, rate: float, loss: str):
    """A model with the given weights, an optimizer and a loss.

    model      "dense", "training" (which does otherwise in training), "frozen" (whose first layer
               must not be trained), "idle" (with a weight that has no gradient), "embedding"
               (whose gradient is sparse) or "recurrent"
    weights    in ``get_weights()`` order, which sets the model's sizes
    optimizer  "sgd", "momentum", "decay" (of the weights) or "adam", with the learning rate
               ``rate``
    loss       "weighted", in which the targets count otherwise than the outputs, or one that is
               not finite, or whose gradient is not: "exponential" or "root"
    """
    import keras
    import tensorflow as tf

    made = _models()[model](weights)
    made(tf.constant(x))
    made.set_weights(weights)
    made.layers[0].trainable = model != "frozen"
    optimizers = {
        "sgd": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "decay": lambda: keras.optimizers.SGD(rate, weight_decay=0.1),
        "adam": lambda: keras.optimizers.Adam(rate),
    }
    losses = {
        "weighted": lambda y_true, y_pred: tf.reduce_mean(
            (1.0 + tf.square(y_true)) * tf.square(y_true - y_pred)
        ),
        "exponential": lambda y_true, y_pred: tf.reduce_mean(tf.exp(y_true - y_pred)),
        "root": lambda y_true, y_pred: tf.reduce_mean(tf.sqrt(y_true - y_pred)),
    }
    return made, optimizers[optimizer](), losses[loss]


def _models() -> dict:
    """Name -> function of the weights that makes a model of their sizes."""
    import keras
    import tensorflow as tf
    from keras import layers

    class Doubled(keras.layers.Layer):
        """Stands for dropout, without its chance, and for batch normalisation: inputs count twice
        in training, and each pass in training leaves a trace, here in a count."""

        def __init__(self):
            super().__init__()
            self.passes = tf.Variable(0)  # no weight of the model's

        def call(self, inputs, training=False):
            if not training:
                return inputs
            self.passes.assign_add(1)
            return 2.0 * inputs

    class Idle(keras.layers.Layer):
        """Passes its inputs on, and has a weight that no output depends on."""

        def build(self, input_shape):
            self.idle = self.add_weight(shape=(input_shape[-1],), name="idle")

        def call(self, inputs):
            return inputs

    def dense(weights, between=()):
        """A tanh layer and a linear one, and what stands between them."""
        first, last = weights[0].shape[1], weights[-1].shape[0]
        return keras.Sequential(
            [layers.Dense(first, activation="tanh"), *between, layers.Dense(last)]
        )

    return {
        "dense": dense,
        "frozen": dense,
        "training": lambda weights: dense(weights, [Doubled()]),
        "idle": lambda weights: dense(weights, [Idle()]),
        "embedding": lambda weights: keras.Sequential(
            [
                layers.Embedding(*weights[0].shape),
                layers.GlobalAveragePooling1D(),
                layers.Dense(weights[-1].shape[0]),
            ]
        ),
        "recurrent": lambda weights: keras.Sequential(
            [layers.SimpleRNN(weights[0].shape[1], unroll=True), layers.Dense(weights[-1].shape[0])]
        ),
    }


def _pair(result) -> tuple[float, float]:
    """What a step returned, if it is the two numbers that it should return."""
    if not isinstance(result, list | tuple) or len(result) != 2:
        many = f"{len(result)} objects" if isinstance(result, list | tuple) else "one object"
        many = "nothing" if result is None else many
        raise TypeError(f"the step returned {many}; expected (loss, norm)")
    return _number(result[0], "loss"), _number(result[1], "norm")


def _number(value, name: str) -> float:
    array = None if isinstance(value, list | tuple | str) else np.asarray(value)
    if array is None or array.dtype.kind not in "fiu" or array.size != 1:
        raise TypeError(f"the {name} that the step returned is no number")
    return float(array.item())
