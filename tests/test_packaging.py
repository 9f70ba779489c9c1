"""What is installed, from which list, and what students get: the files at the repository's root."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
EXTRAS = PROJECT["project"]["optional-dependencies"]
DIRECT = [
    Requirement(text)
    for text in [
        *PROJECT["project"]["dependencies"],
        *(text for extra in EXTRAS.values() for text in extra),
        *PROJECT["build-system"]["requires"],
    ]
]

# What is used without being imported, with a file that uses it and the words it is used by.
TOOLS = {
    "jupyterlab": ("Makefile", "jupyter lab"),
    "jupyter-server": ("Makefile", "jupyter lab"),
    "pytest-timeout": ("pyproject.toml", "timeout = "),
    "pytest-xdist": ("Makefile", "--dist loadgroup"),
    "check-jsonschema": ("tests/test_packaging.py", "check_jsonschema"),
    "playwright": ("tests/test_browser.py", "playwright.sync_api"),
    "pyzmq": ("autograder/student.py", "import zmq"),
    "pyyaml": ("tests/test_packaging.py", "import yaml"),
    "ruff": ("Makefile", "-m ruff"),
    "pre-commit": (".pre-commit-config.yaml", "repos:"),
    "hatchling": ("pyproject.toml", "hatchling.build"),
    "scikit-learn": ("course/unrolled/tasks.py", "sklearn.datasets"),
    "ipython": ("course/unrolled/interactive.py", "from IPython"),
    "tf-keras": ("tests/legacy_cell.py", "tf_keras"),
    "editables": ("pyproject.toml", "dev-mode-dirs"),
}


def locked() -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes of each package in the lock, by its canonical name."""
    packages = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", LOCK, flags=re.M)):
        name, version = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", entry).groups()
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry)
        packages[canonicalize_name(name)] = (version, hashes)
    return packages


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_the_lock_holds_each_direct_dependency_within_its_bounds(requirement):
    version, _ = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier, f"{requirement.name} has no lower bound"
    assert requirement.specifier.contains(version, prereleases=True)


def test_every_package_of_the_lock_has_a_hash():
    assert not [name for name, (_, hashes) in locked().items() if not hashes]


def test_the_lock_names_no_place_to_fetch_from():
    assert "://" not in LOCK
    options = [line for line in LOCK.splitlines() if line.startswith("-") or " @ " in line]
    assert not options


def test_conda_installs_the_lock_and_the_same_pythons():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, section = environment["dependencies"]
    assert python.startswith("python ")
    assert SpecifierSet(python.removeprefix("python ")) == SpecifierSet(
        PROJECT["project"]["requires-python"]
    )
    assert pip == "pip"
    # Hashes forbid an editable install beside them; the file itself says what is run instead.
    assert section == {"pip": ["-r requirements.lock"]}
    assert 'make setup VENV="$CONDA_PREFIX"' in (ROOT / "environment.yml").read_text()


def test_nothing_is_installed_that_nobody_uses():
    sources = [
        path.read_text()
        for folder in ("autograder", "course", "solutions", "tests")
        for pattern in ("*.py", "*.ipynb")
        for path in (ROOT / folder).rglob(pattern)
    ]
    unused = []
    for requirement in DIRECT:
        if requirement.name in TOOLS:
            file, words = TOOLS[requirement.name]
            used = words in (ROOT / file).read_text()
        else:
            module = requirement.name.replace("-", "_")
            # A notebook's lines stand in JSON, so an import there follows a quotation mark.
            statement = re.compile(rf'^[\s"]*(import|from) {module}\b', re.M)
            used = any(statement.search(source) for source in sources)
        if not used:
            unused.append(requirement.name)
    assert not unused


@pytest.mark.parametrize("folder", ["autograder", "course", "solutions", "tests"])
def test_what_is_imported_is_asked_for_and_not_there_by_chance(folder):
    own = {"autograder", "unrolled", "solutions", "wire"}
    own |= {path.stem for path in (ROOT / "tests").iterdir()}
    asked = {canonicalize_name(r.name) for r in DIRECT}
    brought = packages_distributions()
    missing = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module)
            for top in {name.split(".")[0] for name in names} - own - sys.stdlib_module_names:
                if asked.isdisjoint(map(canonicalize_name, brought.get(top, [top]))):
                    missing.add(f"{path.name}: {top}")
    assert missing == set()


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory):
    """Names of the files in a wheel built from this tree, without the network."""
    dist = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    build += ["--no-build-isolation", "--no-cache-dir", "--wheel-dir", str(dist), str(ROOT)]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL)
    (wheel,) = dist.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_holds_the_student_library_and_the_grader_and_nothing_else(wheel_names):
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"unrolled", "autograder"}


def test_the_wheel_holds_no_solution_and_no_notebook(wheel_names):
    assert not [
        name
        for name in wheel_names
        if "solutions" in name.split("/") or "source" in name.split("/") or name.endswith(".ipynb")
    ]


def test_the_wheel_holds_the_data_that_lessons_read_and_where_they_are_from(wheel_names):
    folder = ROOT / "course" / "unrolled" / "data"
    held = {name for name in wheel_names if name.startswith("unrolled/data/")}
    assert held == {f"unrolled/data/{path.name}" for path in folder.iterdir()}


def test_the_wheel_installs_the_command_and_the_kernel_provisioner(wheel_names):
    assert [name for name in wheel_names if name.endswith(".dist-info/entry_points.txt")]
    assert PROJECT["project"]["scripts"] == {"autograder": "autograder.cli:main"}
    assert PROJECT["project"]["entry-points"]["jupyter_client.kernel_provisioners"] == {
        "unrolled-sandbox": "autograder.provisioner:SandboxProvisioner"
    }


@pytest.mark.parametrize("workflow", [".github/workflows/ci.yml", "course/ci/check.yml"])
def test_the_workflow_is_valid(workflow):
    check = [sys.executable, "-m", "check_jsonschema", str(ROOT / workflow)]
    check += ["--builtin-schema", "vendor.github-workflows"]
    result = subprocess.run(check, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_workflow_tests_every_python_that_the_project_allows():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    minors = [f"3.{minor}" for minor in range(30) if allowed.contains(f"3.{minor}")]
    assert pythons == minors


def test_a_students_workflow_runs_the_visible_checks_only():
    workflow = yaml.safe_load((ROOT / "course/ci/check.yml").read_text())
    script = "\n".join(step.get("run", "") for step in workflow["jobs"]["check"]["steps"])
    calls = re.findall(r"^ *autograder .*$", script, re.M)
    assert calls
    assert all("check" in call and "--visible-only" in call for call in calls)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_students_workflow_checks_each_lesson_and_fails_where_one_fails(tmp_path):
    workflow = yaml.safe_load((ROOT / "course/ci/check.yml").read_text())
    (script,) = [
        step["run"]
        for step in workflow["jobs"]["check"]["steps"]
        if step.get("name") == "Check every lesson"
    ]
    for notebook in ("good/good.ipynb", "wrong/wrong.ipynb", "zeta/zeta.ipynb", "good/mine.ipynb"):
        (tmp_path / notebook).parent.mkdir(exist_ok=True)
        (tmp_path / notebook).touch()
    command = tmp_path / "bin" / "autograder"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\necho "$2" >> called\ncase $2 in wrong/*) exit 1;; esac\n')
    command.chmod(0o755)
    env = {"PATH": f"{command.parent}:/usr/bin:/bin"}
    result = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=env)
    assert result.returncode == 1
    called = (tmp_path / "called").read_text().split()
    assert called == ["good/good.ipynb", "wrong/wrong.ipynb", "zeta/zeta.ipynb"]


def test_pre_commit_fetches_nothing():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in hooks["repos"]} == {"local"}
    assert {hook["language"] for repo in hooks["repos"] for hook in repo["hooks"]} == {"system"}


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    documents = [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    for document in [*documents, *(ROOT / "course").glob("*.md"), *(ROOT / "course/ci").glob("*")]:
        named = re.findall(r"(?:`|^ *(?:\$ )?)make ([a-z]+)", document.read_text(), re.M)
        missing = set(named) - targets
        assert not missing, f"{document.name} names make {', '.join(sorted(missing))}"


def fake_python(path: Path, answers: str) -> Path:
    """Write a stand-in for a Python that this machine need not have."""
    path.write_text(f'#!/bin/sh\ncase "$*" in\n{answers}\nesac\n')
    path.chmod(0o755)
    return path


def setup_with(python: Path, venv: Path) -> str:
    """Run `make setup` with this Python and return the first line of its complaint."""
    command = ["make", "--silent", "setup", f"PYTHON={python}", f"VENV={venv}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode != 0
    assert not venv.exists()
    return result.stderr.splitlines()[0]


def test_setup_names_the_python_it_needs_where_it_has_another(tmp_path):
    old = fake_python(tmp_path / "python", "--version) echo Python 3.9.2;;\n*) exit 1;;")
    complaint = setup_with(old, tmp_path / "venv")
    assert "is Python 3.9.2; expected Python 3.11, 3.12 or 3.13" in complaint


def test_setup_says_what_to_install_where_python_cannot_make_environments(tmp_path):
    bare = fake_python(tmp_path / "python", "*ensurepip*) exit 1;;\n*) exit 0;;")
    assert "python3-venv" in setup_with(bare, tmp_path / "venv")
