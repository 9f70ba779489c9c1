"""Verdicts as JSON, as JUnit, as lines on a terminal and as the table of a class."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from datetime import timedelta
from textwrap import shorten

from rich.markup import escape
from rich.table import Table

from autograder.sanitise import plain_text
from autograder.verdict import Verdict, Verdicts

_SIGNS = {"passed": "ok", "manual": "by hand"}


def to_json(verdicts: Verdicts) -> str:
    """The stable JSON form, one document."""
    return json.dumps(verdicts.as_dict(), indent=2, ensure_ascii=False) + "\n"


def to_junit(verdicts: Verdicts) -> str:
    """JUnit XML: a suite a lesson, a case an exercise."""
    cases = verdicts.exercises
    suite = ET.Element(
        "testsuite",
        name=verdicts.lesson,
        tests=str(len(cases)),
        failures=str(sum(_lost(v) and v.status == "failed" for v in cases)),
        errors=str(sum(_lost(v) and v.status != "failed" for v in cases)),
        skipped=str(sum(v.status == "manual" for v in cases)),
        time=f"{verdicts.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name in ("seed", "isolation"):
        value = str(getattr(verdicts, name))
        ET.SubElement(properties, "property", name=name, value=value)
    for verdict in cases:
        case = ET.SubElement(suite, "testcase", classname=verdicts.lesson, name=verdict.name)
        text = "\n".join([*verdict.reasons, *([f"Hint: {verdict.hint}"] if verdict.hint else [])])
        if verdict.status == "manual":
            ET.SubElement(case, "skipped", message="graded by hand")
        elif _lost(verdict):
            kind = "failure" if verdict.status == "failed" else "error"
            message = f"{verdict.score:g} of {verdict.max_score:g} points, {verdict.status}"
            ET.SubElement(case, kind, message=message).text = plain_text(text)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _lost(verdict: Verdict) -> bool:
    return verdict.status not in ("passed", "manual")


def to_text(verdicts: Verdicts) -> str:
    """What ``autograder check`` prints."""
    who = f", {verdicts.student}" if verdicts.student else ""
    lines = [f"{verdicts.lesson}{who}: {verdicts.score:g} of {verdicts.max_score:g} points"]
    for verdict in verdicts.exercises:
        points = f"{verdict.score:g}/{verdict.max_score:g}"
        extra = ", though an earlier answer is not right" if verdict.follow_through else ""
        sign = _SIGNS.get(verdict.status, verdict.status)
        lines.append(f"  {verdict.name:<20} {points:>8}  {sign}{extra}")
        lines += [f"      {reason}" for reason in verdict.reasons]
        if verdict.hint:
            lines.append(f"      Hint: {verdict.hint}")
    lines.append(
        f"  isolation {verdicts.isolation}, seed {verdicts.seed}, {verdicts.seconds:.1f} s"
    )
    return plain_text("\n".join(lines)) + "\n"


def class_table(
    lesson: str, rows: Iterable[Verdicts | tuple[str, str]], late: Mapping[str, float]
) -> Table:
    """Students by exercises. A row is verdicts, or (student, why there are none).

    late  seconds by which a student missed the due date, where that is so
    """
    rows = list(rows)
    graded = [r for r in rows if isinstance(r, Verdicts)]
    names = [v.name for v in graded[0].exercises] if graded else []
    table = Table(title=lesson, title_justify="left")
    table.add_column("student")
    for name in names:
        table.add_column(name, justify="right")
    table.add_column("score", justify="right")
    table.add_column("what happened", overflow="fold")
    for row in rows:
        if isinstance(row, Verdicts):
            cells = [_cell(v) for v in row.exercises]
            total = f"{row.score:g}/{row.max_score:g}"
            table.add_row(_shown(row.student or ""), *cells, total, _remark(row, late))
        else:
            table.add_row(_shown(row[0]), *["-"] * len(names), "-", _shown(row[1]))
    return table


def _cell(verdict: Verdict) -> str:
    if verdict.status == "manual":
        return "by hand"
    return f"{verdict.score:g}" + ("*" if verdict.follow_through else "")


def _remark(verdicts: Verdicts, late: Mapping[str, float]) -> str:
    seconds = late.get(verdicts.student, 0)
    remarks = [f"late by {timedelta(seconds=round(seconds))}"] if seconds else []
    for verdict in verdicts.exercises:
        if _lost(verdict):
            text = verdict.hint or (verdict.reasons[0] if verdict.reasons else verdict.status)
            text = text if text.startswith(verdict.name) else f"{verdict.name}: {text}"
            remarks.append(shorten(text, 160, placeholder=" ..."))
            break
    return _shown("; ".join(remarks))


def _shown(text: str) -> str:
    """Text as a table cell: no escapes of a terminal, no markup of rich."""
    return escape(plain_text(text))
