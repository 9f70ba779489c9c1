"""The exercises of the lesson ``lstm_cell``: what their checks ask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from unrolled.calling import Outcome
from unrolled.checks import rules
from unrolled.checks.engine import Case, CaseExercise, FunctionExercise, Sizes


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
        Case((rng.normal(size=(1, 1)),), label="for two axes and one entry"),
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


_SINGLE = "with a single row, input and unit (B = D = H = 1)"
_STEEP = "with gradients of about 20 in size"


def _far(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """Cell states or gradients of about 20 in size: unlike h, they have no bounds."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(15, 25, shape)


def _kept_memory(rng: np.random.Generator) -> list[Case]:
    """Input gate shut and forget gate open: c must come through unchanged, however large."""
    usual, far = (draw_step(rng, {"B": 3, "D": 2, "H": 4}, 1.0) for _ in range(2))
    far["c"] = _far(rng, (3, 4))
    for drawn in (usual, far):
        drawn["b"] = np.repeat([-1e3, 1e3, 0.0, 0.0], 4)
    kept = "with the input gate shut and the forget gate open, so that c is kept"
    return [
        Case(tuple(usual.values()), label=kept),
        Case(tuple(far.values()), label=f"{kept}, and c of about 20 in size"),
        Case(tuple(draw_step(rng, dict.fromkeys("BDH", 1), 1.0).values()), label=_SINGLE),
    ]


def _long_memory(rng: np.random.Generator) -> list[Case]:
    """The same over many steps."""
    far = draw_forward(rng, {"B": 3, "T": 40, "D": 2, "H": 4}, 1.0)
    far |= {"c0": _far(rng, (3, 4)), "b": np.repeat([-1e3, 1e3, 0.0, 0.0], 4)}
    single = draw_forward(rng, dict.fromkeys("BTDH", 1), 1.0)
    return [
        Case(tuple(far.values()), label="with c0 of about 20 in size, kept over 40 steps"),
        Case(tuple(single.values()), label=_SINGLE.replace("B = D", "B = T = D")),
    ]


# Gradients: the states come from a forward pass, see ``forward`` of the exercises.


def _draw_step_backward(rng: np.random.Generator, sizes: dict, scale: float, lstm_step) -> dict:
    drawn = draw_step(rng, sizes, scale)
    _, c = lstm_step(**drawn)
    gradients = {name: rng.normal(size=c.shape) for name in ("dh", "dc")}
    before = {"h_prev": drawn.pop("h"), "c_prev": drawn.pop("c")}
    return {**gradients, **drawn, **before, "c": c}


def _one_gradient_only(rng: np.random.Generator, lstm_step) -> list[Case]:
    """Gradients that reach the step through one of its two results."""
    cases = []
    for absent, label in (
        ("dh", "with a gradient of c alone (dh = 0)"),
        ("dc", "with a gradient of h alone (dc = 0)"),
    ):
        drawn = _draw_step_backward(rng, {"B": 3, "D": 2, "H": 4}, 1.0, lstm_step)
        drawn[absent] = np.zeros_like(drawn[absent])
        cases.append(Case(tuple(drawn[n] for n in _STEP_BACKWARD), label=label, measure="array"))
    single = _draw_step_backward(rng, dict.fromkeys("BDH", 1), 1.0, lstm_step)
    steep = _draw_step_backward(rng, {"B": 3, "D": 2, "H": 4}, 1.0, lstm_step)
    steep |= {name: _far(rng, (3, 4)) for name in ("dh", "dc")}
    for drawn, label in ((single, _SINGLE), (steep, _STEEP)):
        cases.append(Case(tuple(drawn[n] for n in _STEP_BACKWARD), label=label, measure="array"))
    return cases


def _draw_backward(rng: np.random.Generator, sizes: dict, scale: float, lstm_forward) -> dict:
    drawn = draw_forward(rng, sizes, scale)
    hs, cs = lstm_forward(**drawn)
    return {"dhs": rng.normal(size=hs.shape), **drawn, "hs": hs, "cs": cs}


def _few_gradients(rng: np.random.Generator, lstm_forward) -> list[Case]:
    """Losses that look at one step, or at none."""
    cases = []
    for step, label in (
        (-1, "with a loss on the last step alone (dhs = 0 before it)"),
        (0, "with a loss on the first step alone (dhs = 0 after it)"),
        (None, "with no loss at all (dhs = 0)"),
    ):
        drawn = _draw_backward(rng, {"B": 3, "T": 6, "D": 2, "H": 4}, 1.0, lstm_forward)
        dhs = np.zeros_like(drawn["dhs"])
        if step is not None:
            dhs[:, step] = drawn["dhs"][:, step]
        drawn["dhs"] = dhs
        cases.append(Case(tuple(drawn[n] for n in _BACKWARD), label=label, measure="array"))
    single = _draw_backward(rng, dict.fromkeys("BTDH", 1), 1.0, lstm_forward)
    steep = _draw_backward(rng, {"B": 3, "T": 6, "D": 2, "H": 4}, 1.0, lstm_forward)
    steep["dhs"] = _far(rng, (3, 6, 4))
    for drawn, label in ((single, _SINGLE.replace("B = D", "B = T = D")), (steep, _STEEP)):
        cases.append(Case(tuple(drawn[n] for n in _BACKWARD), label=label, measure="array"))
    return cases


# The cell


def _cell_weights(rng: np.random.Generator, inputs: int, units: int) -> list:
    kernel = rng.normal(0, 1.0, (inputs + units, 4 * units)) / np.sqrt(inputs + units)
    return [kernel.astype(np.float32), rng.normal(0, 0.5, 4 * units).astype(np.float32)]


def _cell_states(rng: np.random.Generator, batch: int, units: int, is_tuple: bool) -> list:
    c = rng.normal(size=(batch, units)).astype(np.float32)
    h = rng.uniform(-0.9, 0.9, (batch, units)).astype(np.float32)
    return [c, h] if is_tuple else [np.concatenate([c, h], axis=1)]


def _cell_cases(prop: str, rng: np.random.Generator) -> list[Case]:
    batch, inputs, units = (int(n) for n in rng.permutation(np.arange(2, 7))[:3])
    bias = float(np.round(rng.uniform(-3, 3), 1))
    if prop == "interface":
        return [
            _interface_case(units, inputs, {}),
            _interface_case(units, inputs, {"state_is_tuple": False}),
            _interface_case(1, 3, {"forget_bias": 2.5, "state_is_tuple": True}),
        ]
    if prop == "step":
        return [
            _step_case(rng, batch, inputs, units, {}, "states of zeros"),
            _step_case(rng, batch, inputs, units, {}),
            _step_case(rng, 1, units, inputs, {"forget_bias": 0.0, "state_is_tuple": False}),
            _step_case(rng, 3, 4, 1, {"forget_bias": 2.5}),
            _step_case(rng, 2, 1, units, {"forget_bias": bias, "state_is_tuple": False}),
            _step_case(rng, batch, inputs, units, {}, "a kernel of zeros"),
            _step_case(rng, batch, inputs, units, {}, "the same columns in all four blocks"),
            _step_case(rng, 1, 1, 1, {"forget_bias": 2.5}),
            *(
                _step_case(rng, batch, inputs, units, options, "c of about 20 in size")
                for options in ({"forget_bias": 2.5}, {"forget_bias": 3.0, "state_is_tuple": False})
            ),
            *(
                _step_case(rng, batch, inputs, units, options, by_position=True)
                for options in ({"forget_bias": 2.5}, {"forget_bias": 2.5, "state_is_tuple": False})
            ),
        ]
    joined = {"forget_bias": bias, "state_is_tuple": False}
    return [
        _sequence_case(rng, batch, 9, inputs, units, {}),
        _sequence_case(rng, 2, 7, units, inputs, joined, graph=True),
        _sequence_case(rng, 3, 1, 1, 2, {"forget_bias": 2.5}, given=False),
    ]


def _options_text(options: dict) -> str:
    return ", ".join(f"{name} = {value}" for name, value in options.items()) or "the defaults"


def _interface_case(units: int, inputs: int, options: dict) -> Case:
    return Case(
        ({"num_units": units, "inputs": inputs, "options": options},),
        probe="lstm_cell_interface",
        label=f"with num_units = {units}, {inputs} inputs and {_options_text(options)}",
    )


def _step_case(
    rng,
    batch: int,
    inputs: int,
    units: int,
    options: dict,
    special: str = "",
    by_position: bool = False,
) -> Case:
    """One step. What is special takes one possible fault away, so that it tells which one it is,
    or makes c large."""
    is_tuple = options.get("state_is_tuple", True)
    kernel, bias = _cell_weights(rng, inputs, units)
    states = _cell_states(rng, batch, units, is_tuple)
    if special == "states of zeros":  # the forget gate has no effect
        states = [np.zeros_like(state) for state in states]
    elif special == "a kernel of zeros":  # nor the order of x and h
        kernel = np.zeros_like(kernel)
    elif special == "c of about 20 in size":
        states[0][:, :units] = _far(rng, (batch, units))
    elif special:  # nor the order of the blocks
        kernel, bias = np.tile(kernel[:, :units], 4), np.tile(bias[:units], 4)
    made = f"with {_options_text(options)}"
    if by_position:
        made = f"made as BasicLSTMCell({', '.join(map(str, (units, *options.values())))})"
    return Case(
        (
            {
                "options": options,
                "by_position": by_position,
                "weights": [kernel, bias],
                "x": rng.normal(size=(batch, inputs)).astype(np.float32),
                "states": states,
            },
        ),
        probe="lstm_cell_step",
        label=made
        + (f" and {special}" if special else f", so that states is {_states_text(is_tuple)}"),
    )


def _states_text(is_tuple: bool) -> str:
    return "[c, h]" if is_tuple else "[s], s = [c | h]"


def _sequence_case(
    rng, batch: int, steps: int, inputs: int, units: int, options: dict, graph=False, given=True
) -> Case:
    is_tuple = options.get("state_is_tuple", True)
    return Case(
        (
            {
                "options": options,
                "weights": _cell_weights(rng, inputs, units),
                "xs": rng.normal(size=(batch, steps, inputs)).astype(np.float32),
                "states": _cell_states(rng, batch, units, is_tuple) if given else [],
                "graph": graph,
            },
        ),
        probe="lstm_cell_sequence",
        label=f"in keras.layers.RNN with {_options_text(options)}"
        + ("" if given else " and no initial state")
        + (" under tf.function" if graph else ""),
    )


# The conversion


class _Conversion(FunctionExercise):
    """The number of inputs is an argument here, and no axis of one."""

    @property
    def letters(self) -> list[str]:
        return []

    def sizes(self, case: Case) -> Sizes:
        _, bias, _, inputs = case.arguments
        return {"D": inputs, "H": len(bias) // 4}


def _draw_conversion(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    d, h = (int(n) for n in rng.permutation(np.arange(2, 7))[:2])
    return _conversion(rng, d, h, float(np.round(rng.uniform(0.5, 3), 2)))


def _conversion(rng: np.random.Generator, d: int, h: int, forget_bias: float) -> dict:
    kernel, bias = rng.normal(size=(d + h, 4 * h)), rng.normal(size=4 * h)
    return {"kernel": kernel, "bias": bias, "forget_bias": forget_bias, "inputs": d}


def _conversion_extra(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, d, h, forget_bias in (
        ("with one input (D = 1)", 1, 4, 1.0),
        ("with one unit (H = 1)", 3, 1, 1.0),
        ("with one input and one unit (D = H = 1)", 1, 1, 1.0),
        ("with more inputs than units", 5, 2, 2.5),
        ("with fewer inputs than units", 2, 5, 0.5),
        ("with as many inputs as units", 3, 3, 1.5),
        ("with a forget bias of 0", 2, 3, 0.0),
        ("with a negative forget bias", 4, 2, -1.5),
    ):
        drawn = _conversion(rng, d, h, forget_bias)
        cases.append(Case(tuple(drawn.values()), label=label))
    floats = [v.astype(np.float32) for v in _cell_weights(rng, 3, 2)]
    return [*cases, Case((*floats, 1.0, 3), label="with weights in float32, as a layer has them")]


# Memory. An answer in float32 is right, so no power here is below what float32 holds.


def _draw_memory(rng: np.random.Generator, sizes: dict, scale: float) -> dict:
    return {"forget_bias": float(rng.uniform(-1, 3)), "steps": int(rng.integers(3, 30))}


def _memory_extra(rng: np.random.Generator) -> list[Case]:
    bias = float(rng.uniform(-2, 2))
    return [
        Case((forget_bias, steps), label=label, measure="relative", tolerance=tolerance)
        for label, forget_bias, steps, tolerance in (
            ("for no steps at all", bias, 0, 1e-5),
            ("for one step", bias, 1, 1e-5),
            ("for a forget bias of 0", 0.0, 12, 1e-5),
            ("for a negative forget bias", -3.0, 9, 1e-5),
            ("for 120 steps and a forget bias of 0", 0.0, 120, 1e-4),
            ("for 100 steps", float(rng.uniform(0.2, 1)), 100, 1e-4),
            ("for 100 steps and a wide open gate", float(rng.uniform(4, 6)), 100, 1e-4),
            ("for 1000 steps", float(rng.uniform(3, 7)), 1000, 1e-3),
        )
    ]


def _stretches_multiply(exercise: FunctionExercise, case: Case, whole: Outcome, rng):
    """What is kept over two stretches of time is the product of what each keeps."""
    forget_bias, steps = case.arguments
    first = steps // 3
    outcomes = yield [replace(case, arguments=(forget_bias, n)) for n in (first, steps - first)]
    kept = [exercise.results(outcome.value) for outcome in outcomes]
    if None not in kept:
        (whole,), (early,), (late,) = exercise.results(whole.value), *kept
        if early.shape == late.shape == () and abs(early * late - whole) <= 1e-3 * abs(whole):
            return None
    return (
        f"{exercise.name} over {steps} steps is not the product of what it gives for {first} and "
        f"for {steps - first} steps with the same bias"
    )


_WEIGHTS = {"Wx": ("D", "4H"), "Wh": ("H", "4H"), "b": ("4H",)}
_STEP_BACKWARD = {
    "dh": ("B", "H"),
    "dc": ("B", "H"),
    "x": ("B", "D"),
    "h_prev": ("B", "H"),
    "c_prev": ("B", "H"),
    "c": ("B", "H"),
    **_WEIGHTS,
}
_BACKWARD = {
    "dhs": ("B", "T", "H"),
    "xs": ("B", "T", "D"),
    "h0": ("B", "H"),
    "c0": ("B", "H"),
    "hs": ("B", "T", "H"),
    "cs": ("B", "T", "H"),
    **_WEIGHTS,
}

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
        extra=_long_memory,
    ),
    FunctionExercise(
        name="lstm_step_backward",
        builds_on=("sigmoid",),
        forward=("lstm_step",),
        arguments=_STEP_BACKWARD,
        returns={
            "dx": ("B", "D"),
            "dh_prev": ("B", "H"),
            "dc_prev": ("B", "H"),
            "dWx": ("D", "4H"),
            "dWh": ("H", "4H"),
            "db": ("4H",),
        },
        draw=_draw_step_backward,
        extra=_one_gradient_only,
        large=False,
        measure="array",
        moves=tuple(name for name in _STEP_BACKWARD if name != "c"),  # which may be recomputed
        rules=rules.FUNCTION,
    ),
    FunctionExercise(
        name="lstm_backward",
        builds_on=("lstm_step_backward",),
        forward=("lstm_forward",),
        arguments=_BACKWARD,
        returns={name: dims for name, dims in _BACKWARD.items() if name not in ("dhs", "hs", "cs")},
        as_dict=True,
        backward=True,
        draw=_draw_backward,
        extra=_few_gradients,
        large=False,
        measure="array",
        moves=tuple(name for name in _BACKWARD if name not in ("hs", "cs")),
        rules=rules.FUNCTION,
    ),
    CaseExercise(
        name="BasicLSTMCell",
        properties=("interface", "step", "sequence"),
        make=_cell_cases,
        driven=True,
        returns={
            "is_layer": None,
            "own_work": None,
            "state_size": None,
            "output_size": None,
            "weights": None,
            "first_bias": ("4H",),
            "output": ("B", "H"),
            "outputs": ("B", "T", "H"),
            "c": ("B", "H"),
            "h": ("B", "H"),
            "s": ("B", "2H"),
            "again": ("B", "H"),
            "gradients": None,
        },
        hints={
            "is_layer": "being a keras.layers.Layer",
            "own_work": "being your own work, not derived from one of Keras's RNN cells,",
            "weights": "the list of weight shapes (kernel, bias)",
            "first_bias": "the bias before training",
            "output": "the output of one step",
            "c": "the new state c, first of the list,",
            "h": "the new state h, second of the list,",
            "s": "the new state s = [c | h]",
            "again": "the output of the same step, asked a second time,",
            "outputs": "the sequence of outputs",
            "gradients": "the gradient of the mean square of the outputs",
        },
    ),
    _Conversion(
        name="to_keras_lstm",
        arguments={"kernel": ("N", "4H"), "bias": ("4H",), "forget_bias": (), "inputs": ()},
        returns={"kernel": ("D", "4H"), "recurrent_kernel": ("H", "4H"), "bias": ("4H",)},
        draw=_draw_conversion,
        extra=_conversion_extra,
        large=False,
        moves=("kernel", "bias", "forget_bias"),
        rules=rules.FUNCTION,
    ),
    FunctionExercise(
        name="memory_kept",
        builds_on=("sigmoid",),
        arguments={"forget_bias": (), "steps": ()},
        returns={"the part that is kept": ()},
        draw=_draw_memory,
        extra=_memory_extra,
        large=False,
        measure="relative",
        rules=(rules.same_again, _stretches_multiply),
    ),
)
