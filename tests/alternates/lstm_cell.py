"""Right answers of the lesson ``lstm_cell``."""

import sys
import warnings
from collections import namedtuple

import keras
import numpy as np

from alternates import CALLS, right

CALLS["lstm_step"] = {"sigmoid": "_expit"}
CALLS["lstm_forward"] = {"lstm_step": "_lstm"}
CALLS["lstm_step_backward"] = {"sigmoid": "_expit"}
CALLS["lstm_backward"] = {"lstm_step_backward": "_lstm_back"}
CALLS["memory_kept"] = {"sigmoid": "_expit"}

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


# lstm_step_backward


def _back_from_gates(i, f, g, o, dh, dc, x, h_prev, c_prev, c, Wx, Wh):
    t = np.tanh(c)
    dc = dc + dh * o * (1 - t * t)
    dz = np.hstack(
        [
            dc * g * i * (1 - i),
            dc * c_prev * f * (1 - f),
            dc * i * (1 - g * g),
            dh * t * o * (1 - o),
        ]
    )
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(0)


@right("lstm_step_backward")
def gates_recomputed(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zi, zf, zg, zo = np.split(x @ Wx + h_prev @ Wh + b, 4, axis=1)
    gates = _expit(zi), _expit(zf), np.tanh(zg), _expit(zo)
    return _back_from_gates(*gates, dh, dc, x, h_prev, c_prev, c, Wx, Wh)


@right("lstm_step_backward")
def c_recomputed_too(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zi, zf, zg, zo = np.split(x @ Wx + h_prev @ Wh + b, 4, axis=1)
    i, f, g, o = _expit(zi), _expit(zf), np.tanh(zg), _expit(zo)
    c = f * c_prev + i * g
    return _back_from_gates(i, f, g, o, dh, dc, x, h_prev, c_prev, c, Wx, Wh)


@right("lstm_step_backward")
def gates_by_reshape(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    B, H = dh.shape
    z = (x @ Wx + h_prev @ Wh + b).reshape(B, 4, H)
    s = _expit(z)
    i, f, o, g = s[:, 0], s[:, 1], s[:, 3], np.tanh(z[:, 2])
    dC = dc + dh * o / np.cosh(c) ** 2
    dz = np.empty_like(z)
    dz[:, 0] = dC * g
    dz[:, 1] = dC * c_prev
    dz[:, 3] = dh * np.tanh(c)
    dz *= s * (1 - s)
    dz[:, 2] = dC * i * (1 - g**2)
    dz = dz.reshape(B, 4 * H)
    return [dz @ Wx.T, dz @ Wh.T, dC * f, x.T @ dz, h_prev.T @ dz, np.sum(dz, axis=0)]


@right("lstm_step_backward")
def concatenated_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    D = x.shape[1]
    xh, W = np.concatenate([x, h_prev], 1), np.concatenate([Wx, Wh], 0)
    i, f, g, o = np.split(xh @ W + b, 4, axis=1)
    i, f, g, o = _expit(i), _expit(f), np.tanh(g), _expit(o)
    t = np.tanh(c)
    dC = dc + dh * o * (1 + t) * (1 - t)
    dz = np.concatenate(
        [dC * g * (i - i**2), dC * c_prev * (f - f**2), dC * i * (1 - g**2), dh * t * (o - o**2)], 1
    )
    dxh, dW = dz @ W.T, xh.T @ dz
    return dxh[:, :D], dxh[:, D:], dC * f, dW[:D], dW[D:], np.ones(len(x)) @ dz


@right("lstm_step_backward")
def einsum_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    z = np.einsum("bd,dk->bk", x, Wx) + np.einsum("bh,hk->bk", h_prev, Wh) + b
    zi, zf, zg, zo = np.split(z, 4, axis=-1)
    i, f, g, o = tanh_form(zi), tanh_form(zf), np.tanh(zg), tanh_form(zo)
    dC = dc + dh * o * (1 - np.tanh(c) ** 2)
    dz = np.concatenate(
        [
            dC * g * i * tanh_form(-zi),
            dC * c_prev * f * tanh_form(-zf),
            dC * i * (1 - g**2),
            dh * np.tanh(c) * o * tanh_form(-zo),
        ],
        axis=-1,
    )
    return (
        np.einsum("bk,dk->bd", dz, Wx),
        np.einsum("bk,hk->bh", dz, Wh),
        np.einsum("bh,bh->bh", dC, f),
        np.einsum("bd,bk->dk", x, dz),
        np.einsum("bh,bk->hk", h_prev, dz),
        np.einsum("bk->k", dz),
    )


@right("lstm_step_backward")
def gate_by_gate(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    H = dh.shape[1]
    z = x @ Wx + h_prev @ Wh + b
    cut = {name: slice(n * H, (n + 1) * H) for n, name in enumerate("ifgo")}
    i, f, o = (_expit(z[:, cut[name]]) for name in "ifo")
    g = np.tanh(z[:, cut["g"]])
    dC = dc + dh * o * (1 - np.tanh(c) ** 2)
    parts = {
        "o": dh * np.tanh(c) * o * (1 - o),
        "f": dC * c_prev * f * (1 - f),
        "i": dC * g * i * (1 - i),
        "g": dC * i * (1 - g**2),
    }
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h_prev)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    for name, part in parts.items():
        dx += part @ Wx[:, cut[name]].T
        dh_prev += part @ Wh[:, cut[name]].T
        dWx[:, cut[name]] = x.T @ part
        dWh[:, cut[name]] = h_prev.T @ part
        db[cut[name]] = part.sum(axis=0)
    return dx, dh_prev, dC * f, dWx, dWh, db


@right("lstm_step_backward")
def row_by_row(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    rows = [
        concatenated_backward(*(a[r : r + 1] for a in (dh, dc, x, h_prev, c_prev, c)), Wx, Wh, b)
        for r in range(len(x))
    ]
    parts = list(zip(*rows, strict=True))
    return tuple([np.concatenate(p) for p in parts[:3]] + [sum(p) for p in parts[3:]])


@right("lstm_step_backward")
def float32_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    arrays = (a.astype(np.float32) for a in (dh, dc, x, h_prev, c_prev, c, Wx, Wh, b))
    return concatenated_backward(*arrays)


@right("lstm_step_backward")
def nested_lists_backward(*arguments):
    return [a.tolist() for a in concatenated_backward(*arguments)]


@right("lstm_step_backward")
def named_gradients(*arguments):
    names = "dx dh_prev dc_prev dWx dWh db"
    return namedtuple("Gradients", names)(*concatenated_backward(*arguments))


@right("lstm_step_backward")
def by_gradient_tape(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    import tensorflow as tf

    watched = [tf.constant(a) for a in (x, h_prev, c_prev, Wx, Wh, b)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        tx, th, tc, tWx, tWh, tb = watched
        i, f, g, o = tf.split(tx @ tWx + th @ tWh + tb, 4, axis=1)
        new_c = tf.sigmoid(f) * tc + tf.sigmoid(i) * tf.tanh(g)
        new_h = tf.sigmoid(o) * tf.tanh(new_c)
        total = tf.reduce_sum(new_h * dh) + tf.reduce_sum(new_c * dc)
    return tape.gradient(total, watched)


@right("lstm_step_backward")
def prints_its_gradients(*arguments):
    found = concatenated_backward(*arguments)
    print("norms:", [float(np.linalg.norm(a)) for a in found])
    warnings.warn("loud", stacklevel=1)
    return found


# lstm_backward


def _lstm_back(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    return concatenated_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b)


def _keyed(dxs, dh, dc, dWx, dWh, db):
    return {"xs": dxs, "h0": dh, "c0": dc, "Wx": dWx, "Wh": dWh, "b": db}


@right("lstm_backward")
def accumulated_in_place(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    grads = {n: np.zeros_like(a) for n, a in _keyed(xs, h0, c0, Wx, Wh, b).items()}
    for t in range(xs.shape[1] - 1, -1, -1):
        h_prev = hs[:, t - 1] if t else h0
        c_prev = cs[:, t - 1] if t else c0
        dx, grads["h0"], grads["c0"], dWx, dWh, db = _lstm_back(
            dhs[:, t] + grads["h0"], grads["c0"], xs[:, t], h_prev, c_prev, cs[:, t], Wx, Wh, b
        )
        grads["xs"][:, t] = dx
        grads["Wx"] += dWx
        grads["Wh"] += dWh
        grads["b"] += db
    return grads


@right("lstm_backward")
def states_with_the_first_in_front(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    h_all = np.concatenate([h0[:, None], hs], axis=1)
    c_all = np.concatenate([c0[:, None], cs], axis=1)
    dh = dc = np.zeros_like(h0)
    steps = []
    for t in reversed(range(xs.shape[1])):
        dx, dh, dc, *dW = _lstm_back(
            dh + dhs[:, t], dc, xs[:, t], h_all[:, t], c_all[:, t], c_all[:, t + 1], Wx, Wh, b
        )
        steps.append((dx, *dW))
    dxs, *dWs = zip(*steps, strict=True)
    return _keyed(np.stack(dxs[::-1], axis=1), dh, dc, *(np.sum(d, axis=0) for d in dWs))


@right("lstm_backward")
def states_computed_again(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    hs, cs = both_preallocated(xs, h0, c0, Wx, Wh, b)
    return accumulated_in_place(dhs, xs, h0, c0, hs, cs, Wx, Wh, b)


@right("lstm_backward")
def time_major_backward(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    dhs, xs, hs, cs = (a.swapaxes(0, 1) for a in (dhs, xs, hs, cs))
    before = [(h0, c0), *zip(hs[:-1], cs[:-1], strict=True)]
    dh, dc, dxs, total = 0.0 * h0, 0.0 * c0, [], 0
    for own, x, (h, c), new in reversed(list(zip(dhs, xs, before, cs, strict=True))):
        dx, dh, dc, dWx, dWh, db = _lstm_back(own + dh, dc, x, h, c, new, Wx, Wh, b)
        dxs.insert(0, dx)
        total = total + np.concatenate([dWx, dWh, db[None]])
    D = Wx.shape[0]
    return _keyed(np.array(dxs).swapaxes(0, 1), dh, dc, total[:D], total[D:-1], total[-1])


@right("lstm_backward")
def weights_in_one_product_at_the_end(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    B, T, H = hs.shape
    h_prev = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    c_prev = np.concatenate([c0[:, None], cs[:, :-1]], axis=1)
    i, f, g, o = np.split(xs @ Wx + h_prev @ Wh + b, 4, axis=2)
    i, f, g, o = tanh_form(i), tanh_form(f), np.tanh(g), tanh_form(o)
    t_c = np.tanh(cs)
    dzs, dh, dc = np.zeros((B, T, 4 * H)), np.zeros((B, H)), np.zeros((B, H))
    for t in reversed(range(T)):
        dh = dh + dhs[:, t]
        dc = dc + dh * o[:, t] * (1 - t_c[:, t] ** 2)
        dzs[:, t, :H] = dc * g[:, t] * i[:, t] * (1 - i[:, t])
        dzs[:, t, H : 2 * H] = dc * c_prev[:, t] * f[:, t] * (1 - f[:, t])
        dzs[:, t, 2 * H : 3 * H] = dc * i[:, t] * (1 - g[:, t] ** 2)
        dzs[:, t, 3 * H :] = dh * t_c[:, t] * o[:, t] * (1 - o[:, t])
        dh, dc = dzs[:, t] @ Wh.T, dc * f[:, t]
    flat = dzs.reshape(B * T, 4 * H)
    dWx, dWh = xs.reshape(B * T, -1).T @ flat, h_prev.reshape(B * T, H).T @ flat
    return _keyed(dzs @ Wx.T, dh, dc, dWx, dWh, flat.sum(axis=0))


@right("lstm_backward")
def one_sequence_at_a_time(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    rows = [
        accumulated_in_place(*(a[r : r + 1] for a in (dhs, xs, h0, c0, hs, cs)), Wx, Wh, b)
        for r in range(len(xs))
    ]
    joined = {n: np.concatenate([row[n] for row in rows]) for n in ("xs", "h0", "c0")}
    return joined | {n: sum(row[n] for row in rows) for n in ("Wx", "Wh", "b")}


@right("lstm_backward")
def float32_bptt(*arguments):
    return accumulated_in_place(*(a.astype(np.float32) for a in arguments))


@right("lstm_backward")
def more_keys_in_another_order(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    found = weights_in_one_product_at_the_end(dhs, xs, h0, c0, hs, cs, Wx, Wh, b)
    return {"steps": xs.shape[1], **dict(reversed(found.items()))}


@right("lstm_backward")
def lists_in_the_dict(*arguments):
    return {n: a.tolist() for n, a in accumulated_in_place(*arguments).items()}


@right("lstm_backward")
def recursive_backward(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    def back(t):
        if t == xs.shape[1]:
            zeros = np.zeros_like(h0)
            return [], zeros, zeros, 0, 0, 0
        dxs, dh, dc, *totals = back(t + 1)
        before = (h0, c0) if t == 0 else (hs[:, t - 1], cs[:, t - 1])
        dx, dh, dc, *new = _lstm_back(dhs[:, t] + dh, dc, xs[:, t], *before, cs[:, t], Wx, Wh, b)
        return [dx, *dxs], dh, dc, *(a + n for a, n in zip(totals, new, strict=True))

    dxs, *others = back(0)
    return _keyed(np.stack(dxs, axis=1), *others)


@right("lstm_backward")
def backward_that_prints(*arguments):
    print("backwards over", arguments[1].shape[1], "steps", file=sys.stderr)
    return states_with_the_first_in_front(*arguments)


# BasicLSTMCell


class _LSTMCell(keras.layers.Layer):
    """What the cells below share; each differs in what is written out."""

    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(**kwargs)
        self.num_units = num_units
        self.forget_bias = forget_bias
        self.state_is_tuple = state_is_tuple
        self.state_size = [num_units, num_units] if state_is_tuple else 2 * num_units
        self.output_size = num_units

    def build(self, input_shape):
        shape = (input_shape[-1] + self.num_units, 4 * self.num_units)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        self.bias = self.add_weight(shape=shape[1:], initializer="zeros", name="bias")

    def call(self, inputs, states):
        H = self.num_units
        if self.state_is_tuple:
            c, h = states
        else:
            c, h = states[0][:, :H], states[0][:, H:]
        z = keras.ops.concatenate([inputs, h], axis=-1) @ self.kernel + self.bias
        i, j, f, o = (z[:, n * H : (n + 1) * H] for n in range(4))
        c = keras.ops.sigmoid(f + self.forget_bias) * c + keras.ops.sigmoid(i) * keras.ops.tanh(j)
        h = keras.ops.sigmoid(o) * keras.ops.tanh(c)
        return h, self.handed_on(c, h)

    def handed_on(self, c, h):
        return [c, h] if self.state_is_tuple else [keras.ops.concatenate([c, h], axis=-1)]


@right("BasicLSTMCell")
class PlainLSTMCell(_LSTMCell):
    pass


@right("BasicLSTMCell")
class StatesInATuple(_LSTMCell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True):
        super().__init__(num_units, forget_bias, state_is_tuple)
        self.state_size = (num_units, num_units) if state_is_tuple else [2 * num_units]

    def handed_on(self, c, h):
        return tuple(super().handed_on(c, h))


@right("BasicLSTMCell")
class NamedStates(_LSTMCell):
    def handed_on(self, c, h):
        found = super().handed_on(c, h)
        return namedtuple("LSTMState", "c h")(*found) if self.state_is_tuple else found


@right("BasicLSTMCell")
class JoinedStateReturnedBare(_LSTMCell):
    def handed_on(self, c, h):
        found = super().handed_on(c, h)
        return found if self.state_is_tuple else found[0]


@right("BasicLSTMCell")
class TwoProducts(_LSTMCell):
    def call(self, inputs, states):
        import tensorflow as tf

        c, h = states if self.state_is_tuple else tf.split(states[0], 2, axis=1)
        D = inputs.shape[-1]
        z = tf.matmul(inputs, self.kernel[:D]) + tf.matmul(h, self.kernel[D:])
        i, j, f, o = tf.split(tf.nn.bias_add(z, self.bias), 4, axis=1)
        c = c * tf.nn.sigmoid(f + self.forget_bias) + tf.nn.sigmoid(i) * tf.nn.tanh(j)
        h = tf.nn.tanh(c) * tf.nn.sigmoid(o)
        return h, self.handed_on(c, h)


@right("BasicLSTMCell")
class ForgetBiasInAVector(_LSTMCell):
    def call(self, inputs, states):
        ops, H = keras.ops, self.num_units
        shift = np.repeat(np.float32([0, 0, self.forget_bias, 0]), H)
        s = states[0] if not self.state_is_tuple else ops.concatenate(list(states), axis=1)
        z = ops.matmul(ops.concatenate([inputs, s[:, H:]], axis=1), self.kernel)
        z = ops.reshape(z + self.bias + shift, (-1, 4, H))
        gates = 0.5 * (1 + ops.tanh(z / 2))
        c = gates[:, 2] * s[:, :H] + gates[:, 0] * ops.tanh(z[:, 1])
        h = gates[:, 3] * ops.tanh(c)
        return h, self.handed_on(c, h)


@right("BasicLSTMCell")
class VariablesOfTheLSTMMadeInBuild(_LSTMCell):
    def build(self, input_shape):
        draw = keras.initializers.GlorotUniform()
        rows, columns = input_shape[-1] + self.num_units, 4 * self.num_units
        self.W = self.kernel = keras.Variable(draw((rows, columns)), name="kernel")
        self.bias = keras.Variable(np.zeros(columns, "float32"), name="bias")
        self.built = True


@right("BasicLSTMCell")
class SizesOfTheLSTMAsProperties(keras.layers.Layer):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, name=None, **ignored):
        super().__init__(name=name)
        self.u, self.fb, self.two = num_units, float(forget_bias), state_is_tuple

    @property
    def state_size(self):
        return [self.u] * 2 if self.two else self.u * 2

    @property
    def output_size(self):
        return self.u

    def build(self, shape):
        self.k = self.add_weight(shape=(shape[1] + self.u, self.u * 4), initializer="orthogonal")
        self.b = self.add_weight(shape=(self.u * 4,), initializer="zeros")

    def call(self, x, s, training=None):
        sig, tanh = keras.activations.sigmoid, keras.activations.tanh
        parts = keras.ops.split(keras.ops.concatenate(list(s), axis=-1), 2, axis=-1)
        z = keras.ops.concatenate([x, parts[1]], axis=-1) @ self.k + self.b
        i, j, f, o = keras.ops.split(z, 4, axis=-1)
        new = parts[0] * sig(self.fb + f) + tanh(j) * sig(i)
        out = tanh(new) * sig(o)
        return out, [new, out] if self.two else [keras.ops.concatenate([new, out], axis=-1)]


@right("BasicLSTMCell")
class LSTMWithConfigAndInitialState(_LSTMCell):
    def get_initial_state(self, batch_size=None):
        widths = self.state_size if self.state_is_tuple else [self.state_size]
        return [keras.ops.zeros((batch_size, width)) for width in widths]

    def get_config(self):
        return super().get_config() | {
            "num_units": self.num_units,
            "forget_bias": self.forget_bias,
            "state_is_tuple": self.state_is_tuple,
        }


@right("BasicLSTMCell")
class DenseLayerInside(_LSTMCell):
    def build(self, input_shape):
        self.dense = keras.layers.Dense(4 * self.num_units)
        self.dense.build((None, input_shape[-1] + self.num_units))

    def call(self, inputs, states):
        ops = keras.ops
        c, h = states if self.state_is_tuple else ops.split(states[0], 2, axis=1)
        i, j, f, o = ops.split(self.dense(ops.concatenate([inputs, h], axis=1)), 4, axis=1)
        c = ops.sigmoid(f + self.forget_bias) * c + ops.sigmoid(i) * ops.tanh(j)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, self.handed_on(c, h)


@right("BasicLSTMCell")
class LoudLSTM(_LSTMCell):
    def call(self, inputs, states, *rest, **options):
        print("a step with", len(states), "states")
        warnings.warn("a step was taken", stacklevel=1)
        return super().call(inputs, states)


# to_keras_lstm


@right("to_keras_lstm")
def blocks_by_split(kernel, bias, forget_bias, inputs):
    i, j, f, o = np.hsplit(kernel, 4)
    bi, bj, bf, bo = np.split(bias, 4)
    whole = np.hstack([i, f, j, o])
    return [whole[:inputs], whole[inputs:], np.hstack([bi, bf + forget_bias, bj, bo])]


@right("to_keras_lstm")
def columns_by_index(kernel, bias, forget_bias, inputs):
    H = len(bias) // 4
    columns = np.arange(4 * H).reshape(4, H)[[0, 2, 1, 3]].ravel()
    bias = bias[columns]
    bias[H : 2 * H] += forget_bias
    return kernel[:inputs, columns], kernel[inputs:, columns], bias


@right("to_keras_lstm")
def blocks_by_moving_axes(kernel, bias, forget_bias, inputs):
    def moved(a):
        return a.reshape(*a.shape[:-1], 4, -1)[..., [0, 2, 1, 3], :].reshape(a.shape)

    shift = np.kron([0, 1, 0, 0], np.full(bias.size // 4, forget_bias))
    return [*np.split(moved(kernel), [inputs]), moved(bias) + shift]


@right("to_keras_lstm")
def copies_filled_in(kernel, bias, forget_bias, inputs):
    H = bias.shape[0] // 4
    new, b = kernel.copy(), bias.copy()
    new[:, H : 2 * H], new[:, 2 * H : 3 * H] = kernel[:, 2 * H : 3 * H], kernel[:, H : 2 * H]
    b[H : 2 * H], b[2 * H : 3 * H] = bias[2 * H : 3 * H] + forget_bias, bias[H : 2 * H]
    return [new[:inputs, :], new[inputs:, :], b]


@right("to_keras_lstm")
def permutation_matrix(kernel, bias, forget_bias, inputs):
    H = len(bias) // 4
    P = np.kron(np.eye(4)[:, [0, 2, 1, 3]], np.eye(H))
    return [
        kernel[:inputs] @ P,
        kernel[inputs:] @ P,
        bias @ P + forget_bias * np.repeat(np.eye(4)[1], H),
    ]


@right("to_keras_lstm")
def conversion_in_float32(kernel, bias, forget_bias, inputs):
    found = columns_by_index(kernel.astype(np.float32), bias.astype(np.float32), 0.0, inputs)
    found[2][len(bias) // 4 : len(bias) // 2] += np.float32(forget_bias)
    return found


@right("to_keras_lstm")
def lists_of_weights(kernel, bias, forget_bias, inputs):
    return [a.tolist() for a in columns_by_index(kernel, bias, forget_bias, inputs)]


@right("to_keras_lstm")
def tensors_of_keras(kernel, bias, forget_bias, inputs):
    ops = keras.ops
    i, j, f, o = ops.split(ops.convert_to_tensor(kernel), 4, axis=1)
    bi, bj, bf, bo = ops.split(ops.convert_to_tensor(bias), 4)
    whole = ops.concatenate([i, f, j, o], axis=1)
    bias = ops.concatenate([bi, ops.add(bf, forget_bias), bj, bo])
    return [whole[:inputs], whole[inputs:], bias]


@right("to_keras_lstm")
def conversion_that_prints(kernel, bias, forget_bias, inputs):
    print("kernel", kernel.shape, "inputs", inputs)
    return blocks_by_split(kernel, bias, forget_bias, inputs)


# memory_kept


@right("memory_kept")
def gate_to_the_power(forget_bias, steps):
    return float(_expit(forget_bias) ** steps)


@right("memory_kept")
def numpy_scalar_returned(forget_bias, steps):
    return np.power(_expit(forget_bias), steps)


@right("memory_kept")
def multiplied_step_by_step(forget_bias, steps):
    kept, gate = 1.0, _expit(forget_bias)
    for _ in range(steps):
        kept = kept * gate
    return kept


@right("memory_kept")
def by_logarithm(forget_bias, steps):
    return float(np.exp(steps * np.log(_expit(forget_bias))))


@right("memory_kept")
def by_logaddexp_of_the_bias(forget_bias, steps):
    return np.exp(-steps * np.logaddexp(0.0, -forget_bias))


@right("memory_kept")
def product_of_an_array(forget_bias, steps):
    return np.prod(np.full(steps, _expit(np.array(forget_bias))))


@right("memory_kept")
def without_numpy(forget_bias, steps):
    return (1 / (1 + 2.718281828459045**-forget_bias)) ** steps


@right("memory_kept")
def memory_in_float32(forget_bias, steps):
    gate = np.float32(1) / (np.float32(1) + np.exp(-np.float32(forget_bias)))
    return gate ** np.float32(steps)


@right("memory_kept")
def memory_by_keras(forget_bias, steps):
    return keras.ops.power(keras.ops.sigmoid(forget_bias), steps)


@right("memory_kept")
def memory_by_running_the_cell(forget_bias, steps):
    zeros, c = np.zeros((1, 1)), np.ones((1, 1))
    b = np.array([0.0, forget_bias, 0.0, 0.0])
    for _ in range(steps):
        _, c = _lstm(zeros, zeros, c, np.zeros((1, 4)), np.zeros((1, 4)), b)
    return c.item()


@right("memory_kept")
def memory_recursive(forget_bias, steps):
    if steps <= 0:
        return 1.0
    half = memory_recursive(forget_bias, steps // 2)
    return half * half * (_expit(forget_bias) if steps % 2 else 1.0)


@right("memory_kept")
def memory_that_prints(forget_bias, steps):
    print("bias", forget_bias, "steps", steps)
    return gate_to_the_power(forget_bias, steps)
