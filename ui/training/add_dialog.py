"""One example by hand: what is asked and what is to be answered."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label

_WIDTH = 480


class AddDialog(QDialog):
    """For a new example, or to write one anew.

    Attributes: `question` and `answer`, the two fields; `keep`, the button that takes them.
    """

    def __init__(self, parent: QWidget, question: str = "", answer: str = "") -> None:
        super().__init__(parent)
        title = _("Edit example") if question else _("Teach something")
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.question, self.answer = QPlainTextEdit(question), QPlainTextEdit(answer)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(label(title, "title"))
        for name, field in ((_("When somebody says"), self.question), (_("THAU is to answer"), self.answer)):
            column.addWidget(label(name, "strong"))
            field.setAccessibleName(name)
            field.setTabChangesFocus(True)
            field.setFixedHeight(84)
            field.textChanged.connect(self._look)
            column.addWidget(field)
        self.keep = button(_("Keep") if question else _("Add"), self.accept, kind="accent")
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(button(_("Cancel"), self.reject))
        buttons.addWidget(self.keep)
        column.addLayout(buttons)
        self._look()

    def _look(self) -> None:
        self.keep.setEnabled(bool(self.question.toPlainText().strip() and self.answer.toPlainText().strip()))
