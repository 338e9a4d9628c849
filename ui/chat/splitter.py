"""Cuts Markdown that is still arriving into segments, each of which can be rendered for good.

Only the last segment is open; what stands before it never changes again, so a streaming answer costs the same
per token from its first word to its last. Long segments are cut by force: no later step ever meets more
than a few thousand characters at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# Characters after which an open segment is cut at the next line, or within a line where there is none.
LIMIT = 4_000
# A list is cut between items after this much.
LIST_LIMIT = 800
TABLE_ROWS = 10
CODE_LIMIT = 8_000
CODE_LINE_LIMIT = 50_000

_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})[ \t]*([^`]*)$")
_INNER_FENCE = re.compile(r"^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})")
_MARKER = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_DELIMITER = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_BLOCK_START = re.compile(r"^ {0,3}(?:#{1,6}\s|>|`{3}|~{3}|(?:[-*+]|1[.)])\s)")
_SENTENCE_END = re.compile(r"[.!?…:;]\s")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of Markdown. `source` is a code block's text without fences when `kind` is "code"; a table that
    `continues` repeats the header only so that it can be parsed."""

    kind: Literal["text", "code", "table"]
    source: str
    language: str = ""
    continues: bool = False


@dataclass(slots=True)
class _Fence:
    mark: str
    indent: int
    language: str

    def closes(self, line: str) -> bool:
        stripped = line.strip()
        return (
            len(stripped) >= len(self.mark)
            and stripped == self.mark[0] * len(stripped)
            and len(line) - len(line.lstrip(" ")) <= 3
        )

    def strip(self, line: str) -> str:
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(self.indent, spaces) :]


class Splitter:
    """Feed it text as it arrives; finished segments come back, `open` is the rest."""

    def __init__(self) -> None:
        self._partial = ""
        self._lines: list[str] = []
        self._size = 0
        self._fence: _Fence | None = None
        self._table: list[str] | None = None
        self._continues = False
        self._blank = False
        self._list = False
        self._inner = ""
        self._done: list[Segment] = []

    def feed(self, delta: str) -> list[Segment]:
        """Take more text; returns the segments that it finished."""
        *lines, self._partial = (self._partial + delta.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        for line in lines:
            self._take(self._cut(line))
        self._partial = self._cut(self._partial)
        done, self._done = self._done, []
        return done

    def close(self) -> list[Segment]:
        """The text is at its end: returns what was open."""
        partial, self._partial = self._partial, ""
        if partial:
            self._take(partial)
        self._flush()
        done, self._done = self._done, []
        return done

    @property
    def open(self) -> Segment | None:
        """What has arrived of the segment that is still open."""
        if self._fence is not None:
            lines = list(self._lines)
            # A line of fence marks may become the closing one: don't let it flash up as code.
            if self._partial.strip(" ") and not self._fence.mark.startswith(self._partial.strip()):
                lines.append(self._fence.strip(self._partial))
            return Segment("code", "\n".join(lines), self._fence.language, self._continues)
        lines = [*self._lines, self._partial] if self._partial else self._lines
        if not any(line.strip() for line in lines):
            return None
        if self._table is not None:
            return Segment("table", "\n".join([*self._table, *lines]), continues=self._continues)
        return Segment("text", "\n".join(lines))

    # --- a line --------------------------------------------------------------------------------------

    def _take(self, line: str) -> None:
        if self._fence is not None:
            self._take_code(line, self._fence)
        elif self._table is not None:
            self._take_row(line)
        else:
            self._take_text(line)

    def _take_code(self, line: str, fence: _Fence) -> None:
        if fence.closes(line):
            self._flush()
            return
        self._append(fence.strip(line))
        if self._size > CODE_LIMIT:
            self._emit(Segment("code", "\n".join(self._lines), fence.language, self._continues))
            self._continues = True

    def _take_row(self, line: str) -> None:
        assert self._table is not None
        if not line.strip() or _BLOCK_START.match(line):
            self._flush()
            self._take_text(line)
            return
        self._append(line)
        if len(self._lines) >= TABLE_ROWS:
            self._emit(Segment("table", "\n".join([*self._table, *self._lines]), continues=self._continues))
            self._continues = True

    def _take_text(self, line: str) -> None:
        if not line.strip():
            self._blank = True
            self._append("")
            return
        indent = len(line) - len(line.lstrip(" \t"))
        outside = indent < 2
        if self._inner and not (outside and not _INNER_FENCE.match(line)):
            self._inner = "" if line.strip().startswith(self._inner) else self._inner
            self._append(line)
            return
        self._inner = ""
        if self._open_fence(line, outside):
            return
        marker = _MARKER.match(line) is not None
        if self._cuts_before(outside, marker):
            self._flush()
        if self._open_table(line):
            return
        if marker:
            self._list = True
        if self._list and (inner := _INNER_FENCE.match(line)):
            self._inner = inner.group(1)
        self._blank = False
        self._append(line)

    def _cuts_before(self, outside: bool, marker: bool) -> bool:
        if not self._lines:
            return False
        if self._list:
            if marker and outside:
                return self._size > LIST_LIMIT
            return (self._blank and outside) or self._size > 4 * LIMIT
        return (self._blank and outside) or self._size > LIMIT

    def _open_fence(self, line: str, outside: bool) -> bool:
        found = _FENCE.match(line)
        if found is None or (self._list and not outside):
            return False
        self._flush()
        info = found.group(3).split()
        self._fence = _Fence(found.group(2), len(found.group(1)), info[0] if info else "")
        return True

    def _open_table(self, line: str) -> bool:
        header = self._lines[-1] if self._lines and not self._blank else ""
        if self._list or "|" not in header or not _DELIMITER.match(line) or header.lstrip().startswith(">"):
            return False
        if _columns(header) != _columns(line):
            return False
        self._lines.pop()
        self._flush()
        self._table = [header, line]
        return True

    # --- cutting -------------------------------------------------------------------------------------

    def _append(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line) + 1

    def _emit(self, segment: Segment) -> None:
        self._done.append(segment)
        self._lines = []
        self._size = 0

    def _flush(self) -> None:
        """Finish the open segment, whatever it is."""
        if self._fence is not None:
            if self._lines or not self._continues:
                self._emit(Segment("code", "\n".join(self._lines), self._fence.language, self._continues))
        elif self._table is not None:
            if self._lines or not self._continues:
                self._emit(Segment("table", "\n".join([*self._table, *self._lines]), continues=self._continues))
        elif any(self._lines):
            self._emit(Segment("text", "\n".join(self._lines)))
        self._lines, self._size = [], 0
        self._fence = self._table = None
        self._continues = self._blank = self._list = False
        self._inner = ""

    def _cut(self, line: str) -> str:
        """Finish pieces of a line that is too long, after a sentence, else a word; returns what is left of it."""
        limit = CODE_LINE_LIMIT if self._fence is not None else LIMIT
        while len(line) > limit:
            piece = line[:limit]
            ends = [match.end() for match in _SENTENCE_END.finditer(piece, limit // 2)]
            at = ends[-1] if ends else piece.rfind(" ") + 1 or limit
            line = line[at:]
            self._take(piece[:at])
            if self._fence is None and self._table is None:
                self._flush()
        return line


def _columns(row: str) -> int:
    return row.strip().strip("|").replace("\\|", "").count("|") + 1
