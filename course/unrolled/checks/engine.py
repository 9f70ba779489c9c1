"""What it means to check an exercise: cases, properties, and the words of a failure.

An *exercise* describes an answer by the names and axes of its arguments and results. A
*property* is one thing a right answer does (its values, its behaviour at the edges, the rules it
keeps); each is worth marks of its own. A *target* is whatever runs the answer: ``Local`` in a
student's kernel, a stand-in that crosses the process boundary in grading. Where the expected
values come from (``want``) is the caller's affair: recorded numbers for the visible checks.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
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
)

Want = Callable[["Case"], object]


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
    quiet      whether a floating-point overflow warning counts as a fault
    want       the recorded expected value, where there is one
    """

    arguments: tuple
    probe: str | None = None
    label: str = ""
    tolerance: float = TOLERANCE
    quiet: bool = False
    want: object = None


@dataclass(frozen=True)
class Finding:
    """Whether a property holds, and what to tell the student where it does not."""

    message: str | None
    cases: tuple[Case, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

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


@dataclass(frozen=True)
class Exercise:
    """What every exercise has: a name, the earlier answers it builds on, its properties."""

    name: str
    properties: tuple[str, ...]
    builds_on: tuple[str, ...] = ()

    def cases(self, prop: str, rng: np.random.Generator) -> list[Case]:
        """Fresh cases for a property."""
        raise NotImplementedError

    def departure(self, case: Case, value: object, want: object) -> str | None:
        """The first difference of a value from the expected one, or None."""
        raise NotImplementedError

    def check(self, prop: str, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        """Ask the target the cases of a property and compare."""
        return self.compare(target, want, cases)

    def compare(self, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        """Ask the target cases and compare each value with the expected one."""
        outcomes = target.ask(cases)
        for case, outcome in zip(cases, outcomes, strict=True):
            message = self._fault(case, outcome) or self.departure(case, outcome.value, want(case))
            if message:
                return Finding(_with_label(message, case, outcome), tuple(cases), tuple(outcomes))
        return Finding(None, tuple(cases), tuple(outcomes))

    def _fault(self, case: Case, outcome: Outcome) -> str | None:
        if outcome.error is None:
            if case.quiet and "overflow" in outcome.warnings:
                return f"{self.name} overflows: an intermediate result is too large for a float"
            return None
        if outcome.error == NOT_ANSWERED:
            return f"{self.name} is not answered yet"
        return f"{self.name} raised {outcome.error}"


def _with_label(message: str, case: Case, outcome: Outcome) -> str:
    unanswered = outcome.error == NOT_ANSWERED
    return message if unanswered or not case.label else f"{case.label}: {message}"


# Sizes of a case by axis letter; the draw function of an exercise turns them into arguments.
Sizes = dict[str, int]


def axis_size(dim: str, sizes: Sizes) -> int:
    """The size of an axis such as ``"H"`` or ``"4H"``."""
    letter = dim.lstrip("0123456789")
    return int(dim[: -len(letter)] or 1) * sizes[letter]


Draw = Callable[[np.random.Generator, Sizes, float], dict[str, object]]


@dataclass(frozen=True)
class FunctionExercise(Exercise):
    """A function of arrays, checked by values, at the edges and by the rules it keeps.

    arguments  name -> axes, in the order of the signature
    returns    name -> axes; one result is returned bare, several as a tuple
    draw       (rng, sizes, input scale) -> the arguments by name
    extra      (rng) -> cases of this exercise's own for ``edges``
    carry      state argument -> the result whose last step continues it, for sequences
    """

    arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    returns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    draw: Draw | None = None
    extra: Callable[[np.random.Generator], Iterable[Case]] | None = None
    carry: dict[str, str] = field(default_factory=dict)
    properties: tuple[str, ...] = ("values", "edges", "rules")

    @property
    def letters(self) -> list[str]:
        """The letters of the arguments' axes, such as B, D and H."""
        axes = [a for dims in self.arguments.values() for a in dims]
        return sorted({a.lstrip("0123456789") for a in axes})

    def case(self, rng: np.random.Generator, sizes: Sizes, scale: float = 1.0, **kw) -> Case:
        """A case with arguments drawn for some sizes; ``kw`` are further fields of it."""
        drawn = self.draw(rng, sizes, scale)
        return Case(tuple(drawn[name] for name in self.arguments), **kw)

    def cases(self, prop: str, rng: np.random.Generator) -> list[Case]:
        if prop == "edges":
            return self._edges(rng)
        count = 3 if prop == "values" else 2
        return [self.case(rng, self._sizes(rng)) for _ in range(count)]

    def _sizes(self, rng: np.random.Generator) -> Sizes:
        """All different, none smaller than 2, T at least 7."""
        picked = rng.permutation(np.arange(2, 2 + len(self.letters) + 2))
        sizes = {d: int(n) for d, n in zip(self.letters, picked, strict=False)}
        if "T" in sizes:
            sizes["T"] = int(rng.integers(9, 12))
        return sizes

    def _edges(self, rng: np.random.Generator) -> list[Case]:
        words = {"B": "row", "T": "step", "D": "input", "H": "unit", "N": "column"}
        cases = []
        for letter in self.letters:
            sizes = self._sizes(rng) | {letter: 1}
            cases.append(self.case(rng, sizes, label=f"with one {words[letter]} ({letter} = 1)"))
        if "T" in self.letters:
            cases.append(
                self.case(rng, self._sizes(rng) | {"T": 2}, label="with two steps (T = 2)")
            )
        cases.append(
            self.case(
                rng,
                self._sizes(rng),
                1e3,
                label="with inputs up to 1000 in size",
                tolerance=TOLERANCE_LARGE_INPUTS,
            )
        )
        return cases + list(self.extra(rng) if self.extra else [])

    def departure(self, case: Case, value: object, want: object) -> str | None:
        if value is None:
            return f"{self.name} returned None; is a `return` missing?"
        if len(self.returns) == 1:
            ((_, dims),) = self.returns.items()
            found = difference(self.name, value, want, dims=dims or None, tolerance=case.tolerance)
            return found and found.message
        names = ", ".join(self.returns)
        if not isinstance(value, list | tuple):
            return f"{self.name} returned one object; expected {len(self.returns)}: ({names})"
        if len(value) != len(self.returns):
            return f"{self.name} returned {len(value)} objects; expected ({names})"
        for (name, dims), got, wanted in zip(self.returns.items(), value, want, strict=True):
            found = difference(
                f"{self.name}: {name}", got, wanted, dims=dims, tolerance=case.tolerance
            )
            if found:
                return found.message
        return None

    def check(self, prop: str, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        if prop == "rules":
            return Rules(self, target).check(cases)
        return self.compare(target, want, cases)

    def results(self, value: object) -> list[np.ndarray] | None:
        """The results as arrays, or None where the value has another form."""
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


class Rules:
    """Properties that need no expected value."""

    def __init__(self, exercise: FunctionExercise, target: Target):
        self.exercise, self.target = exercise, target
        self.names = list(exercise.arguments)

    def check(self, cases: Sequence[Case]) -> Finding:
        """Ask the target each case, alone, twice, row by row, moved and in pieces."""
        every_case, every_outcome = [], []
        for case in cases:
            asked = [case, case, *self._rows(case)]
            rng = np.random.default_rng(len(every_case))
            asked += [self.moved(case, n, rng) for n in self.names]
            outcomes = self.target.ask(asked)
            every_case += asked
            every_outcome += outcomes
            message = self._judge(case, outcomes) or self._pieces(case, outcomes[0])
            if message:
                return Finding(message, tuple(every_case), tuple(every_outcome))
        return Finding(None, tuple(every_case), tuple(every_outcome))

    def _judge(self, case: Case, outcomes: list[Outcome]) -> str | None:
        name = self.exercise.name
        whole, again = outcomes[:2]
        for outcome in outcomes:
            if fault := self.exercise._fault(case, outcome):
                return fault
            if outcome.changed:
                argument = self.names[outcome.changed[0]]
                return f"{name} changes its argument {argument} in place; leave it as it was"
        values = [self.exercise.results(o.value) for o in outcomes]
        if values[0] is None or not self._has_shapes(case, values[0]):
            got = "nothing" if whole.value is None else self._shapes_text(values[0])
            return f"{name} returned {got}; expected {self._expected_text(case)}"
        if again.value is None or values[1] is None or _apart(values[0], values[1], by=0):
            return f"{name} gives another result when it is called a second time"
        rows = self.sizes(case).get("B", 0)
        for row in range(rows):
            alone = values[2 + row]
            part = [self._row(a, d, row) for a, d in self._named(values[0])]
            if alone is None or [a.shape for a in alone] != [p.shape for p in part]:
                got, one = self._shapes_text(alone), self._shapes_text(part)
                return f"{name} returned {got} for a batch of one row; expected {one}"
            if _apart(part, alone):
                return f"{name} gives row {row} another result alone than inside its batch"
        for argument, value in zip(self.names, values[2 + rows :], strict=True):
            if value is None or not _apart(values[0], value):
                return f"{name} gives the same result whatever {argument} is"
        return None

    def _pieces(self, case: Case, whole: Outcome) -> str | None:
        """A sequence cut in two, the state carried over, equals the sequence in one piece."""
        if not self.exercise.carry:
            return None
        steps = self.sizes(case)["T"]
        cut = steps // 2
        values = self.exercise.results(whole.value)
        by_name = dict(zip(self.exercise.returns, values, strict=True))
        late = {n: by_name[r][:, cut - 1].copy() for n, r in self.exercise.carry.items()}
        first = self._sliced(case, slice(0, cut), {})
        second = self._sliced(case, slice(cut, steps), late)
        pieces = [self.exercise.results(o.value) for o in self.target.ask([first, second])]
        lengths = (cut, steps - cut)
        if all(
            part is not None and self._has_shapes(case, part, {"T": length})
            for part, length in zip(pieces, lengths, strict=True)
        ):
            joined = [np.concatenate(pair, axis=1) for pair in zip(*pieces, strict=True)]
            if not _apart(values, joined):
                return None
        return (
            f"{self.exercise.name} on a sequence cut in two, the state carried across the cut, "
            "departs from the sequence in one piece"
        )

    def sizes(self, case: Case) -> Sizes:
        """The sizes of a case's axes by letter."""
        sizes: Sizes = {}
        for array, dims in zip(case.arguments, self.exercise.arguments.values(), strict=True):
            for n, dim in zip(np.shape(array), dims, strict=True):
                if dim.isalpha():
                    sizes[dim] = n
        return sizes

    def replaced(self, case: Case, change: dict[str, Callable]) -> Case:
        """The case with some arguments passed through functions."""
        arguments = [
            change[name](value) if name in change else value
            for name, value in zip(self.names, case.arguments, strict=True)
        ]
        return Case(tuple(arguments), label=case.label, tolerance=case.tolerance)

    def moved(self, case: Case, name: str, rng: np.random.Generator) -> Case:
        """The case with 0.2 to 0.5 added to each entry of one argument."""
        return self.replaced(case, {name: lambda a: a + rng.uniform(0.2, 0.5, np.shape(a))})

    def _rows(self, case: Case) -> list[Case]:
        return [
            self.replaced(
                case,
                {
                    n: lambda a, d=dims, r=row: self._row(a, d, r)
                    for n, dims in self.exercise.arguments.items()
                },
            )
            for row in range(self.sizes(case).get("B", 0))
        ]

    @staticmethod
    def _row(array: np.ndarray, dims: tuple[str, ...], row: int) -> np.ndarray:
        return array[row : row + 1].copy() if dims[:1] == ("B",) else array

    def _sliced(self, case: Case, steps: slice, states: dict[str, np.ndarray]) -> Case:
        change = {
            n: lambda a: a[:, steps].copy()
            for n, dims in self.exercise.arguments.items()
            if dims[1:2] == ("T",)
        }
        return self.replaced(case, change | {n: lambda a, s=s: s for n, s in states.items()})

    def _named(self, arrays: list[np.ndarray]) -> list[tuple[np.ndarray, tuple[str, ...]]]:
        return list(zip(arrays, self.exercise.returns.values(), strict=True))

    def _has_shapes(self, case: Case, arrays: list[np.ndarray], other: Sizes | None = None) -> bool:
        """Whether results have the shapes that the case asks for, some sizes being others."""
        sizes = self.sizes(case) | (other or {})
        return all(
            a.shape == tuple(axis_size(d, sizes) for d in dims) for a, dims in self._named(arrays)
        )

    def _expected_text(self, case: Case) -> str:
        sizes = self.sizes(case)
        return " and ".join(
            f"{n} of shape {shape_text(tuple(axis_size(d, sizes) for d in dims), dims)}"
            for n, dims in self.exercise.returns.items()
        )

    @staticmethod
    def _shapes_text(arrays: list[np.ndarray] | None) -> str:
        if arrays is None:
            return "something else"
        return " and ".join(f"shape {shape_text(a.shape)}" for a in arrays)


def _apart(first: list[np.ndarray], second: list[np.ndarray], by: float = TOLERANCE) -> bool:
    """Whether two results differ by more than rounding, or more than ``by``."""
    for a, b in zip(first, second, strict=True):
        if a.shape != b.shape:
            return True
        if not np.allclose(a, b, by, by, equal_nan=by == 0):
            return True
    return False


@dataclass(frozen=True)
class ProbedExercise(Exercise):
    """A class that cannot cross a process boundary: a probe drives it and returns arrays.

    make     (property, rng) -> cases, each naming a probe
    returns  name -> axes (or None) of what the probes report, in the order it is compared
    hints    name -> words for a student about what that report is
    """

    make: Callable[[str, np.random.Generator], list[Case]] | None = None
    returns: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def cases(self, prop: str, rng: np.random.Generator) -> list[Case]:
        return self.make(prop, rng)

    def departure(self, case: Case, value: object, want: object) -> str | None:
        if not isinstance(value, dict):
            return f"{self.name} could not be driven: the probe returned {type(value).__name__}"
        for key, dims in self.returns.items():
            if key not in want:
                continue
            words = f"{self.name}: {self.hints.get(key, key)}"
            got, wanted = value.get(key), want[key]
            if isinstance(wanted, np.ndarray):
                found = difference(words, got, wanted, dims=dims, tolerance=case.tolerance)
                if found:
                    return found.message
            elif not _equal(got, wanted):
                return f"{words} is {_brief(got)}; expected {_brief(wanted)}"
        return None


def _equal(got: object, wanted: object) -> bool:
    try:
        return bool(got == wanted)
    except ValueError:  # an array where something plain belongs
        return False


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
