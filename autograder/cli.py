"""The command line: arguments, and errors as one line. What it does is elsewhere."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import AutograderError, CourseError
from autograder.sandbox import LEVELS

# 0 and 1 are results; this is for what could not be done.
CANNOT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    # nbgrader starts programs of its environment by name, also where that is not activated.
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    os.environ["PATH"] = os.pathsep.join(path)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # From nbgrader's gradebook under SQLAlchemy 2; it concerns neither grades nor people.
    warnings.filterwarnings("ignore", message="Object of type .* not in session")
    options = parser().parse_args(arguments)
    ours = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, _stop) if ours else None
    try:
        return options.run(options)
    except AutograderError as exc:
        _complain(str(exc))
        return CANNOT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT
    except OSError as exc:
        _complain(f"{exc.filename or 'a file'}: {exc.strerror or exc}")
        return CANNOT
    except Exception as exc:
        # An exit code of 1 would say that a notebook has less than full marks.
        _complain(
            f"a fault of the grader, {type(exc).__name__}: {exc}. Please report it with what "
            "`autograder doctor` prints"
        )
        return CANNOT
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _stop(*about: object) -> None:
    """Stop at the first Ctrl-C; cleaning up takes seconds, which impatience must not cut short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _complain("stopping")
    raise KeyboardInterrupt


def _complain(text: str) -> None:
    """Say on one line what went wrong; names of files in it may be a student's making."""
    from autograder.sanitise import one_line

    print(f"autograder: {one_line(text, 2000)}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    top = argparse.ArgumentParser(
        prog="autograder", description="Grade the course's notebooks without running them here."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    release = commands.add_parser("release", help="make the students' version of lessons")
    release.add_argument("lessons", nargs="*", metavar="LESSON", help="by default all")
    _course(release)
    release.set_defaults(run=_release)

    grade = commands.add_parser("grade", help="grade a class into the gradebook")
    grade.add_argument("lessons", nargs="+", metavar="LESSON")
    _course(grade)
    _seed(grade)
    _isolation(grade)
    grade.add_argument("--workers", type=_positive, metavar="N", help="default: one a processor")
    grade.add_argument("--rerun", action="store_true", help="also what has not changed")
    grade.add_argument("--no-feedback", action="store_true", help="do not write feedback pages")
    grade.set_defaults(run=_grade)

    check = commands.add_parser("check", help="grade one notebook and print the verdicts")
    check.add_argument("notebook", type=Path)
    check.add_argument("--lesson", help="by default found from the notebook's cells")
    _course(check)
    _seed(check)
    _isolation(check)
    check.add_argument("--json", metavar="FILE", help="write JSON; - for standard output")
    check.add_argument("--junit", metavar="FILE", type=Path, help="write JUnit XML")
    check.add_argument(
        "--visible-only", action="store_true", help="only the checks that students have"
    )
    check.set_defaults(run=_check)

    simulate = commands.add_parser("simulate", help="make a sample class")
    simulate.add_argument(
        "--course", required=True, type=Path, metavar="DIR", help="made if absent"
    )
    simulate.add_argument(
        "--students", type=_positive, metavar="N", help="default: one of each kind"
    )
    simulate.add_argument("--seed", type=int, default=0, help="of the order of the students")
    simulate.set_defaults(run=_simulate)

    doctor = commands.add_parser("doctor", help="say what this machine can isolate and what not")
    doctor.set_defaults(run=_doctor)
    return top


def _course(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--course", metavar="DIR", help="the course's folder; default: here or course/"
    )


def _seed(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--seed", type=_seed_value, metavar="S", help="of the fresh inputs, to repeat a grade"
    )


def _isolation(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--isolation", default="auto", choices=LEVELS, help="default auto: all that is there"
    )


def _positive(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number of at least 1")
    return value


def _seed_value(text: str) -> int:
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value < 2**53:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a whole number from 0 to 2**53 - 1")
    return value


# Each command imports what it needs when it runs: `autograder --help` should not take seconds.


def _release(options: argparse.Namespace) -> int:
    from autograder.course import Course
    from autograder.nbgrader import release

    course = Course.find(options.course)
    for lesson in options.lessons or course.lessons:
        print(f"released {lesson} to {release(course, lesson)}")
    return 0


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder.batch import Row, grade_class
    from autograder.course import Course
    from autograder.nbgrader import generate_feedback, lateness
    from autograder.report import class_table
    from autograder.sandbox import isolation
    from autograder.sanitise import plain_text

    course = Course.find(options.course)
    print(f"isolation: {isolation(options.isolation)}")

    def show(row: Row, done: int, total: int) -> None:
        result = row.problem or f"{row.verdicts.score:g}/{row.verdicts.max_score:g}"
        took = "unchanged" if row.kept else f"{row.verdicts.seconds:.1f} s" if row.verdicts else ""
        line = f"[{done}/{total}] {lesson}  {row.student}  {result}  {took}"
        print(plain_text(line).rstrip(), flush=True)

    tables, whole, followed = [], True, False
    lessons = list(dict.fromkeys(options.lessons))
    for lesson in lessons:
        course.require_release(lesson)
    for path in course.misplaced():
        _complain(f"{path} is passed over; expected submitted/STUDENT/LESSON/LESSON.ipynb")
    for lesson in lessons:
        try:
            rows = grade_class(
                course,
                lesson,
                workers=options.workers,
                seed=options.seed,
                level=options.isolation,
                rerun=options.rerun,
                progress=show,
            )
        except CourseError as exc:  # this lesson's alone: nothing handed in, or edited since
            _complain(str(exc))
            whole = False
            continue
        whole &= all(row.verdicts for row in rows)
        followed |= any(v.follow_through for r in rows if r.verdicts for v in r.verdicts.exercises)
        results = [r.verdicts or (r.student, r.problem or "") for r in rows]
        tables.append(class_table(lesson, results, lateness(course, lesson)))
        if not options.no_feedback and any(row.verdicts for row in rows):
            print(f"writing feedback for {lesson}", flush=True)
            try:
                generate_feedback(course, lesson)
            except AutograderError as exc:
                _complain(str(exc))
                whole = False
    if not tables:
        return CANNOT
    console = Console(width=None if sys.stdout.isatty() else 140)
    for table in tables:
        console.print(table)
    if followed:
        print("* earned although an earlier answer is not right (follow-through)")
    print(f"gradebook: {course.shown_db_url}")
    print(f"verdicts:  {course.root / 'results'}")
    if not options.no_feedback:
        print(f"feedback:  {course.root / course.directory.feedback_directory}")
    return 0 if whole else CANNOT


def _check(options: argparse.Namespace) -> int:
    from autograder.check import grade
    from autograder.report import to_json, to_junit, to_text

    for path in (options.junit, options.json if options.json != "-" else None):
        if path is not None:
            _require_writable(Path(path))
    verdicts = grade(
        options.notebook,
        lesson=options.lesson,
        seed=options.seed,
        course=options.course,
        isolation=options.isolation,
        visible_only=options.visible_only,
    )
    if options.junit:
        options.junit.write_text(to_junit(verdicts), encoding="utf-8")
    if options.json == "-":
        sys.stdout.write(to_json(verdicts))
    else:
        if options.json:
            Path(options.json).write_text(to_json(verdicts), encoding="utf-8")
        sys.stdout.write(to_text(verdicts))
    return 0 if verdicts.full else 1


def _require_writable(path: Path) -> None:
    """Refuse a file that cannot be written, before the work and not after."""
    if path.is_dir():
        raise AutograderError(f"{path} is a folder; expected a file to write")
    if not path.parent.is_dir():
        raise AutograderError(f"{path}: the folder {path.parent} does not exist; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise AutograderError(f"{path} may not be written; choose another place")


def _simulate(options: argparse.Namespace) -> int:
    from autograder.simulate import simulate

    made = simulate(options.course, students=options.students, seed=options.seed)
    print(f"made {made} submissions in {options.course}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine

    lines, sound = examine()
    print("\n".join(lines))
    return 0 if sound else CANNOT


if __name__ == "__main__":
    sys.exit(main())
