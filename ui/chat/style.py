"""How words of an answer look: the fonts, margins and colours that runs, lines and tables take from the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextFormat, QTextOption
from PySide6.QtWidgets import QApplication

from ui.chat.markdown import Line
from ui.chat.runs import Run
from ui.theme import Theme

# What a block or run carries for those who paint around it.
QUOTE = QTextFormat.Property.UserProperty + 1
CHIP = QTextFormat.Property.UserProperty + 2

INDENT = 24
QUOTE_INDENT = 16
_HEADING_SIZES = (22, 19, 17, 15, 15, 15)
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value


class Style:
    """Fonts and formats of one theme; `refresh()` after the theme changed."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Take over the theme's present colours and sizes."""
        tokens = self.theme.tokens
        self.tokens = tokens
        self.scale = tokens.type_body / 13
        family = QApplication.font()
        self.text_font = QFont(family)
        self.text_font.setPixelSize(tokens.type_large)
        self.body_font = QFont(family)
        self.body_font.setPixelSize(tokens.type_body)
        self.small_font = QFont(family)
        self.small_font.setPixelSize(tokens.type_small)
        self.code_font = self.theme.mono(13)
        # Ligatures show an arrow where two characters stand.
        self.code_font.setFeature(QFont.Tag("calt"), 0)
        self._run_format = lru_cache(maxsize=256)(self._make_run_format)

    def heading_size(self, level: int) -> int:
        """Pixels of a heading's words; level 0 is plain text."""
        return round(_HEADING_SIZES[level - 1] * self.scale) if level else self.tokens.type_large

    def run_format(self, run: Run, line: Line) -> QTextCharFormat:
        """How those words look in that line."""
        kept = self._run_format(run.bold, run.italic, run.strike, run.code, bool(run.link), line.level, line.quote > 0)
        if not run.link:
            return kept
        linked = QTextCharFormat(kept)
        linked.setAnchor(True)
        linked.setAnchorHref(run.link)
        return linked

    def _make_run_format(
        self, bold: bool, italic: bool, strike: bool, code: bool, link: bool, level: int, quoted: bool
    ) -> QTextCharFormat:
        made = QTextCharFormat()
        font = QFont(self.code_font if code else self.text_font)
        size = self.heading_size(level)
        font.setPixelSize(round(size * 0.88) if code else size)
        font.setWeight(QFont.Weight.DemiBold if bold or level else QFont.Weight.Normal)
        font.setItalic(italic)
        font.setStrikeOut(strike)
        made.setFont(font)
        if quoted:
            made.setForeground(self.theme.color("dim"))
        if code:
            made.setProperty(CHIP, True)
        if link:
            made.setForeground(self.theme.color("accent"))
            made.setFontUnderline(True)
        return made

    def block_format(self, line: Line, previous: Line | None) -> QTextBlockFormat:
        """Margins of that line below the previous one of the same document."""
        made = QTextBlockFormat()
        made.setLineHeight(118 if line.level else 124, _PROPORTIONAL)
        made.setTopMargin(self._space(line, previous) if previous is not None else 0)
        made.setLeftMargin(INDENT * line.indent + QUOTE_INDENT * line.quote)
        if line.marker:
            made.setTextIndent(-INDENT)
            made.setTabPositions([QTextOption.Tab(INDENT, QTextOption.TabType.LeftTab)])
        if line.quote:
            made.setProperty(QUOTE, line.quote)
        return made

    def _space(self, line: Line, previous: Line) -> int:
        if line.level:
            return 20 if line.level < 3 else 16
        if line.indent and previous.indent:
            return 4
        return 8 if previous.level else 10

    @staticmethod
    def wrapping() -> QTextOption:
        """Prose wraps at words, and within those that are too long."""
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setAlignment(Qt.AlignmentFlag.AlignLeft)
        return option
