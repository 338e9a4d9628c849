"""The strip at the left: the sign, the pages, settings, and how things stand; as icons, or with their names."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFontMetrics, QIcon, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.translation import _
from ui.logo import Logo
from ui.pages import PAGES, PageEntry
from ui.shortcuts import native
from ui.status import StatusPill
from ui.theme import icon, theme
from ui.widgets.buttons import ToolButton, icon_button

WIDTH = 56
_BUTTON = 40
_ICON = 20
_WORDS = 42  # where they begin on a button
_WIDE = 168  # of a button with words, unless these need more
_KEPT = "rail/wide"


class Rail(QFrame):
    """`chosen` says the name of the page that was clicked.

    Attributes: `wide`, whether the names stand beside the icons, kept in `state`; `toggle`, the small button that
    changes it; `status`, the pill at the foot.
    """

    chosen = Signal(str)

    def __init__(self, state: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rail", True)
        self._state = state
        self._room = True
        self.wide = bool(int(str(state.value(_KEPT, 0))))
        self._buttons: dict[str, RailButton] = {}
        self._sign = QWidget()
        self._sign.setFixedSize(_BUTTON, 28)
        Logo(28, self._sign).move((_BUTTON - 28) // 2, 0)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 7, 12)
        column.setSpacing(4)
        column.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(12)
        self.toggle = icon_button("caret-double-right", "", self.switch, size=14)
        self.toggle.setFixedSize(_BUTTON, 28)
        for page in PAGES:
            if page.name == "settings":
                column.addStretch()
                column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
            made = RailButton(page)
            made.clicked.connect(lambda _checked=False, name=page.name: self.chosen.emit(name))
            self._buttons[page.name] = made
            column.addWidget(made)
        self.status = StatusPill()
        column.addWidget(self.status)
        theme().changed.connect(self._fit)
        self.retranslate()

    def button(self, name: str) -> RailButton:
        """The button of a page."""
        return self._buttons[name]

    def show_current(self, name: str) -> None:
        """Mark the page in view; none for "" or a page that is not in the rail."""
        for page, made in self._buttons.items():
            made.setChecked(page == name)

    @Slot()
    def switch(self) -> None:
        """Show the names, or only the icons."""
        self.wide = not self.wide
        self._state.setValue(_KEPT, int(self.wide))
        self._fit()

    def set_room(self, room: bool) -> None:
        """Whether the window is wide enough for names; they come back with the room."""
        if room != self._room:
            self._room = room
            self._fit()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        for made in self._buttons.values():
            made.retranslate()
        self.status.retranslate()
        self._fit()

    @Slot()
    def _fit(self) -> None:
        wide = self.wide and self._room
        words = _("Show only the icons") if wide else _("Show the names beside the icons")
        self.toggle.setIcon(icon("caret-double-left" if wide else "caret-double-right"))
        self.toggle.setToolTip(words)
        self.toggle.setAccessibleName(words)
        self.toggle.setVisible(self._room)
        margins = self._column.contentsMargins()
        names = QFontMetrics(QApplication.font())
        longest = max(names.horizontalAdvance(made.name) for made in self._buttons.values())
        room = max(_WORDS + longest + 20, _WIDE) if wide else _BUTTON
        for made in (*self._buttons.values(), self.status):
            made.setFixedSize(room, _BUTTON)
        self.status.wide = wide
        self.setFixedWidth(room + margins.left() + margins.right() + 1 if wide else WIDTH)


class RailButton(ToolButton):
    """One page; where only its icon is seen, its name shows beside it as soon as the mouse is on it.

    Attributes: `name`, in the language of now.
    """

    def __init__(self, page: PageEntry) -> None:
        super().__init__()
        self._page = page
        self.name = ""
        self.setProperty("rail", True)
        self.setCheckable(True)
        self.setFixedSize(_BUTTON, _BUTTON)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setIcon(icon(page.icon, "dim", on="accent"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retranslate()

    def retranslate(self) -> None:
        """Say the name in the language of now."""
        self.name = _(self._page.label)
        self.setAccessibleName(self.name)
        self.setToolTip(f"{self.name}  ({native(self._page.keys)})")

    def nextCheckState(self) -> None:
        """A click asks for the page; the rail marks it when it is there."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        around = self.parentWidget()
        if step is None or around is None:
            super().keyPressEvent(event)
            return
        buttons = around.findChildren(RailButton)
        buttons[(buttons.index(self) + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if self.width() == _BUTTON:
            QToolTip.showText(self.mapToGlobal(QPoint(self.width() + 4, -12)), self.toolTip(), self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.width() == _BUTTON:  # it is shown already
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.icon, option.text = QIcon(), ""
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        state = QIcon.State.On if self.isChecked() else QIcon.State.Off
        inset = (_BUTTON - _ICON) // 2
        place = QRect(inset, (self.height() - _ICON) // 2, _ICON, _ICON)
        self.icon().paint(painter, place, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal, state)
        if self.width() > _BUTTON:
            _paint_name(painter, self.name, "accent" if self.isChecked() else "text", self.rect())


def _paint_name(painter: QPainter, name: str, token: str, room: QRect) -> None:
    painter.setPen(theme().color(token))
    area = room.adjusted(_WORDS, 0, -8, 0)
    words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
