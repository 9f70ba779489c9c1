"""Mark notebooks against references that no student's process ever sees.

>>> import autograder
>>> autograder.grade("submission.ipynb", seed=7)          # doctest: +SKIP
"""

from typing import Any

__all__ = ["Verdict", "Verdicts", "grade"]


def __getattr__(name: str) -> Any:
    # Jupyter imports this package to start any kernel of ours, so nbgrader and all that comes
    # with it are imported only where they are used.
    if name == "grade":
        from autograder.check import grade

        return grade
    if name in ("Verdict", "Verdicts"):
        from autograder import verdict

        return getattr(verdict, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
