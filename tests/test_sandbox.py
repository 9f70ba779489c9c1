"""What a confined program can do, on every level of isolation that this host offers.

Most tests run a short program in a sandbox and no kernel: confinement is the same and costs less.
The program tries what must fail and prints, as JSON, what it got away with.
"""

import json
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from conftest import LEVELS, ROOT, environment

from autograder import sandbox
from autograder.errors import IsolationError
from autograder.sandbox import Isolation, Layer, Limits, Sandbox, isolation

pytestmark = pytest.mark.skipif(
    not LEVELS, reason="this host cannot confine; see autograder doctor"
)
levels = pytest.mark.parametrize("level", LEVELS)

# A program gets `allowed`, to be called with a name and something to try, and `call` for trying a
# function of the C library.
PRELUDE = """
import ctypes, json, os, sys
done = []
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    def attempt():
        if getattr(libc, name)(*arguments) == -1:
            raise OSError(ctypes.get_errno(), name)
    return attempt
def allowed(name, attempt):
    try:
        attempt()
    except BaseException as exc:
        sys.stderr.write(f"{name}: {exc!r}\\n")
    else:
        done.append(name)
"""


def run(box, code, timeout=60, **env):
    """Run a program in a sandbox; return the finished process."""
    program = [sys.executable, "-I", "-c", textwrap.dedent(code)]
    return subprocess.run(
        box.command(program),
        cwd=box.home,
        env=box.environment() | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def trial(level, code, limits=None, **names):
    """What a program of attempts got away with. Names become its variables."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    code = PRELUDE + given + textwrap.dedent(code) + "\nprint(json.dumps(done))"
    with Sandbox(isolation(level), limits or Limits()) as box:
        done = run(box, code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@levels
def test_honest_work_goes_through(level):
    code = """
    def threads():
        import threading
        thread = threading.Thread(target=done.append, args=("inner",))
        thread.start()
        thread.join()
    def scratch():
        with open("note", "w") as file:
            file.write("kept for now")
        assert open(os.path.expanduser("~/note")).read() == "kept for now"
    def temporary():
        import tempfile
        tempfile.TemporaryFile().write(b"x")
    def packages():
        import numpy
        assert numpy.linalg.svd(numpy.eye(3))[1].sum() == 3
    def course():
        sys.path.insert(0, lib)
        import unrolled.checks
    lib = os.path.dirname(os.environ["HOME"]) + "/lib"
    for attempt in (threads, scratch, temporary, packages, course):
        allowed(attempt.__name__, attempt)
    """
    done = trial(level, code)
    assert done == ["inner", "threads", "scratch", "temporary", "packages", "course"]


@levels
def test_no_file_of_the_course_or_the_host_can_be_read(level, tmp_path):
    course = tmp_path / "course"
    for name in ("gradebook.db", ".seed", "submitted/ada/lstm_cell/lstm_cell.ipynb"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text("secret")
    home = Path.home()
    files = [
        ROOT / "solutions" / "lstm_cell.py",
        ROOT / "solutions" / "mistakes" / "lstm_cell.py",
        ROOT / "autograder" / "judge.py",
        ROOT / "course" / "source" / "lstm_cell" / "lstm_cell.ipynb",
        ROOT / "tests" / "conftest.py",
        ROOT / ".git" / "HEAD",
        *(course / n for n in ("gradebook.db", ".seed")),
        course / "submitted/ada/lstm_cell/lstm_cell.ipynb",
        *map(Path, ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/resolv.conf")),
        *(p for p in (home / ".bashrc", home / ".profile", home / ".bash_history") if p.exists()),
        *(Path(f"/proc/{os.getpid()}/{n}") for n in ("environ", "cmdline", "maps", "mem")),
        *(Path(f"/proc/{os.getppid()}/{n}") for n in ("environ", "cmdline")),
        Path("/proc/1/environ"),
        Path("/proc/kcore"),
    ]
    code = """
    for path in files:
        allowed(path, lambda: open(path, "rb").read(1))
        link = "link"
        if os.path.lexists(link):
            os.unlink(link)
        os.symlink(path, link)
        allowed("by link " + path, lambda: open(link, "rb").read(1))
        allowed("from here " + path, lambda: open("../../../../../.." + path, "rb").read(1))
        allowed("hard link " + path, lambda: os.link(path, "hard"))
        allowed("renamed " + path, lambda: os.rename(path, "taken"))
        allowed("to write " + path, lambda: open(path, "ab"))
    for folder in folders:
        allowed(folder, lambda: os.listdir(folder))
    """
    folders = [*(ROOT, ROOT / "solutions", ROOT / "autograder"), course, tmp_path, home, "/etc"]
    # In namespaces of its own a program sees its own first processes as 1 and so on.
    own = ("/proc/1/environ",) if level == "full" else ()
    done = trial(level, code, files=[*map(str, files)], folders=[*map(str, folders)])
    assert [d for d in done if not d.endswith(own or ("\0",))] == []
    assert (course / "gradebook.db").read_text() == "secret"


@levels
def test_the_packages_of_the_grader_cannot_be_imported(level):
    code = """
    import importlib
    for name in ("autograder", "solutions", "solutions.lstm_cell", "unrolled"):
        allowed(name, lambda: importlib.import_module(name))
    """
    assert trial(level, code) == []


@levels
def test_nothing_of_the_graders_environment_is_inherited(level, monkeypatch):
    monkeypatch.setenv("COURSE_TOKEN", "a secret of the grader")
    with Sandbox(isolation(level), Limits()) as box:
        done = run(box, "import json, os; print(json.dumps(dict(os.environ)))")
        got = json.loads(done.stdout)
    assert "COURSE_TOKEN" not in got
    assert {k: v for k, v in got.items() if k not in ("PWD", "LC_CTYPE")} == box.environment()


@levels
def test_no_descriptor_of_the_grader_is_open_inside(level, tmp_path):
    (tmp_path / "open").write_text("secret")
    code = """
    for number in range(3, 256):
        allowed(number, lambda: os.fstat(number))
    """
    with open(tmp_path / "open") as kept:
        os.set_inheritable(kept.fileno(), True)
        assert trial(level, code) == []


@levels
def test_there_is_no_network(level, tmp_path):
    code = """
    import socket
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            allowed(f"{family} {kind}", lambda: socket.socket(family, kind))
    allowed("datagrams", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    allowed("connect", lambda: socket.socket(socket.AF_UNIX).connect(path))
    allowed("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0name"))
    allowed("names", lambda: socket.getaddrinfo("localhost", 80))
    """
    import socket

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        assert trial(level, code, path=str(tmp_path / "s")) == []


@levels
def test_there_are_no_child_processes(level):
    code = """
    import subprocess
    def fork():
        if os.fork() == 0:
            os._exit(0)
    allowed("fork", fork)
    allowed("subprocess", lambda: subprocess.run(["/bin/true"]))
    allowed("a Python", lambda: subprocess.run([sys.executable, "-c", ""]))
    allowed("spawn", lambda: os.posix_spawn(sys.executable, [sys.executable], {}))
    allowed("forkpty", os.forkpty)
    if os.uname().machine == "x86_64":
        allowed("clone", call("syscall", 56, 17, 0, 0, 0, 0))
    """
    done = trial(level, code)
    assert done == []


@levels
def test_no_signal_reaches_another_process(level):
    # Signal 0 asks for permission only, so that a hole does not end the tests.
    code = """
    for pid in (grader, os.getppid(), 1, -1, -grader):
        if pid != os.getpid():
            allowed(f"kill {pid}", lambda: os.kill(pid, 0))
    allowed("killpg", lambda: os.killpg(os.getpgrp(), 0))
    allowed("pidfd", lambda: os.pidfd_open(grader))
    """
    assert trial(level, code, grader=os.getpid()) == []


@levels
def test_no_other_process_can_be_traced_or_read(level):
    code = """
    allowed("ptrace", call("ptrace", 16, grader, 0, 0))
    allowed("readv", call("process_vm_readv", grader, 0, 0, 0, 0, 0))
    """
    assert trial(level, code, grader=os.getpid()) == []


@levels
def test_no_descriptor_sends_signals_types_or_holds_up_others(level):
    code = """
    import fcntl, socket, struct, termios
    file = os.open("file", os.O_RDWR | os.O_CREAT)
    pair = socket.socketpair()[0]
    F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY = 8, 10, 15, 1024, 1026
    for name, command, value in (
        ("F_SETOWN", F_SETOWN, grader),
        ("F_SETOWN of a group", F_SETOWN, -grader),
        ("F_SETSIG", F_SETSIG, 9),
        ("F_SETOWN_EX", F_SETOWN_EX, struct.pack("ii", 1, grader)),
        ("F_SETLEASE", F_SETLEASE, fcntl.F_WRLCK),
        ("F_NOTIFY", F_NOTIFY, 1),
    ):
        for what in (file, pair):
            allowed(f"{name} of {what}", lambda: fcntl.fcntl(what, command, value))
    library = os.open(os.__file__, os.O_RDONLY)
    allowed("lease of a library", lambda: fcntl.fcntl(library, F_SETLEASE, fcntl.F_RDLCK))
    FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
    for name, command in (("FIOSETOWN", FIOSETOWN), ("SIOCSPGRP", SIOCSPGRP)):
        allowed(name, lambda: fcntl.ioctl(pair, command, struct.pack("i", grader)))
    allowed("TIOCSTI", lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x"))
    # The filter looks at 32 bits of a command, as the system does.
    if os.uname().machine == "x86_64":
        wide = ctypes.c_ulong(2**32 + F_SETOWN)
        allowed("F_SETOWN in 64 bits", call("syscall", 72, file, wide, grader))
    """
    assert trial(level, code, grader=os.getpid()) == []


@levels
def test_no_memory_is_had_that_the_limits_do_not_count(level):
    code = """
    allowed("memfd", lambda: os.memfd_create("hoard"))
    if os.uname().machine == "x86_64":
        allowed("memfd_create", call("syscall", 319, b"hoard", 0))
        allowed("memfd_secret", call("syscall", 447, 0))
        allowed("shmget", call("syscall", 29, 0, 2**20, 0o1600))
        allowed("mq_open", call("syscall", 240, b"hoard", 0o102, 0o600, 0))
    """
    assert trial(level, code) == []


@levels
def test_nothing_is_hung_on_files_and_the_end_with_the_grader_is_not_called_off(level):
    code = """
    open("file", "w").close()
    allowed("setxattr", lambda: os.setxattr("file", "user.note", b"x"))
    allowed("setxattrat", call("syscall", 463, -100, b"file", 0, b"user.note", b"", 16))
    allowed("file_setattr", call("syscall", 469, -100, b"file", b"", 24, 0))
    PR_SET_PDEATHSIG = 1
    allowed("PDEATHSIG", call("prctl", PR_SET_PDEATHSIG, 0, 0, 0, 0))
    allowed("personality", call("personality", 0x0040000))
    """
    assert trial(level, code) == []


@levels
def test_local_sockets_are_streams_to_oneself(level):
    code = """
    import socket
    for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
        for flags in (0, socket.SOCK_NONBLOCK, socket.SOCK_CLOEXEC):
            allowed(f"pair {kind} {flags}", lambda: socket.socketpair(socket.AF_UNIX, kind | flags))
            allowed(f"one {kind} {flags}", lambda: socket.socket(socket.AF_UNIX, kind | flags))
    allowed("pair of streams", socket.socketpair)
    """
    assert trial(level, code) == ["pair of streams"]


@levels
def test_root_inside_has_no_capability(level):
    code = """
    status = open("/proc/self/status").read().splitlines()
    for line in status:
        if line.startswith(("CapEff", "CapPrm", "CapBnd", "CapAmb")):
            if int(line.split()[1], 16):
                done.append(line)
        if line.startswith("NoNewPrivs") and line.split()[1] != "1":
            done.append(line)
    """
    if os.geteuid() != 0:
        pytest.skip("an ordinary user has no capability to lose")
    assert trial(level, code) == []


@levels
def test_nothing_is_written_but_scratch_and_that_does_not_stay(level, tmp_path):
    tmp_path.chmod(0o777)
    site = Path(os.__file__).parent
    places = [tmp_path, "/tmp", "/var/tmp", "/dev/shm", "/usr/lib", Path.home(), site, ROOT]
    places += [p for p in sys.path if p.endswith("site-packages")]
    code = """
    for place in places:
        allowed(place, lambda: open(place + "/unrolled-was-here", "w").write("x"))
        allowed("folder " + place, lambda: os.mkdir(place + "/unrolled-was-here"))
    allowed("code", lambda: open(lib + "/kernel.py", "a").write("x"))
    allowed("link", lambda: os.symlink("/etc/passwd", lib + "/passwd"))
    allowed("scratch", lambda: open("left", "w").write("x"))
    """
    with Sandbox(isolation(level), Limits()) as box:
        given = f"places = {[*map(str, places)]!r}\nlib = {str(box.folder / 'lib')!r}\n"
        text = PRELUDE + given + textwrap.dedent(code) + "\nprint(json.dumps(done))"
        done = json.loads(run(box, text).stdout)
        folder = box.folder
    # In a root of its own some of these are private and empty; what counts is what is outside.
    assert [d for d in done if d not in ("scratch",) and level != "full"] == []
    assert "scratch" in done and "code" not in done and "link" not in done
    assert not [p for p in map(Path, places) if (p / "unrolled-was-here").exists()]
    assert not folder.exists()


@levels
@pytest.mark.parametrize("place", ["home", "run"])
@pytest.mark.parametrize(
    "leave",
    [
        "for _ in range(2500): os.mkdir('d'); os.chdir('d')",
        "os.mkdir('shut'); open('shut/file', 'w').close(); os.chmod('shut', 0)",
        "os.umask(0o777); os.makedirs('a'); open('b', 'w').close()",
        "os.symlink('/', 'root'); os.mkfifo('fifo'); os.symlink('loop', 'loop')",
        "open(b'\\xff\\xfe', 'w').close(); open('new\\nline', 'w').close()",
        "[open(str(i), 'w').close() for i in range(2000)]",
    ],
    ids=["deep", "shut", "umask", "links", "names", "many"],
)
def test_whatever_a_student_leaves_is_removed(level, place, leave):
    with Sandbox(isolation(level), Limits()) as box:
        done = run(box, f"import os\nos.chdir({str(box.folder / place)!r})\n{leave}")
        box.scratch_used_mib()
        folder = box.folder
    assert done.returncode == 0, done.stderr
    assert not folder.exists()


@levels
def test_what_a_link_points_to_is_not_removed(level, tmp_path):
    (tmp_path / "kept").write_text("kept")
    with Sandbox(isolation(level), Limits()) as box:
        run(box, f"import os; os.chdir({str(box.run)!r}); os.symlink({str(tmp_path)!r}, 'link')")
        assert os.path.islink(box.run / "link")
    assert (tmp_path / "kept").read_text() == "kept"


LIMITS = Limits(memory_mib=512, file_mib=2, scratch_mib=16)


@levels
def test_memory_has_a_limit(level):
    code = """
    def hoard():
        kept = []
        for _ in range(100):
            kept.append(bytearray(2**26))
    allowed("more", hoard)
    allowed("some", lambda: bytearray(2**26))
    """
    assert trial(level, code, LIMITS) == ["some"]


@levels
def test_a_file_has_a_limit(level):
    code = """
    def fill():
        with open("big", "wb") as file:
            for _ in range(3):
                file.write(bytes(2**20))
                file.flush()
    allowed("more", fill)
    allowed("some", lambda: open("small", "wb").write(bytes(2**20)))
    allowed("truncate", lambda: os.truncate("small", 2**40))
    allowed("fallocate", lambda: os.posix_fallocate(os.open("small", os.O_RDWR), 0, 2**30))
    """
    assert trial(level, code, LIMITS) == ["some"]


@levels
def test_all_files_together_have_a_limit_or_are_counted(level):
    code = "for n in range(20):\n    open(str(n), 'wb').write(bytes(2**20))"
    with Sandbox(isolation(level), LIMITS) as box:
        done = run(box, code)
        counted = box.scratch_used_mib()
    assert "No space left" in done.stderr or counted > LIMITS.scratch_mib


@levels
def test_empty_files_count_too(level):
    # Each takes an entry of the file system, of which there are not so many.
    code = "import os\nfor n in range(3000):\n    open(str(n), 'w').close()"
    with Sandbox(isolation(level), LIMITS) as box:
        done = run(box, f"import os\nos.chdir({str(box.run)!r})\n{code}")
        assert done.returncode == 0, done.stderr
        assert box.scratch_used_mib() > 3000 * 2**10 / 2**20


@levels
def test_open_files_and_threads_have_a_limit(level):
    code = """
    import threading
    def files():
        kept = [open("/dev/zero") for _ in range(300)]
    def threads():
        wait = threading.Event()
        try:
            for _ in range(20_000):
                threading.Thread(target=wait.wait, daemon=True).start()
        finally:
            wait.set()
    allowed("files", files)
    allowed("threads", threads)
    """
    assert trial(level, code, LIMITS) == []


@levels
def test_limits_cannot_be_raised_again(level):
    code = """
    import resource
    for name in ("DATA", "AS", "FSIZE", "NOFILE", "CORE", "CPU"):
        number = getattr(resource, "RLIMIT_" + name)
        now = resource.getrlimit(number)[1]
        allowed(name, lambda: resource.setrlimit(number, (now + 1, now + 1)))
    """
    assert trial(level, code) == []


@levels
def test_processor_time_has_a_limit(level):
    limits = Limits(total_s=0.25)  # the system counts whole seconds: four times this
    with Sandbox(isolation(level), limits) as box:
        done = run(box, "while True: pass")
    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGKILL)


GRADER = """
import sys, time
from autograder.student import Student
with Student({level!r}) as student:
    student.run("1")
    print(student._manager.provisioner.process.pid, student._manager.provisioner.box.folder)
    sys.stdout.flush()
    time.sleep(600)
"""


@levels
def test_a_kernel_is_gone_soon_after_its_grader_was_killed(level):
    code = GRADER.format(level=level)
    grader = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        pid, folder = grader.stdout.readline().split()
        kernel = psutil.Process(int(pid))
        family = [kernel, *kernel.children(recursive=True)]
        assert all(p.is_running() for p in family)
        grader.kill()
        grader.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert alive == []
        shutil.rmtree(folder)
    finally:
        grader.kill()
        grader.wait()
        grader.stdout.close()


def pretend(monkeypatch, **missing):
    """Make this host one without some layers."""
    names = ("bubblewrap", "landlock", "seccomp", "rlimits")
    found = tuple(Layer(n, missing.get(n)) for n in names)
    monkeypatch.setattr(sandbox, "layers", lambda: found)


@pytest.mark.parametrize(
    ("level", "missing", "named"),
    [
        ("auto", {"seccomp": "no libseccomp"}, "seccomp: no libseccomp"),
        ("auto", {"landlock": "too old", "bubblewrap": "not there"}, "landlock: too old"),
        ("full", {"bubblewrap": "not there"}, "bubblewrap: not there"),
        ("landlock", {"landlock": "too old"}, "landlock: too old"),
        ("landlock", {"seccomp": "none"}, "seccomp: none"),
        ("full", {"seccomp": "none"}, "seccomp: none"),
    ],
)
def test_without_its_layers_grading_refuses_and_says_what_is_missing(
    monkeypatch, level, missing, named
):
    pretend(monkeypatch, **missing)
    with pytest.raises(IsolationError) as refused:
        isolation(level)
    assert named in str(refused.value)
    assert "or type --isolation none" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("level", "missing", "used"),
    [
        ("auto", {}, "bubblewrap+landlock+seccomp+rlimits"),
        ("full", {}, "bubblewrap+landlock+seccomp+rlimits"),
        ("landlock", {}, "landlock+seccomp+rlimits"),
        ("auto", {"bubblewrap": "not there"}, "landlock+seccomp+rlimits"),
        ("auto", {"landlock": "too old"}, "bubblewrap+seccomp+rlimits"),
        ("landlock", {"bubblewrap": "not there"}, "landlock+seccomp+rlimits"),
        ("none", {"seccomp": "none", "landlock": "none", "bubblewrap": "none"}, "none"),
    ],
)
def test_the_layers_that_are_there_are_used_and_named(monkeypatch, level, missing, used):
    pretend(monkeypatch, **missing)
    assert str(isolation(level)) == used


def test_a_level_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(IsolationError, match="'lots'; expected one of auto, full, landlock, none"):
        isolation("lots")


def test_on_another_system_the_reason_names_it(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    found = sandbox.layers.__wrapped__()
    assert {layer.missing for layer in found} == {"needs Linux; this is darwin"}


@pytest.mark.parametrize("module", ["landlock", "pyseccomp"])
def test_a_missing_package_is_a_missing_layer(monkeypatch, module):
    real = sandbox.find_spec
    monkeypatch.setattr(sandbox, "find_spec", lambda n: None if n == module else real(n))
    layers = {layer.name: layer.missing for layer in sandbox.layers.__wrapped__()}
    name = module.removeprefix("py")
    assert layers[name] == f"the Python package {module} is not installed; run make setup"


def test_without_bubblewrap_the_reason_names_the_package_to_install(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in sandbox._bubblewrap_missing()


def test_a_step_of_the_confinement_that_fails_ends_the_program(tmp_path):
    # Here the policy asks for a resource that there is not; nothing of the program may run.
    with Sandbox(Isolation(("rlimits",)), Limits()) as box:
        command = box.command([sys.executable, "-c", "print('ran')"])
        policy = json.loads(command[3])
        policy["limits"]["NONSENSE"] = 1
        command[3] = json.dumps(policy)
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout == ""


def test_none_runs_with_the_graders_rights_and_says_so():
    with Sandbox(isolation("none"), Limits()) as box:
        assert box.command(["program"]) == ["program"]
        assert str(box.isolation) == "none"


ORDINARY = """
from autograder.errors import StudentFault
from autograder.student import Student
for level in {levels!r}:
    with Student(level) as student:
        for path in ("/etc/passwd", "/proc/1/environ"):
            run = student.run(f"open('{{path}}').read()")
            assert run.error in ("PermissionError", "FileNotFoundError"), (path, run)
        for call in ("import os; os.fork()", "import socket; socket.socket()"):
            assert student.run(call).error == "PermissionError", call
        folder = student._manager.provisioner.box.folder
        try:  # what the grader cannot look into counts as too much, and is removed all the same
            student.run("import os; os.makedirs('shut/in'); os.chmod('shut', 0); os.mkdir('s', 0)")
        except StudentFault as fault:
            assert fault.kind == "disk", fault
    assert not folder.exists(), folder
    print(level)
"""


def test_an_ordinary_user_confines_just_as_well():
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user already")
    if shutil.which("runuser") is None:
        pytest.skip("there is no runuser to become another user")
    try:
        pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("there is no user nobody")
    as_nobody = ["runuser", "-u", "nobody", "--", sys.executable, "-c"]
    options = {"capture_output": True, "text": True, "cwd": "/", "timeout": 300}
    env = environment(HOME="/nonexistent")
    able = subprocess.run([*as_nobody, "import autograder"], env=env, **options)
    if able.returncode != 0:
        pytest.skip(f"the user nobody cannot read this environment: {able.stderr.strip()[-120:]}")
    done = subprocess.run([*as_nobody, ORDINARY.format(levels=LEVELS)], env=env, **options)
    assert done.stdout.split() == LEVELS, done.stderr


def test_the_limits_of_this_process_are_left_alone():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Sandbox(isolation(), LIMITS) as box:
        run(box, "pass")
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
