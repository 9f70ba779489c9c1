"""The course folder as nbgrader knows it: where things are, and which lessons there are."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder.errors import CourseError


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder for a while; nbgrader reads its configuration from there."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@dataclass(frozen=True)
class Course:
    """A folder with ``nbgrader_config.py`` and ``source/``.

    Raises CourseError where the folder is none.
    """

    root: Path

    @classmethod
    def find(cls, folder: str | Path | None = None) -> Course:
        """The course in a folder; by default here or in ``course/`` below."""
        tried = [Path(folder)] if folder is not None else [Path("."), Path("course")]
        for place in tried:
            if cls.is_one(place):
                return cls(place.resolve())
        places = " or ".join(str(p.resolve()) for p in tried)
        raise CourseError(
            f"no course in {places}; expected a folder with nbgrader_config.py and source/. "
            "Name it with --course DIR"
        )

    @staticmethod
    def is_one(folder: Path) -> bool:
        """Whether a folder looks like a course."""
        return (folder / "source").is_dir() and (folder / "nbgrader_config.py").is_file()

    @cached_property
    def config(self) -> Config:
        """nbgrader's configuration of this course, as its command line reads it."""
        with inside(self.root):
            app = NbGrader()
            app.load_config_file()
        app.config.CourseDirectory.root = str(self.root)
        return app.config

    @cached_property
    def directory(self) -> CourseDirectory:
        return CourseDirectory(config=self.config)

    @cached_property
    def api(self) -> NbGraderAPI:
        """nbgrader's own interface to the course, for its steps."""
        return NbGraderAPI(self.directory, config=self.config)

    def gradebook(self) -> Gradebook:
        """The gradebook, a context manager. Raises CourseError where it cannot be opened."""
        try:
            return Gradebook(self.directory.db_url, self.directory.course_id)
        except SQLAlchemyError as exc:
            cause = str(getattr(exc, "orig", None) or exc).splitlines()[0]
            raise CourseError(
                f"the gradebook {self.shown_db_url} cannot be opened ({cause}); see that its "
                "database can be reached, or restore it from a copy"
            ) from None

    def path(self, step: str, student: str, lesson: str) -> Path:
        """A folder of nbgrader's, such as step "submitted"."""
        folder = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(folder, student, lesson))

    @property
    def lessons(self) -> list[str]:
        source = self.root / self.directory.source_directory
        return sorted(p.parent.name for p in source.glob("*/*.ipynb") if p.stem == p.parent.name)

    def source(self, lesson: str) -> Path:
        """The source notebook of a lesson. Raises CourseError where there is none."""
        if lesson not in self.lessons:
            raise CourseError(
                f"lesson is {lesson!r}; this course has {', '.join(self.lessons) or 'none'}"
            )
        return self.path("source", ".", lesson) / f"{lesson}.ipynb"

    def require_release(self, lesson: str) -> None:
        """Raise CourseError unless the lesson was released, so that it is in the gradebook."""
        self.source(lesson)
        with self.gradebook() as gradebook:
            try:
                if gradebook.find_assignment(lesson).notebooks:
                    return
            except MissingEntry:
                pass
        raise CourseError(
            f"lesson {lesson} was not released from {self.root}; run: autograder release {lesson}"
        )

    def students(self, lesson: str) -> list[str]:
        """Who has a folder for the lesson among the submissions."""
        folders = self.path("submitted", "*", lesson)
        return sorted(p.parent.name for p in self.root.glob(str(folders.relative_to(self.root))))

    def misplaced(self) -> list[Path]:
        """What lies among the submissions where no lesson looks for it."""
        root = self.root / self.directory.submitted_directory
        lessons = self.lessons  # looked up once: a class has thousands of folders
        return sorted(
            p.relative_to(self.root)
            for p in root.glob("[!.]*/[!.]*")
            if (p.is_dir() and p.name not in lessons) or p.suffix == ".ipynb"
        )

    def submission(self, student: str, lesson: str) -> Path:
        """The notebook that a student handed in, under whatever name.

        A renamed notebook counts when it is the only one. Raises CourseError for a folder
        without a notebook, or with several of which none has the lesson's name.
        """
        folder = self.path("submitted", student, lesson)
        for place in (folder, folder.parent):
            if place.is_symlink():  # perhaps to what somebody else handed in
                raise CourseError(f"{place} is a link; expected a folder")
        expected = folder / f"{lesson}.ipynb"
        found = sorted(folder.glob("*.ipynb")) if folder.is_dir() else []
        if expected in found:
            return expected
        if len(found) == 1:
            return found[0]
        names = ", ".join(p.name for p in found) or "no notebook"
        raise CourseError(f"{folder} has {names}; expected {lesson}.ipynb")

    def seed(self, lesson: str, student: str, submission: bytes) -> int:
        """The seed of a submission's inputs: fixed for these bytes, unknown to students.

        Derived from ``secret``, so that grading again gives the same grade. At most 2**53, which
        JSON keeps exactly.
        """
        message = b"\0".join([lesson.encode(), student.encode(), submission])
        digest = blake2b(message, key=self.secret(), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 11

    def secret(self) -> bytes:
        """What the seeds of this course are made from: ``.seed`` beside the gradebook.

        Made once; of two that make it at the same time one wins, and both use that.
        """
        path = self.root / ".seed"
        if not path.exists():
            made = path.with_name(f".seed.{secrets.token_hex(8)}")
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            try:
                os.link(made, path)
            except FileExistsError:
                pass
            finally:
                made.unlink()
        return path.read_text(encoding="ascii").strip().encode()

    def due(self, lesson: str) -> str | None:
        """The due date of a lesson, as text, where it has one."""
        with self.gradebook() as gradebook:
            date = gradebook.find_assignment(lesson).duedate
        return None if date is None else date.isoformat()

    @property
    def shown_db_url(self) -> str:
        """Where the gradebook is, without the password of a database."""
        return re.sub(r"(//[^:/@]*):[^@/]*@", r"\1:***@", self.directory.db_url)
