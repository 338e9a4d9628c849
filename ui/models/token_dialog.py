"""Asks for a token of Hugging Face, for models whose makers give them only to accounts that they let in."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from thau_desktop.keys import HUB, Keys
from thau_desktop.models.downloading import TOKENS_PAGE
from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.worker import run_in_background

_WIDTH = 460


class TokenDialog(QDialog):
    """Keeps the token in the system's keyring. Attributes: `field`, for the token; `keep`, the button."""

    def __init__(self, keys: Keys, repo: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Token of Hugging Face"))
        self.setMinimumWidth(_WIDTH)
        self._keys = keys
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(_("This model needs a token"), "title"))
        sentence = _(
            "Its makers give it only to accounts that they let in. Ask for it on its page, make a token that may read,"
            " and paste it here. The system's keyring keeps it, and it is sent to Hugging Face alone."
        )
        column.addWidget(label(sentence, "dim", wrap=True))
        links = QHBoxLayout()
        links.setSpacing(8)
        if repo:
            page = f"https://huggingface.co/{repo.partition(':')[0]}"
            links.addWidget(_link(_("Open the model's page"), page))
        links.addWidget(_link(_("Make a token"), TOKENS_PAGE))
        links.addStretch()
        column.addLayout(links)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("hf_…")
        self.field.setAccessibleName(_("Token"))
        self.field.textChanged.connect(self._look)
        column.addWidget(self.field)
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        column.addWidget(self._problem)
        self.keep = button(_("Keep and go on"), self._on_keep, kind="accent")
        self.keep.setDefault(True)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(button(_("Cancel"), self.reject))
        row.addWidget(self.keep)
        column.addLayout(row)
        self.field.setFocus()
        self._look()

    def _look(self) -> None:
        self.keep.setEnabled(bool(self.field.text().strip()))

    def _on_keep(self) -> None:
        token, keys = self.field.text().strip(), self._keys
        self.keep.setEnabled(False)
        run_in_background(self, lambda: keys.set(HUB, token), lambda _nothing: self.accept(), self._on_error)

    def _on_error(self, error: Exception) -> None:
        self._problem.setText(str(error))
        self._problem.show()
        self._look()


def _link(words: str, address: str) -> QWidget:
    return button(words, lambda: QDesktopServices.openUrl(QUrl(address)), icon_name="arrow-square-out")
