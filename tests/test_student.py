"""The judge's view of a student's kernel: what it gives, and what its every misdeed becomes."""

import sys

import nbformat
import numpy as np
import psutil
import pytest
import zmq
from conftest import LEVELS
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from autograder import provisioner, wire
from autograder.errors import IsolationError, StudentFault
from autograder.provisioner import kernel_spec
from autograder.sandbox import Limits, Sandbox
from autograder.student import Student
from unrolled.checks.engine import Case

pytestmark = pytest.mark.skipif(
    not LEVELS, reason="this host cannot confine; see autograder doctor"
)
SHORT = Limits(cell_s=3.0, request_s=3.0, output_mib=1, scratch_mib=32)
DOUBLE = "def double(x):\n    return 2 * x\n"
# The parts of the kernel that student code can get hold of, and replace.
INSIDE = """
kernel = get_ipython().kernel
session = kernel.session
inside = kernel.shell_handlers["unrolled_request"].__func__.__globals__
wire = inside["wire"]
"""


@pytest.fixture
def student():
    with Student(limits=SHORT) as one:
        yield one


def text_of(run):
    return "".join(o.get("text", "") for o in run.outputs)


def test_a_cell_gives_its_output_and_its_error_and_later_cells_see_earlier_ones(student):
    run = student.run("import sys\nx = 3\nprint('out')\nprint('err', file=sys.stderr)\nx")
    assert run.error is None
    texts = {o.name: o.text for o in run.outputs if o.output_type == "stream"}
    assert texts == {"stdout": "out\n", "stderr": "err\n"}
    (result,) = (o for o in run.outputs if o.output_type == "execute_result")
    assert result.data == {"text/plain": "3"}
    run = student.run("x / 0")
    assert run.error == "ZeroDivisionError"
    assert run.outputs[0].output_type == "error"
    assert text_of(student.run("print(x)")) == "3\n"
    assert student.run("input()").error == "StdinNotImplementedError"
    assert student.run("raise SystemExit").error == "SystemExit"
    assert text_of(student.run("print('still here')")) == "still here\n"


def test_an_answer_is_asked_many_cases_at_once_and_its_outcomes_keep_their_order(student):
    student.run(
        "def f(x):\n"
        "    if x.sum() < 0: raise ValueError('negative\\nsum')\n"
        "    x += 1\n"
        "    return x, {'half': x / 2}\n"
    )
    cases = [Case((np.full(3, v),)) for v in (1.0, -1.0, 5.0)]
    first, second, third = student.ask("f", cases)
    assert first.value[0].tolist() == [2, 2, 2] and first.value[1]["half"].tolist() == [1, 1, 1]
    assert first.changed == (0,)
    assert second.error == "ValueError: negative sum" and second.value is None
    assert third.value[0].tolist() == [6, 6, 6]
    assert cases[0].arguments[0].tolist() == [1, 1, 1]


def test_prints_and_warnings_while_answering_harm_nothing(student):
    student.run(
        "import sys, warnings\n"
        "def f(x):\n"
        "    print('x' * 1000); print('y', file=sys.stderr); warnings.warn('careful')\n"
        "    return x\n"
    )
    (outcome,) = student.ask("f", [Case((1.5,))])
    assert (outcome.value, outcome.error) == (1.5, None)


def test_a_name_that_is_not_defined_is_a_fault_of_its_own(student):
    with pytest.raises(StudentFault, match="f is not defined") as fault:
        student.ask("f", [Case(())])
    assert fault.value.kind == "missing"
    student.run("f = 3")
    (outcome,) = student.ask("f", [Case(())])
    assert outcome.error == "TypeError: 'int' object is not callable"


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        ("while True: pass", "timeout", "ran longer than 3 s"),
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "timeout",
            "ran longer than 3 s",
        ),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
            "timeout",
            "ran longer than 3 s",
        ),
        ("get_ipython().kernel.do_execute = None", None, ""),
        ("import os; os._exit(0)", "crashed", "ended the notebook's process"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "ended the notebook's process"),
        ("import os, signal; os.kill(os.getpid(), 9)", "crashed", "ended the notebook's process"),
        # Printed faster than it can be sent, it may never arrive, and then is too slow.
        ("while True: print('x' * 100_000)", "output timeout", "printed more|ran longer"),
        (
            "from IPython.display import display\nwhile True: display({'text/html': 'x' * 10**6}, "
            "raw=True)",
            "output",
            "printed more than 1 MiB",
        ),
    ],
    ids=["loop", "stubborn", "stopped", "no-execute", "exit", "segfault", "kill", "flood", "html"],
)
def test_a_cell_that_never_ends_or_ends_the_process_is_a_fault_and_earlier_answers_stay(
    student, code, kind, sentence
):
    student.run(DOUBLE)
    if kind is None:
        student.run(code)
        with pytest.raises(StudentFault) as fault:
            student.run("1")
        assert fault.value.kind == "timeout"
    else:
        with pytest.raises(StudentFault, match=sentence) as fault:
            student.run(code)
        assert fault.value.kind in kind.split()
    (outcome,) = student.ask("double", [Case((21,))])
    assert outcome.value == 42


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(1)", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("while True: print('x' * 100_000)", "output timeout"),
    ],
    ids=["loop", "exit", "segfault", "flood"],
)
def test_an_answer_that_never_ends_or_ends_the_process_costs_no_other_answer(student, body, kind):
    student.run(DOUBLE)
    student.run(f"def bad(x):\n    {body}\n")
    with pytest.raises(StudentFault) as fault:
        student.ask("bad", [Case((1,))])
    assert fault.value.kind in kind.split()
    (outcome,) = student.ask("double", [Case((4,))])
    assert outcome.value == 8


@pytest.mark.parametrize("level", LEVELS)
def test_a_full_scratch_folder_ends_the_cell(level):
    # With namespaces the folder itself is full; without, the grader counts and ends the process.
    code = "n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').write(bytes(2**20))"
    with Student(level, SHORT) as student:
        try:
            run = student.run(code)
            assert run.error == "OSError"
        except StudentFault as fault:
            assert fault.kind == "disk"
            assert str(fault) == "wrote more than 32 MiB"
        assert student.run("1").error is None


def test_a_cell_that_swallows_memory_gets_a_memory_error():
    with Student(limits=Limits(memory_mib=512)) as small:
        run = small.run("import numpy as np\nkept = [np.ones(2**24) for _ in range(100)]")
        assert run.error == "MemoryError"
        assert small.run("1").error is None


REPLIES = {
    "no-wire": "inside['answer'] = lambda *a: b'nonsense'",
    "pickle": "import pickle; inside['answer'] = lambda *a: pickle.dumps(print)",
    "no-dict": "inside['answer'] = lambda *a: wire.encode([1, 2])",
    "no-outcomes": "inside['answer'] = lambda *a: wire.encode({'outcomes': 3})",
    "too-few": "inside['answer'] = lambda *a: wire.encode({'missing': False, 'outcomes': []})",
    "too-many": (
        "o = {'value': 42, 'error': None, 'changed': [], 'warnings': []}\n"
        "inside['answer'] = lambda *a: wire.encode({'missing': False, 'outcomes': [o, o]})"
    ),
    "no-outcome": "inside['answer'] = lambda *a: wire.encode({'outcomes': ['passed']})",
    "error-no-text": (
        "o = {'value': 42, 'error': 7, 'changed': [], 'warnings': []}\n"
        "inside['answer'] = lambda *a: wire.encode({'outcomes': [o]})"
    ),
    "changed-elsewhere": (
        "o = {'value': 42, 'error': None, 'changed': [-1], 'warnings': []}\n"
        "inside['answer'] = lambda *a: wire.encode({'outcomes': [o]})"
    ),
    "changed-true": (
        "o = {'value': 42, 'error': None, 'changed': [False], 'warnings': []}\n"
        "inside['answer'] = lambda *a: wire.encode({'outcomes': [o]})"
    ),
    "warnings-no-list": (
        "o = {'value': 42, 'error': None, 'changed': [], 'warnings': 'none'}\n"
        "inside['answer'] = lambda *a: wire.encode({'outcomes': [o]})"
    ),
    "huge-shape": (
        "import json, struct\n"
        "h = json.dumps({'a': ['<f8', [0] + [2**24] * 7]}).encode()\n"
        "inside['answer'] = lambda *a: b'UNR1' + struct.pack('<I', len(h)) + h"
    ),
    "other-type": (
        "send = session.send\n"
        "def lie(stream, kind, *a, **k):\n"
        "    kind = 'execute_reply' if kind == 'unrolled_reply' else kind\n"
        "    return send(stream, kind, *a, **k)\n"
        "session.send = lie"
    ),
    "no-buffer": (
        "send = session.send\nsession.send = lambda *a, buffers=None, **k: send(*a, **k)"
    ),
    "two-buffers": (
        "send = session.send\n"
        "session.send = lambda *a, buffers=None, **k: "
        "send(*a, buffers=buffers and buffers * 2, **k)"
    ),
    "unsigned": "session.key = b'another key'",
    "bad-header": (
        "session.send = lambda stream, *a, ident=None, **k: "
        "stream.send_multipart([*(ident or []), b'<IDS|MSG>', session.sign([b'[]'] * 4), "
        "*[b'[]'] * 4])"
    ),
    "deep-header": (
        "deep = b'[' * 10**5\n"
        "session.send = lambda stream, *a, ident=None, **k: "
        "stream.send_multipart([*(ident or []), b'<IDS|MSG>', session.sign([deep] * 4), "
        "*[deep] * 4])"
    ),
    "no-frames": "session.send = lambda stream, *a, ident=None, **k: stream.send_multipart(ident)",
    "huge": "inside['answer'] = lambda *a: bytes(40 * 2**20)",
    "silent": "session.send = lambda *a, **k: None",
    "handler-gone": "kernel.shell_handlers.clear()",
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_malformed_reply_is_a_fault_in_a_sentence_and_the_judge_goes_on(student, name):
    student.run(DOUBLE)
    try:
        student.run(INSIDE + REPLIES[name])
        (outcome,) = student.ask("double", [Case((1,))])
    except StudentFault as fault:
        assert fault.kind in ("protocol", "timeout", "crashed", "output")
        assert "\n" not in str(fault) and len(str(fault)) < 300
    else:
        raise AssertionError(f"a malformed reply was taken: {outcome}")


OUTPUTS = {
    "stream-without-text": "send('stream', {})",
    "stream-of-a-list": "send('stream', {'name': ['x'], 'text': {'a': 1}})",
    "result-without-data": "send('execute_result', {})",
    "display-without-metadata": "send('display_data', {'data': {'text/plain': 'x'}})",
    "data-of-a-list": "send('display_data', {'data': [1], 'metadata': 3})",
    "error-without-traceback": "send('error', {'ename': 1})",
    "status-of-a-list": "send('status', {'execution_state': ['idle']})",
    "unknown-type": "send('grade', {'points': 100})",
    "a-reply-as-output": "send('execute_reply', {'status': 'ok'})",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_malformed_output_ends_nothing_but_at_most_its_own_cell(student, name):
    student.run(DOUBLE)
    code = (
        INSIDE
        + "def send(kind, content):\n"
        + "    session.send(kernel.iopub_socket, kind, content, kernel.get_parent(), ident=b'x')\n"
        + OUTPUTS[name]
    )
    try:
        student.run(code)
    except StudentFault as fault:
        assert fault.kind == "protocol"
        assert "\n" not in str(fault)
    (outcome,) = student.ask("double", [Case((2,))])
    assert outcome.value == 4


def test_no_message_larger_than_any_honest_one_is_taken_into_the_graders_memory(student):
    student.run("1")
    client = student._client
    for channel in (client.shell_channel, client.iopub_channel):
        assert 0 < channel.socket.getsockopt(zmq.MAXMSGSIZE) <= 2 * wire.MAX_BYTES


def test_of_two_replies_the_first_counts_and_the_other_is_not_taken_for_the_next(student):
    student.run(DOUBLE + "def f(x):\n    return x\n")
    student.run(
        INSIDE + "send = session.send\n"
        "def twice(*a, **k):\n"
        "    if a[1] == 'unrolled_reply': send(*a, **k)\n"
        "    return send(*a, **k)\n"
        "session.send = twice"
    )
    for number in range(3):
        assert student.ask("double", [Case((number,))])[0].value == 2 * number
        assert student.ask("f", [Case((number,))])[0].value == number


def test_a_reply_to_a_request_that_was_not_made_is_left_aside(student):
    student.run(DOUBLE)
    student.run(
        INSIDE + "send = session.send\n"
        "o = {'value': 99, 'error': None, 'changed': [], 'warnings': []}\n"
        "false = wire.encode({'missing': False, 'outcomes': [o]})\n"
        "def early(stream, kind, content=None, parent=None, **k):\n"
        "    if kind == 'unrolled_reply':\n"
        "        other = {**parent['header'], 'msg_id': 'of-nobody'}\n"
        "        send(stream, kind, {}, {'header': other}, ident=k['ident'], buffers=[false])\n"
        "    return send(stream, kind, content, parent, **k)\n"
        "session.send = early"
    )
    assert student.ask("double", [Case((2,))])[0].value == 4


def test_a_notebook_is_given_up_after_so_many_faults():
    limits = Limits(faults=2)
    with Student(limits=limits) as student:
        for _ in range(2):
            with pytest.raises(StudentFault, match="ended the notebook's process"):
                student.run("import os; os._exit(0)")
        for _ in range(2):
            with pytest.raises(StudentFault, match="given up: its process ended 2 times") as fault:
                student.run("1")
            assert fault.value.kind == "crashed"


def test_a_whole_notebook_has_a_time_limit_too():
    with Student(limits=Limits(total_s=0.0)) as student, pytest.raises(StudentFault) as fault:
        student.run("1")
    assert fault.value.kind == "timeout"
    assert str(fault.value) == "was stopped: the whole notebook took more than 0 s"


def test_a_cell_that_ends_the_process_when_run_again_is_left_out_and_costs_no_other_cell():
    # After a fault the earlier cells run again; this one did well before and now does not.
    with Student(limits=SHORT) as student:
        student.run(DOUBLE)
        student.run("2")
        student.run("three = 3")
        student._history[1] = ("import os; os._exit(0)", 3.0)
        with pytest.raises(StudentFault):
            student.run("import os; os._exit(0)")
        assert text_of(student.run("print(three)")) == "3\n"
        assert student.ask("double", [Case((3,))])[0].value == 6


def test_no_process_and_no_file_stays_after_closing():
    with Student(limits=SHORT) as student:
        student.run("open('left', 'w').write('x')")
        manager = student._manager
        box = manager.provisioner.box
        family = [psutil.Process(manager.provisioner.process.pid)]
        family += family[0].children(recursive=True)
        folder = box.folder
        assert folder.exists()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert not folder.exists()


def test_closing_twice_or_unused_is_fine():
    student = Student()
    student.close()
    student.close()


def test_a_kernel_that_cannot_start_is_a_matter_of_the_host_and_says_why(monkeypatch):
    program = [sys.executable, "-c", "import sys; sys.exit('the layer broke')"]
    monkeypatch.setattr(Sandbox, "kernel_command", lambda self: program)
    with Student() as student, pytest.raises(IsolationError) as error:
        student.run("1")
    assert "the confined kernel did not start" in str(error.value)
    assert "the layer broke" in str(error.value)


@pytest.mark.parametrize("level", LEVELS)
def test_the_level_that_was_asked_for_is_the_one_that_holds(level):
    code = (
        "held = []\n"
        "for path in ('/etc/passwd', '/etc/hostname'):\n"
        "    try: open(path)\n"
        "    except OSError as exc: held.append(type(exc).__name__)\n"
        "try: __import__('os').fork()\n"
        "except OSError: held.append('fork')\n"
        "print(*held)"
    )
    with Student(level, SHORT) as student:
        words = text_of(student.run(code)).split()
    name = "FileNotFoundError" if level == "full" else "PermissionError"
    assert words == [name, name, "fork"]


# Jupyter's own ways


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """Run cells with nbclient in the kernelspec "confined", found where Jupyter looks."""
    folder = tmp_path / "kernels" / "confined"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(kernel_spec("auto", SHORT).to_json())
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    boxes = []
    real = provisioner.Sandbox
    monkeypatch.setattr(provisioner, "Sandbox", lambda *a: boxes.append(real(*a)) or boxes[-1])

    def run(*sources):
        notebook = new_notebook(cells=[new_code_cell(s) for s in sources])
        try:
            NotebookClient(notebook, kernel_name="confined", timeout=60).execute()
        finally:
            assert [box.folder.exists() for box in boxes] == [False]
        return notebook

    return run


def test_nbclient_runs_a_notebook_in_a_sandbox_without_knowing_it(execute):
    notebook = execute("x = 20", "print(x + 1)", "open('note', 'w').write('x')")
    assert notebook.cells[1].outputs[0].text == "21\n"
    assert nbformat.validate(notebook) is None


def test_nbclient_quotes_the_error_of_a_cell_that_tries_to_get_out(execute):
    with pytest.raises(CellExecutionError, match=r"PermissionError|FileNotFoundError"):
        execute("open('/etc/passwd')")


def test_the_kernelspec_holds_the_limits_and_the_level():
    config = kernel_spec("landlock", Limits(memory_mib=7)).metadata["kernel_provisioner"]
    assert config["provisioner_name"] == "unrolled-sandbox"
    assert config["config"]["isolation"] == "landlock"
    assert config["config"]["memory_mib"] == 7
