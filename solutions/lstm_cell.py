"""References of the lesson ``lstm_cell``. ``make notebooks`` stamps them into the notebook."""

import keras
import numpy as np

from unrolled.shapes import expect_shapes


def sigmoid(x):
    r"""Squash numbers into the range from 0 to 1 without overflow.

    sigmoid(x) = 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2

    x  a float or a float array of any shape, up to 1e4 in size
    Returns the same shape as x.
    """
    ### BEGIN SOLUTION
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))
    ### END SOLUTION


def lstm_step(x, h, c, Wx, Wh, b):
    r"""Advance an LSTM by one step.

    [zi | zf | zg | zo] = x Wx + h Wh + b, four blocks of H columns in this order
    i = sigmoid(zi)   f = sigmoid(zf)   g = tanh(zg)   o = sigmoid(zo)
    c' = f * c + i * g
    h' = o * tanh(c')

    x (B, D)             input at this step
    h (B, H), c (B, H)   short-term and long-term state after the previous step
    Wx (D, 4H), Wh (H, 4H), b (4H,)
    Returns (h', c'), each (B, H).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    """
    expect_shapes(
        Wx=(Wx, "D 4H"), Wh=(Wh, "H 4H"), b=(b, "4H"), x=(x, "B D"), h=(h, "B H"), c=(c, "B H")
    )
    ### BEGIN SOLUTION
    zi, zf, zg, zo = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c
    ### END SOLUTION


def lstm_forward(xs, h0, c0, Wx, Wh, b):
    r"""Run an LSTM over a sequence and keep every state.

    (h_t, c_t) = lstm_step(x_t, h_{t-1}, c_{t-1}, Wx, Wh, b), starting from (h0, c0)

    xs (B, T, D)            inputs, one row a sequence
    h0 (B, H), c0 (B, H)    states before the first step
    Wx (D, 4H), Wh (H, 4H), b (4H,)
    Returns (hs, cs), each (B, T, H); hs[:, t] and cs[:, t] are the states after xs[:, t].
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    """
    expect_shapes(
        Wx=(Wx, "D 4H"),
        Wh=(Wh, "H 4H"),
        b=(b, "4H"),
        xs=(xs, "B T D"),
        h0=(h0, "B H"),
        c0=(c0, "B H"),
    )
    ### BEGIN SOLUTION
    batch, steps, _ = xs.shape
    hs = np.empty((batch, steps, h0.shape[1]))
    cs = np.empty_like(hs)
    h, c = h0, c0
    for t in range(steps):
        h, c = lstm_step(xs[:, t], h, c, Wx, Wh, b)
        hs[:, t], cs[:, t] = h, c
    return hs, cs
    ### END SOLUTION


def lstm_step_backward(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    r"""Take the gradients of one LSTM step back to its inputs and weights.

    The step, with its gates i, f, g, o computed from z = x Wx + h_prev Wh + b, was
    c = f * c_prev + i * g    and    h = o * tanh(c)
    so that c has its effect on the loss by dc and, through h, by dh. The gradients of the weights
    and of b are sums over the rows of the batch.

    dh (B, H), dc (B, H)            gradients of the step's results, dc without the way through h
    x (B, D)                        input of the step
    h_prev (B, H), c_prev (B, H)    states before the step
    c (B, H)                        cell state after the step
    Wx (D, 4H), Wh (H, 4H), b (4H,)
    Returns (dx, dh_prev, dc_prev, dWx, dWh, db), each shaped like what it is the gradient of.
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    """
    expect_shapes(
        Wx=(Wx, "D 4H"),
        Wh=(Wh, "H 4H"),
        b=(b, "4H"),
        x=(x, "B D"),
        dh=(dh, "B H"),
        dc=(dc, "B H"),
        h_prev=(h_prev, "B H"),
        c_prev=(c_prev, "B H"),
        c=(c, "B H"),
    )
    ### BEGIN SOLUTION
    zi, zf, zg, zo = np.split(x @ Wx + h_prev @ Wh + b, 4, axis=1)
    i, f, g, o = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
    tanh_c = np.tanh(c)
    dc = dc + dh * o * (1 - tanh_c**2)
    dzi = dc * g * i * (1 - i)
    dzf = dc * c_prev * f * (1 - f)
    dzg = dc * i * (1 - g**2)
    dzo = dh * tanh_c * o * (1 - o)
    dz = np.concatenate([dzi, dzf, dzg, dzo], axis=1)
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)
    ### END SOLUTION


def lstm_backward(dhs, xs, h0, c0, hs, cs, Wx, Wh, b):
    r"""Backpropagate through all steps of an LSTM (BPTT).

    For t = T - 1, ..., 0, with dh and dc zero at first:
    (dx_t, dh, dc, dWx_t, dWh_t, db_t) = lstm_step_backward(dhs_t + dh, dc, ...)
    and dWx, dWh and db are the sums over t.

    dhs (B, T, H)           the loss's own gradient on every state hs[:, t]
    xs (B, T, D)            inputs
    h0 (B, H), c0 (B, H)    states before the first step
    hs, cs (B, T, H)        what lstm_forward returned
    Wx (D, 4H), Wh (H, 4H), b (4H,)
    Returns a dict with the keys xs, h0, c0, Wx, Wh, b: the gradient of each, in its shape.
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    """
    expect_shapes(
        Wx=(Wx, "D 4H"),
        Wh=(Wh, "H 4H"),
        b=(b, "4H"),
        xs=(xs, "B T D"),
        dhs=(dhs, "B T H"),
        h0=(h0, "B H"),
        c0=(c0, "B H"),
        hs=(hs, "B T H"),
        cs=(cs, "B T H"),
    )
    ### BEGIN SOLUTION
    dxs, dWx, dWh, db = (np.zeros_like(a) for a in (xs, Wx, Wh, b))
    dh, dc = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(xs.shape[1])):
        h_prev, c_prev = (hs[:, t - 1], cs[:, t - 1]) if t > 0 else (h0, c0)
        dxs[:, t], dh, dc, dWx_t, dWh_t, db_t = lstm_step_backward(
            dhs[:, t] + dh, dc, xs[:, t], h_prev, c_prev, cs[:, t], Wx, Wh, b
        )
        dWx, dWh, db = dWx + dWx_t, dWh + dWh_t, db + db_t
    return {"xs": dxs, "h0": dh, "c0": dc, "Wx": dWx, "Wh": dWh, "b": db}
    ### END SOLUTION


class BasicLSTMCell(keras.layers.Layer):
    """The book's LSTM cell as a Keras layer, to be run by ``keras.layers.RNN``.

    [zi | zj | zf | zo] = [inputs | h] kernel + bias, four blocks of H columns in this order
    c' = sigmoid(zf + forget_bias) * c + sigmoid(zi) * tanh(zj)
    output = h' = sigmoid(zo) * tanh(c')

    num_units         H, the size of c, of h and of the output
    forget_bias       number added to zf whenever the cell runs
    state_is_tuple    whether the states are two, [c, h], or one, [s] with s = [c | h] (B, 2H)
    Weights, in this order: kernel (D + H, 4H), its first D rows for the inputs; bias (4H,), zero at
    the start.
    ``call(inputs, states)`` takes inputs (B, D) and the list of states, and returns
    (output, new states), the states as they came.
    """

    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(**kwargs)
        self.num_units = num_units
        self.forget_bias = forget_bias
        self.state_is_tuple = state_is_tuple
        self.output_size = num_units
        ### BEGIN SOLUTION
        self.state_size = [num_units, num_units] if state_is_tuple else 2 * num_units
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        rows, columns = input_shape[-1] + self.num_units, 4 * self.num_units
        self.kernel = self.add_weight(
            shape=(rows, columns), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(shape=(columns,), initializer="zeros", name="bias")
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        ops = keras.ops
        c, h = states if self.state_is_tuple else ops.split(states[0], 2, axis=1)
        z = ops.concatenate([inputs, h], axis=1) @ self.kernel + self.bias
        zi, zj, zf, zo = ops.split(z, 4, axis=1)
        c = ops.sigmoid(zf + self.forget_bias) * c + ops.sigmoid(zi) * ops.tanh(zj)
        h = ops.sigmoid(zo) * ops.tanh(c)
        return h, [c, h] if self.state_is_tuple else [ops.concatenate([c, h], axis=1)]
        ### END SOLUTION


def to_keras_lstm(kernel, bias, forget_bias, inputs):
    r"""Turn the weights of a ``BasicLSTMCell`` into those of ``keras.layers.LSTM``.

    kernel (D + H, 4H)    rows: inputs, then state; columns: i, j, f, o
    bias (4H,)            columns likewise
    forget_bias           number that the cell adds to the f block when it runs
    inputs                D, a whole number
    Returns [kernel (D, 4H), recurrent_kernel (H, 4H), bias (4H,)] with columns i, f, g, o, where g
    is another name of j, and with the forget bias in the bias.
    """
    ### BEGIN SOLUTION
    i, j, f, o = np.split(kernel, 4, axis=1)
    reordered = np.concatenate([i, f, j, o], axis=1)
    bi, bj, bf, bo = np.split(bias, 4)
    return [
        reordered[:inputs],
        reordered[inputs:],
        np.concatenate([bi, bf + forget_bias, bj, bo]),
    ]
    ### END SOLUTION


def memory_kept(forget_bias, steps):
    r"""Say which part of a cell state is left when nothing but the bias opens the forget gate.

    The product of the forget gates of all steps; of no step it is 1.

    forget_bias    a float, what the sigmoid of the forget gate is taken of at every step
    steps          a whole number, 0 or more
    Returns a float from 0 to 1.
    """
    ### BEGIN SOLUTION
    return float(sigmoid(forget_bias) ** steps)
    ### END SOLUTION
