"""A model of one's own: an id on Hugging Face, a folder, a GGUF file, or what another program has on this disk."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.models.elsewhere import Found, elsewhere
from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import size_of
from ui.worker import run_in_background

_WIDTH = 520


class AddDialog(QDialog):
    """Attributes: `chosen`, an id, a path or a `Found` once accepted; `name`, the field; `found`, the list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Add a model"))
        self.setMinimumWidth(_WIDTH)
        self.chosen: str | Path | Found | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addWidget(label(_("Add a model"), "title"))
        column.addSpacing(4)
        column.addWidget(label(_("From Hugging Face"), "strong"))
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("owner/name, or owner/name:q4_k_m for a GGUF file"))
        self.name.setAccessibleName(_("Name on Hugging Face"))
        self.name.textChanged.connect(self._look)
        self.name.returnPressed.connect(self._on_download)
        self.download = button(_("Download"), self._on_download, kind="accent")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self.download)
        column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(label(_("From this computer"), "strong"))
        sentence = _("A folder with config.json and .safetensors files, or a GGUF file. It is copied.")
        column.addWidget(label(sentence, "dim", wrap=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(button(_("Choose a folder"), self._on_folder, icon_name="folder-open"))
        buttons.addWidget(button(_("Choose a GGUF file"), self._on_file, icon_name="file-text"))
        buttons.addStretch()
        column.addLayout(buttons)
        column.addSpacing(8)
        self._heading = label(_("Looking for models of other programs…"), "strong")
        column.addWidget(self._heading)
        self.found = QListWidget()
        self.found.setAccessibleName(_("Models of other programs"))
        self.found.setMaximumHeight(160)
        self.found.itemActivated.connect(self._on_found)
        self.found.itemSelectionChanged.connect(self._look)
        self.found.hide()
        column.addWidget(self.found)
        self.take = button(_("Take in"), self._on_take, kind="accent")
        self.take.hide()
        last = QHBoxLayout()
        last.addStretch()
        last.addWidget(button(_("Cancel"), self.reject))
        last.addWidget(self.take)
        column.addLayout(last)
        self._look()
        run_in_background(self, elsewhere, self.show_found)

    def show_found(self, models: list[Found]) -> None:
        """Show what other programs have."""
        self._heading.setText(_("From other programs") if models else _("No models of other programs were found."))
        for each in models:
            item = QListWidgetItem(f"{each.name}   ·   {each.program}   ·   {size_of(each.bytes)}")
            item.setData(Qt.ItemDataRole.UserRole, each)
            item.setToolTip(str(each.path))
            self.found.addItem(item)
        self.found.setVisible(bool(models))
        self.take.setVisible(bool(models))
        self.adjustSize()

    def _look(self) -> None:
        self.download.setEnabled(bool(self.name.text().strip()))
        self.take.setEnabled(bool(self.found.selectedItems()))

    def _choose(self, chosen: str | Path | Found) -> None:
        self.chosen = chosen
        self.accept()

    def _on_download(self) -> None:
        if self.name.text().strip():
            self._choose(self.name.text().strip())

    def _on_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Choose a folder"))
        if name:
            self._choose(Path(name))

    def _on_file(self) -> None:
        name, _filter = QFileDialog.getOpenFileName(self, _("Choose a GGUF file"), "", _("Models (*.gguf)"))
        if name:
            self._choose(Path(name))

    def _on_take(self) -> None:
        for item in self.found.selectedItems():
            self._choose(item.data(Qt.ItemDataRole.UserRole))

    def _on_found(self, item: QListWidgetItem) -> None:
        self._choose(item.data(Qt.ItemDataRole.UserRole))
