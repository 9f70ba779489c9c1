"""Rebuild a submission on the instructor's notebook.

From a submission only two things are taken: the text of its answer cells, by ``grade_id``, and
the student's own code and prose. Everything else comes from the master, so nothing that happens
to checks, points or metadata in the submission matters. The rule, which never raises:

- An answer that stands several times: the last copy that differs from the release is the answer;
  the others are kept as cells of the student's own, before it.
- A cell of the master that is missing, moved or changed, when it is locked: the master's.
- A plain cell of the master (not locked, no answer): the student's version where it was changed.
- A cell that the master does not have: kept, behind the nearest cell before it that it does have.
- Cell types are the master's. Metadata of the submission is never read but for ``grade_id``.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config

from autograder.errors import CourseError, SubmissionError
from autograder.sanitise import safe_markdown

MAX_NOTEBOOK_BYTES = 20 * 2**20
MAX_CELLS = 2000
# Characters of one code cell, and of all cells that a student added; the pages of nbgrader are made
# at a speed that more would bring to a halt.
MAX_CODE = 50_000
MAX_EXTRA_TEXT = 200_000


@dataclass
class Cell:
    """One cell of a rebuilt notebook.

    role  "answer", "check", "manual" (graded by hand), "locked", "plain", "experiment" or
          "extra" (the student's own)
    """

    role: str
    node: NotebookNode
    answered: bool = True

    @property
    def name(self) -> str | None:
        return self.node.metadata.get("nbgrader", {}).get("grade_id")

    @property
    def points(self) -> float:
        return float(self.node.metadata.get("nbgrader", {}).get("points", 0))

    @property
    def runs(self) -> bool:
        """Whether the student's kernel runs it."""
        return self.node.cell_type == "code" and self.role in ("answer", "locked", "plain", "extra")


@dataclass
class Master:
    """The instructor's notebook of a lesson, solutions cleared, hidden tests in place."""

    lesson: str
    notebook: NotebookNode
    released: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, lesson: str, config: Config | None = None) -> Master:
        """Read a source or release notebook. Raises CourseError where it is none.

        config  nbgrader's, for how it clears solutions
        """
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError) as exc:
            told = str(exc).splitlines()[0]
            raise CourseError(f"the notebook of lesson {lesson} at {path}: {told}") from None
        notebook, _ = ClearSolutions(config=config).preprocess(notebook, {})
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        released = {c.name: c.node.source for c in cls._cells(notebook) if c.name}
        return cls(lesson, notebook, released)

    @classmethod
    def of_release(cls, notebook: NotebookNode, lesson: str) -> Master:
        """A student's notebook as its own master, for the visible checks alone."""
        try:
            copy = nbformat.reads(json.dumps(notebook), as_version=4)
        except Exception as exc:  # nbformat raises whatever a malformed tree happens to cause
            raise SubmissionError(f"the notebook is malformed: {exc}") from None
        # Nothing is known of what was released, so every answer counts as given.
        return cls(lesson, copy, dict.fromkeys((c.name for c in cls._cells(copy) if c.name), ""))

    @property
    def cells(self) -> list[Cell]:
        return self._cells(self.notebook)

    @staticmethod
    def _cells(notebook: NotebookNode) -> list[Cell]:
        return [Cell(role_of(node), node) for node in notebook.cells]

    @property
    def answers(self) -> list[str]:
        """The names of the exercises, in order."""
        return [c.name for c in self.cells if c.role == "answer"]

    def require_answers(self, submission: NotebookNode) -> None:
        """Raise SubmissionError for a notebook with none of this lesson's answer cells."""
        if {name for name, *_ in cell_texts(submission)}.isdisjoint(self.answers):
            raise SubmissionError(
                f"the notebook has none of the answer cells of {self.lesson}; is it another "
                "lesson's, or were the cells made anew?"
            )

    def without_hidden_tests(self) -> Master:
        """The same with the hidden part of each check removed."""
        notebook = nbformat.from_dict(json.loads(json.dumps(self.notebook)))
        notebook, _ = ClearHiddenTests().preprocess(notebook, {})
        return Master(self.lesson, notebook, self.released)

    def rebuild(self, submission: NotebookNode) -> list[Cell]:
        """Put a submission's answers and extra cells into this notebook."""
        parts = _Parts(self, submission)
        rebuilt: list[Cell] = list(parts.extras_behind(None))
        for index, cell in enumerate(self.cells):
            rebuilt.append(self._filled(cell, parts, index))
            rebuilt.extend(parts.extras_behind(index))
        return rebuilt

    def _filled(self, cell: Cell, parts: _Parts, index: int) -> Cell:
        node = nbformat.from_dict(json.loads(json.dumps(cell.node)))
        if cell.role in ("answer", "manual"):
            source = parts.answers.get(cell.name)
            released = self.released.get(cell.name, "")
            answered = source is not None and source.strip() != released.strip()
            if answered:
                node.source = _shown(source, node.cell_type)
            return Cell(cell.role, node, answered)
        if index in parts.edited:
            node.source = _shown(parts.edited[index], node.cell_type)
        return Cell(cell.role, node)


def role_of(node: NotebookNode) -> str:
    """What a cell of a master notebook is for."""
    meta = node.metadata.get("nbgrader", {})
    if meta.get("solution"):
        return "manual" if meta.get("grade") else "answer"
    if meta.get("grade"):
        return "check" if node.cell_type == "code" else "manual"
    if meta.get("locked"):
        return "locked"
    return "experiment" if "experiment" in node.metadata.get("tags", []) else "plain"


class _Parts:
    """What a submission has to offer a master: answers, edited plain cells, extra cells."""

    def __init__(self, master: Master, submission: NotebookNode):
        cells = master.cells
        self.answers: dict[str, str] = {}
        self.edited: dict[int, str] = {}
        self._extras: dict[int | None, list[Cell]] = {}
        self._room = MAX_EXTRA_TEXT
        by_name = {c.name: i for i, c in enumerate(cells) if c.name}
        by_id = {c.node.get("id"): i for i, c in enumerate(cells) if not c.name}
        by_source = {c.node.source: i for i, c in enumerate(cells) if not c.name}
        last: dict[str, int] = {}
        found = list(cell_texts(submission))
        for position, (name, _, _, source) in enumerate(found):
            if name in by_name and source.strip() != master.released[name].strip():
                last[name] = position
        here: int | None = None
        for position, (name, cell_id, kind, source) in enumerate(found):
            if name in by_name:
                here = by_name[name]
                cell = cells[here]
                if cell.role not in ("answer", "manual"):
                    continue
                if last.get(name) == position:
                    self.answers[name] = source
                elif source.strip() != master.released[name].strip():
                    # An earlier copy stays before the answer, which therefore has the last word.
                    self._add(here - 1 if here else None, kind, source)
            elif cell_id in by_id or source in by_source:
                here = by_id.get(cell_id, by_source.get(source))
                cell = cells[here]
                same_kind = cell.node.cell_type == kind
                if source != cell.node.source and cell.role == "plain" and same_kind:
                    self.edited[here] = source
            else:
                self._add(here, kind, source)

    def extras_behind(self, index: int | None) -> list[Cell]:
        return self._extras.get(index, [])

    def _add(self, index: int | None, kind: str, source: str) -> None:
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        shown = _shown(source, kind)
        self._room -= len(shown)
        if self._room < 0:
            shown = f"# Left out: cells of your own have over {MAX_EXTRA_TEXT} characters."
        self._extras.setdefault(index, []).append(Cell("extra", make(shown)))


def _shown(source: str, kind: str) -> str:
    """The student's text of a cell, made safe and cheap to show on nbgrader's pages."""
    if kind != "code":
        return safe_markdown(source)
    if len(source) > MAX_CODE:
        return f"# Left out: this cell has {len(source)} characters; expected at most {MAX_CODE}."
    # Colouring takes time that grows with the square of a run of lines of nothing but blanks.
    return "\n".join("" if line.isspace() else line for line in source.split("\n"))


def cell_texts(submission: NotebookNode) -> Iterable[tuple[str | None, str | None, str, str]]:
    """(grade_id, cell id, type, source) of each cell that has the form of one."""
    cells = submission.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source")
        if isinstance(source, list):
            source = "".join(s for s in source if isinstance(s, str))
        if not isinstance(source, str):
            continue
        meta = cell.get("metadata")
        meta = meta.get("nbgrader") if isinstance(meta, dict) else None
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        cell_id = cell.get("id")
        yield (
            name if isinstance(name, str) else None,
            cell_id if isinstance(cell_id, str) else None,
            "code" if cell.get("cell_type") == "code" else "markdown",
            # A lone surrogate can neither be sent to a kernel nor written to a file.
            source.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8"),
        )


def read_file(path: Path) -> bytes:
    """The bytes of a notebook's file. Raises SubmissionError for a link, a device or a huge one."""
    try:
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode):
            kind = "a link" if stat.S_ISLNK(info.st_mode) else "no regular file"
            raise SubmissionError(f"{path.name} is {kind}; expected a notebook")
        _refuse_if_large(info.st_size)
        return path.read_bytes()
    except OSError as exc:
        raise SubmissionError(f"{path}: {exc.strerror or exc}; expected a notebook") from None


def _refuse_if_large(size: int) -> None:
    if size > MAX_NOTEBOOK_BYTES:
        raise SubmissionError(
            f"the file has {size / 2**20:.0f} MiB; expected a notebook of at most "
            f"{MAX_NOTEBOOK_BYTES // 2**20} MiB (clear its outputs and hand it in again)"
        )


def read_notebook(data: bytes) -> NotebookNode:
    """Read the bytes of a notebook, of any version 3 or 4, as leniently as is safe.

    Raises SubmissionError saying what the bytes are instead.
    """
    if not data.strip():
        raise SubmissionError("the file is empty; expected a Jupyter notebook")
    _refuse_if_large(len(data))
    try:
        tree = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SubmissionError(
            "the file is not text in UTF-8; expected a Jupyter notebook"
        ) from None
    except (ValueError, RecursionError) as exc:
        where = f" (line {exc.lineno})" if isinstance(exc, json.JSONDecodeError) else ""
        raise SubmissionError(f"the file is not JSON{where}; expected a Jupyter notebook") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("nbformat"), int):
        raise SubmissionError("the file is JSON but not a Jupyter notebook (it has no nbformat)")
    try:
        if tree["nbformat"] < 4:
            _tame_headings(tree)
        notebook = nbformat.from_dict(tree)
        if tree["nbformat"] < 4:
            notebook = nbformat.convert(notebook, 4)
    except Exception as exc:  # nbformat raises whatever a malformed tree happens to cause
        raise SubmissionError(
            f"the notebook has version {tree['nbformat']} and cannot be read ({exc}); expected 4"
        ) from None
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise SubmissionError("the notebook has no list of cells")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"the notebook has {len(cells)} cells; expected at most {MAX_CELLS}")
    return notebook


def _tame_headings(tree: dict) -> None:
    """Bound the levels of version 3's headings, of which nbformat writes a # each."""
    sheets = tree.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else []:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict) and "level" in cell:
                level = cell["level"]
                cell["level"] = min(max(level, 1), 6) if isinstance(level, int) else 1
