"""Two versions side by side: their scores, and what they say to the same words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from thau_desktop.comparison import said
from thau_desktop.errors import ThauError
from thau_desktop.store.versions import parsed
from thau_desktop.training.gate import SUITES
from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.worker import Worker

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_WIDTH, _HEIGHT = 720, 480


class CompareDialog(QDialog):
    """Attributes: `prompt`, the words for both; `sides`, the two versions; `ask`, the button."""

    def __init__(self, thau: Thau, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Compare versions"))
        self.resize(_WIDTH, _HEIGHT)
        self._thau = thau
        self._worker: Worker | None = None
        used = thau.settings.model.name
        names = _lineage(thau, used)
        first, second = sorted((_before(thau, used, names), used), key=names.index)  # the older on the left
        self.sides = (_Side(thau, names, first), _Side(thau, names, second))
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText(_("Ask both the same"))
        self.prompt.setAccessibleName(_("Ask both the same"))
        self.prompt.textChanged.connect(self._look)
        self.prompt.returnPressed.connect(self._on_ask)
        self.ask = button(_("Ask"), self._on_ask, kind="accent")
        self.ask.setDefault(True)
        self._note = label("", "small", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.prompt, 1)
        row.addWidget(self.ask)
        across = QHBoxLayout()
        across.setSpacing(16)
        for side in self.sides:
            across.addWidget(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(_("Compare versions"), "title"))
        column.addLayout(row)
        column.addLayout(across, 1)
        column.addWidget(self._note)
        self._look()

    def done(self, result: int) -> None:
        """What is being said ends with the window."""
        if self._worker is not None:
            self._worker.stop()
        super().done(result)

    @Slot()
    def _look(self) -> None:
        self.ask.setEnabled(self._worker is None and bool(self.prompt.text().strip()))

    @Slot()
    def _on_ask(self) -> None:
        if self._worker is not None or not self.prompt.text().strip():
            return
        names, prompt, thau = [side.name for side in self.sides], self.prompt.text(), self._thau
        for side in self.sides:
            side.said.clear()
        self._note.setText("")

        def events(cancel: threading.Event) -> Iterator[tuple[int, str]]:
            for place, name in enumerate(names):
                if not cancel.is_set():
                    yield from ((place, words) for words in said(thau, name, prompt, cancel))

        self._worker = Worker(events, self, _("Comparing versions"))
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.done.connect(self._on_done)
        self._look()

    @Slot(object)
    def _on_event(self, event: tuple[int, str]) -> None:
        place, words = event
        self.sides[place].add(words)

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self._note.setText(str(error))
        self._on_done()

    @Slot()
    def _on_done(self) -> None:
        self._worker = None
        self._look()


class _Side(QWidget):
    """A version to choose, its scores, and what it says."""

    def __init__(self, thau: Thau, names: list[str], chosen: str) -> None:
        super().__init__()
        self._thau = thau
        self._choice = QComboBox()
        self._choice.setAccessibleName(_("Version"))
        self._choice.addItems(names)
        self._scores = label("", "small", wrap=True)
        self._scores.setMinimumHeight(2 * self._scores.fontMetrics().lineSpacing())  # so both fields begin level
        self._scores.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said = QPlainTextEdit()
        self.said.setReadOnly(True)
        self.said.setAccessibleName(_("Its answer"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._choice)
        column.addWidget(self._scores)
        column.addWidget(self.said, 1)
        self._choice.currentTextChanged.connect(self._tell)
        self._choice.setCurrentText(chosen)
        self._tell()

    @property
    def name(self) -> str:
        return self._choice.currentText()

    def add(self, text: str) -> None:
        """More of what it says."""
        self.said.insertPlainText(text)

    @Slot()
    def _tell(self) -> None:
        version = self._thau.versions.find(self.name)
        scores = version.scores if version else {}
        told = [f"{_(words)} {100 * scores[suite]:.0f} %" for suite, words in SUITES.items() if suite in scores]
        self._scores.setText(" · ".join(told) or _("no scores: it is the base"))
        self.said.clear()


def _lineage(thau: Thau, used: str) -> list[str]:
    """The versions of the model in use, its base first."""
    known = parsed(used)
    if known is None:
        return [used]
    return [f"thau-{known[0]}-v1", *(version.name for version in reversed(thau.versions.list(known[0])))]


def _before(thau: Thau, used: str, names: list[str]) -> str:
    version = thau.versions.find(used)
    return version.parent if version else names[-1]
