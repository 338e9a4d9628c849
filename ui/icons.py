"""One set of icons (Phosphor, MIT) painted from its font in the colour that the theme has when it paints.

The font is the one that qtawesome ships; reading it directly spares the start of the window qtawesome's own
import (all of its fonts, QtOpenGL and QtPrintSupport through qtpy: 0.2 s).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

_FONT = "phosphor-1.3.0.ttf"
_NAMES = "phosphor-charmap-1.3.0.json"


class Glyphs:
    """The loaded font: `icon(name, …)` raises KeyError for a name that Phosphor does not have."""

    def __init__(self) -> None:
        folder = _folder()
        self._codes: dict[str, str] = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
        number = QFontDatabase.addApplicationFont(str(folder / _FONT))
        self._family = QFontDatabase.applicationFontFamilies(number)[0]

    def icon(self, name: str, color: Callable[[bool], QColor], disabled: Callable[[], QColor]) -> QIcon:
        """An icon whose colour is asked for at each painting: `color(checked)`, or `disabled()`."""
        return QIcon(_GlyphEngine(chr(int(self._codes[name], 16)), self._family, color, disabled))


class _GlyphEngine(QIconEngine):
    def __init__(
        self, glyph: str, family: str, color: Callable[[bool], QColor], disabled: Callable[[], QColor]
    ) -> None:
        super().__init__()
        self._glyph = glyph
        self._family = family
        self._color = color
        self._disabled = disabled

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._glyph, self._family, self._color, self._disabled)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        color = self._disabled() if mode == QIcon.Mode.Disabled else self._color(state == QIcon.State.On)
        font = QFont(self._family)
        font.setPixelSize(max(1, min(rect.width(), rect.height())))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # a button that a layout has squeezed for a moment
            return QPixmap()
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


def _folder() -> Path:
    found = importlib.util.find_spec("qtawesome")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "fonts"
