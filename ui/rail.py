"""The strip at the left: the sign, the pages, settings, and how things stand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QToolTip, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.logo import Logo
from ui.pages import PAGES, PageEntry
from ui.status import StatusPill
from ui.theme import icon

WIDTH = 56


class Rail(QFrame):
    """`chosen` says the name of the page that was clicked. Attributes: `status`, the pill at its foot."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rail", True)
        self.setFixedWidth(WIDTH)
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 7, 12)
        column.setSpacing(4)
        column.addWidget(Logo(28), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(12)
        for page in PAGES:
            made = RailButton(page)
            made.clicked.connect(lambda _checked=False, name=page.name: self.chosen.emit(name))
            self._group.addButton(made)
            self._buttons[page.name] = made
            if page.name == "settings":
                column.addStretch()
            column.addWidget(made)
        self.status = StatusPill()
        column.addWidget(self.status)

    def button(self, name: str) -> RailButton:
        """The button of a page."""
        return self._buttons[name]

    def show_current(self, name: str) -> None:
        """Mark the page in view; none for "" or a page that is not in the rail."""
        self._group.setExclusive(False)
        for page, made in self._buttons.items():
            made.setChecked(page == name)
        self._group.setExclusive(True)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        for made in self._buttons.values():
            made.retranslate()
        self.status.retranslate()


class RailButton(QToolButton):
    """One page; its name shows at its right as soon as the mouse is on it."""

    def __init__(self, page: PageEntry) -> None:
        super().__init__()
        self._page = page
        self.setProperty("rail", True)
        self.setCheckable(True)
        self.setFixedSize(40, 40)
        self.setIconSize(QSize(20, 20))
        self.setIcon(icon(page.icon, "dim", on="accent"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retranslate()

    def retranslate(self) -> None:
        name = _(self._page.label)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  ({self._page.keys})")

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        QToolTip.showText(self.mapToGlobal(QPoint(self.width() + 4, -12)), self.toolTip(), self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:  # it is shown already
            return True
        return super().event(event)
