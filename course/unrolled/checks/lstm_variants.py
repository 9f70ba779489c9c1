"""The exercises of the lesson ``lstm_variants``: what their checks ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise
from unrolled.compare import (
    TOLERANCE,
    TOLERANCE_LARGE_INPUTS,
    difference,
    holds_text,
    shape_text,
)

# One step of a cell


def _packed(rng: np.random.Generator, inputs: int, recurrent: int, columns: int) -> list:
    """Weights of the input and of the state, and a bias, that leave gates of middling openness."""
    return [
        rng.normal(0, 1.0, (inputs, columns)) / np.sqrt(inputs),
        rng.normal(0, 1.0, (recurrent, columns)) / np.sqrt(recurrent),
        rng.normal(0, 0.7, columns),
    ]


def _far(rng: np.random.Generator, shape: tuple, low: float, high: float) -> np.ndarray:
    """States of either sign that far from zero: nothing bounds c, or the state that a step gets."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(low, high, shape)


def draw_peephole(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``peephole_lstm_step``; scale multiplies the inputs x only.

    Memories and peepholes are large enough that the old and the new c open a gate differently.
    """
    b, d, h = (sizes[k] for k in "BDH")
    Wx, Wh, bias = _packed(rng, d, h, 4 * h)
    peepholes = rng.choice([-1.0, 1.0], (3, h)) * rng.uniform(0.7, 1.8, (3, h))
    return {
        "x": scale * rng.normal(size=(b, d)),
        "h": rng.uniform(-0.9, 0.9, (b, h)),
        "c": rng.normal(0, 1.5, (b, h)),
        "Wx": Wx,
        "Wh": Wh,
        "b": bias,
        **dict(zip(("pi", "pf", "po"), peepholes.copy(), strict=True)),
    }


def _peephole_extra(rng: np.random.Generator) -> list[Case]:
    def case(label: str, **other) -> Case:
        drawn = draw_peephole(rng, {"B": 3, "D": 2, "H": 4}, 1.0)
        return Case(tuple((drawn | other).values()), label=label)

    return [
        case(
            "with the input gate shut and the forget gate open, so that c is kept",
            b=np.repeat([-1e3, 1e3, 0.0, 0.0], 4),
        ),
        case(
            "with weights and bias of zero, so that the peepholes alone move the gates",
            Wx=np.zeros((2, 16)),
            Wh=np.zeros((4, 16)),
            b=np.repeat([0.0, 0.0, 1.0, 0.0], 4),
        ),
        case("with all peepholes zero", pi=np.zeros(4), pf=np.zeros(4), po=np.zeros(4)),
        case(
            "with h of 2 to 5 and c of 80 to 100 in size",
            h=_far(rng, (3, 4), 2, 5),
            c=_far(rng, (3, 4), 80, 100),
        ),
    ]


def draw_projected(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``projected_lstm_step``; scale multiplies the inputs x only."""
    b, d, h, p = (sizes[k] for k in "BDHP")
    Wx, Wr, bias = _packed(rng, d, p, 4 * h)
    return {
        "x": scale * rng.normal(size=(b, d)),
        "r": rng.uniform(-1.5, 1.5, (b, p)),
        "c": rng.normal(size=(b, h)),
        "Wx": Wx,
        "Wr": Wr,
        "b": bias,
        "Wp": rng.normal(0, 1.5, (h, p)),
    }


def _projected_extra(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, h, p, bias in (
        (
            "with the input gate shut and the forget gate open, so that c is kept",
            *(5, 2, [-1e3, 1e3, 0.0, 0.0]),
        ),
        ("with as many projections as units (P = H)", 4, 4, None),
        ("with more projections than units", 2, 5, None),
    ):
        drawn = draw_projected(rng, {"B": 3, "D": 2, "H": h, "P": p}, 1.0)
        if bias:
            drawn["b"] = np.repeat(bias, h)
        cases.append(Case(tuple(drawn.values()), label=label))
    far = draw_projected(rng, {"B": 3, "D": 2, "H": 4, "P": 3}, 1.0)
    far |= {"r": _far(rng, (3, 3), 2, 5), "c": _far(rng, (3, 4), 80, 100)}
    return [*cases, Case(tuple(far.values()), label="with r of 2 to 5 and c of 80 to 100 in size")]


def draw_gru(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``gru_step``, with two biases that differ; scale multiplies x only."""
    b, d, h = (sizes[k] for k in "BDH")
    Wx, Wh, bx = _packed(rng, d, h, 3 * h)
    return {
        "x": scale * rng.normal(size=(b, d)),
        "h": rng.uniform(-0.9, 0.9, (b, h)),
        "Wx": Wx,
        "Wh": Wh,
        "bx": bx,
        "bh": rng.normal(0, 0.7, 3 * h),
    }


def _gru_extra(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, bias in (
        ("with z = 1, so that the old state is kept", [1e3, 0.0, 0.0]),
        ("with z = 0 and r = 0, so that the old state counts for nothing", [-1e3, -1e3, 0.0]),
        ("with z = 0 and r = 1", [-1e3, 1e3, 0.0]),
    ):
        drawn = draw_gru(rng, {"B": 3, "D": 2, "H": 4}, 1.0)
        drawn["bx"] = drawn["bx"] + np.repeat(bias, 4)
        cases.append(Case(tuple(drawn.values()), label=label))
    far = draw_gru(rng, {"B": 3, "D": 2, "H": 4}, 1.0) | {"h": _far(rng, (3, 4), 2, 5)}
    return [*cases, Case(tuple(far.values()), label="with h of 2 to 5 in size")]


# A stack of layers


def draw_stack(
    rng: np.random.Generator,
    batch: int,
    widths: tuple[int, ...],
    dropout: bool,
    scale: float = 1.0,
) -> tuple:
    """Arguments of ``stacked_lstm_step``; scale multiplies the inputs x only.

    widths   D, then H of each layer
    dropout  whether the masks drop something; otherwise they are ones. Each mask has a keep of
             its own, and where it has room it holds both of its values
    """
    layers, states = [], []
    for below, units in pairwise(widths):
        layers.append(_packed(rng, below, units, 4 * units))
        states.append([rng.uniform(-0.9, 0.9, (batch, units)), rng.normal(size=(batch, units))])
    masks = [_mask(rng, (batch, n)) if dropout else np.ones((batch, n)) for n in widths]
    return scale * rng.normal(size=(batch, widths[0])), states, layers, masks


def _mask(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    keep = float(rng.choice([0.5, 0.6, 0.75, 0.8]))
    kept = rng.uniform(size=shape) < keep
    if kept.size > 1:
        some, other = rng.choice(kept.size, 2, replace=False)
        kept.flat[some], kept.flat[other] = True, False
    return kept / keep


def _stack_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    b, d, *units = (int(n) for n in rng.permutation(np.arange(2, 8)))

    def case(label: str, batch: int, *widths: int, dropout: bool, **other) -> Case:
        scale, tolerance = other.get("scale", 1.0), other.get("tolerance", TOLERANCE)
        drawn = draw_stack(rng, batch, widths, dropout, scale)
        return Case(drawn, label=label, tolerance=tolerance)

    if prop == "values":
        return [
            case("", b, d, *units[:2], dropout=False),
            case("with three layers and masks of ones", b, d, *units[:3], dropout=False),
            case("with four layers and masks of ones", b, d, *units, dropout=False),
            case("with one layer, one row and masks of ones", 1, d, units[0], dropout=False),
            case("with masks of ones and layers of one unit", b, d, 1, 1, dropout=False),
            case(
                "with masks of ones and inputs up to 1000 in size",
                *(b, d, *units[:2]),
                dropout=False,
                scale=1e3,
                tolerance=TOLERANCE_LARGE_INPUTS,
            ),
        ]
    if prop == "masks":
        all_dropped = draw_stack(rng, b, (d, *units[:2]), True)
        all_dropped[3][-1][:] = 0.0
        return [
            case("with masks that drop", b, d, *units[:2], dropout=True),
            case("with masks that drop and layers as wide as x", b, d, d, d, d, dropout=True),
            case("with masks that drop, three layers and one row", 1, d, *units[:3], dropout=True),
            case("with masks that drop and four layers", b, d, *units, dropout=True),
            case("with one layer and masks that drop", b, d, units[2], dropout=True),
            Case(all_dropped, label="with an output that is dropped altogether"),
        ]
    return [case("", b, d, *units[:2], dropout=True), case("", 2, d, *units[:3], dropout=True)]


@dataclass(frozen=True)
class StackExercise(CaseExercise):
    """A step that returns an output and a list of states, which rules take apart."""

    def parts(self, case: Case, value: object) -> list[np.ndarray] | None:
        """Output, then h and c of each layer, or None where the value has another form."""
        try:
            output, states = value
            arrays = [output, *(array for h, c in states for array in (h, c))]
            arrays = [np.asarray(a) for a in arrays if not holds_text(a)]
        except (TypeError, ValueError):
            return None
        if any(a.dtype.kind not in "iuf" for a in arrays):
            return None
        shapes = self.shapes(case)
        return arrays if [a.shape for a in arrays] == shapes else None

    def shapes(self, case: Case) -> list[tuple[int, ...]]:
        """Of the output, then of h and c of each layer."""
        _, states, _, masks = case.arguments
        return [masks[-1].shape, *(a.shape for pair in states for a in pair)]

    def departure(self, case: Case, value: object, want: object) -> str | None:
        parts, wanted = self.parts(case, value), self.parts(case, want)
        if parts is None:
            return super().departure(case, value, want)
        # As they are computed: c, then h, from the lowest layer up, and the output last.
        for place in [*(2 * n + k for n in range(len(parts) // 2) for k in (2, 1)), 0]:
            found = difference(
                f"{self.name}: {_part_words(place)}",
                parts[place],
                wanted[place],
                dims=("B", "H"),
                tolerance=case.tolerance,
            )
            if found:
                return found.message
        return None

    def malformed(self, case: Case, value: object) -> str | None:
        if message := super().malformed(case, value):
            return message
        if self.parts(case, value) is None:
            output, *states = map(shape_text, self.shapes(case))
            return (
                f"{self.name} returned something of another form; expected the output, of shape "
                f"{output}, and a list of one pair (h, c) for each layer, of shapes "
                f"{', '.join(states[::2])}"
            )
        return None


def _first_apart(got: list[np.ndarray], want: list[np.ndarray]) -> int | None:
    """The position of the first array that differs by more than rounding, or None."""
    for place, (a, b) in enumerate(zip(got, want, strict=True)):
        if a.shape != b.shape or not np.allclose(a, b, TOLERANCE, TOLERANCE):
            return place
    return None


def _part_words(place: int) -> str:
    """What stands at a position of ``StackExercise.parts``."""
    layer, which = divmod(place - 1, 2)
    return f"the new {'hc'[which]} of layer {layer}" if place else "the output"


def stack_rows_apart(exercise: StackExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """A row of a batch gives what it gives alone."""
    x, states, layers, masks = case.arguments

    def alone(row: int) -> Case:
        one = slice(row, row + 1)
        pairs = [[a[one].copy() for a in pair] for pair in states]
        return replace(
            case, arguments=(x[one].copy(), pairs, layers, [m[one].copy() for m in masks])
        )

    cases = [alone(row) for row in range(len(x))]
    outcomes = yield cases
    results = exercise.parts(case, whole.value)
    for row, (asked, outcome) in enumerate(zip(cases, outcomes, strict=True)):
        found = exercise.parts(asked, outcome.value)
        if found is None:
            return exercise.malformed(asked, outcome.value)
        place = _first_apart(found, [a[row : row + 1] for a in results])
        if place is not None:
            return (
                f"{exercise.name} gives row {row} another result alone than inside its batch, "
                f"first in {_part_words(place)}"
            )
    return None


def layers_one_by_one(exercise: StackExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """Each layer asked alone, with what the layer below puts out, gives what the stack gives."""
    x, states, layers, masks = case.arguments
    below, found = x, []
    for n, (state, layer) in enumerate(zip(states, layers, strict=True)):
        last = n == len(layers) - 1
        above = masks[-1] if last else np.ones_like(masks[n + 1])
        alone = replace(case, arguments=(below, [state], [layer], [masks[n], above]))
        (outcome,) = yield [alone]
        parts = exercise.parts(alone, outcome.value)
        if parts is None:
            return exercise.malformed(alone, outcome.value)
        below, *pair = parts
        found += pair
    results = exercise.parts(case, whole.value)
    place = _first_apart([below, *found], results)
    if place is not None:
        return (
            f"{exercise.name} gives a stack another result than its layers get when they are "
            f"asked singly, each with the output of the one below, first in {_part_words(place)}"
        )
    return None


def output_mask_spares_the_states(
    exercise: StackExercise, case: Case, whole: Outcome, rng
) -> rules.Asking:
    """The last mask touches the output alone; the states are carried on unmasked."""
    x, states, layers, masks = case.arguments
    other = replace(case, arguments=(x, states, layers, [*masks[:-1], np.zeros_like(masks[-1])]))
    (outcome,) = yield [other]
    found = exercise.parts(other, outcome.value)
    if found is None:
        return exercise.malformed(other, outcome.value)
    if _first_apart(found[1:], exercise.parts(case, whole.value)[1:]) is not None:
        return f"{exercise.name}: the new states changed when only the last mask was changed"
    return None


def stack_depends_on_all(exercise: StackExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """Every state and every weight of every layer counts."""
    x, states, layers, masks = case.arguments
    ones = [np.ones_like(m) for m in masks]
    asked, names = [replace(case, arguments=(x, states, layers, ones))], []

    def move(lists: list, n: int, k: int) -> list:
        moved = [list(entry) for entry in lists]
        moved[n][k] = moved[n][k] + rng.uniform(0.2, 0.5, moved[n][k].shape)
        return moved

    for n in range(len(layers)):
        for k in range(2):
            asked.append(replace(case, arguments=(x, move(states, n, k), layers, ones)))
            names.append(f"states[{n}][{k}]")
        for k in range(3):
            asked.append(replace(case, arguments=(x, states, move(layers, n, k), ones)))
            names.append(f"layers[{n}][{k}]")
    first, *outcomes = yield asked
    base = exercise.parts(asked[0], first.value)
    for name, again, outcome in zip(names, asked[1:], outcomes, strict=True):
        found = exercise.parts(again, outcome.value)
        if base is None or found is None or _first_apart(found, base) is None:
            return f"{exercise.name} gives the same result whatever {name} is"
    return None


# The number of weights


def _count_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    inputs, units, width = (int(n) for n in rng.choice(np.arange(2, 60), 3, replace=False))
    if prop == "values":
        return [
            Case((inputs, units)),
            Case((1, units), label="with one input"),
            Case((inputs, 1), label="with one unit"),
            Case((1000 + inputs, 2000 + units), label="with thousands of units"),
        ]
    if prop == "rules":
        return [Case((inputs, units, None, False)), Case((inputs, units, width, True))]
    by_name = {
        "with the projection given by name": {"projection": width},
        "with the peepholes given by name": {"peepholes": True},
        "with every argument given by name": {
            "peepholes": True,
            "projection": width,
            "units": units,
            "inputs": inputs,
        },
    }
    return [
        Case((inputs, units, width), label="with a projection"),
        Case((inputs, units, None, True), label="with peepholes"),
        Case((inputs, units, width, True), label="with a projection and peepholes"),
        Case((inputs, units, units), label="with a projection as wide as the cell"),
        Case((inputs, units, 1), label="with a projection of width 1"),
        Case((inputs, units, None, False), label="with both options given and not used"),
        *(
            Case(
                ({"positional": [] if "inputs" in named else [inputs, units], "named": named},),
                probe="called_by_name",
                label=label,
            )
            for label, named in by_name.items()
        ),
    ]


@dataclass(frozen=True)
class CountExercise(CaseExercise):
    """An answer that counts: whatever holds one whole number will do, an int or a float."""

    def departure(self, case: Case, value: object, want: object) -> str | None:
        arguments = list(map(repr, case.arguments))
        if case.probe is not None and isinstance(value, dict) and isinstance(want, dict):
            (asked,) = case.arguments
            value, want = value.get("result"), want["result"]
            arguments = list(map(repr, asked["positional"]))
            arguments += [f"{name}={given!r}" for name, given in asked["named"].items()]
        if value is None:
            return f"{self.name} returned None; is a `return` missing?"
        number = self.count(value)
        if number == want:
            return None
        found = repr(value)[:60] if number is None else number
        return f"{self.name}({', '.join(arguments)}) is {found}; expected {want}"

    def malformed(self, case: Case, value: object) -> str | None:
        if message := super().malformed(case, value):
            return message
        if self.count(value) is None:
            return f"{self.name} returned something else; expected one whole number"
        return None

    def count(self, value: object) -> int | None:
        """The number that a value holds, or None where it holds no whole number."""
        if isinstance(value, bool) or not isinstance(value, int | float | np.ndarray):
            return None
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "iuf":
            return None
        number = float(array.reshape(()))
        return int(number) if number.is_integer() else None


def grows_evenly(exercise: CountExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """One input more adds the same number of weights, however many there are already."""
    inputs, *others = case.arguments
    cases = [replace(case, arguments=(inputs + more, *others)) for more in (1, 2, 7)]
    outcomes = yield cases
    counts = [exercise.count(o.value) for o in (whole, *outcomes)]
    if None in counts:
        return f"{exercise.name} returned something else; expected one whole number"
    one = counts[1] - counts[0]
    if one <= 0 or [n - counts[0] for n in counts] != [0, one, 2 * one, 7 * one]:
        return (
            f"{exercise.name} counts {counts[0]}, {counts[1]} and {counts[2]} for {inputs}, "
            f"{inputs + 1} and {inputs + 2} inputs; every input more should add the same number"
        )
    return None


_STATES = {"h": ("B", "H"), "c": ("B", "H")}
_WEIGHTS = {"Wx": ("D", "4H"), "Wh": ("H", "4H"), "b": ("4H",)}

EXERCISES = (
    FunctionExercise(
        name="peephole_lstm_step",
        arguments={
            "x": ("B", "D"),
            **_STATES,
            **_WEIGHTS,
            "pi": ("H",),
            "pf": ("H",),
            "po": ("H",),
        },
        returns={"h'": ("B", "H"), "c'": ("B", "H")},
        draw=draw_peephole,
        rules=rules.FUNCTION,
        extra=_peephole_extra,
    ),
    FunctionExercise(
        name="projected_lstm_step",
        arguments={
            "x": ("B", "D"),
            "r": ("B", "P"),
            "c": ("B", "H"),
            "Wx": ("D", "4H"),
            "Wr": ("P", "4H"),
            "b": ("4H",),
            "Wp": ("H", "P"),
        },
        returns={"r'": ("B", "P"), "c'": ("B", "H")},
        draw=draw_projected,
        rules=rules.FUNCTION,
        extra=_projected_extra,
    ),
    StackExercise(
        name="stacked_lstm_step",
        properties=("values", "masks", "rules"),
        make=_stack_cases,
        returns={"output": ("B", "H"), "states": None},
        hints={"output": "the output", "states": "states"},
        rules=(
            rules.data_unchanged("x", "states", "layers", "masks"),
            rules.data_same_again,
            stack_rows_apart,
            stack_depends_on_all,
            output_mask_spares_the_states,
            layers_one_by_one,
        ),
    ),
    CountExercise(
        name="lstm_param_count",
        properties=("values", "options", "rules"),
        make=_count_cases,
        rules=(rules.data_same_again, grows_evenly),
    ),
    FunctionExercise(
        name="gru_step",
        arguments={
            "x": ("B", "D"),
            "h": ("B", "H"),
            "Wx": ("D", "3H"),
            "Wh": ("H", "3H"),
            "bx": ("3H",),
            "bh": ("3H",),
        },
        returns={"h'": ("B", "H")},
        draw=draw_gru,
        rules=rules.FUNCTION,
        extra=_gru_extra,
    ),
)
