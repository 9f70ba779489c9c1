"""The exercises of the lesson ``orientation``: what their checks ask."""

from __future__ import annotations

from unrolled.checks.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
