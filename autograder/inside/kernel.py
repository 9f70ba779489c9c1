"""The student's kernel: an ordinary IPython kernel that also answers the judge's requests.

Started inside a sandbox as ``python -I kernel.py -f CONNECTION_FILE``, with ``unrolled`` and
``wire`` beside it. A request is the Jupyter shell message ``unrolled_request`` whose one buffer is
a ``wire`` message; the answer is ``unrolled_reply``. It looks an answer up in the student's
namespace, calls it or drives it by a probe, and reports outcomes. It knows no expected value, and
student code may replace any of it: only right values satisfy the judge.
"""

from __future__ import annotations

import os
import sys

# ipykernel reads this when imported. In namespaces of its own a kernel cannot see its parent and
# would take it for gone; the confinement ends the kernel with the grader instead.
os.environ.pop("JPY_PARENT_PID", None)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import wire
import zmq
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from unrolled.checks.engine import Case, Local
from unrolled.substitutes import substituted


class StudentKernel(IPythonKernel):
    """An IPython kernel with one message type more."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.shell_handlers["unrolled_request"] = self.unrolled_request

    async def unrolled_request(self, stream, ident, parent):
        reply = answer(self.shell.user_ns, bytes(parent["buffers"][0]))
        sys.stdout.flush()
        sys.stderr.flush()
        self.session.send(stream, "unrolled_reply", {}, parent, ident=ident, buffers=[reply])


class StudentKernelApp(IPKernelApp):
    """Without the two sockets that need more than a sandbox allows.

    The debugger's, which connects, and the one that lets child processes print, which listens on
    the network; here there is neither a debugger nor a child process.
    """

    kernel_class = StudentKernel

    def init_control(self, context):
        super().init_control(context)
        self.debug_shell_socket.disconnect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))

    def init_iopub(self, context):
        self.iopub_socket = context.socket(zmq.XPUB)
        self.iopub_socket.linger = 1000
        self.iopub_port = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.iopub_thread = IOPubThread(self.iopub_socket, pipe=False, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket


def answer(namespace: dict, message: bytes) -> bytes:
    """Perform the cases of one request and encode their outcomes."""
    request = wire.decode(message)
    if request["name"] not in namespace:
        return wire.encode({"missing": True, "outcomes": []})
    cases = [Case(tuple(c["arguments"]), c["probe"]) for c in request["cases"]]
    with substituted(namespace, request["substitutes"]):
        done = Local(namespace[request["name"]]).ask(cases)
    outcomes = [
        {k: list(v) if isinstance(v, tuple) else v for k, v in vars(o).items()} for o in done
    ]
    try:
        return wire.encode({"missing": False, "outcomes": outcomes})
    except Exception as exc:  # one result that may not cross must not hide the others
        return wire.encode({"missing": False, "outcomes": [refused(exc, o) for o in outcomes]})


def refused(exc: Exception, done: dict) -> dict:
    """The outcome itself if it may cross, and otherwise an error in its place."""
    try:
        if len(wire.encode(done)) < wire.MAX_BYTES // 100:
            return done
    except Exception as own:
        exc = own
    return {**done, "value": None, "error": f"{type(exc).__name__}: {exc}"[:500]}


if __name__ == "__main__":
    StudentKernelApp.launch_instance()
