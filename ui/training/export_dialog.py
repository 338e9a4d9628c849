"""How a version is to be written for other programs, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.export.publisher import Format
from thau_desktop.translation import _
from ui.settings.labels import CHOICES
from ui.widgets.buttons import button
from ui.widgets.labels import label

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_WIDTH = 480


class ExportDialog(QDialog):
    """Attributes: `form` and `bits`, the choices; `folder`, where it goes; `go`, the button."""

    def __init__(self, thau: Thau, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export {version}").format(version=name))
        self.setFixedWidth(_WIDTH)
        self.folder = thau.paths.export_gguf
        self.form = QComboBox()
        self.form.setAccessibleName(_("Format"))
        self.form.addItem(_("GGUF file (llama.cpp, LM Studio, Ollama, phones)"), "gguf")
        self.form.addItem(_("Model folder (transformers)"), "safetensors")
        self.form.currentIndexChanged.connect(self._look)
        self.bits = QComboBox()
        self.bits.setAccessibleName(_("Bits of exported models"))
        for value, words in CHOICES["export.quantization"].items():
            self.bits.addItem(_(words), value)
        self.bits.setCurrentIndex(self.bits.findData(thau.settings.export.quantization))
        self._where = label(str(self.folder), "small", wrap=True)
        self.go = button(_("Export"), self.accept, icon_name="export", kind="accent")
        self.go.setDefault(True)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self._where, 1)
        where.addWidget(button(_("Change…"), self._on_change))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(button(_("Cancel"), self.reject))
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(_("Export {version}").format(version=name), "title"))
        column.addWidget(label(_("The whole model with what it learned, for other programs to run."), "dim", wrap=True))
        column.addWidget(self.form)
        column.addWidget(self.bits)
        column.addLayout(where)
        column.addLayout(buttons)

    @property
    def chosen(self) -> tuple[Format, str]:
        """The format, and the quantisation of a GGUF file."""
        form: Format = self.form.currentData()
        return form, str(self.bits.currentData())

    @Slot()
    def _look(self) -> None:
        self.bits.setVisible(self.form.currentData() == "gguf")

    @Slot()
    def _on_change(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("Where the export goes"), str(self.folder))
        if chosen:
            self.folder = Path(chosen)
            self._where.setText(chosen)
