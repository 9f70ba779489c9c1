"""The engine of the checks: comparing, calling, rules, and cases of every kind."""

import numpy as np
import pytest

from unrolled import checks, progress
from unrolled.calling import perform
from unrolled.checks import recorded, rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise, Local
from unrolled.compare import difference, structure_difference

# Comparing


def accepted(got, want, **how):
    return difference("x", np.array(got), np.array(want), **how) is None


def test_an_error_is_relative_to_what_the_measure_says():
    assert accepted([1e-6, 1e6 + 1], [0.0, 1e6])
    assert not accepted([1e-3, 1e6], [0.0, 1e6])
    assert accepted([1e-3, 1e6], [0.0, 1e6], measure="array")
    assert not accepted([100.0, 1e6], [0.0, 1e6], measure="array")
    assert not accepted([2e-20], [1e-20], measure="relative")
    assert accepted([1.000001e-20], [1e-20], measure="relative")


@pytest.mark.parametrize("measure", ["entry", "array", "relative"])
def test_equal_values_never_differ_and_nan_equals_only_nan(measure):
    odd = [0.0, np.inf, -np.inf, np.nan]
    assert accepted(odd, odd, measure=measure)
    for place in range(4):
        other = [*odd]
        other[place] = 1.0
        assert not accepted(other, odd, measure=measure)
        assert not accepted(odd, other, measure=measure)


def test_of_steps_computed_backwards_the_latest_wrong_one_is_named():
    want = np.zeros((2, 5, 3))
    got = want.copy()
    got[1, 1:4, 2] = 1.0
    how = {"dims": ("B", "T", "H")}
    there = difference("f", got, want, **how).message
    back = difference("f", got, want, backward=True, **how).message
    assert there.startswith("f departs first at step t = 1, row 1, unit 2: got 1, expected 0")
    assert back.startswith("f departs first, going backwards, at step t = 3, row 1, unit 2: got 1")
    lags = difference("f", got[:, :, 0] + 1, want[:, :, 0], dims=("B", "K")).message
    assert lags.startswith("f departs first at lag k = 0, row 0: got 1")


def test_a_difference_in_nested_data_says_in_which_part_it_is():
    want = {"Wx": np.zeros((2, 3)), "b": np.ones(3)}

    def message(got, want=want, **how):
        return structure_difference("f", got, want, **how)

    assert message({"b": [1.0, 1.0, 1.0], "Wx": np.zeros((2, 3)), "more": 1}) is None
    assert message({"Wx": np.zeros((2, 3))}) == "f: b is missing; the keys are Wx"
    assert message([1]) == "f is no dict; expected one with the keys Wx, b"
    wrong = {"Wx": np.zeros((2, 3)), "b": np.array([1.0, 2.0, 1.0])}
    assert message(wrong, dims={"b": ("H",)}, words={"b": "the bias"}) == (
        "f: the bias departs first at unit 1: got 2, expected 1 (1 of 3 entries differ); Wx agrees"
    )
    pair = {"h": np.array([1.0, 2.0]), "c": np.array([3.0, 4.0])}
    assert message({"h": pair["c"], "c": pair["h"]}, pair).endswith("; it is what c should be")
    several = [np.zeros(2), None, 3.5]
    assert message([np.zeros(2), None, 3.5], several) is None
    assert message((np.zeros(2), np.zeros(1), 3.5), several).startswith("f[1] is array([0.])")
    assert message([np.zeros(2), None], several) == "f has 2 entries; expected 3"
    assert message(1.0, several) == "f is one object; expected 3"
    names = {"grads": None, "norm": None}
    assert message([[np.ones(1)]], [[np.ones(1)], 2.0], dims=names) == (
        "f has 1 entry; expected 2: (grads, norm)"
    )
    assert message([[np.ones(1)], 3.0], [[np.ones(1)], 2.0], dims=names).startswith("f: norm dep")
    assert message([[1, 3]], [[1, 2]]) == "f is [[1, 3]]; expected [[1, 2]]"


# Calling


def test_arrays_in_lists_and_dicts_are_copies_and_a_change_in_them_is_noticed():
    given = ({"W": np.zeros(2), "n": 1}, [np.zeros(2), None], 0.5, float("nan"))

    def look(params, grads, number, missing):
        return params["W"] + grads[0]

    def write(params, grads, number, missing):
        params["W"] += 1
        return number

    def replace(params, grads, number, missing):
        grads[0] = np.ones(2)
        grads.append(None)

    assert perform(look, given).changed == ()
    assert perform(write, given).changed == (0,)
    assert perform(replace, given).changed == (1,)
    assert not given[0]["W"].any() and len(given[1]) == 2


def test_an_argument_replaced_by_one_that_equals_nothing_counts_as_changed():
    def swap(params):
        params["n"] = np.ones(3)

    assert perform(swap, ({"n": 1},)).changed == (0,)


# Exceptions that are right


def asks_for_an_error():
    return CaseExercise(
        name="clip",
        properties=("errors",),
        make=lambda prop, rng: [Case((-1.0,), raises="ValueError", label="for a limit of -1")],
    )


def raising(kind):
    def answer(limit):
        raise kind("a limit")

    return answer


def test_an_error_that_is_asked_for_may_be_of_a_class_of_its_own():
    class LimitError(ValueError):
        pass

    exercise = asks_for_an_error()
    cases = exercise.cases("errors", np.random.default_rng(0))

    def message(answer):
        return exercise.check("errors", Local(answer), None, cases).message

    assert message(raising(ValueError)) is None
    assert message(raising(LimitError)) is None
    assert message(raising(TypeError)) == (
        "for a limit of -1: clip raised TypeError: a limit; expected ValueError"
    )
    assert message(abs) == (
        "for a limit of -1: clip returned a result; expected it to raise ValueError"
    )
    assert message(lambda limit: ValueError("a limit")) == (
        "for a limit of -1: clip returned a ValueError; expected it to raise ValueError"
    )
    assert message(raising(NotImplementedError)).startswith("for a limit of -1: clip raised Not")


def test_an_empty_answer_is_not_taken_for_one_that_raises_as_it_should():
    def clip(limit):
        raise NotImplementedError()

    exercise = asks_for_an_error()
    cases = exercise.cases("errors", np.random.default_rng(0))
    assert exercise.check("errors", Local(clip), None, cases).message == "clip is not answered yet"


# Rules


def test_an_exercise_has_rules_exactly_if_it_has_the_property():
    with pytest.raises(ValueError, match="f has rules"):
        FunctionExercise(name="f", properties=("values", "rules"))
    with pytest.raises(ValueError, match="f has rules"):
        FunctionExercise(name="f", properties=("values",), rules=rules.FUNCTION)


def gradients(**settings):
    return FunctionExercise(
        name="f",
        arguments={"x": ("B", "D"), "d": ("B", "H")},
        returns={"dx": ("B", "D"), "dW": ("D", "H")},
        draw=lambda rng, sizes, scale: {
            "x": rng.normal(size=(sizes["B"], sizes["D"])),
            "d": rng.normal(size=(sizes["B"], sizes["H"])),
        },
        rules=rules.FUNCTION,
        **settings,
    )


def kept(answer, **settings):
    exercise = gradients(**settings)
    cases = exercise.cases("rules", np.random.default_rng(0))
    return exercise.check("rules", Local(answer), None, cases).message


def sums(x, d):
    return x * np.sum(d, axis=1, keepdims=True), x.T @ d


def test_what_is_not_by_row_has_to_be_the_sum_of_the_rows():
    assert kept(sums) is None
    mean = kept(lambda x, d: (sums(x, d)[0], x.T @ d / len(x)))
    assert mean == "f: dW of a batch is not the sum of what its rows give one by one"
    mixed = kept(lambda x, d: (x * d.sum(), x.T @ d))
    assert mixed == "f gives row 0 another result alone than inside its batch"


def test_only_the_arguments_that_are_named_have_to_count():
    def no_d(x, d):
        return x, np.repeat(x.sum(axis=0)[:, np.newaxis], d.shape[1], axis=1)

    assert kept(no_d) == "f gives the same result whatever d is"
    assert kept(no_d, moves=("x",)) is None


def test_the_rules_ask_in_two_requests_whatever_their_number():
    class Counting(Local):
        requests = 0

        def ask(self, cases):
            self.requests += 1
            return super().ask(cases)

    exercise = gradients()
    target = Counting(sums)
    cases = exercise.cases("rules", np.random.default_rng(0))
    assert exercise.check("rules", target, None, cases).holds
    assert target.requests == 2


def test_a_form_that_is_wrong_is_named_before_any_rule_is_tried():
    assert kept(lambda x, d: x).startswith("f returned one array; expected dx of shape (")
    assert kept(lambda x, d: [x]).startswith("f returned a list of 1; expected dx of shape (")
    assert "f returned nothing" in kept(lambda x, d: None)


def test_a_message_says_which_of_several_results_agree():
    exercise = FunctionExercise(
        name="f", returns={"a": ("B",), "b": ("B",), "c": ("B",)}, properties=("values",)
    )
    want = np.ones(2), np.full(2, 2.0), np.full(2, 3.0)

    def message(*value):
        return exercise.departure(Case(()), value, want)

    a, b, c = want
    assert message(a, b, c) is None
    assert message(0 * a, b, c).endswith("got 0, expected 1 (2 of 2 entries differ); b and c agree")
    assert message(a, -b, 0 * c).endswith("expected 2 (2 of 2 entries differ); a agrees")
    assert message(-a, -b, -c).endswith("; all others differ too")
    assert message(b, a, c).endswith("; it is what b should be")
    assert message(None, b, c) == "f: a is None; is a `return` missing?"


def test_one_result_among_others_is_called_that():
    exercise = FunctionExercise(name="f", returns={"h'": ("B", "H")}, properties=("values",))
    want = np.ones((2, 3))
    assert (
        exercise.departure(Case(()), (want,), want) == "f returned a list of 1; expected h' alone"
    )
    assert (
        exercise.departure(Case(()), [want, want[0]], want)
        == "f returned a list of 2; expected h' alone"
    )
    assert exercise.departure(Case(()), tuple(want), want) is None


def test_the_few_cases_that_are_right_are_told():
    exercise = FunctionExercise(name="f", returns={"y": ()}, properties=("values",))
    cases = [Case((float(n),), label=f"with {n}") for n in range(5)]

    def message(answer):
        return exercise.compare(Local(answer), lambda case: case.arguments[0], cases).message

    assert message(lambda x: min(x, 1.0)).endswith("got 1, expected 2; right only with 0; with 1")
    assert message(lambda x: min(x, 2.0)).endswith("got 2, expected 3")
    assert message(lambda x: x + 1).endswith("got 1, expected 0")


def test_no_zero_has_a_sign():
    assert difference("x", -0.0, 1.0).message.endswith("got 0, expected 1")


def test_results_in_a_dict_are_compared_under_their_names():
    exercise = gradients(as_dict=True)
    cases = exercise.cases("values", np.random.default_rng(0))

    def right(x, d):
        return dict(zip(("dx", "dW"), sums(x, d), strict=True))

    def message(answer):
        return exercise.check("values", Local(answer), lambda c: right(*c.arguments), cases).message

    assert message(right) is None
    assert message(sums) == "f is no dict; expected one with the keys dx, dW"
    assert message(lambda x, d: right(x, 2 * d)).startswith("f: dx departs first at row 0, input 0")
    assert kept(right, as_dict=True) is None


# Cases


def test_a_case_may_have_two_right_answers_a_value_and_an_exception():
    cases = [Case((3.0,), may_raise="OverflowError", label="for 3")]
    exercise = CaseExercise(name="double", properties=("values",), make=lambda prop, rng: cases)

    def raising(kind):
        def answer(x):
            raise kind("too large")

        return answer

    def message(answer):
        return exercise.check("values", Local(answer), lambda case: 6.0, cases).message

    assert message(lambda x: 2 * x) is None
    assert message(raising(OverflowError)) is None
    assert message(raising(ValueError)) == "for 3: double raised ValueError: too large"
    assert message(lambda x: 0.0).startswith("for 3: double departs from the expected value")


def test_a_recorded_case_keeps_what_is_special_about_it():
    usual = Case((np.ones(2), [None, {"a": np.zeros(1)}], 3))
    special = Case(
        (1.0,),
        probe="p",
        label="l",
        measure="array",
        raises="ValueError",
        may_raise="TypeError",
        seconds=9.0,
    )
    for case in (usual, special):
        item = recorded.as_json(case, None)
        read = recorded.case(item)
        names = (
            "probe",
            "label",
            "tolerance",
            "measure",
            "quiet",
            "raises",
            "may_raise",
            "seconds",
        )
        assert all(getattr(read, name) == getattr(case, name) for name in names)
    assert "measure" not in recorded.as_json(usual, None)
    assert recorded.case(recorded.as_json(usual, None)).arguments[1][1]["a"].shape == (1,)


def test_an_exercise_that_is_not_recorded_makes_its_visible_cases_on_the_spot(monkeypatch, capsys):
    class Remarking(CaseExercise):
        def check(self, prop, target, want, cases):
            finding = self.compare(target, lambda case: case.want, cases)
            return type(finding)(finding.message, remark="That is one way to do it.")

    exercise = Remarking(
        name="double",
        properties=("values",),
        recorded=False,
        make=lambda prop, rng: [Case((n := float(rng.normal()),), want=2 * n)],
    )
    monkeypatch.setitem(checks.EXERCISES, "double", exercise)
    checks.run("double", "values", lambda x: x + x)
    assert capsys.readouterr().out == "double, values: passed. That is one way to do it.\n"
    with pytest.raises(checks.CheckFailed, match="double departs from the expected value"):
        checks.run("double", "values", lambda x: x)


# Progress


def test_a_progress_bar_is_one_line_of_what_is_printed(capsys):
    assert list(progress.steps(3, "training")) == [0, 1, 2]
    shown = capsys.readouterr()
    assert shown.err == ""
    last = shown.out.rstrip("\n").split("\r")[-1]
    assert last.startswith("training: 100%") and "3/3" in last and len(last) <= 79


@pytest.mark.slow
def test_the_bar_of_a_training_shows_the_loss_of_the_last_epoch(capsys):
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    x = np.ones((4, 1), dtype="float32")
    model.fit(x, x, epochs=2, verbose=0, callbacks=[progress.epochs("fit")])
    assert "2/2" in (out := capsys.readouterr().out) and "loss=" in out
