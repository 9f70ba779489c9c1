"""Time one training step of the NumPy LSTM beside that of Keras, on the CPU.

    python bench/lstm_step.py [--batch 64] [--steps 100] [--inputs 64] [--units 64] [--rounds 9]

A training step is a forward pass over all steps and the gradients of the weights, of the inputs
and of both first states, for the loss that is half the sum of the squares of all outputs. Ours is
``lstm_forward`` and ``lstm_backward`` of solutions/lstm_cell.py, in float64 and in float32; Keras's
is ``keras.layers.LSTM`` in float32 with a ``GradientTape``, run eagerly and compiled by
``tf.function``. All have the same weights and inputs, and how far the gradients are apart is
printed too. The programs take turns in one process, so that whatever else the machine does hits
them alike. It can hit NumPy harder: on a busy machine the threads of a small matrix product wait
for each other, and OPENBLAS_NUM_THREADS=1 in the environment is faster.
"""

import argparse
import os
import statistics
import time

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from solutions.lstm_cell import lstm_backward, lstm_forward

NAMES = ("xs", "h0", "c0", "Wx", "Wh", "b")


def drawn(batch: int, steps: int, inputs: int, units: int) -> dict[str, np.ndarray]:
    """Arguments of ``lstm_forward`` in float64, with weights as a layer starts them."""
    rng = np.random.default_rng(0)
    return {
        "xs": rng.normal(size=(batch, steps, inputs)),
        "h0": rng.uniform(-0.5, 0.5, (batch, units)),
        "c0": rng.normal(size=(batch, units)),
        "Wx": rng.normal(size=(inputs, 4 * units)) / np.sqrt(inputs),
        "Wh": rng.normal(size=(units, 4 * units)) / np.sqrt(units),
        "b": np.repeat([0.0, 1.0, 0.0, 0.0], units),
    }


def in_numpy(given: dict[str, np.ndarray], dtype: str):
    """A training step of ours, as a function without arguments that returns the gradients."""
    arrays = {name: array.astype(dtype) for name, array in given.items()}

    def step():
        hs, cs = lstm_forward(**arrays)
        states = {"dhs": hs.astype(dtype), "hs": hs.astype(dtype), "cs": cs.astype(dtype)}
        return lstm_backward(**arrays, **states)

    return step


def in_keras(given: dict[str, np.ndarray], compiled: bool):
    """The same with Keras's layer."""
    xs, h0, c0, *weights = (tf.constant(given[name].astype("float32")) for name in NAMES)
    layer = keras.layers.LSTM(h0.shape[1], return_sequences=True)
    layer.build(xs.shape)
    layer.set_weights(weights)
    watched = [xs, h0, c0]

    def step():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = layer(xs, initial_state=[h0, c0])
            loss = tf.reduce_sum(outputs**2) / 2
        return tape.gradient(loss, watched + layer.trainable_variables)

    step = tf.function(step) if compiled else step
    return lambda: dict(zip(NAMES, (g.numpy() for g in step()), strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64, help="sequences, B")
    parser.add_argument("--steps", type=int, default=100, help="steps of each, T")
    parser.add_argument("--inputs", type=int, default=64, help="numbers in the input of a step, D")
    parser.add_argument("--units", type=int, default=64, help="units, H")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is timed")
    args = parser.parse_args()
    given = drawn(args.batch, args.steps, args.inputs, args.units)
    programs = {
        "NumPy, float64": in_numpy(given, "float64"),
        "NumPy, float32": in_numpy(given, "float32"),
        "Keras, eager": in_keras(given, compiled=False),
        "Keras, tf.function": in_keras(given, compiled=True),
    }
    gradients = {name: program() for name, program in programs.items()}  # and warmed up
    exact = gradients["NumPy, float64"]
    times = {name: [] for name in programs}
    for _ in range(args.rounds):
        for name, program in programs.items():
            began = time.perf_counter()
            program()
            times[name].append(1e3 * (time.perf_counter() - began))
    medians = {name: statistics.median(found) for name, found in times.items()}
    fastest = min(median for name, median in medians.items() if name.startswith("Keras"))
    sizes = f"B = {args.batch}, T = {args.steps}, D = {args.inputs}, H = {args.units}"
    print(f"one LSTM training step on {os.cpu_count()} CPU cores: {sizes}; {args.rounds} rounds")
    print(f"{'':20}{'median ms':>10}{'least ms':>10}{'to Keras':>10}{'gradients off by':>18}")
    for name, median in medians.items():
        off = max(
            float(np.max(np.abs(gradients[name][n] - exact[n])) / np.max(np.abs(exact[n])))
            for n in NAMES
        )
        print(f"{name:20}{median:10.1f}{min(times[name]):10.1f}{median / fastest:10.2f}{off:18.0e}")
    print("to Keras: the median over the smaller median of the two of Keras")


if __name__ == "__main__":
    main()
