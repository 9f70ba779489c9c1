"""Probes of the lesson ``through_time``."""

from __future__ import annotations

import random

import numpy as np


def recurrent_matrices(
    recurrent_matrix, *, units: int, kind: str, gain: float, runs: list, calls: int
) -> dict:
    """Draw matrices of H = units from generators that are made here.

    runs    pairs (seed of a new generator, seed of Python's and NumPy's global random numbers,
            which are put back afterwards)
    calls   how many matrices to draw one after another in each run
    Returns ``matrices``, for each run a list of what the calls returned.
    """
    kept = random.getstate(), np.random.get_state()
    matrices = []
    try:
        for seed, elsewhere in runs:
            random.seed(elsewhere)
            np.random.seed(elsewhere)
            rng = np.random.default_rng(seed)
            matrices.append([recurrent_matrix(units, kind, gain, rng) for _ in range(calls)])
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])
    return {"matrices": matrices}
