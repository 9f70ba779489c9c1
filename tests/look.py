"""Picture lessons as a student sees them: ``python tests/look.py basic_cell --to build/look``.

A lesson, with the course's own answers in it, runs from top to bottom in JupyterLab. Then it is
scrolled through, and each page of it becomes a picture, basic_cell-01.png and so on.
"""

import argparse
import re
import tempfile
from pathlib import Path

import nbformat
from lab import CHROMIUM, chromium, jupyterlab, logged_in

SOURCES = Path(__file__).resolve().parent.parent / "course" / "source"
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
# Cells out of sight are in the page too, so that it has its whole height from the start.
WHOLE = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "scrollPastEnd": False}
}
# Of consecutive pictures, in pixels, so that a line which one cuts is whole in the next.
OVERLAP = 60
LONGEST_RUN_S = 600


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", nargs="+", help="a lesson, or the path of any notebook")
    parser.add_argument("--to", type=Path, default=Path("build/look"), help="folder for pictures")
    given = parser.parse_args()
    paths = [
        Path(name) if name.endswith(".ipynb") else SOURCES / name / f"{name}.ipynb"
        for name in given.notebook
    ]
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no notebook: {', '.join(missing)}")
    if not CHROMIUM:
        parser.error("no chromium on the path; on Debian: apt-get install chromium")
    given.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        work, home = Path(scratch) / "work", Path(scratch) / "home"
        work.mkdir()
        home.mkdir()
        for path in paths:
            put(path, work)
        with jupyterlab(work, home, WHOLE) as lab, chromium() as started:
            for path in paths:
                with logged_in(started, lab, width=1100, height=1400) as page:
                    red = run(page, path.name)
                    count = picture(page, given.to / path.stem)
                print(f"{path.stem}: {count} pictures in {given.to}, {red} red outputs", flush=True)


def put(path, folder):
    """Copy a notebook without the hidden lines of its checks, which no student has."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", cell.source)
    nbformat.write(notebook, folder / path.name)


def run(page, path):
    """Open a notebook alone on the page and run it.

    Returns how many outputs are red: what stands on stderr, and an error, which ends the run.
    """
    page.goto(f"/doc/tree/{path}?reset")
    page.get_by_text("Unrolled (CPU) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # A cell has a star for a number while it waits or runs.
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll(".jp-InputPrompt")];
            const said = prompts.map(prompt => prompt.innerText);
            return said.some(s => /\\d/.test(s)) && !said.some(s => s.includes("*"));
        }""",
        timeout=LONGEST_RUN_S * 1000,
    )
    page.wait_for_load_state("networkidle")
    return page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count()


def picture(page, start):
    """Scroll through the open notebook and keep a picture of each page; returns how many."""
    for old in start.parent.glob(f"{start.name}-[0-9][0-9].png"):
        old.unlink()
    panel = page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer")
    height, seen = panel.evaluate("panel => [panel.scrollHeight, panel.clientHeight]")
    tops = range(0, max(1, height - OVERLAP), seen - OVERLAP)
    for number, top in enumerate(tops, start=1):
        panel.evaluate("(panel, top) => panel.scrollTo(0, top)", top)
        page.wait_for_timeout(300)  # for the figures that come into sight
        panel.screenshot(path=f"{start}-{number:02}.png")
    return len(tops)


if __name__ == "__main__":
    main()
