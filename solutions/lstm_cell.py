"""References of the lesson ``lstm_cell``. ``make notebooks`` stamps them into the notebook."""

import numpy as np

from unrolled.shapes import expect_shapes


def sigmoid(x):
    r"""Squash numbers into (0, 1) without overflow.

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
