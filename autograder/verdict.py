"""What grading says: a verdict an exercise, and all of them for a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field

STATUSES = ("passed", "failed", "crashed", "timeout", "missing", "manual")


@dataclass
class Verdict:
    """The result of one exercise.

    name            the ``grade_id`` of its answer
    status          one of ``STATUSES``; "manual" waits for a person
    follow_through  whether marks were earned on a wrong earlier answer
    reasons         sentences for the student, one a property that does not hold
    hint            where to look, when the answer equals a known mistake
    """

    name: str
    max_score: float
    score: float = 0.0
    status: str = "failed"
    follow_through: bool = False
    reasons: list[str] = field(default_factory=list)
    hint: str | None = None

    def as_dict(self) -> dict:
        return {
            "name": self.name,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "follow_through": self.follow_through,
            "reasons": self.reasons,
            "hint": self.hint,
        }


@dataclass
class Verdicts:
    """The result of one notebook, and what is needed to get it again.

    The totals count what is graded automatically; a question graded by hand is listed among the
    exercises and adds its points in the gradebook.
    """

    lesson: str
    student: str | None
    seed: int
    isolation: str
    seconds: float
    exercises: list[Verdict]

    @property
    def automatic(self) -> list[Verdict]:
        return [v for v in self.exercises if v.status != "manual"]

    @property
    def score(self) -> float:
        return sum(v.score for v in self.automatic)

    @property
    def max_score(self) -> float:
        return sum(v.max_score for v in self.automatic)

    @property
    def full(self) -> bool:
        return self.score >= self.max_score

    def as_dict(self) -> dict:
        """The stable form of ``autograder check --json``."""
        return {
            "lesson": self.lesson,
            "student": self.student,
            "seed": self.seed,
            "isolation": self.isolation,
            "score": self.score,
            "max_score": self.max_score,
            "seconds": round(self.seconds, 3),
            "exercises": [v.as_dict() for v in self.exercises],
        }
