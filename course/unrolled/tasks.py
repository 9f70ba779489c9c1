"""The signals and tasks of the lessons: made, the same for the same seed, or read from ``data``.

Nothing is downloaded. Where the files in ``data`` are from stands beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np


def pulse(steps: int, at: int, height: float = 1.0) -> np.ndarray:
    """Make one sequence that is zero but for one step.

    Returns xs (1, steps, 1) with xs[0, at, 0] = height.
    """
    xs = np.zeros((1, steps, 1))
    xs[0, at, 0] = height
    return xs


def wave(
    rng: np.random.Generator,
    steps: int,
    periods: Sequence[float] = (24.3, 8.7),
    amplitudes: Sequence[float] = (1.0, 0.5),
    noise: float = 0.1,
) -> np.ndarray:
    """Make a series that is a sum of sines, each from a random phase, and white noise.

    series_t = sum_k amplitudes_k sin(2 pi (t / periods_k + phase_k)) + noise * normal

    periods     in steps; with the defaults no step repeats the series exactly
    amplitudes  one for each period
    noise       standard deviation: no forecast can have a smaller error than this
    Returns (steps,).
    """
    t = np.arange(steps)
    series = rng.normal(0, noise, steps)
    for period, amplitude in zip(periods, amplitudes, strict=True):
        series += amplitude * np.sin(2 * np.pi * (t / period + rng.uniform()))
    return series


def forecast_windows(
    series: np.ndarray, steps: int, every: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows, with the value that follows each step as its target.

    series  (N,) with N > steps
    every   distance between the starts of two windows, in steps
    Returns xs (B, steps, 1) and ys (B, steps, 1) in float32, where ys[:, t] is the series one step
    after xs[:, t]. Many-to-many forecasting learns all of ys, many-to-one only ys[:, -1].
    Raises ValueError where the series is too short for one window.
    """
    if len(series) <= steps:
        raise ValueError(f"series has {len(series)} values; expected more than {steps}")
    windows = np.lib.stride_tricks.sliding_window_view(series, steps + 1)[::every]
    windows = windows[..., np.newaxis].astype(np.float32)
    return windows[:, :-1], windows[:, 1:]


def flagged_bits(
    rng: np.random.Generator, count: int, steps: int, every: int, noise: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Make sequences in which a flag says when a bit is to be remembered, and noise follows.

    Channel 0 holds a fresh random bit, -1 or 1, at steps 0, every, 2 * every, ... and
    normal noise of standard deviation ``noise`` at all others. Channel 1, the flag, is 1 where
    a bit stands and 0 elsewhere.

    Returns xs (count, steps, 2) and bits (count, steps), the latest bit at each step.
    """
    xs = np.zeros((count, steps, 2))
    xs[:, :, 0] = rng.normal(0, noise, (count, steps))
    fresh = rng.choice([-1.0, 1.0], (count, -(-steps // every)))
    xs[:, ::every, 0] = fresh
    xs[:, ::every, 1] = 1.0
    return xs, np.repeat(fresh, every, axis=1)[:, :steps]


def flags_and_alarms(
    rng: np.random.Generator, count: int, steps: int, patience: int
) -> tuple[np.ndarray, np.ndarray]:
    """Make sequences of flags, and the alarms of a watchdog that runs out of patience.

    A flag stands at step 0 and, at random, at one other step of ``patience``. An alarm belongs to
    each step that comes ``patience`` steps after the latest flag or alarm.

    Returns xs (count, steps, 1), 1 where a flag stands, and alarms (count, steps), 1 where an
    alarm belongs; both are 0 elsewhere.
    """
    flags = rng.random((count, steps)) < 1 / patience
    flags[:, 0] = True
    alarms = np.zeros((count, steps))
    waited = np.zeros(count, dtype=int)
    for t in range(steps):
        waited = np.where(flags[:, t] | (waited == patience), 0, waited) + (1 - flags[:, t])
        alarms[:, t] = waited == patience
    return flags[:, :, np.newaxis].astype(float), alarms


def marked_numbers(
    rng: np.random.Generator, count: int, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of random numbers, of which two in each row are marked.

    Returns numbers (count, steps), uniform on [0, 1), and marks (count, steps), 1 at two different
    steps of each row, any pair as likely as any other, and 0 elsewhere; both float32.
    Raises ValueError where a row has no room for two marks.
    """
    if steps < 2:
        raise ValueError(f"steps is {steps}; expected at least 2")
    marks = np.zeros((count, steps), dtype=np.float32)
    marks[:, :2] = 1.0
    numbers = rng.random((count, steps), dtype=np.float32)
    return numbers, rng.permuted(marks, axis=1)


def daily_series() -> tuple[np.ndarray, np.ndarray]:
    """Read the births in the United States on each day of the years 2000 to 2014.

    Returns dates (N,), one day apart, and births (N,), integers.
    """
    table = (resources.files("unrolled") / "data" / "births.csv").read_text(encoding="ascii")
    days = [line.split(",") for line in table.splitlines()[1:]]
    dates = np.array([day for day, _ in days], dtype="datetime64[D]")
    return dates, np.array([int(count) for _, count in days])


def text() -> str:
    """Read *Alice's Adventures in Wonderland*: 148,480 characters, all of them ASCII."""
    return (resources.files("unrolled") / "data" / "alice.txt").read_text(encoding="ascii")


def echo_bits(
    rng: np.random.Generator, count: int, steps: int, lag: int
) -> tuple[np.ndarray, np.ndarray]:
    """Make random bits, -1 or 1, and as target of each step the bit of some steps before.

    Returns xs and ys, each (count, steps, 1), with ys[:, t] = xs[:, t - lag]. The first targets are
    bits that came before the sequence, which nobody can know.
    """
    bits = rng.choice([-1.0, 1.0], (count, steps + lag, 1))
    return bits[:, lag:], bits[:, :steps]


def brief_event(
    rng: np.random.Generator, count: int, days: int, places: tuple[int | None, ...], height: float
) -> tuple[np.ndarray, np.ndarray]:
    """Make series of noise in which one day stands out, and say in which of two places.

    places  days before the end, each equally likely; None for a series without such a day
    height  what is added on that day, in standard deviations of the noise
    Returns series (count, days) and labels (count,): the index of the place in ``places``.
    """
    series = rng.normal(size=(count, days))
    labels = rng.integers(0, len(places), count)
    for label, place in enumerate(places):
        if place is not None:
            series[labels == label, days - place] += height
    return series, labels


class Digits(NamedTuple):
    """Images of handwritten digits as sequences of pixels: train_x (N, 64, 1), train_y (N,), ..."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def digit_sequences(rng: np.random.Generator, train: int = 1400) -> Digits:
    """Read scikit-learn's 1,797 images of 8 by 8 pixels, row by row, one pixel a step.

    rng    shuffles the images
    train  how many of them to train on; the others are for testing
    Returns pixels in float32 from 0 (black) to 1 (white), and the digits that they show.
    """
    # Imported when asked: no other lesson needs it, and it takes a second.
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    order = rng.permutation(len(digits))
    x = (pixels[order, :, np.newaxis] / 16).astype(np.float32)
    y = digits[order]
    return Digits(x[:train], y[:train], x[train:], y[train:])
