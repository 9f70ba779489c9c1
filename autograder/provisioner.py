"""Start a confined student kernel the way Jupyter starts any kernel.

A kernel provisioner is Jupyter's own place for deciding how a kernel's process comes to be, so
jupyter_client, nbclient and nbgrader all start a sandboxed kernel without knowing it. Registered
as ``unrolled-sandbox``; ``kernel_spec`` gives a kernelspec that uses it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Float, Integer, Unicode

from autograder.sandbox import Limits, Sandbox, isolation

NAME = "unrolled-sandbox"


def kernel_spec(level: str = "auto", limits: Limits | None = None) -> KernelSpec:
    """A kernelspec whose kernel runs in a sandbox."""
    limits = limits or Limits()
    config = {
        "isolation": level,
        "memory_mib": limits.memory_mib,
        "file_mib": limits.file_mib,
        "scratch_mib": limits.scratch_mib,
        "total_s": limits.total_s,
    }
    return KernelSpec(
        argv=["(set by the provisioner)"],
        display_name="Unrolled (sandbox)",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": NAME, "config": config}},
    )


class SandboxSpecs(KernelSpecManager):
    """Knows one kernelspec, ours, whatever name is asked for."""

    def __init__(self, spec: KernelSpec, **kwargs: Any):
        super().__init__(**kwargs)
        self._spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self._spec


class SandboxProvisioner(LocalProvisioner):
    """Runs the kernel's process inside a ``Sandbox`` and removes it, files and all, after."""

    isolation = Unicode("auto", help="auto, full, landlock or none").tag(config=True)
    memory_mib = Integer(Limits.memory_mib).tag(config=True)
    file_mib = Integer(Limits.file_mib).tag(config=True)
    scratch_mib = Integer(Limits.scratch_mib).tag(config=True)
    total_s = Float(Limits.total_s).tag(config=True)

    box: Sandbox | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        limits = Limits(
            memory_mib=self.memory_mib,
            file_mib=self.file_mib,
            scratch_mib=self.scratch_mib,
            total_s=self.total_s,
        )
        self.box = Sandbox(isolation(self.isolation), limits)
        manager = self.parent
        # Local sockets in the sandbox's own folder: a confined kernel has no network, and no
        # other process of the host can guess its way in.
        manager.transport = "ipc"
        manager.ip = str(self.box.run / "k")
        manager.connection_file = str(self.box.run / "connection.json")
        self.kernel_spec.argv = self.box.kernel_command()
        kwargs = await super().pre_launch(**kwargs)
        return {**kwargs, "env": self.box.environment(), "cwd": str(self.box.home)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        kwargs["stdout"] = subprocess.DEVNULL
        # What the confinement itself complains about; a kernel's own output goes over Jupyter.
        with open(self.box.folder / "log", "wb") as log:
            return await super().launch_kernel(cmd, **{**kwargs, "stderr": log})

    async def send_signal(self, signum: int) -> None:
        # Nothing gentler than SIGKILL works on code that ignores signals, and bubblewrap's outer
        # process would die of an interrupt meant for the kernel.
        if signum == 0 or self.process is None:
            return
        try:
            os.killpg(self.pgid or self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart)
        if self.box is not None:
            self.box.close()
            self.box = None

    def complaint(self) -> str:
        """The last line that the confinement wrote, for a kernel that did not start."""
        try:
            lines = (self.box.folder / "log").read_text(errors="replace").strip().splitlines()
        except (OSError, AttributeError):
            return ""
        return lines[-1][:300] if lines else ""
