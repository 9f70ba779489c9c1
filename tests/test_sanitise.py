"""What a student's process printed, made safe: text and pictures stay, all else goes."""

import base64
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_notebook, new_output

from autograder import sanitise
from autograder.sanitise import one_line, plain_text, safe_markdown, safe_outputs

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"rest").decode()
JPEG = base64.b64encode(b"\xff\xd8\xff" + b"rest").decode()


def display(**data):
    data = {kind.replace("__", "/").replace("_plus_", "+"): text for kind, text in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": data}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, \ttabs\nand lines", "plain, \ttabs\nand lines"),
        ("h\u2032 = \u03c3(x) \U0001f40d", "h\u2032 = \u03c3(x) \U0001f40d"),
        ("one\r\ntwo", "one\ntwo"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP device \x1b\\text", "text"),
        ("\x1b[2J\x1b[H\x1bMtext", "text"),
        ("half \x1b", "half "),
        ("bell\x07 null\x00 back\x08 c1\x9b31m", "bell null back c131m"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a lone \ud800", "a lone ?"),
        (b"bytes", ""),
        (None, ""),
        (["list"], ""),
    ],
)
def test_text_keeps_its_words_and_loses_what_moves_the_cursor_or_turns_the_line(text, shown):
    assert plain_text(text) == shown


def test_text_is_cut_and_says_so():
    assert plain_text("x" * 30, 10) == "x" * 10 + "\n[cut here: too long]"
    assert len(plain_text("\x1b[31m" * 10**6)) < 2 * sanitise.MAX_TEXT


def test_a_reason_stays_on_one_line_and_is_cut():
    assert one_line("got \x1b[1mnan\x1b[0m,\n  90 of\r\n90 points") == "got nan, 90 of 90 points"
    assert one_line("x" * 600) == "x" * 500 + " [cut here: too long]"
    assert one_line(None) == ""


class Page(HTMLParser):
    """The tags of a page and where its links and pictures lead."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.leads = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.leads += [v for n, v in attrs if n in ("href", "src")]
        assert not [n for n, _ in attrs if n.startswith("on")]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>a</a>",
        "<svg/onload=alert(1)>",
        "<!-- <b> --><iframe src=//x>",
        "<?php ?><style>*{display:none}</style>",
        "[a](javascript:alert(1))",
        "[a]( javascript:alert(1))",
        "[a](\njavascript:alert(1))",
        "[a](<javascript:alert(1)>)",
        "[a](&#106;avascript:alert(1))",
        "[a](JAVASCRIPT:alert(1) 'title')",
        "[a]\x00(javascript:alert(1))",
        "\\[a](javascript:alert(1))",
        "[![x](javascript:alert(1))](javascript:alert(1))",
        "[a](data:text/html,<b>)",
        "[a](file:///etc/passwd)",
        "![a](//tracker/pixel)",
        "[a][b]\n\n[b]: javascript:alert(1)",
        "[a][b]\n\n[b]:\n  javascript:alert(1)",
        "[b]\n\n> [b]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_prose_makes_no_tag_of_its_own_and_links_to_the_web_alone(text):
    page = Page(markdown2html_mistune(safe_markdown(text)))
    assert page.tags <= {"p", "pre", "code", "blockquote", "a", "img", "div", "span"}
    assert page.leads == []


@pytest.mark.parametrize("word", ["href{javascript:alert(1)}{x}", "mmlToken{mi}{x}", "require{x}"])
def test_an_equation_makes_no_link(word):
    assert f"\\{word}" not in safe_markdown(f"$$\\{word}$$")


@pytest.mark.parametrize(
    "text",
    [
        "# A title\n\n**bold**, *slanted*, `code`, [a link](https://example.org), [here](#top)\n",
        "$h_t = \\tanh(x_t W_x + b)$ and $$\\hrefless \\requires_d$$",
        "- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "a < b, 3 <4 and x <= y",
    ],
)
def test_honest_prose_is_left_as_it_is(text):
    assert safe_markdown(text) == text


def test_prose_is_cut_and_says_so():
    # A reader of Markdown takes a time over these that grows with the square of their number.
    cut = safe_markdown("[" * (sanitise.MAX_PROSE + 1))
    assert cut == "[" * sanitise.MAX_PROSE + "\n\n[cut here: too long]"


@pytest.mark.parametrize(
    "data",
    [
        {"text__html": "<script>alert(1)</script>"},
        {"text__html": ["<img src=x onerror=alert(1)>"]},
        {"image__svg_plus_xml": "<svg onload=alert(1)>"},
        {"application__javascript": "alert(1)"},
        {"application__vnd.jupyter.widget-view_plus_json": {"model_id": "x"}},
        {"text__markdown": "[a](javascript:alert(1))"},
        {"text__latex": r"\href{javascript:alert(1)}{a}"},
        {"image__png": "not base64"},
        {"image__png": base64.b64encode(b"<svg onload=alert(1)>").decode()},
        {"image__png": JPEG},
        {"image__png": "A" * (3 * sanitise.MAX_PICTURE_BYTES)},
        {"image__png": 7},
        {"text__plain": ["a", "b"]},
    ],
    ids=lambda data: next(iter(data)),
)
def test_html_svg_script_and_forged_pictures_are_left_out(data):
    assert safe_outputs([display(**data)]) == []


def test_a_picture_and_its_text_stay_and_the_rest_of_the_output_goes():
    data = {"image__png": PNG + "\n", "text__plain": "<Figure>", "text__html": "<b>x</b>"}
    (output,) = safe_outputs([display(**data), display(text__html="<i>")])
    assert output.data == {"image/png": PNG, "text/plain": "<Figure>"}
    (output,) = safe_outputs([display(image__jpeg=JPEG)])
    assert output.data == {"image/jpeg": JPEG}


def test_a_result_becomes_display_so_that_it_is_never_read_as_points():
    (output,) = safe_outputs([new_output("execute_result", data={"text/plain": "10"})])
    assert output.output_type == "display_data"


def test_metadata_of_an_output_is_dropped():
    output = new_output("display_data", data={"text/plain": "x"}, metadata={"a": "<script>"})
    assert safe_outputs([output])[0].metadata == {}


def test_an_error_keeps_its_words_and_is_bounded():
    output = new_output(
        "error", ename="E\x1b[1m", evalue="v" * 5000, traceback=["\x1b[31mline"] * 200
    )
    (kept,) = safe_outputs([output])
    assert kept.ename == "E" and len(kept.evalue) < 2100
    assert kept.traceback == ["line"] * 50
    (kept,) = safe_outputs([{"output_type": "error", "ename": 1, "traceback": "no list"}])
    assert kept.traceback == [] and kept.ename == ""


def test_many_outputs_are_joined_where_they_can_be_and_bounded():
    stream = new_output("stream", name="stdout", text="x")
    assert [o.text for o in safe_outputs([stream] * 1000)] == ["x" * 1000]
    both = [stream, new_output("stream", name="stderr", text="e")]
    assert len(safe_outputs(both * 1000)) == sanitise.MAX_OUTPUTS


@pytest.mark.parametrize(
    "output", [None, 3, "text", [], {}, {"output_type": []}, {"output_type": "stream", "text": {}}]
)
def test_what_is_no_output_is_no_trouble(output):
    for kept in safe_outputs([output]):
        assert kept.text == ""


def test_what_is_kept_is_valid_in_a_notebook():
    cell = nbformat.v4.new_code_cell()
    cell.outputs = safe_outputs(
        [
            new_output("stream", name="other", text="x"),
            display(image__png=PNG),
            {"output_type": "error", "ename": None, "traceback": [1, None]},
            {"output_type": "execute_result", "data": {"text/plain": "\x00y"}},
        ]
    )
    assert len(cell.outputs) == 4
    nbformat.validate(new_notebook(cells=[cell]))
