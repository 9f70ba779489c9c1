"""Known-wrong answers of the lesson ``through_time``, most specific first within an exercise.

Wrong backward passes use the global ``rnn_step_backward`` where a right one does, and hand it to
the helpers: grading replaces it with the student's own, in the mistake only.
"""

import copy
import random

import numpy as np

from solutions.mistakes import IN_PLACE, NO_RETURN, UNKNOWN_NAME, mistake
from solutions.through_time import rnn_step_backward

# rnn_step_backward

SLOPE = """The factor for tanh is not right. The slope at a is 1 - tanh(a)^2, and tanh(a) is a
number that you are given: which of the arguments is it?"""
SLOPE_MISSING = """Some results do not see the slope of tanh. All five come from da, the gradient
for the sum inside tanh, and not from dh itself."""
WH_TURNED = """The way back through the recurrent weights is not right. Forwards a row is multiplied
by Wh; by what is it multiplied on its way back?"""
WEIGHT_TURNED = """A gradient of the weights has its rows and columns exchanged. It has the shape of
the weights, and its entry (i, j) is what arrives at unit j times what input i was."""
WHICH_STATE = """A factor of the recurrent weights' gradient is not right. In the sum inside tanh,
Wh is multiplied by one of the two states: by which?"""
SUM_ROWS = """The gradient of the bias has to have the shape of the bias. Every row of the batch
adds the same b, so what do their gradients do?"""
AVERAGED = """The gradients of the weights are smaller the larger the batch is. The loss decides
whether to average; the way back only adds up."""
ORDER = "All is there, but the results come in another order than (dx, dh_prev, dWx, dWh, db)."
FIVE = "Five results are asked for, as a tuple: (dx, dh_prev, dWx, dWh, db)."
SIGN = "The results have the wrong sign. The gradient is asked for, not the step downhill."
EXTRA_TERM = """A gradient holds something that does not come through tanh. Which terms of the
equation of the step contain this argument?"""
ROWS = "Only some rows of the batch count. The gradients of the weights are sums over all rows."
STEP_SHAPES = """Some product or sum does not fit these sizes. Write the shape of every array next
to the equation: each result has the shape of what it is the gradient of."""


def _step(x, h_prev, Wx, Wh, da):
    """The right results for a given da, for mistakes that lie elsewhere."""
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=SLOPE)
def output_taken_for_the_sum(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - np.tanh(h) ** 2))


@mistake("rnn_step_backward", hint=SLOPE)
def slope_taken_on_the_pre_activation(dh, x, h_prev, h, Wx, Wh):
    a = np.arctanh(h)
    return _step(x, h_prev, Wx, Wh, dh * (1 - a**2))


@mistake("rnn_step_backward", hint=SLOPE)
def slope_of_the_sum_without_bias(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - np.tanh(x @ Wx + h_prev @ Wh) ** 2))


@mistake("rnn_step_backward", hint=SLOPE)
def square_of_the_sum_without_bias(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - (x @ Wx + h_prev @ Wh) ** 2))


@mistake("rnn_step_backward", hint=SLOPE)
def slope_at_the_old_state(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - h_prev**2))


@mistake("rnn_step_backward", hint=SLOPE)
def square_forgotten_in_the_slope(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - h))


@mistake("rnn_step_backward", hint=SLOPE)
def slope_of_the_sigmoid(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * h * (1 - h))


@mistake("rnn_step_backward", hint=SLOPE)
def one_forgotten_in_the_slope(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * h**2)


@mistake("rnn_step_backward", hint=SLOPE)
def slope_of_the_gradient(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, 1 - dh**2)


@mistake("rnn_step_backward", hint=SLOPE)
def slope_alone_without_dh(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, 1 - h**2)


@mistake("rnn_step_backward", hint=SLOPE)
def slope_applied_twice(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - h**2) ** 2)


@mistake("rnn_step_backward", hint=SLOPE)
def tanh_for_its_slope(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * h)


@mistake("rnn_step_backward", hint=SLOPE)
def divided_by_the_slope(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh / (1 - h**2))


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh)


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing_in_db(dh, x, h_prev, h, Wx, Wh):
    return (*_step(x, h_prev, Wx, Wh, dh * (1 - h**2))[:4], dh.sum(axis=0))


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing_in_the_weights(dh, x, h_prev, h, Wx, Wh):
    return (*_step(x, h_prev, Wx, Wh, dh * (1 - h**2))[:2], *_step(x, h_prev, Wx, Wh, dh)[2:])


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing_on_the_way_back(dh, x, h_prev, h, Wx, Wh):
    return (*_step(x, h_prev, Wx, Wh, dh)[:2], *_step(x, h_prev, Wx, Wh, dh * (1 - h**2))[2:])


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing_in_dh_prev(dh, x, h_prev, h, Wx, Wh):
    dx, _, *weights = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return (dx, dh @ Wh.T, *weights)


@mistake("rnn_step_backward", hint=SLOPE_MISSING)
def slope_missing_in_dx(dh, x, h_prev, h, Wx, Wh):
    _, *rest = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return (dh @ Wx.T, *rest)


@mistake(
    "rnn_step_backward",
    hint="The slope of tanh comes in too late: a gradient passes tanh first, on its way back, and "
    "the weights after it.",
)
def slope_after_the_weights(dh, x, h_prev, h, Wx, Wh):
    dx, _, *weights = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return (dx, (dh @ Wh.T) * (1 - h**2), *weights)


@mistake("rnn_step_backward", hint=WH_TURNED)
def recurrent_weights_not_transposed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WH_TURNED)
def weights_from_the_left(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, (Wh.T @ da.T).T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WH_TURNED)
def only_the_diagonal_of_the_recurrent_weights(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da * np.diag(Wh), x.T @ da, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WEIGHT_TURNED)
def recurrent_gradient_transposed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, da.T @ h_prev, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WEIGHT_TURNED)
def both_gradients_transposed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, da.T @ x, da.T @ h_prev, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WEIGHT_TURNED)
def input_gradient_transposed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, da.T @ x, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WHICH_STATE)
def new_state_in_the_weights_gradient(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WHICH_STATE)
def gradient_for_the_state_in_the_weights_gradient(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, (da @ Wh.T).T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=WHICH_STATE)
def weights_gradient_is_dh_dh(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, dh.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=SUM_ROWS)
def bias_gradient_not_summed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da


@mistake("rnn_step_backward", hint=SUM_ROWS)
def bias_gradient_keeps_the_batch_axis(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0, keepdims=True)


@mistake("rnn_step_backward", hint=SUM_ROWS)
def bias_gradient_summed_over_units(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=1)


@mistake("rnn_step_backward", hint=SUM_ROWS)
def bias_gradient_summed_over_everything(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, np.full(len(Wh), da.sum())


@mistake("rnn_step_backward", hint=SUM_ROWS)
def bias_gradient_of_the_first_row(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da[0]


@mistake("rnn_step_backward", hint=AVERAGED)
def bias_gradient_averaged(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h_prev.T @ da, da.mean(axis=0)


@mistake("rnn_step_backward", hint=AVERAGED)
def weights_gradients_averaged(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, *weights = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return (dx, dh_prev, *(w / len(x) for w in weights))


@mistake("rnn_step_backward", hint=AVERAGED)
def all_averaged(dh, x, h_prev, h, Wx, Wh):
    return tuple(g / len(x) for g in _step(x, h_prev, Wx, Wh, dh * (1 - h**2)))


@mistake("rnn_step_backward", hint=AVERAGED)
def matrices_averaged_and_the_bias_summed(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, dWx, dWh, db = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return dx, dh_prev, dWx / len(x), dWh / len(x), db


@mistake("rnn_step_backward", hint=ROWS)
def weights_gradients_of_the_first_row(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, np.outer(x[0], da[0]), np.outer(h_prev[0], da[0]), da.sum(axis=0)


@mistake("rnn_step_backward", hint=ROWS)
def weights_gradients_one_for_each_row(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    dWx, dWh = x[:, :, None] * da[:, None], h_prev[:, :, None] * da[:, None]
    return da @ Wx.T, da @ Wh.T, dWx, dWh, da.sum(axis=0)


@mistake("rnn_step_backward", hint=EXTRA_TERM)
def gradient_also_passed_on_untouched(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, *weights = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return (dx, dh_prev + dh, *weights)


@mistake("rnn_step_backward", hint=EXTRA_TERM)
def weights_added_to_their_gradients(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, dWx, dWh, db = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return dx, dh_prev, dWx + Wx, dWh + Wh, db


@mistake("rnn_step_backward", hint=SIGN)
def signs_turned(dh, x, h_prev, h, Wx, Wh):
    return tuple(-g for g in _step(x, h_prev, Wx, Wh, dh * (1 - h**2)))


@mistake("rnn_step_backward", hint=SIGN)
def slope_with_the_wrong_sign(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (h**2 - 1))


@mistake("rnn_step_backward", hint=ORDER)
def state_before_input(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, dWx, dWh, db = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return dh_prev, dx, dWx, dWh, db


@mistake("rnn_step_backward", hint=ORDER)
def weights_first(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, dWx, dWh, db = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return dWx, dWh, db, dx, dh_prev


@mistake("rnn_step_backward", hint=ORDER)
def recurrent_weights_before_input_weights(dh, x, h_prev, h, Wx, Wh):
    dx, dh_prev, dWx, dWh, db = _step(x, h_prev, Wx, Wh, dh * (1 - h**2))
    return dx, dh_prev, dWh, dWx, db


@mistake("rnn_step_backward", hint=FIVE)
def bias_gradient_left_out(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - h**2))[:4]


@mistake("rnn_step_backward", hint=FIVE)
def step_returns_a_dict(dh, x, h_prev, h, Wx, Wh):
    names = ("dx", "dh_prev", "dWx", "dWh", "db")
    return dict(zip(names, _step(x, h_prev, Wx, Wh, dh * (1 - h**2)), strict=True))


@mistake("rnn_step_backward", hint=FIVE)
def only_the_gradient_of_the_state(dh, x, h_prev, h, Wx, Wh):
    return (dh * (1 - h**2)) @ Wh.T


@mistake("rnn_step_backward", hint=IN_PLACE)
def dh_changed_in_place(dh, x, h_prev, h, Wx, Wh):
    dh *= 1 - h**2
    return _step(x, h_prev, Wx, Wh, dh)


@mistake("rnn_step_backward", hint=IN_PLACE)
def h_changed_in_place(dh, x, h_prev, h, Wx, Wh):
    h *= h
    return _step(x, h_prev, Wx, Wh, dh * (1 - h))


@mistake("rnn_step_backward", hint=NO_RETURN)
def step_backward_returns_nothing(dh, x, h_prev, h, Wx, Wh):
    _step(x, h_prev, Wx, Wh, dh * (1 - h**2))


@mistake("rnn_step_backward", hint=UNKNOWN_NAME)
def bias_of_another_cell_used(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * (1 - np.tanh(x @ Wx + h_prev @ Wh + b) ** 2))  # noqa: F821


@mistake("rnn_step_backward", hint=STEP_SHAPES)
def input_weights_not_transposed(dh, x, h_prev, h, Wx, Wh):
    da = dh * (1 - h**2)
    return da @ Wx, da @ Wh.T, x.T @ da, h_prev.T @ da, da.sum(axis=0)


@mistake("rnn_step_backward", hint=STEP_SHAPES)
def matrix_product_with_the_slope(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh @ (1 - h**2))


BOUNDED = """Large or small numbers are bounded, or left out. A gradient is what the equation gives,
whatever its size; to clip it is another step, which is not asked for here."""


@mistake("rnn_step_backward", hint=BOUNDED)
def gradients_clipped_to_five(dh, x, h_prev, h, Wx, Wh):
    return tuple(np.clip(g, -5, 5) for g in _step(x, h_prev, Wx, Wh, dh * (1 - h**2)))


@mistake("rnn_step_backward", hint=BOUNDED)
def flat_units_left_out(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * np.where(np.abs(h) > 0.99, 0, 1 - h**2))


@mistake("rnn_step_backward", hint=BOUNDED)
def slope_kept_above_a_twentieth(dh, x, h_prev, h, Wx, Wh):
    return _step(x, h_prev, Wx, Wh, dh * np.maximum(1 - h**2, 0.05))


# rnn_backward

CARRY = """What a step gives back for its h_prev is lost. The state before it has two duties: the
loss looks at it, and the next step reads it. Which gradient belongs to which?"""
LOSS_AT_EACH = """The loss's own gradient is not taken in at every step. dhs[:, t] is what the loss
says about the state of step t; where does it join what comes from later steps?"""
TWICE = "Something is added more often than it arrives. Follow T = 2 by hand."
ADD_UP = """The gradients of the weights are not those of all steps. One set of weights serves every
step, and each step has its share in the gradient."""
STEPS_AVERAGED = """The gradients of the weights are smaller the longer the sequence, or the larger
the batch, is. The loss decides whether to average; the way back only adds up."""
FORWARDS = """The steps are visited in the wrong order. What does the gradient of a state depend on:
on the steps before it, or after it?"""
BEFORE_FIRST = """The first step does not get the state that it started from. Which is the state
before step 0? Note that index -1 is the last step."""
WHICH_H = """The states are one step off. The step that wrote hs[:, t] read the state before it."""
DH0 = """The gradient of h0 is not right. It is what the first step gives back for its h_prev, the
last thing that is carried."""
STEPS_MISSING = "Some steps are left out. From where to where does your loop run?"
WRONG_STEP = "The gradients of the inputs sit at the wrong steps."
DICT = "Return a dict with the keys xs, h0, Wx, Wh and b, and only gradients in it."
WHOLE_BATCH = "Rows of the batch are mixed. The sequences of a batch do not know of each other."
WHICH_CARRIED = """What is carried to the step before is not the gradient of that step's state.
rnn_step_backward returns five things: which of them belongs to h_prev?"""


def _pass(step, dhs, xs, h0, hs, Wx, Wh, h_prevs=None):
    """The right results by steps, last step first; step is ``rnn_step_backward``."""
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1) if h_prevs is None else h_prevs
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(step(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return found


def _result(found):
    """The dict of gradients from the results by steps, last step first."""
    dxs, dh_prevs, *weights = zip(*found, strict=True)
    dWx, dWh, db = (np.sum(w, axis=0) for w in weights)
    return {"xs": np.stack(dxs[::-1], axis=1), "h0": dh_prevs[-1], "Wx": dWx, "Wh": dWh, "b": db}


def _with(answer, **changes):
    return answer | changes


@mistake("rnn_backward", hint=CARRY)
def carried_gradient_dropped(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    return _result(
        [
            rnn_step_backward(dhs[:, t], xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
            for t in reversed(range(xs.shape[1]))
        ]
    )


@mistake("rnn_backward", hint=CARRY)
def carried_over_one_step_only(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        own = rnn_step_backward(dhs[:, t], xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = own[1]
    return _result(found)


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def loss_at_the_last_step_only(dhs, xs, h0, hs, Wx, Wh):
    late = np.zeros_like(dhs)
    late[:, -1] = dhs[:, -1]
    return _result(_pass(rnn_step_backward, late, xs, h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def loss_at_the_first_step_only(dhs, xs, h0, hs, Wx, Wh):
    early = np.zeros_like(dhs)
    early[:, 0] = dhs[:, 0]
    return _result(_pass(rnn_step_backward, early, xs, h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def loss_of_the_step_before(dhs, xs, h0, hs, Wx, Wh):
    return _result(_pass(rnn_step_backward, np.roll(dhs, 1, axis=1), xs, h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def loss_of_the_step_after(dhs, xs, h0, hs, Wx, Wh):
    return _result(_pass(rnn_step_backward, np.roll(dhs, -1, axis=1), xs, h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def loss_added_after_the_step(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    dh, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(rnn_step_backward(dh, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
        dh = found[-1][1] + dhs[:, t]
    return _with(_result(found), h0=dh)


@mistake("rnn_backward", hint=LOSS_AT_EACH)
def average_of_loss_and_carried(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        dh = (dhs[:, t] + carried) / 2
        found.append(rnn_step_backward(dh, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=TWICE)
def carried_piles_up(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = carried + found[-1][1]
    return _with(_result(found), h0=carried)


@mistake("rnn_backward", hint=TWICE)
def carried_piles_up_but_for_h0(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = carried + found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=TWICE)
def losses_summed_without_the_way_between(dhs, xs, h0, hs, Wx, Wh):
    summed = np.cumsum(dhs[:, ::-1], axis=1)[:, ::-1]
    return _result(_pass(rnn_step_backward, summed, xs, h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=TWICE)
def loss_added_to_what_is_carried_too(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = found[-1][1] + dhs[:, t]
    return _result(found)


@mistake("rnn_backward", hint=ADD_UP)
def weights_gradients_assigned_and_not_added(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    dWx, dWh, db = found[-1][2:]
    return _with(_result(found), Wx=dWx, Wh=dWh, b=db)


@mistake("rnn_backward", hint=ADD_UP)
def weights_gradients_of_the_last_step(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    dWx, dWh, db = found[0][2:]
    return _with(_result(found), Wx=dWx, Wh=dWh, b=db)


@mistake("rnn_backward", hint=ADD_UP)
def bias_gradient_assigned_and_not_added(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), b=found[-1][4])


@mistake("rnn_backward", hint=ADD_UP)
def input_weights_gradient_assigned_and_not_added(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), Wx=found[-1][2])


@mistake("rnn_backward", hint=ADD_UP)
def recurrent_gradient_assigned_and_not_added(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), Wh=found[-1][3])


@mistake("rnn_backward", hint=ADD_UP)
def weights_gradients_subtracted(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, **{name: -right[name] for name in ("Wx", "Wh", "b")})


@mistake("rnn_backward", hint=ADD_UP)
def first_step_without_a_share(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    dWx, dWh, db = (np.sum([f[n] for f in found[:-1]] or [0 * found[0][n]], 0) for n in (2, 3, 4))
    return _with(_result(found), Wx=dWx, Wh=dWh, b=db)


@mistake("rnn_backward", hint=STEPS_AVERAGED)
def averaged_over_the_steps(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, **{name: right[name] / xs.shape[1] for name in ("Wx", "Wh", "b")})


@mistake("rnn_backward", hint=STEPS_AVERAGED)
def averaged_over_the_batch(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, **{name: right[name] / len(xs) for name in ("Wx", "Wh", "b")})


@mistake("rnn_backward", hint=STEPS_AVERAGED)
def averaged_over_batch_and_steps(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    many = len(xs) * xs.shape[1]
    return _with(right, **{name: right[name] / many for name in ("Wx", "Wh", "b")})


@mistake("rnn_backward", hint=STEPS_AVERAGED)
def everything_averaged_over_the_steps(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return {name: gradient / xs.shape[1] for name, gradient in right.items()}


@mistake("rnn_backward", hint=STEPS_AVERAGED)
def everything_averaged_over_the_batch(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return {name: gradient / len(xs) for name, gradient in right.items()}


@mistake("rnn_backward", hint=FORWARDS)
def runs_forward_in_time(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in range(xs.shape[1]):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = found[-1][1]
    return _with(_result(found[::-1]), h0=carried)


@mistake("rnn_backward", hint=BEFORE_FIRST)
def last_state_read_at_the_first_step(dhs, xs, h0, hs, Wx, Wh):
    return _result(
        _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh, h_prevs=np.roll(hs, 1, axis=1))
    )


@mistake("rnn_backward", hint=BEFORE_FIRST)
def first_step_from_zeros(dhs, xs, h0, hs, Wx, Wh):
    return _result(_pass(rnn_step_backward, dhs, xs, 0 * h0, hs, Wx, Wh))


@mistake("rnn_backward", hint=BEFORE_FIRST)
def first_state_read_at_the_first_step(dhs, xs, h0, hs, Wx, Wh):
    return _result(_pass(rnn_step_backward, dhs, xs, hs[:, 0], hs, Wx, Wh))


@mistake("rnn_backward", hint=WHICH_H)
def own_state_for_the_one_before(dhs, xs, h0, hs, Wx, Wh):
    return _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh, h_prevs=hs))


@mistake("rnn_backward", hint=WHICH_H)
def h0_before_every_step(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.repeat(h0[:, None], xs.shape[1], axis=1)
    return _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh, h_prevs=h_prevs))


@mistake("rnn_backward", hint=WHICH_H)
def state_before_taken_for_the_output(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    return _result(_pass(rnn_step_backward, dhs, xs, h0, h_prevs, Wx, Wh, h_prevs=h_prevs))


@mistake("rnn_backward", hint=WHICH_H)
def states_exchanged(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    return _result(_pass(rnn_step_backward, dhs, xs, h0, h_prevs, Wx, Wh, h_prevs=hs))


@mistake("rnn_backward", hint=DH0)
def gradient_of_h0_missing(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    del right["h0"]
    return right


@mistake("rnn_backward", hint=DH0)
def gradient_of_h0_left_at_zero(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, h0=np.zeros_like(h0))


@mistake("rnn_backward", hint=DH0)
def gradient_of_the_first_state_for_h0(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    dh = dhs[:, 0] + (found[-2][1] if len(found) > 1 else 0.0)
    return _with(_result(found), h0=dh)


@mistake("rnn_backward", hint=DH0)
def carried_before_the_first_step_for_h0(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), h0=found[-2][1] if len(found) > 1 else np.zeros_like(h0))


@mistake("rnn_backward", hint=DH0)
def last_step_for_h0(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), h0=found[0][1])


@mistake("rnn_backward", hint=DH0)
def all_steps_added_up_for_h0(dhs, xs, h0, hs, Wx, Wh):
    found = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    return _with(_result(found), h0=np.sum([f[1] for f in found], axis=0))


@mistake("rnn_backward", hint=STEPS_MISSING)
def first_step_left_out(dhs, xs, h0, hs, Wx, Wh):
    *late, first = _pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)
    dx, *_, dWx, dWh, db = (np.zeros_like(part) for part in first)
    return _result([*late, (dx, late[-1][1] if late else np.zeros_like(h0), dWx, dWh, db)])


@mistake("rnn_backward", hint=STEPS_MISSING)
def last_step_left_out(dhs, xs, h0, hs, Wx, Wh):
    early = _pass(rnn_step_backward, dhs[:, :-1], xs[:, :-1], h0, hs[:, :-1], Wx, Wh)
    none = (0 * xs[:, 0], 0 * h0, 0 * Wx, 0 * Wh, 0 * Wh[0])
    return _result([none, *early])


@mistake("rnn_backward", hint=STEPS_MISSING)
def as_many_steps_as_rows(dhs, xs, h0, hs, Wx, Wh):
    n = min(len(xs), xs.shape[1])
    right = _result(_pass(rnn_step_backward, dhs[:, :n], xs[:, :n], h0, hs[:, :n], Wx, Wh))
    dxs = np.zeros_like(xs)
    dxs[:, :n] = right["xs"]
    return _with(right, xs=dxs)


@mistake("rnn_backward", hint=WRONG_STEP)
def gradients_of_the_inputs_in_reverse(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, xs=right["xs"][:, ::-1])


@mistake("rnn_backward", hint=WRONG_STEP)
def gradients_of_the_inputs_shifted(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, xs=np.roll(right["xs"], 1, axis=1))


@mistake("rnn_backward", hint=WRONG_STEP)
def steps_before_rows(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, xs=right["xs"].swapaxes(0, 1))


@mistake("rnn_backward", hint=WRONG_STEP)
def gradients_of_the_inputs_added_up(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, xs=right["xs"].sum(axis=1))


@mistake("rnn_backward", hint=WRONG_STEP)
def gradient_of_the_first_input_only(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, xs=right["xs"][:, 0])


@mistake("rnn_backward", hint=WHICH_CARRIED)
def gradient_of_the_state_itself_carried(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    dh, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        dh = dhs[:, t] + dh
        found.append(rnn_step_backward(dh, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
    return _result(found)


@mistake("rnn_backward", hint=WHICH_CARRIED)
def carried_sent_through_the_weights_again(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = found[-1][1] @ Wh.T
    return _with(_result(found), h0=carried)


@mistake("rnn_backward", hint=WHICH_CARRIED)
def slope_applied_to_what_is_carried(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        dh = dhs[:, t] + carried * (1 - hs[:, t] ** 2)
        found.append(rnn_step_backward(dh, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=WHICH_CARRIED)
def gradient_of_the_input_carried(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        found.append(
            rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh)
        )
        carried = found[-1][0]
    return _result(found)


@mistake("rnn_backward", hint=WHOLE_BATCH)
def carried_averaged_over_the_batch(dhs, xs, h0, hs, Wx, Wh):
    h_prevs = np.concatenate([h0[:, None], hs[:, :-1]], axis=1)
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        dh = dhs[:, t] + carried.mean(axis=0)
        found.append(rnn_step_backward(dh, xs[:, t], h_prevs[:, t], hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=WHOLE_BATCH)
def gradient_of_h0_summed_over_the_batch(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, h0=right["h0"].sum(axis=0))


@mistake("rnn_backward", hint=WHOLE_BATCH)
def gradient_of_h0_averaged_over_the_batch(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, h0=np.repeat(right["h0"].mean(axis=0, keepdims=True), len(xs), axis=0))


@mistake("rnn_backward", hint=DICT)
def keys_named_as_gradients(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return {f"d{name}": gradient for name, gradient in right.items()}


@mistake("rnn_backward", hint=DICT)
def backward_returns_a_tuple(dhs, xs, h0, hs, Wx, Wh):
    return tuple(_result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh)).values())


@mistake("rnn_backward", hint=DICT)
def gradients_of_the_inputs_missing(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    del right["xs"]
    return right


@mistake("rnn_backward", hint=DICT)
def gradient_of_the_bias_missing(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    del right["b"]
    return right


@mistake("rnn_backward", hint=DICT)
def weights_in_place_of_gradients(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    return _with(right, Wx=Wx, Wh=Wh)


@mistake("rnn_backward", hint=IN_PLACE)
def dhs_changed_in_place(dhs, xs, h0, hs, Wx, Wh):
    carried = np.zeros_like(h0)
    found = []
    for t in reversed(range(xs.shape[1])):
        dhs[:, t] += carried
        h_prev = hs[:, t - 1] if t else h0
        found.append(rnn_step_backward(dhs[:, t], xs[:, t], h_prev, hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=IN_PLACE)
def xs_overwritten_with_gradients(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    xs[:] = right["xs"]
    return _with(right, xs=xs)


@mistake("rnn_backward", hint=NO_RETURN)
def backward_returns_nothing(dhs, xs, h0, hs, Wx, Wh):
    _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))


NO_LOSS_HERE = """A step of which the loss says nothing has a gradient all the same: what comes back
from the steps after it goes on through it."""


@mistake("rnn_backward", hint=NO_LOSS_HERE)
def steps_without_loss_skipped(dhs, xs, h0, hs, Wx, Wh):
    right = _result(_pass(rnn_step_backward, dhs, xs, h0, hs, Wx, Wh))
    seen = dhs.any(axis=(0, 2))
    return right if seen.all() else _with(right, xs=right["xs"] * seen[:, np.newaxis])


@mistake("rnn_backward", hint=NO_LOSS_HERE)
def carry_dropped_where_there_is_no_loss(dhs, xs, h0, hs, Wx, Wh):
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        carried = carried * dhs[:, t].any()
        h_prev = hs[:, t - 1] if t else h0
        found.append(rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prev, hs[:, t], Wx, Wh))
        carried = found[-1][1]
    return _result(found)


@mistake("rnn_backward", hint=BOUNDED)
def carry_clipped_to_a_half(dhs, xs, h0, hs, Wx, Wh):
    carried, found = np.zeros_like(h0), []
    for t in reversed(range(xs.shape[1])):
        h_prev = hs[:, t - 1] if t else h0
        found.append(rnn_step_backward(dhs[:, t] + carried, xs[:, t], h_prev, hs[:, t], Wx, Wh))
        carried = np.clip(found[-1][1], -0.5, 0.5)
    return _result(found)


# jacobian_norms

WHICH_NORM = """The size of the Jacobian is measured otherwise than asked. Its spectral norm is the
largest factor by which it can stretch a row: the largest singular value."""
PRODUCT = """The norm of a product is not the product of the norms. Multiply the Jacobians first,
then take the norm."""
WHICH_SLOPES = """The slopes are those of other steps. From h_T to h_{T-1} the gradient passes the
tanh of one step: of which, and which state did it write?"""
SLOPE_OF_STATE = """The slope of tanh is not right. The states are outputs of tanh already; what is
the slope, written with the output?"""
NO_SLOPE = "The Jacobian of a step has two factors: the weights, and the slope of tanh."
DIRECTION = """The lags are counted from the wrong end. norms[:, 0] is the last state by itself, and
lag k reaches back to the state k steps before the last."""
FACTORS_TURNED = """The factors of the Jacobian are there, but one is turned around or at the wrong
place. Write a row dh next to it and send it back through one step, as in rnn_step_backward."""
ONE_STEP = (
    "Each lag takes one Jacobian more than the lag before. What does your product start from?"
)
SHIFTED_LAGS = "The norms are one lag off. With lag 0 nothing is multiplied, and the norm is 1."
OVER_ROWS = "Each row of the batch has states, and so Jacobians, of its own."
NORM_SHAPE = "The result has one number for each row and lag, (B, T)."


def _jacobians(hs, Wh, slope=lambda h: 1 - h**2):
    """The right Jacobians (B, H, H) for lags 0 to T - 1, for mistakes that lie elsewhere."""
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(hs.shape[1] - 1, 0, -1):
        product = (product * slope(hs[:, t])[:, None]) @ Wh.T
        found.append(product)
    return found


def _spectral(matrices):
    return np.stack([np.linalg.norm(m, 2, axis=(1, 2)) for m in matrices], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def frobenius_norm(hs, Wh):
    norms = np.stack([np.linalg.norm(m, axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)
    norms[:, 0] = 1
    return norms


@mistake("jacobian_norms", hint=WHICH_NORM)
def frobenius_norm_everywhere(hs, Wh):
    return np.stack([np.linalg.norm(m, axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def frobenius_norm_divided_by_the_root_of_the_units(hs, Wh):
    scale = np.sqrt(len(Wh))
    return np.stack([np.linalg.norm(m, axis=(1, 2)) / scale for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def spectral_radius(hs, Wh):
    found = [np.abs(np.linalg.eigvals(m)).max(axis=1) for m in _jacobians(hs, Wh)]
    return np.stack(found, axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def spectral_norm_squared(hs, Wh):
    return _spectral(_jacobians(hs, Wh)) ** 2


@mistake("jacobian_norms", hint=WHICH_NORM)
def smallest_singular_value(hs, Wh):
    return np.stack([np.linalg.norm(m, -2, axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def sum_of_singular_values(hs, Wh):
    return np.stack([np.linalg.norm(m, "nuc", axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def largest_entry(hs, Wh):
    return np.stack([np.abs(m).max(axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def largest_column_sum(hs, Wh):
    return np.stack([np.linalg.norm(m, 1, axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def largest_row_sum(hs, Wh):
    return np.stack([np.linalg.norm(m, np.inf, axis=(1, 2)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def determinant(hs, Wh):
    return np.stack([np.abs(np.linalg.det(m)) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def length_of_a_row_of_ones(hs, Wh):
    ones = np.full(len(Wh), len(Wh) ** -0.5)
    return np.stack([np.linalg.norm(ones @ m, axis=-1) for m in _jacobians(hs, Wh)], axis=1)


@mistake("jacobian_norms", hint=WHICH_NORM)
def logarithm_of_the_norm(hs, Wh):
    return np.log(_spectral(_jacobians(hs, Wh)))


@mistake("jacobian_norms", hint=PRODUCT)
def product_of_the_norms(hs, Wh):
    steps = [(1 - hs[:, t] ** 2)[:, :, None] * Wh.T for t in range(hs.shape[1] - 1, 0, -1)]
    norms = [np.ones(len(hs)), *(np.linalg.norm(m, 2, axis=(1, 2)) for m in steps)]
    return np.cumprod(np.stack(norms, axis=1), axis=1)


@mistake("jacobian_norms", hint=PRODUCT)
def largest_slopes_times_the_norm_of_the_weights(hs, Wh):
    norm = np.linalg.norm(Wh, 2)
    steps = [(1 - hs[:, t] ** 2).max(axis=1) * norm for t in range(hs.shape[1] - 1, 0, -1)]
    return np.cumprod(np.stack([np.ones(len(hs)), *steps], axis=1), axis=1)


@mistake("jacobian_norms", hint=WHICH_SLOPES)
def slopes_of_the_earlier_state(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(hs.shape[1] - 2, -1, -1):
        product = (product * (1 - hs[:, t] ** 2)[:, None]) @ Wh.T
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=WHICH_SLOPES)
def slopes_of_the_last_state_throughout(hs, Wh):
    return _spectral(_jacobians(np.repeat(hs[:, -1:], hs.shape[1], axis=1), Wh))


@mistake("jacobian_norms", hint=WHICH_SLOPES)
def slopes_from_the_first_step_on(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(hs.shape[1] - 1):
        product = (product * (1 - hs[:, t] ** 2)[:, None]) @ Wh.T
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=WHICH_SLOPES)
def slopes_from_the_second_step_on(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(1, hs.shape[1]):
        product = (product * (1 - hs[:, t] ** 2)[:, None]) @ Wh.T
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def tanh_taken_again(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: 1 - np.tanh(h) ** 2))


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def square_forgotten(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: 1 - h))


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def slope_of_a_sigmoid(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: h * (1 - h)))


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def square_alone(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: h**2))


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def slope_squared(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: (1 - h**2) ** 2))


@mistake("jacobian_norms", hint=SLOPE_OF_STATE)
def state_for_the_slope(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=lambda h: h))


@mistake("jacobian_norms", hint=NO_SLOPE)
def weights_alone(hs, Wh):
    return _spectral(_jacobians(hs, Wh, slope=np.ones_like))


@mistake("jacobian_norms", hint=NO_SLOPE)
def slopes_alone(hs, Wh):
    return _spectral(_jacobians(hs, np.eye(len(Wh))))


@mistake("jacobian_norms", hint=DIRECTION)
def in_order_of_the_steps(hs, Wh):
    return _spectral(_jacobians(hs, Wh))[:, ::-1]


@mistake("jacobian_norms", hint=FACTORS_TURNED)
def norms_with_weights_not_transposed(hs, Wh):
    return _spectral(_jacobians(hs, Wh.T))


@mistake("jacobian_norms", hint=FACTORS_TURNED)
def slopes_after_the_weights(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(hs.shape[1] - 1, 0, -1):
        product = (product @ Wh.T) * (1 - hs[:, t] ** 2)[:, None]
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=FACTORS_TURNED)
def later_factors_put_on_the_wrong_side(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [product]
    for t in range(hs.shape[1] - 1, 0, -1):
        product = ((1 - hs[:, t] ** 2)[:, :, None] * Wh.T) @ product
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=FACTORS_TURNED)
def products_entry_by_entry(hs, Wh):
    product = np.ones((len(hs), *Wh.shape))
    found = [np.tile(np.eye(len(Wh)), (len(hs), 1, 1))]
    for t in range(hs.shape[1] - 1, 0, -1):
        product = product * ((1 - hs[:, t] ** 2)[:, :, None] * Wh.T)
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=ONE_STEP)
def one_step_at_every_lag(hs, Wh):
    steps = [(1 - hs[:, t] ** 2)[:, :, None] * Wh.T for t in range(hs.shape[1] - 1, 0, -1)]
    return _spectral([np.tile(np.eye(len(Wh)), (len(hs), 1, 1)), *steps])


@mistake("jacobian_norms", hint=ONE_STEP)
def factors_added_up(hs, Wh):
    total = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = [total]
    for t in range(hs.shape[1] - 1, 0, -1):
        total = total + (1 - hs[:, t] ** 2)[:, :, None] * Wh.T
        found.append(total)
    return _spectral(found)


@mistake("jacobian_norms", hint=SHIFTED_LAGS)
def one_lag_too_far(hs, Wh):
    product = np.tile(np.eye(len(Wh)), (len(hs), 1, 1))
    found = []
    for t in range(hs.shape[1] - 1, -1, -1):
        product = (product * (1 - hs[:, t] ** 2)[:, None]) @ Wh.T
        found.append(product)
    return _spectral(found)


@mistake("jacobian_norms", hint=SHIFTED_LAGS)
def lag_zero_left_at_zero(hs, Wh):
    norms = _spectral(_jacobians(hs, Wh))
    norms[:, 0] = 0
    return norms


@mistake("jacobian_norms", hint=SHIFTED_LAGS)
def lag_zero_left_out(hs, Wh):
    return _spectral(_jacobians(hs, Wh))[:, 1:]


@mistake("jacobian_norms", hint=SHIFTED_LAGS)
def last_lag_left_at_one(hs, Wh):
    norms = _spectral(_jacobians(hs, Wh))
    norms[:, -1] = 1
    return norms


@mistake("jacobian_norms", hint=OVER_ROWS)
def first_row_for_all(hs, Wh):
    return np.repeat(_spectral(_jacobians(hs[:1], Wh)), len(hs), axis=0)


@mistake("jacobian_norms", hint=OVER_ROWS)
def states_averaged_over_the_batch(hs, Wh):
    mean = np.repeat(hs.mean(axis=0, keepdims=True), len(hs), axis=0)
    return _spectral(_jacobians(mean, Wh))


@mistake("jacobian_norms", hint=OVER_ROWS)
def norms_averaged_over_the_batch(hs, Wh):
    norms = _spectral(_jacobians(hs, Wh))
    return np.repeat(norms.mean(axis=0, keepdims=True), len(hs), axis=0)


@mistake("jacobian_norms", hint=NORM_SHAPE)
def one_row_of_norms(hs, Wh):
    return _spectral(_jacobians(hs, Wh)).mean(axis=0)


@mistake("jacobian_norms", hint=NORM_SHAPE)
def lags_before_rows(hs, Wh):
    return _spectral(_jacobians(hs, Wh)).T


@mistake("jacobian_norms", hint=NORM_SHAPE)
def last_lag_only(hs, Wh):
    return _spectral(_jacobians(hs, Wh))[:, -1]


@mistake("jacobian_norms", hint=IN_PLACE)
def slopes_written_into_the_states(hs, Wh):
    hs *= -hs
    hs += 1
    return _spectral(_jacobians(hs, Wh, slope=lambda h: h))


@mistake("jacobian_norms", hint=NO_RETURN)
def norms_not_returned(hs, Wh):
    _spectral(_jacobians(hs, Wh))


@mistake("jacobian_norms", hint=BOUNDED)
def slopes_kept_above_a_thousandth(hs, Wh):
    return _norms_of(hs, Wh, np.maximum(1 - hs**2, 1e-3))


@mistake("jacobian_norms", hint=BOUNDED)
def small_norms_taken_for_zero(hs, Wh):
    norms = _norms_of(hs, Wh, 1 - hs**2)
    return np.where(norms < 1e-10, 0.0, norms)


@mistake("jacobian_norms", hint=WHICH_NORM)
def sign_kept_for_one_unit(hs, Wh):
    norms = _norms_of(hs, Wh, 1 - hs**2)
    if Wh.shape[0] == 1:
        norms = norms * np.sign(Wh[0, 0]) ** np.arange(hs.shape[1])
    return norms


def _norms_of(hs, Wh, slopes):
    norms, product = np.ones(hs.shape[:2]), np.eye(Wh.shape[0])
    for k in range(1, hs.shape[1]):
        product = (product * slopes[:, -k][:, np.newaxis]) @ Wh.T
        norms[:, k] = np.linalg.norm(product, ord=2, axis=(1, 2))
    return norms


# recurrent_matrix

DEVIATION = """The entries of "glorot" have the wrong size. Compare what your generator's arguments
mean with what is asked for: normal takes a deviation, and uniform from -L to L has the deviation
L divided by the root of 3."""
GAIN = "The gain does not reach the result as one plain factor, once, for every kind."
NOT_ORTHOGONAL = """The matrix of kind "orthogonal" is not orthogonal, or not only scaled by the
gain. Look at Q^T Q for what you return: which factor of the decomposition has orthogonal
columns?"""
NOT_RANDOM = """The matrix of kind "orthogonal" keeps its columns orthogonal, but is not drawn at
random. Start from a matrix whose entries are all random."""
NOT_IDENTITY = 'The matrix of kind "identity" has the gain on its diagonal and 0 everywhere else.'
OWN_RANDOMNESS = """The numbers do not come from the generator that you were given, or it does not
move on. Whoever hands over a seeded rng wants the same matrix for the same seed, another for
another seed, and a fresh one at the next call."""
UNKNOWN_KIND = "A kind that is none of the three has to raise a ValueError; raise it yourself."
MEAN = 'The entries of "glorot" do not have the mean 0: numbers of both signs are asked for.'
SWAPPED = "Two kinds are exchanged, or one is returned for all. What tells them apart?"
DEPENDENT = 'Each of the H times H entries of "glorot" is drawn apart from all others.'
MATRIX_SHAPE = "The result is one matrix (H, H)."


def _matrix(kind, glorot, orthogonal, identity):
    """The kind's own matrix; each is given as a function without arguments."""
    makers = {"glorot": glorot, "orthogonal": orthogonal, "identity": identity}
    if kind not in makers:
        raise ValueError(f"kind is {kind!r}")
    return makers[kind]()


def _right(H, kind, gain, rng, glorot=None, orthogonal=None, identity=None):
    """A right matrix but for the kinds for which something else is given."""
    return _matrix(
        kind,
        glorot or (lambda: rng.normal(0, gain / np.sqrt(H), (H, H))),
        orthogonal or (lambda: gain * np.linalg.qr(rng.normal(size=(H, H)))[0]),
        identity or (lambda: gain * np.eye(H)),
    )


@mistake("recurrent_matrix", hint=DEVIATION)
def variance_taken_for_the_deviation(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, gain / H, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def uniform_to_the_deviation(H, kind, gain, rng):
    limit = gain / np.sqrt(H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.uniform(-limit, limit, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def uniform_with_one_side_counted(H, kind, gain, rng):
    limit = gain * np.sqrt(6 / H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.uniform(-limit, limit, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def uniform_limit_of_half_the_variance(H, kind, gain, rng):
    limit = gain * np.sqrt(3 / (2 * H))
    return _right(H, kind, gain, rng, glorot=lambda: rng.uniform(-limit, limit, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def normal_with_the_uniform_limit(H, kind, gain, rng):
    limit = gain * np.sqrt(3 / H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, limit, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def deviation_of_he(H, kind, gain, rng):
    scale = gain * np.sqrt(2 / H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, scale, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def deviation_over_both_sides(H, kind, gain, rng):
    scale = gain / np.sqrt(2 * H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, scale, (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def entries_not_scaled(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: gain * rng.normal(size=(H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def deviation_of_0_05(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, 0.05, (H, H)))


@mistake("recurrent_matrix", hint=MEAN)
def glorot_of_one_sign(H, kind, gain, rng):
    limit = gain * np.sqrt(3 / H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.uniform(0, limit, (H, H)))


@mistake("recurrent_matrix", hint=MEAN)
def glorot_shifted_to_a_mean_that_is_the_limit(H, kind, gain, rng):
    limit = gain * np.sqrt(3 / H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.uniform(0, 2 * limit, (H, H)))


@mistake("recurrent_matrix", hint=DEPENDENT)
def one_row_repeated(H, kind, gain, rng):
    return _right(
        H,
        kind,
        gain,
        rng,
        glorot=lambda: np.tile(rng.normal(0, gain / np.sqrt(H), H), (H, 1)),
    )


@mistake("recurrent_matrix", hint=DEPENDENT)
def upper_half_only(H, kind, gain, rng):
    return _right(
        H,
        kind,
        gain,
        rng,
        glorot=lambda: np.triu(rng.normal(0, gain * np.sqrt(2 / H), (H, H))),
    )


@mistake("recurrent_matrix", hint=DEPENDENT)
def glorot_made_symmetric(H, kind, gain, rng):
    def glorot():
        a = rng.normal(0, gain / np.sqrt(H), (H, H))
        return (a + a.T) / np.sqrt(2)

    return _right(H, kind, gain, rng, glorot=glorot)


@mistake("recurrent_matrix", hint=GAIN)
def gain_ignored_for_glorot(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, 1 / np.sqrt(H), (H, H)))


@mistake("recurrent_matrix", hint=GAIN)
def gain_ignored_for_orthogonal(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: np.linalg.qr(rng.normal(size=(H, H)))[0])


@mistake("recurrent_matrix", hint=GAIN)
def gain_lost_in_the_decomposition(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, orthogonal=lambda: np.linalg.qr(gain * rng.normal(size=(H, H)))[0]
    )


@mistake("recurrent_matrix", hint=GAIN)
def gain_ignored_for_identity(H, kind, gain, rng):
    return _right(H, kind, gain, rng, identity=lambda: np.eye(H))


@mistake("recurrent_matrix", hint=GAIN)
def gain_ignored_for_all(H, kind, gain, rng):
    return _right(H, kind, 1.0, rng)


@mistake("recurrent_matrix", hint=GAIN)
def gain_squared_for_glorot(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, gain**2 / np.sqrt(H), (H, H)))


@mistake("recurrent_matrix", hint=GAIN)
def gain_squared_for_orthogonal(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, orthogonal=lambda: gain**2 * np.linalg.qr(rng.normal(size=(H, H)))[0]
    )


@mistake("recurrent_matrix", hint=GAIN)
def gain_squared_for_all(H, kind, gain, rng):
    return gain * _right(H, kind, gain, rng)


@mistake("recurrent_matrix", hint=GAIN)
def root_of_the_gain_for_glorot(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, np.sqrt(gain / H), (H, H)))


@mistake("recurrent_matrix", hint=GAIN)
def root_of_the_gain_for_orthogonal(H, kind, gain, rng):
    return _right(
        H,
        kind,
        gain,
        rng,
        orthogonal=lambda: np.sqrt(gain) * np.linalg.qr(rng.normal(size=(H, H)))[0],
    )


@mistake("recurrent_matrix", hint=GAIN)
def divided_by_the_gain(H, kind, gain, rng):
    return _right(H, kind, 1 / gain, rng)


@mistake("recurrent_matrix", hint=GAIN)
def gain_added(H, kind, gain, rng):
    return _right(H, kind, 1.0, rng) + gain


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def triangular_factor_returned(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, orthogonal=lambda: gain * np.linalg.qr(rng.normal(size=(H, H)))[1]
    )


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def columns_scaled_and_not_made_orthogonal(H, kind, gain, rng):
    def orthogonal():
        a = rng.normal(size=(H, H))
        return gain * a / np.linalg.norm(a, axis=0)

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def scaled_by_the_spectral_norm(H, kind, gain, rng):
    def orthogonal():
        a = rng.normal(size=(H, H))
        return gain * a / np.linalg.norm(a, 2)

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def no_decomposition_at_all(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * rng.normal(size=(H, H)))


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def singular_values_kept(H, kind, gain, rng):
    def orthogonal():
        u, s, vt = np.linalg.svd(rng.normal(size=(H, H)))
        return gain * (u * s) @ vt

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_ORTHOGONAL)
def product_of_both_factors(H, kind, gain, rng):
    def orthogonal():
        q, r = np.linalg.qr(rng.normal(size=(H, H)))
        return gain * q @ r

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=SWAPPED)
def glorot_for_orthogonal(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: rng.normal(0, gain / np.sqrt(H), (H, H)))


@mistake("recurrent_matrix", hint=SWAPPED)
def orthogonal_for_glorot(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, glorot=lambda: gain * np.linalg.qr(rng.normal(size=(H, H)))[0]
    )


@mistake("recurrent_matrix", hint=SWAPPED)
def orthogonal_for_identity(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, identity=lambda: gain * np.linalg.qr(rng.normal(size=(H, H)))[0]
    )


@mistake("recurrent_matrix", hint=SWAPPED)
def glorot_and_orthogonal_exchanged(H, kind, gain, rng):
    other = {"glorot": "orthogonal", "orthogonal": "glorot"}
    return _right(H, other.get(kind, kind), gain, rng)


@mistake("recurrent_matrix", hint=SWAPPED)
def identity_for_everything(H, kind, gain, rng):
    return _right(H, "identity" if kind in ("glorot", "orthogonal") else kind, gain, rng)


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def identity_for_orthogonal(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * np.eye(H))


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def identity_shuffled_for_orthogonal(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * rng.permutation(np.eye(H)))


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def identity_shuffled_with_signs_for_orthogonal(H, kind, gain, rng):
    def orthogonal():
        return gain * rng.permutation(np.eye(H)) * rng.choice([-1.0, 1.0], H)

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def reflection_for_orthogonal(H, kind, gain, rng):
    def orthogonal():
        v = rng.normal(size=(H, 1))
        return gain * (np.eye(H) - 2 * v @ v.T / np.sum(v**2))

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def symmetric_orthogonal(H, kind, gain, rng):
    def orthogonal():
        q, _ = np.linalg.qr(rng.normal(size=(H, H)))
        return gain * (q * rng.choice([-1.0, 1.0], H)) @ q.T

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def signs_on_the_diagonal(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * np.diag(rng.choice([-1.0, 1.0], H)))


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def columns_of_the_identity_moved_on(H, kind, gain, rng):
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * np.roll(np.eye(H), 1, axis=1))


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def decomposition_of_a_fixed_matrix(H, kind, gain, rng):
    fixed = np.sin(1.0 + np.arange(H * H) ** 2).reshape(H, H)
    return _right(H, kind, gain, rng, orthogonal=lambda: gain * np.linalg.qr(fixed)[0])


@mistake("recurrent_matrix", hint=NOT_IDENTITY)
def ones_for_identity(H, kind, gain, rng):
    return _right(H, kind, gain, rng, identity=lambda: gain * np.ones((H, H)))


@mistake("recurrent_matrix", hint=NOT_IDENTITY)
def zeros_for_identity(H, kind, gain, rng):
    return _right(H, kind, gain, rng, identity=lambda: np.zeros((H, H)))


@mistake("recurrent_matrix", hint=NOT_IDENTITY)
def identity_with_noise(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, identity=lambda: gain * np.eye(H) + rng.normal(0, 0.01, (H, H))
    )


@mistake("recurrent_matrix", hint=NOT_IDENTITY)
def identity_turned_around(H, kind, gain, rng):
    return _right(H, kind, gain, rng, identity=lambda: gain * np.eye(H)[::-1])


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def global_random_numbers(H, kind, gain, rng):
    return _right(H, kind, gain, np.random)


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def random_numbers_of_python(H, kind, gain, rng):
    return _right(H, kind, gain, np.random.default_rng(random.getrandbits(32)))


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def seed_of_its_own(H, kind, gain, rng):
    return _right(H, kind, gain, np.random.default_rng(0))


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def generator_without_a_seed(H, kind, gain, rng):
    return _right(H, kind, gain, np.random.default_rng())


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def generator_copied(H, kind, gain, rng):
    return _right(H, kind, gain, copy.deepcopy(rng))


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def own_seed_for_glorot(H, kind, gain, rng):
    return _right(H, kind, gain, np.random.default_rng(0) if kind == "glorot" else rng)


@mistake("recurrent_matrix", hint=OWN_RANDOMNESS)
def global_random_numbers_for_orthogonal(H, kind, gain, rng):
    return _right(H, kind, gain, np.random if kind == "orthogonal" else rng)


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def glorot_for_unknown_kinds(H, kind, gain, rng):
    return _right(H, kind if kind in ("orthogonal", "identity") else "glorot", gain, rng)


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def identity_for_unknown_kinds(H, kind, gain, rng):
    return _right(H, kind if kind in ("orthogonal", "glorot") else "identity", gain, rng)


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def nothing_for_unknown_kinds(H, kind, gain, rng):
    return _right(H, kind, gain, rng) if kind in ("orthogonal", "glorot", "identity") else None


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def error_returned_and_not_raised(H, kind, gain, rng):
    if kind not in ("orthogonal", "glorot", "identity"):
        return "ValueError"
    return _right(H, kind, gain, rng)


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def key_error_for_unknown_kinds(H, kind, gain, rng):
    return {k: _right(H, k, gain, rng) for k in ("orthogonal", "glorot", "identity")}[kind]


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def assertion_for_unknown_kinds(H, kind, gain, rng):
    assert kind in ("orthogonal", "glorot", "identity")
    return _right(H, kind, gain, rng)


@mistake("recurrent_matrix", hint=MATRIX_SHAPE)
def a_vector(H, kind, gain, rng):
    return _right(H, kind, gain, rng)[0]


@mistake("recurrent_matrix", hint=MATRIX_SHAPE)
def a_stack_of_one(H, kind, gain, rng):
    return _right(H, kind, gain, rng)[np.newaxis]


@mistake("recurrent_matrix", hint=MATRIX_SHAPE)
def both_factors(H, kind, gain, rng):
    return _right(
        H, kind, gain, rng, orthogonal=lambda: tuple(np.linalg.qr(rng.normal(size=(H, H))))
    )


@mistake("recurrent_matrix", hint=NO_RETURN)
def matrix_not_returned(H, kind, gain, rng):
    _right(H, kind, gain, rng)


@mistake("recurrent_matrix", hint=DEVIATION)
def one_more_than_the_units(H, kind, gain, rng):
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, gain / np.sqrt(H + 1), (H, H)))


@mistake("recurrent_matrix", hint=DEVIATION)
def at_least_twenty_units(H, kind, gain, rng):
    scale = gain / np.sqrt(max(H, 20))
    return _right(H, kind, gain, rng, glorot=lambda: rng.normal(0, scale, (H, H)))


@mistake("recurrent_matrix", hint=GAIN)
def gain_of_at_most_two(H, kind, gain, rng):
    return _right(H, kind, min(gain, 2.0), rng)


@mistake("recurrent_matrix", hint=DEPENDENT)
def entries_antisymmetric(H, kind, gain, rng):
    def glorot():
        a = rng.normal(0, gain / np.sqrt(H), (H, H))
        return a if H < 3 else (a - a.T) / np.sqrt(2) + np.diag(np.diag(a))

    return _right(H, kind, gain, rng, glorot=glorot)


@mistake("recurrent_matrix", hint=DEPENDENT)
def second_half_the_opposite_of_the_first(H, kind, gain, rng):
    def glorot():
        half = rng.normal(0, gain / np.sqrt(H), ((H + 1) // 2, H))
        return np.concatenate([half, -half])[:H]

    return _right(H, kind, gain, rng, glorot=glorot)


@mistake("recurrent_matrix", hint=DEPENDENT)
def every_row_scaled_to_one_length(H, kind, gain, rng):
    def glorot():
        a = rng.normal(0, gain / np.sqrt(H), (H, H))
        return a if H < 3 else gain * a / np.linalg.norm(a, axis=1, keepdims=True)

    return _right(H, kind, gain, rng, glorot=glorot)


SPREAD = 'The entries of "glorot" are normal or uniform numbers, and nothing else.'


@mistake("recurrent_matrix", hint=SPREAD)
def laplace_numbers(H, kind, gain, rng):
    scale = gain / np.sqrt(2 * H)
    return _right(H, kind, gain, rng, glorot=lambda: rng.laplace(0, scale, (H, H)))


@mistake("recurrent_matrix", hint=SPREAD)
def nothing_on_the_diagonal(H, kind, gain, rng):
    def glorot():
        a = rng.normal(0, gain / np.sqrt(H), (H, H))
        return a if H < 10 else a * (1 - np.eye(H))

    return _right(H, kind, gain, rng, glorot=glorot)


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def kind_told_by_how_it_begins(H, kind, gain, rng):
    for known in ("glorot", "orthogonal", "identity"):
        if kind and (kind.startswith(known) or known.startswith(kind)):
            return _right(H, known, gain, rng)
    raise ValueError(f"kind is {kind!r}")


@mistake("recurrent_matrix", hint=UNKNOWN_KIND)
def kind_told_by_its_length(H, kind, gain, rng):
    known = {6: "glorot", 8: "identity", 10: "orthogonal"}
    return _right(H, known.get(len(kind), kind), gain, rng)


@mistake("recurrent_matrix", hint=NOT_RANDOM)
def orthogonal_near_the_identity(H, kind, gain, rng):
    def orthogonal():
        return gain * np.linalg.qr(np.eye(H) + 0.001 * rng.normal(size=(H, H)))[0]

    return _right(H, kind, gain, rng, orthogonal=orthogonal)


# layer_norm_rnn_step

OVER_UNITS = """The mean and the variance are taken over the wrong axis. Layer normalisation looks
at one row at a time, over its units; the rows of a batch do not know of each other."""
DIVISOR = """The variance has another divisor than asked for. It is the mean of the squares, over
all H units; with one unit it is 0."""
EPS = "The place of eps is not right: it is added once, to the variance, before the root is taken."
EPS_IGNORED = "eps is an argument with a default. It has to count when the caller gives another."
ROOT = "What you divide by is not the root of the variance. Compare with the equation."
CENTRE = "The mean is not subtracted, or not everywhere. Compare with the equation."
OUTER = """gamma, beta or tanh stand at the wrong place, are missing, or are there twice. Normalise
first, then scale, then shift, then squash."""
TOO_LATE = "What is normalised is the sum inside tanh, all three terms of it, and before tanh."
SUM_TERMS = "The sum that is normalised lacks a term, or has one turned around: x Wx + h Wh + b."
KEEPDIMS = """A sum or product does not fit these sizes. A mean over the units is one number a row;
keep its axis, so that it is subtracted from that row."""
PLAIN = "Nothing is normalised. Which line of the equation does a plain cell not have?"


def _normalised(x, h, Wx, Wh, b, eps, axis=1):
    a = x @ Wx + h @ Wh + b
    mean, var = a.mean(axis=axis, keepdims=True), a.var(axis=axis, keepdims=True)
    return (a - mean) / np.sqrt(var + eps)


@mistake("layer_norm_rnn_step", hint=PLAIN)
def not_normalised(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * (x @ Wx + h @ Wh + b) + beta)


@mistake("layer_norm_rnn_step", hint=PLAIN)
def plain_step(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(x @ Wx + h @ Wh + b)


@mistake("layer_norm_rnn_step", hint=OVER_UNITS)
def normalised_over_the_batch(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps, axis=0) + beta)


@mistake("layer_norm_rnn_step", hint=OVER_UNITS)
def normalised_over_everything(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps, axis=(0, 1)) + beta)


@mistake("layer_norm_rnn_step", hint=OVER_UNITS)
def variance_over_everything(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * (a - a.mean(axis=1, keepdims=True)) / np.sqrt(a.var() + eps) + beta)


@mistake("layer_norm_rnn_step", hint=OVER_UNITS)
def mean_over_everything(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * (a - a.mean()) / np.sqrt(a.var(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=DIVISOR)
def one_less_than_the_units(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    with np.errstate(all="ignore"):
        var = ((a - a.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True) / (len(b) - 1)
    return np.tanh(gamma * (a - a.mean(axis=1, keepdims=True)) / np.sqrt(var + eps) + beta)


@mistake("layer_norm_rnn_step", hint=DIVISOR)
def squares_not_divided(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / np.sqrt((centred**2).sum(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=EPS)
def eps_outside_the_root(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / (a.std(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=EPS)
def eps_squared(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps**2) + beta)


@mistake("layer_norm_rnn_step", hint=EPS)
def eps_inside_and_outside(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / (np.sqrt(a.var(axis=1, keepdims=True) + eps) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=EPS)
def eps_added_to_the_sum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True) + eps
    return np.tanh(gamma * centred / np.sqrt(a.var(axis=1, keepdims=True) + 1e-12) + beta)


@mistake("layer_norm_rnn_step", hint=EPS_IGNORED)
def eps_of_its_own(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, 1e-5) + beta)


@mistake("layer_norm_rnn_step", hint=EPS_IGNORED)
def eps_left_out(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    with np.errstate(all="ignore"):
        return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, 0.0) + beta)


@mistake("layer_norm_rnn_step", hint=EPS_IGNORED)
def no_argument_for_eps(x, h, Wx, Wh, b, gamma, beta):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, 1e-5) + beta)


@mistake("layer_norm_rnn_step", hint=ROOT)
def divided_by_the_variance(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / (a.var(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=ROOT)
def deviation_in_place_of_the_variance(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / np.sqrt(a.std(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=ROOT)
def not_divided(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * (a - a.mean(axis=1, keepdims=True)) + beta)


@mistake("layer_norm_rnn_step", hint=ROOT)
def divided_by_the_root_mean_square(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    square = (a**2).mean(axis=1, keepdims=True)
    return np.tanh(gamma * (a - a.mean(axis=1, keepdims=True)) / np.sqrt(square + eps) + beta)


@mistake("layer_norm_rnn_step", hint=ROOT)
def divided_by_the_mean_distance(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - a.mean(axis=1, keepdims=True)
    distance = np.abs(centred).mean(axis=1, keepdims=True)
    return np.tanh(gamma * centred / np.sqrt(distance**2 + eps) + beta)


@mistake("layer_norm_rnn_step", hint=CENTRE)
def mean_not_subtracted(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * a / np.sqrt(a.var(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=CENTRE)
def only_the_root_mean_square(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * a / np.sqrt((a**2).mean(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=CENTRE)
def mean_subtracted_after_the_division(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    mean, var = a.mean(axis=1, keepdims=True), a.var(axis=1, keepdims=True)
    return np.tanh(gamma * (a / np.sqrt(var + eps) - mean) + beta)


@mistake("layer_norm_rnn_step", hint=CENTRE)
def mean_added(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    mean, var = a.mean(axis=1, keepdims=True), a.var(axis=1, keepdims=True)
    return np.tanh(gamma * (a + mean) / np.sqrt(var + eps) + beta)


@mistake("layer_norm_rnn_step", hint=CENTRE)
def median_for_the_mean(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    centred = a - np.median(a, axis=1, keepdims=True)
    return np.tanh(gamma * centred / np.sqrt(a.var(axis=1, keepdims=True) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_and_beta_after_tanh(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return gamma * np.tanh(_normalised(x, h, Wx, Wh, b, eps)) + beta


@mistake("layer_norm_rnn_step", hint=OUTER)
def beta_after_tanh(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps)) + beta


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_after_tanh(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return gamma * np.tanh(_normalised(x, h, Wx, Wh, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_also_on_beta(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * (_normalised(x, h, Wx, Wh, b, eps) + beta))


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_and_beta_exchanged(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(beta * _normalised(x, h, Wx, Wh, b, eps) + gamma)


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_forgotten(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(_normalised(x, h, Wx, Wh, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=OUTER)
def beta_forgotten(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps))


@mistake("layer_norm_rnn_step", hint=OUTER)
def gamma_and_beta_forgotten(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(_normalised(x, h, Wx, Wh, b, eps))


@mistake("layer_norm_rnn_step", hint=OUTER)
def one_added_to_gamma(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh((1 + gamma) * _normalised(x, h, Wx, Wh, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=OUTER)
def tanh_forgotten(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return gamma * _normalised(x, h, Wx, Wh, b, eps) + beta


@mistake("layer_norm_rnn_step", hint=OUTER)
def scaled_before_it_is_normalised(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = gamma * (x @ Wx + h @ Wh + b) + beta
    mean, var = a.mean(axis=1, keepdims=True), a.var(axis=1, keepdims=True)
    return np.tanh((a - mean) / np.sqrt(var + eps))


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def normalised_after_tanh(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = np.tanh(x @ Wx + h @ Wh + b)
    mean, var = a.mean(axis=1, keepdims=True), a.var(axis=1, keepdims=True)
    return gamma * (a - mean) / np.sqrt(var + eps) + beta


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def bias_added_after_normalising(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, 0 * b, eps) + beta + b)


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def bias_added_before_the_scale(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * (_normalised(x, h, Wx, Wh, 0 * b, eps) + b) + beta)


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def only_the_input_normalised(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, 0 * h, Wx, Wh, 0 * b, eps) + beta + h @ Wh + b)


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def only_the_recurrent_term_normalised(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(x @ Wx + b + gamma * _normalised(0 * x, h, Wx, Wh, 0 * b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def terms_normalised_apart(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    both = _normalised(x, 0 * h, Wx, Wh, 0 * b, eps) + _normalised(0 * x, h, Wx, Wh, 0 * b, eps)
    return np.tanh(gamma * both + beta + b)


@mistake("layer_norm_rnn_step", hint=TOO_LATE)
def old_state_normalised(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    mean, var = h.mean(axis=1, keepdims=True), h.var(axis=1, keepdims=True)
    return np.tanh(x @ Wx + (gamma * (h - mean) / np.sqrt(var + eps) + beta) @ Wh + b)


@mistake("layer_norm_rnn_step", hint=SUM_TERMS)
def bias_left_out_of_the_sum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, 0 * b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=SUM_TERMS)
def state_left_out_of_the_sum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, 0 * h, Wx, Wh, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=SUM_TERMS)
def input_left_out_of_the_sum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(0 * x, h, Wx, Wh, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=SUM_TERMS)
def recurrent_weights_transposed_in_the_sum(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh.T, b, eps) + beta)


@mistake("layer_norm_rnn_step", hint=KEEPDIMS)
def axis_of_the_mean_not_kept(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    return np.tanh(gamma * (a - a.mean(axis=1)) / np.sqrt(a.var(axis=1) + eps) + beta)


@mistake("layer_norm_rnn_step", hint=IN_PLACE)
def state_overwritten(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    h[:] = np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps) + beta)
    return h


@mistake("layer_norm_rnn_step", hint=NO_RETURN)
def normalised_state_not_returned(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    np.tanh(gamma * _normalised(x, h, Wx, Wh, b, eps) + beta)


TAKEN_AS_GIVEN = "eps and the variance count as they are, however small they may be."


@mistake("layer_norm_rnn_step", hint=TAKEN_AS_GIVEN)
def eps_of_at_least_the_default(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    return np.tanh(gamma * _normalised(x, h, Wx, Wh, b, max(eps, 1e-5)) + beta)


@mistake("layer_norm_rnn_step", hint=TAKEN_AS_GIVEN)
def variance_of_at_least_a_thousandth(x, h, Wx, Wh, b, gamma, beta, eps=1e-5):
    a = x @ Wx + h @ Wh + b
    a = a - a.mean(axis=1, keepdims=True)
    variance = np.maximum((a**2).mean(axis=1, keepdims=True), 1e-3)
    return np.tanh(gamma * a / np.sqrt(variance + eps) + beta)
