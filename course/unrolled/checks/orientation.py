"""The exercises of the lesson ``orientation``: what their checks ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise, Right
from unrolled.compare import TOLERANCE, TOLERANCE_LARGE_INPUTS, structure_difference

# Two right answers differ by rounding: about 1e-16 |f| / eps, with |f| up to 1000 and eps = 1e-5.
# A one-sided difference is wrong by about eps.
DIFFERENCES = 1e-7


# Ends the labels of cases where a step shows: a student may well know the true slope.
_NOT_TRUE = ", where the central difference is not the true slope"


def _matrix(rng: np.random.Generator, size: int) -> np.ndarray:
    """Every entry moves every other, and none is without second and third derivatives."""
    matrix = rng.normal(size=(size, size)) / np.sqrt(size)
    np.fill_diagonal(matrix, rng.uniform(0.8, 1.5, size))
    return matrix


def _gradient_case(
    rng: np.random.Generator,
    kind: str,
    shape: tuple[int, ...],
    label: str = "",
    size: float = 1.0,
    **settings,
) -> Case:
    x = size * rng.uniform(0.3, 1.2, shape) * rng.choice([-1.0, 1.0], shape)
    matrix = _matrix(rng, int(np.prod(shape)))
    arguments = {"kind": kind, "matrix": matrix, "x": np.asarray(x), **settings}
    return Case((arguments,), probe="gradient_of", label=label, tolerance=DIFFERENCES)


def _default_case(rng: np.random.Generator, eps: float | None = None) -> Case:
    """The function waves so fast that every step has a slope of its own."""
    x = rng.uniform(0.3, 1.2, 2)
    arguments = {"kind": "tanh", "matrix": 300 * _matrix(rng, 2), "x": x, "eps": eps}
    given = "without eps, which is then 1e-5" if eps is None else f"with eps = {eps:g}"
    label = f"{given}, for a steep f{_NOT_TRUE}"
    return Case((arguments,), probe="gradient_of", label=label, tolerance=DIFFERENCES)


def _effects_case(rng: np.random.Generator, x: np.ndarray, label: str, **settings) -> Case:
    arguments = {"kind": "tanh", "matrix": _matrix(rng, len(x)), "x": x, **settings}
    return Case((arguments,), probe="gradient_effects", label=label)


def _gradient_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    # All sizes different, so that axes that are exchanged show.
    a, b, c, d = (int(n) for n in rng.permutation([2, 3, 4, 5]))
    if prop == "values":
        return [
            _gradient_case(rng, "quadratic", (a + 2,)),
            _gradient_case(rng, "exponential", (a, b), "for a matrix x"),
            _gradient_case(
                rng, "tanh", (b + 2,), "for an f whose values are near 1000", constant=1000.0
            ),
        ]
    if prop == "step":
        wide, middle = (round(float(rng.uniform(*r)), 2) for r in ((0.4, 0.6), (0.08, 0.15)))
        return [
            _gradient_case(rng, "cubic", (a,), f"with eps = 0.1{_NOT_TRUE}", eps=0.1, named=True),
            _gradient_case(rng, "cubic", (b,), f"with eps = {wide}{_NOT_TRUE}", eps=wide),
            _gradient_case(
                rng,
                "exponential",
                (c, 2),
                f"with eps = {middle}{_NOT_TRUE}",
                eps=middle,
                named=True,
            ),
            _default_case(rng),
            _default_case(rng, 2e-6),
        ]
    if prop == "shapes":
        return [
            _gradient_case(rng, "exponential", (), "for an x without axes"),
            _gradient_case(rng, "quadratic", (1,), "for an x of one entry"),
            _gradient_case(rng, "exponential", (a,), "for an x of zeros", size=0.0),
            _gradient_case(rng, "quadratic", (a, b, 2), "for an x with three axes"),
            _gradient_case(
                rng, "quadratic", (b, c), "for an x stored column by column", layout="F"
            ),
            _gradient_case(
                rng, "exponential", (c, d), "for an x that is part of an array", layout="strided"
            ),
        ]
    sizes = 10.0 ** np.array([-13, -11, -9, -1, 0, 3, 8])
    mixed = rng.permutation(sizes * rng.uniform(0.1, 0.9, len(sizes)))
    return [
        _effects_case(rng, mixed, "for an x with entries from 1e-14 to 1e8"),
        _effects_case(rng, rng.uniform(0.1, 0.9, a + 3), "with eps = 0.1", eps=0.1),
    ]


def draw_error(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``relative_error``: one of the two is clearly larger."""
    shape = sizes["B"], sizes["N"]
    small = rng.uniform(0.3, 1.0, shape) * rng.choice([-1.0, 1.0], shape)
    large = small * rng.uniform(1.5, 3.0, shape) * rng.choice([-1.0, 1.0], shape)
    pair = [scale * small, scale * large]
    if rng.random() < 0.5:
        pair.reverse()
    return dict(zip("ab", pair, strict=True))


def _pair(rng: np.random.Generator, *shape: int) -> tuple:
    a = rng.normal(size=shape)
    return np.asarray(a), np.asarray(a + rng.normal(0, 0.5, shape))


def _holed(rng: np.random.Generator, array: np.ndarray) -> np.ndarray:
    """A copy with one NaN in it."""
    copy = np.array(array)
    copy.flat[rng.integers(copy.size)] = np.nan
    return copy


def _close_float32(rng: np.random.Generator) -> tuple:
    """Arrays about 1e-6 apart whose difference float32 holds exactly."""
    a = rng.integers(-4000, 4000, (3, 5)) / 2**10
    b = a + rng.integers(1, 4, (3, 5)) / 2**20
    return a.astype(np.float32), b.astype(np.float32)


def _close(rng: np.random.Generator) -> tuple:
    """Arrays about 1e-9 apart, in their tiny entries; float32 holds them and their difference."""
    a = rng.choice([-1.0, 1.0], (3, 5)) * rng.integers(1000, 4000, (3, 5)) / 2**10
    a[:, 0] = rng.integers(1, 8, 3) / 2**30
    b = np.array(a)
    b[:, 0] += rng.integers(4, 8, 3) / 2**30
    return a, b


def _error_extra(rng: np.random.Generator) -> list[Case]:
    """Other numbers of axes, zeros, NaN, and arrays that nearly agree."""
    a, b = _pair(rng, 3, 4)
    zero, one, two = np.zeros((3, 4)), np.array(a), a + rng.uniform(1, 2, a.shape)
    first, second = (float(v) for v in rng.uniform(1, 2, 2))
    return [
        Case((2 * first, second - 3), label="for two floats"),
        Case(_pair(rng), label="for arrays without axes"),
        Case(_pair(rng, 5), label="for vectors"),
        Case(_pair(rng, 2, 3, 4), label="for three axes"),
        Case((5 * a, b), label="where a is the larger one"),
        Case((a, 5 * b), label="where b is the larger one"),
        Case((a, -1.01 * a), label="where b is nearly the opposite of a"),
        Case((one, np.array(one)), label="for equal arrays"),
        Case(
            _close_float32(rng),
            label="for float32 arrays that nearly agree",
            measure="relative",
        ),
        Case(_close(rng), label="for arrays that agree to nine digits", tolerance=1e-14),
        Case((two, zero), label="where b is all zeros"),
        Case((zero, two), label="where a is all zeros"),
        Case((zero, np.array(zero)), label="where both are all zeros"),
        Case((0.0, 0.0), label="for the floats 0.0 and 0.0"),
        Case((_holed(rng, a), b), label="where a holds a NaN"),
        Case((a, _holed(rng, b)), label="where b holds a NaN"),
        Case((_holed(rng, a), zero), label="where a holds a NaN and b is all zeros"),
        Case((_holed(rng, zero), np.array(zero)), label="where a holds a NaN and else zeros"),
        Case((zero, _holed(rng, b)), label="where b holds a NaN and a is all zeros"),
    ]


def _unequal_shapes(rng: np.random.Generator) -> list[Case]:
    """Shapes that NumPy refuses, shapes that it would broadcast, and first an equal pair."""
    same = rng.normal(size=(2, 3))
    pairs = [
        ((2, 3), (3,)),
        ((3,), (2, 3)),
        ((3, 1), (1, 3)),
        ((2, 3), (3, 2)),
        ((2, 3), (6,)),
        ((1, 4), (4,)),
        ((3, 4), (3, 1)),
        ((3,), (3, 3)),
        ((4,), ()),
        ((1,), ()),
        ((5,), (4,)),
    ]
    return [Case((same, np.array(same)), label="for equal arrays, which have one shape")] + [
        Case(
            (np.asarray(rng.normal(size=a)), np.asarray(rng.normal(size=b))),
            label=f"for an a of shape {a} and a b of shape {b}",
            raises="ValueError",
        )
        for a, b in pairs
    ]


def _exchangeable(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """It does not matter which of the two comes first."""
    a, b = case.arguments
    (other,) = yield [Case((b, a))]
    if not _near(exercise, whole, other):
        return f"{exercise.name} of b and a is not {exercise.name} of a and b"
    return None


def _unit_free(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """Both arguments in another unit give the same."""
    scales = (1e-3, 1e3, -1.0)
    outcomes = yield [Case(tuple(s * v for v in case.arguments)) for s in scales]
    for scale, outcome in zip(scales, outcomes, strict=True):
        if not _near(exercise, whole, outcome):
            return f"{exercise.name} changes when a and b are both multiplied by {scale:g}"
    return None


def _near(exercise: FunctionExercise, first: Outcome, second: Outcome) -> bool:
    results = [exercise.results(o.value) for o in (first, second)]
    shapes = [r and r[0].shape for r in results]
    return shapes == [(), ()] and abs(results[0][0] - results[1][0]) <= TOLERANCE


@dataclass(frozen=True)
class _ErrorExercise(FunctionExercise):
    """With edges of its own, and a further property: unequal shapes are refused."""

    properties: tuple[str, ...] = ("values", "edges", "shapes", "rules")

    def cases(self, prop: str, rng: np.random.Generator, right: Right | None = None) -> list[Case]:
        if prop == "shapes":
            return _unequal_shapes(rng)
        if prop == "edges":
            size = int(rng.integers(3, 6))
            return [
                self.case(rng, {"B": 1, "N": size}, label="for matrices of one row"),
                self.case(rng, {"B": size, "N": 1}, label="for matrices of one column"),
                self.case(
                    rng,
                    {"B": 2, "N": size},
                    1e3,
                    label="for entries of about 1000",
                    tolerance=TOLERANCE_LARGE_INPUTS,
                ),
                # The squares are no smaller than float32 can hold.
                self.case(rng, {"B": 2, "N": size}, 1e-17, label="for entries of about 1e-17"),
                *_error_extra(rng),
            ]
        return super().cases(prop, rng, right)


@dataclass(frozen=True)
class _GradientExercise(CaseExercise):
    """Says in sentences what a call does besides computing."""

    def departure(self, case: Case, value: object, want: object) -> str | None:
        # An answer may call f where it likes, so this explains a wrong gradient and is not marked.
        expected = {key: part for key, part in want.items() if key != "together"}
        message = super().departure(case, value, expected)
        if message is None or not isinstance(value, dict):
            return message
        if case.probe == "gradient_effects":
            return self._effect(value, expected) or message
        if value.get("together") is True:
            return f"{message}; in a call of f more than one entry of x was changed"
        return message

    def _effect(self, value: dict, want: dict) -> str | None:
        """The first of the effects that is not as expected, where it has a sentence."""
        differ = (k for k in want if structure_difference("", value.get(k), want[k]))
        key = next(differ, None)
        if key == "shape" and value[key] is None:
            return f"{self.name} returned None; is a `return` missing?"
        if key in ("unmoved", "changed"):
            entries = value[key]
            if not isinstance(entries, list) or not entries:
                return None
            named = "entry" if len(entries) == 1 else "entries"
            listed = ", ".join(str(entry) for entry in entries)
            was, were = ("was", "is") if len(entries) == 1 else ("were", "are")
            if key == "unmoved":
                return f"{self.name}: {named} {listed} of x {was} never moved in a call of f"
            return f"{self.name}: {named} {listed} of x {were} not bit for bit as before the call"
        if key == "same_again":
            return (
                f"{self.name} gives another gradient when it is called again with the first x: "
                "is something kept between calls?"
            )
        if key == "same_elsewhere":
            return (
                f"{self.name} gives the first x's gradient for a second x: is something kept "
                "between calls?"
            )
        if key == "same_for_another":
            return (
                f"{self.name} gives the first f's gradient for a second f: is something kept "
                "between calls?"
            )
        return None


EXERCISES = (
    _GradientExercise(
        name="numerical_gradient",
        properties=("values", "step", "shapes", "restored"),
        make=_gradient_cases,
        driven=True,
        returns={
            "gradient": None,
            "shape": None,
            "unmoved": None,
            "changed": None,
            "same_again": None,
            "same_elsewhere": None,
            "same_for_another": None,
        },
        hints={
            "gradient": "the gradient",
            "shape": "the shape of the gradient",
        },
    ),
    _ErrorExercise(
        name="relative_error",
        arguments={"a": ("B", "N"), "b": ("B", "N")},
        returns={"relative_error": ()},
        draw=draw_error,
        rules=(
            rules.arguments_unchanged,
            rules.same_again,
            rules.arguments_count,
            _exchangeable,
            _unit_free,
        ),
    ),
)
