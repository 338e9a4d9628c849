"""A line across the top of the window for a problem that stays until somebody deals with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import IconLabel, label


class Banner(QFrame):
    """What happened and what to do; it can be put away.

    Attributes: `action`, the button that mends it, or None; `close_button`.
    """

    def __init__(
        self,
        what: str,
        advice: str = "",
        *,
        kind: str = "warn",
        action: str = "",
        on_action: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("banner", kind)
        self.setAccessibleName(f"{what} {advice}".strip())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(IconLabel("info" if kind == "info" else "warning", "accent" if kind == "info" else kind, 18))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(what, "strong", wrap=True))
        if advice:
            words.addWidget(label(advice, "", wrap=True))
        row.addLayout(words, 1)
        self.action: QPushButton | None = None
        if action:
            self.action = button(action, on_action)
            row.addWidget(self.action)
        self.close_button = icon_button("x", _("Close"), self.deleteLater, size=16)
        row.addWidget(self.close_button)

    @classmethod
    def for_error(cls, error: ThauError, on_action: Callable[[ThauError], object]) -> Banner:
        """A banner for an error, with the button that its action offers."""
        label_ = error.action.label if error.action else ""
        return cls(error.what, error.advice, kind="bad", action=label_, on_action=lambda: on_action(error))
