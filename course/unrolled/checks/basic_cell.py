"""The exercises of the lesson ``basic_cell``: what their checks ask."""

from __future__ import annotations

import numpy as np

from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise


def _recurrence(rng: np.random.Generator, sizes: dict) -> dict:
    """Weights that keep pre-activations of order one, so that tanh is not flat."""
    d, h = sizes["D"], sizes["H"]
    return {
        "Wx": rng.normal(0, 0.8, (d, h)) / np.sqrt(d),
        "Wh": rng.normal(0, 0.8, (h, h)) / np.sqrt(h),
        "b": rng.normal(0, 0.5, h),
    }


def draw_step(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``rnn_step``; scale multiplies the inputs x only."""
    b, d, h = (sizes[k] for k in "BDH")
    return {
        "x": scale * rng.normal(size=(b, d)),
        "h": rng.uniform(-0.9, 0.9, (b, h)),
        **_recurrence(rng, sizes),
    }


def draw_forward(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    """Arguments of ``rnn_forward``."""
    b, t, d, h = (sizes[k] for k in "BTDH")
    return {
        "xs": scale * rng.normal(size=(b, t, d)),
        "h0": rng.uniform(-0.9, 0.9, (b, h)),
        **_recurrence(rng, sizes),
    }


_WEIGHTS = {"Wx": ("D", "H"), "Wh": ("H", "H"), "b": ("H",)}


def _cell_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    sizes = rng.permutation(np.arange(2, 7))
    b, d, h = (int(n) for n in sizes[:3])
    if prop == "interface":
        return [
            Case(
                ({"num_units": n, "inputs": m},),
                probe="rnn_cell_interface",
                label=f"with num_units = {n} and {m} inputs",
            )
            for n, m in ((h, d), (1, 3))
        ]
    if prop == "step":
        return [_step_case(rng, b, d, h, "tanh", False), _step_case(rng, 1, d, 1, "relu", True)]
    return [_sequence_case(rng, b, 9, d, h, graph=False), _sequence_case(rng, 2, 1, h, d, True)]


def _floats(drawn: dict) -> dict:
    return {k: v.astype(np.float32) for k, v in drawn.items()}


def _step_case(rng, b, d, h, activation, bare_state) -> Case:
    drawn = _floats(draw_step(rng, {"B": b, "D": d, "H": h}, 1.0))
    words = "a bare tensor" if bare_state else "a list"
    return Case(
        (
            {
                "activation": activation,
                "weights": [drawn["Wx"], drawn["Wh"], drawn["b"]],
                "x": drawn["x"],
                "h": drawn["h"],
                "bare_state": bare_state,
            },
        ),
        probe="rnn_cell_step",
        label=f"with activation {activation!r} and the state as {words}",
    )


def _sequence_case(rng, b, t, d, h, graph) -> Case:
    drawn = _floats(draw_forward(rng, {"B": b, "T": t, "D": d, "H": h}, 1.0))
    return Case(
        (
            {
                "weights": [drawn["Wx"], drawn["Wh"], drawn["b"]],
                "xs": drawn["xs"],
                "h0": drawn["h0"],
                "graph": graph,
            },
        ),
        probe="rnn_cell_sequence",
        label="in keras.layers.RNN" + (" under tf.function" if graph else ""),
    )


EXERCISES = (
    FunctionExercise(
        name="rnn_step",
        arguments={"x": ("B", "D"), "h": ("B", "H"), **_WEIGHTS},
        returns={"h'": ("B", "H")},
        draw=draw_step,
        rules=rules.FUNCTION,
    ),
    FunctionExercise(
        name="rnn_forward",
        builds_on=("rnn_step",),
        arguments={"xs": ("B", "T", "D"), "h0": ("B", "H"), **_WEIGHTS},
        returns={"hs": ("B", "T", "H")},
        draw=draw_forward,
        rules=rules.FUNCTION,
        carry={"h0": "hs"},
    ),
    CaseExercise(
        name="BasicRNNCell",
        properties=("interface", "step", "sequence"),
        make=_cell_cases,
        driven=True,
        returns={
            "is_layer": None,
            "own_work": None,
            "state_size": None,
            "output_size": None,
            "weights": None,
            "output": ("B", "H"),
            "state": ("B", "H"),
            "again": ("B", "H"),
            "outputs": ("B", "T", "H"),
            "final_state": ("B", "H"),
            "gradients": None,
        },
        hints={
            "is_layer": "being a keras.layers.Layer",
            "own_work": "being your own work, not derived from one of Keras's RNN cells,",
            "weights": "the list of weight shapes (kernel, recurrent_kernel, bias)",
            "output": "the output of one step",
            "state": "the new state of one step",
            "again": "the output of the same step, asked a second time,",
            "outputs": "the sequence of outputs",
            "final_state": "the final state",
            "gradients": "the gradient of the mean square of the outputs",
        },
    ),
)
