"""The bar that floats over the grid's foot while pictures are selected: how many, how large, what can be done."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.theme import theme
from ui.widgets.buttons import ToolButton, icon_button
from ui.widgets.labels import label
from ui.words import grouped, size_of

HEIGHT = 46
_SHADOW = 14
_EDGE = 12
FOOT = HEIGHT + 2 * _EDGE  # pixels of the grid that it stands over


class SelectionBar(QWidget):
    """Stands in the middle of `host`'s foot; `set_actions` says what it offers. `cleared`: select nothing."""

    cleared = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setAccessibleName(_("Selected pictures"))
        self._words = label("", "strong")
        self._size = label("", "dim")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_SHADOW + 16, _SHADOW, _SHADOW + 8, _SHADOW)
        self._row.setSpacing(2)
        self._row.addWidget(self._words)
        self._row.addSpacing(6)
        self._row.addWidget(self._size)
        self._row.addSpacing(10)
        self._buttons: list[QToolButton] = []
        self._close = icon_button("x", _("Select nothing (Esc)"), self.cleared.emit)
        self._row.addWidget(self._close)
        host.installEventFilter(self)
        theme().changed.connect(self.update)
        self.hide()

    def set_actions(self, actions: Iterable[QAction]) -> None:
        """Offer these as buttons."""
        wanted = list(actions)
        if [made.defaultAction() for made in self._buttons] == wanted:
            self._place()
            return
        for made in self._buttons:
            self._row.removeWidget(made)
            made.hide()
            made.deleteLater()
        self._buttons = [_button(action) for action in wanted]
        for number, made in enumerate(self._buttons):
            self._row.insertWidget(4 + number, made)
            made.show()
        self._place()

    def say(self, count: int, size: int | None) -> None:
        """How many are selected, and their files' bytes if they are known."""
        self._words.setText(ngettext_("{n} selected", "{n} selected", count).format(n=grouped(count)))
        self._size.setText(f"· {size_of(size)}" if size is not None else "")
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self._row.activate()
        size = self.sizeHint()
        width = min(size.width(), self._host.width())
        self.resize(width, HEIGHT + 2 * _SHADOW)
        self.move((self._host.width() - width) // 2, self._host.height() - self.height() - _EDGE + _SHADOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 10 if theme().dark else 4))
        for step in range(_SHADOW, 0, -2):
            grown = place.adjusted(-step, -step, step, step)
            painter.drawRoundedRect(grown, 12 + step, 12 + step)
        painter.setPen(theme().color("line"))
        painter.setBrush(theme().color("card"))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)


def _button(action: QAction) -> QToolButton:
    made = ToolButton()
    made.setDefaultAction(action)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    made.setAccessibleName(action.toolTip())
    return made


def size_together(pictures: Iterable[Picture]) -> int:
    """Bytes of their files."""
    return sum(picture.bytes for picture in pictures)
