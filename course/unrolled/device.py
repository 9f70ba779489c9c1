"""Say which kernel a notebook runs on, which device its arithmetic uses, and how fast that is."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable

KERNEL_NAMES = {"cpu": "Unrolled (CPU)", "gpu": "Unrolled (GPU)"}


def _gpus() -> list[str]:
    """Return the names of the GPUs that TensorFlow sees; empty where there is none."""
    # Imported when asked, not before: `import unrolled` must not cost TensorFlow's 6 s.
    import tensorflow as tf

    names = []
    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        names.append(details.get("device_name", gpu.name))
    return names


def device() -> str:
    """Describe in one sentence the kernel and the device that TensorFlow uses.

    The kernel is known from UNROLLED_DEVICE, which `unrolled.kernels` sets; under any other kernel
    the sentence says so. Warns (RuntimeWarning) where the GPU kernel was chosen and TensorFlow sees
    no GPU.
    """
    asked = os.environ.get("UNROLLED_DEVICE", "")
    kernel = KERNEL_NAMES.get(asked, "not one of the course's")
    gpus = _gpus()
    if asked == "gpu" and not gpus:
        warnings.warn(
            "A GPU was asked for, and TensorFlow sees none: everything runs on the CPU, and no "
            "timing here is a GPU's. Choose Kernel > Change Kernel > Unrolled (CPU).",
            RuntimeWarning,
            stacklevel=2,
        )
    return f"Kernel: {kernel}. TensorFlow uses {_named(', '.join(gpus))}."


def seconds(step: Callable[[], object], repeats: int = 5) -> float:
    """Time a step: the shortest of some runs, in seconds.

    step  takes no arguments; what it starts on a GPU is waited for
    A first run, in which TensorFlow may still compile and reserve memory, is not counted.
    """
    return _timed(step, repeats)[1]


def timed(step: Callable[[], object], name: str, repeats: int = 5) -> str:
    """Say in one sentence which device ran a step and how long it took.

    step  takes no arguments. If it returns a tensor, or several, theirs is the device; NumPy's
          arrays are the CPU's; anything else counts for the device that TensorFlow uses
    name  what the step is, as the sentence begins: "A product of two matrices"
    Returns such as "A product of two matrices took 1.3 ms on the CPU (8 cores), the shortest of
    5 runs."
    """
    result, shortest = _timed(step, repeats)
    runs = "in one run" if repeats == 1 else f"the shortest of {repeats} runs"
    return f"{name} took {_duration(shortest)} on {_named(_gpu_of(result))}, {runs}."


def _timed(step: Callable[[], object], repeats: int) -> tuple[object, float]:
    times = []
    for _ in range(1 + repeats):
        began = time.perf_counter()
        result = step()
        _wait()
        times.append(time.perf_counter() - began)
    return result, min(times[1:])


def _wait() -> None:
    """Wait for the GPUs, which hand out tensors before they have computed them."""
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].test.experimental.sync_devices()


def _gpu_of(result: object) -> str:
    """The name of the GPU that computed a step's result; empty where it was the CPU."""
    parts = [result]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list | tuple):
            parts += part
        elif place := getattr(part, "device", ""):  # ".../device:GPU:0", NumPy's is "cpu"
            _, found, number = place.partition("GPU:")
            return _gpus()[int(number)] if found else ""
    return ", ".join(_gpus())


def _named(gpu: str) -> str:
    return f"the GPU ({gpu})" if gpu else f"the CPU ({os.cpu_count()} cores)"


def _duration(length: float) -> str:
    """A time in the unit that suits it, with two digits or more: "0.021 ms", "1.3 s"."""
    value, unit = (length, "s") if length >= 1 else (1000 * length, "ms")
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"
