"""Words of one style, made from the parser's inline tokens: no markup, no control characters, only safe links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from markdown_it.token import Token

# Characters that turn text around or stand for Qt's own objects; they never belong to an answer's words.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufdd0\ufdd1\ufffc]")
_BARE_LINK = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
_SAFE = re.compile(r"(?:https?://[^\s/?#]|mailto:[^\s?]+@)", re.IGNORECASE)
LINE_BREAK = "\u2028"


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one style; `link` is the address they lead to."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    link: str = ""


Runs = tuple[Run, ...]


def is_safe_link(url: str) -> bool:
    """Whether that address may be offered to be opened: http and https with a host, or mailto."""
    # Browsers take a backslash for a slash: what looks like the host may not be it.
    return _SAFE.match(url) is not None and "\\" not in url and not _UNWANTED.search(url)


def clean(text: str) -> str:
    """Words without control characters."""
    return _UNWANTED.sub("", text)


def runs_of(children: Iterable[Token]) -> Runs:
    """The styled words of one line."""
    runs: list[Run] = []
    style = Run("")
    depth = {"strong": 0, "em": 0, "s": 0}
    for token in children:
        kind, _, edge = token.type.rpartition("_")
        if kind in depth:
            depth[kind] += 1 if edge == "open" else -1
            bold, italic, strike = (depth[name] > 0 for name in ("strong", "em", "s"))
            style = replace(style, bold=bold, italic=italic, strike=strike)
        elif token.type == "link_open":
            style = replace(style, link=str(token.attrGet("href") or ""))
        elif token.type == "link_close":
            style = replace(style, link="")
        elif token.type == "image":
            link = style.link or str(token.attrGet("src") or "")
            words = clean(token.content) or link
            runs.append(replace(style, text=words, link=link if is_safe_link(link) else ""))
        elif token.type in ("softbreak", "hardbreak"):
            runs.append(_worded(style, LINE_BREAK))
        elif token.type == "code_inline":
            runs.append(replace(style, text=_one_line(token.content), code=True))
        elif token.content:
            words = _one_line(token.content)
            runs.extend(_with_bare_links(words, style) if not style.link else [_worded(style, words)])
    return tuple(_joined(runs))


def _joined(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined and _look(run) == _look(joined[-1]):
            joined[-1] = _worded(run, joined[-1].text + run.text)
        elif run.text:
            joined.append(run)
    return joined


def _look(run: Run) -> tuple[bool, bool, bool, bool, str]:
    return run.bold, run.italic, run.strike, run.code, run.link


def _worded(style: Run, text: str) -> Run:
    # dataclasses.replace costs ten times as much, and this is called for each word that streams.
    return Run(text, style.bold, style.italic, style.strike, style.code, style.link)


def _one_line(text: str) -> str:
    return clean(text).replace("\n", LINE_BREAK).replace("\u2029", LINE_BREAK)


def _with_bare_links(words: str, style: Run) -> list[Run]:
    if "://" not in words:
        return [_worded(style, words)]
    runs: list[Run] = []
    end = 0
    for match in _BARE_LINK.finditer(words):
        url = match.group().rstrip(".,;:!?*_~)…»”’" if "(" not in match.group() else ".,;:!?*_~…»”’")
        if not is_safe_link(url):
            continue
        runs.append(_worded(style, words[end : match.start()]))
        runs.append(replace(style, text=url, link=url))
        end = match.start() + len(url)
    runs.append(_worded(style, words[end:]))
    return runs
