"""The README's commands are run as they stand, in its order, so that it stays true."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import LEVELS, address_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, flags=re.MULTILINE)


def run(command, folder):
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        shlex.split(command), cwd=folder, env=env, capture_output=True, text=True, timeout=500
    )


@pytest.mark.slow
@pytest.mark.skipif(not LEVELS, reason="this host cannot confine; see autograder doctor")
def test_the_commands_of_the_readme_work_in_its_order(tmp_path):
    (tmp_path / "course").symlink_to(ROOT / "course")
    commands = [c for c in COMMANDS if c.startswith("autograder")]
    assert len(commands) >= 5
    outputs = {}
    for command in commands:
        done = run(command, tmp_path)
        # A class with a broken file is graded, and `check` of a wrong answer exits with 1.
        expected = 1 if " check " in command else 0
        assert done.returncode == expected, (command, done.stdout, done.stderr)
        outputs[command.split()[1]] = done.stdout
    assert "2-wrong-first" in outputs["grade"]
    assert "Hint:" in outputs["check"]
    assert "grading uses:" in outputs["doctor"]


def test_every_make_command_of_the_readme_is_a_target():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {c.split()[1] for c in COMMANDS if c.startswith("make ")}
    assert named and named <= targets


@pytest.mark.slow
@pytest.mark.parametrize("named", [False, True], ids=["make lab", "make lab COURSE=..."])
def test_make_lab_opens_a_course_with_formgrader_in_it(base, tmp_path, named):
    runtime = tmp_path / "runtime"
    # The environment that runs this test is the one to use, as it is: nothing is installed.
    venv = sys.prefix
    command = ["make", "lab", f"VENV={venv}", "-o", f"{venv}/.ready", "ARGS=--no-browser --port=0"]
    command += [f"COURSE={base.root}"] if named else []
    places = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA")}
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **places, "JUPYTER_RUNTIME_DIR": str(runtime)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        address, token = address_of(server, runtime, tmp_path / "log")
        with urlopen(f"{address}/api/contents?token={token}", timeout=60) as reply:
            names = {item["name"] for item in json.load(reply)["content"]}
        assert "source" in names and ("submitted" in names) == named
        page = urlopen(f"{address}/formgrader/manage_assignments?token={token}", timeout=60)
        with page as reply:
            assert "formgrader" in reply.read().decode().lower()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def test_the_check_message_that_the_readme_shows_is_what_a_student_sees():
    import numpy as np

    from unrolled import checks

    def rnn_step(x, h, Wx, Wh, b):
        return np.tanh(x @ Wx + h @ Wh.T + b)

    with pytest.raises(checks.CheckFailed) as failure:
        checks.run("rnn_step", "values", rnn_step)
    shown = " ".join(README[README.index("CheckFailed:") :].split("\n\n")[0].split())
    assert f"CheckFailed: {failure.value}" == shown


def test_every_file_that_the_readme_names_exists():
    folders = ["", "course/unrolled/", "autograder/", "course/"]
    names = re.findall(r"`([\w./<>-]+(?:\.py|\.md|/))`", README)
    for name in names:
        name = name.replace("<lesson>", "lstm_cell")
        if name.split("/")[0] in ("results", "release", "submitted", "source"):
            continue
        assert any((ROOT / folder / name).exists() for folder in folders), name
