"""Judge changed answers in a process that may hang, end or run out of memory."""

import linecache
import multiprocessing
import os
import resource
import sys
import time
import warnings
from pathlib import Path

from checking import finding, visible

from autograder.references import solution
from unrolled.checks import EXERCISES, lesson_of

# An answer is stopped after this, and ten times what the reference took.
SECONDS = 10.0
# What becomes of the reference, and of an answer that no set of cases finds fault with.
PASSES = "passes everything"
# What an answer may take beyond what the process has, in bytes.
MEMORY = 2 * 2**30


def judge(name, answer, seeds):
    """What becomes of an answer: "wrong", "raises", or a text that says where it passes.

    Every set of cases has to find fault with it: the visible one, and the hidden one of each seed.
    """
    properties = EXERCISES[name].properties
    sets = {"the visible checks": lambda p: visible(name, p, answer)}
    sets |= {f"seed {s}": lambda p, s=s: finding(name, p, answer, s) for s in range(1, seeds + 1)}
    passed, raised = [], []
    for where, check in sets.items():
        fault = next((f for p in properties if not (f := check(p)).holds), None)
        if fault is None:
            passed.append(where)
        else:
            raised.append(any(outcome.error for outcome in fault.outcomes))
    if passed:
        return PASSES if len(passed) == len(sets) else f"passes {', '.join(passed)}"
    return "raises" if all(raised) else "wrong"


class Worker:
    """A process that judges answers to one exercise; a new one where an answer stops it."""

    def __init__(self, name, seeds):
        self.name, self.seeds = name, seeds
        self._start()

    def _start(self):
        context = multiprocessing.get_context("fork")  # TensorFlow's import takes seconds
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self.name, self.seeds), daemon=True
        )
        with warnings.catch_warnings():  # threads are there, of NumPy; none holds a lock
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()
        fate, self.seconds = self._pipe.recv()
        if fate != PASSES:
            raise ValueError(f"the reference of {self.name} {fate}; expected that it {PASSES}")

    def judge(self, source):
        """What becomes of an answer as source; "stopped" where it takes too long or too much."""
        self._pipe.send(source)
        try:
            if self._pipe.poll(SECONDS + 10 * self.seconds):
                return self._pipe.recv()
        except EOFError:
            pass
        self.close()
        self._start()
        return "stopped"

    def close(self):
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe, name, seeds):
    """Judge the reference, say how long that took, then judge each source that comes."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    fate = _fate(name, solution(name), seeds)  # makes the expected values too, so not timed
    began = time.monotonic()
    fate = fate if fate != PASSES else _fate(name, solution(name), seeds)
    pipe.send((fate, time.monotonic() - began))
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    while True:
        source = pipe.recv()
        try:
            answer = _defined(name, source)
        except Exception:  # as a student's cell would
            pipe.send("raises")
        else:
            pipe.send(_fate(name, answer, seeds))


def _fate(name, answer, seeds):
    try:
        return judge(name, answer, seeds)
    except Exception as exc:
        return f"makes the check itself raise {type(exc).__name__}: {exc}"


def _defined(name, source):
    """The function or class that a source defines among the names of the references' module."""
    file = f"<mutant of {name}>"
    # TensorFlow looks the source up when it makes a graph of it.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = dict(vars(sys.modules[f"solutions.{lesson_of(name)}"]))
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]
