"""Whole notebooks that students might hand in.

``hostile/`` holds one attack a file: real notebooks, to be opened and read in JupyterLab, with the
answer cells under attack and none of the lesson's prose, so that a change to the lesson leaves them
as they are. ``accidents`` makes what happens to honest students; those are whole copies of the
lesson and are made from its release, which they could not follow if they were files.
"""

import json

import nbformat
from nbformat.v4 import new_code_cell

NOISE = """import sys, warnings
print("here")
print("careful", file=sys.stderr)
warnings.warn("deprecated")
%matplotlib inline
%config InlineBackend.figure_format = "svg"
!echo hello
%pip install numpy
"""


def accidents(right):
    """What happens to right answers on their way: kind -> (bytes of the file, its name or None)."""
    made = {}

    def accident(kind, notebook, name=None, data=None):
        data = data or json.dumps(notebook, indent=1).encode()
        made[kind] = (data, name)

    def copy():
        return json.loads(json.dumps(right))

    def answers(tree):
        for cell in tree["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if meta.get("solution") and not meta.get("grade"):
                yield cell

    tree = copy()
    for cell in list(answers(tree)):
        tree["cells"].insert(0, cell | {"id": "copy-" + cell["id"][:50]})
    accident("duplicated-answers", tree)

    tree = copy()
    tree["cells"] = [c for c in tree["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]
    accident("deleted-checks", tree)

    tree = copy()
    tree["cells"].reverse()
    accident("reordered", tree)

    tree = copy()
    for at in (1, 5, 9):
        tree["cells"].insert(at, new_code_cell(NOISE))
    for cell in answers(tree):
        cell["source"] = cell["source"].replace(
            "    ### ", "    print('called', file=__import__('sys').stderr)\n    ### ", 1
        )
        cell["source"] += "\nprint('defined')\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])"
    accident("noisy", tree)

    accident("renamed", copy(), name="lstm_cell (1) final.ipynb")
    text = nbformat.writes(right)
    accident("windows", None, data=b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    tree = copy()
    for cell in tree["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    accident("windows-cells", tree)

    tree = copy()
    for cell in tree["cells"]:
        del cell["id"]
        cell["metadata"] = {
            **cell["metadata"],
            "id": "abc",
            "outputId": "def",
            "executionInfo": {"status": "ok", "user": {"displayName": "Ada"}},
        }
    tree["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    tree["nbformat_minor"] = 0
    accident("another-front-end", tree)

    old = nbformat.convert(nbformat.from_dict(copy()), 3)
    accident("old-format", None, data=nbformat.writes(old, version=3).encode())

    tree = copy()
    tree["cells"].insert(4, new_code_cell("prin('a slip of my own')"))
    tree["cells"].insert(8, new_code_cell("while True:\n    pass"))
    accident("broken-experiment", tree)
    return made
