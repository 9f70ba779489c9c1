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


def _steep(drawn: dict, name: str) -> dict:
    """Arguments with inputs of 1000 in size whose signs add up in the first unit's sum.

    Beyond 710 the exponential function overflows, which a random sum may not reach.
    """
    signs = np.sign(drawn["Wx"][:, 0])
    x = drawn[name]
    x[0], x[-1] = 1e3 * signs, -1e3 * signs
    return drawn


def _unusual_steps(rng: np.random.Generator) -> list[Case]:
    """Values that a step meets rarely: zeros, large states, sums far beyond a thousand."""

    def drawn(**changed) -> dict:
        return draw_step(rng, {"B": 3, "D": 6, "H": 4}, 1.0) | changed

    kinds = {
        "with a state of zeros": drawn(h=np.zeros((3, 4))),
        "with inputs of zeros": drawn(x=np.zeros((3, 6))),
        "with states up to 3 in size": drawn(h=rng.uniform(1.5, 3, (3, 4)) * _signs(rng, 3, 4)),
        "with inputs of 1000 whose signs agree with the weights": _steep(drawn(), "x"),
    }
    return [Case(tuple(d[name] for name in _STEP), label=label) for label, d in kinds.items()]


def _unusual_sequences(rng: np.random.Generator) -> list[Case]:
    """The same for a sequence."""

    def drawn(**changed) -> dict:
        return draw_forward(rng, {"B": 3, "T": 9, "D": 6, "H": 4}, 1.0) | changed

    silent = drawn(h0=np.zeros((3, 4)))
    silent["xs"][:, 2:6] = 0.0
    kinds = {
        "with a first state of zeros and a few inputs of zeros": silent,
        "with a first state up to 3 in size": drawn(
            h0=rng.uniform(1.5, 3, (3, 4)) * _signs(rng, 3, 4)
        ),
        "with inputs of 1000 whose signs agree with the weights": _steep(drawn(), "xs"),
    }
    return [Case(tuple(d[name] for name in _FORWARD), label=label) for label, d in kinds.items()]


def _signs(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.choice([-1.0, 1.0], shape)


_WEIGHTS = {"Wx": ("D", "H"), "Wh": ("H", "H"), "b": ("H",)}
_STEP = {"x": ("B", "D"), "h": ("B", "H"), **_WEIGHTS}
_FORWARD = {"xs": ("B", "T", "D"), "h0": ("B", "H"), **_WEIGHTS}


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
        return [
            _step_case(rng, b, d, h, "tanh", False),
            _step_case(rng, b, d, h, "relu", True),
            _step_case(rng, 1, d, 1, "sigmoid", True),
        ]
    return [
        _sequence_case(rng, b, 9, d, h, graph=False),
        _sequence_case(rng, 2, 1, h, d, graph=True),
        _sequence_case(rng, b, 7, d, h, graph=True, start=False),
    ]


def _floats(drawn: dict) -> dict:
    return {k: v.astype(np.float32) for k, v in drawn.items()}


def _step_case(rng, b, d, h, activation, bare_state) -> Case:
    # ReLU shows what bounds the sum or the state, because it has no bound of its own.
    drawn = _floats(draw_step(rng, {"B": b, "D": d, "H": h}, 20.0 if activation == "relu" else 1.0))
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


def _sequence_case(rng, b, t, d, h, graph, start=True) -> Case:
    drawn = _floats(draw_forward(rng, {"B": b, "T": t, "D": d, "H": h}, 1.0))
    drawn["xs"][:, 2:4] = 0.0  # an input of zeros is an input, and no end of the sequence
    return Case(
        (
            {
                "weights": [drawn["Wx"], drawn["Wh"], drawn["b"]],
                "xs": drawn["xs"],
                "h0": drawn["h0"],
                "graph": graph,
                "start": start,
            },
        ),
        probe="rnn_cell_sequence",
        label="in keras.layers.RNN"
        + (" under tf.function, its batch and steps not known" if graph else "")
        + ("" if start else ", which makes the first state itself"),
    )


EXERCISES = (
    FunctionExercise(
        name="rnn_step",
        arguments=_STEP,
        returns={"h'": ("B", "H")},
        draw=draw_step,
        extra=_unusual_steps,
        rules=rules.FUNCTION,
    ),
    FunctionExercise(
        name="rnn_forward",
        builds_on=("rnn_step",),
        arguments=_FORWARD,
        returns={"hs": ("B", "T", "H")},
        draw=draw_forward,
        extra=_unusual_sequences,
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
            "weights_of_its_own": None,
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
            "weights_of_its_own": "having weights of its own, apart from those of another cell,",
            "output": "the output of one step",
            "state": "the new state of one step",
            "again": "the output of the same step, asked a second time,",
            "outputs": "the sequence of outputs",
            "final_state": "the final state",
            "gradients": "the gradient of the mean square of the outputs",
        },
    ),
)
