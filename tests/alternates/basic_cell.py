"""Right answers of the lesson ``basic_cell``."""

import functools
import itertools
import sys
import warnings

import keras
import numpy as np

from alternates import CALLS, right

CALLS["rnn_forward"] = {"rnn_step": "_step"}

# rnn_step


@right("rnn_step")
def concatenated(x, h, Wx, Wh, b):
    return np.tanh(np.concatenate([x, h], axis=1) @ np.concatenate([Wx, Wh]) + b)


@right("rnn_step")
def hstacked_and_dotted(x, h, Wx, Wh, b):
    return np.tanh(np.hstack((x, h)).dot(np.vstack((Wx, Wh))) + b.reshape(1, -1))


@right("rnn_step")
def einsum(x, h, Wx, Wh, b):
    return np.tanh(np.einsum("bd,dh->bh", x, Wx) + np.einsum("bj,jh->bh", h, Wh) + b)


@right("rnn_step")
def columns_instead_of_rows(x, h, Wx, Wh, b):
    return np.tanh(Wx.T @ x.T + Wh.T @ h.T + b[:, None]).T


@right("rnn_step")
def float32_inside(x, h, Wx, Wh, b):
    x, h, Wx, Wh, b = (a.astype(np.float32) for a in (x, h, Wx, Wh, b))
    return np.tanh(x @ Wx + h @ Wh + b)


@right("rnn_step")
def float32_inside_float64_outside(x, h, Wx, Wh, b):
    return float32_inside(x, h, Wx, Wh, b).astype(np.float64)


@right("rnn_step")
def loops_over_rows_and_units(x, h, Wx, Wh, b):
    result = np.zeros((x.shape[0], Wh.shape[0]))
    for row in range(x.shape[0]):
        for unit in range(Wh.shape[0]):
            a = sum(x[row, d] * Wx[d, unit] for d in range(x.shape[1]))
            a += sum(h[row, j] * Wh[j, unit] for j in range(h.shape[1]))
            result[row, unit] = np.tanh(a + b[unit])
    return result


@right("rnn_step")
def nested_lists(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b).tolist()


@right("rnn_step")
def tuple_of_rows(x, h, Wx, Wh, b):
    return tuple(np.tanh(x @ Wx + h @ Wh + b))


@right("rnn_step")
def tanh_by_one_exponential(x, h, Wx, Wh, b):
    return 1.0 - 2.0 / (np.exp(2.0 * (x @ Wx + h @ Wh + b)) + 1.0)


@right("rnn_step")
def sum_built_in_place_in_its_own_array(x, h, Wx, Wh, b):
    a = np.broadcast_to(b, h.shape).copy()
    a += x @ Wx
    a += h @ Wh
    return np.tanh(a, out=a)


@right("rnn_step")
def prints_and_warns(x, h, Wx, Wh, b):
    print("shapes", x.shape, h.shape)
    print("a line on stderr", file=sys.stderr)
    warnings.warn("this answer warns", stacklevel=1)
    return np.tanh(x @ Wx + h @ Wh + b)


@right("rnn_step")
def a_copy_in_column_order(x, h, Wx, Wh, b):
    return np.asfortranarray(np.tanh(b + h @ Wh + x @ Wx))


@right("rnn_step")
def named_otherwise_and_with_a_default(inputs, state, W, U, bias, activation=np.tanh):
    return activation(np.matmul(inputs, W) + np.matmul(state, U) + bias)


@right("rnn_step")
def tensors_of_keras(x, h, Wx, Wh, b):
    x, h, Wx, Wh, b = (keras.ops.convert_to_tensor(a) for a in (x, h, Wx, Wh, b))
    return keras.ops.tanh(keras.ops.matmul(x, Wx) + keras.ops.matmul(h, Wh) + b)


# rnn_forward


def _step(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)


@right("rnn_forward")
def list_and_stack(xs, h0, Wx, Wh, b):
    states = [h0]
    for t in range(xs.shape[1]):
        states.append(_step(xs[:, t, :], states[-1], Wx, Wh, b))
    return np.stack(states[1:], axis=1)


@right("rnn_forward")
def preallocated(xs, h0, Wx, Wh, b):
    hs = np.zeros((xs.shape[0], xs.shape[1], Wh.shape[0]))
    for t in range(xs.shape[1]):
        hs[:, t] = _step(xs[:, t], h0 if t == 0 else hs[:, t - 1], Wx, Wh, b)
    return hs


@right("rnn_forward")
def preallocated_with_room_for_h0(xs, h0, Wx, Wh, b):
    hs = np.zeros((xs.shape[0], xs.shape[1] + 1, h0.shape[1]))
    hs[:, 0] = h0
    for t in range(xs.shape[1]):
        hs[:, t + 1] = _step(xs[:, t], hs[:, t], Wx, Wh, b)
    return hs[:, 1:]


@right("rnn_forward")
def room_for_h0_at_the_end(xs, h0, Wx, Wh, b):
    hs = np.zeros((xs.shape[0], xs.shape[1] + 1, h0.shape[1]))
    hs[:, -1] = h0
    for t in range(xs.shape[1]):
        hs[:, t] = _step(xs[:, t], hs[:, t - 1], Wx, Wh, b)
    return hs[:, :-1]


@right("rnn_forward")
def time_major_inside(xs, h0, Wx, Wh, b):
    h, hs = h0, []
    for x in np.swapaxes(xs, 0, 1):
        h = _step(x, h, Wx, Wh, b)
        hs.append(h)
    return np.array(hs).transpose(1, 0, 2)


@right("rnn_forward")
def input_products_made_at_once(xs, h0, Wx, Wh, b):
    a = np.einsum("btd,dh->bth", xs, Wx) + b
    for t in range(a.shape[1]):
        a[:, t] = np.tanh(a[:, t] + (h0 if t == 0 else a[:, t - 1]) @ Wh)
    return a


@right("rnn_forward")
def one_sequence_after_another(xs, h0, Wx, Wh, b):
    hs = []
    for x_row, h in zip(xs, h0, strict=True):
        row = []
        for x in x_row:
            h = _step(x, h, Wx, Wh, b)
            row.append(h)
        hs.append(row)
    return hs


@right("rnn_forward")
def recursive(xs, h0, Wx, Wh, b):
    if xs.shape[1] == 0:
        return np.zeros((xs.shape[0], 0, h0.shape[1]))
    h = _step(xs[:, 0], h0, Wx, Wh, b)
    return np.concatenate([h[:, None], recursive(xs[:, 1:], h, Wx, Wh, b)], axis=1)


@right("rnn_forward")
def accumulated(xs, h0, Wx, Wh, b):
    steps = itertools.accumulate(
        np.moveaxis(xs, 1, 0), lambda h, x: _step(x, h, Wx, Wh, b), initial=h0
    )
    return np.stack(list(steps)[1:], axis=1)


@right("rnn_forward")
def tuple_of_sequences(xs, h0, Wx, Wh, b):
    return tuple(list_and_stack(xs, h0, Wx, Wh, b))


@right("rnn_forward")
def float32_throughout(xs, h0, Wx, Wh, b):
    arrays = (a.astype("float32") for a in (xs, h0, Wx, Wh, b))
    return list_and_stack(*arrays)


@right("rnn_forward")
def one_state_array_overwritten(xs, h0, Wx, Wh, b):
    h = h0.copy()
    hs = np.empty((*xs.shape[:2], len(b)))
    for t in range(xs.shape[1]):
        h[...] = _step(xs[:, t], h, Wx, Wh, b)
        hs[:, t] = h
    return hs


@right("rnn_forward")
def prints_every_step(xs, h0, Wx, Wh, b):
    hs = list_and_stack(xs, h0, Wx, Wh, b)
    for t in range(hs.shape[1]):
        print("step", t, hs[:, t].mean())
    warnings.warn("done", RuntimeWarning, stacklevel=1)
    return hs


# BasicRNNCell


class _Cell(keras.layers.Layer):
    """What the cells below share; each differs in what is written out."""

    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.num_units = num_units
        self.activation = keras.activations.get(activation)
        self.state_size = num_units
        self.output_size = num_units

    def build(self, input_shape):
        H = self.num_units
        self.kernel = self.add_weight(shape=(input_shape[-1], H), name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(H, H), name="recurrent_kernel")
        self.bias = self.add_weight(shape=(H,), initializer="zeros", name="bias")

    def call(self, inputs, states):
        state = states[0] if isinstance(states, list | tuple) else states
        total = keras.ops.matmul(inputs, self.kernel)
        total = total + keras.ops.matmul(state, self.recurrent_kernel) + self.bias
        output = self.activation(total)
        return output, [output]


@right("BasicRNNCell")
class PlainCell(_Cell):
    pass


@right("BasicRNNCell")
class StateSizeAsList(_Cell):
    def __init__(self, num_units, activation="tanh"):
        super().__init__(num_units, activation)
        self.state_size = [num_units]
        self.output_size = [num_units]


@right("BasicRNNCell")
class SizesAsProperties(keras.layers.Layer):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self._H = num_units
        self._activate = keras.layers.Activation(activation)

    @property
    def state_size(self):
        return self._H

    @property
    def output_size(self):
        return self._H

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[1], self._H), initializer="random_normal")
        self.U = self.add_weight(shape=(self._H, self._H), initializer="random_normal")
        self.b = self.add_weight(shape=(self._H,), initializer="zeros")
        self.built = True

    def call(self, x, h):
        h = keras.tree.flatten(h)[0]
        output = self._activate(x @ self.W + h @ self.U + self.b)
        return output, (output,)


@right("BasicRNNCell")
class JoinedProduct(_Cell):
    def call(self, inputs, states):
        state = keras.tree.flatten(states)[0]
        joined = keras.ops.concatenate([inputs, state], axis=-1)
        weights = keras.ops.concatenate([self.kernel, self.recurrent_kernel], axis=0)
        output = self.activation(joined @ weights + self.bias)
        return output, [output]


@right("BasicRNNCell")
class OperationsOfTensorFlow(_Cell):
    def call(self, inputs, states, training=None):
        import tensorflow as tf

        state = states[0] if isinstance(states, list | tuple) else states
        total = tf.matmul(inputs, self.kernel) + tf.matmul(state, self.recurrent_kernel)
        output = self.activation(tf.nn.bias_add(total, self.bias))
        return output, [tf.identity(output)]


@right("BasicRNNCell")
class Einsums(_Cell):
    def call(self, inputs, states):
        state = states[0] if isinstance(states, list | tuple) else states
        total = keras.ops.einsum("bd,dh->bh", inputs, self.kernel)
        total += keras.ops.einsum("bj,jh->bh", state, self.recurrent_kernel)
        output = self.activation(keras.ops.add(total, self.bias))
        return output, [output]


@right("BasicRNNCell")
class BareStateReturned(_Cell):
    def call(self, inputs, states):
        output, _ = super().call(inputs, states)
        return output, output


@right("BasicRNNCell")
class VariablesMadeInBuild(_Cell):
    def build(self, input_shape):
        draw = keras.initializers.Orthogonal()
        shape = (input_shape[-1], self.num_units)
        self.kernel = keras.Variable(draw(shape), name="kernel")
        self.recurrent_kernel = keras.Variable(draw((self.num_units,) * 2), name="recurrent")
        self.bias = keras.Variable(keras.ops.zeros(self.num_units), name="bias")
        super(_Cell, self).build(input_shape)


@right("BasicRNNCell")
class WithConfigAndInitialState(_Cell):
    def get_initial_state(self, batch_size=None):
        return [keras.ops.zeros((batch_size, self.num_units))]

    def get_config(self):
        return super().get_config() | {"num_units": self.num_units}


@right("BasicRNNCell")
class NamesIgnored(_Cell):
    def __init__(self, num_units, activation="tanh", name=None, **ignored):
        super().__init__(num_units, activation)

    def call(self, inputs, states, *rest, **options):
        return super().call(inputs, states)


@right("BasicRNNCell")
class Loud(_Cell):
    def call(self, inputs, states):
        print("a step")
        warnings.warn("a step was taken", stacklevel=1)
        return super().call(inputs, states)


@right("BasicRNNCell")
class ActivationByName(_Cell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, **kwargs)
        self.activation = functools.partial(getattr(keras.ops, activation))
