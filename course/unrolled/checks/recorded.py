"""The recorded cases of the visible checks: inputs and expected values, as JSON.

``make notebooks`` writes them from the references; this module only reads and writes the form.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib import resources

import numpy as np

from unrolled.checks.engine import Case

# What is written only where it is not as usual.
_USUAL = {"measure": "entry", "quiet": False, "raises": None, "may_raise": None, "seconds": 0.0}


def cases(exercise: str, prop: str) -> list[Case]:
    """The recorded cases of one property of an exercise."""
    return [case(item) for item in _recorded(exercise)[prop]]


def case(item: dict) -> Case:
    """The inverse of ``as_json``."""
    return Case(
        arguments=tuple(from_json(a) for a in item["arguments"]),
        probe=item["probe"],
        label=item["label"],
        tolerance=item["tolerance"],
        want=from_json(item["want"]),
        **{k: item[k] for k in _USUAL if k in item},
    )


def as_json(case: Case, want: object) -> dict:
    """A case and its expected value, as JSON holds them."""
    return {
        "label": case.label,
        "probe": case.probe,
        "tolerance": case.tolerance,
        **{k: v for k, usual in _USUAL.items() if (v := getattr(case, k)) != usual},
        "arguments": [to_json(a) for a in case.arguments],
        "want": to_json(want),
    }


@cache
def _recorded(exercise: str) -> dict:
    path = resources.files("unrolled") / "expected" / f"{exercise}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def to_json(value: object) -> object:
    """Arrays become {"array": dtype, "shape": [...], "data": [...]}; the rest stays.

    In an array's data NaN and infinity are texts, because JSON has no numbers for them.
    """
    if isinstance(value, np.ndarray):
        # Nine digits are exact for float32 and a hundred times finer than any tolerance.
        data = [_digits(v) if value.dtype.kind == "f" else v for v in value.ravel().tolist()]
        return {"array": str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, dict):
        return {k: to_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(v) for v in value]
    return value


def _digits(number: float) -> float | str:
    return float(f"{number:.9g}") if math.isfinite(number) else str(number)


def from_json(value: object) -> object:
    """The inverse of ``to_json``."""
    if isinstance(value, dict) and "array" in value:
        return np.array(value["data"], dtype=value["array"]).reshape(value["shape"])
    if isinstance(value, dict):
        return {k: from_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_json(v) for v in value]
    return value
