"""Right answers of the lesson ``truncation``."""

import sys
import warnings

import keras
import numpy as np
import tensorflow as tf

from alternates import right

# stream_batches


@right("stream_batches")
def index_arithmetic(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    c, r, t = np.ogrid[:chunks, :batch, :steps]
    places = r * chunks * steps + c * steps + t
    return ids[places], ids[places + 1]


@right("stream_batches")
def filled_in_loops(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    inputs = np.zeros((chunks, batch, steps), dtype=int)
    targets = np.zeros((chunks, batch, steps), dtype=int)
    for c in range(chunks):
        for r in range(batch):
            start = r * chunks * steps + c * steps
            inputs[c, r] = ids[start : start + steps]
            targets[c, r] = ids[start + 1 : start + 1 + steps]
    return inputs, targets


@right("stream_batches")
def one_reshape_of_both(ids, batch, steps):
    ids = np.asarray(ids)
    length = (len(ids) - 1) // (batch * steps) * steps
    both = np.stack([ids[: batch * length], ids[1 : batch * length + 1]])
    both = both.reshape(2, batch, length // steps, steps).transpose(0, 2, 1, 3)
    return both[0], both[1]


@right("stream_batches")
def rows_then_chunks(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    rows = [ids[r * chunks * steps : (r + 1) * chunks * steps + 1] for r in range(batch)]
    inputs = [[row[c * steps : (c + 1) * steps] for row in rows] for c in range(chunks)]
    targets = [[row[c * steps + 1 : (c + 1) * steps + 1] for row in rows] for c in range(chunks)]
    shape = (chunks, batch, steps)
    return np.array(inputs).reshape(shape), np.array(targets).reshape(shape)


@right("stream_batches")
def shifted_before_the_cut(ids, batch, steps):
    shifted = np.roll(ids, -1)  # the id that wraps around is never a target
    chunks = (len(ids) - 1) // (batch * steps)
    n = chunks * batch * steps

    def cut(a):
        return np.swapaxes(a[:n].reshape(batch, chunks, steps), 0, 1)

    return [cut(ids), cut(shifted)]


@right("stream_batches")
def columns_of_two_axes_split(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    if chunks == 0:
        return np.empty((0, batch, steps), int), np.empty((0, batch, steps), int)
    x = np.array(ids[: chunks * batch * steps]).reshape(batch, -1)
    y = np.array(ids[1 : chunks * batch * steps + 1]).reshape(batch, -1)
    return np.stack(np.split(x, chunks, axis=1)), np.stack(np.split(y, chunks, axis=1))


@right("stream_batches")
def sliding_view_taken_at_steps(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    if chunks == 0:
        empty = np.zeros((0, batch, steps), dtype=np.int64)
        return empty, empty
    windows = np.lib.stride_tricks.sliding_window_view(ids, steps + 1)[::steps][: chunks * batch]
    windows = windows.reshape(batch, chunks, steps + 1).transpose(1, 0, 2)
    return windows[..., :-1], windows[..., 1:]


@right("stream_batches")
def smaller_integers(ids, batch, steps):
    inputs, targets = index_arithmetic(ids, batch, steps)
    return inputs.astype(np.int32), targets.astype(np.uint16)


@right("stream_batches")
def tensors_of_tensorflow(ids, batch, steps):
    chunks = (len(ids) - 1) // (batch * steps)
    n = chunks * batch * steps

    def cut(part):
        return tf.transpose(tf.reshape(tf.constant(part), (batch, chunks, steps)), (1, 0, 2))

    return cut(ids[:n]), cut(ids[1 : n + 1])


@right("stream_batches")
def prints_the_number_of_chunks(ids, batch, steps):
    inputs, targets = index_arithmetic(ids, batch, steps)
    print(len(inputs), "chunks")
    warnings.warn("some ids are dropped", stacklevel=1)
    return inputs, targets


@right("stream_batches")
def own_copy_trimmed_in_place(tokens, rows, width):
    own = np.array(tokens)
    chunks = (own.size - 1) // (rows * width)
    targets = own[1:].copy()
    own.resize(rows * chunks * width, refcheck=False)
    targets.resize(rows * chunks * width, refcheck=False)
    shape = (rows, chunks, width)
    return own.reshape(shape).transpose(1, 0, 2), targets.reshape(shape).transpose(1, 0, 2)


# truncated_bptt


def _forward(params, xs, h0):
    hs, h = [], h0
    for t in range(xs.shape[1]):
        h = np.tanh(xs[:, t] @ params["Wx"] + h @ params["Wh"] + params["b"])
        hs.append(h)
    return np.stack(hs, axis=1)


@right("truncated_bptt")
def one_loop_with_a_cut(params, xs, ys, h0, k):
    if k < 1:
        raise ValueError("k has to be positive")
    hs = _forward(params, xs, h0)
    befores = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    dys = 2 * (hs @ params["Wy"] + params["by"] - ys) / ys.size
    das = np.zeros_like(hs)
    carried = np.zeros_like(h0)
    for t in range(xs.shape[1] - 1, -1, -1):
        if (t + 1) % k == 0:
            carried = np.zeros_like(h0)
        das[:, t] = (dys[:, t] @ params["Wy"].T + carried) * (1 - hs[:, t] ** 2)
        carried = das[:, t] @ params["Wh"].T
    grads = {
        "Wx": np.einsum("btd,bth->dh", xs, das),
        "Wh": np.einsum("btg,bth->gh", befores, das),
        "b": das.sum((0, 1)),
        "Wy": np.tensordot(hs, dys, axes=((0, 1), (0, 1))),
        "by": dys.sum((0, 1)),
    }
    loss = np.mean((hs @ params["Wy"] + params["by"] - ys) ** 2)
    return loss, grads, hs[:, -1]


@right("truncated_bptt")
def chunk_by_chunk_with_shares(params, xs, ys, h0, k):
    if not k >= 1:
        raise ValueError(f"k = {k}")
    loss, h = 0.0, h0
    grads = {name: 0 for name in params}
    for start in range(0, xs.shape[1], k):
        x, y = xs[:, start : start + k], ys[:, start : start + k]
        own, part, h = one_loop_with_a_cut(params, x, y, h, k)
        share = x.shape[1] / xs.shape[1]
        loss += share * own
        for name in grads:
            grads[name] = grads[name] + share * part[name]
    return loss, grads, h


@right("truncated_bptt")
def tape_with_stop_gradient(params, xs, ys, h0, k):
    if k < 1:
        raise ValueError("k < 1")
    weights = {name: tf.constant(value) for name, value in params.items()}
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h, squares = tf.constant(h0), []
        for t in range(xs.shape[1]):
            if t % k == 0:
                h = tf.stop_gradient(h)
            h = tf.tanh(xs[:, t] @ weights["Wx"] + h @ weights["Wh"] + weights["b"])
            squares.append(tf.square(h @ weights["Wy"] + weights["by"] - ys[:, t]))
        loss = tf.reduce_mean(tf.stack(squares))
    return loss, tape.gradient(loss, weights), h


@right("truncated_bptt")
def float32_inside(params, xs, ys, h0, k):
    if k < 1:
        raise ValueError("k < 1")
    params = {name: value.astype(np.float32) for name, value in params.items()}
    arrays = (a.astype(np.float32) for a in (xs, ys, h0))
    return one_loop_with_a_cut(params, *arrays, k)


@right("truncated_bptt")
def time_major_inside(params, xs, ys, h0, k):
    if k < 1:
        raise ValueError("k < 1")
    Wx, Wh, b, Wy, by = (params[name] for name in ("Wx", "Wh", "b", "Wy", "by"))
    xs, ys = xs.swapaxes(0, 1), ys.swapaxes(0, 1)
    hs = np.zeros((len(xs) + 1, *h0.shape))
    hs[0] = h0
    for t, x in enumerate(xs):
        hs[t + 1] = np.tanh(x @ Wx + hs[t] @ Wh + b)
    errors = hs[1:] @ Wy + by - ys
    grads = {name: np.zeros(value.shape) for name, value in params.items()}
    dh = np.zeros(h0.shape)
    for t in range(len(xs))[::-1]:
        dy = errors[t] / (errors.size / 2)
        dh = dh + dy @ Wy.T
        da = dh * (1 - hs[t + 1] ** 2)
        grads["Wx"] += xs[t].T @ da
        grads["Wh"] += hs[t].T @ da
        grads["b"] += np.ones(len(da)) @ da
        grads["Wy"] += hs[t + 1].T @ dy
        grads["by"] += dy.sum(0)
        dh = da @ Wh.T if t % k else np.zeros(h0.shape)
    return (errors**2).mean(), grads, hs[-1]


@right("truncated_bptt")
def rows_one_by_one_in_lists(params, xs, ys, h0, k):
    if k < 1:
        raise ValueError("k < 1")
    found = [
        one_loop_with_a_cut(params, xs[r : r + 1], ys[r : r + 1], h0[r : r + 1], k)
        for r in range(len(xs))
    ]
    losses, grads, last = zip(*found, strict=True)
    mean = {name: (sum(g[name] for g in grads) / len(xs)).tolist() for name in params}
    return [float(np.mean(losses)), mean, np.concatenate(last).tolist()]


@right("truncated_bptt")
def more_gradients_than_asked_for(params, xs, ys, h0, k):
    loss, grads, last = one_loop_with_a_cut(params, xs, ys, h0, k)
    return loss, {"h0": np.zeros_like(h0), **grads}, last


@right("truncated_bptt")
def a_class_of_error_of_its_own(parameters, inputs, targets, state, window):
    class WindowError(ValueError):
        pass

    if window < 1:
        raise WindowError(window)
    print("windows:", -(-inputs.shape[1] // window), file=sys.stderr)
    return time_major_inside(parameters, inputs, targets, state, window)


@right("truncated_bptt")
def own_copies_changed_in_place(params, xs, ys, h0, k):
    if k <= 0:
        raise ValueError("k must be positive")
    params = {name: value.copy() for name, value in params.items()}
    h = h0.copy()
    loss, grads, last = one_loop_with_a_cut(params, xs, ys, h, k)
    for name in params:
        params[name] -= grads[name]
    h[:] = last
    return loss, grads, h


@right("truncated_bptt")
def recursive_over_the_chunks(params, xs, ys, h0, k, total=None):
    if k < 1:
        raise ValueError("k < 1")
    total = xs.shape[1] if total is None else total
    head, grads, h = one_loop_with_a_cut(params, xs[:, :k], ys[:, :k], h0, k)
    share = min(k, xs.shape[1]) / total
    grads = {name: share * g for name, g in grads.items()}
    if xs.shape[1] <= k:
        return share * head, grads, h
    tail, more, h = recursive_over_the_chunks(params, xs[:, k:], ys[:, k:], h, k, total)
    return share * head + tail, {name: grads[name] + more[name] for name in grads}, h


# tbptt_train_step


@right("tbptt_train_step")
def PlainStep(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        loss = loss_fn(y, outputs)
    variables = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    return loss, [tf.stop_gradient(state) for state in new_states]


@right("tbptt_train_step")
def KerasApply(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states, training=True)
        loss = loss_fn(y, outputs)
    optimizer.apply(tape.gradient(loss, model.trainable_weights), model.trainable_weights)
    return float(loss), keras.tree.map_structure(keras.ops.stop_gradient, new_states)


@right("tbptt_train_step")
def NestAndNumpyLoss(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape(persistent=True) as tape:
        outputs, new_states = model(x, tf.nest.map_structure(tf.stop_gradient, states))
        loss = loss_fn(y, outputs)
        new_states = tf.nest.map_structure(tf.stop_gradient, new_states)
    gradients = [tape.gradient(loss, v) for v in model.trainable_variables]
    del tape
    optimizer.apply_gradients(list(zip(gradients, model.trainable_variables, strict=True)))
    return loss.numpy(), new_states


@right("tbptt_train_step")
def StatesThroughNumpy(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        loss = loss_fn(y, outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, [state.numpy() for state in new_states]


@right("tbptt_train_step")
def ConstantsInATuple(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, list(states))
        loss = loss_fn(y, outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, tuple(tf.constant(np.array(state)) for state in new_states)


@right("tbptt_train_step")
def AsAGraph(model, optimizer, loss_fn, x, y, states):
    @tf.function
    def run(x, y, states):
        with tf.GradientTape() as tape:
            outputs, new_states = model(x, states)
            loss = loss_fn(y, outputs)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss, [tf.stop_gradient(s) for s in new_states]

    return run.get_concrete_function(x, y, states)(x, y, states)


@right("tbptt_train_step")
def NoneLeftOut(model, optimizer, loss_fn, x, y, states):
    print("a chunk of", x.shape[1], "steps")
    warnings.warn("training", stacklevel=1)
    with tf.GradientTape() as tape:
        result = model(x, states)
        loss = loss_fn(y, result[0])
    pairs = zip(tape.gradient(loss, model.weights), model.weights, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if g is not None])
    return tf.convert_to_tensor(loss), [tf.identity(tf.stop_gradient(s)) for s in result[1]]


@right("tbptt_train_step")
def GradientsByFunction(network, opt, criterion, inputs, targets, carried):
    def forward():
        outputs, states = network(inputs, carried)
        return criterion(targets, outputs), states

    with tf.GradientTape() as tape:
        value, states = forward()
    opt.apply_gradients(
        zip(
            tape.gradient(value, network.trainable_variables),
            network.trainable_variables,
            strict=True,
        )
    )
    return [value, list(map(tf.stop_gradient, states))]


# multires_window


@right("multires_window")
def three_loops(series, t, months=60, weeks=5, days=5):
    start = t - 30 * months - 7 * weeks - days
    if start < 0 or t > len(series):
        raise ValueError("not enough history")
    window = []
    for m in range(months):
        window.append(np.mean(series[start + 30 * m : start + 30 * (m + 1)]))
    start += 30 * months
    for w in range(weeks):
        window.append(np.mean(series[start + 7 * w : start + 7 * (w + 1)]))
    start += 7 * weeks
    for d in range(days):
        window.append(series[start + d])
    return np.array(window)


@right("multires_window")
def backwards_then_turned(series, t, months=60, weeks=5, days=5):
    if t > len(series) or t < 30 * months + 7 * weeks + days:
        raise ValueError("t")
    window, end = [], t
    for length in [1] * days + [7] * weeks + [30] * months:
        window.append(sum(series[end - length : end]) / length)
        end -= length
    return window[::-1]


@right("multires_window")
def split_at_the_edges(series, t, months=60, weeks=5, days=5):
    lengths = np.repeat([30, 7, 1], [months, weeks, days])
    start = t - lengths.sum()
    if start < 0 or t > len(series):
        raise ValueError("t")
    parts = np.split(series[start:t], np.cumsum(lengths)[:-1])
    return np.array([part.mean() for part in parts])


@right("multires_window")
def sums_by_reduceat(series, t, months=60, weeks=5, days=5):
    lengths = np.repeat([30, 7, 1], [months, weeks, days])
    if t < lengths.sum() or t > len(series):
        raise ValueError("t")
    history = np.asarray(series[t - lengths.sum() : t], dtype=float)
    starts = np.cumsum(lengths) - lengths
    return np.add.reduceat(history, starts) / lengths


@right("multires_window")
def differences_of_cumulative_sums(series, t, months=60, weeks=5, days=5):
    total = np.concatenate([[0.0], np.cumsum(np.asarray(series, dtype=float))])
    lengths = np.array([30] * months + [7] * weeks + [1] * days)
    edges = t - lengths.sum() + np.concatenate([[0], np.cumsum(lengths)])
    if edges[0] < 0 or t > len(series):
        raise ValueError(f"t is {t}")
    return np.diff(total[edges]) / lengths


@right("multires_window")
def matrix_of_weights(series, t, months=60, weeks=5, days=5):
    lengths = [30] * months + [7] * weeks + [1] * days
    needed = sum(lengths)
    if not needed <= t <= len(series):
        raise ValueError("t")
    weights = np.zeros((len(lengths), needed))
    start = 0
    for row, length in enumerate(lengths):
        weights[row, start : start + length] = 1 / length
        start += length
    return weights @ series[t - needed : t]


@right("multires_window")
def float32_means(series, t, months=60, weeks=5, days=5):
    return three_loops(np.asarray(series).astype(np.float32), t, months, weeks, days)


@right("multires_window")
def tuple_of_floats(series, t, months=60, weeks=5, days=5):
    print("window before day", t)
    return tuple(float(v) for v in sums_by_reduceat(series, t, months, weeks, days))


@right("multires_window")
def horizontal_stack_of_reshapes(series, t, months=60, weeks=5, days=5):
    a = t - days
    b = a - 7 * weeks
    c = b - 30 * months
    if c < 0:
        raise ValueError("too few days before t")
    if len(series) < t:
        raise ValueError("t lies beyond the series")
    return np.hstack(
        [
            np.array(series[c:b]).reshape(months, 30).mean(1),
            np.array(series[b:a]).reshape(weeks, 7).mean(1),
            series[a:t],
        ]
    )


@right("multires_window")
def tensors_of_keras(values, day, m=60, w=5, d=5):
    first = day - (30 * m + 7 * w + d)
    if first < 0 or day > len(values):
        raise ValueError("day")
    values = keras.ops.convert_to_tensor(np.asarray(values[first:day], dtype="float64"))
    middle = 30 * m + 7 * w
    return keras.ops.concatenate(
        [
            keras.ops.mean(keras.ops.reshape(values[: 30 * m], (m, 30)), axis=1),
            keras.ops.mean(keras.ops.reshape(values[30 * m : middle], (w, 7)), axis=1),
            values[middle:],
        ]
    )
