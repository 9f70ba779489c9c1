"""Known-wrong answers of the lesson ``clipping``, most specific first within an exercise."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf

from solutions.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from solutions.mistakes import NO_RETURN, mistake

IN_PLACE = """An argument is different after the call than before. Look for +=, *=, out= or an
assignment into an array or a list that the caller still holds."""
ZEROED = """Entries or gradients beyond the limit are thrown away. Clipping keeps what lies beyond
the limit, and makes it as small as the limit."""
SIGN = "The sign of the gradient is lost on the way. Which way would the step go now?"
ONE_SIDE = "Only one side is clipped. What happens to an entry of the opposite sign?"
NONE_LOST = """What becomes of a weight without a gradient? Its None must neither break the
computation nor vanish from the list, because the list is later paired with the weights."""
NO_LIMIT_ERROR = """What a limit of zero or less would do is spelt out under "Raises". Try such a
limit."""
NOT_FINITE = """Try a gradient with one NaN in it, then one with an infinite entry: comparisons
with NaN are always false. What does "Raises" ask for, and of which number?"""
HUGE = """Finite entries do not make a finite norm: the square of a large number overflows. Which
number has to be finite?"""
WRONG_KIND = "An exception is raised where one belongs, and it is not the one that was asked for."
REFUSED = """The answer raises an exception for arguments that it should take. When is a limit no
limit, and when is a norm not finite?"""
ALWAYS = """Below the limit nothing may change. Compare a gradient that is shorter than the limit
with what becomes of it."""
OTHER_NORM = """The number that is compared with the limit is not the norm of the equation. Compute
it by hand for the entries 3 and 4: it should be 5."""
SCALE = """The norm is right and the factor is not. What norm does a clipped gradient have, and in
what direction does it point?"""
ENTRIES = """The entries are clipped one by one. This exercise asks for one factor for all of
them."""
ZERO = "What happens when every entry is zero? Look at each division."
PER_ARRAY = """Each array is measured by itself. Here one norm is taken of all entries of all
arrays, and one factor serves all of them."""
CLIPPED_NORM = "When is the norm taken, before or after clipping? See what the exercise returns."
TWO_RESULTS = "How many things are returned, and in which order?"
EMPTY = "Try an empty list. What is the norm of nothing?"
SHAPE = """The result has another form than the gradient: is it a list where a list was given, and
does each array keep its shape?"""
LIMIT_FIXED = "The result does not depend on the argument limit as it should."


# clip_by_value


def _each(change, grads):
    return [None if g is None else change(g) for g in grads]


def _checked(limit):
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected more than 0")


@mistake("clip_by_value", hint=ZEROED)
def entries_beyond_the_limit_zeroed(grads, limit):
    _checked(limit)
    return _each(lambda g: np.where(np.abs(g) > limit, 0.0, g), grads)


@mistake("clip_by_value", hint=ZEROED)
def whole_array_zeroed(grads, limit):
    _checked(limit)
    return _each(lambda g: g * (np.abs(g).max() <= limit), grads)


@mistake("clip_by_value", hint=SIGN)
def sign_lost(grads, limit):
    _checked(limit)
    return _each(lambda g: np.minimum(np.abs(g), limit), grads)


@mistake("clip_by_value", hint=SIGN)
def sign_lost_beyond_the_limit(grads, limit):
    _checked(limit)
    return _each(lambda g: np.where(np.abs(g) > limit, limit, g), grads)


@mistake("clip_by_value", hint=SIGN)
def sign_turned(grads, limit):
    _checked(limit)
    return _each(lambda g: -np.clip(g, -limit, limit), grads)


@mistake("clip_by_value", hint=ONE_SIDE)
def only_the_upper_side(grads, limit):
    _checked(limit)
    return _each(lambda g: np.minimum(g, limit), grads)


@mistake("clip_by_value", hint=ONE_SIDE)
def only_the_lower_side(grads, limit):
    _checked(limit)
    return _each(lambda g: np.maximum(g, -limit), grads)


@mistake("clip_by_value", hint=ONE_SIDE)
def clipped_from_zero_up(grads, limit):
    _checked(limit)
    return _each(lambda g: np.clip(g, 0.0, limit), grads)


@mistake("clip_by_value", hint="The two bounds are exchanged: which one is met by an entry of 0.1?")
def bounds_exchanged(grads, limit):
    _checked(limit)
    return _each(lambda g: np.maximum(limit, np.minimum(-limit, g)), grads)


@mistake("clip_by_value", hint=IN_PLACE)
def arrays_changed_in_place(grads, limit):
    _checked(limit)
    for g in grads:
        if g is not None:
            np.clip(g, -limit, limit, out=g)
    return grads


@mistake("clip_by_value", hint=IN_PLACE)
def list_changed_in_place(grads, limit):
    _checked(limit)
    for place, g in enumerate(grads):
        if g is not None:
            grads[place] = np.clip(g, -limit, limit)
    return grads


@mistake("clip_by_value", hint=IN_PLACE)
def entries_overwritten_by_mask(grads, limit):
    _checked(limit)
    for g in grads:
        if g is not None:
            g[g > limit] = limit
            g[g < -limit] = -limit
    return list(grads)


@mistake("clip_by_value", hint=NONE_LOST)
def crash_on_none(grads, limit):
    _checked(limit)
    return [np.minimum(np.maximum(g, -limit), limit) for g in grads]


@mistake("clip_by_value", hint=NONE_LOST)
def none_dropped(grads, limit):
    _checked(limit)
    return [np.clip(g, -limit, limit) for g in grads if g is not None]


@mistake("clip_by_value", hint=NONE_LOST)
def zero_for_none(grads, limit):
    _checked(limit)
    return [np.zeros(()) if g is None else np.clip(g, -limit, limit) for g in grads]


@mistake("clip_by_value", hint=NO_LIMIT_ERROR)
def limits_not_checked(grads, limit):
    return _each(lambda g: np.maximum(-limit, np.minimum(limit, g)), grads)


@mistake("clip_by_value", hint=NO_LIMIT_ERROR)
def limit_of_zero_accepted(grads, limit):
    if limit < 0:
        raise ValueError("limit is negative")
    return _each(lambda g: np.clip(g, -limit, limit), grads)


@mistake("clip_by_value", hint=NO_LIMIT_ERROR)
def negative_limit_made_positive(grads, limit):
    return _each(lambda g: np.clip(g, -abs(limit), abs(limit)), grads)


@mistake("clip_by_value", hint=NO_LIMIT_ERROR)
def limit_checked_for_each_array_only(grads, limit):
    def clipped(g):
        _checked(limit)
        return np.clip(g, -limit, limit)

    return _each(clipped, grads)


@mistake("clip_by_value", hint=NO_LIMIT_ERROR)
def limit_checked_where_an_entry_is_beyond_it(grads, limit):
    if any(np.any(np.abs(g) > abs(limit)) for g in grads if g is not None):
        _checked(limit)
    return _each(lambda g: np.clip(g, -abs(limit), abs(limit)), grads)


@mistake("clip_by_value", hint=WRONG_KIND)
def assertion_for_a_wrong_limit(grads, limit):
    assert limit > 0, "limit must be positive"
    return _each(lambda g: np.clip(g, -limit, limit), grads)


@mistake(
    "clip_by_value",
    hint="The arrays are scaled as a whole. Here each entry is compared with the limit by itself.",
)
def scaled_by_the_largest_entry(grads, limit):
    _checked(limit)
    return _each(lambda g: g * min(1.0, limit / max(np.abs(g).max(), 1e-12)), grads)


@mistake(
    "clip_by_value",
    hint="The arrays are scaled as a whole. Here each entry is compared with the limit by itself.",
)
def scaled_by_the_norm(grads, limit):
    _checked(limit)
    return _each(lambda g: g * min(1.0, limit / max(np.linalg.norm(g.ravel()), 1e-12)), grads)


@mistake("clip_by_value", hint=ALWAYS)
def every_entry_set_to_the_limit(grads, limit):
    _checked(limit)
    return _each(lambda g: np.sign(g) * limit, grads)


@mistake("clip_by_value", hint=ALWAYS)
def squashed_smoothly(grads, limit):
    _checked(limit)
    return _each(lambda g: limit * np.tanh(g / limit), grads)


@mistake("clip_by_value", hint=LIMIT_FIXED)
def limit_fixed_at_one(grads, limit):
    _checked(limit)
    return _each(lambda g: np.clip(g, -1.0, 1.0), grads)


@mistake("clip_by_value", hint=LIMIT_FIXED)
def half_the_limit_each_way(grads, limit):
    _checked(limit)
    return _each(lambda g: np.clip(g, -limit / 2, limit / 2), grads)


@mistake("clip_by_value", hint=SHAPE)
def flattened(grads, limit):
    _checked(limit)
    return _each(lambda g: np.clip(g.ravel(), -limit, limit), grads)


@mistake("clip_by_value", hint=SHAPE)
def only_the_first_array(grads, limit):
    _checked(limit)
    clipped = _each(lambda g: np.clip(g, -limit, limit), grads)
    return next((g for g in clipped if g is not None), clipped)


@mistake("clip_by_value", hint=SHAPE)
def returned_inside_the_loop(grads, limit):
    _checked(limit)
    clipped = []
    for g in grads:
        clipped.append(None if g is None else np.clip(g, -limit, limit))
        return clipped
    return clipped


@mistake("clip_by_value", hint=EMPTY)
def none_for_an_empty_list(grads, limit):
    _checked(limit)
    return clip_by_value(grads, limit) if grads else None


@mistake("clip_by_value", hint=ALWAYS)
def nothing_clipped(grads, limit):
    _checked(limit)
    return list(grads)


@mistake("clip_by_value", hint=NO_RETURN)
def values_not_returned(grads, limit):
    clip_by_value(grads, limit)


# clip_by_norm


def _finite(norm):
    if not math.isfinite(norm):
        raise FloatingPointError(f"norm is {norm}; expected a finite number")
    return norm


def _length(g):
    return math.hypot(*np.ravel(g))


def _by(measure, grad, limit):
    """Clip with another measure of length than the norm."""
    _checked(limit)
    _finite(_length(grad))
    length = measure(np.asarray(grad))
    return grad * (limit / length) if length > limit else grad.copy()


SMALL = """A small limit is a limit too: any number above 0 is to be used as it is."""


@mistake("clip_by_norm", hint=SMALL)
def limit_kept_above_a_hundredth(grad, limit):
    return _by(_length, grad, limit if limit <= 0 else max(limit, 0.01))


@mistake("clip_by_norm", hint=ZEROED)
def zeroed_beyond_the_limit(grad, limit):
    _checked(limit)
    return grad * 0.0 if _finite(_length(grad)) > limit else grad.copy()


@mistake("clip_by_norm", hint=SIGN)
def all_entries_made_positive(grad, limit):
    return np.abs(clip_by_norm(grad, limit))


@mistake("clip_by_norm", hint=SIGN)
def gradient_turned(grad, limit):
    return -clip_by_norm(grad, limit)


@mistake("clip_by_norm", hint=IN_PLACE)
def gradient_changed_in_place(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    if norm > limit:
        grad *= limit / norm
    return grad


@mistake("clip_by_norm", hint=IN_PLACE)
def gradient_overwritten(grad, limit):
    grad[...] = clip_by_norm(grad, limit)
    return grad


@mistake("clip_by_norm", hint=OTHER_NORM)
def squared_norm(grad, limit):
    return _by(lambda g: np.sum(g**2), grad, limit)


@mistake("clip_by_norm", hint=OTHER_NORM)
def squared_norm_compared_and_norm_divided(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (limit / norm) if norm**2 > limit else grad.copy()


@mistake("clip_by_norm", hint=OTHER_NORM)
def sum_of_sizes(grad, limit):
    return _by(lambda g: np.sum(np.abs(g)), grad, limit)


@mistake("clip_by_norm", hint=OTHER_NORM)
def largest_entry(grad, limit):
    return _by(lambda g: np.max(np.abs(g)), grad, limit)


@mistake("clip_by_norm", hint=OTHER_NORM)
def largest_entry_compared_and_norm_divided(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (limit / norm) if np.max(np.abs(grad)) > limit else grad.copy()


@mistake("clip_by_norm", hint=OTHER_NORM)
def mean_for_the_sum_of_squares(grad, limit):
    return _by(lambda g: np.sqrt(np.mean(g**2)), grad, limit)


@mistake("clip_by_norm", hint=OTHER_NORM)
def signed_sum(grad, limit):
    return _by(np.sum, grad, limit)


@mistake("clip_by_norm", hint=OTHER_NORM)
def standard_deviation(grad, limit):
    return _by(np.std, grad, limit)


@mistake(
    "clip_by_norm",
    hint="For a matrix there are several norms. Which one is the root of the sum of all squares?",
)
def spectral_norm(grad, limit):
    def measure(g):
        return np.linalg.norm(g, 2) if g.ndim == 2 else np.linalg.norm(g.ravel())

    return _by(measure, grad, limit)


@mistake(
    "clip_by_norm",
    hint="The norm is taken along one axis. Here there is one norm of all entries, whatever the "
    "number of axes.",
)
def rows_one_by_one(grad, limit):
    _checked(limit)
    _finite(_length(grad))
    norms = np.sqrt(np.sum(grad**2, axis=-1 if grad.ndim else None, keepdims=True))
    return grad * np.minimum(1.0, limit / np.maximum(norms, 1e-12))


@mistake(
    "clip_by_norm",
    hint="The norm is taken along one axis. Here there is one norm of all entries, whatever the "
    "number of axes.",
)
def columns_one_by_one(grad, limit):
    _checked(limit)
    _finite(_length(grad))
    norms = np.sqrt(np.sum(grad**2, axis=0 if grad.ndim else None, keepdims=True))
    return grad * np.minimum(1.0, limit / np.maximum(norms, 1e-12))


@mistake(
    "clip_by_norm",
    hint="It works for a matrix or a vector only. A gradient may have any number of axes.",
)
def dot_product_with_itself(grad, limit):
    _checked(limit)
    norm = _finite(float(np.sqrt(grad @ grad)) if grad.ndim == 1 else _length(grad))
    if grad.ndim > 2:
        raise ValueError("too many axes")
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=ENTRIES)
def entries_clipped_where_the_norm_is_too_large(grad, limit):
    _checked(limit)
    return np.clip(grad, -limit, limit) if _finite(_length(grad)) > limit else grad.copy()


@mistake("clip_by_norm", hint=ENTRIES)
def entries_clipped(grad, limit):
    _checked(limit)
    _finite(_length(grad))
    return np.clip(grad, -limit, limit)


@mistake("clip_by_norm", hint=ALWAYS)
def always_normalised(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (limit / norm) if norm else grad.copy()


@mistake("clip_by_norm", hint=ALWAYS)
def scaled_up_to_the_limit(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * max(1.0, limit / norm) if norm else grad.copy()


@mistake("clip_by_norm", hint=ZERO)
def always_normalised_even_zeros(grad, limit):
    _checked(limit)
    return grad * (limit / np.float64(_finite(_length(grad))))


@mistake("clip_by_norm", hint=ZERO)
def zero_divided_by_zero(grad, limit):
    _checked(limit)
    norm = np.float64(_finite(_length(grad)))
    return grad / norm * np.minimum(norm, limit)


@mistake("clip_by_norm", hint=ZERO)
def zero_norm_refused(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    if norm == 0:
        raise FloatingPointError("norm is 0")
    return clip_by_norm(grad, limit)


@mistake("clip_by_norm", hint=ZERO)
def zero_divides_a_float(grad, limit):
    _checked(limit)
    return grad * min(1.0, limit / float(_finite(_length(grad))))


@mistake("clip_by_norm", hint=SCALE)
def limit_left_out_of_the_factor(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad / norm if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=SCALE)
def norm_left_out_of_the_factor(grad, limit):
    _checked(limit)
    return grad * limit if _finite(_length(grad)) > limit else grad.copy()


@mistake("clip_by_norm", hint=SCALE)
def factor_upside_down(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (norm / limit) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=SCALE)
def root_of_the_factor(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (limit / norm) ** 0.5 if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=SCALE)
def too_much_subtracted(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad - (norm - limit) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=SCALE)
def coarse_epsilon(grad, limit):
    _checked(limit)
    return grad * min(1.0, limit / (_finite(_length(grad)) + 0.1))


@mistake("clip_by_norm", hint=ALWAYS)
def short_ones_clipped_and_long_ones_kept(grad, limit):
    _checked(limit)
    norm = _finite(_length(grad))
    return grad * (limit / norm) if 0 < norm < limit else grad.copy()


@mistake("clip_by_norm", hint=LIMIT_FIXED)
def clipped_to_norm_one(grad, limit):
    _checked(limit)
    return clip_by_norm(grad, 1.0)


@mistake("clip_by_norm", hint=NO_LIMIT_ERROR)
def any_limit_accepted(grad, limit):
    norm = _finite(_length(grad))
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=NO_LIMIT_ERROR)
def zero_accepted_as_a_limit(grad, limit):
    if limit < 0:
        raise ValueError("limit is negative")
    norm = _finite(_length(grad))
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=NO_LIMIT_ERROR)
def limit_checked_where_there_is_something_to_clip(grad, limit):
    norm = _finite(_length(grad))
    if norm <= abs(limit):
        return grad.copy()
    _checked(limit)
    return grad * (limit / norm)


@mistake("clip_by_norm", hint=NO_LIMIT_ERROR)
def zeros_returned_before_the_limit_is_checked(grad, limit):
    return clip_by_norm(grad, limit) if np.any(grad) else grad.copy()


@mistake("clip_by_norm", hint=WRONG_KIND)
def assertion_for_the_limit(grad, limit):
    assert limit > 0, "limit must be positive"
    return clip_by_norm(grad, limit)


@mistake("clip_by_norm", hint=WRONG_KIND)
def value_error_for_a_norm_that_is_not_finite(grad, limit):
    if not math.isfinite(_length(grad)):
        raise ValueError("norm is not finite")
    return clip_by_norm(grad, limit)


@mistake("clip_by_norm", hint=NOT_FINITE)
def norm_not_checked(grad, limit):
    _checked(limit)
    norm = _length(grad)
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=NOT_FINITE)
def only_nan_refused(grad, limit):
    _checked(limit)
    norm = _length(grad)
    if math.isnan(norm):
        raise FloatingPointError("norm is NaN")
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=NOT_FINITE)
def only_infinity_refused(grad, limit):
    _checked(limit)
    norm = _length(grad)
    if math.isinf(norm):
        raise FloatingPointError("norm is infinite")
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=HUGE)
def entries_checked_and_not_the_norm(grad, limit):
    _checked(limit)
    if not np.all(np.isfinite(grad)):
        raise FloatingPointError("an entry is not finite")
    norm = np.sqrt(np.sum(grad * grad))
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=HUGE)
def infinite_norm_replaced_by_the_largest_float(grad, limit):
    _checked(limit)
    if not np.all(np.isfinite(grad)):
        raise FloatingPointError("an entry is not finite")
    norm = np.nan_to_num(np.sqrt(np.sum(grad * grad)))
    return grad * (limit / norm) if norm > limit else grad.copy()


@mistake("clip_by_norm", hint=NOT_FINITE)
def what_is_not_finite_replaced_by_zero(grad, limit):
    _checked(limit)
    return clip_by_norm(np.nan_to_num(grad, nan=0.0, posinf=0.0, neginf=0.0), limit)


@mistake("clip_by_norm", hint=TWO_RESULTS)
def norm_returned_too(grad, limit):
    return clip_by_norm(grad, limit), _length(grad)


@mistake("clip_by_norm", hint=TWO_RESULTS)
def only_the_norm_returned(grad, limit):
    clip_by_norm(grad, limit)
    return _length(grad)


@mistake("clip_by_norm", hint=SHAPE)
def flattened_result(grad, limit):
    return np.ravel(clip_by_norm(grad, limit))


@mistake("clip_by_norm", hint=ALWAYS)
def nothing_done(grad, limit):
    _checked(limit)
    _finite(_length(grad))
    return grad.copy()


@mistake("clip_by_norm", hint=NO_RETURN)
def gradient_not_returned(grad, limit):
    clip_by_norm(grad, limit)


# clip_by_global_norm


def _joint(grads):
    return math.hypot(*(_length(g) for g in grads if g is not None))


def _with(measure, grads, limit):
    """Clip all with another joint measure than the norm, and return that measure."""
    _checked(limit)
    _finite(_joint(grads))
    length = float(measure([g for g in grads if g is not None]))
    scale = limit / length if length > limit else 1.0
    return _each(lambda g: g * scale, grads), length


@mistake("clip_by_global_norm", hint=SMALL)
def no_limit_below_a_hundredth(grads, limit):
    return _with(_joint, grads, limit if limit <= 0 else max(limit, 0.01))


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def each_array_by_its_own_norm(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: clip_by_norm(g, limit), grads), norm


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def each_array_by_its_own_norm_where_the_joint_norm_is_too_large(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    if norm <= limit:
        return list(grads), norm
    return _each(lambda g: g * (limit / _length(g)), grads), norm


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def longest_array_only(grads, limit):
    return _with(lambda gs: max((_length(g) for g in gs), default=0.0), grads, limit)


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def sum_of_norms(grads, limit):
    return _with(lambda gs: sum(_length(g) for g in gs), grads, limit)


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def mean_of_norms(grads, limit):
    return _with(lambda gs: sum(_length(g) for g in gs) / max(len(gs), 1), grads, limit)


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def norm_of_the_last_array(grads, limit):
    return _with(lambda gs: _length(gs[-1]) if gs else 0.0, grads, limit)


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def norm_of_the_first_array(grads, limit):
    return _with(lambda gs: _length(gs[0]) if gs else 0.0, grads, limit)


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def only_the_first_array_scaled(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    kept = [n for n, g in enumerate(grads) if g is not None][:1]
    return [
        c if n in kept else g for n, (g, c) in enumerate(zip(grads, clipped, strict=True))
    ], norm


@mistake("clip_by_global_norm", hint=PER_ARRAY)
def limit_shared_out_among_the_arrays(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    share = limit / math.sqrt(max(len(grads), 1))
    return _each(lambda g: clip_by_norm(g, share), grads), norm


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def sum_of_squares_without_the_root(grads, limit):
    return _with(lambda gs: sum(np.sum(g**2) for g in gs), grads, limit)


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def squared_norm_compared_only(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    scale = limit / norm if norm**2 > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def sum_of_all_sizes(grads, limit):
    return _with(lambda gs: sum(np.sum(np.abs(g)) for g in gs), grads, limit)


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def largest_entry_of_all(grads, limit):
    return _with(lambda gs: max((np.max(np.abs(g)) for g in gs), default=0.0), grads, limit)


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def root_of_the_mean_square(grads, limit):
    def measure(gs):
        count = sum(g.size for g in gs)
        return math.sqrt(sum(np.sum(g**2) for g in gs) / max(count, 1))

    return _with(measure, grads, limit)


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def norms_added_before_the_root(grads, limit):
    return _with(lambda gs: math.sqrt(sum(_length(g) for g in gs)), grads, limit)


@mistake("clip_by_global_norm", hint=CLIPPED_NORM)
def clipped_norm_returned(grads, limit):
    clipped, _ = clip_by_global_norm(grads, limit)
    return clipped, _joint(clipped)


@mistake("clip_by_global_norm", hint=CLIPPED_NORM)
def factor_returned(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return clipped, limit / norm if norm > limit else 1.0


@mistake("clip_by_global_norm", hint=CLIPPED_NORM)
def limit_returned(grads, limit):
    clipped, _ = clip_by_global_norm(grads, limit)
    return clipped, limit


@mistake("clip_by_global_norm", hint=OTHER_NORM)
def squared_norm_returned(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return clipped, norm**2


@mistake("clip_by_global_norm", hint=ZEROED)
def all_zeroed_beyond_the_limit(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * (norm <= limit), grads), norm


@mistake("clip_by_global_norm", hint=SIGN)
def signs_lost(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return _each(np.abs, clipped), norm


@mistake("clip_by_global_norm", hint=SIGN)
def all_turned(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return _each(np.negative, clipped), norm


@mistake("clip_by_global_norm", hint=ENTRIES)
def entries_clipped_one_by_one(grads, limit):
    _checked(limit)
    return clip_by_value(grads, limit), _finite(_joint(grads))


@mistake("clip_by_global_norm", hint=IN_PLACE)
def all_changed_in_place(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    for g in grads:
        if g is not None and norm > limit:
            g *= limit / norm
    return grads, norm


@mistake("clip_by_global_norm", hint=IN_PLACE)
def places_of_the_list_overwritten(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    grads[:] = clipped
    return grads, norm


@mistake("clip_by_global_norm", hint=IN_PLACE)
def none_removed_from_the_list(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    while None in [g if g is None else 0 for g in grads]:
        del grads[[g is None for g in grads].index(True)]
    return clipped, norm


@mistake("clip_by_global_norm", hint=ALWAYS)
def all_always_normalised(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * (limit / norm if norm else 1.0), grads), norm


@mistake("clip_by_global_norm", hint=ALWAYS)
def all_scaled_up(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * max(1.0, limit / norm if norm else 1.0), grads), norm


@mistake("clip_by_global_norm", hint=ZERO)
def zeros_normalised(grads, limit):
    _checked(limit)
    norm = np.float64(_finite(_joint(grads)))
    return _each(lambda g: g / norm * min(norm, limit), grads), norm


@mistake("clip_by_global_norm", hint=ZERO)
def zeros_divide_a_float(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    if not grads:
        return [], 0.0
    scale = min(1.0, limit / norm)
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=SCALE)
def all_divided_by_the_norm(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g / norm if norm > limit else g, grads), norm


@mistake("clip_by_global_norm", hint=SCALE)
def joint_factor_upside_down(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * (norm / limit) if norm > limit else g, grads), norm


@mistake("clip_by_global_norm", hint=SCALE)
def multiplied_by_the_limit(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * limit if norm > limit else g, grads), norm


@mistake("clip_by_global_norm", hint=SCALE)
def epsilon_too_coarse(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return _each(lambda g: g * min(1.0, limit / (norm + 0.1)), grads), norm


@mistake("clip_by_global_norm", hint=NONE_LOST)
def joint_crash_on_none(grads, limit):
    _checked(limit)
    norm = _finite(math.hypot(*(_length(np.asarray(g, dtype=float)) for g in grads)))
    scale = limit / norm if norm > limit else 1.0
    return [g * scale for g in grads], norm


@mistake("clip_by_global_norm", hint=NONE_LOST)
def crash_when_none_is_scaled(grads, limit):
    _checked(limit)
    norm = _finite(_joint(grads))
    return [g * (limit / norm) if norm > limit else g * 1.0 for g in grads], norm


@mistake("clip_by_global_norm", hint=NONE_LOST)
def joint_none_dropped(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return [g for g in clipped if g is not None], norm


@mistake("clip_by_global_norm", hint=NONE_LOST)
def joint_zero_for_none(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    return [np.zeros(1) if g is None else g for g in clipped], norm


@mistake("clip_by_global_norm", hint=EMPTY)
def crash_without_any_array(grads, limit):
    _checked(limit)
    norm = _finite(_length(np.concatenate([g.ravel() for g in grads if g is not None])))
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=EMPTY)
def only_a_list_for_an_empty_list(grads, limit):
    return clip_by_global_norm(grads, limit) if grads else []


@mistake("clip_by_global_norm", hint=EMPTY)
def no_norm_for_an_empty_list(grads, limit):
    return clip_by_global_norm(grads, limit) if grads else ([], None)


@mistake("clip_by_global_norm", hint=TWO_RESULTS)
def only_the_list_returned(grads, limit):
    return clip_by_global_norm(grads, limit)[0]


@mistake("clip_by_global_norm", hint=TWO_RESULTS)
def norm_first(grads, limit):
    return clip_by_global_norm(grads, limit)[::-1]


@mistake("clip_by_global_norm", hint=SHAPE)
def joined_into_one_array(grads, limit):
    clipped, norm = clip_by_global_norm(grads, limit)
    kept = [g.ravel() for g in clipped if g is not None]
    return np.concatenate(kept) if kept else [], norm


@mistake("clip_by_global_norm", hint=LIMIT_FIXED)
def all_clipped_to_norm_one(grads, limit):
    _checked(limit)
    return clip_by_global_norm(grads, 1.0)


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def no_limit_refused(grads, limit):
    norm = _finite(_joint(grads))
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def limit_of_zero_taken(grads, limit):
    if limit < 0:
        raise ValueError("limit is negative")
    norm = _finite(_joint(grads))
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def joint_limit_checked_where_there_is_something_to_clip(grads, limit):
    norm = _finite(_joint(grads))
    if norm <= abs(limit):
        return list(grads), norm
    return clip_by_global_norm(grads, limit)


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def empty_list_returned_before_the_limit_is_checked(grads, limit):
    return clip_by_global_norm(grads, limit) if len(grads) else ([], 0.0)


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def no_gradient_returned_before_the_limit_is_checked(grads, limit):
    if all(g is None for g in grads):
        return list(grads), 0.0
    return clip_by_global_norm(grads, limit)


@mistake("clip_by_global_norm", hint=NO_LIMIT_ERROR)
def norm_of_zero_returned_before_the_limit_is_checked(grads, limit):
    return clip_by_global_norm(grads, limit) if _joint(grads) != 0 else (list(grads), 0.0)


@mistake("clip_by_global_norm", hint=WRONG_KIND)
def assertion_for_a_limit(grads, limit):
    assert limit > 0, "limit must be positive"
    return clip_by_global_norm(grads, limit)


@mistake("clip_by_global_norm", hint=WRONG_KIND)
def value_error_for_the_norm(grads, limit):
    if not math.isfinite(_joint(grads)):
        raise ValueError("norm is not finite")
    return clip_by_global_norm(grads, limit)


@mistake("clip_by_global_norm", hint=NOT_FINITE)
def joint_norm_not_checked(grads, limit):
    _checked(limit)
    norm = _joint(grads)
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=NOT_FINITE)
def joint_norm_checked_for_nan_only(grads, limit):
    _checked(limit)
    norm = _joint(grads)
    if math.isnan(norm):
        raise FloatingPointError("norm is NaN")
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=NOT_FINITE)
def joint_norm_checked_for_infinity_only(grads, limit):
    _checked(limit)
    norm = _joint(grads)
    if math.isinf(norm):
        raise FloatingPointError("norm is infinite")
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=HUGE)
def entries_of_all_checked_and_not_the_norm(grads, limit):
    _checked(limit)
    if not all(np.all(np.isfinite(g)) for g in grads if g is not None):
        raise FloatingPointError("an entry is not finite")
    norm = np.sqrt(sum(np.sum(g * g) for g in grads if g is not None))
    scale = limit / norm if norm > limit else 1.0
    return _each(lambda g: g * scale, grads), norm


@mistake("clip_by_global_norm", hint=NOT_FINITE)
def arrays_that_are_not_finite_left_out(grads, limit):
    _checked(limit)
    finite = [g if g is None or np.all(np.isfinite(g)) else np.zeros_like(g) for g in grads]
    return clip_by_global_norm(finite, limit)


@mistake("clip_by_global_norm", hint=REFUSED)
def zeros_refused(grads, limit):
    if _joint(grads) == 0:
        raise FloatingPointError("norm is 0")
    return clip_by_global_norm(grads, limit)


@mistake("clip_by_global_norm", hint=ALWAYS)
def nothing_is_clipped(grads, limit):
    _checked(limit)
    return list(grads), _finite(_joint(grads))


@mistake("clip_by_global_norm", hint=NO_RETURN)
def nothing_is_returned(grads, limit):
    clip_by_global_norm(grads, limit)


# clipped_train_step

DISCARDED = """The clipped gradients never reach the weights. Follow them from the line that makes
them to the line that hands gradients to the optimizer: which list goes in there, and when?"""
NOT_THE_GRADIENTS = """Something is clipped, and it is not the gradients. Clipping stands between
the tape, which makes them, and the optimizer, which uses them."""
TRAINING = """The model is not told that it trains, or not where the loss is computed. Which
argument of model(...) tells it?"""
TWO_PASSES = """The model is called more than once in a step. In training each call leaves a trace:
dropout draws anew, and batch normalisation counts the batch again. One call can give it all."""
SWAPPED = "In which order does loss_fn take the targets and the outputs?"
LATE_LOSS = "The loss that is returned belongs to the weights before the update."
TWICE = "How often does the optimizer update the weights in one step? It counts its updates."
OWN_UPDATE = """The weights move without the optimizer, or with another one. It keeps more than a
learning rate: momentum, for example, and the number of its updates."""
SPARSE = """The gradient of an embedding comes as tf.IndexedSlices, in which the same row may stand
several times. Its norm is that of the dense gradient, where those rows are summed."""
NONE_GRADIENT = """A weight on which the loss does not depend has the gradient None. It must be
left out together with its gradient, and the others must keep theirs."""
NONE_ZEROED = """Zeros are no gradient: the optimizer then updates that weight too, and one with
weight decay makes it smaller. Leave the weight out, together with its None."""
FROZEN = """A layer may be frozen (trainable = False). Which list of the model leaves its weights
out?"""
SETTINGS = """The optimizer is the caller's, and so are its settings: clip the gradients, and leave
the learning rate and what the optimizer clips by itself alone."""
STOP = """The step goes on with a norm that is not finite, or stops too late. Check the norm, and
not only the loss, for NaN and for infinity, before the optimizer is called."""
PAIR = "The step returns two numbers: the loss first, then the norm."
TAPE = "The tape can only differentiate what is computed while it records."
DIRECTION = "The weights move uphill: what does an optimizer do with the gradient's sign?"
ALL_WEIGHTS = "Some weights stay as they are. Which list of the model holds all that are trained?"
STEP_NORM = """The norm that is compared with the limit, or returned, is not the joint norm of all
gradients. See the lesson's equation for several arrays."""


def _derived(model, loss_fn, x, y):
    """The loss, the weights and their dense gradients."""
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    return loss, weights, _each(tf.convert_to_tensor, tape.gradient(loss, weights))


def _norm_of(grads):
    return tf.linalg.global_norm(grads)


def _stopped(norm):
    if not tf.math.is_finite(norm):
        raise FloatingPointError(f"norm is {norm}; expected a finite number")
    return norm


def _updated(optimizer, grads, weights):
    pairs = [(g, w) for g, w in zip(grads, weights, strict=True) if g is not None]
    optimizer.apply_gradients(pairs)


def _step_that(change):
    """Turn ``change(grads, norm, limit)`` into a step that trains with what it returns."""

    @functools.wraps(change)
    def step(model, optimizer, loss_fn, x, y, limit):
        loss, weights, grads = _derived(model, loss_fn, x, y)
        norm = _stopped(_norm_of(grads))
        _updated(optimizer, change(grads, norm, limit), weights)
        return loss, norm

    return step


@mistake("clipped_train_step", hint=DISCARDED)
def clipped_after_the_update(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    _updated(optimizer, grads, weights)
    grads, _ = tf.clip_by_global_norm(grads, limit)
    return loss, norm


@mistake("clipped_train_step", hint=DISCARDED)
def clipped_gradients_discarded(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    _clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, grads, weights)
    return loss, norm


@mistake("clipped_train_step", hint=NOT_THE_GRADIENTS)
def weights_clipped_after_the_update(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    _updated(optimizer, grads, weights)
    clipped, _ = tf.clip_by_global_norm([tf.convert_to_tensor(w) for w in weights], limit)
    for weight, value in zip(weights, clipped, strict=True):
        weight.assign(value)
    return loss, norm


@mistake("clipped_train_step", hint=NOT_THE_GRADIENTS)
def entries_of_the_weights_clipped(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    _updated(optimizer, grads, weights)
    for weight in weights:
        weight.assign(keras.ops.clip(weight, -limit, limit))
    return loss, norm


@mistake("clipped_train_step", hint=NOT_THE_GRADIENTS)
def loss_clipped(model, optimizer, loss_fn, x, y, limit):
    def clipped(y_true, y_pred):
        return tf.minimum(loss_fn(y_true, y_pred), limit)

    loss, weights, grads = _derived(model, clipped, x, y)
    if all(g is None for g in grads):
        return loss, 0.0
    norm = _stopped(_norm_of(grads))
    _updated(optimizer, grads, weights)
    return loss, norm


@mistake("clipped_train_step", hint=NOT_THE_GRADIENTS)
def loss_scaled_to_the_limit(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    scale = tf.minimum(1.0, limit / tf.maximum(loss, 1e-12))
    _updated(optimizer, _each(lambda g: g * scale, grads), weights)
    return loss, norm


@mistake("clipped_train_step", hint=NOT_THE_GRADIENTS)
def change_of_the_weights_clipped(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    before = [tf.identity(tf.convert_to_tensor(w)) for w in weights]
    _updated(optimizer, grads, weights)
    changes = [w - b for w, b in zip(weights, before, strict=True)]
    changes, _ = tf.clip_by_global_norm(changes, limit)
    for weight, old, change in zip(weights, before, changes, strict=True):
        weight.assign(old + change)
    return loss, norm


@mistake("clipped_train_step", hint=PER_ARRAY)
@_step_that
def each_gradient_by_its_own_norm(grads, norm, limit):
    return _each(lambda g: tf.clip_by_norm(g, limit), grads)


@mistake("clipped_train_step", hint=ENTRIES)
@_step_that
def entries_of_the_gradients_clipped(grads, norm, limit):
    return _each(lambda g: tf.clip_by_value(g, -limit, limit), grads)


@mistake("clipped_train_step", hint=ALWAYS)
@_step_that
def gradients_always_normalised(grads, norm, limit):
    return _each(lambda g: tf.math.divide_no_nan(g * limit, norm), grads)


@mistake("clipped_train_step", hint=ALWAYS)
@_step_that
def gradients_scaled_up(grads, norm, limit):
    return _each(lambda g: g * tf.maximum(1.0, limit / tf.maximum(norm, 1e-12)), grads)


@mistake("clipped_train_step", hint=LIMIT_FIXED)
@_step_that
def limit_always_one(grads, norm, limit):
    return tf.clip_by_global_norm(grads, 1.0)[0]


@mistake("clipped_train_step", hint=ZEROED)
@_step_that
def gradients_beyond_the_limit_zeroed(grads, norm, limit):
    return _each(lambda g: g * float(norm <= limit), grads)


@mistake("clipped_train_step", hint=SCALE)
@_step_that
def divided_by_the_norm_only(grads, norm, limit):
    return _each(lambda g: g / norm if norm > limit else g, grads)


@mistake("clipped_train_step", hint=SCALE)
@_step_that
def scaled_by_norm_over_limit(grads, norm, limit):
    return _each(lambda g: g * norm / limit if norm > limit else g, grads)


@mistake("clipped_train_step", hint=STEP_NORM)
@_step_that
def squared_norm_in_the_factor(grads, norm, limit):
    return _each(lambda g: g * tf.minimum(1.0, limit / tf.maximum(norm**2, 1e-12)), grads)


@mistake("clipped_train_step", hint=DIRECTION)
@_step_that
def uphill(grads, norm, limit):
    return _each(tf.negative, tf.clip_by_global_norm(grads, limit)[0])


@mistake("clipped_train_step", hint=ZERO)
@_step_that
def zero_norm_divides(grads, norm, limit):
    return _each(lambda g: g / norm * tf.minimum(norm, limit), grads)


@mistake("clipped_train_step", hint=ZEROED)
def step_left_out_beyond_the_limit(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    if norm <= limit:
        _updated(optimizer, grads, weights)
    return loss, norm


@mistake("clipped_train_step", hint=CLIPPED_NORM)
def norm_after_clipping_returned(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    _stopped(_norm_of(grads))
    clipped, _ = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, _norm_of(clipped)


@mistake("clipped_train_step", hint=STEP_NORM)
def squared_norm_given_back(model, optimizer, loss_fn, x, y, limit):
    loss, norm = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss, norm**2


@mistake("clipped_train_step", hint=STEP_NORM)
def norm_of_the_weights_returned(model, optimizer, loss_fn, x, y, limit):
    norm = _norm_of([tf.convert_to_tensor(w) for w in model.trainable_variables])
    loss, _ = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss, norm


@mistake("clipped_train_step", hint=STEP_NORM)
def norms_of_the_gradients_summed(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(tf.add_n([tf.norm(g) for g in grads if g is not None]))
    scale = tf.minimum(1.0, limit / tf.maximum(norm, 1e-12))
    _updated(optimizer, _each(lambda g: g * scale, grads), weights)
    return loss, norm


@mistake("clipped_train_step", hint=STEP_NORM)
def largest_norm_of_the_gradients(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(tf.reduce_max([tf.norm(g) for g in grads if g is not None]))
    scale = tf.minimum(1.0, limit / tf.maximum(norm, 1e-12))
    _updated(optimizer, _each(lambda g: g * scale, grads), weights)
    return loss, norm


def _clipped_step(model, optimizer, loss_fn, x, y, limit, training=True):
    """A right step, but for what the mistakes below do around it."""
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=training))
    grads = _each(tf.convert_to_tensor, tape.gradient(loss, weights))
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=SMALL)
def step_with_a_limit_of_a_hundredth_or_more(model, optimizer, loss_fn, x, y, limit):
    return _clipped_step(model, optimizer, loss_fn, x, y, max(limit, 0.01))


@mistake("clipped_train_step", hint=TRAINING)
def training_flag_missing(model, optimizer, loss_fn, x, y, limit):
    return _clipped_step(model, optimizer, loss_fn, x, y, limit, training=None)


@mistake("clipped_train_step", hint=TRAINING)
def training_flag_false(model, optimizer, loss_fn, x, y, limit):
    return _clipped_step(model, optimizer, loss_fn, x, y, limit, training=False)


@mistake("clipped_train_step", hint=TRAINING)
def loss_returned_from_inference(model, optimizer, loss_fn, x, y, limit):
    loss = loss_fn(y, model(x))
    _, norm = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss, norm


@mistake("clipped_train_step", hint=TWO_PASSES)
def model_called_once_more_for_the_loss(model, optimizer, loss_fn, x, y, limit):
    loss = loss_fn(y, model(x, training=True))
    _, norm = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss, norm


@mistake("clipped_train_step", hint=SWAPPED)
def targets_and_outputs_exchanged(model, optimizer, loss_fn, x, y, limit):
    def turned(y_true, y_pred):
        return loss_fn(y_pred, y_true)

    return _clipped_step(model, optimizer, turned, x, y, limit)


@mistake("clipped_train_step", hint=LATE_LOSS)
def loss_after_the_update(model, optimizer, loss_fn, x, y, limit):
    _, norm = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss_fn(y, model(x, training=True)), norm


@mistake("clipped_train_step", hint=TWICE)
def updated_twice(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=TWICE)
def updated_with_the_raw_and_the_clipped(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, grads, weights)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=TWICE)
def two_steps_on_the_batch(model, optimizer, loss_fn, x, y, limit):
    loss, norm = _clipped_step(model, optimizer, loss_fn, x, y, limit)
    _clipped_step(model, optimizer, loss_fn, x, y, limit)
    return loss, norm


@mistake("clipped_train_step", hint=TWICE)
def one_update_a_weight(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    optimizer.build(weights)
    for grad, weight in zip(clipped, weights, strict=True):
        if grad is not None:
            optimizer.apply_gradients([(grad, weight)])
    return loss, norm


@mistake("clipped_train_step", hint=TWICE)
def one_update_a_weight_from_the_first_on(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    for grad, weight in zip(clipped, weights, strict=True):
        if grad is not None:
            optimizer.apply_gradients([(grad, weight)])
    return loss, norm


@mistake("clipped_train_step", hint=SETTINGS)
def optimizer_told_to_clip_from_now_on(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    optimizer.global_clipnorm = limit
    _updated(optimizer, grads, weights)
    return loss, norm


@mistake("clipped_train_step", hint=SETTINGS)
def learning_rate_made_smaller(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    if norm > limit:
        optimizer.learning_rate = float(optimizer.learning_rate) * limit / float(norm)
    _updated(optimizer, grads, weights)
    return loss, norm


@mistake("clipped_train_step", hint=SETTINGS)
def learning_rate_made_smaller_for_a_step(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    rate = float(optimizer.learning_rate)
    optimizer.learning_rate = rate * min(1.0, limit / max(float(norm), 1e-12))
    _updated(optimizer, grads, weights)
    optimizer.learning_rate = rate
    return loss, norm


@mistake("clipped_train_step", hint=OWN_UPDATE)
def updated_by_hand(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    for grad, weight in zip(clipped, weights, strict=True):
        if grad is not None:
            weight.assign_sub(float(optimizer.learning_rate) * grad)
    return loss, norm


@mistake("clipped_train_step", hint=OWN_UPDATE)
def fresh_optimizer_each_step(model, optimizer, loss_fn, x, y, limit):
    fresh = type(optimizer).from_config(optimizer.get_config())
    return _clipped_step(model, fresh, loss_fn, x, y, limit)


@mistake("clipped_train_step", hint=OWN_UPDATE)
def plain_gradient_descent_always(model, optimizer, loss_fn, x, y, limit):
    plain = keras.optimizers.SGD(float(optimizer.learning_rate))
    return _clipped_step(model, plain, loss_fn, x, y, limit)


@mistake("clipped_train_step", hint="The weights never move: who updates them?")
def optimizer_never_called(model, optimizer, loss_fn, x, y, limit):
    loss, _, grads = _derived(model, loss_fn, x, y)
    _, norm = tf.clip_by_global_norm(grads, limit)
    return loss, _stopped(norm)


@mistake("clipped_train_step", hint=SPARSE)
def sparse_gradient_kept(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    clipped, norm = tf.clip_by_global_norm(tape.gradient(loss, weights), limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=SPARSE)
def sparse_gradient_left_out_of_the_norm(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, weights)
    dense = [None if isinstance(g, tf.IndexedSlices) else g for g in grads]
    norm = _stopped(_norm_of(dense))
    scale = tf.minimum(1.0, limit / tf.maximum(norm, 1e-12))
    _updated(optimizer, _each(lambda g: tf.convert_to_tensor(g) * scale, grads), weights)
    return loss, norm


@mistake("clipped_train_step", hint=SPARSE)
def crash_on_a_sparse_gradient(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, weights)
    clipped, norm = clip_by_global_norm(_each(lambda g: g.numpy(), grads), limit)
    _updated(optimizer, _each(tf.constant, clipped), weights)
    return loss, norm


@mistake("clipped_train_step", hint=NONE_GRADIENT)
def crash_on_a_gradient_that_is_none(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = [tf.convert_to_tensor(grad) for grad in tape.gradient(loss, weights)]
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    optimizer.apply_gradients(zip(clipped, weights, strict=True))
    return loss, norm


@mistake("clipped_train_step", hint=NONE_ZEROED)
def zeros_in_place_of_none(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    pairs = zip(grads, weights, strict=True)
    grads = [tf.zeros(w.shape) if g is None else g for g, w in pairs]
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=NONE_GRADIENT)
def gradients_paired_with_other_weights(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm([g for g in grads if g is not None], limit)
    _stopped(norm)
    optimizer.apply_gradients(zip(clipped, weights, strict=False))
    return loss, norm


@mistake("clipped_train_step", hint=STOP)
def norm_of_the_step_not_checked(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=STOP)
def stopped_after_the_update(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, _stopped(norm)


@mistake("clipped_train_step", hint=STOP)
def only_the_loss_checked(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    if not tf.math.is_finite(loss):
        raise FloatingPointError("loss is not finite")
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=STOP)
def only_nan_stops_the_step(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _norm_of(grads)
    if tf.math.is_nan(norm):
        raise FloatingPointError("norm is NaN")
    _updated(optimizer, tf.clip_by_global_norm(grads, limit, use_norm=norm)[0], weights)
    return loss, norm


@mistake("clipped_train_step", hint=STOP)
def step_left_out_without_a_word(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    if tf.math.is_finite(norm):
        _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=STOP)
def gradients_that_are_not_finite_zeroed(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    grads = _each(lambda g: tf.where(tf.math.is_finite(g), g, tf.zeros_like(g)), grads)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=WRONG_KIND)
def value_error_stops_the_step(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    if not tf.math.is_finite(norm):
        raise ValueError("norm is not finite")
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=PAIR)
def norm_before_loss(model, optimizer, loss_fn, x, y, limit):
    return _clipped_step(model, optimizer, loss_fn, x, y, limit)[::-1]


@mistake("clipped_train_step", hint=PAIR)
def only_the_loss_returned(model, optimizer, loss_fn, x, y, limit):
    return _clipped_step(model, optimizer, loss_fn, x, y, limit)[0]


@mistake("clipped_train_step", hint=PAIR)
def gradients_for_the_norm(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    return loss, clipped


@mistake("clipped_train_step", hint=TAPE)
def outputs_computed_before_the_tape(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    outputs = model(x, training=True)
    with tf.GradientTape() as tape:
        loss = loss_fn(y, outputs)
    clipped, norm = tf.clip_by_global_norm(tape.gradient(loss, weights), limit)
    optimizer.apply_gradients(zip(clipped, weights, strict=True))
    return loss, norm


@mistake("clipped_train_step", hint=TAPE)
def loss_turned_into_a_float_on_the_tape(model, optimizer, loss_fn, x, y, limit):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = float(loss_fn(y, model(x, training=True)))
    clipped, norm = tf.clip_by_global_norm(tape.gradient(loss, weights), limit)
    optimizer.apply_gradients(zip(clipped, weights, strict=True))
    return loss, norm


@mistake("clipped_train_step", hint=ALL_WEIGHTS)
def only_the_last_layer_trained(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    norm = _stopped(_norm_of(grads))
    clipped, _ = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped[-2:], weights[-2:])
    return loss, norm


@mistake("clipped_train_step", hint=FROZEN)
def frozen_weights_trained(model, optimizer, loss_fn, x, y, limit):
    weights = model.weights
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = _each(tf.convert_to_tensor, tape.gradient(loss, [w.value for w in weights]))
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _stopped(norm)
    _updated(optimizer, clipped, weights)
    return loss, norm


@mistake("clipped_train_step", hint=ALL_WEIGHTS)
def biases_left_out(model, optimizer, loss_fn, x, y, limit):
    loss, weights, grads = _derived(model, loss_fn, x, y)
    grads = [g if len(w.shape) > 1 else None for g, w in zip(grads, weights, strict=True)]
    clipped, norm = tf.clip_by_global_norm(grads, limit)
    _updated(optimizer, clipped, weights)
    return loss, _stopped(norm)


@mistake("clipped_train_step", hint=NO_RETURN)
def loss_and_norm_not_returned(model, optimizer, loss_fn, x, y, limit):
    _clipped_step(model, optimizer, loss_fn, x, y, limit)
