"""Known-wrong answers of the lesson ``lstm_cell``, most specific first within an exercise.

Wrong answers use the globals ``sigmoid``, ``lstm_step`` and ``lstm_step_backward`` where right ones
do, and hand them to the helpers: grading replaces them with substitutes, in the mistake only.
"""

import math

import keras
import numpy as np

from solutions.lstm_cell import BasicLSTMCell, lstm_step, lstm_step_backward, sigmoid
from solutions.mistakes import MISTAKES, NO_RETURN, SHAPES, UNKNOWN_NAME, mistake

C_UNBOUNDED = """Large values of c are cut off. h lies between -1 and 1, but nothing in the
equations bounds c: it may grow from step to step."""
TWO_AXES = """A result keeps its axes even where an axis has the size 1. Try a single row with a
single unit, and look for squeeze, ravel, item and the like."""
IN_PLACE = """An argument is different after the call than before. Look for +=, *= or an assignment
into an argument: they write into the caller's array."""


# sigmoid

OVERFLOW = """The values are right, or nearly, but exp of a large number overflows on the way. Which
sign does the exponent have for very negative and for very positive x? Note that np.where computes
both of its branches."""
SQUASH = """The curve has the wrong place or steepness. What must it be at x = 0, and where does it
tend for large x of either sign?"""
SHAPE_OF_X = (
    "x may be a float or an array with any number of axes. Which of these fails, and where?"
)


@mistake("sigmoid", hint=OVERFLOW)
def exponential_of_minus_x(x):
    return 1.0 / (1.0 + np.exp(-np.asarray(x)))


@mistake("sigmoid", hint=OVERFLOW)
def both_branches_of_where_computed(x):
    x = np.asarray(x)
    return np.where(x >= 0, 1.0 / (1.0 + np.exp(-x)), np.exp(x) / (1.0 + np.exp(x)))


@mistake("sigmoid", hint=OVERFLOW)
def exponential_over_one_plus_exponential(x):
    return np.exp(x) / (1.0 + np.exp(x))


@mistake("sigmoid", hint=OVERFLOW)
def infinities_replaced(x):
    return np.nan_to_num(np.exp(x) / (1.0 + np.exp(x)), nan=1.0)


@mistake("sigmoid", hint=SQUASH)
def sign_of_x_wrong(x):
    return 0.5 * (1.0 - np.tanh(0.5 * np.asarray(x)))


@mistake("sigmoid", hint=SQUASH)
def tanh_itself(x):
    return np.tanh(x)


@mistake("sigmoid", hint=SQUASH)
def tanh_of_half_x(x):
    return np.tanh(0.5 * np.asarray(x))


@mistake("sigmoid", hint=SQUASH)
def twice_too_steep(x):
    return 0.5 * (1.0 + np.tanh(x))


@mistake("sigmoid", hint=SQUASH)
def half_as_steep(x):
    return 0.5 * (1.0 + np.tanh(0.25 * np.asarray(x)))


@mistake("sigmoid", hint=SQUASH)
def tanh_not_halved(x):
    return 1.0 + np.tanh(0.5 * np.asarray(x))


@mistake("sigmoid", hint=SQUASH)
def size_of_x_only(x):
    return 0.5 * (1.0 + np.tanh(0.5 * np.abs(x)))


@mistake("sigmoid", hint=SQUASH)
def straight_line_cut_off(x):
    return np.clip(0.2 * np.asarray(x) + 0.5, 0.0, 1.0)


@mistake("sigmoid", hint=SQUASH)
def x_clipped_too_early(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -3.0, 3.0)))


@mistake("sigmoid", hint=SQUASH)
def rounded_to_zero_or_one(x):
    return np.where(np.asarray(x) > 0, 1.0, 0.0)


@mistake("sigmoid", hint=SQUASH)
def derivative_returned(x):
    s = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))
    return s * (1.0 - s)


@mistake(
    "sigmoid", hint="Each number is squashed by itself: nothing is divided by a sum over others."
)
def softmax_for_sigmoid(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


@mistake("sigmoid", hint=IN_PLACE)
def x_changed_in_place(x):
    x *= 0.5
    return 0.5 * (1.0 + np.tanh(x))


@mistake("sigmoid", hint=SHAPE_OF_X)
def floats_only(x):
    return 0.5 * (1.0 + math.tanh(0.5 * x))


@mistake("sigmoid", hint=SHAPE_OF_X)
def arrays_only(x):
    result = np.empty(x.shape)
    result[...] = 0.5 * (1.0 + np.tanh(0.5 * x))
    return result


@mistake("sigmoid", hint=SHAPE_OF_X)
def one_axis_added(x):
    return 0.5 * (1.0 + np.tanh(0.5 * np.atleast_1d(x)))


@mistake("sigmoid", hint=SHAPE_OF_X)
def axes_of_one_entry_removed(x):
    return np.squeeze(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x))))


@mistake("sigmoid", hint=SHAPE_OF_X)
def a_float_for_one_entry(x):
    s = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))
    return float(s.item()) if s.size == 1 else s


@mistake("sigmoid", hint=SHAPE_OF_X)
def an_if_on_an_array(x):
    if x >= 0:
        return 1.0 / (1.0 + np.exp(-x))
    return np.exp(x) / (1.0 + np.exp(x))


@mistake("sigmoid", hint=NO_RETURN)
def sigmoid_returns_nothing(x):
    np.tanh(x)


# lstm_step

BLOCKS = """The four blocks of columns are taken for the wrong gates. In which order do the columns
of Wx, Wh and b hold i, f, g and o?"""
CANDIDATE = "Compare which function squashes each of the four blocks: one of them is not a gate."
OUTPUT = "c' is right and h' is not. Compare the last equation: what is gated, and from which c?"
MEMORY = """c' departs from its equation. It is a sum of two products: what does each gate multiply,
and which c is it, the old or the new?"""
SUM = "The four pre-activations are wrong. Compare the sum with the equation, term by term."
PAIR = "The result is a pair, (h', c'), in this order, each of shape (B, H)."


def _blocks(x, h, Wx, Wh, b):
    """The right pre-activations, for mistakes that lie elsewhere."""
    return np.split(x @ Wx + h @ Wh + b, 4, axis=1)


def _states(gate, zi, zf, zg, zo, c):
    """The right states, for mistakes in the pre-activations; gate is ``sigmoid``."""
    c = gate(zf) * c + gate(zi) * np.tanh(zg)
    return gate(zo) * np.tanh(c), c


def _step(gate, x, h, c, Wx, Wh, b):
    """The right step."""
    return _states(gate, *_blocks(x, h, Wx, Wh, b), c)


def _in_order(order):
    """An answer that takes the blocks to lie in another order."""

    def answer(x, h, c, Wx, Wh, b):
        blocks = dict(zip(order, _blocks(x, h, Wx, Wh, b), strict=True))
        return _states(sigmoid, *(blocks[name] for name in "ifgo"), c)

    return answer


for _order, _name in {
    "figo": "i_and_f_swapped",
    "igfo": "order_i_g_f_o_of_the_book",
    "ifog": "order_i_f_o_g",
    "fiog": "order_f_i_o_g",
    "gifo": "order_g_i_f_o",
    "ofgi": "order_o_f_g_i",
    "oifg": "order_o_i_f_g",
    "ogfi": "order_o_g_f_i",
    "fgio": "order_f_g_i_o",
    "iofg": "order_i_o_f_g",
}.items():
    _answer = _in_order(_order)
    _answer.__name__ = _name
    mistake("lstm_step", hint=BLOCKS)(_answer)


@mistake("lstm_step", hint=BLOCKS)
def blocks_interleaved(x, h, c, Wx, Wh, b):
    z = (x @ Wx + h @ Wh + b).reshape(*c.shape, 4)
    return _states(sigmoid, *np.moveaxis(z, 2, 0), c)


@mistake("lstm_step", hint=CANDIDATE)
def sigmoid_on_the_candidate(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c = sigmoid(zf) * c + sigmoid(zi) * sigmoid(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("lstm_step", hint=CANDIDATE)
def candidate_not_squashed(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c = sigmoid(zf) * c + sigmoid(zi) * zg
    return sigmoid(zo) * np.tanh(c), c


@mistake("lstm_step", hint=CANDIDATE)
def tanh_on_every_block(x, h, c, Wx, Wh, b):
    i, f, g, o = (np.tanh(z) for z in _blocks(x, h, Wx, Wh, b))
    c = f * c + i * g
    return o * np.tanh(c), c


@mistake("lstm_step", hint=CANDIDATE)
def gates_not_squashed(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c = zf * c + zi * np.tanh(zg)
    return zo * np.tanh(c), c


@mistake("lstm_step", hint=OUTPUT)
def tanh_missing_in_the_output(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return sigmoid(_blocks(x, h, Wx, Wh, b)[3]) * c_new, c_new


@mistake("lstm_step", hint=OUTPUT)
def sigmoid_for_tanh_in_the_output(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return sigmoid(_blocks(x, h, Wx, Wh, b)[3]) * sigmoid(c_new), c_new


@mistake("lstm_step", hint=OUTPUT)
def output_from_the_old_c(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return sigmoid(_blocks(x, h, Wx, Wh, b)[3]) * np.tanh(c), c_new


@mistake("lstm_step", hint=OUTPUT)
def output_gate_missing(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return np.tanh(c_new), c_new


@mistake("lstm_step", hint=OUTPUT)
def output_gate_inside_the_tanh(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return np.tanh(sigmoid(_blocks(x, h, Wx, Wh, b)[3]) * c_new), c_new


@mistake("lstm_step", hint=OUTPUT)
def output_gate_without_sigmoid(x, h, c, Wx, Wh, b):
    _, c_new = _step(sigmoid, x, h, c, Wx, Wh, b)
    return _blocks(x, h, Wx, Wh, b)[3] * np.tanh(c_new), c_new


def _with_memory(rule):
    """An answer whose c' follows another rule of (i, f, g, c)."""

    def answer(x, h, c, Wx, Wh, b):
        zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
        c_new = rule(sigmoid(zi), sigmoid(zf), np.tanh(zg), c)
        return sigmoid(zo) * np.tanh(c_new), c_new

    answer.__name__ = rule.__name__
    return answer


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def old_c_ignored(i, f, g, c):
    return i * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def forget_gate_missing(i, f, g, c):
    return c + i * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def input_gate_missing(i, f, g, c):
    return f * c + g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def both_gates_missing(i, f, g, c):
    return c + g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def candidate_missing(i, f, g, c):
    return f * c + i


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def forget_gate_turned_around(i, f, g, c):
    return (1.0 - f) * c + i * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def input_gate_tied_to_the_forget_gate(i, f, g, c):
    return f * c + (1.0 - f) * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def forget_gate_tied_to_the_input_gate(i, f, g, c):
    return (1.0 - i) * c + i * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def sum_before_the_forget_gate(i, f, g, c):
    return f * (c + i * g)


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def old_c_squashed(i, f, g, c):
    return f * np.tanh(c) + i * g


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def new_c_squashed(i, f, g, c):
    return np.tanh(f * c + i * g)


@mistake("lstm_step", hint=MEMORY)
@_with_memory
def products_multiplied(i, f, g, c):
    return f * c * i * g


@mistake("lstm_step", hint=SUM)
def bias_missing(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h, c, Wx, Wh, np.zeros_like(b))


@mistake("lstm_step", hint=SUM)
def old_h_ignored(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, np.zeros_like(h), c, Wx, Wh, b)


@mistake("lstm_step", hint=SUM)
def input_ignored(x, h, c, Wx, Wh, b):
    return _step(sigmoid, np.zeros_like(x), h, c, Wx, Wh, b)


@mistake("lstm_step", hint=SUM)
def c_multiplied_with_the_recurrent_weights(x, h, c, Wx, Wh, b):
    return _states(sigmoid, *_blocks(x, c, Wx, Wh, b), c)


@mistake("lstm_step", hint=SUM)
def pre_activations_squashed_first(x, h, c, Wx, Wh, b):
    return _states(sigmoid, *(np.tanh(z) for z in _blocks(x, h, Wx, Wh, b)), c)


@mistake("lstm_step", hint=SUM)
def concatenated_in_another_order_than_the_weights(x, h, c, Wx, Wh, b):
    z = np.concatenate([h, x], axis=1) @ np.concatenate([Wx, Wh]) + b
    return _states(sigmoid, *np.split(z, 4, axis=1), c)


@mistake(
    "lstm_step", hint="The forget gate has a term too many. Nothing but b is added to it here."
)
def one_added_to_the_forget_gate(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return _states(sigmoid, zi, zf + 1.0, zg, zo, c)


@mistake(
    "lstm_step",
    hint="The rows of a batch must not know of each other. Along which axis do you "
    "average or take a single row?",
)
def states_averaged_over_the_batch(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, np.repeat(h.mean(axis=0, keepdims=True), len(h), 0), c, Wx, Wh, b)


@mistake("lstm_step", hint=PAIR)
def h_and_c_swapped(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h, c, Wx, Wh, b)[::-1]


@mistake("lstm_step", hint=PAIR)
def h_and_c_swapped_at_the_entrance(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, c, h, Wx, Wh, b)


@mistake("lstm_step", hint=PAIR)
def h_returned_twice(x, h, c, Wx, Wh, b):
    h, _ = _step(sigmoid, x, h, c, Wx, Wh, b)
    return h, h


@mistake("lstm_step", hint=PAIR)
def old_c_returned(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h, c, Wx, Wh, b)[0], c


@mistake("lstm_step", hint=PAIR)
def new_h_only(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h, c, Wx, Wh, b)[0]


@mistake("lstm_step", hint=PAIR)
def output_and_list_of_states(x, h, c, Wx, Wh, b):
    h, c = _step(sigmoid, x, h, c, Wx, Wh, b)
    return h, [h, c]


@mistake("lstm_step", hint=PAIR)
def one_joined_array(x, h, c, Wx, Wh, b):
    return np.concatenate(_step(sigmoid, x, h, c, Wx, Wh, b), axis=1)


@mistake("lstm_step", hint=IN_PLACE)
def old_c_changed_in_place(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c *= sigmoid(zf)
    c += sigmoid(zi) * np.tanh(zg)
    return sigmoid(zo) * np.tanh(c), c


@mistake("lstm_step", hint=C_UNBOUNDED)
def new_memory_clipped(x, h, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    c = np.clip(sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg), -3.0, 3.0)
    return sigmoid(zo) * np.tanh(c), c


@mistake("lstm_step", hint=C_UNBOUNDED)
def old_memory_clipped(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h, np.clip(c, -3.0, 3.0), Wx, Wh, b)


@mistake("lstm_step", hint=TWO_AXES)
def axes_of_one_number_removed(x, h, c, Wx, Wh, b):
    h, c = _step(sigmoid, x, h, c, Wx, Wh, b)
    return (h.ravel(), c.ravel()) if c.size == 1 else (h, c)


@mistake("lstm_step", hint=IN_PLACE)
def both_states_changed_in_place(x, h, c, Wx, Wh, b):
    h[:], c[:] = _step(sigmoid, x, h, c, Wx, Wh, b)
    return h, c


@mistake("lstm_step", hint=NO_RETURN)
def step_returns_nothing(x, h, c, Wx, Wh, b):
    _step(sigmoid, x, h, c, Wx, Wh, b)


@mistake("lstm_step", hint=UNKNOWN_NAME)
def name_of_another_cell_used(x, h, c, Wx, Wh, b):
    return _step(sigmoid, x, h_prev, c, Wx, Wh, b)  # noqa: F821


@mistake("lstm_step", hint=SHAPES)
def number_of_units_hard_coded(x, h, c, Wx, Wh, b):
    z = (x @ Wx + h @ Wh + b).reshape(-1, 4 * 50)
    return _states(sigmoid, z[:, :50], z[:, 50:100], z[:, 100:150], z[:, 150:], c.reshape(-1, 50))


@mistake("lstm_step", hint=SHAPES)
def split_along_the_batch(x, h, c, Wx, Wh, b):
    return _states(sigmoid, *np.split(x @ Wx + h @ Wh + b, 4), c[:, :1].repeat(len(b) + 1, 1))


# lstm_forward

FIRST_STATE = """The first step goes wrong: which h and which c does step 0 start from? Follow both
by hand through steps 0 and 1; note that index -1 is the last step, not the one before the first."""
CARRY = (
    "Both states have to travel from each step to the next. Which one does your loop leave behind?"
)
BOTH = "Keep h and c apart, in the order (h, c), in the call, in what it returns and in the result."
SHIFTED = """The states sit at the wrong steps. hs[:, t] and cs[:, t] are the states after step t
has seen its own input: try T = 2 by hand."""
ALL_STEPS = (
    "Some steps are missing at the end or the start. How often does your loop run, from where?"
)
ALL_ROWS = (
    "Only some sequences of the batch are computed. A loop over steps treats all rows at once."
)
TIME_AXIS = "The axes of the result are in the wrong order. The batch comes first, then the steps."
WHOLE_SEQUENCE = "Return two arrays (B, T, H), the h and the c of all steps, and only those."
SAME_ARRAY = """Two results, or all steps, share one array, so that the last writing wins. Does
every result have an array of its own?"""


def _run(step, xs, h, c, *weights):
    """The right states of all steps as two lists; step is ``lstm_step``."""
    hs, cs = [], []
    for t in range(xs.shape[1]):
        h, c = step(xs[:, t], h, c, *weights)
        hs.append(h)
        cs.append(c)
    return hs, cs


def _sequences(step, xs, h0, c0, *weights):
    """The right hs and cs, for mistakes that lie elsewhere."""
    hs, cs = _run(step, xs, h0, c0, *weights)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


@mistake("lstm_forward", hint=FIRST_STATE)
def c0_ignored(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, h0, np.zeros_like(c0), Wx, Wh, b)


@mistake("lstm_forward", hint=FIRST_STATE)
def h0_ignored(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, np.zeros_like(h0), c0, Wx, Wh, b)


@mistake("lstm_forward", hint=FIRST_STATE)
def last_step_read_at_the_first(xs, h0, c0, Wx, Wh, b):
    hs = np.zeros((*xs.shape[:2], h0.shape[1]))
    cs = np.zeros_like(hs)
    for t in range(xs.shape[1]):
        hs[:, t], cs[:, t] = lstm_step(xs[:, t], hs[:, t - 1], cs[:, t - 1], Wx, Wh, b)
    return hs, cs


@mistake("lstm_forward", hint=FIRST_STATE)
def both_initial_states_ignored(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, np.zeros_like(h0), np.zeros_like(c0), Wx, Wh, b)


@mistake("lstm_forward", hint=FIRST_STATE)
def c0_taken_from_h0(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, h0, h0, Wx, Wh, b)


def _carried(carry):
    """An answer that enters each step with ``carry(h, c, h0, c0)``."""

    def answer(xs, h0, c0, Wx, Wh, b):
        hs, cs, h, c = [], [], h0, c0
        for t in range(xs.shape[1]):
            h, c = lstm_step(xs[:, t], *carry(h, c, h0, c0), Wx, Wh, b)
            hs.append(h)
            cs.append(c)
        return np.stack(hs, axis=1), np.stack(cs, axis=1)

    answer.__name__ = carry.__name__
    return answer


@mistake("lstm_forward", hint=CARRY)
@_carried
def c_not_carried(h, c, h0, c0):
    return h, c0


@mistake("lstm_forward", hint=CARRY)
@_carried
def h_not_carried(h, c, h0, c0):
    return h0, c


@mistake("lstm_forward", hint=CARRY)
@_carried
def no_state_carried(h, c, h0, c0):
    return h0, c0


@mistake("lstm_forward", hint=CARRY)
@_carried
def c_always_zero(h, c, h0, c0):
    return h, np.zeros_like(c)


@mistake("lstm_forward", hint=CARRY)
@_carried
def state_of_the_first_row_for_all(h, c, h0, c0):
    return np.repeat(h[:1], len(h), 0), np.repeat(c[:1], len(c), 0)


@mistake("lstm_forward", hint=CARRY)
def states_advanced_twice_a_step(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, np.repeat(xs, 2, axis=1), h0, c0, Wx, Wh, b)
    return hs[:, 1::2], cs[:, 1::2]


@mistake("lstm_forward", hint=BOTH)
@_carried
def h_and_c_swapped_between_steps(h, c, h0, c0):
    return c, h


@mistake("lstm_forward", hint=BOTH)
def h0_and_c0_swapped(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, c0, h0, Wx, Wh, b)


@mistake("lstm_forward", hint=BOTH)
def hs_and_cs_swapped(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)[::-1]


@mistake("lstm_forward", hint=BOTH)
def results_of_the_step_unpacked_in_the_wrong_order(xs, h0, c0, Wx, Wh, b):
    hs, cs, h, c = [], [], h0, c0
    for t in range(xs.shape[1]):
        c, h = lstm_step(xs[:, t], h, c, Wx, Wh, b)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


@mistake("lstm_forward", hint=SAME_ARRAY)
def hs_returned_twice(xs, h0, c0, Wx, Wh, b):
    hs, _ = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs, hs


@mistake("lstm_forward", hint=SAME_ARRAY)
def hs_and_cs_one_array(xs, h0, c0, Wx, Wh, b):
    _, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return cs, cs


@mistake("lstm_forward", hint=SAME_ARRAY)
def last_states_at_every_step(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    steps = xs.shape[1]
    return np.repeat(hs[:, -1:], steps, 1), np.repeat(cs[:, -1:], steps, 1)


@mistake("lstm_forward", hint=SHIFTED)
def initial_states_put_before_the_others(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return np.stack([h0, *hs[:-1]], axis=1), np.stack([c0, *cs[:-1]], axis=1)


@mistake("lstm_forward", hint=SHIFTED)
def initial_states_stored_at_the_first_step(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs[:, 1:], h0, c0, Wx, Wh, b)
    return np.stack([h0, *hs], axis=1), np.stack([c0, *cs], axis=1)


@mistake("lstm_forward", hint=SHIFTED)
def one_state_too_many(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return np.stack([h0, *hs], axis=1), np.stack([c0, *cs], axis=1)


@mistake("lstm_forward", hint=SHIFTED)
def cs_before_the_step(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return np.stack(hs, axis=1), np.stack([c0, *cs[:-1]], axis=1)


@mistake("lstm_forward", hint=SHIFTED)
def input_of_the_step_before(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, np.roll(xs, 1, axis=1), h0, c0, Wx, Wh, b)


@mistake(
    "lstm_forward", hint="Each step must see its own input. Which index of xs changes in the loop?"
)
def first_input_at_every_step(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, np.repeat(xs[:, :1], xs.shape[1], 1), h0, c0, Wx, Wh, b)


@mistake(
    "lstm_forward", hint="The sequence is read from its end. In which order do you visit the steps?"
)
def runs_backwards(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs[:, ::-1], h0, c0, Wx, Wh, b)
    return hs[:, ::-1], cs[:, ::-1]


@mistake(
    "lstm_forward", hint="The states come in reverse. In which order do you put them together?"
)
def states_in_reverse_order(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs[:, ::-1], cs[:, ::-1]


@mistake("lstm_forward", hint=ALL_STEPS)
def last_step_left_at_zero(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    hs[:, -1] = cs[:, -1] = 0.0
    return hs, cs


@mistake("lstm_forward", hint=ALL_STEPS)
def last_step_missing(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs[:, :-1], cs[:, :-1]


@mistake("lstm_forward", hint=ALL_STEPS)
def first_step_skipped(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs[:, 1:], h0, c0, Wx, Wh, b)
    gap = np.zeros_like(h0)
    return np.stack([gap, *hs], axis=1), np.stack([gap, *cs], axis=1)


@mistake("lstm_forward", hint=ALL_STEPS)
def cs_never_filled(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs, np.zeros_like(cs)


@mistake("lstm_forward", hint=ALL_ROWS)
def first_row_only(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    hs[1:], cs[1:] = 0.0, 0.0
    return hs, cs


@mistake("lstm_forward", hint=ALL_ROWS)
def last_row_missing(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    hs[-1:], cs[-1:] = 0.0, 0.0
    return hs, cs


@mistake("lstm_forward", hint=C_UNBOUNDED)
@_carried
def memory_clipped_before_each_step(h, c, h0, c0):
    return h, np.clip(c, -3.0, 3.0)


@mistake("lstm_forward", hint=ALL_STEPS)
def steps_after_thirty_left_at_zero(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    hs[:, 30:] = 0.0
    return hs, cs


@mistake("lstm_forward", hint=IN_PLACE)
def initial_states_changed_in_place(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    h0[:], c0[:] = hs[:, -1], cs[:, -1]
    return hs, cs


@mistake("lstm_forward", hint=IN_PLACE)
def c0_changed_in_place(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    c0[:] = cs[:, -1]
    return hs, cs


@mistake("lstm_forward", hint=IN_PLACE)
def inputs_used_up(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    xs[:] = 0.0
    return hs, cs


@mistake("lstm_forward", hint=TIME_AXIS)
def time_first(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return np.stack(hs), np.stack(cs)


@mistake("lstm_forward", hint=TIME_AXIS)
def reshaped_instead_of_transposed(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    shape = (*xs.shape[:2], -1)
    return np.stack(hs).reshape(shape), np.stack(cs).reshape(shape)


@mistake("lstm_forward", hint=WHOLE_SEQUENCE)
def last_states_only(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs[-1], cs[-1]


@mistake("lstm_forward", hint=WHOLE_SEQUENCE)
def all_h_and_the_last_c(xs, h0, c0, Wx, Wh, b):
    hs, cs = _run(lstm_step, xs, h0, c0, Wx, Wh, b)
    return np.stack(hs, axis=1), cs[-1]


@mistake("lstm_forward", hint=WHOLE_SEQUENCE)
def hs_only(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)[0]


@mistake("lstm_forward", hint=WHOLE_SEQUENCE)
def returns_sequences_and_last_states(xs, h0, c0, Wx, Wh, b):
    hs, cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs, hs[:, -1], cs[:, -1]


@mistake("lstm_forward", hint=NO_RETURN)
def forward_returns_nothing(xs, h0, c0, Wx, Wh, b):
    _run(lstm_step, xs, h0, c0, Wx, Wh, b)


@mistake("lstm_forward", hint=UNKNOWN_NAME)
def number_of_steps_from_another_cell(xs, h0, c0, Wx, Wh, b):
    return _sequences(lstm_step, xs[:, :T], h0, c0, Wx, Wh, b)  # noqa: F821


@mistake("lstm_forward", hint=SHAPES)
def states_as_wide_as_the_gates(xs, h0, c0, Wx, Wh, b):
    hs = np.zeros((*xs.shape[:2], len(b)))
    for t, h in enumerate(_run(lstm_step, xs, h0, c0, Wx, Wh, b)[0]):
        hs[:, t] = np.concatenate([h, h], axis=1)
    return hs, hs


@mistake("lstm_forward", hint=SHAPES)
def sizes_hard_coded(xs, h0, c0, Wx, Wh, b):
    hs = np.zeros((20, 30, 40))
    hs[:], cs = _sequences(lstm_step, xs, h0, c0, Wx, Wh, b)
    return hs, cs


# lstm_step_backward

THROUGH_H = """dc and dh both lead to c: dc straight, dh through h' = o * tanh(c'). Look at how the
whole gradient of c' is put together before anything else uses it."""
GATE_SLOPE = """One of the gates' pre-activations has the wrong slope. What is the derivative of
the sigmoid, and what that of tanh, each written with its own value?"""
GATE_PARTNER = """The gradient of a factor is the gradient of the product times the other factor.
Go through c' = f * c + i * g and h' = o * tanh(c') and name the other factor of each gate."""
OLD_C = """The memory takes part in two places: as c_prev, which f multiplies, and as c, which goes
through tanh. Compare which of the two each of your lines uses."""
C_BACK = """Only one road leads from c' back to c_prev. What stands on it in c' = f * c + i * g,
and which gradient of c' travels along it?"""
GATE_LEFT_OUT = """Some of the four blocks do not reach dx, dh_prev or the weights. All 4H columns
of dz take part in each of the products."""
BACK_PRODUCTS = """dz is right and what is made of it is not. Write the shapes of dz, Wx, Wh, x and
h_prev under each product, and compare which transpose gives the shape wanted."""
BIAS_GRADIENT = """Every row of the batch used the same bias. What does that mean for the sum over
rows, and which shape has db?"""
BACK_BLOCKS = """The four blocks of dz lie in another order than the columns of Wx, Wh and b, or
were cut in another order."""
BACK_ORDER = """The result is six arrays in the order dx, dh_prev, dc_prev, dWx, dWh, db. Compare
what stands where."""


def _gates_of(gate, x, h, Wx, Wh, b):
    """The right i, f, g, o; gate is ``sigmoid``."""
    zi, zf, zg, zo = _blocks(x, h, Wx, Wh, b)
    return gate(zi), gate(zf), np.tanh(zg), gate(zo)


def _from_dz(dz, dc_prev, x, h_prev, Wx, Wh):
    """The right six gradients, for mistakes in dz."""
    return dz @ Wx.T, dz @ Wh.T, dc_prev, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)


def _dz(i, f, g, o, dc_whole, dh, c_prev, shown):
    """The right gradients of the four pre-activations; shown is tanh(c)."""
    return [
        dc_whole * g * i * (1 - i),
        dc_whole * c_prev * f * (1 - f),
        dc_whole * i * (1 - g**2),
        dh * shown * o * (1 - o),
    ]


def _through(dh, o, shown):
    return dh * o * (1 - shown**2)


def _right_backward(gate, dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    """The right six gradients."""
    i, f, g, o = _gates_of(gate, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


BOUNDED = """Large numbers are bounded. A gradient is what the equation gives, whatever its size; to
clip it is another step, which is not asked for here."""


@mistake("lstm_step_backward", hint=BOUNDED)
def gradients_clipped_to_five(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    found = _right_backward(sigmoid, dh, dc, x, h_prev, c_prev, c, Wx, Wh, b)
    return tuple(np.clip(g, -5.0, 5.0) for g in found)


@mistake("lstm_step_backward", hint=TWO_AXES)
def axes_of_one_number_removed_from_the_gradients(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    found = _right_backward(sigmoid, dh, dc, x, h_prev, c_prev, c, Wx, Wh, b)
    return tuple(g.squeeze() if g.shape == (1, 1) else g for g in found)


def _with_whole(rule):
    """An answer whose whole gradient of c' follows another rule of (dh, dc, o, shown, c_prev)."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = rule(dh, dc, o, np.tanh(c), c_prev)
        dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
        return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)

    answer.__name__ = rule.__name__
    return answer


def _with_slopes(rule):
    """An answer whose four blocks follow another rule of what ``_dz`` takes."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = dc + _through(dh, o, np.tanh(c))
        dz = np.concatenate(rule(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
        return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)

    answer.__name__ = rule.__name__
    return answer


def _with_end(rule):
    """An answer with the right dz and dc_prev and another end (dz, dc_prev, x, h_prev, Wx, Wh)."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = dc + _through(dh, o, np.tanh(c))
        dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
        return rule(dz, whole * f, x, h_prev, Wx, Wh)

    answer.__name__ = rule.__name__
    return answer


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def gradient_of_h_does_not_reach_c(dh, dc, o, shown, c_prev):
    return dc


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def dc_ignored(dh, dc, o, shown, c_prev):
    return _through(dh, o, shown)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def way_through_h_counted_twice(dh, dc, o, shown, c_prev):
    return dc + 2 * _through(dh, o, shown)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def gradients_of_h_and_c_added(dh, dc, o, shown, c_prev):
    return dc + dh


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def slope_of_tanh_missing_on_the_way_through_h(dh, dc, o, shown, c_prev):
    return dc + dh * o


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def output_gate_missing_on_the_way_through_h(dh, dc, o, shown, c_prev):
    return dc + dh * (1 - shown**2)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def tanh_for_its_slope_on_the_way_through_h(dh, dc, o, shown, c_prev):
    return dc + dh * o * shown


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def square_missing_in_the_slope_of_tanh(dh, dc, o, shown, c_prev):
    return dc + dh * o * (1 - shown)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def dc_sent_through_tanh_too(dh, dc, o, shown, c_prev):
    return (dc + dh * o) * (1 - shown**2)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def dc_times_the_output_gate(dh, dc, o, shown, c_prev):
    return (dc + dh) * o * (1 - shown**2)


@mistake("lstm_step_backward", hint=THROUGH_H)
@_with_whole
def dc_subtracted(dh, dc, o, shown, c_prev):
    return _through(dh, o, shown) - dc


@mistake("lstm_step_backward", hint=OLD_C)
@_with_whole
def slope_of_tanh_at_the_old_c(dh, dc, o, shown, c_prev):
    return dc + _through(dh, o, np.tanh(c_prev))


@mistake("lstm_step_backward", hint=OLD_C)
@_with_whole
def slope_of_tanh_without_tanh(dh, dc, o, shown, c_prev):
    return dc + dh * o * (1 - np.arctanh(shown) ** 2)


@mistake("lstm_step_backward", hint=THROUGH_H)
def gates_see_dc_only(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    dz = np.concatenate(_dz(i, f, g, o, dc, dh, c_prev, np.tanh(c)), axis=1)
    return _from_dz(dz, (dc + _through(dh, o, np.tanh(c))) * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=OLD_C)
def forget_gate_sees_the_new_c(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c, np.tanh(c)), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=OLD_C)
def output_gate_sees_the_old_c(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c_prev)), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=OLD_C)
def new_and_old_c_exchanged(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c_prev))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c, np.tanh(c_prev)), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


def _without_slopes(gates):
    """An answer in which the sigmoids of some gates have no slope."""

    def rule(i, f, g, o, whole, dh, c_prev, shown):
        bare = dict(zip("ifo", (whole * g, whole * c_prev, dh * shown), strict=True))
        right = dict(zip("ifgo", _dz(i, f, g, o, whole, dh, c_prev, shown), strict=True))
        return [bare[name] if name in gates else right[name] for name in "ifgo"]

    return _with_slopes(rule)


for _gates in ("ifo", "if", "io", "fo", "i", "f", "o"):
    _answer = _without_slopes(_gates)
    _answer.__name__ = "no_slope_of_the_sigmoid_at_" + "_and_".join(_gates)
    mistake("lstm_step_backward", hint=GATE_SLOPE)(_answer)


@mistake("lstm_step_backward", hint=GATE_SLOPE)
@_with_slopes
def slope_of_the_candidate_missing(i, f, g, o, whole, dh, c_prev, shown):
    zi, zf, _, zo = _dz(i, f, g, o, whole, dh, c_prev, shown)
    return zi, zf, whole * i, zo


@mistake("lstm_step_backward", hint=GATE_SLOPE)
@_with_slopes
def slope_of_the_sigmoid_on_the_candidate(i, f, g, o, whole, dh, c_prev, shown):
    zi, zf, _, zo = _dz(i, f, g, o, whole, dh, c_prev, shown)
    return zi, zf, whole * i * g * (1 - g), zo


@mistake("lstm_step_backward", hint=GATE_SLOPE)
@_with_slopes
def slope_of_tanh_on_the_gates(i, f, g, o, whole, dh, c_prev, shown):
    zg = whole * i * (1 - g**2)
    gates = whole * g * (1 - i**2), whole * c_prev * (1 - f**2)
    return *gates, zg, dh * shown * (1 - o**2)


@mistake("lstm_step_backward", hint=GATE_SLOPE)
@_with_slopes
def one_minus_the_gate_for_its_slope(i, f, g, o, whole, dh, c_prev, shown):
    zg = whole * i * (1 - g**2)
    return whole * g * (1 - i), whole * c_prev * (1 - f), zg, dh * shown * (1 - o)


@mistake("lstm_step_backward", hint=GATE_SLOPE)
@_with_slopes
def square_missing_in_the_slope_of_the_candidate(i, f, g, o, whole, dh, c_prev, shown):
    zi, zf, _, zo = _dz(i, f, g, o, whole, dh, c_prev, shown)
    return zi, zf, whole * i * (1 - g), zo


@mistake("lstm_step_backward", hint=GATE_SLOPE)
def slopes_taken_on_the_pre_activations(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h_prev, Wx, Wh, b)
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    shown = np.tanh(c)
    whole = dc + _through(dh, o, shown)
    dz = [
        whole * g * zi * (1 - zi),
        whole * c_prev * zf * (1 - zf),
        whole * i * (1 - zg**2),
        dh * shown * zo * (1 - zo),
    ]
    return _from_dz(np.concatenate(dz, axis=1), whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def partners_of_the_gates_missing(i, f, g, o, whole, dh, c_prev, shown):
    return whole * i * (1 - i), whole * f * (1 - f), whole * (1 - g**2), dh * o * (1 - o)


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def partner_of_the_input_gate_missing(i, f, g, o, whole, dh, c_prev, shown):
    return [whole * i * (1 - i), *_dz(i, f, g, o, whole, dh, c_prev, shown)[1:]]


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def partner_of_the_candidate_missing(i, f, g, o, whole, dh, c_prev, shown):
    zi, zf, _, zo = _dz(i, f, g, o, whole, dh, c_prev, shown)
    return zi, zf, whole * (1 - g**2), zo


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def partner_of_the_output_gate_missing(i, f, g, o, whole, dh, c_prev, shown):
    return [*_dz(i, f, g, o, whole, dh, c_prev, shown)[:3], dh * o * (1 - o)]


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def input_gate_for_forget_gate_with_the_candidate(i, f, g, o, whole, dh, c_prev, shown):
    zi, zf, _, zo = _dz(i, f, g, o, whole, dh, c_prev, shown)
    return zi, zf, whole * f * (1 - g**2), zo


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def output_gate_from_the_gradient_of_c(i, f, g, o, whole, dh, c_prev, shown):
    return [*_dz(i, f, g, o, whole, dh, c_prev, shown)[:3], whole * shown * o * (1 - o)]


@mistake("lstm_step_backward", hint=GATE_PARTNER)
@_with_slopes
def output_gate_times_the_slope_of_tanh(i, f, g, o, whole, dh, c_prev, shown):
    return [*_dz(i, f, g, o, whole, dh, c_prev, shown)[:3], dh * (1 - shown**2) * o * (1 - o)]


@mistake("lstm_step_backward", hint=GATE_PARTNER)
def output_gate_with_c_without_tanh(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, c), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=GATE_PARTNER)
def output_gate_with_h_prev(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, h_prev), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=C_BACK)
def dh_added_to_dc_prev(*arguments):
    found = list(_right_backward(sigmoid, *arguments))
    found[2] = found[2] + arguments[0]
    return found


def _with_c_back(rule):
    """An answer whose dc_prev follows another rule of (whole, dc, i, f, c_prev)."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = dc + _through(dh, o, np.tanh(c))
        dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
        return _from_dz(dz, rule(whole, dc, i, f, c_prev), x, h_prev, Wx, Wh)

    answer.__name__ = rule.__name__
    return answer


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_without_the_forget_gate(whole, dc, i, f, c_prev):
    return whole


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_from_dc_alone(whole, dc, i, f, c_prev):
    return dc * f


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_through_the_input_gate(whole, dc, i, f, c_prev):
    return whole * i


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_with_the_slope_of_the_gate(whole, dc, i, f, c_prev):
    return whole * f * (1 - f)


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_times_c_prev(whole, dc, i, f, c_prev):
    return whole * f * c_prev


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_prev_zero(whole, dc, i, f, c_prev):
    return np.zeros_like(whole)


@mistake("lstm_step_backward", hint=C_BACK)
@_with_c_back
def dc_handed_on_unchanged(whole, dc, i, f, c_prev):
    return dc


def _without(block, *results):
    """An answer in which a block of dz is left out of some results, by position."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = dc + _through(dh, o, np.tanh(c))
        blocks = _dz(i, f, g, o, whole, dh, c_prev, np.tanh(c))
        right = _from_dz(np.concatenate(blocks, axis=1), whole * f, x, h_prev, Wx, Wh)
        blocks["ifgo".index(block)] = np.zeros_like(whole)
        less = _from_dz(np.concatenate(blocks, axis=1), whole * f, x, h_prev, Wx, Wh)
        return tuple(less[n] if n in results else right[n] for n in range(6))

    return answer


for _block in "ifgo":
    for _name, _results in {
        f"gate_{_block}_missing_in_dx": (0,),
        f"gate_{_block}_missing_in_dh_prev": (1,),
        f"gate_{_block}_missing_in_dx_and_dh_prev": (0, 1),
        f"gate_{_block}_missing_in_the_weights": (3, 4, 5),
        f"gate_{_block}_missing_in_dwx": (3,),
        f"gate_{_block}_missing_in_dwh": (4,),
        f"gate_{_block}_missing_in_db": (5,),
        f"gate_{_block}_missing_everywhere": (0, 1, 3, 4, 5),
    }.items():
        _answer = _without(_block, *_results)
        _answer.__name__ = _name
        mistake("lstm_step_backward", hint=GATE_LEFT_OUT)(_answer)


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def db_not_summed(dz, dc_prev, x, h_prev, Wx, Wh):
    return *_from_dz(dz, dc_prev, x, h_prev, Wx, Wh)[:5], dz


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def db_averaged_over_the_batch(dz, dc_prev, x, h_prev, Wx, Wh):
    return *_from_dz(dz, dc_prev, x, h_prev, Wx, Wh)[:5], dz.mean(axis=0)


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def db_summed_over_the_columns(dz, dc_prev, x, h_prev, Wx, Wh):
    return *_from_dz(dz, dc_prev, x, h_prev, Wx, Wh)[:5], dz.sum(axis=1)


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def db_with_an_axis_kept(dz, dc_prev, x, h_prev, Wx, Wh):
    return *_from_dz(dz, dc_prev, x, h_prev, Wx, Wh)[:5], dz.sum(axis=0, keepdims=True)


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def db_of_the_first_row(dz, dc_prev, x, h_prev, Wx, Wh):
    return *_from_dz(dz, dc_prev, x, h_prev, Wx, Wh)[:5], dz[0]


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def weights_of_the_first_row(dz, dc_prev, x, h_prev, Wx, Wh):
    first = _from_dz(dz, dc_prev, x, h_prev, Wx, Wh)
    return *first[:3], *_from_dz(dz[:1], dc_prev, x[:1], h_prev[:1], Wx, Wh)[3:]


@mistake("lstm_step_backward", hint=BIAS_GRADIENT)
@_with_end
def weights_averaged_over_the_batch(dz, dc_prev, x, h_prev, Wx, Wh):
    n = len(x)
    first = _from_dz(dz, dc_prev, x, h_prev, Wx, Wh)
    return *first[:3], first[3] / n, first[4] / n, first[5] / n


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def dwx_from_the_state(dz, dc_prev, x, h_prev, Wx, Wh):
    dWx = np.resize(h_prev.T @ dz, Wx.shape)
    return dz @ Wx.T, dz @ Wh.T, dc_prev, dWx, h_prev.T @ dz, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def dwh_from_the_gradient_of_h_prev(dz, dc_prev, x, h_prev, Wx, Wh):
    return dz @ Wx.T, dz @ Wh.T, dc_prev, x.T @ dz, (dz @ Wh.T).T @ dz, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def weight_gradients_transposed(dz, dc_prev, x, h_prev, Wx, Wh):
    return dz @ Wx.T, dz @ Wh.T, dc_prev, dz.T @ x, dz.T @ h_prev, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def weights_reshaped_instead_of_transposed(dz, dc_prev, x, h_prev, Wx, Wh):
    dx, dh_prev = dz @ Wx.reshape(Wx.shape[::-1]), dz @ Wh.reshape(Wh.shape[::-1])
    return dx, dh_prev, dc_prev, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def recurrent_weights_not_transposed_block_by_block(dz, dc_prev, x, h_prev, Wx, Wh):
    blocks = zip(np.split(dz, 4, axis=1), np.split(Wh, 4, axis=1), strict=True)
    dh_prev = sum(d @ W for d, W in blocks)
    return dz @ Wx.T, dh_prev, dc_prev, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=SHAPES)
@_with_end
def weights_not_transposed(dz, dc_prev, x, h_prev, Wx, Wh):
    return dz @ Wx, dz @ Wh, dc_prev, x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
@_with_end
def no_gradient_for_h_prev(dz, dc_prev, x, h_prev, Wx, Wh):
    whole = list(_from_dz(dz, dc_prev, x, h_prev, Wx, Wh))
    whole[1] = np.zeros_like(h_prev)
    return whole


@mistake("lstm_step_backward", hint=BACK_PRODUCTS)
def dh_added_to_dh_prev(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
    found = list(_from_dz(dz, whole * f, x, h_prev, Wx, Wh))
    found[1] = found[1] + dh
    return found


def _dz_in_order(order):
    """An answer that puts the blocks of dz together in another order."""

    def answer(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
        i, f, g, o = _gates_of(sigmoid, x, h_prev, Wx, Wh, b)
        whole = dc + _through(dh, o, np.tanh(c))
        blocks = dict(zip("ifgo", _dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), strict=True))
        dz = np.concatenate([blocks[name] for name in order], axis=1)
        return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)

    return answer


for _order in ("figo", "igfo", "ifog", "fiog", "gifo", "oifg", "ogfi", "fgio"):
    _answer = _dz_in_order(_order)
    _answer.__name__ = "gradients_in_the_order_" + "_".join(_order)
    mistake("lstm_step_backward", hint=BACK_BLOCKS)(_answer)


@mistake("lstm_step_backward", hint=BACK_BLOCKS)
def gates_cut_in_the_order_of_the_book(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zi, zg, zf, zo = _blocks(x, h_prev, Wx, Wh, b)
    i, f, g, o = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
    whole = dc + _through(dh, o, np.tanh(c))
    dzi, dzf, dzg, dzo = _dz(i, f, g, o, whole, dh, c_prev, np.tanh(c))
    dz = np.concatenate([dzi, dzg, dzf, dzo], axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=BACK_BLOCKS)
def gates_i_and_f_cut_the_wrong_way(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zf, zi, zg, zo = _blocks(x, h_prev, Wx, Wh, b)
    i, f, g, o = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
    whole = dc + _through(dh, o, np.tanh(c))
    dzi, dzf, dzg, dzo = _dz(i, f, g, o, whole, dh, c_prev, np.tanh(c))
    dz = np.concatenate([dzf, dzi, dzg, dzo], axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=CANDIDATE)
def candidate_recomputed_with_the_sigmoid(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    zi, zf, zg, zo = _blocks(x, h_prev, Wx, Wh, b)
    i, f, g, o = sigmoid(zi), sigmoid(zf), sigmoid(zg), sigmoid(zo)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = [
        whole * g * i * (1 - i),
        whole * c_prev * f * (1 - f),
        whole * i * g * (1 - g),
        dh * np.tanh(c) * o * (1 - o),
    ]
    return _from_dz(np.concatenate(dz, axis=1), whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=SUM)
def bias_missing_in_the_gates(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    return _right_backward(sigmoid, dh, dc, x, h_prev, c_prev, c, Wx, Wh, np.zeros_like(b))


@mistake("lstm_step_backward", hint=SUM)
def state_missing_in_the_gates(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    i, f, g, o = _gates_of(sigmoid, x, np.zeros_like(h_prev), Wx, Wh, b)
    whole = dc + _through(dh, o, np.tanh(c))
    dz = np.concatenate(_dz(i, f, g, o, whole, dh, c_prev, np.tanh(c)), axis=1)
    return _from_dz(dz, whole * f, x, h_prev, Wx, Wh)


@mistake("lstm_step_backward", hint=BACK_ORDER)
def dx_and_dh_prev_exchanged(*arguments):
    dx, dh, *rest = _right_backward(sigmoid, *arguments)
    return dh, dx, *rest


@mistake("lstm_step_backward", hint=BACK_ORDER)
def dh_prev_and_dc_prev_exchanged(*arguments):
    dx, dh, dc, *rest = _right_backward(sigmoid, *arguments)
    return dx, dc, dh, *rest


@mistake("lstm_step_backward", hint=BACK_ORDER)
def dwx_and_dwh_exchanged(*arguments):
    *states, dWx, dWh, db = _right_backward(sigmoid, *arguments)
    return *states, dWh, dWx, db


@mistake("lstm_step_backward", hint=BACK_ORDER)
def weights_before_states(*arguments):
    found = _right_backward(sigmoid, *arguments)
    return *found[3:], *found[:3]


@mistake("lstm_step_backward", hint=BACK_ORDER)
def gradients_in_a_dict(*arguments):
    found = _right_backward(sigmoid, *arguments)
    return dict(zip(("x", "h", "c", "Wx", "Wh", "b"), found, strict=True))


@mistake("lstm_step_backward", hint=BACK_ORDER)
def dc_prev_not_returned(*arguments):
    dx, dh, _, *rest = _right_backward(sigmoid, *arguments)
    return dx, dh, *rest


@mistake(
    "lstm_step_backward",
    hint="The sign is wrong: a gradient is handed back as it is. Only an optimizer subtracts it.",
)
def signs_turned_around(*arguments):
    return tuple(-a for a in _right_backward(sigmoid, *arguments))


@mistake("lstm_step_backward", hint=IN_PLACE)
def dc_changed_in_place(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    found = _right_backward(sigmoid, dh, dc, x, h_prev, c_prev, c, Wx, Wh, b)
    dc += _through(dh, _gates_of(sigmoid, x, h_prev, Wx, Wh, b)[3], np.tanh(c))
    return found


@mistake("lstm_step_backward", hint=IN_PLACE)
def dc_used_up(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    found = _right_backward(sigmoid, dh, dc, x, h_prev, c_prev, c, Wx, Wh, b)
    dc *= 0.0
    return found


@mistake("lstm_step_backward", hint=NO_RETURN)
def backward_step_returns_nothing(*arguments):
    _right_backward(sigmoid, *arguments)


@mistake("lstm_step_backward", hint=UNKNOWN_NAME)
def gates_of_another_cell_used(dh, dc, x, h_prev, c_prev, c, Wx, Wh, b):
    return dc * f_gate  # noqa: F821


# lstm_backward

C_NOT_CARRIED = """The gradient of c has to travel from step to step like that of h: the memory is
the longest road back. What becomes of the third result of lstm_step_backward?"""
H_NOT_CARRIED = """Each h leads to the loss in two ways: directly, and through the next step. Is
the dh that comes back from the next step added to the loss's own gradient?"""
ADD_UP = """The weights are the same at every step, so their gradient is a sum over the steps. What
does your loop do with what each step gives?"""
STATES_BEFORE = """lstm_step_backward wants the states before the step and the c after it. Which
index of hs and cs is that, and what stands before step 0? Index -1 is the last step."""
DIRECTION = """Gradients travel against the time: what step t needs comes from step t + 1. In which
order does your loop visit the steps?"""
FIRST_GRADIENTS = "The gradients of h0 and c0 are what is left when the loop has passed step 0."
BACK_KEYS = """The result is a dict with the keys xs, h0, c0, Wx, Wh and b, each in the shape of
what it names."""
NO_MEAN = "Nothing is averaged here: dhs is the gradient of the loss as it is."


def _bptt(
    step,
    arguments,
    *,
    carry=lambda own, dh, dc: (own + dh, dc),
    states=None,
    order=None,
    gather=lambda total, new: total + new,
):
    """BPTT with places to go wrong.

    step     ``lstm_step_backward``
    carry    (own gradient, dh, dc) -> what enters the step
    states   (t, hs, cs, h0, c0) -> h_prev, c_prev, c
    order    steps -> the order in which they are visited
    gather   (total, new) -> the gradient of a weight
    """
    dhs, xs, h0, c0, hs, cs, Wx, Wh, b = arguments
    states = states or _states_at
    dxs, totals = np.zeros_like(xs), [np.zeros_like(w) for w in (Wx, Wh, b)]
    dh, dc = np.zeros_like(h0), np.zeros_like(c0)
    steps = range(xs.shape[1])
    for t in order(steps) if order else reversed(steps):
        h_prev, c_prev, c = states(t, hs, cs, h0, c0)
        dxs[:, t], dh, dc, *new = step(
            *carry(dhs[:, t], dh, dc), xs[:, t], h_prev, c_prev, c, Wx, Wh, b
        )
        totals = [gather(a, n) for a, n in zip(totals, new, strict=True)]
    return dict(zip(("xs", "h0", "c0", "Wx", "Wh", "b"), (dxs, dh, dc, *totals), strict=True))


def _states_at(t, hs, cs, h0, c0):
    """The right states of a step: h and c before it, c after it."""
    return (hs[:, t - 1], cs[:, t - 1], cs[:, t]) if t else (h0, c0, cs[:, 0])


@mistake("lstm_backward", hint=C_NOT_CARRIED)
def gradient_of_c_not_carried(*arguments):
    return _bptt(
        lstm_step_backward, arguments, carry=lambda own, dh, dc: (own + dh, np.zeros_like(dc))
    )


@mistake("lstm_backward", hint=C_NOT_CARRIED)
def gradient_of_h_carried_as_that_of_c(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (own + dh, dh))


@mistake("lstm_backward", hint=C_NOT_CARRIED)
def carried_gradients_exchanged(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (own + dc, dh))


@mistake("lstm_backward", hint=C_NOT_CARRIED)
def own_gradient_added_to_that_of_c(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (own + dh, own + dc))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def gradient_of_h_not_carried(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (own, dc))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def own_gradient_not_added(*arguments):
    last = arguments[0].shape[1] - 1
    dhs = arguments[0].copy()
    dhs[:, :last] = 0.0
    return _bptt(lstm_step_backward, (dhs, *arguments[1:]))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def no_gradient_carried(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (own, np.zeros_like(dc)))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def own_gradient_added_twice(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: (2 * own + dh, dc))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def carried_gradient_averaged_with_the_own(*arguments):
    return _bptt(lstm_step_backward, arguments, carry=lambda own, dh, dc: ((own + dh) / 2, dc))


@mistake("lstm_backward", hint=H_NOT_CARRIED)
def last_own_gradient_at_every_step(*arguments):
    dhs = np.repeat(arguments[0][:, -1:], arguments[0].shape[1], axis=1)
    return _bptt(lstm_step_backward, (dhs, *arguments[1:]))


@mistake("lstm_backward", hint=ADD_UP)
def weights_of_the_first_step_only(*arguments):
    return _bptt(lstm_step_backward, arguments, gather=lambda total, new: new)


@mistake("lstm_backward", hint=ADD_UP)
def weights_of_the_last_step_only(*arguments):
    return _bptt(
        lstm_step_backward, arguments, gather=lambda total, new: total if np.any(total) else new
    )


@mistake("lstm_backward", hint=ADD_UP)
def weights_of_all_steps_but_the_first(*arguments):
    right = _bptt(lstm_step_backward, arguments)
    dhs, xs, _, _, hs, cs, *weights = arguments
    if xs.shape[1] == 1:
        return right | {
            n: np.zeros_like(w) for n, w in zip(("Wx", "Wh", "b"), weights, strict=True)
        }
    later = (dhs[:, 1:], xs[:, 1:], hs[:, 0], cs[:, 0], hs[:, 1:], cs[:, 1:], *weights)
    less = _bptt(lstm_step_backward, later)
    return right | {name: less[name] for name in ("Wx", "Wh", "b")}


@mistake("lstm_backward", hint=NO_MEAN)
def weights_averaged_over_the_steps(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    steps = arguments[1].shape[1]
    return found | {name: found[name] / steps for name in ("Wx", "Wh", "b")}


@mistake("lstm_backward", hint=NO_MEAN)
def weights_averaged_over_the_batch_and_the_steps(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    count = arguments[1].shape[0] * arguments[1].shape[1]
    return found | {name: found[name] / count for name in ("Wx", "Wh", "b")}


@mistake("lstm_backward", hint=NO_MEAN)
def weights_averaged_over_the_sequences(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {name: found[name] / len(arguments[1]) for name in ("Wx", "Wh", "b")}


@mistake("lstm_backward", hint=NO_MEAN)
def everything_averaged_over_the_steps(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return {name: found[name] / arguments[1].shape[1] for name in found}


@mistake("lstm_backward", hint=STATES_BEFORE)
def last_states_before_the_first_step(*arguments):
    return _bptt(
        lstm_step_backward,
        arguments,
        states=lambda t, hs, cs, h0, c0: (hs[:, t - 1], cs[:, t - 1], cs[:, t]),
    )


@mistake("lstm_backward", hint=STATES_BEFORE)
def zeros_before_the_first_step(*arguments):
    dhs, xs, h0, c0, *rest = arguments
    return _bptt(lstm_step_backward, (dhs, xs, np.zeros_like(h0), np.zeros_like(c0), *rest))


@mistake("lstm_backward", hint=STATES_BEFORE)
def h0_zeroed_before_the_first_step(*arguments):
    dhs, xs, h0, *rest = arguments
    return _bptt(lstm_step_backward, (dhs, xs, np.zeros_like(h0), *rest))


@mistake("lstm_backward", hint=STATES_BEFORE)
def c0_zeroed_before_the_first_step(*arguments):
    dhs, xs, h0, c0, *rest = arguments
    return _bptt(lstm_step_backward, (dhs, xs, h0, np.zeros_like(c0), *rest))


@mistake("lstm_backward", hint=STATES_BEFORE)
def states_after_the_step_taken_for_those_before(*arguments):
    return _bptt(
        lstm_step_backward,
        arguments,
        states=lambda t, hs, cs, h0, c0: (hs[:, t], cs[:, t], cs[:, t]),
    )


@mistake("lstm_backward", hint=STATES_BEFORE)
def h_after_the_step_taken_for_h_before(*arguments):
    def states(t, hs, cs, h0, c0):
        _, c_prev, c = _states_at(t, hs, cs, h0, c0)
        return hs[:, t], c_prev, c

    return _bptt(lstm_step_backward, arguments, states=states)


@mistake("lstm_backward", hint=STATES_BEFORE)
def c_after_the_step_taken_for_c_before(*arguments):
    def states(t, hs, cs, h0, c0):
        h_prev, _, c = _states_at(t, hs, cs, h0, c0)
        return h_prev, c, c

    return _bptt(lstm_step_backward, arguments, states=states)


@mistake("lstm_backward", hint=STATES_BEFORE)
def c_before_the_step_taken_for_c_after(*arguments):
    def states(t, hs, cs, h0, c0):
        h_prev, c_prev, _ = _states_at(t, hs, cs, h0, c0)
        return h_prev, c_prev, c_prev

    return _bptt(lstm_step_backward, arguments, states=states)


@mistake("lstm_backward", hint=STATES_BEFORE)
def h_in_the_place_of_c(*arguments):
    def states(t, hs, cs, h0, c0):
        h_prev, c_prev, _ = _states_at(t, hs, cs, h0, c0)
        return h_prev, c_prev, hs[:, t]

    return _bptt(lstm_step_backward, arguments, states=states)


@mistake("lstm_backward", hint=STATES_BEFORE)
def old_h_and_c_exchanged(*arguments):
    def states(t, hs, cs, h0, c0):
        h_prev, c_prev, c = _states_at(t, hs, cs, h0, c0)
        return c_prev, h_prev, c

    return _bptt(lstm_step_backward, arguments, states=states)


@mistake("lstm_backward", hint=STATES_BEFORE)
def initial_states_before_every_step(*arguments):
    return _bptt(lstm_step_backward, arguments, states=lambda t, hs, cs, h0, c0: (h0, c0, cs[:, t]))


@mistake("lstm_backward", hint=DIRECTION)
def forward_in_time(*arguments):
    return _bptt(lstm_step_backward, arguments, order=list)


@mistake("lstm_backward", hint=DIRECTION)
def gradients_of_the_inputs_in_reverse(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"xs": found["xs"][:, ::-1]}


@mistake("lstm_backward", hint=DIRECTION)
def own_gradients_read_in_reverse(*arguments):
    return _bptt(lstm_step_backward, (arguments[0][:, ::-1], *arguments[1:]))


@mistake("lstm_backward", hint=ALL_STEPS)
def first_step_left_out(*arguments):
    return _bptt(lstm_step_backward, arguments, order=lambda steps: steps[:0:-1])


@mistake("lstm_backward", hint=ALL_STEPS)
def last_step_left_out(*arguments):
    return _bptt(lstm_step_backward, arguments, order=lambda steps: steps[-2::-1])


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def no_gradient_for_the_initial_states(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {name: np.zeros_like(found[name]) for name in ("h0", "c0")}


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def no_gradient_for_h0(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"h0": np.zeros_like(found["h0"])}


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def no_gradient_for_c0(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"c0": np.zeros_like(found["c0"])}


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def gradients_of_h0_and_c0_exchanged(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"h0": found["c0"], "c0": found["h0"]}


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def initial_gradients_summed_over_the_batch(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {name: found[name].sum(axis=0) for name in ("h0", "c0")}


@mistake("lstm_backward", hint=FIRST_GRADIENTS)
def own_gradient_added_to_h0(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"h0": found["h0"] + arguments[0][:, 0]}


@mistake("lstm_backward", hint="Each step has an input of its own. Where does its dx go?")
def gradients_of_the_inputs_added_up(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"xs": np.zeros_like(arguments[1]) + found["xs"].sum(axis=1, keepdims=True)}


@mistake("lstm_backward", hint="Each step has an input of its own. Where does its dx go?")
def gradient_of_one_input_only(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"xs": found["xs"][:, 0]}


@mistake("lstm_backward", hint=BACK_KEYS)
def keys_with_a_d(*arguments):
    return {f"d{name}": value for name, value in _bptt(lstm_step_backward, arguments).items()}


@mistake("lstm_backward", hint=BACK_KEYS)
def keys_of_one_step(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return dict(zip(("x", "h", "c", "Wx", "Wh", "b"), found.values(), strict=True))


@mistake("lstm_backward", hint=BACK_KEYS)
def gradients_in_a_tuple(*arguments):
    return tuple(_bptt(lstm_step_backward, arguments).values())


@mistake("lstm_backward", hint=BACK_KEYS)
def gradients_of_the_weights_only(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return {name: found[name] for name in ("Wx", "Wh", "b")}


@mistake("lstm_backward", hint=TIME_AXIS)
def gradients_of_the_inputs_time_first(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    return found | {"xs": found["xs"].swapaxes(0, 1)}


@mistake("lstm_backward", hint=BOUNDED)
def gradients_in_time_clipped_to_five(*arguments):
    return {name: np.clip(g, -5.0, 5.0) for name, g in _bptt(lstm_step_backward, arguments).items()}


@mistake("lstm_backward", hint=IN_PLACE)
def dhs_changed_in_place(*arguments):
    found = _bptt(lstm_step_backward, arguments)
    arguments[0][:] *= 0.5
    return found


@mistake("lstm_backward", hint=NO_RETURN)
def backward_returns_nothing(*arguments):
    _bptt(lstm_step_backward, arguments)


def _bptt_with(wrong):
    """BPTT with a wrong step written into it."""

    def answer(*arguments):
        return _bptt(wrong, arguments)

    answer.__name__ = f"a_step_with_{wrong.__name__}"
    return answer


_IN_THE_STEP = (THROUGH_H, GATE_SLOPE, GATE_PARTNER, GATE_LEFT_OUT, OLD_C, C_BACK)
_HINTS = {" ".join(hint.split()) for hint in _IN_THE_STEP}
_AS_IN_THE_LOOP = (dc_ignored, forget_gate_sees_the_new_c)  # these equal a mistake above
for _wrong in [m for m in MISTAKES if m.exercise == "lstm_step_backward" and m.hint in _HINTS]:
    if _wrong.answer not in _AS_IN_THE_LOOP:
        mistake("lstm_backward", hint=_wrong.hint)(_bptt_with(_wrong.answer))


# BasicLSTMCell: classes are named in words too, because the name is shown as words.

BIAS_WHERE = """The forget bias is a number that is added when the cell runs, to one block of
columns and nowhere else. Compare where you add it, how often, and whether the one asked for is
used."""
BIAS_START = """The weights start as the docstring says: the bias at zero. forget_bias is no part
of it."""
BOOK_BLOCKS = """The four blocks of columns are taken for the wrong gates. This cell has the book's
order, which is not that of lstm_step: read the docstring."""
ROWS = """The kernel's rows belong to the inputs first and to h after them. Compare what you put
together with the rows, and in which order."""
CELL_STATES = """Look at what `states` holds, in which order, and at what call hands back: the same
states, in the same order and form, one step later."""
CELL_STATE_SIZE = """state_size tells Keras how many states there are and how wide each is: one
number for each of two states, or one number for the joined one."""
CELL_WEIGHTS = """get_weights() lists the weights in the order in which they are added: a kernel
with D + H rows and 4H columns, then the bias. Compare the shapes with the docstring."""
CELL_ONCE = """The weights have to exist once, before the first step, and be known to the layer.
Which method does Keras call once, with the input shape, and what registers a weight?"""
CELL_WIDTH = "The width of the input is not known when the layer is made. When does Keras tell it?"
CELL_RETURNS = "call has to return two things: the output, and the list of the new states."
CELL_OUTPUT = "output_size tells how wide the output of one step is, and the output is h'."
CELL_TENSORS = """Inside a graph, and for gradients, call may only use operations on tensors. Is
there NumPy, or a conversion to NumPy, on the way from the inputs to the output?"""
CELL_OWN_WORK = """This lesson asks for the cell itself: derive it from keras.layers.Layer and
write its equations."""
CELL_FORGETS_OPTION = """Try state_is_tuple=False. Is it used in the constructor, on entering call
and on leaving it?"""


def _join(c, h):
    return keras.ops.concatenate([c, h], axis=1)


class _Cell(BasicLSTMCell):
    """The right cell, cut into parts that can go wrong one by one."""

    def taken(self, states):
        """c and h."""
        return states if self.state_is_tuple else keras.ops.split(states[0], 2, axis=1)

    def given(self, c, h):
        """The new states."""
        return [c, h] if self.state_is_tuple else [_join(c, h)]

    def blocks(self, inputs, h):
        """The pre-activations of i, j, f, o."""
        joined = keras.ops.concatenate([inputs, h], axis=1)
        return keras.ops.split(joined @ self.kernel + self.bias, 4, axis=1)

    def step(self, zi, zj, zf, zo, c):
        """c' and h'."""
        ops = keras.ops
        c = ops.sigmoid(zf + self.forget_bias) * c + ops.sigmoid(zi) * ops.tanh(zj)
        return c, ops.sigmoid(zo) * ops.tanh(c)

    def call(self, inputs, states):
        c, h = self.taken(states)
        c, h = self.step(*self.blocks(inputs, h), c)
        return h, self.given(c, h)


@mistake(
    "BasicLSTMCell",
    hint="The options have an order, which counts where they are given without their names.",
)
class options_exchanged(BasicLSTMCell):
    def __init__(self, num_units, state_is_tuple=True, forget_bias=1.0, **options):
        super().__init__(num_units, forget_bias, state_is_tuple, **options)


@mistake("BasicLSTMCell", hint=C_UNBOUNDED)
class memory_clipped_in_the_cell(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf, zo, keras.ops.clip(c, -3.0, 3.0))


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_on_all_gates(_Cell):
    def step(self, zi, zj, zf, zo, c):
        b = self.forget_bias
        return super().step(zi + b, zj + b, zf, zo + b, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_on_three_gates(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi + self.forget_bias, zj, zf, zo + self.forget_bias, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_twice(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf + self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_missing(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf - self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_always_one(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf - self.forget_bias + 1.0, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_on_the_input_gate(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi + self.forget_bias, zj, zf - self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_on_the_candidate(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj + self.forget_bias, zf - self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_after_the_sigmoid(_Cell):
    def step(self, zi, zj, zf, zo, c):
        ops = keras.ops
        c = (ops.sigmoid(zf) + self.forget_bias) * c + ops.sigmoid(zi) * ops.tanh(zj)
        return c, ops.sigmoid(zo) * ops.tanh(c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_multiplied(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf * self.forget_bias - self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_WHERE)
class forget_bias_subtracted(_Cell):
    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf - 2 * self.forget_bias, zo, c)


def _starting(bias_of):
    """A build whose bias starts as bias_of(forget bias, H)."""

    def build(self, input_shape):
        super(_Cell, self).build(input_shape)
        self.bias.assign(bias_of(self.forget_bias, self.num_units))

    return build


@mistake("BasicLSTMCell", hint=BIAS_START)
class forget_bias_in_the_first_bias(_Cell):
    build = _starting(lambda b, n: np.repeat([0.0, 0.0, b, 0.0], n))

    def step(self, zi, zj, zf, zo, c):
        return super().step(zi, zj, zf - self.forget_bias, zo, c)


@mistake("BasicLSTMCell", hint=BIAS_START)
class forget_bias_in_the_first_bias_and_when_it_runs(_Cell):
    build = _starting(lambda b, n: np.repeat([0.0, 0.0, b, 0.0], n))


@mistake("BasicLSTMCell", hint=BIAS_START)
class bias_starts_at_one(_Cell):
    build = _starting(lambda b, n: np.ones(4 * n))


@mistake("BasicLSTMCell", hint=BIAS_START)
class bias_starts_at_random(_Cell):
    build = _starting(lambda b, n: np.random.default_rng(0).normal(size=4 * n))


def _cell_in_order(order):
    """A cell that takes the blocks to lie in another order than i, j, f, o."""

    class Ordered(_Cell):
        def blocks(self, inputs, h):
            found = dict(zip(order, super().blocks(inputs, h), strict=True))
            return [found[name] for name in "ijfo"]

    return Ordered


for _order in ("ifjo", "fijo", "jifo", "ijof", "ofji", "ojfi", "oijf", "fjio"):
    _answer = _cell_in_order(_order)
    _answer.__name__ = "cell_with_the_blocks_in_the_order_" + "_".join(_order)
    mistake("BasicLSTMCell", hint=BOOK_BLOCKS)(_answer)


@mistake("BasicLSTMCell", hint=BOOK_BLOCKS)
class cell_with_blocks_interleaved(_Cell):
    def blocks(self, inputs, h):
        z = keras.ops.concatenate(super().blocks(inputs, h), axis=1)
        z = keras.ops.reshape(z, (-1, self.num_units, 4))
        return [z[:, :, n] for n in range(4)]


@mistake("BasicLSTMCell", hint=ROWS)
class halves_of_the_kernel_exchanged(_Cell):
    def blocks(self, inputs, h):
        joined = keras.ops.concatenate([h, inputs], axis=1)
        return keras.ops.split(joined @ self.kernel + self.bias, 4, axis=1)


@mistake("BasicLSTMCell", hint=ROWS)
class kernel_reads_c_instead_of_h(_Cell):
    def call(self, inputs, states):
        c, _ = self.taken(states)
        c, h = self.step(*self.blocks(inputs, c), c)
        return h, self.given(c, h)


@mistake("BasicLSTMCell", hint=ROWS)
class cell_without_its_bias(_Cell):
    def blocks(self, inputs, h):
        joined = keras.ops.concatenate([inputs, h], axis=1)
        return keras.ops.split(joined @ self.kernel, 4, axis=1)


@mistake("BasicLSTMCell", hint=ROWS)
class cell_without_h(_Cell):
    def blocks(self, inputs, h):
        return super().blocks(inputs, keras.ops.zeros_like(h))


@mistake("BasicLSTMCell", hint=CELL_STATES)
class states_taken_as_h_and_c(_Cell):
    def taken(self, states):
        return super().taken(states)[::-1]

    def given(self, c, h):
        return super().given(h, c)


@mistake("BasicLSTMCell", hint=CELL_STATES)
class states_taken_as_h_and_c_and_given_as_c_and_h(_Cell):
    def taken(self, states):
        return super().taken(states)[::-1]


@mistake("BasicLSTMCell", hint=CELL_STATES)
class states_given_as_h_and_c(_Cell):
    def given(self, c, h):
        return super().given(h, c)


@mistake("BasicLSTMCell", hint=CELL_STATES)
class joined_state_taken_as_h_and_c(_Cell):
    def taken(self, states):
        found = super().taken(states)
        return found if self.state_is_tuple else found[::-1]

    def given(self, c, h):
        return super().given(c, h) if self.state_is_tuple else super().given(h, c)


@mistake("BasicLSTMCell", hint=CELL_STATES)
class states_of_the_cell_ignored(_Cell):
    def taken(self, states):
        return [keras.ops.zeros_like(s) for s in super().taken(states)]


@mistake("BasicLSTMCell", hint=CELL_STATES)
class old_states_returned(_Cell):
    def call(self, inputs, states):
        return super().call(inputs, states)[0], states


@mistake("BasicLSTMCell", hint=CELL_STATES)
class h_returned_for_both_states(_Cell):
    def given(self, c, h):
        return super().given(h, h)


@mistake("BasicLSTMCell", hint=CELL_STATES)
class old_c_returned_by_the_cell(_Cell):
    def call(self, inputs, states):
        c, h = self.taken(states)
        _, h = self.step(*self.blocks(inputs, h), c)
        return h, self.given(c, h)


@mistake("BasicLSTMCell", hint=CELL_FORGETS_OPTION)
class two_states_whatever_is_asked_for(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, True, **kwargs)


@mistake("BasicLSTMCell", hint=CELL_FORGETS_OPTION)
class one_state_whatever_is_asked_for(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, False, **kwargs)


@mistake("BasicLSTMCell", hint=CELL_FORGETS_OPTION)
class option_turned_around(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, not state_is_tuple, **kwargs)


@mistake("BasicLSTMCell", hint=CELL_FORGETS_OPTION)
class two_states_returned_for_one(_Cell):
    def given(self, c, h):
        return [c, h]


@mistake("BasicLSTMCell", hint=CELL_FORGETS_OPTION)
class joined_along_the_batch(_Cell):
    def given(self, c, h):
        return [c, h] if self.state_is_tuple else [keras.ops.concatenate([c, h], axis=0)]


@mistake("BasicLSTMCell", hint="The defaults are part of the answer: forget_bias=1.0, two states.")
class default_forget_bias_zero(_Cell):
    def __init__(self, num_units, forget_bias=0.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)


@mistake("BasicLSTMCell", hint="The defaults are part of the answer: forget_bias=1.0, two states.")
class default_state_in_one(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=False, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)


def _with_state_size(size_of):
    """A constructor whose state_size is size_of(H, state_is_tuple)."""

    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super(_Cell, self).__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        self.state_size = size_of(num_units, state_is_tuple)

    return __init__


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_of_one_state_only(_Cell):
    __init__ = _with_state_size(lambda n, is_tuple: n)


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_2h_both_ways(_Cell):
    __init__ = _with_state_size(lambda n, is_tuple: 2 * n)


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_of_two_both_ways(_Cell):
    __init__ = _with_state_size(lambda n, is_tuple: [n, n])


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_h_when_joined(_Cell):
    __init__ = _with_state_size(lambda n, is_tuple: [n, n] if is_tuple else n)


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_of_two_joined_states(_Cell):
    __init__ = _with_state_size(lambda n, is_tuple: [2 * n, 2 * n] if is_tuple else 2 * n)


@mistake("BasicLSTMCell", hint=CELL_STATE_SIZE)
class state_size_of_the_cell_missing(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        del self.state_size


@mistake("BasicLSTMCell", hint=CELL_OUTPUT)
class output_size_of_both_states(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        self.output_size = 2 * num_units


@mistake("BasicLSTMCell", hint=CELL_OUTPUT)
class output_size_of_the_cell_missing(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        del self.output_size


@mistake("BasicLSTMCell", hint=CELL_OUTPUT)
class c_put_out(_Cell):
    def call(self, inputs, states):
        c, h = self.taken(states)
        c, h = self.step(*self.blocks(inputs, h), c)
        return c, self.given(c, h)


@mistake("BasicLSTMCell", hint=CELL_OUTPUT)
class both_states_put_out(_Cell):
    def call(self, inputs, states):
        c, h = self.taken(states)
        c, h = self.step(*self.blocks(inputs, h), c)
        return _join(c, h), self.given(c, h)


@mistake("BasicLSTMCell", hint=CELL_RETURNS)
class output_alone_returned(_Cell):
    def call(self, inputs, states):
        return super().call(inputs, states)[0]


@mistake("BasicLSTMCell", hint=CELL_RETURNS)
class three_things_returned(_Cell):
    def call(self, inputs, states):
        c, h = self.taken(states)
        c, h = self.step(*self.blocks(inputs, h), c)
        return h, c, h


@mistake("BasicLSTMCell", hint=CELL_RETURNS)
class pair_of_numpy_lesson_returned(_Cell):
    def call(self, inputs, states):
        c, h = self.taken(states)
        c, h = self.step(*self.blocks(inputs, h), c)
        return h, c


@mistake("BasicLSTMCell", hint=CELL_RETURNS)
class call_of_the_cell_returns_nothing(_Cell):
    def call(self, inputs, states):
        super().call(inputs, states)


@mistake("BasicLSTMCell", hint=CANDIDATE)
class cell_with_sigmoid_on_the_candidate(_Cell):
    def step(self, zi, zj, zf, zo, c):
        ops = keras.ops
        c = ops.sigmoid(zf + self.forget_bias) * c + ops.sigmoid(zi) * ops.sigmoid(zj)
        return c, ops.sigmoid(zo) * ops.tanh(c)


@mistake("BasicLSTMCell", hint=OUTPUT)
class cell_without_tanh_in_the_output(_Cell):
    def step(self, zi, zj, zf, zo, c):
        c, _ = super().step(zi, zj, zf, zo, c)
        return c, keras.ops.sigmoid(zo) * c


@mistake("BasicLSTMCell", hint=OUTPUT)
class cell_with_its_output_from_the_old_c(_Cell):
    def step(self, zi, zj, zf, zo, c):
        new, _ = super().step(zi, zj, zf, zo, c)
        return new, keras.ops.sigmoid(zo) * keras.ops.tanh(c)


@mistake("BasicLSTMCell", hint=MEMORY)
class cell_with_gates_i_and_f_exchanged_in_c(_Cell):
    def step(self, zi, zj, zf, zo, c):
        ops = keras.ops
        c = ops.sigmoid(zi) * c + ops.sigmoid(zf + self.forget_bias) * ops.tanh(zj)
        return c, ops.sigmoid(zo) * ops.tanh(c)


@mistake("BasicLSTMCell", hint=CELL_ONCE)
class weights_of_the_cell_made_in_call(_Cell):
    def build(self, input_shape):
        pass

    def call(self, inputs, states):
        super().build(inputs.shape)
        return super().call(inputs, states)


@mistake("BasicLSTMCell", hint=CELL_ONCE)
class weights_of_the_cell_drawn_anew_in_call(_Cell):
    def build(self, input_shape):
        pass

    def call(self, inputs, states):
        rows = inputs.shape[-1] + self.num_units
        self.kernel = keras.random.normal((rows, 4 * self.num_units))
        self.bias = keras.ops.zeros(4 * self.num_units)
        return super().call(inputs, states)


@mistake("BasicLSTMCell", hint=CELL_ONCE)
class weights_of_the_cell_not_trained(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        self.trainable = False


@mistake("BasicLSTMCell", hint=CELL_WIDTH)
class inputs_of_the_cell_hard_coded(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        super().build((None, 20))

    def build(self, input_shape):
        pass


@mistake("BasicLSTMCell", hint=CELL_WIDTH)
class as_many_inputs_as_units_in_the_cell(_Cell):
    def build(self, input_shape):
        super().build((None, self.num_units))


def _for_inputs(width):
    """A cell that is built for this many inputs, whatever comes."""

    class Fixed(_Cell):
        def build(self, input_shape):
            super().build((None, width))

    return Fixed


for _width in (1, 2, 3, 4, 5, 8, 10):
    _answer = _for_inputs(_width)
    _answer.__name__ = f"kernel_for_{_width}_inputs"
    mistake("BasicLSTMCell", hint=CELL_WIDTH)(_answer)


class _Weights(_Cell):
    """Weights in other shapes or another order."""

    def shapes(self, inputs):
        return [(inputs + self.num_units, 4 * self.num_units), (4 * self.num_units,)]

    def build(self, input_shape):
        for shape in self.shapes(input_shape[-1]):
            self.add_weight(shape=shape, initializer="zeros")


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class bias_of_the_cell_first(_Weights):
    def shapes(self, inputs):
        return super().shapes(inputs)[::-1]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class kernel_cut_as_in_keras(_Weights):
    def shapes(self, inputs):
        columns = 4 * self.num_units
        return [(inputs, columns), (self.num_units, columns), (columns,)]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class one_kernel_for_all_gates(_Weights):
    def shapes(self, inputs):
        return [(inputs + self.num_units, self.num_units), (self.num_units,)]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class kernel_of_the_cell_transposed(_Weights):
    def shapes(self, inputs):
        return [(4 * self.num_units, inputs + self.num_units), (4 * self.num_units,)]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class kernel_for_the_inputs_only(_Weights):
    def shapes(self, inputs):
        return [(inputs, 4 * self.num_units), (4 * self.num_units,)]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class no_bias_in_the_cell(_Weights):
    def shapes(self, inputs):
        return super().shapes(inputs)[:1]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class kernel_with_rows_for_both_states(_Weights):
    def shapes(self, inputs):
        return [(inputs + 2 * self.num_units, 4 * self.num_units), (4 * self.num_units,)]


@mistake("BasicLSTMCell", hint=CELL_WEIGHTS)
class four_kernels(_Weights):
    def shapes(self, inputs):
        return [(inputs + self.num_units, self.num_units)] * 4 + [(self.num_units,)] * 4


@mistake("BasicLSTMCell", hint=CELL_TENSORS)
class numpy_in_the_call_of_the_cell(_Cell):
    def step(self, zi, zj, zf, zo, c):
        ops = keras.ops
        c = ops.sigmoid(zf + self.forget_bias) * c + ops.sigmoid(zi) * np.tanh(zj)
        return c, ops.sigmoid(zo) * np.tanh(c)


@mistake("BasicLSTMCell", hint=CELL_TENSORS)
class sigmoid_of_numpy_in_the_cell(_Cell):
    def step(self, zi, zj, zf, zo, c):
        c = sigmoid(zf + self.forget_bias) * c + sigmoid(zi) * np.tanh(zj)
        return c, sigmoid(zo) * np.tanh(c)


@mistake("BasicLSTMCell", hint=CELL_TENSORS)
class tensors_of_the_cell_turned_into_numpy(_Cell):
    def blocks(self, inputs, h):
        return [z.numpy() for z in super().blocks(inputs, h)]


@mistake("BasicLSTMCell", hint=CELL_TENSORS)
class gradient_stopped_at_the_states(_Cell):
    def taken(self, states):
        return [keras.ops.stop_gradient(s) for s in super().taken(states)]


@mistake("BasicLSTMCell", hint=CELL_TENSORS)
class gradient_stopped_at_c(_Cell):
    def taken(self, states):
        c, h = super().taken(states)
        return keras.ops.stop_gradient(c), h


@mistake("BasicLSTMCell", hint=CELL_OWN_WORK)
class lstm_cell_of_keras_renamed(keras.layers.LSTMCell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, **kwargs)


@mistake("BasicLSTMCell", hint=CELL_OWN_WORK)
class lstm_cell_of_keras_wrapped(_Cell):
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, **kwargs):
        super().__init__(num_units, forget_bias, state_is_tuple, **kwargs)
        self.cell = keras.layers.LSTMCell(num_units)


@mistake("BasicLSTMCell", hint=CELL_OWN_WORK)
class lstm_cell_that_is_no_layer:
    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True):
        self.num_units = num_units


# to_keras_lstm

REORDER = """The blocks of the columns are in the wrong order. Write i, j, f, o over the blocks
that come in and i, f, g, o over those that go out; j and g are the same gate."""
SPLIT_ROWS = """The rows are cut at the wrong place or exchanged. Which rows of the kernel multiply
the inputs, and how many are they?"""
BIAS_MOVED = """The forget bias belongs into the bias that you return, in one block and once. Which
block of Keras's bias opens the forget gate?"""
ALL_THREE = "The bias has the same columns as the kernels. Were all three treated alike?"
TRIPLE = """The result is a list of three arrays: kernel (D, 4H), recurrent_kernel (H, 4H) and bias
(4H,), in this order."""


def _converted(kernel, bias, forget_bias, inputs, order="ifjo", bias_order=None, add=None):
    """The conversion with places to go wrong: the orders, and what is added to each block."""
    add = add or {"f": forget_bias}
    blocks = dict(zip("ijfo", np.split(kernel, 4, axis=1), strict=True))
    biases = dict(zip("ijfo", np.split(bias, 4), strict=True))
    moved = np.concatenate([blocks[name] for name in order], axis=1)
    bias = np.concatenate([biases[n] + add.get(n, 0.0) for n in bias_order or order])
    return [moved[:inputs], moved[inputs:], bias]


@mistake("to_keras_lstm", hint=REORDER)
def columns_left_in_place(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, inputs, order="ijfo")


@mistake("to_keras_lstm", hint=REORDER)
def columns_left_in_place_and_bias_on_the_second_block(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, inputs, order="ijfo", add={"j": forget_bias})


for _order in ("fijo", "jifo", "ofij", "ifoj", "iofj", "fjio"):

    def _answer(kernel, bias, forget_bias, inputs, order=_order):
        return _converted(kernel, bias, forget_bias, inputs, order=order)

    _answer.__name__ = "converted_to_the_order_" + "_".join(_order)
    mistake("to_keras_lstm", hint=REORDER)(_answer)


@mistake("to_keras_lstm", hint=ALL_THREE)
def bias_not_reordered(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, inputs, bias_order="ijfo")


@mistake("to_keras_lstm", hint=ALL_THREE)
def bias_not_reordered_and_forget_bias_on_its_second_block(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, inputs, bias_order="ijfo", add={"j": forget_bias})


@mistake("to_keras_lstm", hint=ALL_THREE)
def kernel_reordered_only(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [moved[0], kernel[inputs:], moved[2]]


@mistake("to_keras_lstm", hint=ALL_THREE)
def recurrent_kernel_reordered_only(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [kernel[:inputs], *moved[1:]]


@mistake("to_keras_lstm", hint=ALL_THREE)
def bias_reordered_only(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [kernel[:inputs], kernel[inputs:], moved[2]]


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_left_out(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 0.0, inputs)


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_twice(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 2 * forget_bias, inputs)


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_everywhere(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 0.0, inputs, add=dict.fromkeys("ijfo", forget_bias))


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_to_the_candidate(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 0.0, inputs, add={"j": forget_bias})


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_to_the_input_gate(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 0.0, inputs, add={"i": forget_bias})


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_subtracted_from_the_bias(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, -forget_bias, inputs)


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def one_for_any_forget_bias(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, 1.0, inputs)


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_put_in_the_place_of_the_bias(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    units = len(bias) // 4
    moved[2][units : 2 * units] = forget_bias
    return moved


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_to_the_first_unit_only(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, 0.0, inputs)
    moved[2][len(bias) // 4] += forget_bias
    return moved if len(bias) > 4 else [*moved[:2], moved[2] + 0.5]


@mistake("to_keras_lstm", hint=BIAS_MOVED)
def forget_bias_added_to_the_kernels_too(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    units = len(bias) // 4
    for weights in moved[:2]:
        weights[:, units : 2 * units] += forget_bias
    return moved


@mistake("to_keras_lstm", hint=SPLIT_ROWS)
def rows_of_the_state_first(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    whole = np.concatenate(moved[:2])
    units = len(bias) // 4
    return [whole[units:], whole[:units], moved[2]]


@mistake("to_keras_lstm", hint=SPLIT_ROWS)
def rows_cut_in_the_middle(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, len(kernel) // 2)


@mistake("to_keras_lstm", hint=SPLIT_ROWS)
def rows_cut_after_the_units(kernel, bias, forget_bias, inputs):
    return _converted(kernel, bias, forget_bias, len(bias) // 4)


@mistake("to_keras_lstm", hint=SPLIT_ROWS)
def rows_not_cut(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [np.concatenate(moved[:2]), moved[2]]


@mistake("to_keras_lstm", hint=TRIPLE)
def kernels_exchanged_in_the_list(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [moved[1], moved[0], moved[2]]


@mistake("to_keras_lstm", hint=TRIPLE)
def bias_first_in_the_list(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [moved[2], *moved[:2]]


@mistake("to_keras_lstm", hint=TRIPLE)
def kernels_transposed_in_the_list(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return [moved[0].T, moved[1].T, moved[2]]


@mistake("to_keras_lstm", hint=TRIPLE)
def weights_in_a_dict(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    return dict(zip(("kernel", "recurrent_kernel", "bias"), moved, strict=True))


@mistake("to_keras_lstm", hint=IN_PLACE)
def bias_changed_in_place(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    units = len(bias) // 4
    bias[2 * units : 3 * units] += forget_bias
    return moved


@mistake("to_keras_lstm", hint=IN_PLACE)
def kernel_reordered_in_place(kernel, bias, forget_bias, inputs):
    moved = _converted(kernel, bias, forget_bias, inputs)
    kernel[:] = np.concatenate(moved[:2])
    return moved


@mistake("to_keras_lstm", hint=NO_RETURN)
def conversion_returns_nothing(kernel, bias, forget_bias, inputs):
    _converted(kernel, bias, forget_bias, inputs)


# memory_kept

POWER = """Each step multiplies what is left by the same gate. How often, and what follows for no
step at all?"""
GATE_VALUE = "The gate is not the bias itself. Which function turns the one into the other?"
KEPT = "The question is for the part that is left. What would a gate that is wide open give?"


@mistake("memory_kept", hint=POWER)
def gate_times_steps(forget_bias, steps):
    return float(sigmoid(forget_bias) * steps)


@mistake("memory_kept", hint=POWER)
def one_step_only(forget_bias, steps):
    return float(sigmoid(forget_bias))


@mistake("memory_kept", hint=POWER)
def one_step_too_many(forget_bias, steps):
    return float(sigmoid(forget_bias) ** (steps + 1))


@mistake("memory_kept", hint=POWER)
def one_step_too_few(forget_bias, steps):
    return float(sigmoid(forget_bias) ** max(steps - 1, 0))


@mistake("memory_kept", hint=POWER)
def power_turned_around(forget_bias, steps):
    return float(steps ** sigmoid(forget_bias))


@mistake("memory_kept", hint=POWER)
def steps_inside_the_sigmoid(forget_bias, steps):
    return float(sigmoid(forget_bias * steps))


@mistake("memory_kept", hint=POWER)
def sigmoid_of_the_power(forget_bias, steps):
    return float(sigmoid(forget_bias**steps))


@mistake("memory_kept", hint=POWER)
def gate_divided_by_steps(forget_bias, steps):
    return float(sigmoid(forget_bias) / max(steps, 1))


@mistake("memory_kept", hint=POWER)
def sigmoid_applied_again_and_again(forget_bias, steps):
    kept = forget_bias
    for _ in range(steps):
        kept = sigmoid(kept)
    return float(kept)


@mistake("memory_kept", hint=POWER)
def exponential_decay(forget_bias, steps):
    return float(np.exp(-steps * sigmoid(forget_bias)))


@mistake("memory_kept", hint=POWER)
def sum_of_the_powers(forget_bias, steps):
    return float(sum(sigmoid(forget_bias) ** n for n in range(steps + 1)))


@mistake("memory_kept", hint=GATE_VALUE)
def bias_to_the_power(forget_bias, steps):
    return float(forget_bias) ** steps


@mistake("memory_kept", hint=GATE_VALUE)
def tanh_for_the_gate(forget_bias, steps):
    return float(np.tanh(forget_bias) ** steps)


@mistake("memory_kept", hint=KEPT)
def sign_of_the_bias_turned(forget_bias, steps):
    return float(sigmoid(-forget_bias) ** steps)


@mistake("memory_kept", hint=GATE_VALUE)
def size_of_the_bias_only(forget_bias, steps):
    return float(sigmoid(abs(forget_bias)) ** steps)


@mistake("memory_kept", hint=GATE_VALUE)
def one_added_to_the_bias(forget_bias, steps):
    return float(sigmoid(forget_bias + 1.0) ** steps)


@mistake("memory_kept", hint=GATE_VALUE)
def slope_of_the_gate(forget_bias, steps):
    gate = sigmoid(forget_bias)
    return float((gate * (1 - gate)) ** steps)


@mistake("memory_kept", hint=KEPT)
def part_that_is_lost(forget_bias, steps):
    return float(1.0 - sigmoid(forget_bias) ** steps)


@mistake("memory_kept", hint=KEPT)
def what_is_not_forgotten_turned_around(forget_bias, steps):
    return float((1.0 - sigmoid(forget_bias)) ** steps)


@mistake("memory_kept", hint="Small is not zero: the parts are compared relative to their size.")
def rounded_to_six_places(forget_bias, steps):
    return float(np.round(sigmoid(forget_bias) ** steps, 6))


@mistake("memory_kept", hint="Small is not zero: the parts are compared relative to their size.")
def held_above_a_floor(forget_bias, steps):
    return float(max(sigmoid(forget_bias) ** steps, 1e-8))


@mistake("memory_kept", hint="Small is not zero: the parts are compared relative to their size.")
def held_above_a_tiny_floor(forget_bias, steps):
    return float(max(sigmoid(forget_bias) ** steps, 1e-30))


@mistake("memory_kept", hint="The result is one float, not an array of them.")
def all_steps_returned(forget_bias, steps):
    return sigmoid(forget_bias) ** np.arange(steps + 1)


@mistake("memory_kept", hint="The result is one float, not an array of them.")
def array_of_one(forget_bias, steps):
    return np.array([sigmoid(forget_bias) ** steps])


@mistake("memory_kept", hint=NO_RETURN)
def memory_returns_nothing(forget_bias, steps):
    sigmoid(forget_bias) ** steps
