"""Confine a student's kernel with whatever this host offers, or refuse.

A *layer* is one mechanism of the kernel or the system:

    landlock    only named files and folders can be opened            (Linux 5.13 or newer)
    seccomp     no child processes, no network, no other process      (libseccomp)
    rlimits     memory, file size, open files, processor time
    bubblewrap  namespaces: own root, process list, network, IPC      (the program ``bwrap``)

``level`` tries the layers once a process, by confining a small program and letting it attempt
what must fail. Fail closed: files need landlock or bubblewrap, and seccomp is always needed.

A *sandbox* is one private folder for one kernel: ``lib`` (read-only copies of ``unrolled`` and of
``autograder/inside``), ``run`` (sockets) and ``home`` (scratch); nothing of it remains after.
A sandbox knows no points, lessons or scores.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.errors import IsolationError

LEVELS = ("auto", "full", "landlock", "none")
# Packages that must not be readable inside even where they are installed beside the others.
WITHHELD = ("autograder", "solutions", "unrolled")

_SYSTEM_READ = """
    /lib /lib64 /usr/lib /usr/lib64 /etc/ld.so.cache /etc/localtime /etc/mime.types
    /usr/share/zoneinfo /usr/share/fonts /etc/fonts
    /proc/self /proc/cpuinfo /proc/meminfo /proc/stat /proc/sys/vm/overcommit_memory
    /sys/devices/system/cpu /dev/urandom /dev/random /dev/zero
""".split()
_INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True)
class Limits:
    """What one student's kernel may use.

    memory_mib   private memory
    file_mib     size of one file; scratch_mib of all files together
    threads      of the kernel; TensorFlow starts a few for each processor
    output_mib   text, figures and messages that it may send for one cell or request
    cell_s, request_s   wall seconds for a cell, and for a request of the judge
    start_s      wall seconds for the kernel's start, and for a locked cell, which imports
    total_s      wall seconds for the whole notebook
    faults       how often a kernel may be killed before the notebook is given up
    """

    memory_mib: int = 4096
    file_mib: int = 64
    scratch_mib: int = 256
    threads: int = 1024
    output_mib: int = 8
    cell_s: float = 10.0
    request_s: float = 10.0
    start_s: float = 60.0
    total_s: float = 300.0
    faults: int = 8

    def rlimits(self) -> dict[str, int]:
        """The same for the operating system, by the names of ``resource``."""
        memory = self.memory_mib * 2**20
        return {
            "DATA": memory,
            # Shared mappings are no private data; this bounds them. TensorFlow maps several GiB
            # that it never touches.
            "AS": memory + 16 * 2**30,
            "FSIZE": self.file_mib * 2**20,
            "NOFILE": 256,
            "CORE": 0,
            "CPU": int(4 * self.total_s),
        }


@dataclass(frozen=True)
class Layer:
    """One layer as found on this host; ``missing`` says why not and how to get it."""

    name: str
    missing: str | None = None


@dataclass(frozen=True)
class Isolation:
    """The layers a kernel will be confined by."""

    layers: tuple[str, ...]

    def __str__(self) -> str:
        return "+".join(self.layers) or "none"


def isolation(level: str = "auto") -> Isolation:
    """Decide how to confine, or refuse.

    level  "auto" all that there is; "full" with namespaces; "landlock" without;
           "none" not at all, which must be asked for by name
    Raises IsolationError saying what is missing and what to do.
    """
    if level not in LEVELS:
        raise IsolationError(f"isolation is {level!r}; expected one of {', '.join(LEVELS)}")
    if level == "none":
        return Isolation(())
    found = {layer.name: layer.missing for layer in layers()}
    needed = {"full": ("bubblewrap", "seccomp"), "landlock": ("landlock", "seccomp")}
    lacking = [n for n in needed.get(level, ("seccomp",)) if found[n]]
    if level == "auto" and found["landlock"] and found["bubblewrap"]:
        lacking += ["landlock"]
    if lacking:
        reasons = "; ".join(f"{n}: {found[n]}" for n in lacking)
        raise IsolationError(
            f"this machine cannot confine a student's kernel ({reasons}). Grade on a Linux "
            "machine that can, or type --isolation none to run submissions with your own rights"
        )
    use = [n for n in ("bubblewrap", "landlock", "seccomp") if not found[n]]
    if level == "landlock":
        use = [n for n in use if n != "bubblewrap"]
    return Isolation((*use, "rlimits"))


@cache
def layers() -> tuple[Layer, ...]:
    """Find which layers work here, by trying each on a small program. Takes about a second."""
    if sys.platform != "linux":
        reason = f"needs Linux; this is {sys.platform}"
        return tuple(Layer(n, reason) for n in ("bubblewrap", "landlock", "seccomp", "rlimits"))
    return (
        Layer("bubblewrap", _bubblewrap_missing()),
        Layer("landlock", _landlock_missing()),
        Layer("seccomp", _seccomp_missing()),
        Layer("rlimits", None),
    )


def _landlock_missing() -> str | None:
    if find_spec("landlock") is None:
        return "the Python package landlock is not installed; run make setup"
    attempt = "import errno\ntry: open('/etc/passwd')\nexcept PermissionError: print('held')\n"
    if _trial(("landlock",), attempt) == "held":
        return None
    return (
        "the Linux kernel does not offer it; it needs Linux 5.13 or newer with 'landlock' among "
        "its security modules (lsm=...)"
    )


def _seccomp_missing() -> str | None:
    if find_spec("pyseccomp") is None:
        return "the Python package pyseccomp is not installed; run make setup"
    attempt = (
        "import os, socket\n"
        "held = 0\n"
        "for attempt in (os.fork, socket.socket, lambda: os.kill(os.getppid(), 0)):\n"
        "    try:\n"
        "        if attempt() == 0: os._exit(1)\n"
        "    except PermissionError: held += 1\n"
        "print('held' if held == 3 else held)\n"
    )
    if _trial(("seccomp",), attempt) == "held":
        return None
    return (
        "the library libseccomp is missing (Debian and Ubuntu: apt-get install libseccomp2), or "
        "the kernel refuses filters"
    )


def _bubblewrap_missing() -> str | None:
    if shutil.which("bwrap") is None:
        return "the program bwrap is not installed (Debian and Ubuntu: apt-get install bubblewrap)"
    attempt = (
        "import os\n"
        "print('held' if os.getpid() < 10 and not os.path.exists('/etc/passwd') else '')\n"
    )
    if _trial(("bubblewrap",), attempt) == "held":
        return None
    return (
        "bwrap cannot make namespaces here; allow unprivileged user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, or the container's seccomp profile)"
    )


def _trial(use: tuple[str, ...], code: str) -> str:
    """Run Python code confined by some layers and return what it prints."""
    with Sandbox(Isolation((*use, "rlimits")), Limits()) as box:
        command = box.command([sys.executable, "-I", "-c", code])
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=30, env=box.environment()
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.strip()


@dataclass
class Sandbox:
    """A private folder and the command line that confines a program to it.

    Use as a context manager, or call ``close``; both remove the folder.
    """

    isolation: Isolation
    limits: Limits
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        # Short, because a socket's path may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="unrolled-")).resolve()
        for name in ("run", "home"):
            (self.folder / name).mkdir()
        lib = self.folder / "lib"
        shutil.copytree(_INSIDE, lib, ignore=shutil.ignore_patterns("__*__*"))
        shutil.copy(_INSIDE.parent / "wire.py", lib)
        shutil.copytree(
            _unrolled_folder(), lib / "unrolled", ignore=shutil.ignore_patterns("__pycache__")
        )

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder and all that the kernel left in it."""
        with suppress(RecursionError):
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():  # folders deeper than Python can follow, or shut by a student
            for program in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
                subprocess.run([*program, "--", str(self.folder)], stderr=subprocess.DEVNULL)

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def scratch_used_mib(self) -> float | None:
        """How much the kernel has written, in MiB; None where some of it cannot be looked into.

        Each file and folder counts as 4 KiB at least, as a disk has only so many of them.
        """
        size, waiting = 0, [str(self.folder)]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        size += max(4096, entry.stat(follow_symlinks=False).st_blocks * 512)
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
            except FileNotFoundError:
                continue  # it went away meanwhile
            except OSError:
                return None  # too deep, or shut
        return size / 2**20

    def environment(self) -> dict[str, str]:
        """The whole environment of the kernel; nothing of the grader's is inherited."""
        home = str(self.home)
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": home,
            "TMPDIR": home,
            "LANG": "C.UTF-8",
            "IPYTHONDIR": home + "/.ipython",
            "MPLCONFIGDIR": home + "/.matplotlib",
            "KERAS_HOME": home + "/.keras",
            "JUPYTER_RUNTIME_DIR": str(self.run),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "UNROLLED_DEVICE": "cpu",
            "NBGRADER_EXECUTION": "autograde",
        }

    def kernel_command(self) -> list[str]:
        """The command of a student's kernel, with Jupyter's place for the connection file."""
        python = [sys.executable, "-I", str(self.folder / "lib" / "kernel.py")]
        options = ["--HistoryManager.enabled=False", "--IPKernelApp.capture_fd_output=False"]
        return self.command([*python, "-f", "{connection_file}", *options])

    def command(self, program: Sequence[str]) -> list[str]:
        """The command line that runs a program confined to this sandbox."""
        if not self.isolation.layers:
            return list(program)
        read, list_only = _readable()
        lib = str(self.folder / "lib")
        policy = {
            "layers": self.isolation.layers,
            "read": [*read, lib],
            "list": list_only,
            "write": [str(self.run), str(self.home), "/dev/null"],
            "limits": self.limits.rlimits(),
            "truncate": _truncate_is_open(),
        }
        confine = [sys.executable, "-I", lib + "/confine.py", json.dumps(policy)]
        wrap = self._bubblewrap(read) if "bubblewrap" in self.isolation.layers else []
        return [*wrap, *confine, *program]

    def _bubblewrap(self, read: Sequence[str]) -> list[str]:
        command = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--unshare-user"]
        command += ["--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session"]
        command += ["--cap-drop", "ALL", "--hostname", "unrolled"]
        for path in _mountable(read):
            command += ["--ro-bind", path, path]
        for path in _withheld():
            command += ["--tmpfs", path]
        command += ["--proc", "/proc", "--dev", "/dev"]
        command += ["--size", str(2**20), "--tmpfs", "/dev/shm"]
        size = str(self.limits.scratch_mib * 2**20)
        command += ["--ro-bind", str(self.folder / "lib"), str(self.folder / "lib")]
        command += ["--bind", str(self.run), str(self.run)]
        command += ["--size", size, "--tmpfs", str(self.home), "--chdir", str(self.home)]
        return [*command, "--"]


def _unrolled_folder() -> Path:
    spec = find_spec("unrolled")
    if spec is None or not spec.submodule_search_locations:
        raise IsolationError("the package unrolled is not installed; run make setup")
    return Path(next(iter(spec.submodule_search_locations)))


def _site_folders() -> list[Path]:
    names = ("purelib", "platlib")
    found = {Path(sysconfig.get_path(n)) for n in names}
    # In a virtual environment the standard library is elsewhere and has a site folder too.
    found |= {Path(sysconfig.get_path("stdlib")) / d for d in ("site-packages", "dist-packages")}
    return sorted(p for p in found if p.is_dir())


def _standard_library() -> list[Path]:
    folders = {Path(sysconfig.get_path(n)) for n in ("stdlib", "platstdlib")}
    sites = set(_site_folders())
    return [p for folder in sorted(folders) for p in folder.iterdir() if p not in sites]


@cache
def _readable() -> tuple[list[str], list[str]]:
    """What a kernel may read, and the folders whose names alone it may list."""
    read: list[Path] = [Path(p) for p in _SYSTEM_READ]
    read += _standard_library()
    for site in _site_folders():
        read += [p for p in site.iterdir() if p.name.split(".")[0] not in WITHHELD]
    for prefix in {sys.prefix, sys.base_prefix}:
        read += [Path(prefix) / "bin", Path(prefix) / "pyvenv.cfg"]
        read += Path(prefix).glob("lib/*.so*")  # conda keeps Python's own libraries here
    executable = Path(sys.executable)
    read += [executable, executable.resolve()]
    list_only = {*_site_folders(), *(p.parent for p in _standard_library())}
    return (
        sorted({str(p) for p in read if p.exists()}),
        sorted(str(p) for p in list_only),
    )


def _mountable(read: Sequence[str]) -> list[str]:
    """The same for mounts: outermost folders only, the Python parts as whole folders."""
    folders = {p.parent for p in _standard_library()} | set(_site_folders())
    paths = folders | {Path(p) for p in read if not p.startswith(("/proc", "/dev/"))}
    return sorted(str(p) for p in paths if paths.isdisjoint(p.parents))


def _withheld() -> list[str]:
    return [str(s / n) for s in _site_folders() for n in WITHHELD if (s / n).is_dir()]


@cache
def _truncate_is_open() -> bool:
    """Whether Landlock here is older than its rule for ``truncate`` (version 3)."""
    try:
        from landlock import landlock_abi_version

        return landlock_abi_version() < 3
    except (ImportError, OSError):
        return True
