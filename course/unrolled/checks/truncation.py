"""The exercises of the lesson ``truncation``: what their checks ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise
from unrolled.compare import difference, holds_text

Form = Callable[[Case, object], str | None]


@dataclass(frozen=True)
class FormedExercise(CaseExercise):
    """An answer whose results have a form that its arguments tell.

    form  (case, value) -> what is wrong with the form of a value, in words that follow
          "NAME returned something else; expected"
    """

    form: Form | None = None

    def malformed(self, case: Case, value: object) -> str | None:
        if message := super().malformed(case, value):
            return message
        expected = self.form(case, value)
        return expected and f"{self.name} returned something else; expected {expected}"


def _shape(value: object) -> tuple[int, ...] | None:
    """The shape of an array of real numbers, or None for anything else."""
    if holds_text(value) or isinstance(value, dict) or value is None:
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # a list of unequal parts
        return None
    return array.shape if array.dtype.kind in "biuf" else None


# stream_batches


def _stream_case(
    rng: np.random.Generator, batch: int, steps: int, chunks: int, spare: int, label: str = ""
) -> Case:
    """Ids for so many chunks, one for the last target, and some to spare."""
    ids = rng.integers(0, 1000, chunks * batch * steps + 1 + spare)
    return Case((ids, batch, steps), label=label)


def _stream_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    batch, steps, chunks = (int(n) for n in rng.permutation([2, 3, 4]) + rng.integers(0, 2, 3) * 3)
    every = batch * steps
    if prop == "edges":
        # One row or one chunk at most: whether rows go on is asked elsewhere.
        return [
            _stream_case(rng, 1, steps, chunks + 5, 1, "with one row (batch = 1)"),
            _stream_case(rng, batch, steps, 1, 1, "with one chunk"),
            _stream_case(rng, batch, steps, 1, 0, "with N - 1 = batch * steps, just enough"),
            _stream_case(rng, 1, steps, chunks, 0, "with one row, N - 1 a multiple of steps"),
            _stream_case(rng, 1, steps, chunks, steps - 1, "with one row, N a multiple of steps"),
            _stream_case(rng, batch, steps, 0, every - 1, "with N = batch * steps, one id too few"),
            _stream_case(rng, batch, steps, 0, 0, "with a single id (N = 1)"),
        ]
    spare = int(rng.integers(batch, every))  # enough to make the rows longer, by a wrong rule
    return [
        _stream_case(rng, batch, steps, chunks, spare),
        _stream_case(rng, steps + 1, batch, chunks + 3, 0, "with N - 1 divisible by batch * steps"),
        _stream_case(rng, batch, 1, chunks, 1, "with one step (steps = 1)"),
    ][: 3 if prop == "values" else 2]


def _stream_form(case: Case, value: object) -> str | None:
    _, batch, steps = case.arguments
    expected = f"(inputs, targets), each of shape (chunks, {batch}, {steps})"
    if not isinstance(value, list | tuple) or len(value) != 2:
        return expected
    first, second = map(_shape, value)
    fits = first is not None and len(first) == 3 and first[1:] == (batch, steps)
    return None if fits and first == second else expected


def targets_are_one_later(exercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """What is a target at one step is the input at the next."""
    inputs, targets = (np.asarray(part) for part in whole.value)
    if not np.array_equal(inputs[:, :, 1:], targets[:, :, :-1]):
        return "stream_batches: the target of a step is not the input of the step after it"
    return None
    yield


def rows_go_on(exercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """A row's last target is its first input in the next chunk, in the end that of the next row."""
    inputs, targets = (np.asarray(part) for part in whole.value)
    if len(inputs) < 2:
        return "stream_batches returned fewer chunks than the ids are enough for"
    if not np.array_equal(inputs[1:, :, 0], targets[:-1, :, -1]):
        return "stream_batches: a row does not go on in the next chunk where it ended in this one"
    if not np.array_equal(inputs[0, 1:, 0], targets[-1, :-1, -1]):
        return (
            "stream_batches: the last target of a row is not the id with which the next row begins"
        )
    return None
    yield


# truncated_bptt


def _network_case(rng: np.random.Generator, k: int, label: str = "", **sizes: int) -> Case:
    """A network of order one, and targets that give gradients of order one."""
    b, t, d, h, o = (sizes[name] for name in "BTDHO")
    params = {
        "Wx": rng.normal(0, 0.8, (d, h)) / np.sqrt(d),
        "Wh": rng.normal(0, 0.9, (h, h)) / np.sqrt(h),
        "b": rng.normal(0, 0.3, h),
        "Wy": rng.normal(0, 1.0, (h, o)),
        "by": rng.normal(0, 0.5, o),
    }
    xs, ys = rng.normal(size=(b, t, d)), 3 * rng.normal(size=(b, t, o))
    return Case((params, xs, ys, rng.uniform(-0.9, 0.9, (b, h)), k), label=label, measure="array")


def _sizes(rng: np.random.Generator, **fixed: int) -> dict[str, int]:
    """All different, but for those that are fixed."""
    b, d, h, o = (int(n) for n in rng.permutation([2, 3, 4, 5]))
    return {"B": b, "T": int(rng.integers(9, 12)), "D": d, "H": h, "O": o} | fixed


def _cut_case(rng: np.random.Generator, after: bool) -> Case:
    """Inputs before the first cut only, and errors on one side of it only.

    With Wx = 0, b = 0 and h0 = 0 every state is 0 and every output is by.
    after  whether the errors are after the cut, where no input may have a part in them; else before
    """
    k, sizes = 4, _sizes(rng, T=8)
    (params, xs, ys, h0, _) = _network_case(rng, k, **sizes).arguments
    params = params | {"Wx": 0 * params["Wx"], "b": 0 * params["b"]}
    side = slice(k, None) if after else slice(None, k)
    errors = np.zeros_like(ys)
    errors[:, side] = ys[:, side]
    xs[:, k:] = 0
    place = "errors only after the cut" if after else "errors only before the cut"
    return Case(
        (params, xs, params["by"] + errors, 0 * h0, k),
        label=f"with Wx, b and h0 zero, k = 4, inputs only before the cut and {place}",
        measure="array",
    )


def _network_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    if prop == "cut":
        return [_cut_case(rng, after=True), _cut_case(rng, after=False)]
    if prop == "edges":
        t = int(rng.integers(7, 10))
        same = dict.fromkeys("BO", 1)
        return [
            _network_case(rng, t, "with k = T, which is full backpropagation", **_sizes(rng, T=t)),
            _network_case(rng, t + 3, "with k > T", **_sizes(rng, T=t)),
            _network_case(rng, 1, "with k = 1", **_sizes(rng, T=t)),
            _network_case(rng, t - 1, "with k = T - 1", **_sizes(rng, T=t)),
            _network_case(rng, 3, "with one row and one output (B = O = 1)", **_sizes(rng, **same)),
            _network_case(rng, 2, "with one input (D = 1)", **_sizes(rng, D=1)),
            _network_case(rng, 2, "with one unit (H = 1)", **_sizes(rng, H=1)),
            _network_case(rng, 2, "with one step (T = 1)", **_sizes(rng, T=1)),
            _network_case(rng, 1, "with two steps and k = 1", **_sizes(rng, T=2)),
            *(_wrong_k(rng, k) for k in (0, -2)),
        ]
    # In the first two T is no multiple of k.
    return [
        _network_case(rng, 4, **_sizes(rng, T=int(rng.choice([7, 9, 10, 11])))),
        _network_case(rng, 2, **_sizes(rng, T=int(rng.choice([7, 9, 11])))),
        _network_case(rng, 3, **_sizes(rng, T=9)),
    ]


def _wrong_k(rng: np.random.Generator, k: int) -> Case:
    arguments = _network_case(rng, k, **_sizes(rng)).arguments
    return Case(arguments, label=f"with k = {k}", raises="ValueError")


def _network_form(case: Case, value: object) -> str | None:
    params, _, _, h0, _ = case.arguments
    expected = f"(loss, grads, hT): a number, a dict and an array of shape {h0.shape}"
    if not isinstance(value, list | tuple) or len(value) != 3:
        return expected
    loss, grads, last = value
    fits = (
        _shape(loss) == ()
        and _shape(last) == h0.shape
        and isinstance(grads, dict)
        and all(_shape(grads.get(name)) == a.shape for name, a in params.items())
    )
    return None if fits else expected


def loss_whatever_k(exercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """Where the gradient is cut changes neither the loss nor the last state."""
    *rest, k = case.arguments
    steps = rest[1].shape[1]
    others = [1, k + 1, steps, steps + 2]
    outcomes = yield [Case((*rest, other)) for other in others]
    for other, outcome in zip(others, outcomes, strict=True):
        if expected := exercise.form(case, outcome.value):
            return f"truncated_bptt returned something else for k = {other}; expected {expected}"
        for name, place in (("loss", 0), ("hT", 2)):
            if difference(name, outcome.value[place], np.asarray(whole.value[place])):
                return (
                    f"truncated_bptt: {name} is another for k = {other} than for k = {k}; "
                    "the cut is for the gradient only"
                )
    return None


# tbptt_train_step


def _train_case(rng, cell: str, momentum: float, rate: float, chunks: int, **more) -> Case:
    b, d, h, o = (int(n) for n in rng.permutation([2, 3, 4, 5]))
    blocks, states = {"simple": (1, 1), "lstm": (4, 2)}[cell]

    def normal(*shape: int, scale: float = 1.0) -> np.ndarray:
        return (scale * rng.normal(size=shape)).astype(np.float32)

    words = f"a list of {'one state' if states == 1 else 'two states'}"
    label = f"with {words} and {chunks} chunk{'s' if chunks > 1 else ''}"
    return Case(
        (
            {
                "cell": cell,
                "weights": [
                    normal(d, blocks * h, scale=0.6),
                    normal(h, blocks * h, scale=0.6),
                    normal(blocks * h, scale=0.3),
                    normal(h, o),
                    normal(o, scale=0.3),
                ],
                "rate": rate,
                "momentum": momentum,
                "xs": normal(chunks, b, 3, d),
                "ys": normal(chunks, b, 3, o),
                "states": [normal(b, h, scale=0.5) for _ in range(states)],
                **more,
            },
        ),
        probe="tbptt_steps",
        label=label,
    )


def _train_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    if prop == "update":
        # Every chunk starts from given states: what is returned for them has its own check.
        return [
            _train_case(rng, "simple", 0.0, 0.2, 1, report=["losses", "weights"]),
            _train_case(rng, "lstm", 0.8, 0.2, 2, carry=False, report=["losses", "weights"]),
        ]
    if prop == "states":
        # At a learning rate of 0 the weights stay: a wrong update has its own check.
        return [
            _train_case(rng, "simple", 0.0, 0.0, 3, report=["states", "losses"]),
            _train_case(rng, "lstm", 0.0, 0.0, 2, report=["states", "losses"]),
            _train_case(rng, "lstm", 0.0, 0.3, 1, report=["states"]),
        ]
    return [
        _train_case(rng, "simple", 0.0, 0.1, 1, report=["leak"]),
        _train_case(rng, "lstm", 0.0, 0.1, 1, report=["leak"]),
    ]


# multires_window


def _days(rng: np.random.Generator, count: int) -> np.ndarray:
    """Squares and some noise: no two blocks have one mean, and no sum is a mean."""
    return (rng.integers(2, 40) + np.arange(count)) ** 2 / 10 + rng.normal(size=count)


def _window_case(
    rng: np.random.Generator,
    counts: tuple[int, ...],
    before: int | None = None,
    after: int | None = None,
    label: str = "",
    raises: str | None = None,
    whole: bool = False,
) -> Case:
    """A window in a series that has days before it and from t on.

    counts  months, weeks, days, as far as they are passed on; the rest are the defaults
    whole   whether the series holds integers
    """
    months, weeks, days = (*counts, *(60, 5, 5)[len(counts) :])
    needed = 30 * months + 7 * weeks + days
    before = int(rng.integers(3, 20)) if before is None else before
    after = int(rng.integers(3, 20)) if after is None else after
    series = _days(rng, max(0, needed + before + min(after, 0)) + max(after, 0))
    series = np.round(series).astype(np.int64) if whole else series
    return Case((series, needed + before, *counts), label=label, raises=raises)


def _window_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    counts = tuple(int(n) for n in rng.permutation([2, 3, 4]))
    if prop == "edges":
        months, weeks, days = counts
        refused = {"raises": "ValueError"}
        return [
            _window_case(rng, counts, after=0, label="with t = len(series)"),
            _window_case(rng, counts, before=0, label="with just enough history"),
            _window_case(rng, counts, 0, 0, label="with a series as long as the window"),
            _window_case(rng, (0, weeks, days), label="with months = 0"),
            _window_case(rng, (months, 0, days), label="with weeks = 0"),
            _window_case(rng, (months, weeks, 0), label="with days = 0"),
            _window_case(rng, (0, 0, days), label="with single days only"),
            _window_case(rng, (months, 0, 0), label="with months only"),
            _window_case(rng, (1, 1, 1), label="with one of each"),
            _window_case(rng, (months,), label="with weeks and days left at 5"),
            _window_case(rng, (), whole=True, label="with all numbers left at their defaults"),
            _window_case(rng, counts, before=-1, label="with one day too few before t", **refused),
            _window_case(rng, counts, before=-9, label="with nine days too few", **refused),
            _window_case(rng, counts, after=-1, label="with t = len(series) + 1", **refused),
            _window_case(rng, (0, 0, days), after=-4, label="with t past the end", **refused),
        ]
    return [
        _window_case(rng, counts),
        _window_case(rng, counts[::-1], whole=True, label="with integers in the series"),
        _window_case(rng, (months_of(rng), 2, 9)),
    ][: 3 if prop == "values" else 2]


def months_of(rng: np.random.Generator) -> int:
    """Some months, so that the blocks lie elsewhere in each case."""
    return int(rng.integers(1, 6))


def _window_form(case: Case, value: object) -> str | None:
    _, _, *counts = case.arguments
    return None if _shape(value) == (sum(counts),) else f"an array of shape ({sum(counts)},)"


def future_is_not_looked_at(exercise, case: Case, whole: Outcome, rng) -> rules.Asking:
    """The window does not change with what comes from day t on."""
    series, t, *counts = case.arguments
    other = np.array(series)
    other[t:] = other[t:] * 3 + 1000
    outcomes = yield [Case((s, t, *counts)) for s in (other, series[:t].copy())]
    for outcome in outcomes:
        if difference("", outcome.value, np.asarray(whole.value)):
            return "multires_window is another when the days from t on are: it looks ahead"
    return None


EXERCISES = (
    FormedExercise(
        name="stream_batches",
        properties=("values", "edges", "rules"),
        make=_stream_cases,
        returns={"inputs": ("chunk", "B", "T"), "targets": ("chunk", "B", "T")},
        form=_stream_form,
        rules=(
            rules.data_unchanged("ids", "batch", "steps"),
            rules.data_same_again,
            targets_are_one_later,
            rows_go_on,
        ),
    ),
    FormedExercise(
        name="truncated_bptt",
        properties=("values", "cut", "edges", "rules"),
        make=_network_cases,
        returns={"loss": None, "grads": None, "hT": ("B", "H")},
        form=_network_form,
        rules=(
            rules.data_unchanged("params", "xs", "ys", "h0", "k"),
            rules.data_same_again,
            loss_whatever_k,
        ),
    ),
    CaseExercise(
        name="tbptt_train_step",
        properties=("update", "states", "cut"),
        make=_train_cases,
        driven=True,
        returns={"losses": None, "weights": None, "states": None, "leak": None},
        hints={
            "losses": "losses (one a chunk)",
            "weights": "the weights after the last chunk, flattened and joined,",
            "states": "new_states (one list a chunk)",
            "leak": "the largest gradient that flows back through new_states",
        },
    ),
    FormedExercise(
        name="multires_window",
        properties=("values", "edges", "rules"),
        make=_window_cases,
        form=_window_form,
        rules=(
            rules.data_unchanged("series", "t", "months", "weeks", "days"),
            rules.data_same_again,
            future_is_not_looked_at,
        ),
    ),
)
