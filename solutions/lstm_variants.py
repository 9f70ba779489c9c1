"""References of the lesson ``lstm_variants``. ``make notebooks`` stamps them into the notebook."""

import numpy as np

from solutions.lstm_cell import sigmoid
from unrolled.shapes import expect_shapes, expect_stack


def peephole_lstm_step(x, h, c, Wx, Wh, b, pi, pf, po):
    r"""Advance an LSTM whose gates look at the cell state by one step.

    [zi | zf | zg | zo] = x Wx + h Wh + b, four blocks of H columns in this order
    i = sigmoid(zi + pi * c)   f = sigmoid(zf + pf * c)   g = tanh(zg)
    c' = f * c + i * g
    o = sigmoid(zo + po * c')
    h' = o * tanh(c')

    x (B, D)             input at this step
    h (B, H), c (B, H)   short-term and long-term state after the previous step
    Wx (D, 4H), Wh (H, 4H), b (4H,)
    pi, pf, po (H,)      peepholes of the input, forget and output gate
    Returns (h', c'), each (B, H).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Gers and Schmidhuber (2000), in the form of Sak et al. (2014).
    """
    expect_shapes(
        Wx=(Wx, "D 4H"),
        Wh=(Wh, "H 4H"),
        b=(b, "4H"),
        pi=(pi, "H"),
        pf=(pf, "H"),
        po=(po, "H"),
        x=(x, "B D"),
        h=(h, "B H"),
        c=(c, "B H"),
    )
    ### BEGIN SOLUTION
    zi, zf, zg, zo = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    i, f = sigmoid(zi + pi * c), sigmoid(zf + pf * c)
    c = f * c + i * np.tanh(zg)
    o = sigmoid(zo + po * c)
    return o * np.tanh(c), c
    ### END SOLUTION


def projected_lstm_step(x, r, c, Wx, Wr, b, Wp):
    r"""Advance an LSTM with a recurrent projection by one step.

    [zi | zf | zg | zo] = x Wx + r Wr + b, four blocks of H columns in this order
    i = sigmoid(zi)   f = sigmoid(zf)   g = tanh(zg)   o = sigmoid(zo)
    c' = f * c + i * g
    r' = (o * tanh(c')) Wp

    x (B, D)    input at this step
    r (B, P)    projected state after the previous step
    c (B, H)    long-term state after the previous step
    Wx (D, 4H), Wr (P, 4H), b (4H,), Wp (H, P)
    Returns (r', c') of shapes (B, P) and (B, H).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Sak, Senior and Beaufays (2014), here without peepholes.
    """
    expect_shapes(
        Wx=(Wx, "D 4H"),
        Wr=(Wr, "P 4H"),
        b=(b, "4H"),
        Wp=(Wp, "H P"),
        x=(x, "B D"),
        r=(r, "B P"),
        c=(c, "B H"),
    )
    ### BEGIN SOLUTION
    zi, zf, zg, zo = np.split(x @ Wx + r @ Wr + b, 4, axis=1)
    c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
    return (sigmoid(zo) * np.tanh(c)) @ Wp, c
    ### END SOLUTION


def stacked_lstm_step(x, states, layers, masks):
    r"""Advance a stack of LSTM layers by one step, with dropout between the layers only.

    input of layer 0 = masks[0] * x
    input of layer l = masks[l] * (h' of layer l - 1)
    output           = masks[L] * (h' of the last layer), for L layers

    x (B, D)    input at this step
    states      [(h, c), ...], one pair a layer, each array (B, H of that layer)
    layers      [(Wx, Wh, b), ...], the packed LSTM weights of each layer
    masks       L + 1 arrays (B, width of what they multiply), each entry 0 or 1 / keep
    Returns (output, states): output (B, H of the last layer), states [(h', c'), ...] not
    multiplied by any mask.
    Raises ValueError, naming the array, when a shape or a number of entries disagrees with layers.
    Source: Zaremba, Sutskever and Vinyals (2014).
    """
    expect_stack(x, states, layers, masks)
    ### BEGIN SOLUTION
    new_states = []
    for (h, c), (Wx, Wh, b), mask in zip(states, layers, masks[:-1], strict=True):
        zi, zf, zg, zo = np.split((mask * x) @ Wx + h @ Wh + b, 4, axis=1)
        c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
        x = sigmoid(zo) * np.tanh(c)
        new_states.append((x, c))
    return masks[-1] * x, new_states
    ### END SOLUTION


def lstm_param_count(inputs, units, projection=None, peepholes=False):
    r"""Count the numbers that training adjusts in one LSTM layer, biases included.

    inputs      D
    units       H
    projection  P, the width of the recurrent projection, or None where there is none
    peepholes   whether the three gates look at the cell state
    Returns a whole number.
    """
    ### BEGIN SOLUTION
    recurrent = units if projection is None else projection
    count = 4 * units * (inputs + recurrent + 1)
    if projection is not None:
        count += units * projection
    if peepholes:
        count += 3 * units
    return count
    ### END SOLUTION


def gru_step(x, h, Wx, Wh, bx, bh):
    r"""Advance a gated recurrent unit by one step.

    [xz | xr | xn] = x Wx + bx   and   [hz | hr | hn] = h Wh + bh, three blocks of H columns each
    z = sigmoid(xz + hz)   r = sigmoid(xr + hr)
    n = tanh(xn + r * hn)
    h' = z * h + (1 - z) * n

    x (B, D)   input at this step
    h (B, H)   state after the previous step
    Wx (D, 3H), Wh (H, 3H), bx (3H,), bh (3H,)
    Returns h' (B, H).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Cho et al. (2014), in the form of Keras with reset_after=True.
    """
    expect_shapes(
        Wx=(Wx, "D 3H"),
        Wh=(Wh, "H 3H"),
        bx=(bx, "3H"),
        bh=(bh, "3H"),
        x=(x, "B D"),
        h=(h, "B H"),
    )
    ### BEGIN SOLUTION
    xz, xr, xn = np.split(x @ Wx + bx, 3, axis=1)
    hz, hr, hn = np.split(h @ Wh + bh, 3, axis=1)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    n = np.tanh(xn + r * hn)
    return z * h + (1 - z) * n
    ### END SOLUTION
