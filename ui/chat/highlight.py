"""What code is made of, as Pygments reads it; the window only applies the colours.

Loading a language's lexer takes up to 50 ms and reading 20,000 characters about as long; neither belongs
into the event loop.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LIMIT = 20_000
# Of each line: where, how long (in UTF-16 units, as Qt counts) and what.
Spans = list[list[tuple[int, int, str]]]

_NAME = re.compile(r"[\w+#.-]{1,40}")


def spans(code: str, language: str) -> Spans:
    """What each line of the code is made of; [] for a language that nobody knows."""
    lexer = _lexer(language.lower()) if _NAME.fullmatch(language) else None
    if lexer is None:
        return []
    lines: Spans = [[]]
    at = 0
    wide = not code.isascii()
    for kind, text in lexer.get_tokens(code[:LIMIT]):
        name = _color_of(kind)
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append([])
                at = 0
            length = len(piece) + sum(character > "\uffff" for character in piece) if wide else len(piece)
            if name and length:
                lines[-1].append((at, length, name))
            at += length
    return lines


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _color_of(kind: Any) -> str:
    """The name of the colour for that Pygments token, "" for plain text."""
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

    for family, name in (
        (Comment, "comment"),
        (Keyword.Constant, "number"),
        (Keyword, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Decorator, "name"),
        (Name.Tag, "keyword"),
        (Name.Attribute, "name"),
        (Name.Builtin, "builtin"),
        (Operator.Word, "keyword"),
        (Generic.Deleted, "deleted"),
        (Generic.Inserted, "string"),
        (Generic.Heading, "name"),
    ):
        if kind in family:
            return name
    return ""


# Which token of the theme paints what; all of them keep 4.5:1 on the ground of code in light and in dark.
COLORS = {
    "comment": "dim",
    "keyword": "accent",
    "string": "good",
    "number": "warn",
    "name": "bad",
    "builtin": "warn",
    "deleted": "bad",
}
