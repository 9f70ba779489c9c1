"""Say which kernel a notebook runs on and which device its arithmetic uses."""

from __future__ import annotations

import os
import warnings

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
    used = f"the GPU ({', '.join(gpus)})" if gpus else f"the CPU ({os.cpu_count()} cores)"
    return f"Kernel: {kernel}. TensorFlow uses {used}."
