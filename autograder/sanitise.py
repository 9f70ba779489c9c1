"""Make what a student wrote, and what their process printed, safe to show.

Of an output only text and PNG or JPEG pictures are kept: no HTML, SVG, script, widget or link,
no terminal escape and no control character, and none of it without bound.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from nbformat import NotebookNode
from nbformat.v4 import new_output

MAX_TEXT = 20_000
MAX_PROSE = 10_000
MAX_PICTURE_BYTES = 2 * 2**20
MAX_OUTPUTS = 50

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours, the cursor
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles and links
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"  # device strings
    r"|[@-Z\\-_])"
)
# Control characters but for tab and newline, and those that turn the direction of text.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
_PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def plain_text(text: object, limit: int = MAX_TEXT) -> str:
    """Text without escapes and control characters, cut at a number of characters."""
    if not isinstance(text, str):
        return ""
    cleaned = _CONTROL.sub("", _ESCAPE.sub("", text[: 2 * limit].replace("\r\n", "\n")))
    # A lone surrogate cannot be written to a file.
    cleaned = cleaned.encode("utf-8", "replace").decode("utf-8")
    return cleaned if len(cleaned) <= limit else cleaned[:limit] + "\n[cut here: too long]"


def one_line(text: object, limit: int = 500) -> str:
    """Text on one line, so that what a student wrote cannot look like further lines of ours."""
    return " ".join(plain_text(text, limit).split())


def safe_markdown(text: str) -> str:
    """Prose that is nothing but Markdown: no HTML, and links to the web only.

    nbgrader's pages show prose with the HTML and the ``javascript:`` links in it, to a grader whose
    browser may start programs. A space after each ``<`` that could begin a tag, and before the
    destination of each link that could be another, leaves them as text for any reader of Markdown.
    """
    if len(text) > MAX_PROSE:  # Markdown's own readers take a time that grows with the square
        text = text[:MAX_PROSE] + "\n\n[cut here: too long]"
    text = re.sub(r"<(?=[A-Za-z/!?])", "< ", _CONTROL.sub("", text))
    text = re.sub(r"\](?=\((?!https?://|#))", "] ", text)
    text = re.sub(r"\](?=:)", "] ", text)
    # MathJax makes links too, of any kind, where an equation says so.
    return re.sub(r"\\(?=(?:href|mmlToken|require)(?![A-Za-z]))", r"\\ ", text)


def safe_outputs(outputs: Iterable[object]) -> list[NotebookNode]:
    """The outputs of one cell, each reduced to what is safe, neighbouring text joined."""
    safe: list[NotebookNode] = []
    for output in outputs:
        kept = _safe(output) if isinstance(output, dict) else None
        if kept is None:
            continue
        last = safe[-1] if safe else None
        if last and kept.output_type == last.output_type == "stream" and kept.name == last.name:
            last.text = (last.text + kept.text)[:MAX_TEXT]
            continue
        safe.append(kept)
        if len(safe) == MAX_OUTPUTS:
            break
    return safe


def _safe(output: dict) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=plain_text(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        lines = lines if isinstance(lines, list) else []
        return new_output(
            "error",
            ename=plain_text(output.get("ename"), 200),
            evalue=plain_text(output.get("evalue"), 2000),
            traceback=[plain_text(line, 4000) for line in lines[:50]],
        )
    if kind in ("execute_result", "display_data"):
        data = output.get("data")
        kept = _safe_data(data) if isinstance(data, dict) else {}
        return new_output("display_data", data=kept) if kept else None
    return None


def _safe_data(data: dict) -> dict[str, str]:
    kept = {}
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = plain_text(data["text/plain"])
    for kind, beginning in _PICTURES.items():
        encoded = data.get(kind)
        if not isinstance(encoded, str) or len(encoded) > MAX_PICTURE_BYTES * 4 // 3:
            continue
        try:
            picture = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if picture.startswith(beginning):
            kept[kind] = base64.b64encode(picture).decode("ascii")
    return kept
