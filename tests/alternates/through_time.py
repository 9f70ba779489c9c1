"""Right answers of the lesson ``through_time``."""

import functools
import sys
import warnings

import keras
import numpy as np
import tensorflow as tf

from alternates import CALLS, right

CALLS["rnn_backward"] = {"rnn_step_backward": "_step_backward"}

# rnn_step_backward


@right("rnn_step_backward")
def da_first(dh, x, h_prev, h, Wx, Wh):
    da = (1.0 - np.square(h)) * dh
    return np.dot(da, Wx.T), np.dot(da, Wh.T), np.dot(x.T, da), np.dot(h_prev.T, da), np.sum(da, 0)


@right("rnn_step_backward")
def step_by_einsum(dh, x, h_prev, h, Wx, Wh):
    da = np.einsum("bh,bh->bh", dh, 1 - h * h)
    return [
        np.einsum("bh,dh->bd", da, Wx),
        np.einsum("bj,ij->bi", da, Wh),
        np.einsum("bd,bh->dh", x, da),
        np.einsum("bi,bj->ij", h_prev, da),
        np.einsum("bh->h", da),
    ]


@right("rnn_step_backward")
def step_by_columns(dh, x, h_prev, h, Wx, Wh):
    da = (dh * (1 + h) * (1 - h)).T
    return (Wx @ da).T, (Wh @ da).T, (da @ x).T, (da @ h_prev).T, da @ np.ones(len(x))


@right("rnn_step_backward")
def concatenated_weights(dh, x, h_prev, h, Wx, Wh):
    da = dh - dh * h**2
    both = da @ np.concatenate([Wx, Wh]).T
    weights = np.concatenate([x, h_prev, np.ones((len(x), 1))], axis=1).T @ da
    n = x.shape[1]
    return both[:, :n], both[:, n:], weights[:n], weights[n:-1], weights[-1]


@right("rnn_step_backward")
def row_by_row(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev = np.zeros_like(x), np.zeros_like(h)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[0])
    for row in range(len(x)):
        da = dh[row] * (1 - h[row] ** 2)
        dx[row], dh_prev[row] = Wx @ da, Wh @ da
        dWx += np.outer(x[row], da)
        dWh += np.outer(h_prev[row], da)
        db += da
    return dx, dh_prev, dWx, dWh, db


@right("rnn_step_backward")
def slope_from_the_sum(dh, x, h_prev, h, Wx, Wh):
    da = dh / np.cosh(np.arctanh(h)) ** 2
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(0)


@right("rnn_step_backward")
def step_in_float32(dh, x, h_prev, h, Wx, Wh):
    dh, x, h_prev, h, Wx, Wh = (a.astype(np.float32) for a in (dh, x, h_prev, h, Wx, Wh))
    return da_first(dh, x, h_prev, h, Wx, Wh)


@right("rnn_step_backward")
def step_in_float32_float64_outside(dh, x, h_prev, h, Wx, Wh):
    return tuple(g.astype(np.float64) for g in step_in_float32(dh, x, h_prev, h, Wx, Wh))


@right("rnn_step_backward")
def nested_lists_of_gradients(dh, x, h_prev, h, Wx, Wh):
    return tuple(g.tolist() for g in da_first(dh, x, h_prev, h, Wx, Wh))


@right("rnn_step_backward")
def own_copy_changed(grad, inputs, state, output, W, U, verbose=False):
    grad = grad.copy()
    grad *= 1 - output**2
    return grad @ W.T, grad @ U.T, inputs.T @ grad, state.T @ grad, grad.sum(axis=0)


@right("rnn_step_backward")
def tape_around_the_sum(dh, x, h_prev, h, Wx, Wh):
    x, h_prev, Wx, Wh, da = (tf.constant(a) for a in (x, h_prev, Wx, Wh, dh * (1 - h**2)))
    b = tf.zeros(Wh.shape[0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch([x, h_prev, Wx, Wh, b])
        total = tf.reduce_sum(da * (x @ Wx + h_prev @ Wh + b))
    return tuple(tape.gradient(total, [x, h_prev, Wx, Wh, b]))


@right("rnn_step_backward")
def loud_step(dh, x, h_prev, h, Wx, Wh):
    print("norm of dh", np.linalg.norm(dh))
    print("a line on stderr", file=sys.stderr)
    warnings.warn("this answer warns", stacklevel=1)
    return da_first(dh, x, h_prev, h, Wx, Wh)


# rnn_backward


def _step_backward(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@right("rnn_backward")
def sums_in_place_of_its_own(dhs, xs, h0, hs, Wx, Wh):
    steps = xs.shape[1]
    grads = {
        "xs": np.zeros(xs.shape),
        "h0": np.zeros(h0.shape),
        "Wx": np.zeros(Wx.shape),
        "Wh": np.zeros(Wh.shape),
        "b": np.zeros(Wh.shape[1]),
    }
    dh_next = np.zeros(h0.shape)
    for t in range(steps - 1, -1, -1):
        before = h0 if t == 0 else hs[:, t - 1]
        dx, dh_next, dWx, dWh, db = _step_backward(
            dhs[:, t] + dh_next, xs[:, t], before, hs[:, t], Wx, Wh
        )
        grads["xs"][:, t] = dx
        grads["Wx"] += dWx
        grads["Wh"] += dWh
        grads["b"] += db
    grads["h0"] = dh_next
    return grads


@right("rnn_backward")
def list_turned_around_at_the_end(dhs, xs, h0, hs, Wx, Wh):
    states = [h0, *np.moveaxis(hs, 1, 0)]
    carried, dxs, totals = 0.0, [], [0.0, 0.0, 0.0]
    for t in range(len(states) - 1, 0, -1):
        dx, carried, *parts = _step_backward(
            carried + dhs[:, t - 1], xs[:, t - 1], states[t - 1], states[t], Wx, Wh
        )
        dxs.append(dx)
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
    dWx, dWh, db = totals
    return {"b": db, "Wh": dWh, "Wx": dWx, "h0": carried, "xs": np.stack(dxs[::-1], axis=1)}


@right("rnn_backward")
def gradient_kept_with_the_loss(dhs, xs, h0, hs, Wx, Wh):
    total = dhs.copy()
    states = np.concatenate([h0[:, None, :], hs], axis=1)
    dxs, dWx, dWh, db = np.empty_like(xs), 0, 0, 0
    for t in reversed(range(xs.shape[1])):
        dxs[:, t], dh_prev, *w = _step_backward(
            total[:, t], xs[:, t], states[:, t], states[:, t + 1], Wx, Wh
        )
        dWx, dWh, db = dWx + w[0], dWh + w[1], db + w[2]
        if t > 0:
            total[:, t - 1] += dh_prev
    return dict(xs=dxs, h0=dh_prev, Wx=dWx, Wh=dWh, b=db)


@right("rnn_backward")
def recursive_backward(dhs, xs, h0, hs, Wx, Wh):
    if xs.shape[1] == 0:
        zeros = (np.zeros_like(w) for w in (Wx, Wh, Wh[0]))
        return dict(zip(("xs", "h0", "Wx", "Wh", "b"), (xs, 0 * h0, *zeros), strict=True))
    late = recursive_backward(dhs[:, 1:], xs[:, 1:], hs[:, 0], hs[:, 1:], Wx, Wh)
    dx, dh0, dWx, dWh, db = _step_backward(dhs[:, 0] + late["h0"], xs[:, 0], h0, hs[:, 0], Wx, Wh)
    return {
        "xs": np.concatenate([dx[:, None], late["xs"]], axis=1),
        "h0": dh0,
        "Wx": dWx + late["Wx"],
        "Wh": dWh + late["Wh"],
        "b": db + late["b"],
    }


@right("rnn_backward")
def weights_at_once_after_the_loop(dhs, xs, h0, hs, Wx, Wh):
    das, carried = np.empty_like(hs), np.zeros_like(h0)
    for t in reversed(range(hs.shape[1])):
        das[:, t] = (dhs[:, t] + carried) * (1 - hs[:, t] ** 2)
        carried = das[:, t] @ Wh.T
    before = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    return {
        "xs": das @ Wx.T,
        "h0": carried,
        "Wx": np.einsum("btd,bth->dh", xs, das),
        "Wh": np.tensordot(before, das, axes=([0, 1], [0, 1])),
        "b": das.sum(axis=(0, 1)),
    }


@right("rnn_backward")
def time_major_with_more_keys(dhs, xs, h0, hs, Wx, Wh):
    dhs, xs, hs = (np.swapaxes(a, 0, 1) for a in (dhs, xs, hs))
    carried, dxs, das = np.zeros_like(h0), [], []
    for dh, h in zip(dhs[::-1], hs[::-1], strict=True):
        da = (dh + carried) * (1 - h**2)
        carried = da @ Wh.T
        das.insert(0, da)
        dxs.insert(0, da @ Wx.T)
    before = [h0, *hs[:-1]]
    return {
        "xs": np.array(dxs).transpose(1, 0, 2),
        "h0": carried,
        "Wx": sum(x.T @ da for x, da in zip(xs, das, strict=True)),
        "Wh": sum(h.T @ da for h, da in zip(before, das, strict=True)),
        "b": sum(da.sum(axis=0) for da in das),
        "das": np.array(das),
    }


@right("rnn_backward")
def one_sequence_at_a_time(dhs, xs, h0, hs, Wx, Wh):
    rows = [
        weights_at_once_after_the_loop(*(a[r : r + 1] for a in (dhs, xs, h0, hs)), Wx, Wh)
        for r in range(len(xs))
    ]
    found = {k: np.concatenate([row[k] for row in rows]) for k in ("xs", "h0")}
    return found | {k: np.sum([row[k] for row in rows], axis=0) for k in ("Wx", "Wh", "b")}


@right("rnn_backward")
def backward_in_float32(dhs, xs, h0, hs, Wx, Wh):
    arrays = (a.astype("float32") for a in (dhs, xs, h0, hs, Wx, Wh))
    return weights_at_once_after_the_loop(*arrays)


@right("rnn_backward")
def gradients_as_lists(dhs, xs, h0, hs, Wx, Wh):
    found = weights_at_once_after_the_loop(dhs, xs, h0, hs, Wx, Wh)
    return {name: gradient.tolist() for name, gradient in found.items()}


@right("rnn_backward")
def each_losss_gradient_by_itself(dhs, xs, h0, hs, Wx, Wh):
    total = None
    for t in range(xs.shape[1]):
        alone = np.zeros_like(dhs)
        alone[:, t] = dhs[:, t]
        found = weights_at_once_after_the_loop(alone, xs, h0, hs, Wx, Wh)
        total = found if total is None else {k: total[k] + found[k] for k in found}
    return total


@right("rnn_backward")
def loud_backward(dhs, xs, h0, hs, Wx, Wh):
    found = weights_at_once_after_the_loop(dhs, xs, h0, hs, Wx, Wh)
    print({name: np.linalg.norm(gradient) for name, gradient in found.items()})
    warnings.warn("this answer warns", RuntimeWarning, stacklevel=1)
    return found


@right("rnn_backward")
def tensors_in_the_dict(dhs, xs, h0, hs, Wx, Wh):
    found = weights_at_once_after_the_loop(dhs, xs, h0, hs, Wx, Wh)
    return {name: keras.ops.convert_to_tensor(gradient) for name, gradient in found.items()}


# jacobian_norms


@right("jacobian_norms")
def singular_values_of_columns(hs, Wh):
    norms = np.ones(hs.shape[:2])
    for row, states in enumerate(hs):
        jacobian = np.eye(Wh.shape[0])
        for k in range(1, len(states)):
            slope = np.diag(1 - states[len(states) - k] ** 2)
            jacobian = Wh @ slope @ jacobian
            norms[row, k] = np.linalg.svd(jacobian, compute_uv=False)[0]
    return norms


@right("jacobian_norms")
def norms_of_rows(hs, Wh):
    batch, steps, units = hs.shape
    rows = np.broadcast_to(np.eye(units), (batch, units, units))
    norms = [np.ones(batch)]
    for t in range(steps - 1, 0, -1):
        rows = np.einsum("bij,bj,kj->bik", rows, 1 - hs[:, t] ** 2, Wh)
        norms.append(np.linalg.svd(rows)[1].max(axis=-1))
    return np.array(norms).T


@right("jacobian_norms")
def root_of_the_largest_eigenvalue(hs, Wh):
    norms = []
    for states in hs:
        jacobian, row = np.eye(len(Wh)), [1.0]
        for h in states[:0:-1]:
            jacobian = jacobian @ (np.diag(1 - h**2) @ Wh.T)
            row.append(np.sqrt(np.linalg.eigvalsh(jacobian @ jacobian.T)[-1]))
        norms.append(row)
    return norms


@right("jacobian_norms")
def anew_for_every_lag(hs, Wh):
    def norm(states, k):
        factors = [(1 - h**2)[:, None] * Wh.T for h in states[len(states) - k :][::-1]]
        return np.linalg.norm(functools.reduce(np.matmul, factors, np.eye(len(Wh))), 2)

    return np.array([[norm(states, k) for k in range(len(states))] for states in hs])


@right("jacobian_norms")
def norms_in_float32(hs, Wh):
    hs, Wh = hs.astype(np.float32), Wh.astype(np.float32)
    return norms_of_rows(hs, Wh)


@right("jacobian_norms")
def norms_by_tensorflow(hs, Wh):
    jacobian = tf.eye(Wh.shape[0], batch_shape=[len(hs)], dtype=tf.float64)
    norms = [tf.ones(len(hs), tf.float64)]
    for t in range(hs.shape[1] - 1, 0, -1):
        jacobian = tf.matmul(jacobian * (1 - hs[:, t] ** 2)[:, None], tf.transpose(Wh))
        norms.append(tf.linalg.svd(jacobian, compute_uv=False)[:, 0])
    return tf.stack(norms, axis=1)


@right("jacobian_norms")
def by_the_step_backward(hs, Wh):
    batch, steps, units = hs.shape
    norms = np.ones((batch, steps))
    Wx, x = np.zeros((1, units)), np.zeros((units, 1))
    for row in range(batch):
        dh = np.eye(units)
        for k in range(1, steps):
            h = np.tile(hs[row, steps - k], (units, 1))
            dh = _step_backward(dh, x, 0 * h, h, Wx, Wh)[1]
            norms[row, k] = np.linalg.norm(dh, ord=2)
    return norms


@right("jacobian_norms")
def loud_norms(hs, Wh):
    warnings.warn("this answer warns", stacklevel=1)
    print(found := norms_of_rows(hs, Wh))
    return tuple(map(list, found))


# recurrent_matrix


def _kinds(kind, **makers):
    if kind not in makers:
        raise ValueError(kind)
    return makers[kind]()


def _qr(H, rng):
    q, r = np.linalg.qr(rng.standard_normal((H, H)))
    return q * np.sign(np.diag(r))


@right("recurrent_matrix")
def uniform_and_signs(H, kind, gain, rng):
    limit = gain * np.sqrt(3 / H)
    return _kinds(
        kind,
        glorot=lambda: rng.uniform(-limit, limit, size=(H, H)),
        orthogonal=lambda: gain * _qr(H, rng),
        identity=lambda: np.diag(np.full(H, gain)),
    )


@right("recurrent_matrix")
def svd_and_normal(H, kind, gain, rng):
    def orthogonal():
        u, _, vt = np.linalg.svd(rng.normal(size=(H, H)))
        return gain * (u @ vt)

    return _kinds(
        kind,
        glorot=lambda: gain * rng.standard_normal((H, H)) / H**0.5,
        orthogonal=orthogonal,
        identity=lambda: np.identity(H) * gain,
    )


@right("recurrent_matrix")
def left_singular_vectors(H, kind, gain, rng):
    return _kinds(
        kind,
        glorot=lambda: (2 * rng.random((H, H)) - 1) * gain * np.sqrt(6 / (H + H)),
        orthogonal=lambda: -gain * np.linalg.svd(rng.uniform(-1, 1, (H, H)))[0],
        identity=lambda: [[gain * (i == j) for j in range(H)] for i in range(H)],
    )


@right("recurrent_matrix")
def columns_made_orthogonal_one_by_one(H, kind, gain, rng):
    def orthogonal():
        q = rng.normal(size=(H, H))
        for n in range(H):
            for _ in range(2):
                q[:, n] -= q[:, :n] @ (q[:, :n].T @ q[:, n])
            q[:, n] /= np.linalg.norm(q[:, n])
        return gain * q

    scale = np.sqrt(2 / (H + H))
    return _kinds(
        kind,
        glorot=lambda: rng.normal(scale=gain * scale, size=H * H).reshape(H, H),
        orthogonal=orthogonal,
        identity=lambda: gain * np.eye(H, dtype=np.float32),
    )


@right("recurrent_matrix")
def product_of_reflections(H, kind, gain, rng):
    def orthogonal():
        q = np.eye(H)
        for _ in range(H):
            v = rng.normal(size=H)
            q = q - 2 * np.outer(q @ v, v) / (v @ v)
        return gain * (q * rng.choice([-1.0, 1.0], H))

    return _kinds(
        kind,
        glorot=lambda: np.stack([rng.normal(0, gain / np.sqrt(H), H) for _ in range(H)]),
        orthogonal=orthogonal,
        identity=lambda: gain * np.eye(H),
    )


@right("recurrent_matrix")
def eigenvectors_of_a_symmetric_matrix(H, kind, gain, rng):
    def orthogonal():
        a = rng.normal(size=(H, H))
        return gain * np.linalg.eigh(a + a.T)[1]

    return _kinds(
        kind,
        glorot=lambda: rng.standard_normal((H, H)) * gain * H**-0.5,
        orthogonal=orthogonal,
        identity=lambda: gain * np.eye(H),
    )


@right("recurrent_matrix")
def initializers_of_keras(H, kind, gain, rng):
    seed = int(rng.integers(2**31))
    return _kinds(
        kind,
        glorot=lambda: gain * keras.initializers.GlorotNormal(seed=seed)((H, H)),
        orthogonal=lambda: keras.initializers.Orthogonal(gain=gain, seed=seed)((H, H)),
        identity=lambda: keras.initializers.Identity(gain=gain)((H, H)),
    )


@right("recurrent_matrix")
def generator_of_its_own_from_rng(H, kind, gain, rng):
    child = np.random.default_rng(rng.integers(2**63))
    warnings.warn("this answer warns", stacklevel=1)
    if kind == "identity":
        return gain * np.eye(H)
    a = child.normal(size=(H, H))
    if kind == "glorot":
        return (gain * a / np.sqrt(H)).astype(np.float32)
    if kind != "orthogonal":
        raise ValueError("kind must be glorot, orthogonal or identity")
    print("decomposing")
    return (gain * np.linalg.qr(a).Q).astype(np.float32)


@right("recurrent_matrix")
def unknown_kinds_by_a_subclass(H, kind, gain, rng):
    class UnknownKind(ValueError):
        pass

    try:
        return uniform_and_signs(H, kind, gain, rng)
    except ValueError:
        raise UnknownKind(kind) from None


# layer_norm_rnn_step


@right("layer_norm_rnn_step")
def mean_and_var_of_numpy(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    mean, var = a.mean(axis=-1, keepdims=True), a.var(axis=-1, keepdims=True)
    return np.tanh(gamma * (a - mean) / np.sqrt(var + eps) + beta)


@right("layer_norm_rnn_step")
def means_of_squares(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = np.concatenate([x, h], axis=1) @ np.concatenate([Wx, Wh]) + b
    mean = a.sum(axis=1)[:, None] / a.shape[1]
    var = (a**2).mean(axis=1)[:, None] - mean**2
    return np.tanh((a - mean) * (np.maximum(var, 0) + eps) ** -0.5 * gamma + beta)


@right("layer_norm_rnn_step")
def normalised_by_einsum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = np.einsum("bd,dh->bh", x, Wx) + np.einsum("bj,jh->bh", h, Wh) + b[np.newaxis]
    a = a - np.einsum("bh->b", a)[:, None] / len(b)
    var = np.einsum("bh,bh->b", a, a)[:, None] / len(b)
    return np.tanh(np.einsum("h,bh->bh", gamma, a / np.sqrt(var + eps)) + beta)


@right("layer_norm_rnn_step")
def normalised_row_by_row(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    rows = []
    for x_row, h_row in zip(x, h, strict=True):
        a = x_row @ Wx + h_row @ Wh + b
        rows.append(np.tanh(gamma * (a - np.mean(a)) / np.sqrt(np.var(a) + eps) + beta).tolist())
    return rows


@right("layer_norm_rnn_step")
def normalised_columns(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = Wx.T @ x.T + Wh.T @ h.T + b[:, None]
    a -= a.mean(axis=0)
    a /= np.sqrt(np.mean(a * a, axis=0) + eps)
    return np.tanh(gamma[:, None] * a + beta[:, None]).T


@right("layer_norm_rnn_step")
def normalised_in_float32(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    arrays = (a.astype(np.float32) for a in (x, h, Wx, Wh, b, gamma, beta))
    return mean_and_var_of_numpy(*arrays, eps=np.float32(eps))


@right("layer_norm_rnn_step")
def layer_of_keras(x, h, Wx, Wh, b, gamma, beta, epsilon=1e-5):
    layer = keras.layers.LayerNormalization(epsilon=epsilon, dtype="float64")
    layer.build((None, len(b)))
    layer.set_weights([gamma, beta])
    return keras.ops.tanh(layer(x @ Wx + h @ Wh + b))


@right("layer_norm_rnn_step")
def moments_of_tensorflow(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = tf.constant(x @ Wx + h @ Wh + b)
    mean, var = tf.nn.moments(a, axes=[1], keepdims=True)
    return tf.tanh(tf.nn.batch_normalization(a, mean, var, beta, gamma, eps))


@right("layer_norm_rnn_step")
def eps_by_keyword_only_of_others(x, h, Wx, Wh, b, gamma, beta, *rest, **options):
    eps = rest[0] if rest else options.get("eps", 1e-5)
    print("eps is", eps)
    warnings.warn("this answer warns", stacklevel=1)
    return mean_and_var_of_numpy(x, h, Wx, Wh, b, gamma, beta, eps)
