"""References of the lesson ``truncation``. ``make notebooks`` stamps them into the notebook."""

import numpy as np
import tensorflow as tf

from solutions.basic_cell import rnn_forward
from solutions.through_time import rnn_backward
from unrolled.shapes import expect_shapes


def stream_batches(ids, batch, steps):
    r"""Cut one long sequence into chunks whose rows go on from chunk to chunk.

    chunks = (N - 1) // (batch * steps)
    inputs[c, r, t] = ids[r * chunks * steps + c * steps + t]
    targets[c, r, t] = ids[r * chunks * steps + c * steps + t + 1]

    ids    (N,)   integers, N at least 1
    batch         rows that are read side by side
    steps         length of a chunk
    Returns (inputs, targets), integers, each (chunks, batch, steps). What is left over at the end
    of ids is dropped; where ids are too short for a chunk, both have the shape (0, batch, steps).
    Source: the batches in which Zaremba et al. (2014) read their text.
    """
    ### BEGIN SOLUTION
    ids = np.asarray(ids)
    chunks = (len(ids) - 1) // (batch * steps)
    used = batch * chunks * steps

    def cut(part):
        return part.reshape(batch, chunks, steps).swapaxes(0, 1)

    return cut(ids[:used]), cut(ids[1 : used + 1])
    ### END SOLUTION


def truncated_bptt(params, xs, ys, h0, k):
    r"""Return the loss of a tanh network and its gradient, backpropagated within chunks only.

    hs = rnn_forward(xs, h0, Wx, Wh, b)        over all T steps
    loss = mean over B, T and O of (hs Wy + by - ys)^2
    grads: those of the loss, but with no way back from step t to step t-1 where t = k, 2k, 3k, ...

    params  dict of Wx (D, H), Wh (H, H), b (H,), Wy (H, O), by (O,)
    xs (B, T, D)   inputs
    ys (B, T, O)   targets
    h0 (B, H)      state before the first step
    k              steps of a chunk, an int; the last chunk may be shorter
    Returns (loss, grads, hT): a number, a dict with the keys of params, and the last state (B, H).
    Raises ValueError for k < 1, and, naming the array, when a shape disagrees with Wx.
    Source: Williams and Peng (1990); with k >= T this is backpropagation through time in full.
    """
    expect_shapes(
        Wx=(params["Wx"], "D H"),
        Wh=(params["Wh"], "H H"),
        b=(params["b"], "H"),
        Wy=(params["Wy"], "H O"),
        by=(params["by"], "O"),
        xs=(xs, "B T D"),
        ys=(ys, "B T O"),
        h0=(h0, "B H"),
    )
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")
    Wx, Wh, b, Wy, by = (params[name] for name in ("Wx", "Wh", "b", "Wy", "by"))
    hs = rnn_forward(xs, h0, Wx, Wh, b)
    errors = hs @ Wy + by - ys
    dys = 2 * errors / errors.size
    dhs = dys @ Wy.T
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    grads["Wy"], grads["by"] = np.einsum("bth,bto->ho", hs, dys), dys.sum(axis=(0, 1))
    for start in range(0, xs.shape[1], k):
        chunk = slice(start, start + k)
        before = h0 if start == 0 else hs[:, start - 1]
        back = rnn_backward(dhs[:, chunk], xs[:, chunk], before, hs[:, chunk], Wx, Wh)
        for name in ("Wx", "Wh", "b"):
            grads[name] += back[name]
    return np.mean(errors**2), grads, hs[:, -1]
    ### END SOLUTION


def tbptt_train_step(model, optimizer, loss_fn, x, y, states):
    r"""Train on one chunk and hand its last states to the next, cut off from their past.

    outputs, new_states = model(x, states)
    loss = loss_fn(y, outputs)
    one step of the optimizer along the gradient of the loss for model.trainable_variables

    model      called as above; a Keras model with weights
    optimizer  a Keras optimizer
    loss_fn    (y_true, y_pred) -> scalar tensor
    x, y       inputs and targets of this chunk, tensors or arrays
    states     list of tensors: what the call for the chunk before returned
    Returns (loss, new_states): the loss before the update, and a list of tensors like states,
    through which no gradient flows back, not even that of a GradientTape of the caller.
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        loss = loss_fn(y, outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, [tf.stop_gradient(state) for state in new_states]
    ### END SOLUTION


def multires_window(series, t, months=60, weeks=5, days=5):
    r"""Describe what came before day t at three resolutions: months, then weeks, then days.

    needed = 30 * months + 7 * weeks + days
    history = series[t - needed], ..., series[t - 1]
    the means of its first 30-day blocks, the means of the 7-day blocks after those, and its last
    days as they are, oldest first

    series  (N,)   one number a day
    t              the day that comes after the window, t <= N; series[t] itself is not looked at
    months, weeks, days   how many of each; any of them may be 0
    Returns (months + weeks + days,) floats.
    Raises ValueError where t > N, or where fewer than `needed` days come before t.
    Source: after A. Géron, Hands-On Machine Learning, ch. 14.
    """
    ### BEGIN SOLUTION
    start = t - (30 * months + 7 * weeks + days)
    if start < 0 or t > len(series):
        raise ValueError(f"t is {t}; expected {t - start} to {len(series)}")
    parts = []
    for count, length in ((months, 30), (weeks, 7), (days, 1)):
        block = series[start : start + count * length]
        parts.append(np.reshape(block, (count, length)).mean(axis=1))
        start += count * length
    return np.concatenate(parts)
    ### END SOLUTION
