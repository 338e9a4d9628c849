"""The last question before everything is deleted: what goes, and a word to type."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from thau_desktop.paths import Paths
from thau_desktop.privacy import PLACES, PlaceMeasured
from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label
from ui.words import size_of


class DeleteDialog(QDialog):
    """Accepted only after the word was typed. Attributes: `word`; `typed`, where it goes; `keep_models`."""

    def __init__(self, paths: Paths, sizes: Mapping[str, PlaceMeasured], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Delete everything"))
        self.setMinimumWidth(480)
        # Translators: the word that a person types to confirm that everything is deleted, in capitals.
        self.word = _("DELETE")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addLayout(self._heading())
        column.addWidget(label(_("This can't be undone. THAU deletes these and then quits:"), wrap=True))
        column.addLayout(self._places(sizes))
        column.addWidget(label(str(paths.home), "small", wrap=True))
        self.keep_models = QCheckBox(_("Keep the downloaded models"))
        column.addWidget(self.keep_models)
        sentence = label(_("Type {word} to confirm:").format(word=self.word))
        self.typed = QLineEdit()
        self.typed.setAccessibleName(sentence.text())
        self.typed.textChanged.connect(self._on_typed)
        column.addWidget(sentence)
        column.addWidget(self.typed)
        self._cancel = button(_("Cancel"), self.reject)
        self._delete = button(_("Delete everything"), self.accept, icon_name="trash", kind="danger")
        self._delete.setEnabled(False)
        across = QHBoxLayout()
        across.addStretch()
        across.addWidget(self._cancel)
        across.addWidget(self._delete)
        column.addSpacing(4)
        column.addLayout(across)
        self.typed.setFocus()

    @property
    def kept(self) -> tuple[str, ...]:
        """The places that stay."""
        return ("models",) if self.keep_models.isChecked() else ()

    def accept(self) -> None:
        if self._confirmed():  # Enter in the field gets here, too
            super().accept()

    def _heading(self) -> QHBoxLayout:
        across = QHBoxLayout()
        across.setSpacing(10)
        across.addWidget(IconLabel("warning", "bad", 22))
        across.addWidget(label(_("Delete everything?"), "heading"), 1)
        return across

    def _places(self, sizes: Mapping[str, PlaceMeasured]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(8, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, place in enumerate(PLACES):
            grid.addWidget(label(f"•  {_(place.label)}"), row, 0)
            known = sizes.get(place.name)
            amount = "" if known is None else size_of(known.size) if known.files else _("empty")
            grid.addWidget(label(amount, "dim"), row, 1, Qt.AlignmentFlag.AlignRight)
        return grid

    def _confirmed(self) -> bool:
        return self.typed.text().strip() == self.word

    @Slot()
    def _on_typed(self) -> None:
        self._delete.setEnabled(self._confirmed())
