"""The student library of Unrolled: checks, tasks, plots and devices. It knows no solution."""

__version__ = "0.1.0"
