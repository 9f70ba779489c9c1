"""References of the lesson ``clipping``. ``make notebooks`` stamps them into the notebook."""

import math

import numpy as np
import tensorflow as tf


def clip_by_value(grads, limit):
    r"""Clip every entry of every gradient to the range from -limit to limit.

    g' = max(-limit, min(limit, g)), entry by entry

    grads  list of arrays of any shapes, one a weight; None where a weight has no gradient
    limit  greatest size of an entry, more than 0
    Returns a list in the same order, each array with its shape, None where None was.
    Raises ValueError when limit is not more than 0.
    """
    ### BEGIN SOLUTION
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected more than 0")
    return [None if grad is None else np.clip(grad, -limit, limit) for grad in grads]
    ### END SOLUTION


def clip_by_norm(grad, limit):
    r"""Shorten one gradient to the length limit where it is longer.

    g' = g min(1, limit / ||g||), where ||g|| = sqrt(sum of the squares of all entries)

    grad   array of any shape
    limit  greatest norm, more than 0
    Returns an array of the same shape; a gradient that is not longer than limit comes back as it
    is, one of zeros too.
    Raises ValueError when limit is not more than 0, FloatingPointError when the norm is not
    finite.
    Source: Pascanu, Mikolov and Bengio (2013), section 3.2.
    """
    ### BEGIN SOLUTION
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected more than 0")
    norm = math.hypot(*np.ravel(grad))  # unlike a sum of squares, right for entries of 1e200 too
    if not math.isfinite(norm):
        raise FloatingPointError(f"norm is {norm}; expected a finite number")
    return grad * (limit / norm) if norm > limit else grad.copy()
    ### END SOLUTION


def clip_by_global_norm(grads, limit):
    r"""Shorten all gradients by one factor, so that together they are not longer than limit.

    norm = sqrt(sum of the squares of all entries of all gradients)
    g' = g min(1, limit / norm), the same factor for each

    grads  list of arrays of any shapes, one a weight; None where a weight has no gradient
    limit  greatest joint norm, more than 0
    Returns (clipped, norm): a list in the same order, each array with its shape, None where None
    was, and the joint norm before clipping. Without any gradient the norm is 0.0, so an empty list
    gives ([], 0.0).
    Raises ValueError when limit is not more than 0, FloatingPointError when the norm is not
    finite.
    Source: Pascanu, Mikolov and Bengio (2013), section 3.2.
    """
    ### BEGIN SOLUTION
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected more than 0")
    norm = math.hypot(*(math.hypot(*np.ravel(grad)) for grad in grads if grad is not None))
    if not math.isfinite(norm):
        raise FloatingPointError(f"norm is {norm}; expected a finite number")
    scale = limit / norm if norm > limit else 1.0
    return [None if grad is None else grad * scale for grad in grads], norm
    ### END SOLUTION


def clipped_train_step(model, optimizer, loss_fn, x, y, limit):
    r"""Train a Keras model on one batch, its gradients clipped by their global norm.

    model      called once as ``model(x, training=True)``
    optimizer  a Keras optimizer, which makes one update
    loss_fn    ``loss_fn(y_true, y_pred)`` returns a scalar
    x, y       inputs and targets of the batch
    limit      greatest joint norm of the gradients, more than 0
    Returns (loss, norm), the loss before the update and the joint norm before clipping.
    A weight without a gradient (None) stays as it is, even where the optimizer has weight decay,
    and the optimizer keeps its settings. In a sparse gradient
    (``tf.IndexedSlices``) rows that stand in it more than once are summed before the norm is taken.
    Raises FloatingPointError, before any weight moves, when the norm is not finite.
    Source: Pascanu, Mikolov and Bengio (2013), section 3.2.
    """
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected more than 0")
    ### BEGIN SOLUTION
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, weights)
    grads = [None if grad is None else tf.convert_to_tensor(grad) for grad in grads]
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    if not tf.math.is_finite(norm):
        raise FloatingPointError(f"norm is {norm}; expected a finite number")
    optimizer.build(weights)  # for all weights, also those that have no gradient this time
    optimizer.apply_gradients(
        [(grad, weight) for grad, weight in zip(clipped, weights, strict=True) if grad is not None]
    )
    return loss, norm
    ### END SOLUTION
