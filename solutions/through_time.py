"""References of the lesson ``through_time``. ``make notebooks`` stamps them into the notebook."""

import numpy as np

from unrolled.shapes import expect_shapes


def rnn_step_backward(dh, x, h_prev, h, Wx, Wh):
    r"""Take the gradient of one tanh step from its output to its inputs and weights.

    h = tanh(a)   with a = x Wx + h_prev Wh + b
    da = dh * (1 - h^2), entry by entry; then every factor of a gets its share of da

    dh     (B, H)         gradient of the loss for the step's output
    x      (B, D)         input of the step
    h_prev (B, H)         state before the step
    h      (B, H)         the step's output, as the forward pass gave it
    Wx (D, H), Wh (H, H)
    Returns (dx, dh_prev, dWx, dWh, db), each shaped like what it belongs to; the gradients of
    the weights are sums over the rows of the batch.
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Werbos (1990).
    """
    expect_shapes(
        Wx=(Wx, "D H"),
        Wh=(Wh, "H H"),
        x=(x, "B D"),
        h_prev=(h_prev, "B H"),
        h=(h, "B H"),
        dh=(dh, "B H"),
    )
    ### BEGIN SOLUTION
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)
    ### END SOLUTION


def rnn_backward(dhs, xs, h0, hs, Wx, Wh):
    r"""Backpropagate through time: the gradient of a loss that looks at every state.

    dh_t = dhs_t + what step t+1 gives back for its h_prev, from the last step to the first

    dhs (B, T, H)   gradient of the loss for each state, without the way through later steps
    xs  (B, T, D)   inputs
    h0  (B, H)      state before the first step
    hs  (B, T, H)   states of the forward pass; hs[:, t] is the state after the input xs[:, t]
    Wx (D, H), Wh (H, H)
    Returns a dict of gradients: xs (B, T, D), h0 (B, H), Wx (D, H), Wh (H, H), b (H,); those of
    the weights are sums over rows and steps.
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Werbos (1990).
    """
    expect_shapes(
        Wx=(Wx, "D H"),
        Wh=(Wh, "H H"),
        xs=(xs, "B T D"),
        h0=(h0, "B H"),
        hs=(hs, "B T H"),
        dhs=(dhs, "B T H"),
    )
    ### BEGIN SOLUTION
    dxs, carried = np.zeros_like(xs), np.zeros_like(h0)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(len(Wh))
    for t in reversed(range(xs.shape[1])):
        h_prev = hs[:, t - 1] if t > 0 else h0
        dh = dhs[:, t] + carried
        dx, carried, *shares = rnn_step_backward(dh, xs[:, t], h_prev, hs[:, t], Wx, Wh)
        dxs[:, t] = dx
        dWx, dWh, db = dWx + shares[0], dWh + shares[1], db + shares[2]
    return {"xs": dxs, "h0": carried, "Wx": dWx, "Wh": dWh, "b": db}
    ### END SOLUTION


def jacobian_norms(hs, Wh):
    r"""Measure how much of a gradient a tanh recurrence can carry back over 0, 1, 2, ... steps.

    P_k = diag(1 - h_T^2) Wh^T diag(1 - h_{T-1}^2) Wh^T ...   with k factors of each kind
    norms_k = the largest singular value of P_k, where dh_{T-k} = dh_T P_k

    hs (B, T, H)   states of a forward pass, h_1 to h_T
    Wh (H, H)
    Returns norms (B, T): norms[b, k] belongs to row b and lag k, so norms[:, 0] is 1.
    Raises ValueError, naming the array, when a shape disagrees with Wh.
    Source: Pascanu, Mikolov and Bengio (2013).
    """
    expect_shapes(Wh=(Wh, "H H"), hs=(hs, "B T H"))
    ### BEGIN SOLUTION
    batch, steps, units = hs.shape
    norms = np.ones((batch, steps))
    jacobians = np.tile(np.eye(units), (batch, 1, 1))
    for k in range(1, steps):
        slopes = 1 - hs[:, steps - k] ** 2
        jacobians = (jacobians * slopes[:, np.newaxis]) @ Wh.T
        norms[:, k] = np.linalg.norm(jacobians, ord=2, axis=(1, 2))
    return norms
    ### END SOLUTION


def recurrent_matrix(H, kind, gain, rng):
    r"""Draw a first value for the recurrent weights.

    "glorot"       independent entries with mean 0 and standard deviation gain / sqrt(H)
    "orthogonal"   gain Q, where Q^T Q = I and Q is drawn at random
    "identity"     gain I

    H      number of units
    gain   factor by which the matrix is scaled, a positive float
    rng    np.random.Generator, the only source of random numbers
    Returns (H, H); the same state of rng gives the same matrix.
    Raises ValueError for another kind.
    Source: Glorot and Bengio (2010); Saxe et al. (2014); Le et al. (2015).
    """
    ### BEGIN SOLUTION
    if kind == "glorot":
        return rng.normal(0.0, gain / np.sqrt(H), (H, H))
    if kind == "orthogonal":
        q, _ = np.linalg.qr(rng.normal(size=(H, H)))
        return gain * q
    if kind == "identity":
        return gain * np.eye(H)
    raise ValueError(f"kind is {kind!r}; expected 'glorot', 'orthogonal' or 'identity'")
    ### END SOLUTION


def layer_norm_rnn_step(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    r"""Advance a tanh recurrence by one step, with layer normalisation before tanh.

    a = x Wx + h Wh + b
    h' = tanh(gamma * (a - mean) / sqrt(var + eps) + beta)

    x (B, D)   input at this step
    h (B, H)   state after the previous step
    Wx (D, H), Wh (H, H), b (H,)
    gamma (H,), beta (H,)   scale and shift of each unit
    eps                     keeps the root away from zero, a positive float
    mean and var are those of each row of a: over its H units, var with the divisor H.
    Returns h' (B, H).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Ba, Kiros and Hinton (2016).
    """
    expect_shapes(
        Wx=(Wx, "D H"),
        Wh=(Wh, "H H"),
        b=(b, "H"),
        x=(x, "B D"),
        h=(h, "B H"),
        gamma=(gamma, "H"),
        beta=(beta, "H"),
    )
    ### BEGIN SOLUTION
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    var = (centred**2).mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / np.sqrt(var + eps) + beta)
    ### END SOLUTION
