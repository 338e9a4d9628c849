"""Buttons in the few kinds that the style sheet knows, each with an accessible name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from ui.theme import icon


def pressed_by(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Enter presses the button that has the keyboard, as Space does: Qt leaves that to the desktop."""
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.isAutoRepeat() or not button.isEnabled():
        return False
    button.click()
    return True


class PushButton(QPushButton):
    """A push button that Enter presses, too, and whose words keep their distance from its icon."""

    def setText(self, text: str) -> None:
        if self.accessibleName() == self.text().strip():
            self.setAccessibleName(text)
        # Qt leaves too little room between icon and words.
        super().setText(f" {text}" if text and not self.icon().isNull() else text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)


class ToolButton(QToolButton):
    """A tool button that Enter presses, too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    icon_name: str = "",
    kind: str = "",
    tint: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """A push button; `kind` is "" (default), "accent", "flat", "danger" or "link"; `tint` the icon's own colour."""
    made = PushButton(parent)
    if kind == "flat":
        made.setFlat(True)
    elif kind:
        made.setProperty(kind, True)
    if icon_name:
        usual = {"accent": "on_accent", "danger": "bad", "link": "accent"}.get(kind, "text")
        made.setIcon(icon(icon_name, tint or usual))
        made.setIconSize(QSize(16, 16))
    made.setText(text)
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made


def icon_button(
    icon_name: str,
    name: str,
    on_click: Callable[[], object] | None = None,
    *,
    accent: bool = False,
    size: int = 18,
    parent: QWidget | None = None,
) -> QToolButton:
    """A button that is only an icon; `name` is its tool tip and its accessible name."""
    made = ToolButton(parent)
    made.setIcon(icon(icon_name, "on_accent" if accent else "dim", on="accent"))
    made.setIconSize(QSize(size, size))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if accent:
        made.setProperty("accent", True)
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made
