"""Two small learners on arrays, for experiments whose subject is something else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


class Adam:
    """Adam (Kingma and Ba, 2015) on a dict of arrays.

    rate  learning rate
    """

    def __init__(self, rate: float):
        self.rate = rate
        self._steps = 0
        self._mean: dict[str, np.ndarray] = {}
        self._square: dict[str, np.ndarray] = {}

    def step(
        self, params: dict[str, np.ndarray], grads: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Return the parameters after one step; those given stay as they are."""
        self._steps += 1
        moved = {}
        for name, value in params.items():
            gradient = np.asarray(grads[name])
            self._mean[name] = 0.9 * self._mean.get(name, 0) + 0.1 * gradient
            self._square[name] = 0.999 * self._square.get(name, 0) + 0.001 * gradient**2
            mean = self._mean[name] / (1 - 0.9**self._steps)
            square = self._square[name] / (1 - 0.999**self._steps)
            moved[name] = value - self.rate * mean / (np.sqrt(square) + 1e-8)
        return moved


def ridge(
    inputs: np.ndarray, targets: np.ndarray, penalty: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Fit a linear model by least squares, with a penalty on the size of its weights.

    minimises sum (targets - a - z w)^2 + penalty |w|^2,  z the inputs minus their overall mean,
    over their overall standard deviation

    inputs (N, D), targets (N,)
    Returns the model, a function of inputs (M, D) to forecasts (M,).
    """
    mean, spread = inputs.mean(), inputs.std()
    z = (inputs - mean) / spread
    centre, middle = z.mean(axis=0), targets.mean()
    z = z - centre
    weights = np.linalg.solve(z.T @ z + penalty * np.eye(z.shape[1]), z.T @ (targets - middle))
    return lambda others: middle + ((others - mean) / spread - centre) @ weights
