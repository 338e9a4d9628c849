"""Untrusted Markdown: what becomes of it, and what never does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from tests.counting import calls
from ui.chat.links import parts_of, warning_of
from ui.chat.markdown import Block, Code, Line, Prose, Rule, Table, blocks, definitions, mend
from ui.chat.runs import Run, is_safe_link
from ui.chat.splitter import CODE_LINE_LIMIT, LIMIT, TABLE_ROWS, Segment, Splitter
from ui.chat.text_view import InertDocument


def parsed(text: str) -> list[Block]:
    splitter = Splitter()
    env = definitions(text)
    return [block for segment in [*splitter.feed(text), *splitter.close()] for block in blocks(segment, env)]


def runs_in(found: list[Block]) -> list[Run]:
    runs: list[Run] = []
    for block in found:
        match block:
            case Prose():
                runs += [run for line in block.lines for run in line.runs]
            case Table():
                runs += [run for row in (block.header, *block.rows) for cell in row for run in cell]
    return runs


def words(text: str) -> str:
    return "".join(run.text for run in runs_in(parsed(text)))


HOSTILE = {
    "an image with a handler": '<img src=x onerror="alert(1)">',
    "a script": "<script>fetch('https://evil.example')</script>",
    "an svg": '<svg onload=alert(1)><image href="https://evil.example/x.png"/></svg>',
    "a style": "<style>@import url(https://evil.example/a.css);</style><p style='background:url(//evil.example)'>x",
    "a comment": "<!-- hidden --> seen",
    "an open comment": "<!-- never closed\n\nparagraph",
    "a frame": '<iframe src="https://evil.example"></iframe>',
    "an html link": '<a href="javascript:alert(1)">press</a>',
    "a javascript link": "[press](javascript:alert(1))",
    "a javascript link in disguise": "[a](JaVaScRiPt:alert(1)) [b](java\nscript:x) [c](&#106;avascript:alert(1))",
    "a data link": "[press](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "a data image": "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "a file link": "[secret](file:///etc/passwd) ![x](file:///etc/passwd)",
    "a network share": r"[x](\\evil.example\share) ![x](//evil.example/x.png) <file://evil.example/x>",
    "a vbscript link": "[x](vbscript:msgbox)",
    "a qrc image": "![x](qrc:/secret.png) ![y](:/secret.png)",
    "other schemes": "[a](ftp://x.example) [b](smb://x) [c](ms-msdt:/id) [d](steam://run) [e](tel:123) [f](blob:x)",
    "an autolink with a trick": '<javascript:alert(1)> <https://a.example"onclick=x> <data:text/html,x>',
    "a reference to javascript": "[a][1]\n\n[1]: javascript:alert(1)",
    "a link title with quotes": "[a](https://x.example \"' onmouseover='alert(1)\")",
    "an image in a link": "[![x](https://evil.example/a.png)](javascript:alert(1))",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#0; &#x110000;",
    "control characters": "a\x00b\x07c\x1b[31m\u202egnp.exe\u2066x\ufffc\ufdd0",
    "a fence with a bad language": "```<img src=x onerror=alert(1)>\"'\nx\n```",
    "a fence that never ends": "```python\n" + "x = 1\n" * 3_000,
    "quotes nested deep": "> " * 1_000 + "x",
    "lists nested deep": "\n".join("  " * depth + "- x" for depth in range(1_000)),
    "list marks in one line": "- " * 5_000 + "x",
    "many brackets": "[" * 50_000,
    "many image marks": "![" * 25_000,
    "half links": "[a](" * 12_000,
    "emphasis without end": "**a" * 20_000,
    "alternating emphasis": "a**b_c*" * 10_000,
    "backticks of all lengths": " ".join("`" * (n % 50 + 1) for n in range(3_000)),
    "a line of a megabyte": "x" * 1_000_000,
    "a sentence of a megabyte": "word " * 200_000,
    "a code line of a megabyte": "```\n" + "x" * 1_000_000 + "\n```",
    "a table of 300 columns": "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n|" + "b|" * 300,
    "pipes only": "|" * 20_000 + "\n" + "|-" * 10_000,
    "many definitions": "".join(f"[{n}]: https://x.example/{n}\n" for n in range(5_000)),
    "many angle brackets": "<" * 50_000 + "a" * 1000,
    "many entities": "&amp;" * 20_000,
    "blank lines": "\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markdown_gives_only_words_and_safe_links_in_small_pieces_of_bounded_cost(text: str) -> None:
    segments: list[Segment] = []
    splitter = Splitter()
    assert calls(lambda: segments.extend([*splitter.feed(text), *splitter.close()])) < 10 * len(text) + 100
    assert sum(len(segment.source) for segment in segments) <= len(text)
    env = definitions(text)
    for segment in segments:
        assert len(segment.source) <= (CODE_LINE_LIMIT if segment.kind == "code" else 5 * LIMIT)
        found: list[Block] = []
        assert calls(lambda segment=segment, found=found: found.extend(blocks(segment, env))) < 100_000
        for run in runs_in(found):
            assert not run.link or is_safe_link(run.link)
            assert not any(character in run.text for character in "\x00\x07\x1b\u202e\u2066\ufffc\ufdd0\u2029\n")


def test_html_is_shown_as_it_was_written() -> None:
    assert words('<img src=x onerror="alert(1)">') == '<img src=x onerror="alert(1)">'
    assert words("a <b>b</b>") == "a <b>b</b>"


def test_an_image_is_its_alternative_text_with_a_link_and_is_never_loaded() -> None:
    (run,) = runs_in(parsed("![a red fox](https://x.example/fox.png)"))
    assert run == Run("a red fox", link="https://x.example/fox.png")
    assert InertDocument().loadResource(QTextDocument.ResourceType.ImageResource, QUrl("file:///etc/hostname")) is None


@pytest.mark.parametrize(
    "url", ["https://x.example", "http://x.example/a?b#c", "mailto:a@b.example", "HTTPS://X.example"]
)
def test_web_and_mail_addresses_are_links(url: str) -> None:
    assert is_safe_link(url)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example", "x.html", "#a", "https:///x", "https://",
     "ftp://x", "mailto:", "https:\\\\x", "https://a.example\\\\@b.example", " https://x.example", "https://x.example/\u202egnp"],
)  # fmt: skip
def test_other_addresses_are_no_links(url: str) -> None:
    assert not is_safe_link(url)


def test_the_host_is_what_follows_the_last_at_sign() -> None:
    assert parts_of("https://google.com@evil.example:80/path?q=a@b") == (
        "https://google.com@",
        "evil.example:80",
        "/path?q=a@b",
    )
    assert "not the site it opens" in warning_of("https://google.com@evil.example/")
    assert parts_of("mailto:ana@x.example?subject=hi") == ("mailto:", "ana@x.example", "?subject=hi")


def test_a_host_in_letters_that_look_like_others_is_named_as_it_is_sent() -> None:
    assert "xn--" in warning_of("https://аррle.com/login")
    assert "xn--" in warning_of("https://xn--80ak6aa92e.com/")
    assert warning_of("https://apple.com/") == ""


def test_bare_addresses_become_links_without_the_sentence_around_them() -> None:
    assert [run.link for run in runs_in(parsed("See https://x.example/a, or (https://y.example/b)."))] == [
        "", "https://x.example/a", "", "https://y.example/b", "",
    ]  # fmt: skip


def test_styles_nest() -> None:
    assert runs_in(parsed("a **b *c*** `d` ~~e~~")) == [
        Run("a "), Run("b ", bold=True), Run("c", bold=True, italic=True), Run(" "), Run("d", code=True), Run(" "),
        Run("e", strike=True),
    ]  # fmt: skip


def test_headings_lists_and_quotes_keep_their_depth() -> None:
    (title,) = parsed("## One")
    assert isinstance(title, Prose) and title.lines == (Line((Run("One"),), level=2),)
    lines = [line for block in parsed("3. a\n4. b\n   - c\n\n     more\n\n> q\n>> r") for line in block.lines]  # type: ignore[union-attr]
    assert [(line.marker, line.indent, line.quote) for line in lines] == [
        ("3.", 1, 0), ("4.", 1, 0), ("◦", 2, 0), ("", 2, 0), ("", 0, 1), ("", 0, 2),
    ]  # fmt: skip


def test_code_in_a_list_stays_code_of_that_list() -> None:
    found = parsed("1. first:\n\n   ```bash\n   ls\n\n   pwd\n   ```\n2. second")
    assert found[1] == Code("bash", "ls\n\npwd", 1)
    assert isinstance(found[2], Prose) and found[2].lines == (Line((Run("second"),), marker="2.", indent=1),)


def test_blank_lines_and_fences_inside_a_fence_stay_in_it() -> None:
    assert parsed("text\n````md\n```py\n\nx\n```\n````\nafter") == [
        Prose((Line((Run("text"),)),)), Code("md", "```py\n\nx\n```"), Prose((Line((Run("after"),)),)),
    ]  # fmt: skip


def test_a_table_has_its_alignments_and_a_long_one_goes_on_in_pieces() -> None:
    rows = "".join(f"| {n} | x |\n" for n in range(TABLE_ROWS * 2 + 3))
    found = parsed(f"Before\n| a | b |\n|--:|:-:|\n{rows}\nafter")
    tables = [block for block in found if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [TABLE_ROWS, TABLE_ROWS, 3]
    assert [table.continues for table in tables] == [False, True, True]
    assert tables[0].aligns == ("right", "center")
    assert isinstance(found[0], Prose) and isinstance(found[-1], Prose)


def test_a_rule_is_a_rule() -> None:
    assert parsed("a\n\n---\n\nb")[1] == Rule()


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    found = parsed("This is a sentence. " * 500)
    texts = ["".join(run.text for run in runs_in([block])) for block in found]
    assert len(found) > 1
    assert all(len(text) <= LIMIT and text.rstrip().endswith(".") for text in texts)
    assert "".join(text.rstrip() + " " for text in texts).strip() == ("This is a sentence. " * 500).strip()


SAMPLE = """# Title
Intro with **bold** and a [link][1].

- one
- two

  more of two
- three

```python
def f():

    return 1
```
| a | b |
|---|---|
| 1 | 2 |
> quote

Last.

[1]: https://x.example
"""


@pytest.mark.parametrize("step", [1, 3, 7, 50])
def test_text_that_arrives_in_pieces_gives_what_the_whole_gives(step: int) -> None:
    splitter = Splitter()
    found: list[Segment] = []
    for at in range(0, len(SAMPLE), step):
        found += splitter.feed(SAMPLE[at : at + step])
        if splitter.open is not None:
            blocks(splitter.open)
    found += splitter.close()
    whole = Splitter()
    assert found == [*whole.feed(SAMPLE), *whole.close()]


def test_a_link_may_be_defined_at_the_end() -> None:
    assert "https://x.example" in [run.link for run in runs_in(parsed(SAMPLE))]


@pytest.mark.parametrize(
    ("unfinished", "shown"),
    [("a **bo", "a **bo**"), ("a `co", "a `co`"), ("a **", "a "), ("see [the doc", "see the doc"),
     ("see [the doc](https://x", "see the doc"), ("Title\n-", "Title"), ("a **b**", "a **b**"), ("2 * 3", "2 * 3")],
)  # fmt: skip
def test_an_unfinished_text_does_not_flash_its_marks(unfinished: str, shown: str) -> None:
    assert mend(unfinished).rstrip() == shown.rstrip()
