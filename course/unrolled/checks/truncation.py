"""The exercises of the lesson ``truncation``: what their checks ask."""

from __future__ import annotations

from unrolled.checks.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
