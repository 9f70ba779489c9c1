"""Register the two kernels of the course, so that JupyterLab offers them side by side.

    python -m unrolled.kernels                into this Python environment
    python -m unrolled.kernels --user         for this user, whatever the environment
    python -m unrolled.kernels --prefix DIR   under DIR/share/jupyter/kernels

Both start the Python that registered them. What differs is the device that TensorFlow may use.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

# Name on disk, name in JupyterLab, module that starts it, and what it adds to the environment.
# TF_CPP_MIN_LOG_LEVEL=2 keeps TensorFlow's remarks out of the notebooks; its errors still show.
KERNELS = {
    "unrolled-cpu": (
        "Unrolled (CPU)",
        "ipykernel_launcher",
        # -1 hides every GPU: the CPU kernel computes the same on all machines.
        {"UNROLLED_DEVICE": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"},
    ),
    "unrolled-gpu": (
        "Unrolled (GPU)",
        "unrolled.gpu_kernel",
        {"UNROLLED_DEVICE": "gpu", "TF_CPP_MIN_LOG_LEVEL": "2"},
    ),
}

# What libraries in C write to the process's stderr stays out of the notebooks: TensorFlow reports
# there on a missing GPU before any setting of its own is read. Python's own output is not affected.
QUIET = ["--IPKernelApp.capture_fd_output=False"]


def register(prefix: str | None = None, user: bool = False) -> dict[str, Path]:
    """Write both kernel specifications and return the folder of each by kernel name.

    prefix  folder to register under; this environment (`sys.prefix`) where it is None
    user    register for this user instead; prefix is then not used
    Raises OSError where the folder cannot be written.
    """
    # Imported here, so that reading KERNELS needs no Jupyter.
    from ipykernel.kernelspec import make_ipkernel_cmd, write_kernel_spec
    from jupyter_client.kernelspec import KernelSpecManager

    manager = KernelSpecManager()
    folders = {}
    for name, (display_name, module, env) in KERNELS.items():
        with tempfile.TemporaryDirectory() as scratch:
            spec = write_kernel_spec(
                Path(scratch) / name,
                overrides={
                    "argv": make_ipkernel_cmd(mod=module, extra_arguments=QUIET),
                    "display_name": display_name,
                    "env": env,
                },
            )
            folder = manager.install_kernel_spec(
                spec, name, user=user, prefix=None if user else (prefix or sys.prefix)
            )
        folders[name] = Path(folder)
    return folders


def main(argv: list[str] | None = None) -> None:
    """Register both kernels as the command line says, and print where."""
    parser = argparse.ArgumentParser(
        prog="python -m unrolled.kernels", description=register.__doc__.splitlines()[0]
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--prefix", help="folder to register under (default: this environment)")
    where.add_argument("--user", action="store_true", help="register for this user")
    args = parser.parse_args(argv)
    for name, folder in register(prefix=args.prefix, user=args.user).items():
        print(f"registered {KERNELS[name][0]} in {folder}")


if __name__ == "__main__":
    main()
