"""Record what the visible checks ask and what a right answer says, as the text of a JSON file.

``unrolled.checks.recorded`` reads it in the student's kernel, which has no reference. Marks are
given on other cases: these are everybody's to read.
"""

from __future__ import annotations

import json
import math
import zlib

import numpy as np

from autograder.references import solution
from unrolled.checks.engine import Case, Exercise, Local
from unrolled.checks.recorded import as_json, from_json, to_json
from unrolled.compare import TOLERANCE

# A visible check is run often and shipped to everyone, so it gets few cases; edges get them all.
CASES = {"values": 3, "rules": 1}


def record(exercise: Exercise, reference: object) -> str:
    """Write down cases of every property with the reference's results, a case a line.

    The same exercise gives the same cases: each property has a seed made from its name.
    Raises ValueError where the reference raises an error.
    """
    blocks = []
    for prop in exercise.properties:
        rng = np.random.default_rng(zlib.crc32(f"{exercise.name} {prop}".encode()))
        cases = exercise.cases(prop, rng, solution)[: CASES.get(prop)]
        rows = [json.dumps(_record(exercise, prop, case, reference)) for case in cases]
        blocks.append(f"{json.dumps(prop)}: [\n" + ",\n".join(rows) + "\n]")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def agree(old: str, new: str) -> bool:
    """Whether two records are the same but for rounding, which differs between CPUs."""
    try:
        return _same(json.loads(old), json.loads(new))
    except ValueError:
        return False


def _record(exercise: Exercise, prop: str, case: Case, reference: object) -> dict:
    recorded = as_json(case, None)
    if prop == "rules" or case.raises:  # there is no expected value
        return recorded
    # The reference gets the inputs that the record holds, so that their lost digits cost nothing.
    inputs = Case(tuple(from_json(a) for a in recorded["arguments"]), probe=case.probe)
    (outcome,) = Local(reference).ask([inputs])
    if outcome.error:
        raise ValueError(f"the reference {exercise.name} raised {outcome.error}")
    return recorded | {"want": to_json(_rounded(outcome.value))}


def _rounded(value: object) -> object:
    """Float32 results to six digits, which is what they hold; the rest as it is."""
    if isinstance(value, np.ndarray) and value.dtype == np.float32:
        digits = [float(f"{v:.6g}") for v in value.ravel()]
        return np.array(digits, dtype=np.float64).reshape(value.shape)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list) else value


def _same(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_same(old[k], new[k]) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, float) and isinstance(new, float):
        if math.isnan(old) or math.isnan(new):
            return math.isnan(old) and math.isnan(new)
        return abs(old - new) <= TOLERANCE * max(1.0, abs(new))
    return type(old) is type(new) and old == new
