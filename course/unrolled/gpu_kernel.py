"""Start the kernel `Unrolled (GPU)`, or say plainly why it cannot start here.

Where TensorFlow sees a GPU this is the ordinary IPython kernel. Where it sees none, a kernel starts
that runs nothing and answers every cell with the reason: a kernel that merely died would leave the
student with "Kernel died", and one that silently used the CPU would be believed to be the GPU.
"""

from __future__ import annotations

import glob
import os
import sys

CHANGE_KERNEL = "Choose Kernel > Change Kernel > Unrolled (CPU), and run the cell again."


def device_files() -> list[str]:
    """Return the files by which a Linux machine offers a GPU to programs (NVIDIA, WSL, AMD)."""
    return sorted(glob.glob("/dev/nvidia[0-9]*") + glob.glob("/dev/dxg") + glob.glob("/dev/kfd"))


def why_no_gpu() -> str | None:
    """Return why TensorFlow can use no GPU on this machine, or None where it can use one.

    Looks for device files first: importing TensorFlow only to learn that there is no GPU costs 6 s.
    """
    if sys.platform == "linux" and not device_files():
        return "This machine has no GPU that TensorFlow can use: it has no GPU device."
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return (
            "This machine has no GPU that TensorFlow can use: "
            f"CUDA_VISIBLE_DEVICES is {hidden!r}, which hides every GPU."
        )
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return (
            "This machine has no GPU that TensorFlow can use: there is a GPU device, but "
            "TensorFlow cannot open it. Its GPU libraries may be missing "
            "(pip install 'tensorflow[and-cuda]')."
        )
    return None


def refusing_kernel(reason: str) -> type:
    """Return an IPython-less kernel class that runs nothing and answers each cell with `reason`."""
    # Not at module level: a student who imports this module for why_no_gpu needs no kernel.
    from ipykernel.kernelbase import Kernel

    message = f"{reason}\n{CHANGE_KERNEL}"

    class RefusingKernel(Kernel):
        implementation = "unrolled-no-gpu"
        implementation_version = "1"
        banner = message
        language_info = {  # noqa: RUF012  a traitlet of Kernel, not a shared default
            "name": "python",
            "version": sys.version.split()[0],
            "mimetype": "text/x-python",
            "file_extension": ".py",
        }

        async def do_execute(self, code, silent, *args, **kwargs):
            error = {"ename": "NoGPU", "evalue": message, "traceback": [message]}
            if not silent:
                self.send_response(self.iopub_socket, "error", error)
            return {"status": "error", "execution_count": self.execution_count, **error}

    return RefusingKernel


def main() -> None:
    """Start whichever kernel this machine calls for; the arguments are Jupyter's."""
    # As ipykernel_launcher does: a file beside the notebook must not replace a module of Python's.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]

    from ipykernel.kernelapp import IPKernelApp

    reason = why_no_gpu()
    if reason is None:
        IPKernelApp.launch_instance()
    else:
        IPKernelApp.launch_instance(kernel_class=refusing_kernel(reason))


if __name__ == "__main__":
    main()
