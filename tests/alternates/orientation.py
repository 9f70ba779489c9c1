"""Right answers of the lesson ``orientation``."""

import itertools
import math
import sys
import warnings

import keras
import numpy as np
import tensorflow as tf

from alternates import right

# numerical_gradient


@right("numerical_gradient")
def two_copies_for_each_entry(f, x, eps=1e-5):
    gradient = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        plus, minus = x.copy(), x.copy()
        plus[i] += eps
        minus[i] -= eps
        gradient[i] = (f(plus) - f(minus)) / (2 * eps)
    return gradient


@right("numerical_gradient")
def in_place_by_nditer(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    entries = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not entries.finished:
        i = entries.multi_index
        before = float(x[i])
        x[i] = before + eps
        up = f(x)
        x[i] = before - eps
        down = f(x)
        x[i] = before
        gradient[i] = (up - down) / (2.0 * eps)
        entries.iternext()
    return gradient


@right("numerical_gradient")
def in_place_through_flat(f, x, eps=1e-5):
    slopes = []
    for i in range(x.size):
        before = x.flat[i]
        values = []
        for side in (1, -1):
            x.flat[i] = before + side * eps
            values.append(f(x))
        x.flat[i] = before
        slopes.append((values[0] - values[1]) / (2 * eps))
    return np.array(slopes).reshape(x.shape)


@right("numerical_gradient")
def rows_of_an_identity(f, x, eps=1e-5):
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + s) - f(x - s)) / (2 * eps) for s in steps]).reshape(x.shape)


@right("numerical_gradient")
def slope_as_two_halves(f, x, eps=1e-5):
    gradient = np.empty_like(x)
    for i, value in np.ndenumerate(x):
        moved = np.array(x)
        moved[i] = value + eps
        above = f(moved) / eps
        moved[i] = value - eps
        gradient[i] = 0.5 * (above - f(moved) / eps)
    return gradient


@right("numerical_gradient")
def divided_by_the_true_distance(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in itertools.product(*map(range, x.shape)):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (above[i] - below[i])
    return gradient


@right("numerical_gradient")
def whole_array_put_back_at_the_end(f, x, eps=1e-5):
    kept = x.copy()
    gradient = np.zeros(x.shape)
    try:
        for n in range(x.size):
            i = np.unravel_index(n, x.shape)
            x[i] += eps
            above = f(x)
            x[...] = kept
            x[i] -= eps
            gradient[i] = (above - f(x)) / (2 * eps)
            x[...] = kept
    finally:
        x[...] = kept
    return gradient


@right("numerical_gradient")
def flat_copies_reshaped(f, x, eps=1e-5):
    flat = x.flatten()
    result = np.zeros(flat.size)
    for i in range(flat.size):
        e = np.zeros(flat.size)
        e[i] = eps
        above, below = (flat + e).reshape(x.shape), (flat - e).reshape(x.shape)
        result[i] = (f(above) - f(below)) / (2 * eps)
    return result.reshape(x.shape)


@right("numerical_gradient")
def nested_lists_of_slopes(f, x, eps=1e-5):
    return two_copies_for_each_entry(f, x, eps).tolist()


@right("numerical_gradient")
def by_recursion_over_the_axes(f, x, eps=1e-5):
    def slopes(index):
        if len(index) < x.ndim:
            return [slopes((*index, n)) for n in range(x.shape[len(index)])]
        moved = x.copy()
        moved[index] = x[index] + eps
        above = f(moved)
        moved[index] = x[index] - eps
        return float(above - f(moved)) / (2 * eps)

    return np.array(slopes(()))


@right("numerical_gradient")
def masks_for_entries(f, x, eps=1e-5):
    number = np.arange(x.size).reshape(x.shape)
    gradient = np.zeros(x.shape)
    for n in range(x.size):
        here = number == n
        rise = f(np.where(here, x + eps, x)) - f(np.where(here, x - eps, x))
        gradient[here] = rise / (2 * eps)
    return gradient


@right("numerical_gradient")
def gradient_in_float32(f, x, eps=1e-5):
    gradient = np.zeros(x.shape, dtype=np.float32)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@right("numerical_gradient")
def a_tensor_of_slopes(f, x, eps=1e-5):
    return tf.constant(two_copies_for_each_entry(f, x, eps))


@right("numerical_gradient")
def f_given_nested_lists(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = eps
        gradient[i] = (f((x + step).tolist()) - f((x - step).tolist())) / (2 * eps)
    return gradient


@right("numerical_gradient")
def f_called_at_x_too(f, x, eps=1e-5):
    middle = f(x)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = eps
        gradient[i] = ((f(x + step) - middle) + (middle - f(x - step))) / eps / 2
    return gradient


@right("numerical_gradient")
def loud_gradient(f, x, eps=1e-5):
    print("x has shape", x.shape)
    print("on stderr", file=sys.stderr)
    warnings.warn("slow", stacklevel=1)
    return two_copies_for_each_entry(f, x, eps)


# relative_error


def _same_shapes(a, b):
    if np.shape(a) != np.shape(b):
        raise ValueError("a and b differ in shape")


@right("relative_error")
def by_numpy_norms(a, b):
    _same_shapes(a, b)
    a, b = np.asarray(a), np.asarray(b)
    below = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return 0.0 if below == 0 else np.linalg.norm(a - b) / below


@right("relative_error")
def by_sums_of_squares(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} is not {b.shape}")
    below = max(float(np.sum(a * a)), float(np.sum(b * b)))
    if math.isnan(float(np.sum(a)) + float(np.sum(b))):
        return float("nan")
    return math.sqrt(float(np.sum((a - b) ** 2)) / below) if below > 0.0 else 0.0


@right("relative_error")
def by_root_mean_squares(a, b):
    _same_shapes(a, b)
    size = [np.sqrt(np.mean(np.square(v))) for v in (np.subtract(a, b), a, b)]
    return size[0] / np.max(size[1:]) if np.any(a) or np.any(b) else 0.0


@right("relative_error")
def by_a_flat_dot_product(a, b):
    _same_shapes(a, b)
    a, b = np.ravel(a), np.ravel(b)
    d = a - b
    below = np.sqrt(np.maximum(a @ a, b @ b))
    return np.sqrt(d @ d) / (below if below != 0 else 1.0)


@right("relative_error")
def by_an_epsilon_below_the_line(a, b):
    _same_shapes(a, b)
    first, second = np.linalg.norm(a), np.linalg.norm(b)
    return float(np.linalg.norm(np.subtract(a, b)) / np.maximum(np.maximum(first, second), 1e-300))


@right("relative_error")
def by_the_tiniest_number_added(a, b):
    _same_shapes(a, b)
    below = np.maximum(np.linalg.norm(a), np.linalg.norm(b)) + np.finfo(float).tiny
    return np.linalg.norm(np.asarray(a) - np.asarray(b)) / below


@right("relative_error")
def by_the_larger_of_two_ratios(a, b):
    _same_shapes(a, b)
    if not np.any(a) and not np.any(b):
        return 0.0
    with np.errstate(divide="ignore"):
        ratios = np.divide(np.linalg.norm(np.subtract(a, b)), [np.linalg.norm(v) for v in (a, b)])
    return np.min(ratios)


@right("relative_error")
def by_abs_and_hypot(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != b.ndim or a.shape != b.shape:
        raise ValueError("shapes")
    above, first, second = (math.hypot(*np.abs(v).ravel()) for v in (a - b, a, b))
    if first == second == 0:
        return 0.0
    return above / np.maximum(first, second)


@right("relative_error")
def by_keras(a, b):
    _same_shapes(a, b)
    a, b = (keras.ops.reshape(keras.ops.convert_to_tensor(v, "float64"), (-1,)) for v in (a, b))
    below = keras.ops.maximum(keras.ops.norm(a), keras.ops.norm(b))
    return 0.0 if float(below) == 0 else keras.ops.norm(a - b) / below


@right("relative_error")
def float32_error(a, b):
    _same_shapes(a, b)
    a, b = np.float32(a), np.float32(b)
    below = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return np.float32(0) if below == 0 else np.linalg.norm(a - b) / below


@right("relative_error")
def number_without_axes(a, b):
    _same_shapes(a, b)
    return np.asarray(by_numpy_norms(a, b))


@right("relative_error")
def by_an_error_of_its_own(a, b):
    class ShapeError(ValueError):
        pass

    if np.shape(a) != np.shape(b):
        raise ShapeError(np.shape(a), np.shape(b))
    return by_numpy_norms(a, b)


@right("relative_error")
def loud_error(a, b):
    print(a, b)
    warnings.warn("loud", stacklevel=1)
    return by_numpy_norms(a, b)
