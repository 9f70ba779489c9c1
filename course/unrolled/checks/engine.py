"""What it means to check an exercise: cases, properties, and the words of a failure.

An *exercise* describes an answer by the names and axes of its arguments and results. A
*property* is one thing a right answer does (its values, its behaviour at the edges, the rules it
keeps); each is worth marks of its own. A *target* is whatever runs the answer: ``Local`` in a
student's kernel, a stand-in that crosses the process boundary in grading. Where the expected
values come from (``want``) is the caller's affair: recorded numbers for the visible checks.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from unrolled import probes
from unrolled.calling import NOT_ANSWERED, Outcome, perform
from unrolled.compare import (
    TOLERANCE,
    TOLERANCE_LARGE_INPUTS,
    difference,
    holds_text,
    shape_text,
    structure_difference,
)

Want = Callable[["Case"], object]
# Looks up the right answer of an exercise, which only grading has.
Right = Callable[[str], Callable]


class CheckFailed(AssertionError):
    """A check did not pass; its text says where to look."""

    def _render_traceback_(self) -> list[str]:
        # Jupyter shows this instead of a traceback through the checking code, in which a
        # beginner would look for the fault. The lines fit nbgrader's box of validation results.
        return textwrap.wrap(f"CheckFailed: {self}", 76)


@dataclass(frozen=True)
class Case:
    """One thing to ask of an answer.

    arguments  what a function is called with; for a probe, one dict of keyword arguments
    probe      None to call the answer, or the name of a function in ``unrolled.probes``
    label      what is special about it, for messages: "with one unit (H = 1)"
    tolerance  see ``unrolled.compare``
    measure    what errors are relative to, see ``unrolled.compare``
    quiet      whether a floating-point overflow warning counts as a fault
    raises     the exception that a right answer raises here: "ValueError"
    may_raise  an exception that is as right here as the expected value
    seconds    how long this may take beyond the usual limit, for an answer that trains
    want       the expected value, where the case brings it along
    """

    arguments: tuple
    probe: str | None = None
    label: str = ""
    tolerance: float = TOLERANCE
    measure: str = "entry"
    quiet: bool = False
    raises: str | None = None
    may_raise: str | None = None
    seconds: float = 0.0
    want: object = None


@dataclass(frozen=True)
class Finding:
    """Whether a property holds, and what to tell the student where it does not.

    remark  what to tell a student whose answer passes, where there is something to say
    """

    message: str | None
    cases: tuple[Case, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    remark: str | None = None

    @property
    def holds(self) -> bool:
        return self.message is None

    @property
    def unanswered(self) -> bool:
        return any(o.error == NOT_ANSWERED for o in self.outcomes)


class Target(Protocol):
    """Something that can be asked cases and answers with outcomes, in the same order."""

    def ask(self, cases: Sequence[Case]) -> list[Outcome]: ...


class Local:
    """An answer in this process."""

    def __init__(self, answer: object):
        self.answer = answer

    def ask(self, cases: Sequence[Case]) -> list[Outcome]:
        return [self._one(case) for case in cases]

    def _one(self, case: Case) -> Outcome:
        if case.probe is None:
            return perform(self.answer, case.arguments)
        probe = getattr(probes, case.probe)
        return perform(lambda settings: probe(self.answer, **settings), case.arguments)


class Once:
    """A target that is asked only once, and then says the same again."""

    def __init__(self, target: Target):
        self.target = target
        self.outcomes: list[Outcome] | None = None

    def ask(self, cases: Sequence[Case]) -> list[Outcome]:
        if self.outcomes is None:
            self.outcomes = self.target.ask(cases)
        return self.outcomes


# A rule needs no expected value. It yields lists of cases, receives their outcomes, and returns a
# message where they break it. It starts from a case and its outcome, which has the right form.
Rule = Callable[
    ["Exercise", Case, Outcome, np.random.Generator],
    Generator[list[Case], list[Outcome], str | None],
]


@dataclass(frozen=True)
class Exercise:
    """What every exercise has.

    builds_on  earlier answers of the same notebook that this one may call
    forward    earlier exercises whose right answers make the inputs of this one, because an
               arbitrary array is no state that a forward pass could produce
    rules      what the property "rules" asks
    recorded   whether the visible checks are recorded; otherwise their cases are made on the
               spot, and bring what they expect along
    costly     properties that train a model: grading asks the fresh cases only
    together   two properties that judge the same training: the second one's check takes what
               the first one's check has just asked
    """

    name: str
    properties: tuple[str, ...]
    builds_on: tuple[str, ...] = ()
    forward: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    recorded: bool = True
    costly: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    def __post_init__(self):
        if ("rules" in self.properties) != bool(self.rules):
            raise ValueError(f"{self.name} has rules {self.rules}; expected some with the property")

    def cases(self, prop: str, rng: np.random.Generator, right: Right | None = None) -> list[Case]:
        """Fresh cases for a property; ``right`` looks up what ``forward`` names."""
        raise NotImplementedError

    def apart(self, cases: list[Case]) -> list[Case]:
        """What to ask in place of cases where substitutes stand for earlier answers."""
        return cases

    def departure(self, case: Case, value: object, want: object) -> str | None:
        """The first difference of a value from the expected one, or None."""
        raise NotImplementedError

    def malformed(self, case: Case, value: object) -> str | None:
        """What is wrong with the form of a value, as far as it is known without the right one."""
        return f"{self.name} returned nothing" if value is None else None

    def told(self, case: Case, outcome: Outcome) -> Outcome:
        """An outcome as known mistakes are told apart by it: without what chance decides in it."""
        return outcome

    def check(self, prop: str, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        """Ask the target the cases of a property and judge what it does."""
        return self.keep(target, cases) if prop == "rules" else self.compare(target, want, cases)

    def compare(self, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        """Ask the target cases and compare each value with the expected one."""
        outcomes, messages = target.ask(cases), []
        for case, outcome in zip(cases, outcomes, strict=True):
            message = self.fault(case, outcome)
            if message is None and case.raises is None and outcome.error is None:
                message = self.departure(case, outcome.value, want(case))
            messages.append(message and _with_label(message, case, outcome))
        first = next((message for message in messages if message), None)
        if first and not any(c.raises or o.error for c, o in zip(cases, outcomes, strict=True)):
            first += _right_only(cases, messages)
        return Finding(first, tuple(cases), tuple(outcomes))

    def keep(self, target: Target, cases: Sequence[Case]) -> Finding:
        """Ask the target what the rules want to know, in as few requests as possible."""
        asked, heard = list(cases), list(target.ask(cases))
        for case, outcome in zip(cases, heard[:], strict=True):
            message = self.fault(case, outcome) or self.malformed(case, outcome.value)
            if message:
                return Finding(_with_label(message, case, outcome), tuple(asked), tuple(heard))
        running = [
            rule(self, case, outcome, np.random.default_rng(number))
            for number, (case, outcome) in enumerate(zip(cases, heard[:], strict=True))
            for rule in self.rules
        ]
        told: list[list[Outcome] | None] = [None] * len(running)
        while running:
            wishes, waiting = [], []
            for rule, outcomes in zip(running, told, strict=True):
                try:
                    wishes.append(rule.send(outcomes))
                    waiting.append(rule)
                except StopIteration as end:
                    if end.value:
                        return Finding(end.value, tuple(asked), tuple(heard))
            batch = [case for wish in wishes for case in wish]
            outcomes = target.ask(batch) if batch else []
            asked += batch
            heard += outcomes
            for case, outcome in zip(batch, outcomes, strict=True):
                if message := self.fault(case, outcome):
                    return Finding(message, tuple(asked), tuple(heard))
            told = []
            for wish in wishes:
                told.append(outcomes[: len(wish)])
                outcomes = outcomes[len(wish) :]
            running = waiting
        return Finding(None, tuple(asked), tuple(heard))

    def fault(self, case: Case, outcome: Outcome) -> str | None:
        """What is wrong with an outcome whatever its value, or None."""
        if outcome.error == NOT_ANSWERED:
            return f"{self.name} is not answered yet"
        if case.raises is not None:
            if outcome.error is None:
                return f"{self.name} returned a result; expected it to raise {case.raises}"
            if case.raises not in outcome.kinds:
                # What an answer returns that is no data comes as an error that says so.
                if found := re.match(r"TypeError: (returned an? \w+)", outcome.error):
                    return f"{self.name} {found[1]}; expected it to raise {case.raises}"
                return f"{self.name} raised {outcome.error}; expected {case.raises}"
            return None
        if case.may_raise in outcome.kinds:
            return None
        if outcome.error is None:
            if case.quiet and "overflow" in outcome.warnings:
                return f"{self.name} overflows: an intermediate result is too large for a float"
            return None
        return f"{self.name} raised {outcome.error}"


def _with_label(message: str, case: Case, outcome: Outcome) -> str:
    unanswered = outcome.error == NOT_ANSWERED
    return message if unanswered or not case.label else f"{case.label}: {message}"


def _right_only(cases: Sequence[Case], messages: Sequence[str | None]) -> str:
    """The few cases that are right where most are wrong: they tell what cannot be at fault."""
    right = [case.label for case, message in zip(cases, messages, strict=True) if not message]
    few = 0 < len(right) <= 3 and 2 * len(right) < len(cases)
    return f"; right only {'; '.join(right)}" if few and all(right) else ""


# Sizes of a case by axis letter; the draw function of an exercise turns them into arguments.
Sizes = dict[str, int]
_AXIS_NAMES = {
    "B": "row",
    "T": "step",
    "D": "input",
    "H": "unit",
    "N": "column",
    "P": "projection",
    "O": "output",
}


def axis_size(dim: str, sizes: Sizes) -> int:
    """The size of an axis such as ``"H"`` or ``"4H"``."""
    letter = dim.lstrip("0123456789")
    return int(dim[: -len(letter)] or 1) * sizes[letter]


Draw = Callable[..., dict[str, object]]


@dataclass(frozen=True)
class FunctionExercise(Exercise):
    """A function of arrays, checked by values, at the edges and by the rules it keeps.

    arguments  name -> axes, in the order of the signature; () for a number
    returns    name -> axes; one result is returned bare, several as a tuple
    as_dict    whether the results are returned in a dict, under their names
    draw       (rng, sizes, input scale) -> the arguments by name; where the exercise has
               ``forward``, the right answers come as further arguments, by name
    extra      (rng) -> cases of this exercise's own for ``edges``; with ``forward`` as in draw
    large      whether inputs up to 1000 in size are among the edges; not for gradients, which
               differ between right answers where a function saturates
    measure    what errors are relative to, see ``unrolled.compare``
    carry      state argument -> the result whose last step continues it, for sequences
    moves      arguments that the result must depend on; None for all of them
    backward   whether it goes through the steps from the last to the first
    rules      what the property "rules" asks; see ``unrolled.checks.rules``
    """

    arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    returns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    as_dict: bool = False
    draw: Draw | None = None
    extra: Callable[..., Iterable[Case]] | None = None
    large: bool = True
    measure: str = "entry"
    carry: dict[str, str] = field(default_factory=dict)
    moves: tuple[str, ...] | None = None
    backward: bool = False
    properties: tuple[str, ...] = ("values", "edges", "rules")

    @property
    def letters(self) -> list[str]:
        """The letters of the arguments' axes, such as B, D and H."""
        axes = [a for dims in self.arguments.values() for a in dims]
        return sorted({a.lstrip("0123456789") for a in axes})

    def case(
        self,
        rng: np.random.Generator,
        sizes: Sizes,
        scale: float = 1.0,
        right: Right | None = None,
        **kw,
    ) -> Case:
        """A case with arguments drawn for some sizes; ``kw`` are further fields of it."""
        drawn = self.draw(rng, sizes, scale, **self._forward(right))
        arguments = tuple(drawn[name] for name in self.arguments)
        return Case(arguments, **{"measure": self.measure, **kw})

    def cases(self, prop: str, rng: np.random.Generator, right: Right | None = None) -> list[Case]:
        if prop == "edges":
            return self._edges(rng, right)
        count = 3 if prop == "values" else 2
        return [self.case(rng, self._sizes(rng), right=right) for _ in range(count)]

    def _sizes(self, rng: np.random.Generator) -> Sizes:
        """All different, none smaller than 2, T at least 9."""
        picked = rng.permutation(np.arange(2, 2 + len(self.letters) + 2))
        sizes = {d: int(n) for d, n in zip(self.letters, picked, strict=False)}
        if "T" in sizes:
            sizes["T"] = int(rng.integers(9, 12))
        return sizes

    def _edges(self, rng: np.random.Generator, right: Right | None) -> list[Case]:
        cases = []
        for letter in self.letters:
            sizes = self._sizes(rng) | {letter: 1}
            label = f"with one {_AXIS_NAMES[letter]} ({letter} = 1)"
            cases.append(self.case(rng, sizes, right=right, label=label))
        if "T" in self.letters:
            sizes = self._sizes(rng) | {"T": 2}
            cases.append(self.case(rng, sizes, right=right, label="with two steps (T = 2)"))
        if self.large:
            label = "with inputs up to 1000 in size"
            tolerance = TOLERANCE_LARGE_INPUTS
            cases.append(
                self.case(rng, self._sizes(rng), 1e3, right, label=label, tolerance=tolerance)
            )
        return cases + list(self.extra(rng, **self._forward(right)) if self.extra else [])

    def _forward(self, right: Right | None) -> dict[str, Callable]:
        return {name: right(name) for name in self.forward}

    def departure(self, case: Case, value: object, want: object) -> str | None:
        if value is None:
            return f"{self.name} returned None; is a `return` missing?"
        how = {"tolerance": case.tolerance, "measure": case.measure, "backward": self.backward}
        if self.as_dict:
            return structure_difference(self.name, value, want, dims=self.returns, **how)
        if len(self.returns) == 1:
            ((name, dims),) = self.returns.items()
            found = difference(self.name, value, want, dims=dims or None, **how)
            one = value[0] if isinstance(value, list | tuple) and value else None
            if found and isinstance(one, np.ndarray) and one.shape == np.shape(want):
                return f"{self.name} returned a list of {len(value)}; expected {name} alone"
            return found and found.message
        names = ", ".join(self.returns)
        if not isinstance(value, list | tuple):
            return f"{self.name} returned one object; expected {len(self.returns)}: ({names})"
        if len(value) != len(self.returns):
            return f"{self.name} returned {len(value)} objects; expected ({names})"
        got, wanted = (dict(zip(self.returns, each, strict=True)) for each in (value, want))
        return structure_difference(self.name, got, wanted, dims=self.returns, **how)

    def results(self, value: object) -> list[np.ndarray] | None:
        """The results as arrays, or None where the value has another form."""
        if self.as_dict:
            if not isinstance(value, dict) or not value.keys() >= self.returns.keys():
                return None
            parts = [value[name] for name in self.returns]
        else:
            parts = [value] if len(self.returns) == 1 else value
        if not isinstance(parts, list | tuple) or len(parts) != len(self.returns):
            return None
        if holds_text(parts):
            return None
        try:
            arrays = [np.asarray(p) for p in parts]
        except ValueError:  # a list of unequal parts
            return None
        if any(a.dtype.kind not in "biuf" for a in arrays):
            return None
        return [a.astype(np.float64) for a in arrays]

    def sizes(self, case: Case) -> Sizes:
        """The sizes of a case's axes by letter."""
        sizes: Sizes = {}
        for array, dims in zip(case.arguments, self.arguments.values(), strict=True):
            for n, dim in zip(np.shape(array), dims, strict=True):
                if dim.isalpha():
                    sizes[dim] = n
        return sizes

    def malformed(self, case: Case, value: object) -> str | None:
        arrays = self.results(value)
        if arrays is not None and self.has_shapes(case, arrays):
            return None
        got = shapes_text(arrays) if arrays is not None else self._form_text(value)
        return f"{self.name} returned {got}; expected {self.expected_text(case)}"

    def _form_text(self, value: object) -> str:
        """What a value is that is not the results as arrays, in words."""
        if value is None:
            return "nothing"
        if isinstance(value, dict):
            missing = [name for name in self.returns if name not in value]
            return f"a dict without {', '.join(missing)}" if missing else "a dict of other things"
        if isinstance(value, list | tuple):
            return f"a {type(value).__name__} of {len(value)}"
        return "one array" if isinstance(value, np.ndarray) else f"one {type(value).__name__}"

    def has_shapes(self, case: Case, arrays: list[np.ndarray], other: Sizes | None = None) -> bool:
        """Whether results have the shapes that the case asks for, some sizes being others."""
        sizes = self.sizes(case) | (other or {})
        return all(
            a.shape == tuple(axis_size(d, sizes) for d in dims)
            for a, dims in zip(arrays, self.returns.values(), strict=True)
        )

    def expected_text(self, case: Case) -> str:
        """The results by name, with the shapes that they should have."""
        sizes = self.sizes(case)
        shapes = " and ".join(
            f"{n} of shape {shape_text(tuple(axis_size(d, sizes) for d in dims), dims)}"
            for n, dims in self.returns.items()
        )
        return f"a dict with {shapes}" if self.as_dict else shapes


def shapes_text(arrays: list[np.ndarray] | None) -> str:
    """The shapes of some results, in words."""
    if arrays is None:
        return "something else"
    return " and ".join(f"shape {shape_text(a.shape)}" for a in arrays)


@dataclass(frozen=True)
class CaseExercise(Exercise):
    """An answer that is asked cases made one by one: its arguments are no plain arrays.

    Either they are lists and dicts, or the answer is a class, or takes a model: then it cannot
    cross a process boundary, and a probe drives it there and reports arrays.

    make     (property, rng) -> cases; where the exercise has ``forward``, the right answers come
             as further arguments, by name
    returns  name -> axes (or None) of the results, in the order in which they are compared: what a
             probe reports, or the keys or positions of what the answer returns. Empty for an
             answer that returns one thing
    hints    name -> words for a student about that result
    driven   whether a probe drives the answer
    substitute  stands in for the answer where a later one is tried apart from it; see
                ``unrolled.substitutes``, which makes one of a function of arrays
    """

    make: Callable[..., list[Case]] | None = None
    returns: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    driven: bool = False
    substitute: Callable | None = None

    def cases(self, prop: str, rng: np.random.Generator, right: Right | None = None) -> list[Case]:
        return self.make(prop, rng, **{name: right(name) for name in self.forward})

    def departure(self, case: Case, value: object, want: object) -> str | None:
        if case.probe is not None and not isinstance(value, dict):
            return f"{self.name} could not be driven: the probe returned {type(value).__name__}"
        if value is None and want is not None:
            return f"{self.name} returned None; is a `return` missing?"
        return structure_difference(
            self.name,
            value,
            want,
            dims=self.returns,
            words=self.hints,
            tolerance=case.tolerance,
            measure=case.measure,
        )
