"""The exercises of the lesson ``clipping``: what their checks ask."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise
from unrolled.compare import TOLERANCE, TOLERANCE_LARGE_INPUTS

Asking = Generator[list[Case], list[Outcome], str | None]
# A gradient that is to be clipped: one array, or a list of arrays and of None.
Gradients = np.ndarray | list


@dataclass(frozen=True)
class Clipping(CaseExercise):
    """A function (gradients, limit) -> clipped gradients, or those and a norm."""

    def departure(self, case: Case, value: object, want: object) -> str | None:
        message = super().departure(case, value, want)
        if self.returns or not isinstance(want, list):
            return message
        # "clip_by_value[0]" would read as if the function were indexed.
        return message and re.sub(rf"^{self.name}(?=\[| has )", f"{self.name}: result", message)

    def malformed(self, case: Case, value: object) -> str | None:
        if value is None:
            return f"{self.name} returned nothing"
        gradients = case.arguments[0]
        form = [gradients, 0.0] if self.returns else gradients
        return self.departure(replace(case, tolerance=np.inf), value, form)

    def parts(self, case: Case, value: object) -> tuple[list[np.ndarray | None], float | None]:
        """The clipped gradients as a list and the norm, where there is one, of a value that has
        the right form."""
        clipped, norm = value if self.returns else (value, None)
        one = isinstance(case.arguments[0], np.ndarray)
        return _floats([clipped] if one else clipped), None if norm is None else float(norm)


def _floats(gradients: list) -> list[np.ndarray | None]:
    return [None if g is None else np.asarray(g, dtype=np.float64) for g in gradients]


def _agree(first: list[np.ndarray | None], second: list[np.ndarray | None]) -> bool:
    return all(
        a is None or np.allclose(a, b, TOLERANCE, TOLERANCE)
        for a, b in zip(first, second, strict=True)
    )


# Rules


def idempotent(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """What is clipped already is not changed by clipping it again."""
    clipped, _ = exercise.parts(case, whole.value)
    again = clipped[0] if isinstance(case.arguments[0], np.ndarray) else clipped
    second = replace(case, arguments=(again, case.arguments[1]))
    (outcome,) = yield [second]
    if message := exercise.malformed(second, outcome.value):
        return message
    if not _agree(clipped, exercise.parts(second, outcome.value)[0]):
        return f"{exercise.name} changes its own result when that is clipped again"
    return None


def scales_with_its_limit(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """Gradients and limit in another unit give the same result in that unit."""
    factor = float(rng.uniform(2, 3))
    gradients, limit = case.arguments
    larger = replace(case, arguments=(_scaled(gradients, factor), factor * limit))
    (outcome,) = yield [larger]
    if message := exercise.malformed(larger, outcome.value):
        return message
    clipped, norm = exercise.parts(case, whole.value)
    got, got_norm = exercise.parts(larger, outcome.value)
    words = f"with gradients and limit both multiplied by {factor:.2f}"
    if not _agree(_scaled(clipped, factor), got):
        return f"{exercise.name} {words} does not give its result multiplied by {factor:.2f}"
    if norm is not None and not np.isclose(factor * norm, got_norm, TOLERANCE, TOLERANCE):
        return f"{exercise.name} {words} does not give its norm multiplied by {factor:.2f}"
    return None


def _scaled(gradients: Gradients, factor: float) -> Gradients:
    if isinstance(gradients, np.ndarray):
        return factor * gradients
    return [None if g is None else factor * g for g in gradients]


def arrays_apart(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """An array gives what it gives alone."""
    gradients, limit = case.arguments
    places = [n for n, g in enumerate(gradients) if g is not None]
    alone = [replace(case, arguments=([gradients[n]], limit)) for n in places]
    outcomes = yield alone
    clipped, _ = exercise.parts(case, whole.value)
    for place, one, outcome in zip(places, alone, outcomes, strict=True):
        if message := exercise.malformed(one, outcome.value):
            return message
        if not _agree([clipped[place]], exercise.parts(one, outcome.value)[0]):
            return f"{exercise.name} gives array {place} another result alone than in the list"
    return None


def keeps_direction(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """The result is the gradient times one number that is more than 0."""
    gradients = case.arguments[0]
    before = _floats([gradients] if isinstance(gradients, np.ndarray) else gradients)
    after, _ = exercise.parts(case, whole.value)
    b, a = (np.concatenate([g.ravel() for g in gs if g is not None]) for gs in (before, after))
    factor = (a @ b) / (b @ b)
    if factor <= 0 or not np.allclose(a, factor * b, TOLERANCE, TOLERANCE):
        return (
            f"{exercise.name} changes the direction: the result is not the gradient times one "
            "number, the same for all entries and more than 0"
        )
    return None
    yield


def no_matter_how_it_is_cut(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """The order of the arrays does not matter, nor that all stand in one."""
    gradients, limit = case.arguments
    clipped, norm = exercise.parts(case, whole.value)
    joined, result = (_joined(gs) for gs in (gradients, clipped))
    ways = {
        "in the opposite order": (gradients[::-1], clipped[::-1]),
        "joined into one long array": ([joined], [result]),
    }
    asked = [replace(case, arguments=(list(given), limit)) for given, _ in ways.values()]
    outcomes = yield asked
    for (way, (_, want)), other, outcome in zip(ways.items(), asked, outcomes, strict=True):
        if message := exercise.malformed(other, outcome.value):
            return message
        got, got_norm = exercise.parts(other, outcome.value)
        if not np.isclose(norm, got_norm, TOLERANCE, TOLERANCE):
            return f"{exercise.name} gives another norm for the same arrays {way}"
        if not _agree(want, got):
            return f"{exercise.name} gives another result for the same arrays {way}"
    return None


def _joined(gradients: list) -> np.ndarray:
    return np.concatenate([g.ravel() for g in gradients if g is not None])


def norm_without_limit(exercise: Clipping, case: Case, whole: Outcome, rng) -> Asking:
    """The norm is that of the gradients as they came, whatever the limit."""
    gradients, limit = case.arguments
    tighter = replace(case, arguments=(gradients, limit / 2))
    (outcome,) = yield [tighter]
    if message := exercise.malformed(tighter, outcome.value):
        return message
    (_, norm), (_, other) = (
        exercise.parts(c, o.value) for c, o in ((case, whole), (tighter, outcome))
    )
    if not np.isclose(norm, other, TOLERANCE, TOLERANCE):
        return f"{exercise.name} gives another norm where only the limit is another"
    return None


# Cases


def _spread(rng: np.random.Generator, shape: tuple, limit: float) -> np.ndarray:
    """Entries of which some are above the limit, some below its negative, and some between."""
    entries = rng.uniform(-2.5, 2.5, shape) * limit
    pinned = limit * np.array([1.9, -1.6, 0.4, -0.7])[: entries.size]
    entries.ravel()[: pinned.size] = pinned
    return entries


def _long(rng: np.random.Generator, shape: tuple, norm: float) -> np.ndarray:
    """An array of a given norm, in no special direction."""
    entries = rng.normal(size=shape)
    return entries * (norm / np.linalg.norm(entries.ravel()))


def _together(rng: np.random.Generator, shapes: list, norm: float) -> list:
    """Arrays of unequal norms whose joint norm is given; None where a shape is None."""
    kept = [shape for shape in shapes if shape is not None]
    shares = np.sqrt(rng.permutation(np.arange(1, len(kept) + 1)))
    shares *= norm / np.linalg.norm(shares)
    drawn = iter([_long(rng, shape, s) for shape, s in zip(kept, shares, strict=True)])
    return [None if shape is None else next(drawn) for shape in shapes]


def _refused(gradients: dict[str, Gradients]) -> list[Case]:
    """Limits that are none, with gradients to clip and with those that need no clipping."""
    return [
        Case((given, limit), label=f"with limit = {limit}{words}", raises="ValueError")
        for words, given in gradients.items()
        for limit in (0.0, -1.5)
    ]


def _refused_lists(rng: np.random.Generator, gradients: list) -> list[Case]:
    """``_refused`` for a function of a list of gradients."""
    return _refused(
        {
            "": gradients,
            " and an empty list": [],
            " and nothing but None": [None, None],
            " and zeros": [np.zeros((2, 3))],
            " and a short gradient": [_long(rng, (4,), 0.3)],
        }
    )


def _huge(rng: np.random.Generator, inside) -> list[Case]:
    """Finite gradients whose squares overflow: a norm that is infinite is refused, and one that
    is taken without squares is right too. ``inside`` puts the array into an argument."""
    return [
        Case(
            (inside((size * rng.uniform(1, 2, (2, 3))).astype(kind)), 1.5),
            label=f"with finite entries of about {size:g}, whose squares are not finite in {kind}",
            may_raise="FloatingPointError",
        )
        for size, kind in ((1e200, "float64"), (1e25, "float32"))
    ]


def _not_finite(rng: np.random.Generator, inside) -> list[Case]:
    """Gradients in which one entry is not finite; ``inside`` puts the array into an argument."""
    cases = []
    for number in (np.nan, np.inf, -np.inf):
        array = rng.normal(size=(2, 3))
        array[1, int(rng.integers(3))] = number
        label = f"with an entry that is {number}"
        cases.append(Case((inside(array), 1.5), label=label, raises="FloatingPointError"))
    return cases


def _value_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    limit = float(rng.uniform(0.5, 1.5))
    if prop == "values":
        arrays = [_spread(rng, shape, limit) for shape in ((3, 4), (5,))]
        small = rng.uniform(-0.9, 0.9, (2, 3)) * limit
        return [
            Case((arrays, limit)),
            Case(([small, *arrays], limit), label="with one array that needs no clipping"),
            Case((arrays, 3 * limit), label="with a limit that no entry reaches"),
        ]
    if prop == "rules":
        lists = [((4, 3), None, (5,), (2, 3, 2)), (None, (6,), (3, 5))]
        return [Case(([s and _spread(rng, s, limit) for s in shapes], limit)) for shapes in lists]
    array = _spread(rng, (2, 4), limit)
    large = _spread(rng, (3, 4), 400.0)
    return [
        Case(([None, array, None], limit), label="with gradients that are None"),
        Case(([None, None], limit), label="with nothing but None"),
        Case(([], limit), label="with an empty list"),
        Case(([np.zeros((3, 2))], limit), label="with zeros"),
        Case(([np.array([1.5, -1.5, 0.2])], 1.5), label="with entries exactly at the limit"),
        Case(([np.array([-2 * limit])], limit), label="with one array of one entry"),
        Case(([np.array(2.5 * limit)], limit), label="with an array without axes"),
        Case(([_spread(rng, (2, 3, 4), limit)], limit), label="with three axes"),
        *(
            Case(([_spread(rng, (3, 2), n)], n), label=f"with a limit of {n}")
            for n in (0.01, 0.001)
        ),
        Case(
            ([large], 400.0),
            label="with entries up to 1000 in size",
            tolerance=TOLERANCE_LARGE_INPUTS,
        ),
        *_refused_lists(rng, [array]),
    ]


def _norm_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    norm = float(rng.uniform(3, 6))
    if prop == "values":
        return [
            Case((_long(rng, (3, 4), norm), 0.3 * norm)),
            Case((_long(rng, (5,), norm), 1.3 * norm), label="with a norm below the limit"),
            Case(
                (_long(rng, (2, 3, 4), norm), 0.8 * norm),
                label="with a norm above the limit and each entry below it",
            ),
        ]
    if prop == "rules":
        return [Case((_long(rng, shape, norm), 0.4 * norm)) for shape in ((3, 4), (7,))]
    if prop == "errors":
        refused = {"": _long(rng, (3, 2), norm), " and zeros": np.zeros((2, 3))}
        refused[" and a short gradient"] = _long(rng, (4,), 0.3)
        return [
            *_refused(refused),
            *_not_finite(rng, lambda array: array),
            *_huge(rng, lambda array: array),
        ]
    large = rng.uniform(-1e3, 1e3, (3, 4))
    return [
        Case((np.zeros((2, 3)), norm), label="with zeros"),
        Case((np.array([3.0, 0.0, -4.0]), 5.0), label="with a norm exactly at the limit"),
        Case((_long(rng, (4,), norm), norm / 1.02), label="with a norm just above the limit"),
        Case((_long(rng, (4,), norm), 1e3 * norm), label="with a norm far below the limit"),
        Case((_long(rng, (4, 2), 0.2), 0.05), label="with a norm of 0.2 and a limit of 0.05"),
        Case((_long(rng, (4, 2), 0.004), 1e-3), label="with a norm of 0.004 and a limit of 0.001"),
        Case((np.array([-norm]), 0.5 * norm), label="with one entry"),
        Case((np.array(norm), 0.5 * norm), label="with an array without axes"),
        Case((_long(rng, (2, 3, 2), norm), 0.2 * norm), label="with three axes"),
        Case(
            (large, 100.0),
            label="with entries up to 1000 in size",
            tolerance=TOLERANCE_LARGE_INPUTS,
        ),
    ]


def _global_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    norm = float(rng.uniform(4, 8))
    shapes = [(3, 4), (5,), (2, 3)]
    if prop == "values":
        return [
            Case((_together(rng, shapes, norm), 0.3 * norm)),
            Case((_together(rng, shapes, norm), 1.2 * norm), label="with a norm below the limit"),
            Case(
                # The longest of three has less than three quarters of the joint norm.
                (_together(rng, [(4,), (2, 2), (3, 3)], norm), 0.8 * norm),
                label="with a joint norm above the limit and each array's norm below it",
            ),
        ]
    if prop == "rules":
        lists = [[(4, 3), None, (5,), (2, 3, 2)], [None, (6,), (3, 5)]]
        return [Case((_together(rng, some, norm), 0.4 * norm)) for some in lists]
    if prop == "errors":
        fine = rng.normal(size=(4,))
        return [
            *_refused_lists(rng, _together(rng, shapes, norm)),
            *_not_finite(rng, lambda array: [fine, array]),
            # All of one type, as TensorFlow asks of what it takes the norm of.
            *_huge(rng, lambda array: [fine.astype(array.dtype), array]),
        ]
    some = _together(rng, [None, (3, 2), None, (4,)], norm)
    large = [rng.uniform(-1e3, 1e3, shape) for shape in ((3, 4), (5,))]
    return [
        Case((some, 0.3 * norm), label="with gradients that are None"),
        Case((some, 2 * norm), label="with gradients that are None and nothing to clip"),
        Case(([None, None], norm), label="with nothing but None"),
        Case(([], norm), label="with an empty list"),
        Case(([np.zeros((3, 2)), np.zeros(4)], norm), label="with zeros"),
        Case(
            ([np.array([3.0, 0.0]), np.array([[-4.0]])], 5.0),
            label="with a norm exactly at the limit",
        ),
        Case((_together(rng, shapes, norm), norm / 1.02), label="with a norm just above the limit"),
        Case((_together(rng, shapes, norm), 1e3 * norm), label="with a norm far below the limit"),
        Case((_together(rng, shapes, 0.2), 0.05), label="with a norm of 0.2 and a limit of 0.05"),
        Case((_together(rng, shapes, 4e-3), 1e-3), label="with a norm of 0.004, limit 0.001"),
        Case(([np.array([-norm])], 0.5 * norm), label="with one array of one entry"),
        Case(
            ([np.array(norm), _long(rng, (2, 3, 2), norm)], 0.5 * norm),
            label="with an array without axes and one with three",
        ),
        Case(
            (large, 100.0),
            label="with entries up to 1000 in size",
            tolerance=TOLERANCE_LARGE_INPUTS,
        ),
    ]


def _network(rng: np.random.Generator, *shapes: tuple) -> list[np.ndarray]:
    """Float32 weights of order one, by shape; matrices by the number of their rows."""
    scales = [1.0 if len(shape) == 1 else shape[0] ** -0.5 for shape in shapes]
    return [
        rng.normal(0, 0.7 * s, n).astype(np.float32) for s, n in zip(scales, shapes, strict=True)
    ]


def _step_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    b, d, h, o = (int(n) for n in rng.permutation(np.arange(2, 6)))
    dense = [(d, h), (h,), (h, o), (o,)]

    def inputs(steps: int, *shape: int) -> np.ndarray:
        return rng.normal(size=(steps, b, *shape)).astype(np.float32)

    def targets(steps: int) -> np.ndarray:
        # Away from what the weights give, so that no gradient is small.
        return rng.uniform(1.5, 2.5, (steps, b, o)).astype(np.float32)

    def ask(label: str, probe: str = "clipped_steps", **settings) -> Case:
        usual = {"model": "dense", "optimizer": "sgd", "rate": 0.02, "loss": "weighted"}
        return Case((usual | settings,), probe=probe, label=label)

    if prop == "step":
        one = {"weights": _network(rng, *dense), "xs": inputs(1, d), "ys": targets(1)}
        three = {"weights": _network(rng, *dense), "xs": inputs(3, d), "ys": targets(3)}
        flat = {"weights": [np.zeros_like(w) for w in one["weights"]], "ys": 0 * one["ys"]}
        limit = float(rng.uniform(0.3, 0.8))
        return [
            ask("with a limit below the norm", **one, rate=0.5, limit=limit),
            ask("with a limit far above the norm", **one, limit=1e4),
            ask("with a limit of 0.001", **one, rate=200.0, limit=1e-3),
            ask("with a gradient of zero", **one | flat, limit=1.5),
            ask("three steps with a limit below the norm", **three, rate=0.5, limit=limit),
        ]
    if prop == "training":
        recurrent = [(d, h), (h, h), (h,), (h, o), (o,)]
        return [
            ask(
                "three steps with momentum, nothing to clip, and a layer that differs in training",
                model="training",
                optimizer="momentum",
                weights=_network(rng, *dense),
                xs=inputs(3, d),
                ys=targets(3),
                limit=1e4,
            ),
            ask(
                "with a layer that is frozen and nothing to clip",
                model="frozen",
                weights=_network(rng, *dense),
                xs=inputs(1, d),
                ys=targets(1),
                limit=1e4,
            ),
            ask(
                "two steps of a recurrent model with Adam and nothing to clip",
                model="recurrent",
                optimizer="adam",
                weights=_network(rng, *recurrent),
                xs=inputs(2, 4, d),
                ys=targets(2),
                limit=1e4,
            ),
        ]
    if prop == "gradients":
        words = b + 3
        sparse = {
            "model": "embedding",
            "weights": _network(rng, (words, h), (h, o), (o,)),
            # Each word stands in several rows.
            "xs": rng.integers(0, 3, (1, b, 4)).astype(np.int32),
            "ys": targets(1),
        }
        return [
            ask(
                "with a weight that has no gradient, and weight decay",
                model="idle",
                optimizer="decay",
                weights=_network(rng, (d, h), (h,), (h,), (h, o), (o,)),
                xs=inputs(1, d),
                ys=targets(1),
                rate=0.5,
                limit=float(rng.uniform(0.5, 1)),
            ),
            ask("with a sparse gradient", **sparse, rate=0.5, limit=float(rng.uniform(0.5, 1))),
            ask("with a sparse gradient and nothing to clip", **sparse, limit=1e4),
        ]
    weights = _network(rng, *dense)
    silent = [*weights[:2], *(np.zeros_like(w) for w in weights[2:])]
    x, y = inputs(1, d)[0], targets(1)[0]
    stop = {"probe": "clipped_step_stopped", "limit": 1.5}
    return [
        ask("with a loss that is NaN", **stop, weights=weights, x=x, y=y - 100, loss="root"),
        ask(
            # All of one sign, so that no infinities cancel to NaN on the way back.
            "with an infinite loss and infinite gradients",
            **stop,
            weights=[np.abs(w) for w in weights],
            x=np.abs(x),
            y=y + 500,
            loss="exponential",
        ),
        ask(
            # Outputs and targets are 0, where the root has no slope.
            "with a finite loss whose gradient is not finite",
            **stop,
            weights=silent,
            x=x,
            y=0 * y,
            loss="root",
        ),
        ask("with everything finite", **stop | {"limit": 1e4}, weights=weights, x=x, y=y),
    ]


_UNCHANGED = rules.data_unchanged("grads", "limit")

EXERCISES = (
    Clipping(
        name="clip_by_value",
        properties=("values", "edges", "rules"),
        make=_value_cases,
        rules=(
            *(_UNCHANGED, rules.data_same_again),
            *(arrays_apart, idempotent, scales_with_its_limit),
        ),
    ),
    Clipping(
        name="clip_by_norm",
        properties=("values", "edges", "errors", "rules"),
        make=_norm_cases,
        rules=(
            *(rules.data_unchanged("grad", "limit"), rules.data_same_again),
            *(keeps_direction, idempotent, scales_with_its_limit),
        ),
    ),
    Clipping(
        name="clip_by_global_norm",
        properties=("values", "edges", "errors", "rules"),
        make=_global_cases,
        returns={"clipped": None, "norm": None},
        rules=(
            *(_UNCHANGED, rules.data_same_again, norm_without_limit),
            *(keeps_direction, no_matter_how_it_is_cut, idempotent, scales_with_its_limit),
        ),
    ),
    CaseExercise(
        name="clipped_train_step",
        properties=("step", "training", "gradients", "stop"),
        make=_step_cases,
        driven=True,
        returns={
            "losses": ("T",),
            "norms": ("T",),
            "raised": None,
            "passes": None,
            "iterations": None,
            "settings": None,
            "weights": None,
        },
        hints={
            "losses": "the loss of each step",
            "norms": "the norm of each step",
            "raised": "the exception",
            "passes": "the number of calls of the model in training",
            "iterations": "the number of updates that the optimizer made",
            "settings": "what is changed in the optimizer's settings",
            "weights": "the weights afterwards, array",
        },
    ),
)
