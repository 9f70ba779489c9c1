"""The mutation run itself, and a sample of what ``make mutants`` runs in full."""

from contextlib import closing
from textwrap import dedent

import numpy as np
import pytest
from mutants import judging
from mutants.__main__ import reasons, run
from mutants.changes import bare, is_costly, mutants, mutants_of
from mutants.judging import Worker

from unrolled.checks import EXERCISES, visible_cases

RIGHT = "def sigmoid(x):\n    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x)))"


def changes(source, name="answer"):
    """The changes that are made to the withheld lines of a function, its last ones."""
    return [m.change for m in mutants_of(name, dedent(source), {"np": np})]


def test_a_mutant_differs_in_one_place_and_no_mutant_is_made_twice():
    made = changes(
        """
        def answer(x, rows=2):
            checked(x - 1)
            ### BEGIN SOLUTION
            return np.tanh(x + 1)
            ### END SOLUTION
        """
    )
    assert len(made) == len(set(made))
    lines = {change.split("\n+ ")[1] for change in made}
    assert {
        *("return np.tanh(x - 1)", "return np.tanh(x)", "return np.tanh(1)", "return x + 1"),
        *("return np.tanh(x + 2)", "return np.tanh(x + 0)", "return np.tanh(rows + 1)"),
        *("return np.exp(x + 1)", "def answer(x, rows=3):", "def answer(x, rows=1):"),
    } <= lines
    assert not any("checked" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("y = x @ w.T", "+ y = x @ w"),
        ("y = x @ w", "+ y = x @ w.T"),
        ("y = x[:, 1:]", "+ y = x[:, :]"),
        ("y = x[:, w]", "+ y = x[:, w - 1]"),
        ("y = x.sum(axis=0)", "+ y = x.sum(axis=1)"),
        ("y = x.sum(axis=0)", "+ y = x.sum()"),
        ("y = x.copy()", "+ y = x"),
        ("y = np.zeros(3)", "+ y = np.ones(3)"),
        ("y = x if x < w else 0", "+ y = x if x <= w else 0"),
        ("y = f(x, w)", "+ y = f(w, x)"),
        ("y = a and b", "+ y = a or b"),
        ("y = min(x, w)", "+ y = max(x, w)"),
        ("y += x", "+ y = x"),
        ("y += x", "+ pass"),
        ("if y: x = w", "+ if not y:"),
        ("for t in x: f(t)", "+ for t in list(x)[::-1]:"),
        ("y = [t for t in x if t]", "+ y = [t for t in list(x)[1:] if t]"),
        ("y = [t for t in x if t]", "+ y = [t for t in x]"),
    ],
)
def test_the_mistakes_that_students_make_are_among_the_mutants(line, change):
    source = f"def answer(x, w):\n    ### BEGIN SOLUTION\n    {line}\n    ### END SOLUTION"
    assert change in {text[text.index("\n+") + 1 :] for text in changes(source) if "\n+" in text}


def test_a_statement_is_also_doubled_and_exchanged_with_one_that_it_depends_on():
    source = """
        def answer(x):
            ### BEGIN SOLUTION
            y = x + 1
            z = x + 2
            x += y
            ### END SOLUTION
            return x
        """
    assert [c for c in changes(source) if "another place" in c or c.startswith("+")] == [
        "- x += y\n+ x += y\n(in another place)",
        "+ x += y",
    ]


def test_what_becomes_of_a_mutant_is_told_and_none_takes_the_run_along(monkeypatch):
    monkeypatch.setattr(judging, "SECONDS", 2.0)
    endless = "def sigmoid(x):\n    while True:\n        pass"
    greedy = "def sigmoid(x):\n    return [np.zeros(2**27) for n in range(64)]"
    gone = "def sigmoid(x):\n    __import__('os')._exit(0)"
    with closing(Worker("sigmoid", seeds=2)) as worker:
        assert worker.judge(RIGHT.replace("0.5 * np", "np")) == "wrong"
        assert worker.judge(RIGHT.replace("tanh", "tan_h")) == "raises"
        assert worker.judge("def sigmoid(x)") == "raises"
        assert worker.judge(gone) == "stopped"
        assert worker.judge(greedy) == "raises"
        assert worker.judge(endless) == "stopped"
        assert worker.judge(RIGHT) == "passes everything"
        assert worker.judge(RIGHT.replace("np.asarray(x)", "x")) == "passes everything"


def test_a_mutant_that_only_one_set_of_cases_catches_is_named():
    cases = visible_cases(EXERCISES["sigmoid"], "values")
    known = [case.arguments[0].sum() for case in cases]
    learnt = f"{RIGHT} + (np.sum(x) in {known})".replace("return", "return 0 +")
    with closing(Worker("sigmoid", seeds=2)) as worker:
        assert worker.judge(learnt) == "passes seed 1, seed 2"


def test_a_survivor_is_unexplained_until_it_is_listed(capsys):
    known = reasons("sigmoid")
    assert run("sigmoid", 1, 1, {})["unexplained"] == len(known) == 1
    told = capsys.readouterr().out
    assert "sigmoid: passes everything\n- return 0.5 * (1.0 + np.tanh(0.5 * np.asarray" in told
    assert run("sigmoid", 1, 1, known)["unexplained"] == 0
    killed = next(m.change for m in mutants("sigmoid") if "return 0.5\n" in m.change + "\n")
    assert run("sigmoid", 1, 1, known | {bare(killed): "no reason"})["unexplained"] == 1
    assert "stands in the list of equivalent ones, but wrong" in capsys.readouterr().out
    by_chance = {bare(killed): "no reason"}
    assert run("sigmoid", 1, 1, known, by_chance)["equivalent"] == len(known) + 1


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_listed_as_equivalent_is_a_mutant_and_has_a_reason(name):
    known = reasons(name) | reasons(name, chance=True)
    assert known.keys() <= {bare(mutant.change) for mutant in mutants(name)}
    assert all(why.endswith(".") for why in known.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in EXERCISES if not is_costly(name)])
def test_every_fifth_mutant_of_a_function_loses_marks_or_is_as_right(name):
    assert run(name, 5, 2, reasons(name))["unexplained"] == 0
