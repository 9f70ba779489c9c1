"""The orientation's references against other programs, and what is special about its checks."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from alternates import ALTERNATES
from checking import finding, message, visible

from autograder import recording, wire
from solutions.orientation import numerical_gradient, relative_error
from unrolled import checks, plots, probes


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# The numerical gradient, held to others


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (3, 1, 4)])
def test_the_numerical_gradient_is_that_of_tensorflow(rng, shape):
    def f(x):
        return tf.reduce_sum(tf.sin(x)) * tf.exp(tf.reduce_mean(x)) + tf.reduce_prod(tf.tanh(x))

    x = np.asarray(rng.normal(size=shape))
    with tf.GradientTape() as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        value = f(tensor)
    ours = numerical_gradient(lambda x: float(f(tf.constant(x))), x)
    assert ours.shape == shape
    np.testing.assert_allclose(ours, tape.gradient(value, tensor), rtol=0, atol=1e-9)


def test_a_central_difference_of_a_cube_is_off_by_exactly_the_square_of_the_step():
    # ((x + e)^3 - (x - e)^3) / 2e = 3 x^2 + e^2
    x = np.array([-1.5, 0.0, 0.25, 2.0])
    for eps in (0.5, 0.1, 1e-2):
        gradient = numerical_gradient(lambda x: float(np.sum(x**3)), x, eps=eps)
        np.testing.assert_allclose(gradient, 3 * x**2 + eps**2, atol=1e-12)


def test_half_the_step_has_a_quarter_of_the_error(rng):
    x = rng.normal(size=6)
    true = np.exp(x)
    wide, narrow = (
        np.abs(numerical_gradient(lambda x: float(np.sum(np.exp(x))), x, eps) - true)
        for eps in (2e-2, 1e-2)
    )
    np.testing.assert_allclose(wide / narrow, 4, rtol=1e-3)


def test_a_linear_function_has_the_same_gradient_for_any_step(rng):
    slopes, x = rng.normal(size=(2, 3, 4))
    for eps in (1e-5, 1.0, 100.0):
        gradient = numerical_gradient(lambda x: float(np.sum(slopes * x)), x, eps)
        np.testing.assert_allclose(gradient, slopes, atol=1e-9)


@pytest.mark.parametrize("order", ["C", "F"])
def test_x_is_as_before_in_every_bit_and_wherever_it_lies_in_memory(rng, order):
    sizes = 10.0 ** rng.uniform(-12, 12, (6, 5))
    x = np.array(sizes, order=order)[::2, 1:]
    x[0, 0] = -0.0
    before = x.tobytes()
    numerical_gradient(lambda x: float(np.sum(np.tanh(x))), x)
    assert x.tobytes() == before


# The relative error, held to what is known of it


def test_the_relative_error_of_known_triangles():
    assert relative_error(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(5 / 4)
    assert relative_error(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]])) == 1
    assert relative_error(np.array([3.0, 4.0]), np.array([-3.0, -4.0])) == 2
    assert relative_error(100.0, 99.0) == pytest.approx(0.01)


def test_the_relative_error_is_symmetric_free_of_units_and_at_most_two(rng):
    for _ in range(50):
        a, b = rng.normal(size=(2, 3, 4)) * rng.uniform(0, 10, (2, 1, 1))
        error = relative_error(a, b)
        assert 0 <= error <= 2
        assert error == relative_error(b, a)
        assert error == pytest.approx(relative_error(-7 * a, -7 * b))
        assert error == pytest.approx(relative_error(a.ravel(), b.ravel()))


def test_zeros_are_equal_and_a_nan_never_looks_right():
    zeros = np.zeros((2, 3))
    broken = np.array([[0.0, np.nan, 1.0], [1.0, 2.0, 3.0]])
    assert relative_error(zeros, zeros) == 0 == relative_error(0.0, 0.0)
    for a, b in ((zeros, broken), (broken, zeros), (broken, broken), (broken, np.ones((2, 3)))):
        assert math.isnan(relative_error(a, b))


@pytest.mark.parametrize(("a", "b"), [((3,), (2, 3)), ((3, 1), (1, 3)), ((1,), ()), ((4,), (5,))])
def test_unequal_shapes_are_refused_by_name(a, b):
    with pytest.raises(ValueError, match=r"b has shape .*; expected .*, the shape of a"):
        relative_error(np.ones(a), np.ones(b))


# The checks


@pytest.mark.filterwarnings("ignore::UserWarning")  # an answer may warn
@pytest.mark.parametrize(
    "answer", ALTERNATES["numerical_gradient"], ids=lambda answer: answer.__name__
)
def test_a_right_gradient_written_otherwise_keeps_full_marks_on_any_seed(answer):
    for prop in checks.EXERCISES["numerical_gradient"].properties:
        for seed in range(50):
            assert finding("numerical_gradient", prop, answer, seed).message is None


def test_f_says_which_shape_it_was_called_with():
    def numerical_gradient(f, x, eps=1e-5):
        return [(f(v + eps) - f(v - eps)) / (2 * eps) for v in x]

    found = message("numerical_gradient", "values", numerical_gradient)
    assert "f was called with an array of shape (); expected (" in found


def test_entries_that_a_call_leaves_changed_are_listed():
    def numerical_gradient(f, x, eps=1e-5):
        gradient = ALTERNATES["numerical_gradient"][0](f, x, eps)
        if x.size > 2:
            x[1] = np.nextafter(x[1], 9.0)
        return gradient

    assert message("numerical_gradient", "restored", numerical_gradient).endswith(
        "numerical_gradient: entry 1 of x is not bit for bit as before the call"
    )
    assert finding("numerical_gradient", "values", numerical_gradient).holds


def test_an_answer_that_never_calls_f_has_nothing_restored():
    def numerical_gradient(f, x, eps=1e-5):
        return np.zeros(x.shape)

    assert message("numerical_gradient", "restored", numerical_gradient).endswith(
        "entries 0, 1, 2, 3, 4, 5, 6 of x were never moved in a call of f"
    )


def test_an_answer_that_keeps_its_first_gradient_is_told_so():
    kept = []

    def numerical_gradient(f, x, eps=1e-5):
        kept.append(ALTERNATES["numerical_gradient"][0](f, x, eps))
        return kept[0]

    assert message("numerical_gradient", "restored", numerical_gradient).endswith(
        "numerical_gradient gives the first x's gradient for a second x: is something kept between "
        "calls?"
    )


def test_an_answer_that_adds_to_its_last_gradient_is_told_so():
    total = []

    def numerical_gradient(f, x, eps=1e-5):
        total.append(ALTERNATES["numerical_gradient"][0](f, x, eps))
        return np.sum(total, axis=0)

    assert "gives another gradient when it is called again with the first x" in message(
        "numerical_gradient", "restored", numerical_gradient
    )


def test_an_answer_without_a_return_is_told_so_also_where_its_effects_are_asked():
    assert message("numerical_gradient", "restored", lambda f, x, eps=1e-5: None).endswith(
        "numerical_gradient returned None; is a `return` missing?"
    )


@pytest.mark.parametrize("factor", [2.0, 1e-10, 1e10])
def test_a_wrong_gradient_that_puts_x_back_keeps_the_marks_for_that(factor):
    def numerical_gradient(f, x, eps=1e-5):
        return factor * ALTERNATES["numerical_gradient"][0](f, x, eps)

    props = checks.EXERCISES["numerical_gradient"].properties
    held = [prop for prop in props if finding("numerical_gradient", prop, numerical_gradient).holds]
    assert held == ["restored"]


def test_a_gradient_with_several_entries_moved_is_told_so():
    def numerical_gradient(f, x, eps=1e-5):
        gradient, above, below = np.zeros(x.shape), x.copy(), x.copy()
        for i in np.ndindex(x.shape):
            above[i] += eps
            below[i] -= eps
            gradient[i] = (f(above) - f(below)) / (2 * eps)
        return gradient

    assert message("numerical_gradient", "values", numerical_gradient).endswith(
        "in a call of f more than one entry of x was changed"
    )


def test_a_right_gradient_may_call_f_where_it_likes():
    def numerical_gradient(f, x, eps=1e-5):
        f(x + 1)
        return ALTERNATES["numerical_gradient"][0](f, x, eps)

    for prop in checks.EXERCISES["numerical_gradient"].properties:
        assert finding("numerical_gradient", prop, numerical_gradient).holds


def test_a_step_that_is_ignored_is_told_what_is_expected():
    def numerical_gradient(f, x, eps=1e-5):
        return ALTERNATES["numerical_gradient"][0](f, x, 1e-5)

    assert message("numerical_gradient", "step", numerical_gradient).startswith(
        "with eps = 0.1, where the central difference is not the true slope: numerical_gradient"
    )


def test_a_default_step_of_another_size_costs_the_property_of_steps_alone():
    for default in (1e-6, 1e-4):

        def numerical_gradient(f, x, eps=default):
            return ALTERNATES["numerical_gradient"][0](f, x, eps)

        assert message("numerical_gradient", "step", numerical_gradient).startswith(
            "without eps, which is then 1e-5, for a steep f"
        )


def test_numbers_that_print_alike_are_told_apart_by_more_digits():
    def numerical_gradient(f, x, eps=1e-5):
        return ALTERNATES["numerical_gradient"][0](f, x, eps) + 3e-7

    found = message("numerical_gradient", "values", numerical_gradient)
    got, want = found.split("got ")[1].split(" (")[0].split(", expected ")
    assert got != want


@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_the_probe_hands_over_x_in_the_layout_asked_for(rng, layout):
    x = rng.normal(size=(3, 4))
    given = []

    def numerical_gradient(f, x, eps=1e-5):
        given.append(x)
        return x

    probes.gradient_of(numerical_gradient, kind="quadratic", matrix=np.eye(12), x=x, layout=layout)
    assert np.array_equal(given[0], x) and given[0] is not x and given[0].flags.writeable
    assert given[0].flags.c_contiguous == (layout == "C")
    assert given[0].flags.f_contiguous == (layout == "F")


def test_a_relative_error_that_raises_always_earns_nothing():
    def relative_error(a, b):
        raise ValueError("no")

    for prop in checks.EXERCISES["relative_error"].properties:
        assert not finding("relative_error", prop, relative_error).holds
        assert not visible("relative_error", prop, relative_error).holds


def test_an_exception_that_is_returned_is_not_said_to_be_raised():
    def relative_error(a, b):
        if np.shape(a) != np.shape(b):
            return ValueError("no")
        return 0.0

    assert message("relative_error", "shapes", relative_error).endswith(
        "relative_error returned a ValueError; expected it to raise ValueError"
    )


def test_a_number_that_is_added_below_the_line_costs_the_edges():
    def relative_error(a, b):
        return ALTERNATES["relative_error"][0](a, b) * (1 - 1e-15 / (np.linalg.norm(a) + 1e-15))

    assert message("relative_error", "edges", relative_error).startswith(
        "for entries of about 1e-17: relative_error departs"
    )


def test_arrays_that_agree_to_nine_digits_are_not_equal():
    def relative_error(a, b):
        error = ALTERNATES["relative_error"][0](a, b)
        return 0.0 if error < 1e-8 else error

    for seed in range(50):
        assert finding("relative_error", "edges", relative_error, seed).message.startswith(
            "for arrays that agree to nine digits: relative_error"
        )


def test_an_error_that_depends_on_the_order_or_the_unit_is_told_so():
    def of_a(a, b):
        return np.linalg.norm(np.subtract(a, b)) / np.linalg.norm(a)

    def absolute(a, b):
        return np.linalg.norm(np.subtract(a, b))

    assert message("relative_error", "rules", of_a) == (
        "relative_error of b and a is not relative_error of a and b"
    )
    assert "changes when a and b are both multiplied by 0.001" in message(
        "relative_error", "rules", absolute
    )


def test_a_nan_crosses_the_process_boundary_and_is_recorded_as_itself():
    assert math.isnan(wire.decode(wire.encode({"error": math.nan}))["error"])
    assert recording.agree('{"want": NaN}', '{"want": NaN}')
    assert not recording.agree('{"want": NaN}', '{"want": 0.0}')
    wanted = [
        case.want for case in checks.visible_cases(checks.EXERCISES["relative_error"], "edges")
    ]
    assert sum(map(math.isnan, wanted)) == 5


def test_the_figure_with_two_logarithmic_axes_labels_both(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.switch_backend("Agg")
    plots.loglog([1, 10], {"one": [1, 100]}, title="t", xlabel="step (s)", ylabel="error (s)")
    (axes,) = plt.gcf().axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step (s)", "error (s)")
    plt.close("all")
