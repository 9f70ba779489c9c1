"""The exercises of the lesson ``long_memory``: what their checks ask.

Most answers here are chance, drawn from a generator or trained, so that no value can be compared.
They are judged by *complaints*: what a right answer never does, up to a probability that
``tests/test_long_memory.py`` works out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from unrolled import reviews
from unrolled.calling import NOT_ANSWERED, Outcome
from unrolled.checks.engine import Case, CaseExercise, Finding, Target, Want
from unrolled.compare import shape_text
from unrolled.probes.long_memory import model_by_place

# How many standard deviations a right answer's statistics may be off, and its rarer counts.
SIGMAS = 8.0
SIGMAS_RARE = 9.0
# How far the shares of right numbers below a threshold may be off, times the root of their count.
KOLMOGOROV = 4.5
# The same as SIGMAS for pairs of draws, which overlap.
SIGMAS_PAIRS = 14.0


class Complaint(NamedTuple):
    """Something that a right answer does not do.

    kind     the same for answers that go wrong in the same way, whatever they drew
    message  what to tell the student
    """

    kind: str
    message: str


Complaints = Iterator[Complaint]


@dataclass(frozen=True)
class JudgedExercise(CaseExercise):
    """An answer that a probe drives and that complaints judge.

    judged  (property, case, what the probe reported) -> complaints, the first for the student
    traits  (case, what the probe reported) -> further traits by which mistakes are told apart
    remark  (case, what the probe reported) -> what to tell a student whose answer passes, or None
    """

    judged: Callable[[str, Case, dict], Complaints] | None = None
    traits: Callable[[Case, dict], dict] | None = None
    remark: Callable[[Case, dict], str | None] | None = None

    def check(self, prop: str, target: Target, want: Want, cases: Sequence[Case]) -> Finding:
        outcomes = target.ask(cases)
        remark = None
        for case, outcome in zip(cases, outcomes, strict=True):
            message = self.fault(case, outcome)
            if message is None:
                complaint = next(self.complaints(prop, case, outcome.value), None)
                message = complaint and f"{self.name}: {complaint.message}"
            if message:
                if case.label and outcome.error != NOT_ANSWERED:
                    message = f"{case.label}: {message}"
                return Finding(message, tuple(cases), tuple(outcomes))
            if self.remark and remark is None:
                remark = self.remark(case, outcome.value)
        return Finding(None, tuple(cases), tuple(outcomes), remark)

    def complaints(self, prop: str, case: Case, value: object) -> Complaints:
        """What is wrong with what the probe reported."""
        if not isinstance(value, dict):
            yield Complaint("report", "it could not be driven")
            return
        yield from self.judged(prop, case, value)

    def told(self, case: Case, outcome: Outcome) -> Outcome:
        if outcome.error is not None or not isinstance(outcome.value, dict):
            return outcome
        prop = case.want["property"]
        kinds = {c.kind for c in self.judged(prop, case, outcome.value)}
        traits = self.traits(case, outcome.value) if self.traits else {}
        return replace(outcome, value={"complaints": sorted(kinds), **traits}, changed=())

    def apart(self, cases: list[Case]) -> list[Case]:
        return [case.want.get("apart", case) for case in cases]


def _array(value: object) -> np.ndarray | None:
    """A value as an array of real numbers, or None."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biuf" else None


# adding_batch


def _adding_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    sizes = {
        "form": [(5, 9), (1, 8), (4, 2), (6, 3), (3, 40)],
        "chance": [(16384, 10), (4096, 7), (4096, 3), (4096, 20)],
        "generator": [(6, 12), (1, 2)],
    }[prop]
    return [
        Case(
            (
                {
                    "seed": int(rng.integers(2**32)),
                    "batch": batch,
                    "steps": steps,
                    "again": prop == "generator",
                },
            ),
            probe="adding_batches",
            label=f"with batch = {batch} and steps = {steps}",
            seconds=10.0 if batch > 100 else 0.0,
            want={"property": prop},
        )
        for batch, steps in sizes
    ]


def _adding_complaints(prop: str, case: Case, value: dict) -> Complaints:
    (sizes,) = case.arguments
    batch, steps = sizes["batch"], sizes["steps"]
    names = ("x", "y", "next_x", "again_x") if sizes["again"] else ("x", "y")
    arrays = {name: _array(value.get(name)) for name in names}
    for name, array in arrays.items():
        shape = (batch,) if name == "y" else (batch, steps, 2)
        axes = ("B",) if name == "y" else ("B", "T", "2")
        if array is None or array.shape != shape:
            got = "no array of numbers" if array is None else f"of shape {shape_text(array.shape)}"
            wanted = shape_text(shape, axes)
            yield Complaint(f"shape of {name[-1]}", f"{name[-1]} is {got}; expected shape {wanted}")
            return
    x, y = arrays["x"].astype(np.float64), arrays["y"].astype(np.float64)
    numbers, marks = x[:, :, 0], x[:, :, 1]
    if prop == "form":
        for name in ("x", "y"):
            if arrays[name].dtype.kind != "f":
                yield Complaint("dtype", f"{name} has dtype {arrays[name].dtype}; expected floats")
        yield from _wrong_marks(numbers, marks)
        if not (np.min(numbers) >= 0 and np.max(numbers) <= 1):
            low, high = np.min(numbers), np.max(numbers)
            message = f"x[:, :, 0] goes from {low:.3g} to {high:.3g}; expected numbers in [0, 1)"
            yield Complaint("range", message)
        yield from _wrong_sums(numbers, marks, y)
    if prop == "chance":
        wrong = next(_wrong_marks(numbers, marks), None)
        if wrong:
            yield wrong
            return
        yield from _not_uniform(numbers)
        yield from _marks_not_free(numbers, marks)
    if prop == "generator":
        following, again = arrays["next_x"], arrays["again_x"]
        if not np.array_equal(x, again):
            yield Complaint(
                "seed",
                "two generators with the same seed gave different batches; take every random "
                "number from rng",
            )
        if np.array_equal(numbers, following[:, :, 0]):
            yield Complaint(
                "same", "a second call with the same generator gave the same numbers again"
            )
        if batch > 1 and np.array_equal(marks, following[:, :, 1]):
            yield Complaint(
                "same marks", "a second call with the same generator put the same markers again"
            )


def _wrong_marks(numbers: np.ndarray, marks: np.ndarray) -> Complaints:
    """Markers that are not two ones a row, one in each half."""
    steps = marks.shape[1]
    half = steps // 2
    strange = ~np.isin(marks, (0.0, 1.0))
    if np.any(strange):
        if np.all(np.isin(numbers, (0.0, 1.0))):
            message = "the markers stand in x[:, :, 0]; expected them in x[:, :, 1]"
            yield Complaint("channels", message)
            return
        row, step = np.argwhere(strange)[0]
        message = f"x[{row}, {step}, 1] is {marks[row, step]:.3g}; a marker is 0 or 1"
        yield Complaint("marks", message)
        return
    for name, found, kind in (
        ("first", marks[:, :half].sum(axis=1), "first half"),
        ("second", marks[:, half:].sum(axis=1), "second half"),
    ):
        if np.any(found != 1):
            row = int(np.argmax(found != 1))
            places = np.flatnonzero(marks[row]).tolist()
            part = f"[0, {half})" if name == "first" else f"[{half}, {steps})"
            yield Complaint(
                f"{kind} {'none' if found[row] == 0 else 'many'}",
                f"row {row} has {int(found[row])} markers in the {name} half, steps {part}; "
                f"expected one (its markers stand at steps {places})",
            )


def _wrong_sums(numbers: np.ndarray, marks: np.ndarray, y: np.ndarray) -> Complaints:
    total = np.sum(numbers * marks, axis=1)
    wrong = np.abs(y - total) > 1e-6
    if not np.any(wrong):
        return
    marked = np.where(marks == 1, numbers, 1.0)
    ways = {
        "the product of the marked numbers": np.prod(marked, axis=1),
        "half of the marked sum": total / 2,
        "the sum of all numbers": np.sum(numbers, axis=1),
    }
    for words, values in ways.items():
        if np.allclose(y, values, atol=1e-6):
            yield Complaint(words, f"y is {words}; expected the sum of the two marked numbers")
            return
    row = int(np.argmax(wrong))
    yield Complaint(
        "sum", f"y[{row}] is {y[row]:.6g}; the marked numbers of row {row} add to {total[row]:.6g}"
    )


def _not_uniform(numbers: np.ndarray) -> Complaints:
    """Numbers that are not uniform on [0, 1), or not on their own."""
    centred = numbers - 0.5
    for words, products in (
        ("one row to the next", centred[1:] * centred[:-1]),
        ("one step to the next", centred[:, 1:] * centred[:, :-1]),
    ):
        # Neighbouring products share a factor and are uncorrelated all the same.
        if not abs(np.mean(products)) <= SIGMAS / 12 / np.sqrt(products.size):
            yield Complaint(
                words, f"the numbers in x[:, :, 0] go together from {words}; draw each on its own"
            )
            return
    # As many steps as single precision has between 0 and 1. Its numbers meet by chance, but rarely.
    different = len(np.unique(np.round(np.abs(numbers - 0.5) * 2**24)))
    if different < 0.01 * numbers.size:
        yield Complaint(
            "few", f"the {numbers.size:,} numbers in x[:, :, 0] take only very few different values"
        )
        return
    if different < 0.95 * numbers.size:
        yield Complaint(
            "repeated",
            f"of {numbers.size:,} numbers in x[:, :, 0] many stand there more than once, or with "
            "1 minus a number elsewhere; draw each on its own",
        )
        return
    for values, where in (
        (numbers.ravel(), "[:, :, 0]"),
        *((column, f"[:, {t}, 0]") for t, column in enumerate(numbers.T)),
    ):
        ordered = np.sort(values)
        # The share of the numbers below each of them, just before it and just behind it.
        below = np.arange(values.size + 1) / values.size
        apart = np.maximum(np.abs(below[:-1] - ordered), np.abs(below[1:] - ordered))
        worst = int(np.argmax(apart))
        if not apart[worst] <= KOLMOGOROV / np.sqrt(values.size):
            yield Complaint(
                "uniform",
                f"of {values.size:,} numbers in x{where} {below[worst]:.1%} are below "
                f"{ordered[worst]:.3f}; of numbers uniform on [0, 1) it is {ordered[worst]:.1%}",
            )
            return


def _marks_not_free(numbers: np.ndarray, marks: np.ndarray) -> Complaints:
    """Markers that are not uniform over their halves, or depend on something."""
    rows, steps = marks.shape
    half = steps // 2
    first = np.argmax(marks[:, :half], axis=1)
    second = np.argmax(marks[:, half:], axis=1)
    for name, places, size, offset in (
        ("first", first, half, 0),
        ("second", second, steps - half, half),
    ):
        found = np.bincount(places, minlength=size)
        off = _off(found, rows, 1 / size, SIGMAS)
        if np.any(off):
            place = int(np.argmax(np.abs(found - rows / size)))
            # Where only the ends are wrong, the range of the draw is.
            edge = "ends" if not np.any(off[1:-1] & (found[1:-1] == 0)) else "places"
            yield Complaint(
                f"{name} {edge}" if size > 2 else f"{name} ends",
                f"of {rows} markers in the {name} half {found[place]} stand at step "
                f"{place + offset}; expected about {rows / size:.0f} at each of the steps "
                f"{offset} to {offset + size - 1}",
            )
            return
    pairs = np.bincount(first * (steps - half) + second, minlength=half * (steps - half))
    if np.any(_off(pairs, rows, 1 / len(pairs), SIGMAS_RARE)):
        yield Complaint("pair", "where a row's second marker stands depends on its first one")
    for name, places, size in (("first", first, half), ("second", second, steps - half)):
        even = places[0::2] * size + places[1::2]
        if np.any(_off(np.bincount(even, minlength=size**2), rows // 2, size**-2.0, SIGMAS_RARE)):
            message = f"where the {name} marker of a row stands depends on the row before"
            yield Complaint("rows", message)
            return
    marked = numbers[marks == 1]
    if not abs(np.mean(marked) - 0.5) <= SIGMAS * np.sqrt(1 / 12 / marked.size):
        yield Complaint(
            "values",
            f"the marked numbers have mean {np.mean(marked):.3f}; expected 0.5: where a marker "
            "stands must not depend on the numbers",
        )


def _off(found: np.ndarray, draws: int, chance: float, sigmas: float) -> np.ndarray:
    """Which counts are further from their mean than chance allows."""
    return np.abs(found - draws * chance) > sigmas * np.sqrt(draws * chance * (1 - chance))


# influence_by_position

_LAYERS = {
    "weighted": "with a weight for each input, and tanh",
    "recurrent": "with a recurrent cell",
    "bare": "with an output of shape (B,)",
    "regularised": "with batch normalisation and dropout",
    "late": "with a model that looks at the last two steps only",
}


def _influence_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    batch, steps, inputs = (int(n) for n in rng.permutation(np.arange(3, 8))[:3])
    if prop == "values":
        return [
            _influence_case(rng, "weighted", batch, steps, inputs),
            _influence_case(rng, "recurrent", batch, steps + 3, inputs),
            _influence_case(rng, "bare", inputs, batch, steps),
        ]
    if prop == "edges":
        return [
            _influence_case(rng, "weighted", 1, steps, inputs, "one row"),
            _influence_case(rng, "recurrent", batch, 1, inputs, "one step"),
            _influence_case(rng, "weighted", batch, steps, 1, "one input a step"),
            _influence_case(rng, "late", batch, steps + 2, inputs),
            _influence_case(rng, "recurrent", batch, steps, inputs, "float64", np.float64),
        ]
    return [
        _influence_case(rng, "regularised", batch, steps, inputs),
        _influence_case(rng, "regularised", 1, inputs, batch),
    ]


# The shapes of the weights, without a model: a student's kernel has no time to build them twice.
def _influence_weights(kind: str, steps: int, inputs: int) -> list[tuple[int, ...]]:
    if kind == "weighted":
        return [(steps * inputs, 1), (1,)]
    recurrent = [(inputs, 4), (4, 4), (4,), (4, 1), (1,)]
    return [*[(inputs,)] * 4, *recurrent] if kind == "regularised" else recurrent


class InfluenceExercise(CaseExercise):
    """Influences that are compared, and named where they are those of something else."""

    def departure(self, case: Case, value: object, want: object) -> str | None:
        first = {name: part for name, part in want.items() if name != "again"}
        message = super().departure(case, value, first)
        if message is None:
            return super().departure(case, value, want)
        words = _other_influence(case, value, want["influence"])
        return f"{message}; {words}" if words else message


def _other_influence(case: Case, value: object, want: np.ndarray) -> str | None:
    """What a wrong influence may be instead, in words."""
    (asked,) = case.arguments
    found = _array(value.get("influence")) if isinstance(value, dict) else None
    if found is None or found.shape != want.shape:
        return None
    if not np.any(found) and np.any(want):
        return "0 everywhere: was x watched, and the model called inside the tape?"
    ways = {"this is the square of the norm: the root is missing": want**2}
    if len(want) > 1:
        words = "this is smaller by the number of rows: take no mean over the batch"
        ways[words] = want / len(want)
    if asked["kind"] == "weighted":
        # Here the gradient of a row is a multiple of the weights.
        by_step = np.abs(asked["weights"][0]).reshape(asked["x"].shape[1:])
        longer = np.sum(by_step, axis=1) / np.sqrt(np.sum(by_step**2, axis=1))
        ways["this is the sum of the absolute values, and not the Euclidean norm"] = want * longer
    for words, other in ways.items():
        if np.allclose(found, other, rtol=1e-3):
            return words
    return "does the model run in inference mode?" if asked["kind"] == "regularised" else None


def _influence_case(rng, kind, batch, steps, inputs, label="", dtype=np.float32) -> Case:
    shapes = _influence_weights(kind, steps, inputs)
    weights = [rng.normal(0, 0.7, shape).astype(np.float32) for shape in shapes]
    if kind == "regularised":
        weights[3] = rng.uniform(0.2, 0.6, inputs).astype(np.float32)  # a variance is positive
        weights[0] = rng.uniform(0.7, 1.5, inputs).astype(np.float32)
    if kind == "weighted":
        weights[0] = (weights[0] / np.sqrt(steps * inputs / 2)).astype(np.float32)
    words = _LAYERS[kind] + (f", {label}" if label else "")
    x = rng.normal(0, 0.8, (batch, steps, inputs)).astype(dtype)
    return Case(
        ({"kind": kind, "weights": weights, "x": x},),
        probe="influence",
        label=words,
        measure="array",
    )


# sample_text


def _sample_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    if prop == "steps":
        # In each state one token is all but certain, so that the right tokens are known.
        return [
            _sample_case(prop, rng, _certain(rng, 7, 5), 6, 12, 1.0),
            _sample_case(prop, rng, _certain(rng, 11, 4), 3, 20, 0.7, tensor=True),
            _sample_case(prop, rng, _certain(rng, 5, 6), 1, 9, 1.0, label="a prefix of one token"),
        ]
    if prop == "draws":
        return [
            *(
                _sample_case(prop, rng, _uneven(rng, 6), 2, 2500, t, label=f"temperature {t}")
                for t in (0.5, 1.0, 2.0)
            ),
            # With logits as small or as large as the temperature, so that chance decides.
            *(
                _sample_case(prop, rng, t * _uneven(rng, 12), 2, 2500, t, label=f"temperature {t}")
                for t in (0.05, 100.0)
            ),
            _sample_case(prop, rng, _uneven(rng, 5), 2, 60, 1.0, label="60 draws"),
        ]
    big = np.array([[-1000.0, 1000.0, 1000.0, -1000.0, 999.0]])
    return [
        _sample_case(prop, rng, _uneven(rng, 4), 3, 0, 1.0, label="n = 0"),
        _sample_case(prop, rng, _uneven(rng, 3), 2, 1, 0.5, times=2500, label="n = 1, 2500 times"),
        _sample_case(prop, rng, big, 2, 2500, 0.5, label="logits from -1000 to 1000"),
        _sample_case(
            prop, rng, big.astype(np.float32), 1, 2500, 2.0, tensor=True, label="a tensor"
        ),
    ]


def _certain(rng: np.random.Generator, states: int, tokens: int) -> np.ndarray:
    """Logits by state in which one token stands out by 60; no two neighbours have the same one."""
    best = (np.arange(states) * 2 + rng.integers(tokens)) % tokens
    return np.where(np.arange(tokens) == best[:, np.newaxis], 30.0, -30.0)


def _uneven(rng: np.random.Generator, tokens: int) -> np.ndarray:
    """One row of logits that spread over 2, shuffled."""
    return rng.permutation(np.linspace(-1.0, 1.0, tokens))[np.newaxis] + rng.uniform(-3, 3)


def _sample_case(
    prop, rng, table, start, n, temperature, *, times=1, tensor=False, label="several tokens"
) -> Case:
    return Case(
        (
            {
                "table": table,
                "prefix": [int(k) for k in rng.integers(0, table.shape[1], start)],
                "n": n,
                "times": times,
                "temperature": temperature,
                "seed": int(rng.integers(2**32)),
                "tensor": tensor,
            },
        ),
        probe="sampled_text",
        label=f"with {label}",
        seconds=20.0 if n * times > 1000 else 0.0,
        want={"property": prop},
    )


def _sample_complaints(prop: str, case: Case, value: dict) -> Complaints:
    (asked,) = case.arguments
    table, prefix, n = np.asarray(asked["table"], np.float64), asked["prefix"], asked["n"]
    n *= asked["times"]
    tokens, fed, given = value.get("tokens"), value.get("fed"), value.get("given")
    if not isinstance(tokens, list):
        yield Complaint("list", f"it returned {type(tokens).__name__}; expected a list of tokens")
        return
    if any(type(token) is not int for token in tokens):
        yield Complaint("whole", "what it returned holds something else than whole numbers")
        return
    if len(tokens) != n:
        with_prefix = (
            " (the prefix does not belong in it)" if tokens[: len(prefix)] == prefix else ""
        )
        yield Complaint(
            "prefix" if with_prefix and n else "count",
            f"it returned {len(tokens)} tokens; expected the {n} new ones{with_prefix}",
        )
        return
    if any(not 0 <= token < table.shape[1] for token in tokens):
        yield Complaint(
            "token",
            f"it drew the token {min(tokens)} or {max(tokens)}, of which there "
            f"are no logits; the tokens go from 0 to {table.shape[1] - 1}",
        )
        return
    if not value.get("prefix_kept"):
        yield Complaint(
            "prefix changed", "it changes its argument prefix in place; leave it as it was"
        )
    if prop == "steps":
        yield from _wrong_feeding(prefix, tokens, fed, given, len(table))
        yield from _wrong_path(table, prefix, tokens)
    if n > 1000:
        yield from _wrong_frequencies(table, asked["temperature"], tokens)
        yield from _draws_go_together(table, asked["temperature"], tokens)
    if prop == "draws" and n <= 100:
        if value.get("again") != tokens:
            yield Complaint(
                "seed",
                "two generators with the same seed drew different tokens; take every draw from rng",
            )
        if value.get("next") == tokens:
            yield Complaint("same", "a second call with the same generator drew the same tokens")


def _wrong_feeding(prefix, tokens, fed, given, states) -> Complaints:
    """Tokens or states that the step was not given in turn."""
    right = [*prefix, *tokens]
    for number, token in enumerate(fed):
        if number >= len(right):
            yield Complaint("too many", f"step was called {len(fed)} times for {len(right)} tokens")
            break
        if token != right[number]:
            place = "prefix" if number < len(prefix) else "new"
            yield Complaint(
                f"fed {place}",
                f"call {number + 1} of step was given the token {token}; expected {right[number]}, "
                + (
                    f"the token at place {number} of the prefix {prefix}"
                    if number < len(prefix)
                    else "the one that was drawn last"
                ),
            )
            break
    if len(fed) < len(right) - 1:
        yield Complaint(
            "too few", f"step was called {len(fed)} times; expected at least {len(right) - 1}"
        )
    state = 0
    for number, (token, seen) in enumerate(zip(fed, given, strict=True)):
        if seen != state:
            place = "prefix" if number < len(prefix) else "new"
            what = "the first state" if number == 0 else "the state that the call before returned"
            message = f"call {number + 1} of step was not given {what}"
            yield Complaint(f"state {place}", message)
            return
        state = (3 * state + token + 1) % states


def _wrong_path(table: np.ndarray, prefix: list, tokens: list) -> Complaints:
    """Tokens that are not those which the logits after each state all but dictate."""
    state = 0
    for token in prefix:
        state = (3 * state + token + 1) % len(table)
    for number, token in enumerate(tokens):
        best = int(np.argmax(table[state]))
        if token != best:
            yield Complaint(
                "path",
                f"new token {number} is {token}; after this prefix and the tokens before, the "
                f"logits leave only {best}",
            )
            return
        state = (3 * state + token + 1) % len(table)


def _wrong_frequencies(table: np.ndarray, temperature: float, tokens: list) -> Complaints:
    wanted = _softmax(table[0] / temperature)
    n = len(tokens)
    found = np.bincount(tokens, minlength=len(wanted))
    off = np.abs(found - n * wanted) > SIGMAS * np.sqrt(n * wanted * (1 - wanted)) + 1e-9 * n
    if not np.any(off):
        return
    worst = int(np.argmax(np.abs(found / n - wanted)))
    others = {
        "always the likeliest token": np.eye(len(wanted))[np.argmax(table[0])],
        "as if the temperature were multiplied": _softmax(table[0] * temperature),
        "as if the temperature were 1": _softmax(table[0]),
        "all alike": np.full(len(wanted), 1 / len(wanted)),
    }
    near = [name for name, p in others.items() if np.max(np.abs(found / n - p)) < 0.06]
    words = f" ({near[0]})" if near else ""
    kind = near[0] if near else "frequency"
    if np.count_nonzero(found) == 1 and kind != "always the likeliest token":
        kind = "one token"
    yield Complaint(
        kind,
        f"of {n} draws {found[worst] / n:.3f} are token {worst}; its probability is "
        f"{wanted[worst]:.3f}{words}",
    )


def _draws_go_together(table: np.ndarray, temperature: float, tokens: list) -> Complaints:
    """Tokens that depend on earlier ones, where the logits are the same after every token."""
    alike = np.sum(_softmax(table[0] / temperature) ** 2)
    drawn = np.asarray(tokens)
    for lag in range(1, len(drawn) // 2):
        same = np.mean(drawn[lag:] == drawn[:-lag])
        allowed = SIGMAS_PAIRS * np.sqrt(alike * (1 - alike) / (len(drawn) - lag))
        if abs(same - alike) > allowed + 1e-9:
            yield Complaint(
                "together",
                f"a token is the same as the one {lag} earlier in {same:.3f} of the draws; "
                f"expected {alike:.3f}, as each is drawn on its own",
            )
            return


def _softmax(scaled: np.ndarray) -> np.ndarray:
    p = np.exp(scaled - np.max(scaled))
    return p / np.sum(p)


# build_model and train

# Which fraction of the reviews of every length must be right, by property. Guessing gets one half.
ENOUGH = {"interface": 0.9, "learns": 0.9, "half": 0.8, "full": 0.95}
# So many reviews are asked of each length, so that luck is no question.
OF_EACH_LENGTH = 120
# Steps that a review is long, in which all words but the last few are exchanged.
_LATE = 12
_GROUP = 24
# The longest training that is waited for, in seconds.
TRAINING_S = 240.0
# How many reviews `train` gets.
REVIEWS = 4000
# How many models are built and trained at most, and on how many batches of 64 reviews. What can
# learn them at all does so in 100 to 500 batches, and not from every start.
ATTEMPTS, UPDATES = 4, 500


def _model_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    if prop == "learns":
        steps, vocabulary = 40, 40
        unseen, want = _unseen(rng, steps, vocabulary)
        settings = {"steps": steps, "vocabulary": vocabulary, "unseen": unseen}
        settings |= {"seed": int(rng.integers(2**30)), "attempts": ATTEMPTS, "updates": UPDATES}
        return [
            Case(
                (settings,),
                probe="built_model_learns",
                label=f"after training on reviews of up to {steps} words",
                seconds=TRAINING_S,
                want={"property": prop, **want},
            )
        ]
    cases = []
    for steps, vocabulary in ((30, 40), (16, 12), (48, len(reviews.WORDS))):
        x, y = _altered(rng, steps, vocabulary)
        settings = {"steps": steps, "vocabulary": vocabulary, "x": x}
        settings |= {"seed": int(rng.integers(2**31))}
        cases.append(
            Case(
                (settings,),
                probe="built_model",
                label=f"with steps = {steps} and vocabulary = {vocabulary}",
                seconds=10.0,
                want={"property": prop, "labels": y},
            )
        )
    return cases


def _altered(rng: np.random.Generator, steps: int, vocabulary: int) -> tuple[np.ndarray, ...]:
    """Long reviews, then the same with another past, another order, opening and last word.

    Returns x (5 * _GROUP, steps), and the labels y (_GROUP,) of the first ones.
    """
    most = reviews.filler_range(steps)[1]
    x, y = reviews.make(rng, _GROUP, steps, vocabulary, filler=most)
    other, _ = reviews.make(rng, _GROUP, steps, vocabulary, filler=most)
    begin = steps - most - reviews.OPENING
    past, shuffled, opening, last = x.copy(), x.copy(), x.copy(), x.copy()
    past[:, begin:-_LATE] = other[:, begin:-_LATE]
    past[:, begin + 1] = _opposite(x[:, begin + 1])
    shuffled[:, begin:] = rng.permuted(x[:, begin:], axis=1)
    opening[:, begin + 1] = _opposite(x[:, begin + 1])
    last[:, -1] = 8 + (x[:, -1] + 1) % (vocabulary - 8)
    return np.concatenate([x, past, shuffled, opening, last]), y


def _opposite(verdicts: np.ndarray) -> np.ndarray:
    """The verdict word of the other kind for each."""
    good, bad = reviews.WORDS.index(reviews.GOOD[0]), reviews.WORDS.index(reviews.BAD[0])
    return np.where(verdicts < bad, bad, good)


def _unseen(rng: np.random.Generator, steps: int, vocabulary: int) -> tuple[np.ndarray, dict]:
    """Reviews of five lengths, and their labels and numbers of filler words."""
    lengths = np.unique(np.linspace(*reviews.filler_range(steps), 5).astype(int))
    groups = [reviews.make(rng, OF_EACH_LENGTH, steps, vocabulary, filler=int(n)) for n in lengths]
    x, y = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    return x, {"labels": y, "filler": np.repeat(lengths, OF_EACH_LENGTH)}


def _model_complaints(prop: str, case: Case, value: dict) -> Complaints:
    if prop == "learns":
        yield from _wrong_verdicts(
            case,
            value,
            "a plain training loop could not teach it from several starts; if you set a bias, is "
            "it that of the forget gates alone?",
        )
        return
    if not value.get("is_model"):
        yield Complaint(
            "no model", f"it returned an object of type {value.get('type')}; expected a keras.Model"
        )
        return
    (asked,) = case.arguments
    rows = len(asked["x"])
    parts = {"outputs": rows, "alone": 1, "stretched": rows}
    arrays = {name: _array(value.get(name)) for name in parts}
    for name, count in parts.items():
        array = arrays[name]
        if array is None or array.shape != (count, 1):
            got = "something else" if array is None else f"shape {shape_text(array.shape)}"
            yield Complaint(
                "shape", f"for {count} reviews the model gives {got}; expected ({count}, 1)"
            )
            return
    outputs, alone, stretched = arrays.values()
    if not np.all(np.isfinite(outputs)):
        yield Complaint("finite", "the model's outputs are not all finite")
        return
    for values, words in ((outputs, ""), (stretched, " once its weights are larger")):
        seen = values[np.isfinite(values)]
        if seen.size and not (np.min(seen) > -1e-6 and np.max(seen) < 1 + 1e-6):
            yield Complaint(
                "range",
                f"the model's outputs go from {np.min(seen):.3g} to {np.max(seen):.3g}{words}; "
                "expected probabilities, from 0 to 1",
            )
            return
    if not value.get("second_is_model"):
        yield Complaint("no second", "it returned no keras.Model when it was called a second time")
    elif value.get("shared"):
        yield Complaint(
            "shared",
            "a second call gave the weights of the first model again; build a new one each time",
        )
    if not np.allclose(alone, outputs[:1], atol=1e-4):
        yield Complaint("alone", "a review gets another probability alone than in a batch")
    if value.get("trainable", 0) == 0:
        yield Complaint("frozen", "training could not move any weight of the model")
    labels = case.want["labels"]
    right = np.where(labels == 1, outputs[:_GROUP, 0], 1 - outputs[:_GROUP, 0])
    if np.mean(-np.log(np.clip(right, 1e-7, 1))) < 0.03:
        yield Complaint(
            "trained", "the model knows the verdicts before any training; build it only"
        )


def _model_traits(case: Case, value: dict) -> dict:
    """What the untrained model looks at, as far as it shows in its outputs."""
    outputs = _array(value.get("outputs"))
    if outputs is None or len(outputs) != 5 * _GROUP:
        return {}
    whole, past, shuffled, *_ = np.split(outputs.astype(np.float64), 5)
    return {
        "order": bool(np.max(np.abs(shuffled - whole)) > 3e-7),
        "past": bool(np.max(np.abs(past - whole)) > 3e-7),
    }


def _basic(value: dict) -> bool:
    """Whether the basic cell is the only recurrent layer."""
    layers = set(value.get("layers") or [])
    return any("SimpleRNN" in kind for kind in layers) and not layers & {"LSTM", "GRU"}


def _model_remark(case: Case, value: dict) -> str | None:
    if "probabilities" in value:
        if _basic(value):
            return (
                "The only memory in your model is a basic cell. It may do for reviews of up to 40 "
                "words; train is judged with up to 100"
            )
        return None
    outputs = _array(value.get("outputs"))
    if outputs is None or case.arguments[0]["steps"] < 30:
        return None
    whole, _, _, opening, last = np.split(outputs[:, 0].astype(np.float64), 5)
    if np.mean(np.abs(opening - whole)) < 10 * np.mean(np.abs(last - whole)):
        return None
    return (
        "Your model reads reviews backwards, so that the verdict comes last and hardly has to be "
        "remembered. This works here and is accepted; where a text arrives word by word, or the "
        "answer may stand anywhere, it would not help"
    )


def _train_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    if prop == "interface":
        x, want = _signed(*reviews.make(rng, 256, 20, 30, decoys=0.0))
        settings = {"steps": 20, "vocabulary": 30, "x": x, "y": want["labels"]}
        return [
            Case(
                ({**settings, "seed": int(rng.integers(2**30))},),
                probe="trained_by_place",
                label=_APART,
                seconds=60.0,
                want={"property": prop, **want},
            )
        ]
    x, y = reviews.make(rng, REVIEWS, 100, 40)
    unseen, want = _unseen(rng, 100, 40)
    joint = _training_case(rng, prop, x, y, unseen, want, "with your build_model")
    x, want = _signed(*reviews.make(rng, REVIEWS, 100, 40, decoys=0.0))
    unseen, unseen_want = _signed(*reviews.make(rng, 10 * OF_EACH_LENGTH, 100, 40, decoys=0.0))
    unseen_want["filler"] = unseen_want["filler"] // 20 * 20  # in groups large enough
    apart = _training_case(rng, prop, x, want["labels"], unseen, unseen_want, _APART)
    return [replace(joint, want={**joint.want, "apart": apart})]


_APART = "on a small model of the check's own"


def _training_case(rng, prop, x, y, unseen, want, label) -> Case:
    settings = {"steps": x.shape[1], "vocabulary": 40, "x": x, "y": y, "unseen": unseen}
    return Case(
        ({**settings, "seed": int(rng.integers(2**30))},),
        probe="trained_reviews",
        label=label,
        seconds=TRAINING_S,
        want={"property": prop, **want},
    )


def _signed(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, dict]:
    """Rows for ``model_by_place``: its word for the label in place of the verdict.

    Returns x, and the labels and numbers of filler words.
    """
    want = {"labels": y, "filler": np.count_nonzero(x, axis=1) - reviews.OPENING}
    place = reviews.opening_at(x)[:, np.newaxis]
    this, movie = reviews.WORDS.index("this"), reviews.WORDS.index("movie")
    x = np.where(np.isin(x, (this, movie)), reviews.WORDS.index("i"), x)
    np.put_along_axis(
        x, place, np.where(y == 1, this, movie)[:, np.newaxis].astype(x.dtype), axis=1
    )
    return x, want


def _train_complaints(prop: str, case: Case, value: dict) -> Complaints:
    if prop != "interface":
        if value.get("seconds", 0.0) > case.seconds:
            yield Complaint(
                "slow",
                f"training took {value['seconds']:.0f} s; expected at most {case.seconds:.0f} s",
            )
        yield from _wrong_verdicts(
            case,
            value,
            "either the model cannot keep the verdict so long, or it was not trained long enough, "
            "or in steps that are too large or too small",
        )
        return
    losses = value.get("losses")
    if losses is None:
        yield Complaint(
            "history",
            f"it returned an object of type {value.get('history')}; expected what model.fit "
            'returns, or a dict with a "loss"',
        )
    elif not losses or not np.all(np.isfinite(losses)):
        yield Complaint(
            "losses", f"the history has the losses {losses[:5]}; expected finite numbers"
        )
    if not value.get("moved"):
        yield Complaint(
            "moved", "the weights of the model that was passed are as before; train that one"
        )
        return
    yield from _wrong_verdicts(
        case,
        value,
        "was the model trained on reviews of all lengths, long enough, and by an optimizer such as "
        "Adam?",
    )


def _train_traits(case: Case, value: dict) -> dict:
    probabilities = _array(value.get("probabilities"))
    losses = value.get("losses") or [0.0]
    told = {"few": len(losses) < 3, "history": value.get("history") not in ("dict", "History")}
    if probabilities is None:
        return told
    strength = float(np.max(np.abs(probabilities - 0.5)))
    return {**told, "weak": strength < 0.03, "certain": strength > 0.49999}


def _wrong_verdicts(case: Case, value: dict, advice: str) -> Complaints:
    """Reviews of some length that are judged no better than by luck."""
    labels, filler = case.want["labels"], case.want["filler"]
    p = _array(value.get("probabilities"))
    if p is None or p.shape != (len(labels), 1):
        got = "something else" if p is None else f"shape {shape_text(p.shape)}"
        yield Complaint(
            "shape", f"for {len(labels)} reviews the model gives {got}; expected ({len(labels)}, 1)"
        )
        return
    if not np.all(np.isfinite(p)):
        yield Complaint("finite", "after training the model's outputs are not finite")
        return
    if np.min(p) < -1e-6 or np.max(p) > 1 + 1e-6:
        yield Complaint(
            "range",
            f"after training the model's outputs go from {np.min(p):.3g} to {np.max(p):.3g}; "
            "expected probabilities, from 0 to 1",
        )
        return
    right = np.where(p[:, 0] == 0.5, 0.5, (p[:, 0] > 0.5) == (labels == 1))
    shares = {int(n): float(np.mean(right[filler == n])) for n in np.unique(filler)}
    enough = ENOUGH[case.want["property"]]
    if min(shares.values()) >= enough:
        return
    shown = ", ".join(f"{share:.2f} at {n}" for n, share in shares.items())
    low = [n for n, share in shares.items() if share < enough]
    if max(shares.values()) < 0.7:
        kind, words = "nothing", "it has hardly learnt anything"
    elif max(shares.values()) < enough:
        kind, words = "nowhere", "it has learnt something, and is right often enough at no length"
    elif min(low) > max(set(shares) - set(low)):
        kind, words = "long", "short reviews are right and long ones are not"
    elif max(low) < min(set(shares) - set(low)):
        kind, words = "short", "long reviews are right and short ones are not"
    else:
        kind, words = "some", "some lengths are right and others are not"
    yield Complaint(
        kind,
        f"{words}: of the reviews these fractions are right, by words of filler: {shown}; expected "
        f"at least {enough} at every length ({advice})",
    )


EXERCISES = (
    JudgedExercise(
        name="adding_batch",
        properties=("form", "chance", "generator"),
        make=_adding_cases,
        judged=_adding_complaints,
        driven=True,
        recorded=False,
    ),
    InfluenceExercise(
        name="influence_by_position",
        properties=("values", "edges", "inference"),
        make=_influence_cases,
        driven=True,
        returns={"influence": ("B", "T"), "again": ("B", "T"), "weights_kept": None},
        hints={
            "influence": "the influence",
            "again": "the influence, asked a second time,",
            "weights_kept": "leaving the model's weights and averages as they were",
        },
    ),
    JudgedExercise(
        name="sample_text",
        properties=("steps", "draws", "edges"),
        make=_sample_cases,
        judged=_sample_complaints,
        driven=True,
        recorded=False,
    ),
    JudgedExercise(
        name="build_model",
        properties=("interface", "learns"),
        make=_model_cases,
        judged=_model_complaints,
        traits=_model_traits,
        remark=_model_remark,
        driven=True,
        recorded=False,
        costly=("learns",),
        substitute=model_by_place,
    ),
    JudgedExercise(
        name="train",
        properties=("interface", "half", "full"),
        builds_on=("build_model",),
        make=_train_cases,
        judged=_train_complaints,
        traits=_train_traits,
        driven=True,
        recorded=False,
        costly=("half", "full"),
        together=("half", "full"),
    ),
)
