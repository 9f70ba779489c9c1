"""The two kernels: what is registered, what starts, and what a machine without a GPU says."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import tensorflow as tf
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from unrolled import device as device_module
from unrolled import gpu_kernel, kernels

START_S = 120


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """A folder under which both kernels are registered."""
    folder = tmp_path_factory.mktemp("prefix")
    kernels.main(["--prefix", str(folder)])
    return folder


def spec_manager(prefix):
    return KernelSpecManager(kernel_dirs=[str(prefix / "share" / "jupyter" / "kernels")])


@contextmanager
def running(prefix, name, **env):
    """Start a registered kernel as JupyterLab does; give its client, and always stop both."""
    manager = KernelManager(kernel_name=name, kernel_spec_manager=spec_manager(prefix))
    manager.start_kernel(env={**os.environ, **env}, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=START_S)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def run(client, code):
    """Run a cell and return what it shows, by message type."""
    shown = {}

    def keep(message):
        shown.setdefault(message["msg_type"], []).append(message["content"])

    reply = client.execute_interactive(code, timeout=START_S, output_hook=keep)
    return reply["content"]["status"], shown


def test_both_kernels_are_registered_side_by_side(prefix):
    specs = spec_manager(prefix).get_all_specs()
    names = {name: specs[name]["spec"]["display_name"] for name in kernels.KERNELS}
    assert names == {"unrolled-cpu": "Unrolled (CPU)", "unrolled-gpu": "Unrolled (GPU)"}


def test_each_kernel_starts_the_python_that_registered_it_and_knows_its_device(prefix):
    for name, asked in (("unrolled-cpu", "cpu"), ("unrolled-gpu", "gpu")):
        file = prefix / "share" / "jupyter" / "kernels" / name / "kernel.json"
        spec = json.loads(file.read_text())
        assert spec["argv"][0] == sys.executable
        assert spec["env"]["UNROLLED_DEVICE"] == asked


def test_registering_again_changes_nothing(prefix):
    file = prefix / "share" / "jupyter" / "kernels" / "unrolled-cpu" / "kernel.json"
    before = file.read_text()
    kernels.register(prefix=str(prefix))
    assert file.read_text() == before


def test_a_user_can_register_without_write_access_to_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    folders = kernels.register(user=True)
    assert {folder.parent for folder in folders.values()} == {tmp_path / "kernels"}


def test_the_cpu_kernel_computes_and_hides_every_gpu(prefix):
    with running(prefix, "unrolled-cpu") as client:
        status, shown = run(client, "1 + 1")
        assert status == "ok"
        assert shown["execute_result"][0]["data"]["text/plain"] == "2"
        _, shown = run(client, "import os; os.environ['CUDA_VISIBLE_DEVICES']")
        assert shown["execute_result"][0]["data"]["text/plain"] == "'-1'"


def test_the_gpu_kernel_answers_each_cell_with_the_reason_where_there_is_no_gpu(prefix, tmp_path):
    # Hidden by hand, so that the test says the same on a machine that has one.
    with running(prefix, "unrolled-gpu", CUDA_VISIBLE_DEVICES="-1") as client:
        for code in ("1 + 1", f"open({str(tmp_path / 'made')!r}, 'w')"):
            status, shown = run(client, code)
            assert status == "error"
            assert "execute_result" not in shown
            (text,) = shown["error"][0]["traceback"]
            assert "This machine has no GPU that TensorFlow can use" in text
            assert "Kernel > Change Kernel > Unrolled (CPU)" in text
    assert not (tmp_path / "made").exists()


def test_a_machine_without_device_files_is_told_so_without_importing_tensorflow(monkeypatch):
    monkeypatch.setattr(gpu_kernel.sys, "platform", "linux")
    monkeypatch.setattr(gpu_kernel, "device_files", list)
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # an import of it would raise
    assert "has no GPU device" in gpu_kernel.why_no_gpu()


def test_a_hidden_gpu_is_named_as_hidden(monkeypatch):
    monkeypatch.setattr(gpu_kernel, "device_files", lambda: ["/dev/nvidia0"])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES is '-1'" in gpu_kernel.why_no_gpu()


class FakeTensorFlow:
    """As much of TensorFlow as the GPU kernel asks."""

    def __init__(self, gpus):
        self.config = self
        self.list_physical_devices = lambda kind: gpus


@pytest.mark.parametrize(("gpus", "words"), [([], "cannot open it"), (["gpu"], None)])
def test_a_gpu_counts_only_where_tensorflow_can_open_it(monkeypatch, gpus, words):
    monkeypatch.setattr(gpu_kernel, "device_files", lambda: ["/dev/nvidia0"])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setitem(sys.modules, "tensorflow", FakeTensorFlow(gpus))
    reason = gpu_kernel.why_no_gpu()
    assert reason is None if words is None else words in reason


@pytest.mark.parametrize(
    ("asked", "gpus", "sentence"),
    [
        ("cpu", [], "Kernel: Unrolled (CPU). TensorFlow uses the CPU"),
        ("gpu", ["A100"], "Kernel: Unrolled (GPU). TensorFlow uses the GPU (A100)."),
        ("", [], "Kernel: not one of the course's. TensorFlow uses the CPU"),
    ],
)
def test_the_device_is_named_with_the_kernel(monkeypatch, asked, gpus, sentence):
    monkeypatch.setenv("UNROLLED_DEVICE", asked)
    monkeypatch.setattr(device_module, "_gpus", lambda: gpus)
    assert device_module.device().startswith(sentence)


def test_a_gpu_that_was_asked_for_and_is_missing_is_warned_about(monkeypatch):
    monkeypatch.setenv("UNROLLED_DEVICE", "gpu")
    monkeypatch.setattr(device_module, "_gpus", list)
    with pytest.warns(RuntimeWarning, match=r"asked for.*Unrolled \(CPU\)"):
        assert "TensorFlow uses the CPU" in device_module.device()


class Tensor:
    """As much of a tensor as tells where it lies."""

    def __init__(self, device):
        self.device = device


@pytest.mark.parametrize(
    ("result", "place"),
    [
        (Tensor("/job:localhost/replica:0/task:0/device:CPU:0"), "the CPU"),
        (Tensor("/job:localhost/replica:0/task:0/device:GPU:1"), "the GPU (H100)"),
        ([{"loss": Tensor("/device:GPU:0")}, 1.0], "the GPU (A100)"),
        (np.ones(3), "the CPU"),
        (np.float64(1), "the CPU"),
        (None, "the GPU (A100, H100)"),
        (0.5, "the GPU (A100, H100)"),
    ],
    ids=["cpu", "gpu", "nested", "array", "scalar", "nothing", "float"],
)
def test_a_timed_step_names_the_device_that_its_result_lies_on(monkeypatch, result, place):
    monkeypatch.setattr(device_module, "_gpus", lambda: ["A100", "H100"])
    sentence = device_module.timed(lambda: result, "A step", repeats=2)
    assert (
        re.fullmatch(r"A step took [\d.e-]+ ms on (.+), the shortest of 2 runs\.", sentence)
        .group(1)
        .startswith(place)
    )


def test_a_timed_step_runs_once_more_than_is_counted_and_is_waited_for(monkeypatch):
    done = []
    monkeypatch.setattr(device_module, "_wait", lambda: done.append("waited"))
    assert device_module.seconds(lambda: done.append("ran"), repeats=2) >= 0
    assert done == ["ran", "waited"] * 3


def test_a_time_is_told_in_the_unit_that_suits_it(monkeypatch):
    for length, words in (
        (2e-5, "0.02 ms"),
        (0.00123, "1.2 ms"),
        (0.75, "750 ms"),
        (3.21, "3.2 s"),
    ):
        monkeypatch.setattr(
            device_module, "_timed", lambda step, repeats, t=length: (np.ones(1), t)
        )
        assert f"took {words} on" in device_module.timed(None, "A step")


def test_a_step_of_tensorflow_is_timed_on_the_device_of_its_tensor():
    sentence = device_module.timed(lambda: tf.matmul(tf.eye(3), tf.eye(3)), "A product", repeats=1)
    assert re.fullmatch(r"A product took .+ on the CPU \(\d+ cores\), in one run\.", sentence)


def test_importing_the_device_module_does_not_import_tensorflow():
    code = "import sys, unrolled.device, unrolled.gpu_kernel; print('tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "False", result.stderr
