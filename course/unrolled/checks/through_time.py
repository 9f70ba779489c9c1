"""The exercises of the lesson ``through_time``: what their checks ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import basic_cell, rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise, Sizes
from unrolled.compare import difference, structure_difference

# Gradients, of inputs and states that belong together


def _draw_step_backward(
    rng: np.random.Generator, sizes: Sizes, scale: float, rnn_step: Callable
) -> dict:
    drawn = basic_cell.draw_step(rng, sizes, scale)
    bias, h_prev = drawn.pop("b"), drawn.pop("h")
    h = rnn_step(drawn["x"], h_prev, drawn["Wx"], drawn["Wh"], bias)
    return {"dh": rng.normal(size=h.shape), "h_prev": h_prev, "h": h, **drawn}


def _draw_backward(
    rng: np.random.Generator, sizes: Sizes, scale: float, rnn_forward: Callable
) -> dict:
    drawn = basic_cell.draw_forward(rng, sizes, scale)
    hs = rnn_forward(*(drawn[name] for name in ("xs", "h0", "Wx", "Wh", "b")))
    del drawn["b"]
    return {"dhs": rng.normal(size=hs.shape), "hs": hs, **drawn}


def _unusual_step_gradients(rng: np.random.Generator, rnn_step: Callable) -> list[Case]:
    """A state of zeros before the step, and gradients and states that are large."""
    kinds = {
        "with an h_prev of zeros": (0.0, 0.0, 1.0),
        # tanh(3.2) is 0.997, and arctanh still finds 3.2 in it.
        "for a large dh, and a unit whose state is nearly 1": (0.5, 3.2, 100.0),
    }
    cases = []
    for label, (before, high, gradient) in kinds.items():
        drawn = basic_cell.draw_step(rng, {"B": 3, "D": 2, "H": 4}, 0.5)
        h_prev, bias = before * drawn["h"], drawn.pop("b")
        bias[0] += high - bias[0] * (high > 0)
        h = rnn_step(drawn["x"], h_prev, drawn["Wx"], drawn["Wh"], bias)
        dh = gradient * rng.normal(size=h.shape)
        arguments = (dh, drawn["x"], h_prev, h, drawn["Wx"], drawn["Wh"])
        cases.append(Case(arguments, label=label, measure="array"))
    return cases


def _unusual_gradients(rng: np.random.Generator, rnn_forward: Callable) -> list[Case]:
    """Losses that look at few steps, and gradients that are large."""
    kinds = {
        "for a loss of the last state alone": (slice(0, -1), 1.0),
        "for a loss of one state in the middle": ([0, 1, 2, 4, 5, 6, 7, 8], 1.0),
        "for large dhs": (slice(0, 0), 100.0),
    }
    cases = []
    for label, (unseen, size) in kinds.items():
        drawn = _draw_backward(rng, {"B": 3, "T": 9, "D": 2, "H": 4}, 1.0, rnn_forward)
        drawn["dhs"] *= size
        drawn["dhs"][:, unseen] = 0.0
        arguments = tuple(drawn[name] for name in ("dhs", "xs", "h0", "hs", "Wx", "Wh"))
        cases.append(Case(arguments, label=label, measure="array"))
    return cases


def _moved(name: str, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Another value for an argument; states stay between -1 and 1."""
    if name.startswith("h"):
        return lambda a: a * rng.uniform(0.3, 0.6, np.shape(a))
    return lambda a: a + rng.uniform(0.2, 0.5, np.shape(a))


def arguments_count(exercise: FunctionExercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """The result depends on every argument.

    Asked of one row and, of a sequence, one step: there any output in (-1, 1) belongs to any inputs
    and weights, under some bias. No right answer is asked for what no forward pass could produce.
    """
    single = tuple(
        array[(slice(0, 1),) * sum(axis in ("B", "T") for axis in axes)].copy()
        for array, axes in zip(case.arguments, exercise.arguments.values(), strict=True)
    )
    return (yield from _each_moved(exercise, replace(case, arguments=single), rng))


def states_and_weights_count(exercise: FunctionExercise, case: Case, whole, rng) -> rules.Asking:
    """The result depends on every argument; states that are moved stay between -1 and 1."""
    return (yield from _each_moved(exercise, case, rng))


def _each_moved(exercise: FunctionExercise, case: Case, rng) -> rules.Asking:
    changes = [{name: _moved(name, rng)} for name in exercise.arguments]
    outcomes = yield [case, *(rules.replaced(exercise, case, change) for change in changes)]
    first, *others = (exercise.results(outcome.value) for outcome in outcomes)
    for name, value in zip(exercise.arguments, others, strict=True):
        if first is None or value is None or not structure_difference("", value, first):
            return f"{exercise.name} gives the same result whatever {name} is"
    return None


def gradient_crosses_a_cut(
    exercise: FunctionExercise, case: Case, whole: Outcome, rng
) -> rules.Asking:
    """Backwards through a sequence cut in two, the later piece first, is backwards through it all.

    What the later piece finds for its h0 is added to the gradient of the state before the cut.
    """
    dhs, xs, h0, hs, Wx, Wh = case.arguments
    steps = xs.shape[1]
    cut = steps // 2
    pieces = {}
    carried = 0.0
    for name, part, start in (
        ("later", slice(cut, steps), hs[:, cut - 1]),
        ("earlier", slice(0, cut), h0),
    ):
        wanted = dhs[:, part].copy()
        wanted[:, -1] += carried
        arrays = (wanted, xs[:, part].copy(), start.copy(), hs[:, part].copy(), Wx, Wh)
        (outcome,) = yield [replace(case, arguments=arrays)]
        found = exercise.results(outcome.value)
        if found is None or not exercise.has_shapes(case, found, {"T": wanted.shape[1]}):
            return f"{exercise.name} gives results of other shapes for {wanted.shape[1]} steps"
        pieces[name] = dict(zip(exercise.returns, found, strict=True))
        carried = pieces[name]["h0"]
    early, late = pieces["earlier"], pieces["later"]
    joined = [
        np.concatenate([early["xs"], late["xs"]], axis=1),
        early["h0"],
        *(early[name] + late[name] for name in ("Wx", "Wh", "b")),
    ]
    apart = [
        name
        for name, one, two in zip(
            exercise.returns, joined, exercise.results(whole.value), strict=True
        )
        if difference("", one, two, measure="array")
    ]
    if not apart:
        return None
    return (
        f"{exercise.name} on a sequence cut in two gives another gradient of {', '.join(apart)} "
        "than on the sequence in one piece; the gradient of h0 in the later piece was handed to "
        "the last state of the earlier one, and the gradients of the weights were added"
    )


# Jacobians


def _draw_jacobian(rng: np.random.Generator, sizes: Sizes, scale: float) -> dict:
    b, t, h = (sizes[k] for k in "BTH")
    # Any states in (-1, 1) are those of some forward pass, of inputs that fit.
    return {
        "hs": rng.uniform(-0.9, 0.9, (b, t, h)),
        "Wh": rng.normal(0, 1.2, (h, h)) / np.sqrt(h),
    }


def _unusual_jacobians(rng: np.random.Generator) -> list[Case]:
    """Norms over many powers of ten, and factors that are negative, singular or nearly 0."""
    negative = _draw_jacobian(rng, {"B": 2, "T": 5, "H": 1}, 1.0)["hs"], np.array([[-0.8]])
    hs, Wh = _draw_jacobian(rng, {"B": 2, "T": 7, "H": 4}, 1.0).values()
    singular = Wh.copy()
    singular[:, 3] = singular[:, 0] + singular[:, 1]
    # All units of one step are nearly at 1: the slope 1 - h^2 = 8191 / 2^24 is exact, in float32
    # too, so that a right answer loses no digits to it.
    flat = hs.copy()
    flat[:, 4] = rng.choice([-1.0, 1.0], flat[:, 4].shape) * 4095 / 4096
    cases = [
        Case(negative, label="for one unit whose weight is negative", measure="relative"),
        Case((hs, singular), label="for a Wh that has no inverse", measure="relative"),
        Case((flat, Wh), label="where all states of a step are near 1", measure="relative"),
    ]
    for factor, words in ((0.07, "that vanish, beyond 1e-10"), (12.0, "that explode")):
        drawn = _draw_jacobian(rng, {"B": 2, "T": 12, "H": 4}, 1.0)
        cases.append(
            Case(
                (drawn["hs"], factor * drawn["Wh"]), label=f"for norms {words}", measure="relative"
            )
        )
    return cases


class _Jacobian(FunctionExercise):
    """The result has as many lags as there are steps."""

    def sizes(self, case: Case) -> Sizes:
        sizes = super().sizes(case)
        return sizes | {"K": sizes["T"]}


def last_steps_suffice(exercise: FunctionExercise, case: Case, whole, rng) -> rules.Asking:
    """The norms over the last lags do not change when earlier steps are left out."""
    hs, Wh = case.arguments
    late = hs.shape[1] // 2
    (outcome,) = yield [replace(case, arguments=(hs[:, -late:].copy(), Wh))]
    (all_lags,) = exercise.results(whole.value)
    found = exercise.results(outcome.value)
    if found is None or not exercise.has_shapes(case, found, {"K": late}):
        return f"{exercise.name} gives a result of another shape for {late} steps"
    if structure_difference("", found, [all_lags[:, :late]]):
        return (
            f"{exercise.name} of the last {late} steps alone departs from the first {late} lags "
            "of the whole sequence; a lag is counted back from the last step"
        )
    return None


# First values of the recurrent weights: chance decides the numbers, so they are judged by what
# they have in common

_SAME = 1e-6
_ORTHOGONAL = 1e-4
# Seven times what chance does to the deviation of 4,000 entries, and inside of what a mistake in H
# does to small matrices: sqrt(H + 1) for sqrt(H) is 10 percent off at H = 5.
_DEVIATION = 0.08
# So small a matrix says nothing by itself, so many of them are judged together.
_SMALL = 10


def _matrix_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 8)]
    low, high = float(rng.uniform(0.5, 0.75)), float(rng.uniform(1.4, 1.9))
    few = [(seed, 1) for seed in seeds[:2]]

    def case(units: int, kind: str, gain: float, runs=few, calls: int = 1, **kw) -> Case:
        label = f"for H = {units}, kind {kind!r} and gain {gain:.3g}"
        settings = {"units": units, "kind": kind, "gain": gain, "runs": runs, "calls": calls}
        # The tolerance is for what ``told`` says of matrices that chance decides.
        how = {"probe": "recurrent_matrices", "label": label, "tolerance": 0.15}
        return Case((settings,), **how | kw)

    units = int(rng.integers(20, 31))
    if prop == "orthogonal":
        shapes = ((units, low), (2 * units + 7, high), (1, low), (2, 4 * high))
        return [case(h, "orthogonal", gain) for h, gain in shapes]
    if prop == "glorot":
        many = [(seed, 1) for seed in seeds[:5]]

        def small(h: int, gain: float, count: int) -> Case:
            return case(h, "glorot", gain, [(seeds[6] + n, 1) for n in range(count)])

        return [
            case(80, "glorot", low, many),
            case(60, "glorot", high, [*many, (seeds[5], 1)] * 2),
            small(1, low / 5, 1000),
            small(2, 4 * high, 1000),
            small(5, low, 200),
        ]
    if prop == "kinds":
        return [
            case(5, "identity", low / 5),
            case(units, "identity", 4 * high),
            case(1, "identity", high),
            *(
                case(5, kind, 1.0, raises="ValueError")
                for kind in ("sparse", "constant", "glorot_uniform", "i", "")
            ),
        ]
    runs = [(seeds[0], 1), (seeds[0], 2), (seeds[1], 1)]
    return [case(units, kind, 1.0, runs, calls=2) for kind in ("glorot", "orthogonal")]


@dataclass(frozen=True)
class MatrixExercise(CaseExercise):
    """Random matrices, judged by what their kind promises and not by their values."""

    def departure(self, case: Case, value: object, want: object) -> str | None:
        (settings,) = case.arguments
        drawn = _drawn(settings, value)
        if isinstance(drawn, str):
            return f"{self.name}: {drawn}"
        if settings["calls"] > 1:
            found = _from_rng(drawn)
        else:
            found = _PROMISE[settings["kind"]](drawn, settings["gain"])
        return found and f"{self.name}: {found}"

    def told(self, case: Case, outcome: Outcome) -> Outcome:
        (settings,) = case.arguments
        if outcome.error is not None or case.raises:
            return outcome
        drawn = _drawn(settings, outcome.value)
        if isinstance(drawn, str):
            return replace(outcome, value=drawn)
        return replace(outcome, value=_features(drawn, settings["kind"], settings["gain"]))


def _drawn(settings: dict, value: object) -> np.ndarray | str:
    """The matrices of all runs and calls (R, C, H, H), or what is wrong with the form of one."""
    units = settings["units"]
    runs = [list(run) for run in value["matrices"]]
    for matrix in (m for run in runs for m in run):
        form = np.zeros((units, units))
        if found := difference("the result", matrix, form, dims=("H", "H"), tolerance=np.inf):
            return found.message if np.shape(matrix) != form.shape else _NOT_FINITE
        if not np.all(np.isfinite(np.asarray(matrix, dtype=np.float64))):
            return _NOT_FINITE
    return np.array(runs, dtype=np.float64)


_NOT_FINITE = "the result holds numbers that are not finite"


def _orthogonal(drawn: np.ndarray, gain: float) -> str | None:
    for matrix in _each(drawn):
        products = matrix.T @ matrix / gain**2
        squares = np.diag(products)
        if np.max(np.abs(products - np.diag(squares)), initial=0.0) > _ORTHOGONAL * np.max(squares):
            return (
                "the columns are not orthogonal: some two of them have a product of "
                f"{gain**2 * _largest(products - np.diag(squares)):.3g}; expected 0"
            )
        if np.max(np.abs(squares - 1)) > _ORTHOGONAL:
            length = gain * np.sqrt(squares[np.argmax(np.abs(squares - 1))])
            return f"a column has the length {length:.6g}; expected the gain, {gain:.6g}"
        if len(matrix) > 2 and _symmetric(matrix):
            return "the matrix is symmetric; an orthogonal matrix drawn at random hardly ever is"
        if len(matrix) > 2 and np.mean(matrix == 0) > 0.5:
            return (
                "most entries are 0; an orthogonal matrix drawn at random has hardly any, and a "
                "shuffled identity is one of only a few"
            )
        if len(matrix) > 2 and np.mean(np.diag(matrix) ** 2) > 0.5 * gain**2:
            return "the matrix is nearly diagonal; an orthogonal matrix drawn at random is not"
    return None


def _glorot(drawn: np.ndarray, gain: float) -> str | None:
    units = drawn.shape[-1]
    wanted = gain / np.sqrt(units)
    chance = 7 / np.sqrt(drawn.size)  # seven deviations of a mean
    if not abs(drawn.mean()) < max(0.1, chance) * wanted:
        return f"the entries have the mean {drawn.mean():.3g}; expected about 0"
    if not abs(drawn.std() / wanted - 1) < max(_DEVIATION, chance / np.sqrt(2)):
        return (
            f"the entries have the standard deviation {drawn.std():.3g}; expected about "
            f"gain / sqrt(H) = {wanted:.3g}"
        )
    if units < _SMALL:
        return None
    # The fourth moment is 1.8 for uniform numbers, 3 for normal ones, 2.4 for those cut at 2.
    scaled = (drawn - drawn.mean()) / drawn.std()
    if np.mean(scaled**4) > 3.5 or abs(np.mean(scaled**3)) > 0.2:
        return "the entries are spread like neither uniform nor normal numbers"
    for matrix in _each(drawn):
        if np.mean(matrix == 0) > 0.005:
            return "some entries are 0; expected each to be drawn"
        # Independent entries of this deviation give a largest singular value of about 2 gain.
        if _symmetric(matrix) or not 1.6 < np.linalg.norm(matrix, 2) / gain < 2.5:
            return "the entries depend on each other; expected each to be drawn apart"
        if not _distinct(np.abs(matrix)):
            return "many entries are the same number, or its opposite; expected each drawn apart"
        # The squared lengths of rows and columns vary, by a tenth (uniform) to a sixth (normal).
        squares = matrix**2
        for axis, named in ((1, "rows"), (0, "columns")):
            lengths = squares.sum(axis=axis)
            if not 0.04 < np.std(lengths) / np.mean(lengths) < 0.4:
                return f"the lengths of the {named} are not those of entries that are drawn apart"
    return None


def _identity(drawn: np.ndarray, gain: float) -> str | None:
    for matrix in _each(drawn):
        diagonal = np.diag(matrix)
        if np.any(np.abs(diagonal - gain) > 1e-5):
            farthest = diagonal[np.argmax(np.abs(diagonal - gain))]
            return f"the diagonal holds {farthest:.6g}; expected the gain, {gain:.6g}"
        if np.any(np.abs(matrix - np.diag(diagonal)) > 1e-5):
            return "there are numbers beside the diagonal; expected 0"
    return None


_PROMISE = {"orthogonal": _orthogonal, "glorot": _glorot, "identity": _identity}


def _from_rng(drawn: np.ndarray) -> str | None:
    """Runs 0 and 1 have the same seed; 0 and 2 the same global random numbers."""
    again, other, next_call = _repeats(drawn)
    if not again:
        return (
            "two generators made from the same seed give two matrices; all random numbers have "
            "to come from rng"
        )
    if other:
        return "generators made from two seeds give the same matrix; is rng used?"
    if next_call:
        return "two calls with one generator give the same matrix; rng itself has to move on"
    return None


def _repeats(drawn: np.ndarray) -> tuple[bool, bool, bool]:
    """Whether a seed gives its matrix again, whether another does, and whether the next call."""
    pairs = ((drawn[0], drawn[1]), (drawn[0], drawn[2]), (drawn[0, 0], drawn[0, 1]))
    first, second, third = (bool(np.max(np.abs(a - b)) < _SAME) for a, b in pairs)
    return first, second, third


def _features(drawn: np.ndarray, kind: str, gain: float) -> list:
    """What mistakes are told apart by: the same for the same mistake, whatever chance does."""
    units = drawn.shape[-1]
    repeats = list(_repeats(drawn)) if drawn.shape[1] > 1 else []
    found = _PROMISE[kind](drawn, gain)
    said = found and re.split(r"-?\d", found)[0]  # up to the first number, which is chance's
    size = float(np.sqrt(np.mean(drawn**2) * units) / gain)
    if units < _SMALL:
        return [said, size, *repeats]
    kinds = [promise(drawn, gain) is None for promise in (_orthogonal, _identity)]
    mean = float(drawn.mean() * np.sqrt(units) / gain)
    first = drawn[0, 0]
    # About 2 for independent entries, the root of H where all rows are one row.
    alike = bool(np.linalg.norm(first, 2) > 3.2 * np.linalg.norm(first) / np.sqrt(units))
    return [said, *kinds, *repeats, _symmetric(first), _distinct(first), alike, size, mean]


def _each(drawn: np.ndarray) -> np.ndarray:
    return drawn.reshape(-1, *drawn.shape[-2:])


def _symmetric(matrix: np.ndarray) -> bool:
    return bool(np.max(np.abs(matrix - matrix.T)) < _SAME)


def _distinct(matrix: np.ndarray) -> bool:
    """Whether hardly any number is there twice; float32 has few chance repetitions."""
    return len(np.unique(matrix)) > 0.9 * matrix.size


def _largest(values: np.ndarray) -> float:
    """The entry that is largest in size, with its sign."""
    return float(values.flat[np.argmax(np.abs(values))])


# Layer normalisation


@dataclass(frozen=True)
class NormalisedExercise(FunctionExercise):
    """Of two or three units hardly anything is left after normalisation, so there are more."""

    def _sizes(self, rng: np.random.Generator) -> Sizes:
        sizes = super()._sizes(rng)
        return sizes | {"H": sizes["H"] + 5}


def _draw_normalised(rng: np.random.Generator, sizes: Sizes, scale: float) -> dict:
    h = sizes["H"]
    return {
        **basic_cell.draw_step(rng, sizes, scale),
        "gamma": rng.uniform(0.4, 1.4, h) * rng.choice([-1.0, 1.0], h),
        "beta": rng.normal(0, 0.5, h),
    }


def _given_eps(rng: np.random.Generator) -> list[Case]:
    """An eps that is not the default: so large that its place shows, or small, for small sums."""
    cases = []
    for eps, size in ((0.5, 1.0), (3.0, 1.0), (20.0, 1.0), (1e-8, 0.01)):
        drawn = _draw_normalised(rng, {"B": 3, "D": 2, "H": 7}, 1.0)
        drawn |= {name: size * drawn[name] for name in ("Wx", "Wh", "b")}
        arguments = (*(drawn[name] for name in _NORMALISED), eps)
        cases.append(Case(arguments, label=f"with eps = {eps}, given as the last argument"))
    return cases


_MATRICES = {"Wx": ("D", "H"), "Wh": ("H", "H")}
_NORMALISED = {
    "x": ("B", "D"),
    "h": ("B", "H"),
    **_MATRICES,
    **{name: ("H",) for name in ("b", "gamma", "beta")},
}
_KEPT = (rules.arguments_unchanged, rules.same_again, rules.rows_apart)

EXERCISES = (
    FunctionExercise(
        name="rnn_step_backward",
        forward=("rnn_step",),
        arguments={
            "dh": ("B", "H"),
            "x": ("B", "D"),
            "h_prev": ("B", "H"),
            "h": ("B", "H"),
            **_MATRICES,
        },
        returns={
            "dx": ("B", "D"),
            "dh_prev": ("B", "H"),
            "dWx": ("D", "H"),
            "dWh": ("H", "H"),
            "db": ("H",),
        },
        draw=_draw_step_backward,
        extra=_unusual_step_gradients,
        large=False,
        measure="array",
        rules=(*_KEPT, arguments_count),
    ),
    FunctionExercise(
        name="rnn_backward",
        builds_on=("rnn_step_backward",),
        forward=("rnn_forward",),
        arguments={
            "dhs": ("B", "T", "H"),
            "xs": ("B", "T", "D"),
            "h0": ("B", "H"),
            "hs": ("B", "T", "H"),
            **_MATRICES,
        },
        returns={"xs": ("B", "T", "D"), "h0": ("B", "H"), **_MATRICES, "b": ("H",)},
        as_dict=True,
        backward=True,
        draw=_draw_backward,
        extra=_unusual_gradients,
        large=False,
        measure="array",
        rules=(*_KEPT, arguments_count, gradient_crosses_a_cut),
    ),
    _Jacobian(
        name="jacobian_norms",
        arguments={"hs": ("B", "T", "H"), "Wh": ("H", "H")},
        returns={"norms": ("B", "K")},
        draw=_draw_jacobian,
        large=False,
        measure="relative",
        extra=_unusual_jacobians,
        rules=(*_KEPT, states_and_weights_count, last_steps_suffice),
    ),
    MatrixExercise(
        name="recurrent_matrix",
        properties=("orthogonal", "glorot", "kinds", "draws"),
        make=_matrix_cases,
        driven=True,
        recorded=False,
    ),
    NormalisedExercise(
        name="layer_norm_rnn_step",
        arguments=_NORMALISED,
        returns={"h'": ("B", "H")},
        draw=_draw_normalised,
        extra=_given_eps,
        rules=rules.FUNCTION,
    ),
)
