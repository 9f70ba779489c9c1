"""The exercises of the lesson ``lstm_variants``: what their checks ask."""

from __future__ import annotations

from unrolled.checks.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
