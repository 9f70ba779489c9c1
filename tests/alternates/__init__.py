"""Right answers that differ from the references; every check must give them full marks.

One module a lesson. ``CURRICULUM.md`` lists what has to be accepted. An answer of one exercise
stands on its own, so that its marks do not depend on another; where it calls an earlier one, it
does so under a name of its own, which ``CALLS`` gives.
"""

import importlib
import pkgutil

ALTERNATES: dict[str, list] = {}
# Exercise -> {earlier exercise: the name under which these answers call it}.
CALLS: dict[str, dict[str, str]] = {}


def right(exercise):
    """Register a right answer to an exercise."""

    def register(answer):
        ALTERNATES.setdefault(exercise, []).append(answer)
        return answer

    return register


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
