"""Run the locked checks of a lesson against a student's kernel, and say what they found.

A check cell runs here, in the instructor's process. The names in it that belong to the student
are stand-ins: calling one crosses the boundary. The visible line ``checks.run(...)`` names the
same exercise and property as the hidden ``judge.run(...)``; here the hidden one does the work, on
the recorded inputs and on fresh ones, unless only the visible checks were asked for.
"""

from __future__ import annotations

import ast
import builtins
import json
import sys
import time
from dataclasses import dataclass, field
from textwrap import fill

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.diagnosis import diagnose
from autograder.errors import AutograderError, CourseError, StudentFault
from autograder.master import Cell, Master
from autograder.references import Reference, preload, solution
from autograder.sandbox import Limits, isolation
from autograder.sanitise import one_line, safe_outputs
from autograder.student import Student
from autograder.verdict import Verdict, Verdicts
from unrolled import checks
from unrolled.calling import Outcome
from unrolled.checks.engine import Case, Exercise, Finding, Local, Once


@dataclass
class Grading:
    """Verdicts, and the notebook that was run to get them, its outputs safe to show."""

    verdicts: Verdicts
    cells: list[Cell]
    submission: bytes = b""


def run(name: str, prop: str, answer: object, **earlier: object) -> None:
    """The hidden line of a check cell: check a property on fresh inputs against the reference.

    In grading, ``answer`` stands for the student's and the judge marks it. An author who runs a
    source notebook has the answer itself; there this raises CheckFailed like a visible check.
    """
    if isinstance(answer, StandIn):
        answer.judge.run(name, prop, answer, **earlier)
        return
    exercise = checks.exercise(name, prop)
    cases = exercise.cases(prop, np.random.default_rng(), solution)
    finding = exercise.check(prop, Local(answer), Reference.of(exercise).want, cases)
    if not finding.holds:
        raise checks.CheckFailed(finding.message)


def grade_notebook(
    master: Master,
    submission: NotebookNode,
    *,
    seed: int,
    student: str | None = None,
    level: str = "auto",
    limits: Limits | None = None,
    visible_only: bool = False,
    refused: str | None = None,
) -> Grading:
    """Run and mark a submission.

    seed          of the fresh inputs; the same seed gives the same grade
    level         of isolation, see ``autograder.sandbox``
    visible_only  leave out the hidden checks, and so the references
    refused       why nothing is run and every check fails, for what is no notebook
    Raises IsolationError where this host cannot confine as asked.
    """
    began = time.monotonic()
    used = isolation(level)
    if visible_only:
        master = master.without_hidden_tests()
    else:
        preload(master.lesson)  # not while a student's process runs, which might hold it up
    cells = master.rebuild(submission)
    with Student(level, limits) as kernel:
        judge = Judge(kernel, seed, visible_only, refused)
        for cell in cells:
            judge.take(cell)
    verdicts = Verdicts(
        lesson=master.lesson,
        student=student,
        seed=seed,
        isolation=str(used),
        seconds=time.monotonic() - began,
        exercises=judge.verdicts(cells),
    )
    return Grading(verdicts, cells)


# Outputs of all cells together that are kept; an honest notebook with its figures has about one.
_OUTPUTS_MIB = 16
# Cells that earn no marks may be stopped this often before such cells are left out.
_OWN_FAULTS = 2


@dataclass
class _Marks:
    """What is known of an exercise so far."""

    score: float = 0.0
    max_score: float = 0.0
    follow_through: bool = False
    reasons: list[str] = field(default_factory=list)
    hint: str | None = None
    fault: StudentFault | None = None
    diagnosed: bool = False


@dataclass
class _Check:
    """What the lines of one check cell reported."""

    findings: list[Finding] = field(default_factory=list)
    follow_through: bool = False
    asked: bool = False


class Judge:
    """Takes the cells of one notebook in order and keeps the marks."""

    def __init__(
        self,
        kernel: Student,
        seed: int,
        visible_only: bool = False,
        refused: str | None = None,
    ):
        self.kernel = kernel
        self.refused = refused
        self.seed = seed
        self.visible_only = visible_only
        self._marks: dict[str, _Marks] = {}
        self._cell_faults: dict[str, StudentFault] = {}
        self._own_faults = 0
        self._trained: dict[tuple, Once] = {}
        self._room = _OUTPUTS_MIB * 2**20
        self._check = _Check()

    def take(self, cell: Cell) -> None:
        """Run a cell of the student's, or mark a check, and leave its outputs in the cell."""
        if cell.role == "check":
            self._mark(cell)
        elif cell.runs and self.refused is None:
            self._run(cell)

    def verdicts(self, cells: list[Cell]) -> list[Verdict]:
        """One verdict an exercise, in the notebook's order."""
        answered = {c.name: c.answered for c in cells if c.role in ("answer", "manual")}
        found = []
        for cell in cells:
            if cell.role == "manual":
                reasons = [] if cell.answered else ["not answered"]
                found.append(Verdict(cell.name, cell.points, status="manual", reasons=reasons))
            elif cell.role == "answer" and cell.name in self._marks:
                found.append(self._verdict(cell.name, answered[cell.name]))
        return found

    def _verdict(self, name: str, answered: bool) -> Verdict:
        marks = self._marks[name]
        status = "failed"
        if marks.score >= marks.max_score:
            status = "passed"
        elif not answered:
            status = "missing"
        elif marks.fault is not None:
            kinds = {"timeout": "timeout", "missing": "failed", "protocol": "failed"}
            status = kinds.get(marks.fault.kind, "crashed")
        return Verdict(
            name=name,
            score=marks.score,
            max_score=marks.max_score,
            status=status,
            follow_through=marks.follow_through,
            reasons=list(dict.fromkeys(marks.reasons)),
            hint=marks.hint,
        )

    def _run(self, cell: Cell) -> None:
        if cell.role in ("extra", "plain") and self._own_faults >= _OWN_FAULTS:
            text = f"This cell was not run, because {_OWN_FAULTS} others had to be stopped.\n"
            cell.node.outputs = [new_output("stream", name="stderr", text=text)]
            return
        try:
            run = self.kernel.run(cell.node.source, trusted=cell.role == "locked")
        except StudentFault as fault:
            if cell.name:
                self._cell_faults[cell.name] = fault
            else:
                self._own_faults += 1
            message = f"This cell {fault}. It was stopped."
            cell.node.outputs = [new_output("stream", name="stderr", text=message + "\n")]
            return
        if run.error and cell.name:
            self._cell_faults[cell.name] = StudentFault("missing", f"raised {run.error}")
        outputs = safe_outputs(run.outputs)
        self._room -= len(json.dumps(outputs))
        if self._room < 0:
            text = f"Not shown: the outputs of this notebook have over {_OUTPUTS_MIB} MiB.\n"
            outputs = [new_output("stream", name="stderr", text=text)]
        cell.node.outputs = outputs

    def _mark(self, cell: Cell) -> None:
        exercise = cell.name.split("-")[0]
        marks = self._marks.setdefault(exercise, _Marks())
        marks.max_score += cell.points
        self._check = _Check()
        reasons = [one_line(reason) for reason in self._reasons(cell, exercise, marks)]
        score = 0.0 if reasons else cell.points
        marks.score += score
        marks.reasons += reasons
        marks.follow_through |= self._check.follow_through and not reasons
        cell.node.outputs = _check_outputs(cell, score, reasons, marks, self._check)

    def _reasons(self, cell: Cell, exercise: str, marks: _Marks) -> list[str]:
        """Why the check cell fails, in sentences; empty when it passes."""
        if self.refused is not None:
            return [self.refused]
        if marks.fault is not None:
            return [str(marks.fault)]
        try:
            exec(compile(cell.node.source, f"<{cell.name}>", "exec"), self._namespace(cell))
        except StudentFault as fault:
            marks.fault = self._explained(fault, exercise)
            return [str(marks.fault)]
        except AutograderError:
            raise
        except Exception as exc:
            if not self._check.asked:
                raise CourseError(
                    f"check {cell.name} is broken: {type(exc).__name__}: {exc}"
                ) from None
            # A check written by hand: its assertion failed, or the answer's value broke it.
            return [str(exc).strip() or type(exc).__name__]
        return [f.message for f in self._check.findings if not f.holds]

    def _explained(self, fault: StudentFault, exercise: str) -> StudentFault:
        """The fault in a sentence about the exercise."""
        if fault.kind == "missing":
            cause = self._cell_faults.get(exercise)
            return StudentFault(
                cause.kind if cause else "missing",
                f"{fault}" + (f": its cell {cause}" if cause else "; is its cell there?"),
            )
        return StudentFault(fault.kind, f"{exercise} {fault}")

    def _namespace(self, cell: Cell) -> dict:
        own = {"np": np, "checks": _Visible(self), "judge": sys.modules[__name__]}
        nodes = list(ast.walk(ast.parse(cell.node.source)))
        names = {n.id for n in nodes if isinstance(n, ast.Name)}
        names -= {n.asname or n.name for n in nodes if isinstance(n, ast.alias)}
        student = names - set(own) - set(dir(builtins))
        return own | {n: StandIn(n, self) for n in student}

    def run(self, name: str, prop: str, answer: StandIn, **earlier: StandIn) -> None:
        """Mark one property of an answer; the hidden line of a check cell comes to this."""
        exercise = checks.exercise(name, prop)
        lacking = [n for n in exercise.builds_on if n in earlier and not self._is_right(n)]
        self._check.findings.append(self._finding(exercise, prop, answer, lacking))

    def _finding(
        self, exercise: Exercise, prop: str, answer: StandIn, lacking: list[str]
    ) -> Finding:
        """Whether a property holds, by itself or but for earlier answers that are not right."""
        ways = [(answer, Reference.of(exercise))]
        follows = ends = False
        if lacking:
            ways.append(self._on_substitutes(exercise, answer, lacking))
            follows = self._compare(prop, *ways[1]).holds
            ends = prop in exercise.costly or any(self._marks[n].fault for n in lacking)
        # By itself it may run into an earlier answer that loops or crashes, or train for long.
        finding = None if follows and ends else self._compare(prop, *ways[0])
        if finding is not None and finding.holds:
            return finding
        if follows:
            self._check.follow_through = True
            return Finding(None)
        marks = self._marks[exercise.name]
        if not marks.diagnosed:
            marks.diagnosed = True
            marks.hint = self._hint(exercise, ways)
        return finding

    def _cases(self, reference: Reference, prop: str) -> list[Case]:
        exercise = reference.exercise
        first = exercise.together[0] if prop in exercise.together else prop
        fresh = exercise.cases(prop, self._rng(exercise.name, first), reference.right)
        if reference.earlier:
            fresh = exercise.apart(fresh)
        if prop in exercise.costly:
            return fresh
        if reference.earlier and exercise.forward:
            return fresh  # what was recorded comes from a forward pass on the real ones
        return [*checks.visible_cases(exercise, prop), *fresh]

    def _is_right(self, name: str) -> bool:
        """Whether an earlier answer has all its marks, by itself."""
        marks = self._marks.get(name)
        if marks is None:
            return True
        return not marks.fault and not marks.follow_through and marks.score >= marks.max_score

    def _on_substitutes(
        self, exercise: Exercise, answer: StandIn, lacking: list[str]
    ) -> tuple[StandIn, Reference]:
        """The answer and the reference, each on the same substitutes for earlier answers."""
        rng = self._rng(exercise.name, "substitutes")
        seeds = {name: int(rng.integers(2**32)) for name in lacking}
        return StandIn(answer.name, self, seeds), Reference.on_substitutes(exercise, seeds)

    def _compare(self, prop: str, answer: StandIn, reference: Reference) -> Finding:
        exercise, cases = reference.exercise, self._cases(reference, prop)
        target = answer
        if prop in exercise.together:
            key = (exercise.name, *answer.substitutes)
            target = self._trained.setdefault(key, Once(answer))
        try:
            return exercise.check(prop, target, reference.want, cases)
        except AutograderError:
            raise
        except Exception as exc:
            # Values come from the student's process. One that breaks a comparison is wrong.
            return Finding(f"{exercise.name} returned what cannot be compared ({exc})")

    def _hint(self, exercise: Exercise, ways: list[tuple[StandIn, Reference]]) -> str | None:
        """The hint of the mistake that an answer equals in one of the ways it can be asked."""
        try:
            for answer, reference in ways:
                rng = self._rng(exercise.name, "diagnosis")
                if hint := diagnose(answer, reference, rng):
                    return hint
        except StudentFault:
            return None  # a hint costs nothing: if the process ended, what asks next finds out
        except AutograderError:
            raise
        except Exception:
            return None  # values that cannot be compared equal no mistake
        return None

    def visible(self, name: str, prop: str, answer: StandIn) -> None:
        """The visible line of a check cell, where only those count."""
        if self.visible_only:
            exercise = checks.exercise(name, prop)
            cases = checks.visible_cases(exercise, prop)
            finding = exercise.check(prop, answer, lambda case: case.want, cases)
            self._check.findings.append(finding)

    def asked(self) -> None:
        """Note that the check in hand has heard from the student's process."""
        self._check.asked = True

    def _rng(self, *words: str) -> np.random.Generator:
        """A generator for a purpose, from the seed of the submission."""
        return np.random.default_rng([self.seed, *"/".join(words).encode()])


class _Visible:
    """What ``checks`` means in a check cell that runs in the judge."""

    def __init__(self, judge: Judge):
        self._judge = judge

    def run(self, name: str, prop: str, answer: StandIn, **earlier: StandIn) -> None:
        self._judge.visible(name, prop, answer)


class StandIn:
    """A name of the student's in the judge: ask it cases, or call it with plain data.

    substitutes  earlier answers to replace while it is asked: name -> seed
    """

    def __init__(self, name: str, judge: Judge, substitutes: dict[str, int] | None = None):
        self.name = name
        self.judge = judge
        self.substitutes = substitutes or {}

    def ask(self, cases: list[Case]) -> list[Outcome]:
        """What the student's answer does in each case. Raises StudentFault."""
        self.judge.asked()
        return self.judge.kernel.ask(self.name, cases, self.substitutes)

    def __call__(self, *arguments: object) -> object:
        (outcome,) = self.ask([Case(arguments)])
        if outcome.error is not None:
            raise AssertionError(f"{self.name} raised {outcome.error}")
        return outcome.value


def _check_outputs(
    cell: Cell, score: float, reasons: list[str], marks: _Marks, check: _Check
) -> list[NotebookNode]:
    """What feedback shows under a check, and the points as nbgrader reads them."""
    lines = [f"{score:g} of {cell.points:g} points"]
    lines += reasons
    if reasons and marks.hint:
        lines.append(f"Hint: {marks.hint}")
    if check.follow_through and not reasons:
        lines.append("Right, though an earlier answer that it builds on is not right yet.")
    lines += [f.remark for f in check.findings if f.holds and f.remark]
    # Wrapped: on nbgrader's pages a long line runs out of its box.
    lines = [
        fill(line, 100, break_on_hyphens=False) for part in lines for line in part.splitlines()
    ]
    text = "\n".join(lines) + "\n"
    return [
        new_output("stream", name="stdout", text=text),
        # nbgrader takes the first execute_result of a check cell for its partial credit.
        new_output("execute_result", data={"text/plain": repr(score)}, execution_count=None),
    ]
