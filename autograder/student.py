"""The student's side as the judge sees it: run cells, call answers, drive classes.

Everything that comes back is data that was checked on arrival. Whatever the process does wrong
(too long, too much, dead, lying about the form of a message) becomes a ``StudentFault`` with a
sentence for the student, and the process is killed; the judge starts another.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import zmq
from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

from autograder import wire
from autograder.errors import IsolationError, StudentFault, WireError
from autograder.provisioner import SandboxSpecs, kernel_spec
from autograder.sandbox import Limits
from unrolled.calling import Outcome
from unrolled.checks.engine import Case

_MAX_OUTPUTS = 1000


@dataclass
class CellRun:
    """What running a cell gave: raw notebook outputs (not yet sanitised) and the error's name."""

    outputs: list = field(default_factory=list)
    error: str | None = None


class Student:
    """One confined kernel, started on first use and restarted after a fault.

    level, limits   see ``autograder.sandbox``
    After a restart the cells that did not end the process are run again, so that answers are
    there.
    """

    _open: ClassVar[weakref.WeakSet[Student]] = weakref.WeakSet()

    def __init__(self, level: str = "auto", limits: Limits | None = None):
        self.level = level
        self.limits = limits or Limits()
        self._history: list[tuple[str, float]] = []
        self._manager: KernelManager | None = None
        self._client = None
        self._deadline = time.monotonic() + self.limits.total_s
        self._faults = 0
        self._open.add(self)

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @classmethod
    def close_all(cls) -> None:
        """Kill every kernel of this process; gradings under way fail."""
        for student in list(cls._open):
            student._deadline = 0.0  # so that none is started again

    def close(self) -> None:
        """Kill the kernel, if it runs, and remove its files."""
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if self._manager is not None:
            context = self._manager.context
            self._manager.shutdown_kernel(now=True)
            self._manager.cleanup_resources()
            context.destroy(linger=0)
            self._manager = None

    def run(self, source: str, trusted: bool = False) -> CellRun:
        """Run one cell. Raises StudentFault; an exception in the cell is no fault.

        trusted  the course's own cell, which may take as long as a kernel's start
        """
        self._ensure_started()
        seconds = self.limits.start_s if trusted else self.limits.cell_s
        run = self._run(source, seconds)
        self._history.append((source, seconds))
        return run

    def ask(
        self, name: str, cases: Sequence[Case], substitutes: Mapping[str, int] | None = None
    ) -> list[Outcome]:
        """Ask an answer, by its name in the student's namespace, a batch of cases.

        substitutes  earlier answers to replace meanwhile: name -> seed, see
                     ``unrolled.substitutes``
        Raises StudentFault, also where the name is not defined.
        """
        self._ensure_started()
        request = wire.encode(
            {
                "name": name,
                "cases": [{"probe": c.probe, "arguments": list(c.arguments)} for c in cases],
                "substitutes": dict(substitutes or {}),
            }
        )
        session, socket = self._client.session, self._client.shell_channel.socket
        message = session.msg("unrolled_request", {})
        session.send(socket, message, buffers=[request])
        longer = sum(case.seconds for case in cases)
        seconds = self.limits.request_s + longer
        began = time.monotonic()
        self._deadline += longer
        reply = self._wait(message["header"]["msg_id"], seconds, lambda m: None)
        # What training took does not count towards the whole notebook's time.
        self._deadline -= max(0.0, longer - (time.monotonic() - began))
        try:
            if reply["msg_type"] != "unrolled_reply" or len(reply["buffers"]) != 1:
                raise WireError("the reply is no answer to the request")
            return _outcomes(wire.decode(bytes(reply["buffers"][0])), name, cases)
        except WireError as exc:
            self.close()
            raise StudentFault(
                "protocol", f"the notebook's process sent a malformed reply ({exc})"
            ) from None

    def _ensure_started(self) -> None:
        if self._client is not None:
            return
        while True:
            self._start()
            for number, (source, seconds) in enumerate(self._history):
                try:
                    self._run(source, seconds)
                except StudentFault:
                    # It ran well before, so what it does depends on what it did then. Left out,
                    # it costs no other cell; the limit of faults bounds how often this is tried.
                    del self._history[number]
                    break
            else:
                return

    def _late(self) -> StudentFault:
        return StudentFault(
            "timeout", f"was stopped: the whole notebook took more than {self.limits.total_s:g} s"
        )

    def _start(self) -> None:
        self.close()
        if time.monotonic() > self._deadline:
            raise self._late()
        if self._faults >= self.limits.faults:
            raise StudentFault("crashed", f"was given up: its process ended {self._faults} times")
        context = zmq.Context()
        # A message larger than any honest one ends the connection and not the grader's memory.
        context.setsockopt(zmq.MAXMSGSIZE, wire.MAX_BYTES + 2**20)
        context.setsockopt(zmq.RCVHWM, 10)
        self._manager = KernelManager(
            context=context,
            kernel_spec_manager=SandboxSpecs(kernel_spec(self.level, self.limits)),
            shutdown_wait_time=0.5,
        )
        try:
            self._manager.start_kernel()
        except OSError as exc:  # no room, no processes left: a matter of this host
            raise IsolationError(f"the confined kernel could not be started: {exc}") from None
        self._client = self._manager.client(context=context)
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=self.limits.start_s)
        except RuntimeError:
            complaint = self._manager.provisioner.complaint()
            self.close()
            raise IsolationError(
                "the confined kernel did not start" + (f": {complaint}" if complaint else "")
            ) from None

    def _run(self, source: str, seconds: float) -> CellRun:
        run = CellRun()
        sent = self._client.execute(source, allow_stdin=False, stop_on_error=False)

        def collect(message: dict) -> None:
            if len(run.outputs) < _MAX_OUTPUTS:
                try:
                    run.outputs.append(output_from_msg(message))
                except Exception:
                    return  # status, input echoes and the like are no outputs, nor is a forgery

        reply = self._wait(sent, seconds, collect)
        content = reply.get("content")
        if not isinstance(content, dict) or content.get("status") != "ok":
            name = content.get("ename") if isinstance(content, dict) else None
            run.error = str(name)[:100] if name else "error"
        return run

    def _wait(self, request: str, seconds: float, collect: Callable[[dict], None]) -> dict:
        """Wait for the shell reply to a request and then for the outputs that belong to it."""
        began = time.monotonic()
        limit = began + seconds
        watch = _Watch(self)
        reply, idle, replied = None, False, 0.0
        poller = zmq.Poller()
        shell, iopub = self._client.shell_channel, self._client.iopub_channel
        for channel in (shell, iopub):
            poller.register(channel.socket, zmq.POLLIN)
        try:
            while True:
                ready = dict(poller.poll(50))
                if iopub.socket in ready:
                    for message in self._drain(iopub, watch):
                        mine = message["parent_header"].get("msg_id") == request
                        if mine and message["msg_type"] == "status":
                            if message["content"].get("execution_state") == "idle":
                                idle = True
                        elif mine:
                            collect(message)
                if shell.socket in ready:
                    for message in self._drain(shell, watch):
                        if message["parent_header"].get("msg_id") == request and reply is None:
                            reply, replied = message, time.monotonic()
                now = time.monotonic()
                # Outputs travel on another socket than the reply; wait a little for the last.
                if reply is not None and (idle or now - replied > 1):
                    return reply
                if now > self._deadline:
                    raise self._late()
                if now > limit:
                    raise StudentFault("timeout", f"ran longer than {seconds:g} s")
                watch.look()
        except StudentFault:
            self._faults += 1
            self.close()
            raise

    def _drain(self, channel, watch: _Watch) -> list[dict]:
        messages = []
        while channel.socket.poll(0) and len(messages) < 100:
            frames = channel.socket.recv_multipart(copy=True)
            watch.count(frames, printed=channel is self._client.iopub_channel)
            try:
                _, parts = self._client.session.feed_identities(frames)
                message = self._client.session.deserialize(parts, content=True)
                parent, kind = message["parent_header"], message["msg_type"]
                if not isinstance(parent, dict) or not isinstance(kind, str):
                    raise ValueError("header is no header")
                if not isinstance(message["content"], dict):
                    raise ValueError("content is no dict")
            except Exception as exc:  # anything: the bytes come from the student's process
                raise StudentFault(
                    "protocol",
                    f"the notebook's process sent a malformed message ({type(exc).__name__})",
                ) from None
            messages.append(message)
        return messages


class _Watch:
    """Notices a dead kernel, a flood of output and a full scratch folder."""

    def __init__(self, student: Student):
        self.student = student
        self.printed = self.replied = 0
        self.looked = time.monotonic()

    def count(self, frames: list[bytes], printed: bool) -> None:
        size = sum(len(f) for f in frames)
        limit = self.student.limits.output_mib
        if printed:
            self.printed += size
            if self.printed > limit * 2**20:
                raise StudentFault("output", f"printed more than {limit} MiB")
        else:
            self.replied += size
            if self.replied > 2 * wire.MAX_BYTES:
                raise StudentFault("protocol", "sent more than it was asked for")

    def look(self) -> None:
        if time.monotonic() - self.looked < 0.2:
            return
        self.looked = time.monotonic()
        limits, manager = self.student.limits, self.student._manager
        if not manager.is_alive():
            raise StudentFault(
                "crashed",
                "ended the notebook's process (a crash, an exit, or more than "
                f"{limits.memory_mib / 1024:g} GiB of memory)",
            )
        provisioner = manager.provisioner
        memory_mib, threads = used_by(provisioner.process.pid)
        if memory_mib > limits.memory_mib:
            raise StudentFault("memory", f"used more than {limits.memory_mib / 1024:g} GiB")
        if threads > limits.threads:
            raise StudentFault("crashed", f"started more than {limits.threads} threads")
        used_mib = provisioner.box.scratch_used_mib()
        if used_mib is None:
            raise StudentFault("disk", "left folders too deep, or shut, to be looked into")
        if used_mib > limits.scratch_mib:
            raise StudentFault("disk", f"wrote more than {limits.scratch_mib} MiB")


def used_by(pid: int) -> tuple[float, int]:
    """Memory in MiB, shared memory included, and threads of a process and its children.

    Resource limits count no shared memory, and no threads of root's. Where there is no /proc, or
    the process has ended, both are 0.
    """
    memory, threads, waiting = 0, 0, [pid]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        try:
            status = dict(
                line.split(":", 1) for line in (folder / "status").read_text().splitlines()
            )
            children = (folder / "task" / folder.name / "children").read_text()
        except (OSError, ValueError):
            continue
        memory += sum(int(status.get(k, "0").split()[0]) for k in ("RssAnon", "RssShmem"))
        threads += int(status["Threads"])
        waiting += map(int, children.split())
    return memory / 1024, threads


def _outcomes(reply: object, name: str, cases: Sequence[Case]) -> list[Outcome]:
    """Check the form of a reply; the values in it stay the student's word."""
    if not isinstance(reply, dict) or not isinstance(reply.get("outcomes"), list):
        raise WireError("the reply has no outcomes")
    if reply.get("missing") is True:
        raise StudentFault("missing", f"{name} is not defined")
    if len(reply["outcomes"]) != len(cases):
        raise WireError(f"the reply has {len(reply['outcomes'])} outcomes; expected {len(cases)}")
    return [_outcome(item, case) for item, case in zip(reply["outcomes"], cases, strict=True)]


def _outcome(item: object, case: Case) -> Outcome:
    if not isinstance(item, dict):
        raise WireError("an outcome is no dict")
    error, changed, warned = item.get("error"), item.get("changed"), item.get("warnings")
    kinds = item.get("kinds")
    if error is not None and not isinstance(error, str):
        raise WireError("an error is no text")
    if not isinstance(kinds, list) or not all(isinstance(k, str) for k in kinds):
        raise WireError("the kinds of an error are no texts")
    if not isinstance(changed, list) or not all(
        type(i) is int and 0 <= i < len(case.arguments) for i in changed
    ):
        raise WireError("the changed arguments are no positions")
    if not isinstance(warned, list) or not all(isinstance(w, str) for w in warned):
        raise WireError("the warnings are no texts")
    return Outcome(
        value=item.get("value"),
        error=None if error is None else error[:500],
        kinds=tuple(kinds[:8]),
        changed=tuple(changed),
        warnings=tuple(w[:500] for w in warned[:20]),
    )
