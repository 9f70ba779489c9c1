"""Known-wrong answers of the lesson ``orientation``, most specific first within an exercise."""

import math

import numpy as np

from solutions.mistakes import NO_RETURN, UNKNOWN_NAME, mistake

# numerical_gradient

ONE_SIDED = """The slope is taken to one side of x only. In the equation both function values are
taken a step away from x, one in each direction."""
DIVISOR = """The difference of the two values is right and what it is divided by is not. How far
apart are the two points at which f is called? Count the parentheses too."""
SIGN = "The slope has the wrong sign, or none. Which of the two values is subtracted from which?"
QUOTIENT = """This is no slope. A slope is the difference of two values of f, divided by the
distance between the points at which they were taken."""
EPS = """The result is not that of steps of exactly eps to each side. Every step and every divisor
comes from the argument eps alone, whose default stays 1e-5. Put a number in its place only where
you call the function, and use no formula with more points."""
ONE_BY_ONE = """Several entries of x move at once. Entry i of the gradient comes from two calls
of f between which only entry i of x differs."""
LEFT_MOVED = """The entries that were moved first are still moved when the next ones get their
turn. Put each entry back before you go on, or start from a fresh copy for each."""
INEXACT = """After the call x is nearly, but not exactly, what it was: adding and subtracting
round. Remember the old number and put it back, or work on a copy."""
ALIAS = """An assignment such as y = x makes no copy: both names then belong to one array, and a
change through one is seen through the other."""
NOT_SEEN = """f is called with x as it was: what was changed is a copy, or a loop variable. Make
sure that the array that you change is the one that you hand to f."""
MEMORY_COPY = """Vectors are right, but reshape and ravel copy an array whose entries do not lie
one after another in memory. A change of such a copy does not reach x; index x itself."""
WHOLE_ARRAY = """f takes an array of the shape of x, always the whole of it: not one entry, and
not a flattened copy."""
MISSED = """Some entries of x never have their turn. Does the loop reach all of them, to the
last, and does the return stand behind the loop and not inside it?"""
AXES = """x may have any number of axes, also none. A loop over len(x), or with a fixed number of
indices, fits one number of axes; np.ndindex(x.shape) gives the index of every entry."""
SHAPE = """The numbers are right, and their arrangement is not: entry by entry the gradient has
the place that x has."""
DTYPE = """Decimals are lost. Which dtype does the array have that holds the gradient, or the
moved x? An integer array cuts off decimals, and float32 is too coarse for so small a step."""
REMEMBERS = """The answer remembers something from call to call. Make the array for the gradient
anew in each call, inside the function."""
ONLY_GRADIENT = "Only the gradient is asked for: one array, not a pair and not the value of f."
ARRANGED = """The gradient itself is asked for, with its signs and its length: nothing is
normalised, rounded or made positive."""


def _differences(f, x, eps, quotient):
    """quotient(above, below) for each entry, from copies."""
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = quotient(f(above), f(below))
    return gradient


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, eps, lambda above, below: (above - value) / eps)


@mistake("numerical_gradient", hint=ONE_SIDED)
def backward_difference(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, eps, lambda above, below: (value - below) / eps)


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference_over_twice_the_step(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, eps, lambda above, below: (above - value) / (2 * eps))


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference_over_two_steps(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, 2 * eps, lambda above, below: (above - value) / (2 * eps))


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference_with_a_fixed_step(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, 1e-7, lambda above, below: (above - value) / 1e-7)


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference_in_place(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        value = f(x)
        x[i] += eps
        gradient[i] = (f(x) - value) / eps
        x[i] -= eps
    return gradient


@mistake("numerical_gradient", hint=ONE_SIDED)
def forward_difference_left_moved(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        value = f(x)
        x[i] += eps
        gradient[i] = (f(x) - value) / eps
    return gradient


@mistake("numerical_gradient", hint=DIVISOR)
def factor_two_forgotten(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / eps)


@mistake("numerical_gradient", hint=DIVISOR)
def factor_two_forgotten_and_restored_by_adding(f, x, eps=1e-5):
    return 2 * restored_by_adding_and_subtracting(f, x, eps)


@mistake("numerical_gradient", hint=DIVISOR)
def divided_by_two_and_multiplied_by_eps(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / 2 * eps)


@mistake("numerical_gradient", hint=DIVISOR)
def only_the_lower_value_divided(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: above - below / (2 * eps))


@mistake("numerical_gradient", hint=DIVISOR)
def divided_by_four_steps(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / (4 * eps))


@mistake("numerical_gradient", hint=DIVISOR)
def divided_by_eps_squared(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / eps**2)


@mistake("numerical_gradient", hint=DIVISOR)
def divided_by_twice_eps_squared(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps**2))


@mistake("numerical_gradient", hint=DIVISOR)
def not_divided_at_all(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: above - below)


@mistake("numerical_gradient", hint=DIVISOR)
def halved_only(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / 2)


@mistake("numerical_gradient", hint=DIVISOR)
def divided_by_the_number_of_entries_too(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps * x.size))


@mistake("numerical_gradient", hint=SIGN)
def sign_reversed(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (below - above) / (2 * eps))


@mistake("numerical_gradient", hint=SIGN)
def size_of_the_slope_only(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: abs(above - below) / (2 * eps))


@mistake("numerical_gradient", hint=QUOTIENT)
def second_difference(f, x, eps=1e-5):
    value = f(x.copy())
    return _differences(f, x, eps, lambda above, below: (above - 2 * value + below) / eps**2)


@mistake("numerical_gradient", hint=QUOTIENT)
def values_added(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above + below) / (2 * eps))


@mistake("numerical_gradient", hint=QUOTIENT)
def mean_of_the_values(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above + below) / 2)


@mistake("numerical_gradient", hint=QUOTIENT)
def value_above_only(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: above / (2 * eps))


@mistake("numerical_gradient", hint=QUOTIENT)
def relative_difference_of_the_values(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / (above + below))


@mistake("numerical_gradient", hint=QUOTIENT)
def divided_by_the_entry_itself(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: above - below) / (2 * x)


@mistake("numerical_gradient", hint=QUOTIENT)
def multiplied_by_x(f, x, eps=1e-5):
    return x * _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def eps_hard_coded(f, x, eps=1e-5):
    return _differences(f, x, 1e-5, lambda above, below: (above - below) / 2e-5)


@mistake("numerical_gradient", hint=EPS)
def another_eps_hard_coded(f, x, eps=1e-5):
    return _differences(f, x, 1e-3, lambda above, below: (above - below) / 2e-3)


@mistake("numerical_gradient", hint=EPS)
def a_smaller_eps_hard_coded(f, x, eps=1e-5):
    return _differences(f, x, 1e-7, lambda above, below: (above - below) / 2e-7)


@mistake("numerical_gradient", hint=EPS)
def a_small_eps_hard_coded(f, x, eps=1e-5):
    return _differences(f, x, 1e-8, lambda above, below: (above - below) / 2e-8)


@mistake("numerical_gradient", hint=EPS)
def eps_hard_coded_and_restored_by_adding(f, x, eps=1e-5):
    return restored_by_adding_and_subtracting(f, x, 1e-5)


@mistake("numerical_gradient", hint=EPS)
def a_tiny_eps_hard_coded(f, x, eps=1e-5):
    return _differences(f, x, 1e-12, lambda above, below: (above - below) / 2e-12)


@mistake("numerical_gradient", hint=EPS)
def another_default(f, x, eps=1e-2):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def a_tiny_default(f, x, eps=1e-8):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def a_default_ten_times_as_large(f, x, eps=1e-4):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def a_default_ten_times_as_small(f, x, eps=1e-6):
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def step_hard_coded_but_not_the_divisor(f, x, eps=1e-5):
    return _differences(f, x, 1e-5, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def divisor_hard_coded_but_not_the_step(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: (above - below) / 2e-5)


@mistake("numerical_gradient", hint=EPS)
def half_a_step_to_each_side(f, x, eps=1e-5):
    return _differences(f, x, eps / 2, lambda above, below: (above - below) / eps)


@mistake("numerical_gradient", hint=EPS)
def twice_the_step_to_each_side(f, x, eps=1e-5):
    return _differences(f, x, 2 * eps, lambda above, below: (above - below) / (4 * eps))


@mistake("numerical_gradient", hint=EPS)
def eps_squared_as_the_step(f, x, eps=1e-5):
    return _differences(f, x, eps**2, lambda above, below: (above - below) / (2 * eps**2))


@mistake("numerical_gradient", hint=EPS)
def step_in_proportion_to_the_entry(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        step = eps * abs(x[i])
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / (2 * step)
    return gradient


@mistake("numerical_gradient", hint=EPS)
def entries_multiplied_by_one_plus_eps(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] *= 1 + eps
        below[i] *= 1 - eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=EPS)
def step_at_most_a_thousandth(f, x, eps=1e-5):
    eps = min(eps, 1e-3)
    return _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=EPS)
def extrapolated_from_two_steps(f, x, eps=1e-5):
    fine = _differences(f, x, eps / 2, lambda above, below: (above - below) / eps)
    coarse = _differences(f, x, eps, lambda above, below: (above - below) / (2 * eps))
    return (4 * fine - coarse) / 3


@mistake("numerical_gradient", hint=EPS)
def five_points(f, x, eps=1e-5):
    near = _differences(f, x, eps, lambda above, below: above - below)
    far = _differences(f, x, 2 * eps, lambda above, below: above - below)
    return (8 * near - far) / (12 * eps)


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def all_entries_moved_at_once(f, x, eps=1e-5):
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def all_entries_moved_at_once_in_place(f, x, eps=1e-5):
    x += eps
    above = f(x)
    x -= 2 * eps
    below = f(x)
    x += eps
    return np.full(x.shape, (above - below) / (2 * eps))


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def one_number_for_all_entries(f, x, eps=1e-5):
    return (f(x + eps) - f(x - eps)) / (2 * eps)


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def moves_shared_out_over_the_entries(f, x, eps=1e-5):
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps * x.size))


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def each_entry_gets_the_sum_of_all(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient += (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=ONE_BY_ONE)
def all_later_entries_moved_too(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for n, i in enumerate(np.ndindex(x.shape)):
        above, below = x.copy(), x.copy()
        above.ravel()[n:] += eps
        below.ravel()[n:] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=AXES)
def rows_moved_as_a_whole(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=AXES)
def one_index_for_every_entry(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in range(x.size):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=AXES)
def rows_and_columns_only(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            above, below = x.copy(), x.copy()
            above[row, column] += eps
            below[row, column] -= eps
            gradient[row, column] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=AXES)
def one_or_two_axes_only(f, x, eps=1e-5):
    return one_index_for_every_entry(f, x, eps) if x.ndim == 1 else rows_and_columns_only(f, x, eps)


@mistake("numerical_gradient", hint=AXES)
def no_axes_forgotten(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        if i:
            above, below = x.copy(), x.copy()
            above[i] += eps
            below[i] -= eps
            gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=AXES)
def an_axis_added_to_no_axes(f, x, eps=1e-5):
    return np.atleast_1d(_differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)))


@mistake("numerical_gradient", hint=INEXACT)
def restored_by_adding_and_subtracting(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = f(x)
        x[i] -= 2 * eps
        below = f(x)
        x[i] += eps
        gradient[i] = (above - below) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=INEXACT)
def each_step_taken_back_by_itself(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = f(x)
        x[i] -= eps
        x[i] -= eps
        below = f(x)
        x[i] += eps
        gradient[i] = (above - below) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=INEXACT)
def restored_to_six_digits(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + eps
        above = f(x)
        x[i] = kept - eps
        below = f(x)
        x[i] = float(f"{kept:.6g}")
        gradient[i] = (above - below) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=LEFT_MOVED)
def left_a_step_below(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = f(x)
        x[i] -= 2 * eps
        gradient[i] = (above - f(x)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=LEFT_MOVED)
def left_a_step_above(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept - eps
        below = f(x)
        x[i] = kept + eps
        gradient[i] = (f(x) - below) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=LEFT_MOVED)
def one_copy_left_a_step_below(f, x, eps=1e-5):
    return left_a_step_below(f, x.copy(), eps)


@mistake("numerical_gradient", hint=LEFT_MOVED)
def one_copy_for_each_side(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    above, below = x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=LEFT_MOVED)
def put_back_after_the_last_entry_only(f, x, eps=1e-5):
    kept = x.copy()
    gradient = left_a_step_below(f, x, eps)
    x[...] = kept
    return gradient


@mistake("numerical_gradient", hint=LEFT_MOVED)
def only_the_last_entry_left_moved(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    entries = list(np.ndindex(x.shape))
    for i in entries:
        kept = x[i]
        x[i] = kept + eps
        above = f(x)
        x[i] = kept - eps
        gradient[i] = (above - f(x)) / (2 * eps)
        if i != entries[-1]:
            x[i] = kept
    return gradient


@mistake("numerical_gradient", hint=ONE_SIDED)
def second_step_from_the_first(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.copy()
        moved[i] += eps
        above = f(moved)
        moved[i] -= eps
        gradient[i] = (above - f(moved)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=ALIAS)
def copies_that_are_none(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above = x
        below = x
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=ALIAS)
def kept_under_another_name(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x
        x[i] += eps
        above = f(x)
        x = kept
        x[i] -= eps
        gradient[i] = (above - f(x)) / (2 * eps)
        x = kept
    return gradient


@mistake("numerical_gradient", hint=ALIAS)
def gradient_written_into_x(f, x, eps=1e-5):
    gradient = x
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + eps
        above = f(x)
        x[i] = kept - eps
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=NOT_SEEN)
def copy_moved_and_x_handed_over(f, x, eps=1e-5):
    return _differences(lambda moved: f(x), x, eps, lambda a, b: (a - b) / (2 * eps))


@mistake("numerical_gradient", hint=MEMORY_COPY)
def moved_through_reshape(f, x, eps=1e-5):
    flat = x.reshape(-1)
    gradient = np.zeros(x.size)
    for i in range(x.size):
        kept = flat[i]
        flat[i] = kept + eps
        above = f(x)
        flat[i] = kept - eps
        below = f(x)
        flat[i] = kept
        gradient[i] = (above - below) / (2 * eps)
    return gradient.reshape(x.shape)


@mistake("numerical_gradient", hint=MEMORY_COPY)
def gradient_filled_through_ravel(f, x, eps=1e-5):
    gradient = np.zeros_like(x)
    flat = gradient.ravel()
    for n, i in enumerate(np.ndindex(x.shape)):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        flat[n] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=MEMORY_COPY)
def flattened_in_the_order_of_memory(f, x, eps=1e-5):
    start = x.ravel(order="K").copy()
    gradient = np.zeros(x.size)
    for i in range(x.size):
        above, below = start.copy(), start.copy()
        above[i] += eps
        below[i] -= eps
        values = f(above.reshape(x.shape)), f(below.reshape(x.shape))
        gradient[i] = (values[0] - values[1]) / (2 * eps)
    return gradient.reshape(x.shape)


@mistake("numerical_gradient", hint=WHOLE_ARRAY)
def f_called_on_one_entry(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        gradient[i] = (f(x[i] + eps) - f(x[i] - eps)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=WHOLE_ARRAY)
def f_called_on_a_flat_copy(f, x, eps=1e-5):
    flat = x.flatten()
    return _differences(f, flat, eps, lambda a, b: (a - b) / (2 * eps)).reshape(x.shape)


@mistake("numerical_gradient", hint=WHOLE_ARRAY)
def f_called_on_a_stack(f, x, eps=1e-5):
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return ((f(x + steps) - f(x - steps)) / (2 * eps)).reshape(x.shape)


@mistake("numerical_gradient", hint=MISSED)
def first_entry_only(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
        return gradient


@mistake("numerical_gradient", hint=MISSED)
def last_entry_missed(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in list(np.ndindex(x.shape))[:-1]:
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=MISSED)
def first_entry_missed(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for i in list(np.ndindex(x.shape))[1:]:
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


@mistake("numerical_gradient", hint=MISSED)
def the_last_slope_alone(f, x, eps=1e-5):
    slope = 0.0
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        slope = (f(above) - f(below)) / (2 * eps)
    return slope


@mistake("numerical_gradient", hint=SHAPE)
def flat_list(f, x, eps=1e-5):
    return list(_differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).ravel())


@mistake("numerical_gradient", hint=SHAPE)
def flat_array(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).ravel()


@mistake("numerical_gradient", hint=SHAPE)
def one_column(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).reshape(-1, 1)


@mistake("numerical_gradient", hint=SHAPE)
def one_row(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).reshape(1, -1)


@mistake("numerical_gradient", hint=SHAPE)
def gradient_transposed(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).T


@mistake("numerical_gradient", hint=SHAPE)
def filled_column_by_column(f, x, eps=1e-5):
    found = _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))
    return found.ravel().reshape(x.shape, order="F")


@mistake("numerical_gradient", hint=SHAPE)
def entries_summed(f, x, eps=1e-5):
    return np.sum(_differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)))


@mistake("numerical_gradient", hint=DTYPE)
def integer_array_for_the_gradient(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)).astype(int)


@mistake("numerical_gradient", hint=DTYPE)
def x_in_float32(f, x, eps=1e-5):
    x = x.astype(np.float32)
    return _differences(f, x, np.float32(eps), lambda a, b: (a - b) / (2 * eps))


@mistake("numerical_gradient", hint=DTYPE)
def values_in_float32(f, x, eps=1e-5):
    return _differences(
        lambda moved: np.float32(f(moved)), x, eps, lambda a, b: (a - b) / (2 * eps)
    )


@mistake("numerical_gradient", hint=DTYPE)
def x_cut_to_integers(f, x, eps=1e-5):
    return _differences(f, x.astype(int).astype(float), eps, lambda a, b: (a - b) / (2 * eps))


_TOTAL = {}


@mistake("numerical_gradient", hint=REMEMBERS)
def gradient_added_up_over_calls(f, x, eps=1e-5):
    gradient = _TOTAL.setdefault(x.shape, np.zeros(x.shape))
    gradient += _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))
    return gradient.copy()


_SEEN = {}


@mistake("numerical_gradient", hint=REMEMBERS)
def first_gradient_kept_for_good(f, x, eps=1e-5):
    if x.shape not in _SEEN:
        _SEEN[x.shape] = _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))
    return _SEEN[x.shape]


@mistake("numerical_gradient", hint=ONLY_GRADIENT)
def value_and_gradient(f, x, eps=1e-5):
    return f(x.copy()), _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))


@mistake("numerical_gradient", hint=ONLY_GRADIENT)
def value_of_f(f, x, eps=1e-5):
    return f(x.copy())


@mistake("numerical_gradient", hint=ONLY_GRADIENT)
def moved_values(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda above, below: above)


@mistake("numerical_gradient", hint=ONLY_GRADIENT)
def step_of_gradient_descent(f, x, eps=1e-5):
    return x - _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))


@mistake("numerical_gradient", hint=ARRANGED)
def gradient_normalised(f, x, eps=1e-5):
    gradient = _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))
    return gradient / np.linalg.norm(gradient)


@mistake("numerical_gradient", hint=ARRANGED)
def gradient_rounded(f, x, eps=1e-5):
    return np.round(_differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)), 4)


@mistake("numerical_gradient", hint=ARRANGED)
def gradient_clipped(f, x, eps=1e-5):
    return np.clip(_differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)), -1.0, 1.0)


@mistake("numerical_gradient", hint=NO_RETURN)
def gradient_not_returned(f, x, eps=1e-5):
    _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))


@mistake("numerical_gradient", hint=UNKNOWN_NAME)
def gradient_of_another_cell(f, x, eps=1e-5):
    for i in np.ndindex(x.shape):
        gradient[i] = (f(x + eps) - f(x - eps)) / (2 * eps)  # noqa: F821
    return gradient  # noqa: F821


@mistake("numerical_gradient", hint=UNKNOWN_NAME)
def step_by_another_name(f, x, eps=1e-5):
    return _differences(f, x, h, lambda a, b: (a - b) / (2 * h))  # noqa: F821


_OF_X = {}


@mistake("numerical_gradient", hint=REMEMBERS)
def gradient_of_an_earlier_f_at_this_x(f, x, eps=1e-5):
    key = x.tobytes(), x.shape, eps
    if key not in _OF_X:
        _OF_X[key] = _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))
    return _OF_X[key]


@mistake("numerical_gradient", hint=MISSED)
def entries_of_zero_passed_over(f, x, eps=1e-5):
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps)) * (x != 0)


@mistake("numerical_gradient", hint=EPS)
def eps_of_at_least_the_default(f, x, eps=1e-5):
    eps = max(eps, 1e-5)
    return _differences(f, x, eps, lambda a, b: (a - b) / (2 * eps))


# relative_error

DENOMINATOR = """The distance of a and b is right, and what it is divided by is not. The equation
has one number below the line: the larger of the two lengths."""
ABSOLUTE = "The distance alone does not say how much it is. What is it to be divided by?"
NORM = """This is another length than the one of the equation: square every entry, add all of
them up, and take the root of the sum, once."""
ENTRYWISE = """One ratio is asked for, of two lengths. Here entries are divided first and
collected afterwards, so that a tiny entry counts as much as a large one."""
LENGTHS_ONLY = """Two arrays of equal length may be far apart, so the lengths alone cannot tell.
Subtract the arrays first and take the length of what is left."""
BOTH_ZERO = """Both arrays may be zero, and then the equation divides by zero. Which number is
asked for then? What is returned where only one of them is zero?"""
NAN = """A NaN in either array has to come out as NaN. Comparisons with NaN are all false, and
Python's max keeps its first argument: through which of your lines can a NaN slip?"""
NAN_SUPPRESSED = "A NaN is left out of a sum or replaced by a number. It has to come out as NaN."
SHAPES = """Arrays of unequal shape are compared. NumPy refuses some of them by itself and
broadcasts others without a word, so look at both shapes first, and raise ValueError."""
NOT_VALUE_ERROR = """Unequal shapes are noticed, but the exercise says what has to happen then:
raise a ValueError. assert raises another error, and a return value raises none."""
MANY_AXES = """The answer fits one number of axes. a and b may be floats, vectors, matrices or
have more axes: np.shape and np.sum take all of them."""
ONE_NUMBER = """One number is asked for, over all entries and axes: no array, no list, no pair,
no truth value."""
POINTS = """The equation is there, and of the points below it more than one is not heeded. Try your
function on arrays of unequal shape, on two zeros, and with a NaN in one of the two."""
WHOLE = "The ratio is asked for as it is: not in percent, not squared, rounded or turned around."
IN_PLACE = """An argument is different after the call than before. Look for -=, /= or an
assignment into an argument: they write into the caller's array."""
FLOOR = """What stands below the line is kept from being small, or a number is added to it, or small
lengths are taken for zero. Tiny arrays may be far apart too: look at the equation once more,
and at the one case in which it is not asked for."""
NEARLY_EQUAL = """Arrays that nearly agree have a small error, and not none: the number itself is
asked for, also where it is 1e-9. Nothing is taken for equal that is not, and the arrays are
subtracted before anything is squared or rounded."""
SYMMETRIC = "a and b are not treated alike: does the result change when they are exchanged?"


def _shapes_agree(a, b):
    if np.shape(a) != np.shape(b):
        raise ValueError(f"b has shape {np.shape(b)}; expected {np.shape(a)}")


def _length(array):
    return np.sqrt(np.sum(np.square(array)))


def _ratio(above, below):
    """A quotient that is right about zeros and NaN."""
    return 0.0 if below == 0 and above == 0 else float(np.divide(above, below))


def _distance(a, b):
    _shapes_agree(a, b)
    return _length(np.subtract(a, b))


def _right(a, b):
    return _ratio(_distance(a, b), np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_a(a, b):
    return _ratio(_distance(a, b), _length(a))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_b(a, b):
    return _ratio(_distance(a, b), _length(b))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_a_whatever_it_is(a, b):
    return float(np.divide(_distance(a, b), _length(a)))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_b_whatever_it_is(a, b):
    return float(np.divide(_distance(a, b), _length(b)))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_a_and_zero_where_that_is_zero(a, b):
    return 0.0 if _length(a) == 0 else _ratio(_distance(a, b), _length(a))


@mistake("relative_error", hint=SYMMETRIC)
def relative_to_b_and_zero_where_that_is_zero(a, b):
    return 0.0 if _length(b) == 0 else _ratio(_distance(a, b), _length(b))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_smaller(a, b):
    return _ratio(_distance(a, b), np.minimum(_length(a), _length(b)))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_sum_of_lengths(a, b):
    return _ratio(_distance(a, b), _length(a) + _length(b))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_mean_length(a, b):
    return _ratio(_distance(a, b), (_length(a) + _length(b)) / 2)


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_product_of_lengths(a, b):
    return _ratio(_distance(a, b), _length(a) * _length(b))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_geometric_mean(a, b):
    return _ratio(_distance(a, b), np.sqrt(_length(a) * _length(b)))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_length_of_the_sum(a, b):
    return _ratio(_distance(a, b), _length(np.add(a, b)))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_both_lengths_joined(a, b):
    return _ratio(_distance(a, b), np.hypot(_length(a), _length(b)))


@mistake("relative_error", hint=DENOMINATOR)
def relative_to_the_largest_entry(a, b):
    return _ratio(_distance(a, b), np.maximum(np.max(np.abs(a)), np.max(np.abs(b))))


@mistake("relative_error", hint=FLOOR)
def never_relative_to_less_than_one(a, b):
    return _ratio(_distance(a, b), np.maximum(1.0, np.maximum(_length(a), _length(b))))


@mistake("relative_error", hint=FLOOR)
def one_added_below_the_line(a, b):
    return _ratio(_distance(a, b), 1.0 + np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=FLOOR)
def at_least_ten_to_minus_3_below_the_line(a, b):
    larger = np.maximum(_length(a), _length(b))
    return float(_distance(a, b) / np.maximum(larger, 1e-3))


@mistake("relative_error", hint=FLOOR)
def at_least_ten_to_minus_8_below_the_line(a, b):
    larger = np.maximum(_length(a), _length(b))
    return float(_distance(a, b) / np.maximum(larger, 1e-8))


@mistake("relative_error", hint=FLOOR)
def at_least_the_last_digit_of_one_below_the_line(a, b):
    larger = np.maximum(_length(a), _length(b))
    return float(_distance(a, b) / np.maximum(larger, np.finfo(float).eps))


@mistake("relative_error", hint=FLOOR)
def ten_to_minus_8_added_below_the_line(a, b):
    return float(_distance(a, b) / (np.maximum(_length(a), _length(b)) + 1e-8))


@mistake("relative_error", hint=FLOOR)
def ten_to_minus_12_added_below_the_line(a, b):
    return float(_distance(a, b) / (np.maximum(_length(a), _length(b)) + 1e-12))


@mistake("relative_error", hint=FLOOR)
def last_digit_of_one_added_below_the_line(a, b):
    larger = np.maximum(_length(a), _length(b))
    return float(_distance(a, b) / (larger + np.finfo(float).eps))


@mistake("relative_error", hint=FLOOR)
def ten_to_minus_16_added_below_the_line(a, b):
    return float(_distance(a, b) / (np.maximum(_length(a), _length(b)) + 1e-16))


@mistake("relative_error", hint=FLOOR)
def a_small_number_added_below_the_root(a, b):
    larger = np.maximum(_length(a) ** 2, _length(b) ** 2)
    return float(_distance(a, b) / np.sqrt(larger + 1e-16))


@mistake("relative_error", hint=FLOOR)
def zero_where_both_are_nearly_zero(a, b):
    tiny = np.allclose(a, 0.0) and np.allclose(b, 0.0)
    return 0.0 if tiny and np.shape(a) == np.shape(b) else _right(a, b)


@mistake("relative_error", hint=FLOOR)
def zero_where_the_larger_is_below_ten_to_minus_12(a, b):
    larger = np.maximum(_length(a), _length(b))
    return 0.0 if larger < 1e-12 and _distance(a, b) < 1 else _right(a, b)


@mistake("relative_error", hint=NEARLY_EQUAL)
def zero_where_they_are_close(a, b):
    _shapes_agree(a, b)
    return 0.0 if np.allclose(a, b) else _right(a, b)


@mistake("relative_error", hint=NEARLY_EQUAL)
def zero_below_ten_to_minus_7(a, b):
    error = _right(a, b)
    return 0.0 if error < 1e-7 else error


@mistake("relative_error", hint=NEARLY_EQUAL)
def zero_where_the_distance_is_close_to_zero(a, b):
    return 0.0 if np.isclose(_distance(a, b), 0.0) else _right(a, b)


@mistake("relative_error", hint=NEARLY_EQUAL)
def distance_from_products(a, b):
    _shapes_agree(a, b)
    squares = np.sum(np.square(a)) - 2 * np.sum(np.multiply(a, b)) + np.sum(np.square(b))
    return _ratio(np.sqrt(np.maximum(squares, 0.0)), np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=DENOMINATOR)
def length_not_rooted_below_the_line(a, b):
    return _ratio(_distance(a, b), np.maximum(_length(a) ** 2, _length(b) ** 2))


@mistake("relative_error", hint=ABSOLUTE)
def absolute_error(a, b):
    return float(_distance(a, b))


@mistake("relative_error", hint=ABSOLUTE)
def mean_absolute_error(a, b):
    _shapes_agree(a, b)
    return float(np.mean(np.abs(np.subtract(a, b))))


@mistake("relative_error", hint=ABSOLUTE)
def mean_squared_error(a, b):
    _shapes_agree(a, b)
    return float(np.mean(np.square(np.subtract(a, b))))


@mistake("relative_error", hint=ABSOLUTE)
def largest_absolute_error(a, b):
    _shapes_agree(a, b)
    return float(np.max(np.abs(np.subtract(a, b))))


@mistake("relative_error", hint=ABSOLUTE)
def divided_by_the_number_of_entries(a, b):
    return float(_distance(a, b) / np.size(a))


@mistake("relative_error", hint=NORM)
def largest_entries(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.max(np.abs(v)) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def sums_of_absolute_values(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.sum(np.abs(v)) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def largest_sum_of_a_row(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.linalg.norm(v, np.inf) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def root_forgotten_everywhere(a, b):
    return _right(a, b) ** 2


@mistake("relative_error", hint=NORM)
def root_forgotten_above_the_line(a, b):
    return _ratio(_distance(a, b) ** 2, np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=NORM)
def entries_added_with_their_signs(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.abs(np.sum(v)) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def means_with_their_signs(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.mean(v) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def standard_deviations(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.std(v) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def spectral_norm_of_a_matrix(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.linalg.norm(v, 2) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NORM)
def norm_of_one_column_at_most(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.linalg.norm(v, 1) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=ENTRYWISE)
def largest_ratio_of_entries(a, b):
    _shapes_agree(a, b)
    below = np.maximum(1e-8, np.abs(a) + np.abs(b))
    return float(np.max(np.abs(np.subtract(a, b)) / below))


@mistake("relative_error", hint=ENTRYWISE)
def largest_ratio_to_the_larger_entry(a, b):
    _shapes_agree(a, b)
    below = np.maximum(1e-12, np.maximum(np.abs(a), np.abs(b)))
    return float(np.max(np.abs(np.subtract(a, b)) / below))


@mistake("relative_error", hint=ENTRYWISE)
def mean_ratio_of_entries(a, b):
    _shapes_agree(a, b)
    below = np.maximum(1e-12, np.maximum(np.abs(a), np.abs(b)))
    return float(np.mean(np.abs(np.subtract(a, b)) / below))


@mistake("relative_error", hint=ENTRYWISE)
def length_of_the_ratios(a, b):
    _shapes_agree(a, b)
    below = np.maximum(1e-12, np.maximum(np.abs(a), np.abs(b)))
    return float(_length(np.subtract(a, b) / below))


@mistake("relative_error", hint=LENGTHS_ONLY)
def difference_of_the_lengths(a, b):
    _shapes_agree(a, b)
    first, second = _length(a), _length(b)
    return _ratio(abs(first - second), np.maximum(first, second))


@mistake("relative_error", hint=LENGTHS_ONLY)
def difference_of_the_lengths_with_its_sign(a, b):
    _shapes_agree(a, b)
    first, second = _length(a), _length(b)
    return _ratio(first - second, np.maximum(first, second))


@mistake("relative_error", hint=LENGTHS_ONLY)
def directions_compared(a, b):
    _shapes_agree(a, b)
    first, second = max(_length(a), 1e-300), max(_length(b), 1e-300)
    return float(_length(np.subtract(np.divide(a, first), np.divide(b, second))))


@mistake("relative_error", hint=LENGTHS_ONLY)
def cosine_of_the_angle(a, b):
    _shapes_agree(a, b)
    return 1.0 - _ratio(np.sum(np.multiply(a, b)), _length(a) * _length(b))


@mistake("relative_error", hint=LENGTHS_ONLY)
def sum_for_the_difference(a, b):
    _shapes_agree(a, b)
    return _ratio(_length(np.add(a, b)), np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=BOTH_ZERO)
def nan_for_two_zeros(a, b):
    return float(_distance(a, b) / np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=BOTH_ZERO)
def zero_division_error_for_two_zeros(a, b):
    return float(_distance(a, b)) / float(np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=BOTH_ZERO)
def one_for_two_zeros(a, b):
    larger = np.maximum(_length(a), _length(b))
    return 1.0 if larger == 0 and _distance(a, b) == 0 else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def infinity_for_two_zeros(a, b):
    larger = np.maximum(_length(a), _length(b))
    return math.inf if larger == 0 and _distance(a, b) == 0 else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def nothing_for_two_zeros(a, b):
    larger = np.maximum(_length(a), _length(b))
    return None if larger == 0 and _distance(a, b) == 0 else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def zero_where_a_is_zero(a, b):
    return 0.0 if _length(a) == 0 and np.isfinite(_distance(a, b)) else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def zero_where_b_is_zero(a, b):
    return 0.0 if _length(b) == 0 and np.isfinite(_distance(a, b)) else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def zero_where_either_is_zero(a, b):
    either = _length(a) == 0 or _length(b) == 0
    return 0.0 if either and np.isfinite(_distance(a, b)) else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def absolute_where_either_is_zero(a, b):
    either = _length(a) == 0 or _length(b) == 0
    return float(_distance(a, b)) if either else _right(a, b)


@mistake("relative_error", hint=NAN)
def divided_only_where_the_length_is_positive(a, b):
    distance, larger = _distance(a, b), np.maximum(_length(a), _length(b))
    return float(distance / larger) if larger > 0 else 0.0


@mistake("relative_error", hint=NAN)
def larger_length_by_python_if_positive(a, b):
    distance, larger = _distance(a, b), max(_length(a), _length(b))
    return float(distance / larger) if larger > 0 else 0.0


@mistake("relative_error", hint=NAN)
def larger_length_by_python(a, b):
    distance, larger = _distance(a, b), max(_length(a), _length(b))
    return 0.0 if larger == 0 else float(distance / larger)


@mistake("relative_error", hint=NAN)
def larger_length_by_python_the_other_way(a, b):
    distance, larger = _distance(a, b), max(_length(b), _length(a))
    return 0.0 if larger == 0 else float(distance / larger)


@mistake("relative_error", hint=BOTH_ZERO)
def zero_where_a_is_zero_even_beside_nan(a, b):
    _shapes_agree(a, b)
    return 0.0 if not np.any(a) else _right(a, b)


@mistake("relative_error", hint=BOTH_ZERO)
def zero_where_either_is_zero_even_beside_nan(a, b):
    _shapes_agree(a, b)
    return 0.0 if not np.any(a) or not np.any(b) else _right(a, b)


@mistake("relative_error", hint=NAN_SUPPRESSED)
def nan_left_out_of_the_sums(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.sqrt(np.nansum(np.square(v))) for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=NAN_SUPPRESSED)
def nan_entries_taken_as_zero(a, b):
    return _right(np.nan_to_num(a), np.nan_to_num(b))


@mistake("relative_error", hint=NAN)
def nan_result_taken_as_zero(a, b):
    return float(np.nan_to_num(_right(a, b)))


@mistake("relative_error", hint=NAN_SUPPRESSED)
def value_error_for_nan(a, b):
    result = _right(a, b)
    if math.isnan(result):
        raise ValueError("a or b holds a NaN")
    return result


@mistake("relative_error", hint=POINTS)
def equation_alone(a, b):
    larger = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.divide(np.linalg.norm(np.subtract(a, b)), larger))


@mistake("relative_error", hint=POINTS)
def equation_alone_where_the_length_is_positive(a, b):
    larger = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.linalg.norm(np.subtract(a, b)) / larger) if larger > 0 else 0.0


@mistake("relative_error", hint=POINTS)
def equation_with_the_maximum_of_python(a, b):
    larger = max(np.linalg.norm(a), np.linalg.norm(b))
    return 0.0 if larger == 0 else float(np.linalg.norm(np.subtract(a, b)) / larger)


@mistake("relative_error", hint=POINTS)
def equation_with_the_maximum_of_python_if_positive(a, b):
    larger = max(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.linalg.norm(np.subtract(a, b)) / larger) if larger > 0 else 0.0


@mistake("relative_error", hint=SHAPES)
def shapes_not_compared(a, b):
    larger = np.maximum(np.linalg.norm(a), np.linalg.norm(b))
    return 0.0 if larger == 0 else float(np.linalg.norm(np.subtract(a, b)) / larger)


@mistake("relative_error", hint=SHAPES)
def only_the_numbers_of_entries_compared(a, b):
    if np.size(a) != np.size(b):
        raise ValueError("a and b have unequally many entries")
    return _right(np.ravel(a), np.ravel(b))


@mistake("relative_error", hint=SHAPES)
def only_the_numbers_of_axes_compared(a, b):
    if np.ndim(a) != np.ndim(b):
        raise ValueError("a and b have unequally many axes")
    return shapes_not_compared(a, b)


@mistake("relative_error", hint=SHAPES)
def only_the_first_sizes_compared(a, b):
    if np.shape(a)[:1] != np.shape(b)[:1]:
        raise ValueError("a and b have unequally many rows")
    return shapes_not_compared(a, b)


@mistake("relative_error", hint=SHAPES)
def only_the_last_sizes_compared(a, b):
    if np.shape(a)[-1:] != np.shape(b)[-1:]:
        raise ValueError("a and b have unequally many columns")
    return shapes_not_compared(a, b)


@mistake("relative_error", hint=SHAPES)
def broadcast_before_the_shapes_are_compared(a, b):
    a, b = np.broadcast_arrays(a, b)
    return _right(a, b)


@mistake("relative_error", hint=SHAPES)
def cut_to_the_shorter(a, b):
    count = min(np.size(a), np.size(b))
    return _right(np.ravel(a)[:count], np.ravel(b)[:count])


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def assertion_for_unequal_shapes(a, b):
    if np.shape(a) != np.shape(b):
        raise AssertionError("shapes differ")
    return _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def type_error_for_unequal_shapes(a, b):
    if np.shape(a) != np.shape(b):
        raise TypeError("shapes differ")
    return _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def nan_for_unequal_shapes(a, b):
    return math.nan if np.shape(a) != np.shape(b) else _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def infinity_for_unequal_shapes(a, b):
    return math.inf if np.shape(a) != np.shape(b) else _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def nothing_for_unequal_shapes(a, b):
    return None if np.shape(a) != np.shape(b) else _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def error_returned_and_not_raised(a, b):
    return "ValueError" if np.shape(a) != np.shape(b) else _right(a, b)


@mistake("relative_error", hint=NOT_VALUE_ERROR)
def exception_returned_and_not_raised(a, b):
    return ValueError("shapes differ") if np.shape(a) != np.shape(b) else _right(a, b)


@mistake("relative_error", hint=MANY_AXES)
def arrays_only(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return _right(a, b)


@mistake("relative_error", hint=MANY_AXES)
def vectors_only(a, b):
    _shapes_agree(a, b)
    total = sum((a.item(i) - b.item(i)) ** 2 for i in range(len(a)))
    return _ratio(math.sqrt(total), np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=MANY_AXES)
def matrices_only(a, b):
    _shapes_agree(a, b)
    above, first, second = (np.linalg.norm(v, "fro") for v in (np.subtract(a, b), a, b))
    return _ratio(above, np.maximum(first, second))


@mistake("relative_error", hint=ONE_NUMBER)
def one_error_a_row(a, b):
    _shapes_agree(a, b)
    above, first, second = (
        np.sqrt(np.sum(np.square(v), axis=-1)) for v in (np.subtract(a, b), a, b)
    )
    below = np.maximum(first, second)
    return above / np.where(below == 0, 1.0, below)


@mistake("relative_error", hint=ONE_NUMBER)
def one_error_a_column(a, b):
    _shapes_agree(a, b)
    above, first, second = (
        np.sqrt(np.sum(np.square(v), axis=0)) for v in (np.subtract(a, b), a, b)
    )
    below = np.maximum(first, second)
    return above / np.where(below == 0, 1.0, below)


@mistake("relative_error", hint=ONE_NUMBER)
def mean_error_of_the_rows(a, b):
    return float(np.mean(one_error_a_row(a, b)))


@mistake("relative_error", hint=ONE_NUMBER)
def largest_error_of_the_rows(a, b):
    return float(np.max(one_error_a_row(a, b)))


@mistake("relative_error", hint=ONE_NUMBER)
def one_error_an_entry(a, b):
    _shapes_agree(a, b)
    larger = np.maximum(_length(a), _length(b))
    return np.abs(np.subtract(a, b)) / (1.0 if larger == 0 else larger)


@mistake("relative_error", hint=ONE_NUMBER)
def number_in_an_array(a, b):
    return np.array([_right(a, b)])


@mistake("relative_error", hint=ONE_NUMBER)
def error_and_larger_length(a, b):
    return _right(a, b), float(np.maximum(_length(a), _length(b)))


@mistake("relative_error", hint=ONE_NUMBER)
def whether_they_are_close(a, b):
    return bool(_right(a, b) < 1e-7)


@mistake("relative_error", hint=ONE_NUMBER)
def number_as_text(a, b):
    return f"{_right(a, b):.6f}"


@mistake("relative_error", hint=WHOLE)
def percent(a, b):
    return 100 * _right(a, b)


@mistake("relative_error", hint=WHOLE)
def turned_around(a, b):
    larger = np.maximum(_length(a), _length(b))
    return _ratio(larger, _distance(a, b))


@mistake("relative_error", hint=WHOLE)
def agreement_for_error(a, b):
    return 1.0 - _right(a, b)


@mistake("relative_error", hint=WHOLE)
def sign_of_the_error_turned(a, b):
    return -_right(a, b)


@mistake("relative_error", hint=WHOLE)
def rounded_to_three_decimals(a, b):
    return round(_right(a, b), 3)


@mistake("relative_error", hint=WHOLE)
def rounded_to_ten_decimals(a, b):
    return round(_right(a, b), 10)


@mistake("relative_error", hint=WHOLE)
def cut_off_at_one(a, b):
    return float(np.minimum(1.0, _right(a, b)))


@mistake("relative_error", hint=WHOLE)
def logarithm(a, b):
    return float(np.log10(_right(a, b)))


@mistake("relative_error", hint=IN_PLACE)
def a_changed_in_place(a, b):
    larger = np.maximum(_length(a), _length(b))
    _shapes_agree(a, b)
    a -= b
    return _ratio(_length(a), larger)


@mistake("relative_error", hint=IN_PLACE)
def b_changed_in_place(a, b):
    larger = np.maximum(_length(a), _length(b))
    _shapes_agree(a, b)
    b -= a
    return _ratio(_length(b), larger)


@mistake("relative_error", hint=IN_PLACE)
def both_made_positive(a, b):
    _shapes_agree(a, b)
    result = _right(a, b)
    if np.ndim(a):
        np.abs(a, out=a)
        np.abs(b, out=b)
    return result


@mistake("relative_error", hint=NO_RETURN)
def error_not_returned(a, b):
    _right(a, b)


@mistake("relative_error", hint=UNKNOWN_NAME)
def array_of_another_cell(a, b):
    return _right(a, gradient)  # noqa: F821


@mistake("relative_error", hint=WHOLE)
def error_of_at_most_one_and_a_half(a, b):
    return min(_right(a, b), 1.5)


@mistake("relative_error", hint=NAN)
def nan_beside_zeros_taken_for_zero(a, b):
    error = _right(a, b)
    return error if np.nansum(np.abs(a)) + np.nansum(np.abs(b)) else 0.0
