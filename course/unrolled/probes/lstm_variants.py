"""Probes of the LSTM's variants."""

from __future__ import annotations

from collections.abc import Callable


def called_by_name(function: Callable, *, positional: list, named: dict) -> dict:
    """Call a function with some of its arguments by name, and report its ``result``."""
    return {"result": function(*positional, **named)}
