"""Say what this machine can do for grading, what is missing, and how to get it."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from jupyter_client.kernelspec import KernelSpecManager

from autograder import sandbox
from autograder.errors import IsolationError
from autograder.quiet import quiet
from unrolled.device import device


def examine() -> tuple[list[str], bool]:
    """Lines to print, and whether this machine can grade confined."""
    lines = [f"Python {platform.python_version()} on {platform.platform(terse=True)}"]
    for name in ("nbgrader", "jupyterlab", "numpy", "tensorflow", "keras"):
        try:
            lines.append(f"  {name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"  {name} is missing; run: make setup")
    lines.append("layers of isolation:")
    for layer in sandbox.layers():
        lines.append(f"  {layer.name:<11} {'works' if not layer.missing else layer.missing}")
    try:
        lines.append(f"grading uses: {sandbox.isolation()}")
        sound = True
    except IsolationError as exc:
        lines.append(f"grading refuses: {exc}")
        sound = False
    kernels = KernelSpecManager().find_kernel_specs()
    for name in ("unrolled-cpu", "unrolled-gpu"):
        there = "registered" if name in kernels else "missing; run: python -m unrolled.kernels"
        lines.append(f"kernel {name}: {there}")
    with quiet():
        lines.append(f"device: {device()}")
    lines.append(f"browser for the browser tests: {browser() or 'none; those tests are skipped'}")
    lines.append(f"environment: {sys.prefix}")
    return lines, sound


def browser() -> str | None:
    """The program that the browser tests drive, where there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)
