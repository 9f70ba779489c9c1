"""A JupyterLab and a Chromium, for the browser tests and for ``look.py``."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

from conftest import address_of, environment

from autograder.doctor import browser
from unrolled import kernels

CHROMIUM = browser()
SWITCHES = """--no-sandbox --disable-gpu --disable-quic --disable-background-networking
    --disable-component-update --disable-sync"""
# For a busy machine; nothing here waits that long otherwise.
PATIENCE_S = 120


@contextmanager
def jupyterlab(folder, home, settings=None):
    """Start a JupyterLab in a folder as ``make lab`` does; gives its address and its token.

    home      an empty folder for all that Jupyter and the kernels would keep in a person's own
    settings  JupyterLab's settings that differ from its own, by plugin
    """
    kernels.register(prefix=str(home))
    # Lab asks on its first start whether to fetch news; the question would lie over the page.
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    quiet = {"@jupyterlab/apputils-extension:notification": quiet}
    overrides.write_text(json.dumps(quiet | (settings or {})))
    places = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "share" / "jupyter",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
    }
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, *"-m jupyter lab --no-browser --allow-root".split()],
            cwd=folder,
            env=environment(**{name: str(place) for name, place in places.items()}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield address_of(server, home / "runtime", home / "log")
    finally:
        server.send_signal(signal.SIGTERM)  # it ends its kernels too
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@contextmanager
def chromium():
    """Start a browser without windows."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES.split())
        yield started
        started.close()


@contextmanager
def logged_in(started, lab, width=1280, height=900):
    """Open a page that is logged in, with the server's address as its base."""
    address, token = lab
    context = started.new_context(base_url=address, viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE_S * 1000)
    local = ("127.0.0.1", "localhost", "")
    context.route(lambda url: urlsplit(url).hostname not in (*local, None), lambda r: r.abort())
    tab = context.new_page()
    assert tab.goto(f"/api/status?token={token}").ok
    yield tab
    context.close()
