"""Keep TensorFlow's remarks off the screen while it is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Send what libraries in C write to stderr nowhere, for a while.

    TensorFlow reports on a missing GPU before any setting of its own is read.
    """
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        sys.stderr.flush()
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
