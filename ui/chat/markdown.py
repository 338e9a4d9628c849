"""Untrusted Markdown becomes plain values: runs of styled words in lines, code, tables and rules.

Nothing of a model's text is ever read as HTML, as a style or as the address of something to load: pictures
become links with their alternative text, and only http, https and mailto are links at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ui.chat.runs import Runs, clean, is_safe_link, runs_of
from ui.chat.splitter import Segment

Environment = dict[str, Any]

# A paragraph with more inline marks than this is shown as it stands: parsing such input may take seconds.
_MARK_LIMIT = 1_500
_MARKS = re.compile(r"[\[\]!`*_~<&\\]")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, heading (`level` 1 to 6) or list item (`marker` "•" or "3."), `indent` lists and `quote`
    quotes deep."""

    runs: Runs
    level: int = 0
    marker: str = ""
    indent: int = 0
    quote: int = 0


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines that follow one another."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code block; `continues` joins it to the one before."""

    language: str
    text: str
    indent: int = 0
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or more rows of the one before when it `continues`. `aligns` are "left", "center", "right"."""

    aligns: tuple[str, ...]
    header: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    indent: int = 0
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Block = Prose | Code | Table | Rule


def blocks(segment: Segment, env: Environment | None = None) -> list[Block]:
    """What that segment shows. `env` carries link definitions (`definitions`)."""
    if segment.kind == "code":
        return [Code(clean(segment.language), clean(segment.source), continues=segment.continues)]
    found = _Walker().walk(_parser().parse(segment.source, {} if env is None else env))
    if segment.continues and found and isinstance(found[0], Table):
        found[0] = replace(found[0], continues=True)
    return found


def definitions(text: str) -> Environment:
    """The link definitions of a whole text (`[name]: https://…`), for use while its segments are parsed."""
    env: Environment = {}
    lines = [match.group() for match in _DEFINITION.finditer(text)][:200]
    if lines:
        _parser().parse("\n\n".join(lines), env)
    return env


def mend(source: str) -> str:
    """Close the emphasis, code and heading marks that an unfinished text leaves open, so that nothing flashes."""
    head, newline, last = source.rpartition("\n")
    if newline and re.fullmatch(r" {0,3}(?:[-=]+|[-*+]|\d{1,9}[.)]?) ?", last):
        return head
    start = source.rfind("\n\n") + 1
    paragraph = source[start:].rstrip()
    paragraph = re.sub(r"(?<![*_~`\w])[*_~`]{1,3}$", "", paragraph)
    if paragraph.count("`") % 2:
        return source[:start] + paragraph + "`"
    paragraph = re.sub(r"!?\[([^\]\n]*)(?:\](?:\([^)\s]*)?)?$", r"\1", paragraph)
    if paragraph.count("**") % 2:
        paragraph = paragraph[:-1] if paragraph.endswith("*") and not paragraph.endswith("**") else paragraph
        paragraph += "**" if paragraph.count("**") % 2 else ""
    return source[:start] + paragraph


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    parser.core.ruler.at("inline", _parse_inline)
    return parser


def _parse_inline(state: Any) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if len(_MARKS.findall(token.content)) > _MARK_LIMIT:
            plain = Token("text", "", 0)
            plain.content = token.content
            token.children.append(plain)
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


class _Walker:
    """Turns the parser's tokens into blocks."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[Line] = []
        self._quote = 0
        self._lists: list[int | None] = []
        self._marker = ""
        self._level = 0

    def walk(self, tokens: Sequence[Token]) -> list[Block]:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                position = self._table(tokens, position)
            else:
                self._token(token)
            position += 1
        self._end_prose()
        return self._blocks

    def _token(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._level = int(token.tag[1])
            case "heading_close":
                self._level = 0
            case "inline":
                self._line(runs_of(token.children or []))
            case "blockquote_open":
                self._quote += 1
            case "blockquote_close":
                self._quote -= 1
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1) if token.attrGet("start") != 0 else 0)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._begin_item()
            case "list_item_close":
                self._bare_marker()
            case "fence" | "code_block":
                self._bare_marker()
                self._end_prose()
                language = clean(token.info).split()
                text = clean(token.content.removesuffix("\n"))
                self._blocks.append(Code(language[0] if language else "", text, len(self._lists)))
            case "hr":
                self._bare_marker()
                self._end_prose()
                self._blocks.append(Rule())

    def _begin_item(self) -> None:
        self._bare_marker()
        number = self._lists[-1]
        if number is None:
            self._marker = "•" if len(self._lists) % 2 else "◦"
        else:
            self._marker = f"{number}."
            self._lists[-1] = number + 1

    def _line(self, runs: Runs) -> None:
        self._lines.append(Line(runs, self._level, self._marker, len(self._lists), self._quote))
        self._marker = ""

    def _bare_marker(self) -> None:
        if self._marker:
            self._line(())

    def _end_prose(self) -> None:
        if self._lines:
            self._blocks.append(Prose(tuple(self._lines)))
            self._lines = []

    def _table(self, tokens: Sequence[Token], position: int) -> int:
        self._bare_marker()
        self._end_prose()
        rows: list[tuple[Runs, ...]] = []
        row: list[Runs] = []
        aligns: list[str] = []
        while (token := tokens[position]).type != "table_close":
            if token.type == "th_open":
                aligns.append(str(token.attrGet("style") or "").removeprefix("text-align:") or "left")
            elif token.type == "inline":
                row.append(runs_of(token.children or []))
            elif token.type == "tr_close":
                rows.append(tuple(row))
                row = []
            position += 1
        self._blocks.append(Table(tuple(aligns), rows[0], tuple(rows[1:]), len(self._lists)))
        return position
