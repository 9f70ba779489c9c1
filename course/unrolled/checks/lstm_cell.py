"""The exercises of the lesson ``lstm_cell``: what their checks ask."""

from __future__ import annotations

import numpy as np

from unrolled.checks import rules
from unrolled.checks.engine import Case, FunctionExercise


def _draw_sigmoid(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    return {"x": scale * rng.normal(0, 2, (sizes["B"], sizes["N"]))}


def _sigmoid_extra(rng: np.random.Generator) -> list[Case]:
    """A float, other numbers of axes, and inputs whose exponential overflows."""
    far = np.array([-1e4, -800.0, 0.0, 800.0, 1e4])
    return [
        Case((float(rng.normal()),), label="for a single float"),
        Case((rng.normal(size=()),), label="for an array without axes"),
        Case((rng.normal(size=5),), label="for a vector"),
        Case((rng.normal(size=(2, 3, 4)),), label="for three axes"),
        Case((far,), label="for inputs to 10000 in size", quiet=True),
        Case((-1e4,), label="for the float -10000", quiet=True),
    ]


def _gates(rng: np.random.Generator, sizes: dict) -> dict:
    d, h = sizes["D"], sizes["H"]
    return {
        "Wx": rng.normal(0, 1.0, (d, 4 * h)) / np.sqrt(d),
        "Wh": rng.normal(0, 1.0, (h, 4 * h)) / np.sqrt(h),
        "b": rng.normal(0, 0.5, 4 * h),
    }


def draw_step(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``lstm_step``; scale multiplies the inputs x only."""
    b, d, h = (sizes[k] for k in "BDH")
    return {
        "x": scale * rng.normal(size=(b, d)),
        "h": rng.uniform(-0.9, 0.9, (b, h)),
        "c": rng.normal(size=(b, h)),
        **_gates(rng, sizes),
    }


def draw_forward(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``lstm_forward``."""
    b, t, d, h = (sizes[k] for k in "BTDH")
    return {
        "xs": scale * rng.normal(size=(b, t, d)),
        "h0": rng.uniform(-0.9, 0.9, (b, h)),
        "c0": rng.normal(size=(b, h)),
        **_gates(rng, sizes),
    }


def _kept_memory(rng: np.random.Generator) -> list[Case]:
    """Input gate shut and forget gate open: c must come through unchanged."""
    drawn = draw_step(rng, {"B": 3, "D": 2, "H": 4}, 1.0)
    drawn["b"] = np.repeat([-1e3, 1e3, 0.0, 0.0], 4)
    return [
        Case(
            tuple(drawn[n] for n in ("x", "h", "c", "Wx", "Wh", "b")),
            label="with the input gate shut and the forget gate open, so that c is kept",
        )
    ]


_WEIGHTS = {"Wx": ("D", "4H"), "Wh": ("H", "4H"), "b": ("4H",)}

EXERCISES = (
    FunctionExercise(
        name="sigmoid",
        arguments={"x": ("B", "N")},
        returns={"sigmoid(x)": ("B", "N")},
        draw=_draw_sigmoid,
        rules=rules.FUNCTION,
        extra=_sigmoid_extra,
    ),
    FunctionExercise(
        name="lstm_step",
        builds_on=("sigmoid",),
        arguments={"x": ("B", "D"), "h": ("B", "H"), "c": ("B", "H"), **_WEIGHTS},
        returns={"h'": ("B", "H"), "c'": ("B", "H")},
        draw=draw_step,
        rules=rules.FUNCTION,
        extra=_kept_memory,
    ),
    FunctionExercise(
        name="lstm_forward",
        builds_on=("lstm_step",),
        arguments={"xs": ("B", "T", "D"), "h0": ("B", "H"), "c0": ("B", "H"), **_WEIGHTS},
        returns={"hs": ("B", "T", "H"), "cs": ("B", "T", "H")},
        draw=draw_forward,
        rules=rules.FUNCTION,
        carry={"h0": "hs", "c0": "cs"},
    ),
)
