"""Right answers of the lesson ``lstm_cell``."""

import sys
import warnings
from collections import namedtuple

import keras
import numpy as np

from alternates import CALLS, right

CALLS["lstm_step"] = {"sigmoid": "_expit"}
CALLS["lstm_forward"] = {"lstm_step": "_lstm"}

# sigmoid


def _expit(x):
    x = np.asarray(x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


@right("sigmoid")
def tanh_form(x):
    return (np.tanh(np.asarray(x) / 2) + 1) / 2


@right("sigmoid")
def where_with_a_safe_exponent(x):
    return _expit(x)


@right("sigmoid")
def masked_halves(x):
    x = np.asarray(x, dtype=float)
    result = np.empty_like(x)
    positive = x >= 0
    result[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    result[~positive] = e / (1 + e)
    return result


@right("sigmoid")
def clipped_exponent(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -500, 500)))


@right("sigmoid")
def clipped_exponent_closely(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40, 40)))


@right("sigmoid")
def by_logaddexp(x):
    return np.exp(-np.logaddexp(0.0, -np.asarray(x)))


@right("sigmoid")
def overflow_silenced(x):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-np.asarray(x)))


@right("sigmoid")
def a_float_for_a_float(x):
    return float(_expit(x)) if isinstance(x, float) else _expit(x)


@right("sigmoid")
def in_float32(x):
    return np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * np.asarray(x, dtype=np.float32)))


@right("sigmoid")
def by_keras(x):
    return keras.ops.sigmoid(keras.ops.convert_to_tensor(x, dtype="float64"))


@right("sigmoid")
def sigmoid_that_prints(x):
    print("x has shape", np.shape(x))
    return tanh_form(x)


# lstm_step


def _gates(z, c):
    i, f, g, o = np.split(z, 4, axis=1)
    c = _expit(f) * c + _expit(i) * np.tanh(g)
    return _expit(o) * np.tanh(c), c


@right("lstm_step")
def concatenated_lstm(x, h, c, Wx, Wh, b):
    return _gates(np.concatenate([x, h], 1) @ np.concatenate([Wx, Wh], 0) + b, c)


@right("lstm_step")
def four_products(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    z = {}
    for k, gate in enumerate("ifgo"):
        columns = slice(k * H, (k + 1) * H)
        z[gate] = x @ Wx[:, columns] + h @ Wh[:, columns] + b[columns]
    c_new = tanh_form(z["f"]) * c + tanh_form(z["i"]) * np.tanh(z["g"])
    h_new = tanh_form(z["o"]) * np.tanh(c_new)
    return h_new, c_new


@right("lstm_step")
def list_of_two(x, h, c, Wx, Wh, b):
    return list(_gates(x @ Wx + h @ Wh + b, c))


@right("lstm_step")
def named_tuple(x, h, c, Wx, Wh, b):
    return namedtuple("State", "h c")(*_gates(x @ Wx + h @ Wh + b, c))


@right("lstm_step")
def blocks_by_reshape(x, h, c, Wx, Wh, b):
    z = (x @ Wx + h @ Wh + b).reshape(len(x), 4, -1)
    i, f, o = tanh_form(z[:, 0]), tanh_form(z[:, 1]), tanh_form(z[:, 3])
    c_new = f * c + i * np.tanh(z[:, 2])
    return o * np.tanh(c_new), c_new


@right("lstm_step")
def einsum_lstm(x, h, c, Wx, Wh, b):
    return _gates(np.einsum("bd,dk->bk", x, Wx) + np.einsum("bh,hk->bk", h, Wh) + b, c)


@right("lstm_step")
def sigmoid_that_overflows(x, h, c, Wx, Wh, b):
    def sigma(z):
        return 1 / (1 + np.exp(-z))

    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=-1)
    c = c * sigma(f) + sigma(i) * np.tanh(g)
    return np.tanh(c) * sigma(o), c


@right("lstm_step")
def float32_lstm(x, h, c, Wx, Wh, b):
    x, h, c, Wx, Wh, b = (a.astype(np.float32) for a in (x, h, c, Wx, Wh, b))
    return _gates(x @ Wx + h @ Wh + b, c)


@right("lstm_step")
def nested_lists_lstm(x, h, c, Wx, Wh, b):
    return tuple(a.tolist() for a in _gates(x @ Wx + h @ Wh + b, c))


@right("lstm_step")
def loud_lstm(x, h, c, Wx, Wh, b):
    print(h, c)
    print("on stderr", file=sys.stderr)
    warnings.warn("loud", stacklevel=1)
    return _gates(x @ Wx + h @ Wh + b, c)


@right("lstm_step")
def transposed_lstm(x, h, c, Wx, Wh, b):
    z = Wx.T @ x.T + Wh.T @ h.T + b[:, None]
    i, f, g, o = (z[k::1][: len(z) // 4].T for k in range(0, len(z), len(z) // 4))
    c = _expit(f) * c + _expit(i) * np.tanh(g)
    return _expit(o) * np.tanh(c), c


@right("lstm_step")
def copies_changed_in_place(x, h, c, Wx, Wh, b):
    c = c.copy()
    i, f, g, o = np.hsplit(x @ Wx + h @ Wh + b, 4)
    c *= tanh_form(f)
    c += tanh_form(i) * np.tanh(g)
    return tanh_form(o) * np.tanh(c), c


# lstm_forward


def _lstm(x, h, c, Wx, Wh, b):
    return _gates(x @ Wx + h @ Wh + b, c)


@right("lstm_forward")
def lists_and_stacks(xs, h0, c0, Wx, Wh, b):
    hs, cs, h, c = [], [], h0, c0
    for t in range(xs.shape[1]):
        h, c = _lstm(xs[:, t], h, c, Wx, Wh, b)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


@right("lstm_forward")
def list_of_two_sequences(xs, h0, c0, Wx, Wh, b):
    return list(lists_and_stacks(xs, h0, c0, Wx, Wh, b))


@right("lstm_forward")
def both_preallocated(xs, h0, c0, Wx, Wh, b):
    hs = np.zeros((*xs.shape[:2], h0.shape[1]))
    cs = np.zeros_like(hs)
    for t in range(xs.shape[1]):
        before = (h0, c0) if t == 0 else (hs[:, t - 1], cs[:, t - 1])
        hs[:, t], cs[:, t] = _lstm(xs[:, t], *before, Wx, Wh, b)
    return hs, cs


@right("lstm_forward")
def time_major_lstm(xs, h0, c0, Wx, Wh, b):
    states = []
    state = (h0, c0)
    for x in xs.transpose(1, 0, 2):
        state = _lstm(x, *state, Wx, Wh, b)
        states.append(state)
    hs, cs = zip(*states, strict=True)
    return np.array(hs).swapaxes(0, 1), np.array(cs).swapaxes(0, 1)


@right("lstm_forward")
def sequences_one_by_one(xs, h0, c0, Wx, Wh, b):
    parts = [
        lists_and_stacks(xs[r : r + 1], h0[r : r + 1], c0[r : r + 1], Wx, Wh, b)
        for r in range(len(xs))
    ]
    return tuple(np.concatenate(p) for p in zip(*parts, strict=True))


@right("lstm_forward")
def input_products_at_once(xs, h0, c0, Wx, Wh, b):
    z = xs @ Wx + b
    hs, cs, h, c = [], [], h0, c0
    for t in range(xs.shape[1]):
        h, c = _gates(z[:, t] + h @ Wh, c)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, 1), np.stack(cs, 1)


@right("lstm_forward")
def growing_by_concatenation(xs, h0, c0, Wx, Wh, b):
    hs, cs = h0[:, None], c0[:, None]
    for t in range(xs.shape[1]):
        h, c = _lstm(xs[:, t], hs[:, -1], cs[:, -1], Wx, Wh, b)
        hs = np.concatenate([hs, h[:, None]], axis=1)
        cs = np.concatenate([cs, c[:, None]], axis=1)
    return hs[:, 1:], cs[:, 1:]


@right("lstm_forward")
def float32_lstm_throughout(xs, h0, c0, Wx, Wh, b):
    return lists_and_stacks(*(a.astype("float32") for a in (xs, h0, c0, Wx, Wh, b)))


@right("lstm_forward")
def nested_lists_of_states(xs, h0, c0, Wx, Wh, b):
    return [a.tolist() for a in lists_and_stacks(xs, h0, c0, Wx, Wh, b)]


@right("lstm_forward")
def prints_its_progress(xs, h0, c0, Wx, Wh, b):
    print("forward over", xs.shape[1], "steps")
    return lists_and_stacks(xs, h0, c0, Wx, Wh, b)
