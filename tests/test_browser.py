"""What people see in a browser: formgrader's buttons and pages, a student's Validate button.

One JupyterLab, started in a course as ``make lab`` does, and one Chromium. Screenshots are kept in
a temporary folder, and in the one that UNROLLED_SCREENSHOTS names. Pages reach nothing but this
machine, so where a page fetches MathJax from the web, its equations stay as they were typed.
"""

import json
import os
import re
import shutil
from pathlib import Path

import look
import nbformat
import pytest
from conftest import LESSON, LEVELS, cell_of, command, hand_in
from lab import CHROMIUM, chromium, jupyterlab, logged_in
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Course
from autograder.results import read_result

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

QUESTION = "question_gates"
# Each sets window.pwned in a page that shows it as HTML; the first ones without a click.
ATTACKS = [
    '<script>window.pwned = "script"</script>',
    '<img src="/nowhere" onerror="window.pwned = \'image\'">',
    "<svg onload=\"window.pwned = 'drawing'\"></svg>",
    "<iframe srcdoc=\"<script>parent.pwned = 'frame'</script>\"></iframe>",
    "[a link](javascript:window.pwned='link')",
    "[another link][there]\n\n[there]: javascript:window.pwned='reference'",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on the path; on Debian: apt-get install"),
]


def mischief(right):
    """Right answers, and script in every place where a student can write."""
    notebook = nbformat.from_dict(right)
    attack = "\n\n".join(ATTACKS)
    cell_of(notebook, QUESTION).source = f"The gates stay half open.\n\n{attack}"
    cell_of(notebook, "sigmoid").source += f"\n# {ATTACKS[0]}"
    show = f"from IPython.display import HTML, Javascript, SVG, display\nattack = {attack!r}\n"
    show += "display(HTML(attack), SVG(data='<svg onload=\"window.pwned=1\"/>'))\n"
    show += "display(Javascript('window.pwned = 1'))\nprint(attack)\nraise ValueError(attack)"
    notebook.cells[2:2] = [new_markdown_cell(attack), new_code_cell(show)]
    return notebook


@pytest.fixture(scope="module")
def course(base, right, tmp_path_factory):
    """A course with the sample class handed in, one more student, and nothing graded."""
    folder = tmp_path_factory.mktemp("browser") / "course"
    shutil.copytree(base.root, folder)
    made = Course.find(folder)
    hand_in(made, "15-mischief", mischief(right))
    return made


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The address of a JupyterLab that runs in the course, and its token."""
    with jupyterlab(course.root, tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="module")
def started():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(started, lab):
    with logged_in(started, lab) as tab:
        yield tab


@pytest.fixture
def shot(page, tmp_path_factory):
    """Keep a picture of the page, or of all of it."""
    folders = [tmp_path_factory.getbasetemp() / "screenshots"]
    if os.environ.get("UNROLLED_SCREENSHOTS"):
        folders.append(Path(os.environ["UNROLLED_SCREENSHOTS"]))

    def take(name, whole=False):
        picture = page.screenshot(full_page=whole)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.png").write_bytes(picture)

    return take


def student_of(course, kind):
    return next(s for s in course.students(LESSON) if s.split("-", 1)[1] == kind)


def press(page, student, button):
    """Press a button of a student's row under Manage Submissions, and wait for the result."""
    page.goto(f"/formgrader/manage_submissions/{LESSON}")
    name = page.locator("td.student-id").get_by_text(student, exact=True)
    row = page.locator("tr").filter(has=name)
    row.locator(f"td.{button} a").click()
    result = page.locator(".modal.in")
    result.wait_for()
    assert result.locator(".modal-title").inner_text() == "Success", result.inner_text()
    result.locator("[data-dismiss=modal]").first.click()
    page.locator(".modal-backdrop").wait_for(state="detached")
    return row


def autograde(page, student):
    """Press the autograde button and return (score, maximum) as the list then shows them."""
    if not LEVELS:
        pytest.skip("this host cannot isolate student code, so nothing is graded")
    score = press(page, student, "autograde").locator("td.score")
    playwright.expect(score).to_have_text(re.compile(r"\d"))
    return tuple(float(number) for number in score.inner_text().split("/"))


def autograded(page, course, kind):
    """The student of a kind, after the autograde button was pressed for them once."""
    student = student_of(course, kind)
    if not course.path("autograded", student, LESSON).exists():
        autograde(page, student)
    return student


def grading_page(page, course, student):
    """Open a submission for grading by hand, from the list of the lesson's submissions."""
    page.goto(f"/formgrader/gradebook/{LESSON}/{LESSON}")
    link = page.locator("a.name-shown", has_text=student)
    link.wait_for(state="attached")
    assert not link.is_visible()  # nbgrader grades without names, until the eye is clicked
    page.goto(link.get_attribute("href"))
    page.wait_for_load_state("networkidle")


def assert_nothing_ran(page):
    assert page.evaluate("window.pwned") is None
    hrefs = page.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert "javascript:" not in hrefs
    inside = page.locator("#notebook-container")
    assert inside.locator("script, iframe, [onerror], [onload]").count() == 0


def checked(course, path, *options):
    """What ``autograder check`` says of a notebook."""
    words = ["autograder", "check", path, "--lesson", LESSON, "--json", "-", *options]
    result = command(*words, cwd=course.root)
    assert result.returncode in (0, 1), result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("kind", "part"), [("right", "all"), ("wrong-first", "some"), ("imports-solutions", "none")]
)
def test_the_autograde_button_gives_the_score_that_check_gives(page, course, shot, kind, part):
    student = student_of(course, kind)
    score, maximum = autograde(page, student)
    shot(f"formgrader-{kind}")
    seed = read_result(course, LESSON, student)[0].seed
    want = checked(course, course.submission(student, LESSON), "--seed", seed)
    by_hand = sum(e["max_score"] for e in want["exercises"] if e["status"] == "manual")
    assert (score, maximum) == (want["score"], want["max_score"] + by_hand)
    assert part == ("all" if score == want["max_score"] else "some" if score else "none")


def test_each_attack_would_run_in_a_page_that_shows_it(page):
    for attack in ATTACKS[:4]:
        page.goto("about:blank")
        page.set_content(attack)
        page.wait_for_function("window.pwned")


def test_the_page_for_grading_by_hand_shows_every_cell_and_runs_no_script(page, course, shot):
    student = autograded(page, course, "mischief")
    grading_page(page, course, student)
    shot("formgrade", whole=True)
    assert_nothing_ran(page)
    source = nbformat.read(course.source(LESSON), as_version=4)
    graded = [c for c in source.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert page.locator("input.score").count() == len(graded)
    answer = page.locator(".nbgrader_cell", has=page.locator(f"#{QUESTION}"))
    playwright.expect(answer).to_contain_text("The gates stay half open.")
    playwright.expect(answer).to_contain_text("window.pwned")  # shown, as text
    figures = page.locator("#notebook-container .output_png img")
    assert figures.count() > 0
    assert all(figures.evaluate_all("images => images.map(image => image.naturalWidth > 0)"))


def test_points_typed_for_the_question_are_in_the_gradebook(page, course, shot):
    student = autograded(page, course, "mischief")
    grading_page(page, course, student)
    field = page.locator(f"#{QUESTION}")
    with page.expect_response("**/formgrader/api/grade/*") as saved:
        field.fill("7")
        field.press("Tab")
    assert saved.value.ok
    field.scroll_into_view_if_needed()
    shot("formgrade-points")
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(QUESTION, LESSON, LESSON, student)
        assert (grade.manual_score, grade.score, grade.needs_manual_grade) == (7, 7, False)
        submission = gradebook.find_submission(LESSON, student)
        assert submission.score == read_result(course, LESSON, student)[0].score + 7


def test_feedback_made_in_formgrader_gives_the_reasons_and_runs_no_script(page, course, shot):
    for kind, shown in (("mischief", "window.pwned"), ("wrong-first", "Hint:")):
        student = autograded(page, course, kind)
        press(page, student, "generate-feedback")
        feedback = course.path("feedback", student, LESSON) / f"{LESSON}.html"
        page.goto(feedback.as_uri(), wait_until="domcontentloaded")
        page.wait_for_load_state("load")
        assert_nothing_ran(page)
        playwright.expect(page.locator("body")).to_contain_text(shown)
        shot(f"feedback-{kind}", whole=True)


def in_lab(page, course, kind):
    """Open a student's own notebook in JupyterLab, and wait for its kernel."""
    mine = course.root / "mine" / f"{kind}.ipynb"
    mine.parent.mkdir(exist_ok=True)
    shutil.copy(course.submission(student_of(course, kind), LESSON), mine)
    page.goto(f"/lab/tree/mine/{kind}.ipynb?reset")
    page.get_by_text("Unrolled (CPU) | Idle").wait_for()
    return mine


def validated(page):
    """Press Validate and return the dialog with the result."""
    page.get_by_role("button", name="Validate").click()
    dialog = page.locator(".jp-Dialog", has_text="Validation Results")
    dialog.wait_for()
    return dialog.inner_text()


def test_the_validate_button_passes_right_answers(page, course, shot):
    in_lab(page, course, "right")
    assert "Success! Your notebook passes all the tests." in validated(page)
    shot("validate-right")


def test_the_validate_button_explains_a_wrong_answer_in_the_words_of_the_check(page, course, shot):
    notebook = in_lab(page, course, "wrong-first")
    said = validated(page)
    shot("validate-wrong")
    want = checked(course, notebook, "--visible-only")
    (wrong,) = (e for e in want["exercises"] if e["status"] == "failed")
    assert wrong["name"] == "sigmoid" and wrong["reasons"]
    for reason in wrong["reasons"]:
        assert reason in " ".join(said.split())  # wrapped to fit the dialog
    assert said.count("The following cell failed:") == len(wrong["reasons"])
    assert "Traceback" not in said and ".py" not in said


def test_a_lesson_opens_in_jupyterlab_with_its_kernel_equations_and_figures(page, course, shot):
    in_lab(page, course, "right")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    figure = page.locator(".jp-RenderedImage img").first
    figure.wait_for()
    figure.scroll_into_view_if_needed()
    assert figure.evaluate("image => image.naturalWidth") > 300
    page.locator("mjx-container").first.wait_for()
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    shot("lesson-in-jupyterlab")


def test_a_notebook_is_pictured_to_its_end_with_its_widget_and_its_error(page, course, tmp_path):
    (course.root / "mine").mkdir(exist_ok=True)
    notebook = nbformat.read(course.source(LESSON), as_version=4)  # for its kernel
    slider, error = "import ipywidgets\nipywidgets.IntSlider(3)", 'print("line\\n" * 99)\n1 / 0'
    notebook.cells = [new_code_cell(source) for source in (slider, error, "never")]
    nbformat.write(notebook, course.root / "mine" / "widget.ipynb")
    assert look.run(page, "mine/widget.ipynb") == 1
    assert page.locator(".jupyter-widgets.widget-slider").is_visible()
    assert look.picture(page, tmp_path / "widget") == len(list(tmp_path.glob("widget-*.png"))) > 1
