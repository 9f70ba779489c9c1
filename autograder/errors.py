"""Everything that can go wrong, as one tree. The text of each says what to do."""

from __future__ import annotations


class AutograderError(Exception):
    """Base of all errors that a person should read as one line."""


class CourseError(AutograderError):
    """The course folder, a lesson or the release is not as expected."""


class SubmissionError(AutograderError):
    """A submission cannot be read as a notebook."""


class IsolationError(AutograderError):
    """This host cannot confine a student's kernel as asked."""


class WireError(AutograderError):
    """A message across the boundary is malformed, too large or of a type that may not cross."""


class StudentFault(AutograderError):
    """The student's process did something that ends the exercise.

    kind    "timeout", "crashed", "memory", "output", "disk", "missing" or "protocol"
    """

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind
