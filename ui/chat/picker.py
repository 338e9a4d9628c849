"""A button that shows what is chosen and opens the menu of choices; and the meter of the context."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QWidget

from thau_desktop.translation import _, ngettext_
from ui.theme import theme
from ui.widgets.buttons import PushButton
from ui.words import grouped

_PAD = 11
_GAP = 7
_ARROW = 14
_HEIGHT = 31
_WIDEST = 260


class Picker(PushButton):
    """Words, an accented version after them ("THAU 1.5B **v3**"), and an arrow."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._mark = ""
        self._name = name
        self.setMenu(QMenu(self))
        self.menu().setToolTipsVisible(True)
        theme().changed.connect(self.updateGeometry)

    def set_choice(self, words: str, mark: str = "") -> None:
        """Show what is chosen."""
        self._words, self._mark = words, mark
        self.setAccessibleName(f"{self._name}: {words} {mark}".strip())
        self.setToolTip(f"{self._name}: {words} {mark}".strip())
        self.updateGeometry()
        self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        plain = QFont(self.font())
        plain.setPixelSize(theme().tokens.type_body)
        plain.setWeight(QFont.Weight.Medium)
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        return plain, strong

    def sizeHint(self) -> QSize:
        plain, strong = self._fonts()
        width = 2 * _PAD + _GAP + _ARROW + QFontMetrics(plain).horizontalAdvance(self._words) + 2
        if self._mark:
            width += _GAP + QFontMetrics(strong).horizontalAdvance(self._mark)
        return QSize(min(width, _WIDEST), max(_HEIGHT, QFontMetrics(plain).height() + 14))

    def minimumSizeHint(self) -> QSize:
        return QSize(64, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color
        width = 2.0 if self.hasFocus() else 1.0
        painter.setPen(QPen(color("accent" if self.hasFocus() else "line"), width))
        painter.setBrush(color("press" if self.isDown() else "hover" if self.underMouse() else "card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), 8, 8)
        plain, strong = self._fonts()
        room = self.width() - 2 * _PAD - _GAP - _ARROW
        if self._mark:
            room -= _GAP + QFontMetrics(strong).horizontalAdvance(self._mark)
        words = QFontMetrics(plain).elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        x = _PAD
        for text, font, token in ((words, plain, "text"), (self._mark, strong, "accent")):
            painter.setFont(font)
            painter.setPen(color(token if self.isEnabled() else "faint"))
            area = self.rect().adjusted(x, 0, 0, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            x += QFontMetrics(font).horizontalAdvance(text) + _GAP
        arrow = QRectF(self.width() - _PAD - _ARROW + 2, (self.height() - 12) / 2, 12, 12).toRect()
        theme().icon("caret-down", "dim").paint(painter, arrow)


class ContextMeter(QWidget):
    """Tokens used of the model's context; the tooltip says what is left out of what the model reads."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.used: int | None = 0
        self.limit = 0
        self.setVisible(False)
        theme().changed.connect(self.updateGeometry)

    def show_use(self, used: int | None, limit: int, dropped: int = 0, summarised: int = 0) -> None:
        """Show `used` of `limit` tokens; None: not counted yet. Nothing where the limit is not known."""
        self.used, self.limit = used, limit
        self.setVisible(limit > 0)
        sentences = [
            _("The model reads {used} of {limit} tokens at once: your conversation, the persona and the tools.").format(
                used=_count(used), limit=grouped(limit)
            )
        ]
        if summarised:
            words = ngettext_(
                "The oldest message was summarised to make it fit.",
                "The oldest {n} messages were summarised for it.",
                summarised,
            )
            sentences.append(words.format(n=summarised))
        elif dropped:
            words = ngettext_(
                "The oldest message no longer fits and is left out; you still see it.",
                "The oldest {n} messages no longer fit and are left out; you still see them.",
                dropped,
            )
            sentences.append(words.format(n=dropped))
        elif used is not None and used > 0.8 * limit:
            sentences.append(_("When it is full, the oldest messages will be left out first."))
        elif used is not None:
            sentences.append(_("Nothing is left out."))
        self.setToolTip("\n".join(sentences))
        self.setAccessibleName(self.words())
        self.setAccessibleDescription(self.toolTip())
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """The numbers, as shown."""
        return _("{used} / {limit} tokens").format(used=_count(self.used), limit=grouped(self.limit))

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.words()) + 12 + 90, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color
        bar = QRectF(self.width() - 90, self.height() / 2 - 2.5, 90, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("line"))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        share = min(1.0, (self.used or 0) / self.limit) if self.limit else 0.0
        if share:
            painter.setBrush(color("accent" if share < 0.9 else "warn"))
            painter.drawRoundedRect(QRectF(bar.x(), bar.y(), max(5.0, bar.width() * share), bar.height()), 2.5, 2.5)
        if self.width() >= self.sizeHint().width():
            painter.setPen(color("dim"))
            area = self.rect().adjusted(0, 0, -102, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.words())


def _count(used: int | None) -> str:
    return "…" if used is None else grouped(used)
