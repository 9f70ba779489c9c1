"""Right answers of the lesson ``clipping``."""

import functools
import math
import sys
import warnings

import keras
import numpy as np
import tensorflow as tf

from alternates import right


def _positive(limit):
    if limit <= 0:
        raise ValueError("the limit must be more than 0")


def _finite(norm):
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")


# clip_by_value


@right("clip_by_value")
def minimum_and_maximum(grads, limit):
    _positive(limit)
    return [g if g is None else np.minimum(limit, np.maximum(-limit, g)) for g in grads]


@right("clip_by_value")
def where_twice(grads, limit):
    if not limit > 0:
        raise ValueError(limit)
    clipped = []
    for grad in grads:
        if grad is None:
            clipped.append(None)
            continue
        grad = np.where(grad > limit, limit, grad)
        clipped.append(np.where(grad < -limit, -limit, grad))
    return clipped


@right("clip_by_value")
def masks_on_a_copy(grads, limit):
    _positive(limit)
    copies = [None if g is None else np.array(g, dtype=float) for g in grads]
    for copy in copies:
        if copy is not None:
            copy[copy > limit] = limit
            copy[copy < -limit] = -limit
    return tuple(copies)


@right("clip_by_value")
def sign_times_size(grads, limit):
    _positive(limit)
    return [None if g is None else np.sign(g) * np.minimum(np.abs(g), limit) for g in grads]


@right("clip_by_value")
def nested_lists_of_floats(grads, limit):
    _positive(limit)
    return [None if g is None else np.clip(g, -limit, limit).tolist() for g in grads]


@right("clip_by_value")
def float32_entries(grads, limit):
    _positive(limit)
    return [None if g is None else np.clip(g.astype("float32"), -limit, limit) for g in grads]


@right("clip_by_value")
def entry_by_entry(gradients, threshold):
    _positive(threshold)

    def clipped(g):
        entries = [max(-threshold, min(threshold, e)) for e in g.ravel().tolist()]
        return np.array(entries).reshape(g.shape)

    return [None if g is None else clipped(g) for g in gradients]


@right("clip_by_value")
def tensors(grads, limit):
    _positive(limit)
    return [None if g is None else tf.clip_by_value(g, -limit, limit) for g in grads]


@right("clip_by_value")
def keras_operations(grads, limit):
    _positive(limit)
    return [g if g is None else keras.ops.clip(g, -limit, limit) for g in grads]


@right("clip_by_value")
def prints_and_warns_and_divides(grads, limit):
    _positive(limit)
    print("limit", limit)
    print("on stderr", file=sys.stderr)
    warnings.warn("clipping", stacklevel=1)
    return [g if g is None else limit * np.clip(g / limit, -1, 1) for g in grads]


@right("clip_by_value")
def own_error(grads, limit, *, name="limit"):
    class WrongLimit(ValueError):
        pass

    if limit <= 0:
        raise WrongLimit(name)
    return list(map(lambda g: g if g is None else g.clip(-limit, limit), grads))


# clip_by_norm


@right("clip_by_norm")
def norm_of_numpy(grad, limit):
    _positive(limit)
    norm = np.linalg.norm(grad)
    _finite(norm)
    if norm > limit:
        return grad / norm * limit
    return grad


@right("clip_by_norm")
def smaller_of_one_and_limit_over_norm(grad, limit):
    _positive(limit)
    norm = np.sqrt((grad**2).sum())
    _finite(norm)
    return grad * np.minimum(1.0, limit / norm) if norm else grad


@right("clip_by_norm")
def one_over_zero_left_to_numpy(grad, limit):
    _positive(limit)
    norm = np.sqrt(np.sum(np.square(grad)))
    _finite(norm)
    return grad * np.minimum(1.0, limit / norm)


@right("clip_by_norm")
def epsilon_of_a_millionth(grad, limit):
    _positive(limit)
    norm = np.linalg.norm(grad.flatten())
    _finite(norm)
    return grad * min(1.0, limit / (norm + 1e-6))


@right("clip_by_norm")
def epsilon_of_a_hundred_millionth_in_the_root(grad, limit):
    _positive(limit)
    norm = np.sqrt(np.sum(grad * grad) + 1e-8)
    _finite(norm)
    return grad * min(1.0, limit / norm)


@right("clip_by_norm")
def divided_by_the_larger(grad, limit):
    _positive(limit)
    flat = grad.reshape(-1)
    norm = math.sqrt(flat @ flat)
    _finite(norm)
    return limit * grad / max(norm, limit)


@right("clip_by_norm")
def at_the_limit_or_above(grad, limit):
    _positive(limit)
    norm = float(np.sqrt(np.einsum("...,...->...", grad, grad).sum()))
    if math.isnan(norm) or math.isinf(norm):
        raise FloatingPointError
    return limit / norm * grad if norm >= limit else grad + 0.0


@right("clip_by_norm")
def chosen_by_where(grad, limit):
    _positive(limit)
    norm = np.sqrt(np.sum(grad**2))
    _finite(norm)
    return np.where(norm > limit, grad * limit / norm, grad)


@right("clip_by_norm")
def float32_inside(grad, limit):
    _positive(limit)
    small = np.asarray(grad, dtype=np.float32)
    norm = np.sqrt(np.sum(small * small))
    _finite(norm)
    return (small * np.float32(min(1.0, limit / max(norm, 1e-12)))).astype(np.float64)


@right("clip_by_norm")
def in_place_on_its_own_copy(grad, limit):
    _positive(limit)
    result = np.array(grad, dtype=float)
    norm = np.sqrt(np.add.reduce(np.abs(result) ** 2, axis=None))
    _finite(norm)
    if norm > limit:
        result *= limit / norm
    return result


@right("clip_by_norm")
def lists_all_the_way(grad, limit):
    _positive(limit)
    norm = math.sqrt(math.fsum(e * e for e in grad.ravel().tolist()))
    _finite(norm)
    factor = 1.0 if norm <= limit else limit / norm
    return (np.array(grad) * factor).tolist()


@right("clip_by_norm")
def tensor_of_tensorflow(grad, limit):
    _positive(limit)
    _finite(tf.norm(grad).numpy())
    return tf.clip_by_norm(grad, limit)


@right("clip_by_norm")
def finite_entries_checked_first(grad, limit):
    print(grad.shape)
    _positive(limit)
    if not np.isfinite(grad).all():
        raise FloatingPointError("an entry is not finite")
    largest = np.abs(grad).max()
    if largest == 0:
        return np.zeros_like(grad)
    norm = largest * np.sqrt(np.sum((grad / largest) ** 2))
    return grad * np.clip(limit / norm, None, 1)


@right("clip_by_norm")
def overflow_made_an_error_by_numpy(grad, limit):
    _positive(limit)
    with np.errstate(over="raise", invalid="raise"):
        norm = np.sqrt(np.sum(np.square(grad)))
    _finite(norm)
    return grad * (limit / norm) if norm > limit else np.copy(grad)


# clip_by_global_norm


@right("clip_by_global_norm")
def squares_summed_in_a_loop(grads, limit):
    _positive(limit)
    total = 0.0
    for grad in grads:
        if grad is not None:
            total += np.sum(grad**2)
    norm = np.sqrt(total)
    _finite(norm)
    clipped = []
    for grad in grads:
        if grad is None:
            clipped.append(None)
        elif norm > limit:
            clipped.append(grad * limit / norm)
        else:
            clipped.append(grad)
    return clipped, norm


@right("clip_by_global_norm")
def concatenated(grads, limit):
    _positive(limit)
    flat = [np.zeros(0)] + [np.ravel(g) for g in grads if g is not None]
    norm = np.linalg.norm(np.concatenate(flat))
    _finite(norm)
    scale = np.minimum(1.0, limit / norm)
    return [None if g is None else g * scale for g in grads], norm


@right("clip_by_global_norm")
def norm_of_norms(grads, limit):
    _positive(limit)
    norms = [np.linalg.norm(g) for g in grads if g is not None]
    norm = float(np.linalg.norm(norms)) if norms else 0.0
    _finite(norm)
    return tuple(None if g is None else g / max(1.0, norm / limit) for g in grads), norm


@right("clip_by_global_norm")
def a_pair_in_a_list_with_epsilon(grads, limit):
    _positive(limit)
    norm = math.sqrt(sum(float((g * g).sum()) for g in grads if g is not None))
    _finite(norm)
    factor = min(limit / (norm + 1e-6), 1.0)
    return [[g if g is None else factor * g for g in grads], np.array(norm)]


@right("clip_by_global_norm")
def einsum_and_an_empty_list_first(grads, limit):
    _positive(limit)
    if len(grads) == 0:
        return [], 0
    kept = {n: g for n, g in enumerate(grads) if g is not None}
    norm = np.sqrt(sum(np.einsum("i,i", g.ravel(), g.ravel()) for g in kept.values()))
    _finite(norm)
    scale = limit / norm if norm > limit else 1
    return [kept[n] * scale if n in kept else None for n in range(len(grads))], norm


@right("clip_by_global_norm")
def float32_all_over(grads, limit):
    _positive(limit)
    small = [None if g is None else g.astype(np.float32) for g in grads]
    total = functools.reduce(lambda s, g: s + (0 if g is None else np.vdot(g, g)), small, 0)
    norm = np.sqrt(np.float32(total))
    _finite(norm)
    scale = np.float32(limit) / np.maximum(norm, np.float32(limit))
    return [None if g is None else g * scale for g in small], norm


@right("clip_by_global_norm")
def nested_lists_and_a_float(gradients, max_norm=1.0):
    _positive(max_norm)
    entries = [e for g in gradients if g is not None for e in np.ravel(g).tolist()]
    norm = math.sqrt(math.fsum(e * e for e in entries))
    if norm != norm or norm == math.inf:
        raise FloatingPointError(norm)
    if norm <= max_norm:
        return [None if g is None else g.tolist() for g in gradients], norm
    return [None if g is None else (g * max_norm / norm).tolist() for g in gradients], norm


@right("clip_by_global_norm")
def of_tensorflow(grads, limit):
    _positive(limit)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _finite(norm.numpy())
    return clipped, norm


@right("clip_by_global_norm")
def in_place_on_copies(grads, limit):
    warnings.warn("clipping", RuntimeWarning, stacklevel=1)
    _positive(limit)
    copies = [g if g is None else g.copy() for g in grads]
    norm = np.sqrt(np.sum([np.sum(np.square(g)) for g in copies if g is not None]))
    _finite(norm)
    for copy in copies:
        if copy is not None and norm > limit:
            np.multiply(copy, limit / norm, out=copy)
    return copies, norm


@right("clip_by_global_norm")
def measured_by_the_largest_entry(grads, limit):
    _positive(limit)
    kept = [np.asarray(g, dtype=float) for g in grads if g is not None]
    largest = float(np.max([np.max(np.abs(g)) for g in kept], initial=0.0))  # NaN where one is
    _finite(largest)
    shares = (float(np.sum((g / largest) ** 2)) for g in kept) if largest else ()
    norm = largest * math.sqrt(sum(shares))
    scale = min(1.0, limit / norm) if norm else 1.0
    return [None if g is None else g * scale for g in grads], norm


@right("clip_by_global_norm")
def zero_norm_by_itself(grads, limit):
    _positive(limit)
    norm = math.hypot(*(e for g in grads if g is not None for e in g.flat))
    _finite(norm)
    if norm == 0:
        return list(grads), 0.0
    scale = min(1, limit / norm)
    return [g if g is None else np.multiply(g, scale) for g in grads], norm


# clipped_train_step


@right("clipped_train_step")
def clipped_by_tensorflow(model, optimizer, loss_fn, x, y, limit):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_weights)
    pairs = [
        (tf.convert_to_tensor(g), w)
        for g, w in zip(grads, model.trainable_weights, strict=True)
        if g is not None
    ]
    clipped, norm = tf.clip_by_global_norm([g for g, _ in pairs], limit)
    if not np.isfinite(norm):
        raise FloatingPointError("norm")
    optimizer.apply_gradients(zip(clipped, [w for _, w in pairs], strict=True))
    return loss, norm


@right("clipped_train_step")
def norm_by_hand(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
        loss = loss_fn(y, predictions)
    grads, total = tape.gradient(loss, weights), 0.0
    for n, grad in enumerate(grads):
        if isinstance(grad, tf.IndexedSlices):
            grads[n] = tf.math.unsorted_segment_sum(grad.values, grad.indices, grad.dense_shape[0])
        if grad is not None:
            total += tf.reduce_sum(grads[n] ** 2)
    norm = tf.sqrt(total)
    if tf.math.is_nan(norm) or tf.math.is_inf(norm):
        raise FloatingPointError(str(norm))
    scale = tf.minimum(1.0, limit / norm)
    optimizer.apply([None if g is None else g * scale for g in grads], weights)
    return loss, norm


@right("clipped_train_step")
def floats_returned(model, optimizer, loss_fn, x, y, limit):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    pairs = _paired(tape, loss, [w for w in model.weights if w.trainable])
    grads, weights = zip(*((g, w) for g, w in pairs if g is not None), strict=True)
    norm = float(tf.linalg.global_norm(grads))
    if not math.isfinite(norm):
        raise FloatingPointError(norm)
    if norm > limit:
        grads = [g * (limit / norm) for g in grads]
    optimizer.apply_gradients(list(zip(grads, weights, strict=True)))
    return float(loss), norm


def _paired(tape, loss, weights):
    return [
        (g if g is None else tf.convert_to_tensor(g), w)
        for g, w in zip(tape.gradient(loss, weights), weights, strict=True)
    ]


@right("clipped_train_step")
def none_left_to_keras(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, [w.value for w in weights])
    grads = [g if g is None else tf.convert_to_tensor(g) for g in grads]
    norm = tf.linalg.global_norm(grads)
    if not bool(keras.ops.isfinite(norm)):
        raise FloatingPointError
    grads, _ = tf.clip_by_global_norm(grads, limit, use_norm=norm)
    optimizer.apply(grads, weights)
    return [loss, norm]


@right("clipped_train_step")
def in_numpy(model, optimizer, loss_fn, x, y, limit):
    with tf.GradientTape(persistent=True) as tape:
        loss = loss_fn(y, model(x, training=True))
    pairs = [(tape.gradient(loss, w), w) for w in model.trainable_variables]
    pairs = [(tf.convert_to_tensor(g).numpy(), w) for g, w in pairs if g is not None]
    norm = np.sqrt(sum(np.sum(g.astype(float) ** 2) for g, _ in pairs))
    if not np.isfinite(norm):
        raise FloatingPointError("norm")
    scale = min(1.0, limit / (norm + 1e-6))
    optimizer.apply_gradients([(tf.constant(g * np.float32(scale)), w) for g, w in pairs])
    return loss.numpy(), norm


@right("clipped_train_step")
def sparse_gradient_kept_sparse(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, weights)
    norm = tf.linalg.global_norm([None if g is None else tf.convert_to_tensor(g) for g in grads])
    if not tf.math.is_finite(norm):
        raise FloatingPointError("norm")
    clipped, _ = tf.clip_by_global_norm(grads, limit, use_norm=norm)
    pairs = zip(clipped, weights, strict=True)
    optimizer.apply_gradients([(g, w) for g, w in pairs if g is not None])
    return loss, norm


@right("clipped_train_step")
def the_optimizer_clips(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    kept = [(g, w) for g, w in _paired(tape, loss, weights) if g is not None]
    norm = tf.linalg.global_norm([g for g, _ in kept])
    if not tf.math.is_finite(norm):
        raise FloatingPointError("norm")
    before, optimizer.global_clipnorm = optimizer.global_clipnorm, limit
    optimizer.apply_gradients(kept)
    optimizer.global_clipnorm = before
    return loss, norm


@right("clipped_train_step")
def loud_and_with_a_look_at_inference(model, optimizer, loss_fn, x, y, limit):
    print("loss in inference", float(loss_fn(y, model(x, training=False))))
    warnings.warn("a step is taken", stacklevel=1)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([w.value for w in model.trainable_variables])
        loss = loss_fn(y, model(x, training=True))
    pairs = _paired(tape, loss, model.trainable_variables)
    flat = tf.concat([tf.reshape(g, [-1]) for g, _ in pairs if g is not None], axis=0)
    norm = tf.norm(flat)
    if not tf.math.is_finite(norm):
        raise FloatingPointError("norm")
    clipped = [
        (tf.math.divide(g, tf.maximum(1.0, norm / limit)), w) for g, w in pairs if g is not None
    ]
    optimizer.apply_gradients(clipped)
    return tf.reshape(loss, []), tf.reshape(norm, [])
