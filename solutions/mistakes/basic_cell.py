"""Known-wrong answers of the lesson ``basic_cell``, most specific first within an exercise.

Wrong forward passes use the global ``rnn_step`` where a right one does, and hand it to the helpers:
grading replaces it with the student's own, in the mistake only.
"""

import keras
import numpy as np

from solutions.basic_cell import BasicRNNCell, rnn_step
from solutions.mistakes import IN_PLACE, NO_RETURN, SHAPES, UNKNOWN_NAME, mistake

SUMMED_LATE = """Something is squashed or added at the wrong moment. In the equation everything is
summed first and the activation is applied once, to the whole sum."""
INPUT_LOST = (
    "The input does not reach the result. Is every term of the equation there, for any state?"
)
STATE_LOST = (
    "The previous state does not reach the result. What is the second term of the equation?"
)
BIAS = "Compare your sum with the equation term by term, and count how often each term is there."
OVER_BATCH = "The rows of a batch must not know of each other. Along which axis do you average?"


# rnn_step


@mistake(
    "rnn_step",
    hint="The product with the recurrent weights is turned around: does the "
    "state multiply the rows or the columns of Wh?",
)
def recurrent_weights_transposed(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh.T + b)


@mistake("rnn_step", hint=BIAS)
def bias_missing(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh)


@mistake("rnn_step", hint=BIAS)
def bias_added_twice(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + b + h @ Wh + b)


@mistake("rnn_step", hint=BIAS)
def bias_subtracted(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh - b)


@mistake("rnn_step", hint=BIAS)
def state_subtracted(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx - h @ Wh + b)


@mistake("rnn_step", hint=SUMMED_LATE)
def bias_added_after_tanh(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh) + b


@mistake("rnn_step", hint=SUMMED_LATE)
def sum_of_tanhs(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx) + np.tanh(h @ Wh + b)


@mistake("rnn_step", hint=SUMMED_LATE)
def sum_of_tanhs_with_bias_at_the_input(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + b) + np.tanh(h @ Wh)


@mistake("rnn_step", hint=SUMMED_LATE)
def sum_of_tanhs_and_bias(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx) + np.tanh(h @ Wh) + b


@mistake("rnn_step", hint=SUMMED_LATE)
def sum_of_three_tanhs(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx) + np.tanh(h @ Wh) + np.tanh(b)


@mistake("rnn_step", hint=SUMMED_LATE)
def activation_on_the_input_only(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx) + h @ Wh + b


@mistake("rnn_step", hint=SUMMED_LATE)
def activation_on_the_recurrent_term_only(x, h, Wx, Wh, b):
    return x @ Wx + np.tanh(h @ Wh) + b


@mistake("rnn_step", hint=SUMMED_LATE)
def activation_before_the_recurrent_product(x, h, Wx, Wh, b):
    return x @ Wx + np.tanh(h) @ Wh + b


@mistake("rnn_step", hint=SUMMED_LATE)
def state_squashed_a_second_time(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + np.tanh(h) @ Wh + b)


@mistake("rnn_step", hint=SUMMED_LATE)
def activation_applied_twice(x, h, Wx, Wh, b):
    return np.tanh(np.tanh(x @ Wx + h @ Wh + b))


ACTIVATION = (
    "The sum is right and what is done to it is not. Which function squashes it, and to where?"
)


@mistake("rnn_step", hint=ACTIVATION)
def activation_missing(x, h, Wx, Wh, b):
    return x @ Wx + h @ Wh + b


@mistake("rnn_step", hint=ACTIVATION)
def sigmoid_for_tanh(x, h, Wx, Wh, b):
    return 0.5 * (1 + np.tanh(0.5 * (x @ Wx + h @ Wh + b)))


@mistake("rnn_step", hint=ACTIVATION)
def relu_for_tanh(x, h, Wx, Wh, b):
    return np.maximum(0.0, x @ Wx + h @ Wh + b)


@mistake("rnn_step", hint=ACTIVATION)
def sine_for_tanh(x, h, Wx, Wh, b):
    return np.sin(x @ Wx + h @ Wh + b)


@mistake("rnn_step", hint=INPUT_LOST)
def input_dropped_when_the_state_is_not_zero(x, h, Wx, Wh, b):
    return np.tanh(h @ Wh + b) if np.any(h) else np.tanh(x @ Wx + b)


@mistake("rnn_step", hint=INPUT_LOST)
def input_ignored(x, h, Wx, Wh, b):
    return np.tanh(h @ Wh + b)


@mistake("rnn_step", hint=STATE_LOST)
def state_ignored(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + b)


@mistake(
    "rnn_step", hint="Wh is a full matrix: each unit sees all units of the state, not only itself."
)
def only_the_diagonal_of_the_recurrent_weights(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h * np.diag(Wh) + b)


@mistake(
    "rnn_step",
    hint="The result keeps a part of the old state that the equation does not "
    "keep. What is on the left of the equals sign, and what on the right?",
)
def old_state_added(x, h, Wx, Wh, b):
    return h + np.tanh(x @ Wx + h @ Wh + b)


@mistake("rnn_step", hint=OVER_BATCH)
def state_averaged_over_the_batch(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h.mean(axis=0) @ Wh + b)


@mistake("rnn_step", hint=OVER_BATCH)
def sum_averaged_over_the_batch(x, h, Wx, Wh, b):
    return np.tanh((x @ Wx + h @ Wh + b).mean(axis=0))


@mistake("rnn_step", hint=OVER_BATCH)
def sum_centred_over_the_batch(x, h, Wx, Wh, b):
    a = x @ Wx + h @ Wh + b
    return np.tanh(a - a.mean(axis=0))


@mistake("rnn_step", hint=OVER_BATCH)
def result_averaged_over_the_batch(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b).mean(axis=0)


@mistake(
    "rnn_step",
    hint="Only a part of the batch is computed. Does the answer treat all rows, "
    "however many there are?",
)
def first_row_only(x, h, Wx, Wh, b):
    result = np.zeros_like(h)
    result[0] = np.tanh(x[0] @ Wx + h[0] @ Wh + b)
    return result


@mistake("rnn_step", hint="Rows and columns of the result are exchanged: which axis is the batch?")
def result_transposed(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b).T


@mistake("rnn_step", hint="Only the new state is asked for: one array, not a pair or a list.")
def returns_output_and_state(x, h, Wx, Wh, b):
    new = np.tanh(x @ Wx + h @ Wh + b)
    return new, new


@mistake("rnn_step", hint=IN_PLACE)
def state_changed_in_place(x, h, Wx, Wh, b):
    h[:] = np.tanh(x @ Wx + h @ Wh + b)
    return h


@mistake("rnn_step", hint=IN_PLACE)
def bias_changed_in_place(x, h, Wx, Wh, b):
    b += h[0] @ Wh
    return np.tanh(x @ Wx + b)


@mistake("rnn_step", hint=NO_RETURN)
def step_returns_nothing(x, h, Wx, Wh, b):
    np.tanh(x @ Wx + h @ Wh + b)


@mistake("rnn_step", hint=UNKNOWN_NAME)
def name_of_another_cell_used(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h_prev @ Wh + b)  # noqa: F821


@mistake("rnn_step", hint=SHAPES)
def sizes_hard_coded(x, h, Wx, Wh, b):
    result = np.zeros((20, 30))
    result[:] = np.tanh(x @ Wx + h @ Wh + b).reshape(20, 30)
    return result


@mistake("rnn_step", hint=SHAPES)
def weights_exchanged(x, h, Wx, Wh, b):
    return np.tanh(x @ Wh + h @ Wx + b)


SPECIAL = """The equation is the same for all numbers. Zeros, large states and large inputs are no
special cases, and nothing is bounded but by tanh."""


@mistake("rnn_step", hint=SPECIAL)
def bias_left_out_where_the_state_is_zero(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + (b if h.any() else 0.0))


@mistake("rnn_step", hint=SPECIAL)
def state_kept_where_the_input_is_zero(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b) if x.any() else h


@mistake("rnn_step", hint=SPECIAL)
def state_cut_off_at_one(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + np.clip(h, -1, 1) @ Wh + b)


@mistake("rnn_step", hint=SPECIAL)
def tanh_from_exponentials(x, h, Wx, Wh, b):
    a = x @ Wx + h @ Wh + b
    with np.errstate(over="ignore", invalid="ignore"):
        return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))


# rnn_forward


def _states(step, xs, h, Wx, Wh, b):
    """The right states as a list, for mistakes that lie elsewhere; step is ``rnn_step``."""
    states = []
    for t in range(xs.shape[1]):
        h = step(xs[:, t], h, Wx, Wh, b)
        states.append(h)
    return states


FIRST_STATE = """The first step goes wrong: which state does step 0 start from? Follow the state by
hand through steps 0 and 1; note that index -1 is the last step, not the one before the first."""
CARRY = (
    "Every step after the first needs the state of the step before it. What changes in your loop?"
)
SHIFTED = """The states sit at the wrong steps. hs[:, t] is the state after step t has seen its own
input: try T = 2 by hand."""
ALL_STEPS = (
    "Some steps are missing at the end or at the start. How often does your loop run, from where?"
)
ALL_ROWS = (
    "Only some sequences of the batch are computed. A loop over steps treats all rows at once."
)
WHOLE_SEQUENCE = "Return the states of all steps in one array (B, T, H), and only that."
TIME_AXIS = "The axes of the result are in the wrong order. The batch comes first, then the steps."


@mistake("rnn_forward", hint=FIRST_STATE)
def h0_overwritten_with_zeros(xs, h0, Wx, Wh, b):
    h0[:] = 0.0
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)


@mistake("rnn_forward", hint=FIRST_STATE)
def last_step_read_at_the_first(xs, h0, Wx, Wh, b):
    hs = np.zeros((*xs.shape[:2], h0.shape[1]))
    for t in range(xs.shape[1]):
        hs[:, t] = rnn_step(xs[:, t], hs[:, t - 1], Wx, Wh, b)
    return hs


@mistake("rnn_forward", hint=FIRST_STATE)
def h0_ignored(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, np.zeros_like(h0), Wx, Wh, b), axis=1)


@mistake("rnn_forward", hint=FIRST_STATE)
def starts_from_ones(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, np.ones_like(h0), Wx, Wh, b), axis=1)


@mistake("rnn_forward", hint=CARRY)
def every_step_starts_from_h0(xs, h0, Wx, Wh, b):
    steps = range(xs.shape[1])
    return np.stack([rnn_step(xs[:, t], h0, Wx, Wh, b) for t in steps], axis=1)


@mistake("rnn_forward", hint=CARRY)
def every_step_starts_from_zeros(xs, h0, Wx, Wh, b):
    steps = range(xs.shape[1])
    return np.stack([rnn_step(xs[:, t], 0 * h0, Wx, Wh, b) for t in steps], axis=1)


@mistake("rnn_forward", hint=CARRY)
def state_advanced_twice_a_step(xs, h0, Wx, Wh, b):
    hs, h = [], h0
    for t in range(xs.shape[1]):
        h = rnn_step(xs[:, t], h, Wx, Wh, b)
        h = rnn_step(xs[:, t], h, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs, axis=1)


@mistake(
    "rnn_forward", hint="Each step must see its own input. Which index of xs changes in the loop?"
)
def first_input_at_every_step(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, np.repeat(xs[:, :1], xs.shape[1], 1), h0, Wx, Wh, b), axis=1)


@mistake(
    "rnn_forward",
    hint="The state must go from step to step with all its rows: the rows of a "
    "batch are separate sequences.",
)
def state_of_the_first_row_for_all(xs, h0, Wx, Wh, b):
    hs, h = [], h0
    for t in range(xs.shape[1]):
        h = rnn_step(xs[:, t], np.repeat(h[:1], len(h), axis=0), Wx, Wh, b)
        hs.append(h)
    return np.stack(hs, axis=1)


@mistake("rnn_forward", hint=SHIFTED)
def h0_put_before_the_states(xs, h0, Wx, Wh, b):
    return np.stack([h0, *_states(rnn_step, xs, h0, Wx, Wh, b)[:-1]], axis=1)


@mistake("rnn_forward", hint=SHIFTED)
def h0_stored_as_the_first_state(xs, h0, Wx, Wh, b):
    return np.stack([h0, *_states(rnn_step, xs[:, 1:], h0, Wx, Wh, b)], axis=1)


@mistake("rnn_forward", hint=SHIFTED)
def one_state_too_many(xs, h0, Wx, Wh, b):
    return np.stack([h0, *_states(rnn_step, xs, h0, Wx, Wh, b)], axis=1)


@mistake("rnn_forward", hint=SHIFTED)
def input_of_the_step_before(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, np.roll(xs, 1, axis=1), h0, Wx, Wh, b), axis=1)


@mistake("rnn_forward", hint=SHIFTED)
def input_of_the_step_after(xs, h0, Wx, Wh, b):
    late = np.concatenate([xs[:, 1:], xs[:, -1:]], axis=1)
    return np.stack(_states(rnn_step, late, h0, Wx, Wh, b), axis=1)


@mistake(
    "rnn_forward", hint="The sequence is read from its end. In which order do you visit the steps?"
)
def runs_backwards(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs[:, ::-1], h0, Wx, Wh, b)[::-1], axis=1)


@mistake("rnn_forward", hint="The states come in reverse. In which order do you put them together?")
def states_in_reverse_order(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b)[::-1], axis=1)


@mistake("rnn_forward", hint=ALL_STEPS)
def last_step_left_at_zero(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    hs[:, -1] = 0.0
    return hs


@mistake("rnn_forward", hint=ALL_STEPS)
def last_step_missing(xs, h0, Wx, Wh, b):
    states = _states(rnn_step, xs, h0, Wx, Wh, b)[:-1]
    return np.stack(states, axis=1) if states else np.zeros((len(h0), 0, h0.shape[1]))


@mistake("rnn_forward", hint=ALL_STEPS)
def first_step_skipped(xs, h0, Wx, Wh, b):
    return np.stack([np.zeros_like(h0), *_states(rnn_step, xs[:, 1:], h0, Wx, Wh, b)], axis=1)


@mistake("rnn_forward", hint=ALL_STEPS)
def as_many_steps_as_rows(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    hs[:, len(h0) :] = 0.0
    return hs


@mistake(
    "rnn_forward",
    hint="Each step needs a place of its own in the result: all of them show the same state.",
)
def last_state_at_every_step(xs, h0, Wx, Wh, b):
    states = _states(rnn_step, xs, h0, Wx, Wh, b)
    return np.stack([states[-1]] * len(states), axis=1)


@mistake("rnn_forward", hint=ALL_ROWS)
def first_row_of_the_batch_only(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    hs[1:] = 0.0
    return hs


@mistake("rnn_forward", hint=ALL_ROWS)
def last_row_of_the_batch_missing(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    hs[-1:] = 0.0
    return hs


@mistake("rnn_forward", hint=IN_PLACE)
def h0_and_all_states_are_one_array(xs, h0, Wx, Wh, b):
    states, h = [], h0
    for t in range(xs.shape[1]):
        h[:] = rnn_step(xs[:, t], h, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=1)


@mistake("rnn_forward", hint=IN_PLACE)
def h0_changed_in_place(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    h0[:] = hs[:, -1]
    return hs


@mistake("rnn_forward", hint=IN_PLACE)
def inputs_used_up(xs, h0, Wx, Wh, b):
    hs = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1)
    xs[:] = 0.0
    return hs


@mistake("rnn_forward", hint=BIAS)
def bias_missing_in_the_loop(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, np.zeros_like(b)), axis=1)


@mistake(
    "rnn_forward",
    hint="The loop may call rnn_step instead of writing the equation again: "
    "compare the product with Wh.",
)
def recurrent_weights_transposed_in_the_loop(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh.T, b), axis=1)


@mistake("rnn_forward", hint=SUMMED_LATE)
def states_squashed_again(xs, h0, Wx, Wh, b):
    return np.tanh(np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1))


@mistake(
    "rnn_forward",
    hint="The states are cut to whole numbers. What type of number does the "
    "array that you fill hold?",
)
def states_cut_to_integers(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1).astype(int)


@mistake("rnn_forward", hint=TIME_AXIS)
def time_first(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b))


@mistake("rnn_forward", hint=TIME_AXIS)
def time_last(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=2)


@mistake("rnn_forward", hint=TIME_AXIS)
def reshaped_instead_of_transposed(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, h0, Wx, Wh, b)).reshape(*xs.shape[:2], -1)


@mistake("rnn_forward", hint=WHOLE_SEQUENCE)
def last_state_only(xs, h0, Wx, Wh, b):
    return _states(rnn_step, xs, h0, Wx, Wh, b)[-1]


@mistake("rnn_forward", hint=WHOLE_SEQUENCE)
def returns_states_and_last_state(xs, h0, Wx, Wh, b):
    states = _states(rnn_step, xs, h0, Wx, Wh, b)
    return np.stack(states, axis=1), states[-1]


@mistake("rnn_forward", hint=NO_RETURN)
def forward_returns_nothing(xs, h0, Wx, Wh, b):
    _states(rnn_step, xs, h0, Wx, Wh, b)


@mistake("rnn_forward", hint=UNKNOWN_NAME)
def number_of_steps_from_another_cell(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs[:, :T], h0, Wx, Wh, b), axis=1)  # noqa: F821


@mistake("rnn_forward", hint=SHAPES)
def forward_sizes_hard_coded(xs, h0, Wx, Wh, b):
    hs = np.zeros((20, 30, 40))
    hs[:] = np.stack(_states(rnn_step, xs, h0, Wx, Wh, b), axis=1).reshape(hs.shape)
    return hs


@mistake("rnn_forward", hint=SHAPES)
def states_as_wide_as_the_inputs(xs, h0, Wx, Wh, b):
    hs = np.zeros_like(xs)
    hs[:] = np.stack(
        [h[:, : xs.shape[2] + 1] for h in _states(rnn_step, xs, h0, Wx, Wh, b)], axis=1
    )
    return hs


@mistake("rnn_forward", hint=SPECIAL)
def steps_without_input_skipped(xs, h0, Wx, Wh, b):
    hs, h = np.zeros((*xs.shape[:2], h0.shape[1])), h0
    for t in range(xs.shape[1]):
        h = rnn_step(xs[:, t], h, Wx, Wh, b) if xs[:, t].any() else h
        hs[:, t] = h
    return hs


@mistake("rnn_forward", hint=SPECIAL)
def first_state_cut_off_at_one(xs, h0, Wx, Wh, b):
    return np.stack(_states(rnn_step, xs, np.clip(h0, -1, 1), Wx, Wh, b), axis=1)


# BasicRNNCell: classes are named in words too, because the name is shown as words.

MAKE_ONCE = """The weights have to exist once, before the first step, and be known to the layer.
Which method does Keras call once, with the input shape, and what registers a weight?"""
STATE_SIZE = (
    "state_size tells Keras how wide the state is. How many numbers does each row's state hold?"
)
CELL_STATE_LOST = """The state does not pass from step to step. What becomes of `states` in call,
and of the list that call returns?"""
INPUT_WIDTH = "The width of the input is not known when the layer is made. When does Keras tell it?"
STATES_FORM = (
    "Look at what `states` is: a list or a tuple of one tensor inside keras.layers.RNN, or the "
    "tensor itself."
)
RETURNS = "call has to return two things: the output, and a list with the new state."
WEIGHT_ORDER = """get_weights() lists the weights in the order in which they are added. Compare the
order and the shapes with the docstring."""
TENSORS_ONLY = """Inside a graph, and for gradients, call may only use operations on tensors. Is
there NumPy, or a conversion to NumPy, on the way from the inputs to the output?"""
CELL_ACTIVATION = (
    "Try an activation other than the default. Is the one asked for used, and on the whole sum?"
)
OWN_WORK = """This lesson asks for the cell itself: derive it from keras.layers.Layer and write its
equation."""


def _state(states):
    return states[0] if isinstance(states, list | tuple) else states


@mistake("BasicRNNCell", hint=MAKE_ONCE)
class weights_made_in_call(BasicRNNCell):
    def build(self, input_shape):
        pass

    def call(self, inputs, states):
        super().build(inputs.shape)
        return super().call(inputs, states)


@mistake("BasicRNNCell", hint=MAKE_ONCE)
class weights_drawn_anew_in_call(BasicRNNCell):
    def build(self, input_shape):
        pass

    def call(self, inputs, states):
        self.kernel = keras.random.normal((inputs.shape[-1], self.num_units))
        self.recurrent_kernel = keras.random.normal((self.num_units, self.num_units))
        self.bias = keras.ops.zeros(self.num_units)
        return super().call(inputs, states)


@mistake("BasicRNNCell", hint=MAKE_ONCE)
class weights_are_not_trained(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        self.trainable = False


class _InputsFixed(BasicRNNCell):
    """Makes its weights for a width of input that it does not know."""

    width = 20

    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        super().build((None, self.width or num_units))

    def build(self, input_shape):
        pass


@mistake("BasicRNNCell", hint=INPUT_WIDTH)
class number_of_inputs_hard_coded(_InputsFixed):
    pass


@mistake("BasicRNNCell", hint=INPUT_WIDTH)
class as_many_inputs_as_units(_InputsFixed):
    width = None


@mistake("BasicRNNCell", hint=STATE_SIZE)
class state_size_doubled(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        self.state_size = 2 * num_units


@mistake("BasicRNNCell", hint=STATE_SIZE)
class two_states_declared(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        self.state_size = [num_units, num_units]


@mistake("BasicRNNCell", hint=STATE_SIZE)
class state_size_one(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        self.state_size = 1


@mistake("BasicRNNCell", hint=STATE_SIZE)
class state_size_missing(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        del self.state_size


@mistake("BasicRNNCell", hint="output_size tells how wide the output of one step is.")
class output_size_wrong(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        self.output_size = num_units + 1


@mistake("BasicRNNCell", hint="output_size tells how wide the output of one step is.")
class output_size_missing(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation, **kwargs)
        del self.output_size


@mistake("BasicRNNCell", hint=CELL_STATE_LOST)
class states_ignored(BasicRNNCell):
    def call(self, inputs, states):
        output = self.activation(inputs @ self.kernel + self.bias)
        return output, [output]


@mistake("BasicRNNCell", hint=CELL_STATE_LOST)
class old_state_returned(BasicRNNCell):
    def call(self, inputs, states):
        output, _ = super().call(inputs, states)
        return output, [_state(states)]


@mistake("BasicRNNCell", hint=CELL_STATE_LOST)
class state_before_activation_returned(BasicRNNCell):
    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel + self.bias
        return self.activation(total), [total]


@mistake("BasicRNNCell", hint=STATES_FORM)
class list_of_states_used_as_a_tensor(BasicRNNCell):
    def call(self, inputs, states):
        output = self.activation(
            inputs @ self.kernel + keras.ops.matmul(states, self.recurrent_kernel) + self.bias
        )
        return output, [output]


@mistake("BasicRNNCell", hint=STATES_FORM)
class tuple_of_states_used_as_a_tensor(BasicRNNCell):
    def call(self, inputs, states):
        state = states[0] if isinstance(states, list) else states
        output = self.activation(inputs @ self.kernel + state @ self.recurrent_kernel + self.bias)
        return output, [output]


@mistake("BasicRNNCell", hint=STATES_FORM)
class bare_state_taken_for_a_list(BasicRNNCell):
    def call(self, inputs, states):
        return super().call(inputs, [states[0]])


@mistake("BasicRNNCell", hint=RETURNS)
class output_without_state_returned(BasicRNNCell):
    def call(self, inputs, states):
        return super().call(inputs, states)[0]


@mistake("BasicRNNCell", hint=RETURNS)
class state_before_output_returned(BasicRNNCell):
    def call(self, inputs, states):
        output, states = super().call(inputs, states)
        return states, output


@mistake("BasicRNNCell", hint=RETURNS)
class call_returns_nothing(BasicRNNCell):
    def call(self, inputs, states):
        super().call(inputs, states)


class _Ordered(BasicRNNCell):
    """Adds its weights in another order or shape."""

    order = ("kernel", "recurrent_kernel", "bias")
    transposed = ()

    def build(self, input_shape):
        shapes = {
            "kernel": (input_shape[-1], self.num_units),
            "recurrent_kernel": (self.num_units, self.num_units),
            "bias": (self.num_units,),
        }
        for name in self.order:
            shape = shapes[name][::-1] if name in self.transposed else shapes[name]
            setattr(self, name, self.add_weight(shape=shape, name=name))


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class recurrent_weights_added_first(_Ordered):
    order = ("recurrent_kernel", "kernel", "bias")


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class bias_added_first(_Ordered):
    order = ("bias", "kernel", "recurrent_kernel")


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class bias_added_between(_Ordered):
    order = ("kernel", "bias", "recurrent_kernel")


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class kernel_transposed(_Ordered):
    transposed = ("kernel",)

    def call(self, inputs, states):
        total = inputs @ keras.ops.transpose(self.kernel)
        total = total + _state(states) @ self.recurrent_kernel + self.bias
        return self.activation(total), [self.activation(total)]


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class no_bias_weight(_Ordered):
    order = ("kernel", "recurrent_kernel")

    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel
        return self.activation(total), [self.activation(total)]


@mistake("BasicRNNCell", hint=WEIGHT_ORDER)
class both_kernels_in_one(BasicRNNCell):
    def build(self, input_shape):
        rows = input_shape[-1] + self.num_units
        self.kernel = self.add_weight(shape=(rows, self.num_units), name="kernel")
        self.bias = self.add_weight(shape=(self.num_units,), initializer="zeros", name="bias")

    def call(self, inputs, states):
        joined = keras.ops.concatenate([inputs, _state(states)], axis=1)
        output = self.activation(joined @ self.kernel + self.bias)
        return output, [output]


@mistake("BasicRNNCell", hint=BIAS)
class bias_not_added(BasicRNNCell):
    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel
        return self.activation(total), [self.activation(total)]


@mistake("BasicRNNCell", hint=BIAS)
class recurrent_kernel_transposed(BasicRNNCell):
    def call(self, inputs, states):
        turned = keras.ops.transpose(self.recurrent_kernel)
        output = self.activation(inputs @ self.kernel + _state(states) @ turned + self.bias)
        return output, [output]


@mistake("BasicRNNCell", hint=TENSORS_ONLY)
class numpy_in_call(BasicRNNCell):
    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel + self.bias
        output = self.activation(keras.ops.convert_to_tensor(np.asarray(total)))
        return output, [output]


@mistake("BasicRNNCell", hint=TENSORS_ONLY)
class tensors_turned_into_numpy(BasicRNNCell):
    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel + self.bias
        output = self.activation(keras.ops.convert_to_tensor(total.numpy()))
        return output, [output]


@mistake("BasicRNNCell", hint=TENSORS_ONLY)
class gradient_stopped_at_the_state(BasicRNNCell):
    def call(self, inputs, states):
        return super().call(inputs, keras.ops.stop_gradient(_state(states)))


@mistake("BasicRNNCell", hint=TENSORS_ONLY)
class state_rounded(BasicRNNCell):
    def call(self, inputs, states):
        output, _ = super().call(inputs, states)
        return output, [keras.ops.round(output)]


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class activation_always_tanh(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, "tanh", **kwargs)


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class numpy_tanh_for_any_activation(BasicRNNCell):
    def call(self, inputs, states):
        total = inputs @ self.kernel + _state(states) @ self.recurrent_kernel + self.bias
        output = np.tanh(total)
        return output, [output]


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class no_activation(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, "linear", **kwargs)


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class name_of_the_activation_called(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, **kwargs)
        self.activation = activation


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class sum_of_activations(BasicRNNCell):
    def call(self, inputs, states):
        output = self.activation(inputs @ self.kernel)
        output = output + self.activation(_state(states) @ self.recurrent_kernel + self.bias)
        return output, [output]


@mistake("BasicRNNCell", hint=OWN_WORK)
class cell_of_keras_renamed(keras.layers.SimpleRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, activation=activation, **kwargs)


@mistake("BasicRNNCell", hint=OWN_WORK)
class cell_of_keras_wrapped(keras.layers.Layer):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.cell = keras.layers.SimpleRNNCell(num_units, activation=activation)
        self.state_size = num_units
        self.output_size = num_units

    def build(self, input_shape):
        self.cell.build(input_shape)

    def call(self, inputs, states):
        return self.cell(inputs, [_state(states)])


@mistake("BasicRNNCell", hint=OWN_WORK)
class not_a_layer:
    def __init__(self, num_units, activation="tanh"):
        self.num_units, self.activation = num_units, activation
        self.state_size = self.output_size = num_units


ANY_BATCH = """The number of rows is not known while a model is built, and differs from call to
call. Which operations work on every row without counting them?"""
OWN_START = (
    "With no first state given, Keras's layer starts from zeros, unless a cell says otherwise."
)
NOT_BOUNDED = (
    "Nothing bounds the sum or the state but the activation itself, which may have no bound."
)
SAME_IN_TRAINING = "A step is the same in training as it is afterwards. What in yours is not?"


@mistake("BasicRNNCell", hint=STATES_FORM)
class first_row_of_a_bare_state_for_all(BasicRNNCell):
    def call(self, inputs, states):
        state = keras.ops.broadcast_to(states[0], (inputs.shape[0], self.num_units))
        return super().call(inputs, states if isinstance(states, list | tuple) else [state])


@mistake("BasicRNNCell", hint=CELL_ACTIVATION)
class tanh_or_else_relu(BasicRNNCell):
    def __init__(self, num_units, activation="tanh", **kwargs):
        super().__init__(num_units, "tanh" if activation == "tanh" else "relu", **kwargs)


@mistake("BasicRNNCell", hint=ANY_BATCH)
class loop_over_the_rows(BasicRNNCell):
    def call(self, inputs, states):
        rows = range(inputs.shape[0])
        output, new = super().call(inputs, states)
        return keras.ops.stack([output[row] for row in rows]), new


@mistake("BasicRNNCell", hint=OWN_START)
class first_state_of_ones(BasicRNNCell):
    def get_initial_state(self, batch_size=None):
        return [keras.ops.ones((batch_size, self.num_units))]


@mistake("BasicRNNCell", hint=NOT_BOUNDED)
class output_cut_off_at_one(BasicRNNCell):
    def call(self, inputs, states):
        output, _ = super().call(inputs, states)
        output = keras.ops.clip(output, -1.0, 1.0)
        return output, [output]


@mistake("BasicRNNCell", hint=SAME_IN_TRAINING)
class inputs_dropped_in_training(BasicRNNCell):
    def call(self, inputs, states, training=False):
        return super().call(0.5 * inputs if training else inputs, states)


_SHARED = {}


@mistake("BasicRNNCell", hint=MAKE_ONCE)
class one_set_of_weights_for_all_cells(BasicRNNCell):
    def build(self, input_shape):
        size = input_shape[-1], self.num_units
        if size not in _SHARED:
            super().build(input_shape)
            _SHARED[size] = self.kernel, self.recurrent_kernel, self.bias
        self.kernel, self.recurrent_kernel, self.bias = _SHARED[size]


@mistake("BasicRNNCell", hint="The number of units may be given by its name, num_units.")
class units_by_another_name(BasicRNNCell):
    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, activation, **kwargs)
