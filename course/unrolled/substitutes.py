"""Substitutes for a student's earlier answers.

A later answer calls earlier ones and should not pay for what is wrong with them. So grading also
asks it with those replaced by *substitutes*: functions with the same arguments and axes that
compute something else altogether. An ``rnn_forward`` that is right is right on any step, and one
that is wrong is wrong on any. A substitute is the same on both sides of the process boundary, is no
secret, and says nothing of the function in whose place it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import numpy as np

from unrolled.checks import EXERCISES
from unrolled.checks.engine import FunctionExercise, axis_size


@contextmanager
def substituted(namespace: dict, seeds: Mapping[str, int]) -> Iterator[None]:
    """Replace functions of a namespace for a while, by exercise name and the substitute's seed."""
    kept = {name: namespace[name] for name in seeds if name in namespace}
    namespace.update({name: substitute(name, seed) for name, seed in seeds.items()})
    try:
        yield
    finally:
        for name in seeds:
            namespace.pop(name, None)
        namespace.update(kept)


def substitute(name: str, seed: int) -> Callable:
    """A smooth function of all arguments of an exercise, with its axes.

    It keeps the rules of a step: each row of a batch stands alone, every argument counts, none is
    changed. Results by row have entries in (-1, 1), others are the sum of what the rows give. An
    exercise of one array whose result has the same axes gets a function of each entry, in (0, 1).
    An exercise that brings a substitute of its own gets that one.
    """
    exercise = EXERCISES[name]
    if own := getattr(exercise, "substitute", None):
        return own

    def function(*positional: object, **named: object) -> object:
        given = dict(zip(exercise.arguments, positional, strict=False)) | named
        if len(positional) + len(named) != len(given) or given.keys() != exercise.arguments.keys():
            raise TypeError(f"{name} takes the arguments {', '.join(exercise.arguments)}")
        arrays = {n: np.asarray(given[n], dtype=np.float64) for n in exercise.arguments}
        results = [
            _result(exercise, arrays, axes, seed, number)
            for number, axes in enumerate(exercise.returns.values())
        ]
        return results[0] if len(results) == 1 else tuple(results)

    return function


def _result(
    exercise: FunctionExercise,
    arrays: dict[str, np.ndarray],
    axes: tuple[str, ...],
    seed: int,
    number: int,
) -> np.ndarray:
    if list(exercise.arguments.values()) == [axes]:
        (array,) = arrays.values()
        slope, shift = _matrix((seed, number, 0), 2, 1)[:, 0]
        return 0.5 + 0.5 * _squashed(array * (1 + slope**2) + shift)
    sizes = {}
    for array, dims in zip(arrays.values(), exercise.arguments.values(), strict=True):
        # From the last axis on: an answer may go through a batch row by row.
        sizes |= dict(zip(reversed(dims), reversed(array.shape), strict=False))
    if axes[:1] == ("B",):
        return _mixed(exercise, arrays, axis_size(axes[-1], sizes), (seed, number))
    # A result that is not by row, such as a gradient of weights: what the rows give, added up.
    factors = [
        np.atleast_2d(_mixed(exercise, arrays, axis_size(axis, sizes), (seed, number, place)))
        for place, axis in enumerate(axes)
    ]
    return np.einsum("bi->i" if len(axes) == 1 else "bi,bj->ij", *factors)


def _mixed(
    exercise: FunctionExercise, arrays: dict[str, np.ndarray], width: int, key: tuple[int, ...]
) -> np.ndarray:
    """A mixture of all arguments by rows, (B, width), or (width,) for a single row."""
    total = np.zeros(())
    for position, (argument, dims) in enumerate(exercise.arguments.items()):
        array = arrays[argument]
        if dims[0] != "B":  # weights count as one row
            array = array.mean(axis=tuple(range(array.ndim - 1)))
        total = total + array @ _matrix((*key, position), array.shape[-1], width)
    return _squashed(total)


def _squashed(array: np.ndarray) -> np.ndarray:
    return array / (1 + np.abs(array))


@cache
def _matrix(key: tuple[int, ...], rows: int, columns: int) -> np.ndarray:
    rng = np.random.default_rng([*key, rows, columns])
    return rng.standard_normal((rows, columns)) / np.sqrt(rows)
