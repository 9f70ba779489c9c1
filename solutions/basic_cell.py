"""References of the lesson ``basic_cell``. ``make notebooks`` stamps them into the notebook."""

import keras
import numpy as np

from unrolled.shapes import expect_shapes


def rnn_step(x, h, Wx, Wh, b):
    r"""Advance a tanh recurrence by one step.

    h' = tanh(x Wx + h Wh + b)

    x  (B, D)   input at this step
    h  (B, H)   state after the previous step
    Wx (D, H), Wh (H, H), b (H,)
    Returns h' (B, H), each entry in (-1, 1).
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Elman (1990).
    """
    expect_shapes(Wx=(Wx, "D H"), Wh=(Wh, "H H"), b=(b, "H"), x=(x, "B D"), h=(h, "B H"))
    ### BEGIN SOLUTION
    return np.tanh(x @ Wx + h @ Wh + b)
    ### END SOLUTION


def rnn_forward(xs, h0, Wx, Wh, b):
    r"""Run the recurrence over a sequence and keep every state.

    h_t = rnn_step(x_t, h_{t-1}, Wx, Wh, b), starting from h0

    xs (B, T, D)   inputs, one row a sequence
    h0 (B, H)      state before the first step
    Wx (D, H), Wh (H, H), b (H,)
    Returns hs (B, T, H); hs[:, t] is the state after the input xs[:, t].
    Raises ValueError, naming the array, when a shape disagrees with Wx.
    Source: Elman (1990).
    """
    expect_shapes(Wx=(Wx, "D H"), Wh=(Wh, "H H"), b=(b, "H"), xs=(xs, "B T D"), h0=(h0, "B H"))
    ### BEGIN SOLUTION
    batch, steps, _ = xs.shape
    hs = np.empty((batch, steps, h0.shape[1]))
    h = h0
    for t in range(steps):
        h = rnn_step(xs[:, t], h, Wx, Wh, b)
        hs[:, t] = h
    return hs
    ### END SOLUTION


class BasicRNNCell(keras.layers.Layer):
    """The basic recurrent cell as a Keras layer, to be run by ``keras.layers.RNN``.

    output = state' = activation(inputs kernel + state recurrent_kernel + bias)

    num_units    H, the size of the state and of the output
    activation   name of a Keras activation
    Weights, in this order: kernel (D, H), recurrent_kernel (H, H), bias (H,).
    ``call(inputs, states)`` takes inputs (B, D) and a list of one state (B, H), or the bare
    state, and returns (output, [state']).
    """

    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.num_units = num_units
        self.activation = keras.activations.get(activation)
        self.state_size = num_units
        self.output_size = num_units

    def build(self, input_shape):
        ### BEGIN SOLUTION
        inputs = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(inputs, self.num_units), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.num_units, self.num_units),
            initializer="orthogonal",
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(shape=(self.num_units,), initializer="zeros", name="bias")
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        state = states[0] if isinstance(states, (list, tuple)) else states
        output = self.activation(inputs @ self.kernel + state @ self.recurrent_kernel + self.bias)
        return output, [output]
        ### END SOLUTION
