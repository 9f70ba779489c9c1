"""Known-wrong answers of the lesson ``lstm_cell``, most specific first within an exercise.

Wrong steps use the global ``sigmoid`` and wrong forward passes the global ``lstm_step`` where right
ones do, and hand them to the helpers: grading replaces them with the student's own, in the mistake
only.
"""

import math

import numpy as np

from solutions.lstm_cell import lstm_step, sigmoid
from solutions.mistakes import mistake

NO_RETURN = "The answer gives nothing back. Printing a result does not hand it to the caller."
SHAPES = """Some product or sum does not fit these sizes. Write the shape of every array next to
the equation, and take every size from the arguments: a number that fits one example fails on the
next."""
UNKNOWN_NAME = """The answer uses a name that nothing in it defines. It may only use its arguments
and the functions of this notebook, not variables of other cells."""
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
