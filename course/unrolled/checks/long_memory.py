"""The exercises of the lesson ``long_memory``: what their checks ask."""

from __future__ import annotations

from unrolled.checks.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
