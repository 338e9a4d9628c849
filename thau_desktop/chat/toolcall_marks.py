"""Whether a stream of Markdown is inside code, where a tool call is only an example (CommonMark 0.31, 4.5 and 6.1).

Simpler than the norm where a stream can't look ahead: inline code that is not closed ends with its line.
"""

from __future__ import annotations


class CodeTracker:
    """Follows Markdown a character at a time."""

    __slots__ = ("_blank", "_closing", "_fence", "_info", "_inline", "_run", "_run_character")

    def __init__(self) -> None:
        self._blank = True  # only whitespace so far on this line
        self._run = 0  # length of the run of backticks or tildes that ends here
        self._run_character = ""
        self._inline = 0  # backticks that opened inline code
        self._fence = ""  # the run that opened a fenced block
        self._info = False  # on the fence's own line
        self._closing = True  # this line of the block may still be its closing fence

    @property
    def inside(self) -> bool:
        """Whether the next character would be in code."""
        if self._fence:
            return True
        if self._inline:
            return self._run != self._inline
        return self._run > 0 and (self._run_character == "`" or self._opens_fence())

    def add(self, character: str) -> None:
        if self._fence and not self._info:
            self._in_fence(character)
        elif self._info:
            self._in_info(character)
        elif self._inline:
            self._in_inline(character)
        else:
            self._outside(character)

    def _outside(self, character: str) -> None:
        if character in "`~" and (not self._run or character == self._run_character):
            self._run += 1
            self._run_character = character
            return
        if self._run:
            opens_fence = self._opens_fence()
            run, self._run = self._run, 0
            self._blank = False
            if opens_fence:
                self._fence, self._info, self._closing = self._run_character * run, True, True
                self._in_info(character)
                return
            if self._run_character == "`":
                self._inline = run
                self._in_inline(character)
                return
            self._outside(character)
            return
        self._blank = character == "\n" or (self._blank and character.isspace())

    def _opens_fence(self) -> bool:
        return self._blank and self._run >= 3

    def _in_info(self, character: str) -> None:
        if character == "\n":
            self._info = False
        elif character == "`" and self._fence[0] == "`":  # backticks in its line: it was inline code
            self._inline, self._fence, self._info = len(self._fence), "", False
            self._in_inline(character)

    def _in_inline(self, character: str) -> None:
        if character == "`":
            self._run += 1
            self._run_character = character
            return
        closed = self._run == self._inline
        self._run = 0
        if closed or character == "\n":
            self._inline = 0
            self._outside(character)

    def _in_fence(self, character: str) -> None:
        if character == "\n":
            if self._closing and self._run >= len(self._fence):
                self._fence, self._blank = "", True
            self._run, self._closing = 0, True
        elif character == self._fence[0] and self._run_character != " ":
            self._run += 1
        elif not character.isspace():
            self._closing = False
        elif self._run:
            self._run_character = " "
        if character == "\n" or not self._fence:
            self._run_character = self._fence[:1]
