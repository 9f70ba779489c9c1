"""Right answers of the lesson ``lstm_variants``."""

import sys
import warnings
from collections import namedtuple

import keras
import numpy as np
import tensorflow as tf

from alternates import right


def _sigma(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _memory(zi, zf, zg, c):
    return _sigma(zf) * c + _sigma(zi) * np.tanh(zg)


# peephole_lstm_step


def _peeped(z, c, pi, pf, po):
    zi, zf, zg, zo = np.split(z, 4, axis=-1)
    c = _memory(zi + c * pi, zf + c * pf, zg, c)
    return _sigma(zo + c * po) * np.tanh(c), c


@right("peephole_lstm_step")
def concatenated(x, h, c, Wx, Wh, b, pi, pf, po):
    z = np.concatenate([x, h], axis=1) @ np.concatenate([Wx, Wh], axis=0) + b
    return _peeped(z, c, pi, pf, po)


@right("peephole_lstm_step")
def peepholes_as_diagonal_matrices(x, h, c, Wx, Wh, b, pi, pf, po):
    H = c.shape[1]
    z = np.hstack([x, h, np.ones((len(x), 1))]) @ np.vstack([Wx, Wh, b])
    i = _sigma(z[:, :H] + c @ np.diag(pi))
    f = _sigma(z[:, H : 2 * H] + c @ np.diag(pf))
    new_c = f * c + i * np.tanh(z[:, 2 * H : 3 * H])
    return _sigma(z[:, 3 * H :] + new_c @ np.diag(po)) * np.tanh(new_c), new_c


@right("peephole_lstm_step")
def four_products(x, h, c, Wx, Wh, b, pi, pf, po):
    H = c.shape[1]

    def z(k):
        block = slice(k * H, (k + 1) * H)
        return x @ Wx[:, block] + h @ Wh[:, block] + b[block]

    i, f, g = _sigma(z(0) + pi * c), _sigma(z(1) + pf * c), np.tanh(z(2))
    after = f * c + i * g
    return [_sigma(z(3) + po * after) * np.tanh(after), after]


@right("peephole_lstm_step")
def einsum_peephole(x, h, c, Wx, Wh, b, pi, pf, po):
    z = np.einsum("bd,dk->bk", x, Wx) + np.einsum("bh,hk->bk", h, Wh) + b
    z = z.reshape(len(x), 4, -1)
    peep = np.einsum("gh,bh->bgh", np.array([pi, pf, np.zeros_like(pi)]), c)
    i, f, g = np.moveaxis(z[:, :3] + peep, 1, 0)
    new = _memory(i, f, g, c)
    return _sigma(z[:, 3] + np.einsum("h,bh->bh", po, new)) * np.tanh(new), new


@right("peephole_lstm_step")
def row_by_row(x, h, c, Wx, Wh, b, pi, pf, po):
    rows = [_peeped(x[n] @ Wx + h[n] @ Wh + b, c[n], pi, pf, po) for n in range(len(x))]
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows])


@right("peephole_lstm_step")
def unit_by_unit(x, h, c, Wx, Wh, b, pi, pf, po):
    z = x @ Wx + h @ Wh + b
    H = c.shape[1]
    new_h, new_c = np.empty(c.shape), np.empty(c.shape)
    for n in range(len(x)):
        for u in range(H):
            i = 1 / (1 + np.exp(-(z[n, u] + pi[u] * c[n, u])))
            f = 1 / (1 + np.exp(-(z[n, H + u] + pf[u] * c[n, u])))
            new_c[n, u] = f * c[n, u] + i * np.tanh(z[n, 2 * H + u])
            o = 1 / (1 + np.exp(-(z[n, 3 * H + u] + po[u] * new_c[n, u])))
            new_h[n, u] = o * np.tanh(new_c[n, u])
    return new_h, new_c


@right("peephole_lstm_step")
def float32_peephole(x, h, c, Wx, Wh, b, pi, pf, po):
    x, h, c, Wx, Wh, b, pi, pf, po = (
        a.astype(np.float32) for a in (x, h, c, Wx, Wh, b, pi, pf, po)
    )
    return _peeped(x @ Wx + h @ Wh + b, c, pi, pf, po)


@right("peephole_lstm_step")
def named_otherwise_and_named_tuple(inputs, short, long, W, U, bias, wi, wf, wo):
    return namedtuple("State", "h c")(*_peeped(inputs @ W + short @ U + bias, long, wi, wf, wo))


@right("peephole_lstm_step")
def by_tensorflow(x, h, c, Wx, Wh, b, pi, pf, po):
    i, f, g, o = tf.split(tf.matmul(x, Wx) + tf.matmul(h, Wh) + b, 4, axis=1)
    c = tf.sigmoid(f + pf * c) * c + tf.sigmoid(i + pi * c) * tf.tanh(g)
    return tf.sigmoid(o + po * c) * tf.tanh(c), c


@right("peephole_lstm_step")
def copies_changed_in_place(x, h, c, Wx, Wh, b, pi, pf, po):
    z = x @ Wx
    z += h @ Wh
    z += b
    H = c.shape[1]
    z[:, :H] += pi * c
    z[:, H : 2 * H] += pf * c
    c = c.copy()
    c *= _sigma(z[:, H : 2 * H])
    c += _sigma(z[:, :H]) * np.tanh(z[:, 2 * H : 3 * H])
    z[:, 3 * H :] += po * c
    return _sigma(z[:, 3 * H :]) * np.tanh(c), c


@right("peephole_lstm_step")
def nested_lists_and_noise(x, h, c, Wx, Wh, b, pi, pf, po):
    print("peephole step", np.shape(x))
    print("on stderr", file=sys.stderr)
    warnings.warn("loud", stacklevel=1)
    return tuple(a.tolist() for a in _peeped(x @ Wx + h @ Wh + b, c, pi, pf, po))


# projected_lstm_step


def _projected(z, c, Wp):
    zi, zf, zg, zo = np.split(z, 4, axis=-1)
    c = _memory(zi, zf, zg, c)
    return (_sigma(zo) * np.tanh(c)) @ Wp, c


@right("projected_lstm_step")
def concatenated_projection(x, r, c, Wx, Wr, b, Wp):
    return _projected(np.concatenate([x, r], 1) @ np.concatenate([Wx, Wr], 0) + b, c, Wp)


@right("projected_lstm_step")
def einsum_projection(x, r, c, Wx, Wr, b, Wp):
    z = np.einsum("bd,dk->bk", x, Wx) + np.einsum("bp,pk->bk", r, Wr) + b
    i, f, g, o = (z[:, k * c.shape[1] : (k + 1) * c.shape[1]] for k in range(4))
    new = _memory(i, f, g, c)
    return np.einsum("bh,bh,hp->bp", _sigma(o), np.tanh(new), Wp), new


@right("projected_lstm_step")
def projection_transposed_first(x, r, c, Wx, Wr, b, Wp):
    z = (Wx.T @ x.T + Wr.T @ r.T + b[:, None]).reshape(4, len(Wp), -1)
    new = _sigma(z[1]) * c.T + _sigma(z[0]) * np.tanh(z[2])
    return (Wp.T @ (_sigma(z[3]) * np.tanh(new))).T, new.T


@right("projected_lstm_step")
def list_of_r_and_c(x, r, c, Wx, Wr, b, Wp):
    return list(_projected(x @ Wx + r @ Wr + b, c, Wp))


@right("projected_lstm_step")
def projected_row_by_row(x, r, c, Wx, Wr, b, Wp):
    rows = [_projected(x[n] @ Wx + r[n] @ Wr + b, c[n], Wp) for n in range(len(x))]
    return tuple(np.stack(part) for part in zip(*rows, strict=True))


@right("projected_lstm_step")
def float32_projection(x, r, c, Wx, Wr, b, Wp):
    x, r, c, Wx, Wr, b, Wp = (np.float32(a) for a in (x, r, c, Wx, Wr, b, Wp))
    return _projected(x @ Wx + r @ Wr + b, c, Wp)


@right("projected_lstm_step")
def projection_by_keras(x, r, c, Wx, Wr, b, Wp):
    ops = keras.ops
    z = ops.matmul(x, Wx) + ops.matmul(r, Wr) + b
    i, f, g, o = ops.split(z, 4, axis=1)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    return ops.matmul(ops.sigmoid(o) * ops.tanh(c), Wp), c


@right("projected_lstm_step")
def sum_over_units(x, r, c, Wx, Wr, b, Wp):
    _, new = _projected(x @ Wx + r @ Wr + b, c, Wp)
    o = _sigma((x @ Wx + r @ Wr + b)[:, -c.shape[1] :])
    h = o * np.tanh(new)
    return sum(h[:, u : u + 1] * Wp[u] for u in range(len(Wp))), new


@right("projected_lstm_step")
def nested_lists_of_r_and_c(x, r, c, Wx, Wr, b, Wp):
    print(Wp.shape)
    return tuple(a.tolist() for a in _projected(x @ Wx + r @ Wr + b, c, Wp))


# stacked_lstm_step


def _lstm(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = _memory(zi, zf, zg, c)
    return _sigma(zo) * np.tanh(c), c


@right("stacked_lstm_step")
def by_index(x, states, layers, masks):
    up, new = x * masks[0], []
    for n in range(len(layers)):
        h, c = _lstm(up, states[n][0], states[n][1], *layers[n])
        up = h * masks[n + 1]
        new.append((h, c))
    return up, new


@right("stacked_lstm_step")
def by_recursion(x, states, layers, masks):
    if not layers:
        return x * masks[0], []
    h, c = _lstm(masks[0] * x, *states[0], *layers[0])
    output, above = by_recursion(h, states[1:], layers[1:], masks[1:])
    return output, [(h, c), *above]


@right("stacked_lstm_step")
def lists_and_tuples_the_other_way(x, states, layers, masks):
    output, new = by_index(x, states, layers, masks)
    return [output, tuple([h, c] for h, c in new)]


@right("stacked_lstm_step")
def preallocated_states(x, states, layers, masks):
    new = [None] * len(layers)
    signal = x
    for n, (layer, state) in enumerate(zip(layers, states, strict=True)):
        new[n] = _lstm(np.multiply(masks[n], signal), *state, *layer)
        signal = new[n][0]
    return signal * masks[len(layers)], new


@right("stacked_lstm_step")
def copy_of_the_list_overwritten(x, states, layers, masks):
    states = list(states)
    masks = list(masks)
    for n, layer in enumerate(layers):
        x = x * masks.pop(0)
        states[n] = _lstm(x, *states[n], *layer)
        x = states[n][0].copy()
    x *= masks.pop()
    return x, states


@right("stacked_lstm_step")
def mask_folded_into_the_weights(x, states, layers, masks):
    new = []
    for (h, c), (Wx, Wh, b), mask in zip(states, layers, masks[:-1], strict=True):
        z = np.einsum("bd,bd,dk->bk", mask, x, Wx) + h @ Wh + b
        n = c.shape[1]
        c = _memory(z[:, :n], z[:, n : 2 * n], z[:, 2 * n : 3 * n], c)
        x = _sigma(z[:, 3 * n :]) * np.tanh(c)
        new += [(x, c)]
    return np.where(masks[-1] > 0, x * masks[-1], 0.0), new


@right("stacked_lstm_step")
def float32_stack(x, states, layers, masks):
    def f(a):
        return np.asarray(a, dtype=np.float32)

    return by_index(
        f(x),
        [(f(h), f(c)) for h, c in states],
        [tuple(f(w) for w in layer) for layer in layers],
        [f(m) for m in masks],
    )


@right("stacked_lstm_step")
def stack_by_tensorflow(x, states, layers, masks):
    new = []
    for (h, c), (Wx, Wh, b), mask in zip(states, layers, masks, strict=False):
        i, f, g, o = tf.split(tf.matmul(x * mask, Wx) + tf.matmul(h, Wh) + b, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        x = tf.sigmoid(o) * tf.tanh(c)
        new.append((x, c))
    return x * masks[-1], new


@right("stacked_lstm_step")
def nested_lists_from_the_stack(x, states, layers, masks):
    print(len(layers), "layers")
    output, new = by_index(x, states, layers, masks)
    return output.tolist(), [[h.tolist(), c.tolist()] for h, c in new]


@right("stacked_lstm_step")
def states_as_arrays_of_two(x, states, layers, masks):
    output, new = by_index(x, states, layers, masks)
    return output, [np.stack(pair) for pair in new]


@right("stacked_lstm_step")
def dicts_inside(x, states, layers, masks):
    layer = [
        {"h": h, "c": c, "Wx": Wx, "Wh": Wh, "b": b}
        for (h, c), (Wx, Wh, b) in zip(states, layers, strict=True)
    ]
    for own, mask in zip(layer, masks, strict=False):
        own["h"], own["c"] = _lstm(mask * x, *(own[k] for k in ("h", "c", "Wx", "Wh", "b")))
        x = own["h"]
    return masks[-1] * x, [(own["h"], own["c"]) for own in layer]


# lstm_param_count


@right("lstm_param_count")
def one_formula(inputs, units, projection=None, peepholes=False):
    back = projection or units
    return 4 * units * (inputs + back + 1) + units * (projection or 0) + 3 * units * peepholes


@right("lstm_param_count")
def sum_of_shapes(inputs, units, projection=None, peepholes=False):
    width = units if projection is None else projection
    shapes = [(inputs, 4 * units), (width, 4 * units), (4 * units,)]
    if projection is not None:
        shapes.append((units, projection))
    if peepholes:
        shapes += [(units,)] * 3
    return sum(int(np.prod(shape)) for shape in shapes)


@right("lstm_param_count")
def numpy_integer(inputs, units, projection=None, peepholes=False):
    return np.int64(one_formula(inputs, units, projection, peepholes))


@right("lstm_param_count")
def whole_float(inputs, units, projection=None, peepholes=False):
    return float(one_formula(inputs, units, projection, peepholes))


@right("lstm_param_count")
def array_without_axes(inputs, units, projection=None, peepholes=False):
    return np.array(one_formula(inputs, units, projection, peepholes))


@right("lstm_param_count")
def other_defaults(inputs, units, projection=None, peepholes=None):
    print("counting")
    return one_formula(inputs, units, projection, bool(peepholes))


@right("lstm_param_count")
def four_cases(inputs, units, projection=None, peepholes=False):
    match projection, bool(peepholes):
        case None, False:
            return 4 * (inputs * units + units * units + units)
        case None, True:
            return 4 * inputs * units + 4 * units**2 + 7 * units
        case width, False:
            return 4 * units * (inputs + width + 1) + units * width
        case width, True:
            return units * (4 * inputs + 5 * width + 7)


@right("lstm_param_count")
def by_counting_real_arrays(inputs, units, projection=None, peepholes=False):
    arrays = [
        np.empty((inputs + (projection or units), 4 * units), dtype=bool),
        np.empty(4 * units, dtype=bool),
    ]
    if projection:
        arrays.append(np.empty((units, projection), dtype=bool))
    if peepholes:
        arrays.append(np.empty((3, units), dtype=bool))
    return sum(a.size for a in arrays)


# gru_step


def _mixed(xs, hs, h):
    z, r = _sigma(xs[0] + hs[0]), _sigma(xs[1] + hs[1])
    return z * h + (1 - z) * np.tanh(xs[2] + r * hs[2])


@right("gru_step")
def slices_for_split(x, h, Wx, Wh, bx, bh):
    H = h.shape[1]
    a, s = x @ Wx + bx, h @ Wh + bh
    blocks = [slice(0, H), slice(H, 2 * H), slice(2 * H, None)]
    return _mixed([a[:, k] for k in blocks], [s[:, k] for k in blocks], h)


@right("gru_step")
def six_products(x, h, Wx, Wh, bx, bh):
    Ws, Us, bs, cs = (np.split(a, 3, axis=-1) for a in (Wx, Wh, bx, bh))
    z = _sigma(x @ Ws[0] + h @ Us[0] + bs[0] + cs[0])
    r = _sigma(x @ Ws[1] + h @ Us[1] + bs[1] + cs[1])
    n = np.tanh(x @ Ws[2] + bs[2] + r * (h @ Us[2] + cs[2]))
    return n + z * (h - n)


@right("gru_step")
def gates_from_one_product(x, h, Wx, Wh, bx, bh):
    H = h.shape[1]
    joined = np.concatenate([x, h], 1) @ np.concatenate([Wx, Wh])[:, : 2 * H]
    z, r = np.hsplit(_sigma(joined + (bx + bh)[: 2 * H]), 2)
    n = np.tanh(x @ Wx[:, 2 * H :] + bx[2 * H :] + r * (h @ Wh[:, 2 * H :] + bh[2 * H :]))
    return (1 - z) * n + z * h


@right("gru_step")
def einsum_gru(x, h, Wx, Wh, bx, bh):
    xs = np.einsum("bd,dk->bk", x, Wx).reshape(len(x), 3, -1) + bx.reshape(3, -1)
    hs = np.einsum("bh,hk->bk", h, Wh).reshape(len(x), 3, -1) + bh.reshape(3, -1)
    return _mixed(np.moveaxis(xs, 1, 0), np.moveaxis(hs, 1, 0), h)


@right("gru_step")
def float32_gru(x, h, Wx, Wh, bx, bh):
    x, h, Wx, Wh, bx, bh = (np.float32(a) for a in (x, h, Wx, Wh, bx, bh))
    return _mixed(np.split(x @ Wx + bx, 3, 1), np.split(h @ Wh + bh, 3, 1), h)


@right("gru_step")
def gru_row_by_row(x, h, Wx, Wh, bx, bh):
    return np.stack(
        [
            _mixed(np.split(u @ Wx + bx, 3), np.split(s @ Wh + bh, 3), s)
            for u, s in zip(x, h, strict=True)
        ]
    )


@right("gru_step")
def gru_by_tensorflow(x, h, Wx, Wh, bx, bh):
    xz, xr, xn = tf.split(tf.matmul(x, Wx) + bx, 3, axis=1)
    hz, hr, hn = tf.split(tf.matmul(h, Wh) + bh, 3, axis=1)
    z, r = tf.sigmoid(xz + hz), tf.sigmoid(xr + hr)
    return z * h + (1 - z) * tf.tanh(xn + r * hn)


@right("gru_step")
def sigmoid_that_overflows(x, h, Wx, Wh, bx, bh):
    xz, xr, xn = np.split(x @ Wx + bx, 3, axis=-1)
    hz, hr, hn = np.split(h @ Wh + bh, 3, axis=-1)
    z, r = 1 / (1 + np.exp(-xz - hz)), 1 / (1 + np.exp(-xr - hr))
    return z * h + (1 - z) * np.tanh(xn + r * hn)


@right("gru_step")
def nested_lists_from_the_gru(x, h, Wx, Wh, bx, bh):
    print("gru", file=sys.stderr)
    return _mixed(np.split(x @ Wx + bx, 3, 1), np.split(h @ Wh + bh, 3, 1), h).tolist()
