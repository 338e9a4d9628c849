"""What became of a file of examples: how many came in, and each line that was refused or stood out, with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from thau_desktop.training.findings import in_words, is_telling
from thau_desktop.training.intake import IntakeEvent, IntakeFinished, IntakeProgress
from thau_desktop.translation import _
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import grouped

_KEPT = 1000  # lines
_WIDTH, _HEIGHT = 560, 420


@dataclass(frozen=True, slots=True)
class Imported:
    """The end of an import. `lines` are the first findings, as "number: what"; `more` that many others."""

    finished: IntakeFinished
    lines: tuple[str, ...]
    more: int

    @property
    def summary(self) -> str:
        done = self.finished
        return _("{added} added, {duplicates} already here, {refused} refused").format(
            added=grouped(done.added), duplicates=grouped(done.duplicates), refused=grouped(done.refused)
        )


def gathered(events: Iterable[IntakeEvent]) -> Iterator[IntakeProgress | Imported]:
    """The progress of an import, and at its end what was found: a file may hold millions of findings."""
    findings: list[tuple[int, str]] = []
    found = 0
    for event in events:
        if isinstance(event, IntakeProgress):
            yield event
        elif isinstance(event, IntakeFinished):
            lines = tuple(f"{number}: {words}" for number, words in sorted(findings))
            yield Imported(event, lines, found - len(lines))
        elif is_telling(event):
            found += 1
            if found <= _KEPT:
                findings.append((event.number, in_words(event)))


class ImportReport(QDialog):
    """Attributes: `found`, the lines."""

    def __init__(self, name: str, imported: Imported, parent: QWidget) -> None:
        super().__init__(parent)
        title = _("Import of {name}").format(name=name)
        self.setWindowTitle(title)
        self.resize(_WIDTH, _HEIGHT)
        lines = list(imported.lines)
        if imported.more:
            lines.append(_("and {n} more").format(n=grouped(imported.more)))
        self.found = QPlainTextEdit("\n".join(lines))
        self.found.setReadOnly(True)
        self.found.setTabChangesFocus(True)
        self.found.setAccessibleName(_("What was found, line by line"))
        close = button(_("Close"), self.accept, kind="accent")
        close.setDefault(True)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(button(_("Copy"), self._copy, icon_name="copy"))
        foot.addStretch()
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(8)
        column.addWidget(label(title, "title", wrap=True))
        column.addWidget(label(imported.summary, "dim", wrap=True))
        column.addWidget(self.found, 1)
        column.addLayout(foot)
        close.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.found.toPlainText())
