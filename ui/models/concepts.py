"""What stands behind the numbers of the models page: `docs/concepts.<language>.md`, opened at a topic."""

from __future__ import annotations

from typing import Literal, get_args

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QTextBlock, QTextCursor, QTextTable
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.paths import docs
from thau_desktop.translation import _, language
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import label

Topic = Literal["kinds", "sampling", "hallucination", "tokens", "quantisation", "context"]
"""The sections of the file, in their order."""
_WIDTH, _HEIGHT, _SIDE, _ROW = 900, 640, 230, 34


class ConceptsDialog(QDialog):
    """Attributes: `topics`, the list of sections; `browser`, the text."""

    def __init__(self, parent: QWidget | None, topic: Topic = "kinds") -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Concepts"))
        self.resize(_WIDTH, _HEIGHT)
        text = (docs() / f"concepts.{language()}.md").read_text(encoding="utf-8")
        self.browser = QTextBrowser()
        self.browser.setAccessibleName(_("Concepts"))
        self.browser.setOpenLinks(False)
        self.browser.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.browser.document().setDocumentMargin(4)
        self.browser.setMarkdown(text.partition("\n")[2])
        self.topics = QListWidget()
        self.topics.setProperty("bare", True)
        self.topics.setFixedWidth(_SIDE)
        self.topics.setAccessibleName(_("Topics"))
        self._headings = [block for block in self._blocks() if block.blockFormat().headingLevel() == 2]
        self.topics.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for block in self._headings:
            item = QListWidgetItem(block.text())
            item.setSizeHint(QSize(0, _ROW))
            self.topics.addItem(item)
        self.topics.currentRowChanged.connect(self._on_topic)
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addWidget(self.topics)
        across.addWidget(self.browser, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(_("Concepts"), "title"))
        column.addLayout(across, 1)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(button(_("Close"), self.accept))
        column.addLayout(row)
        for block in self._blocks():
            _set_apart(block)
        for frame in self.browser.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                form = frame.format().toTableFormat()
                form.setBorder(0)
                form.setCellPadding(6)
                frame.setFormat(form)
        self._dress()
        theme().changed.connect(self._dress)
        self._first = get_args(Topic).index(topic)
        QTimer.singleShot(0, self, self._open_first)  # once the text is laid out

    @Slot()
    def _open_first(self) -> None:
        self.topics.setCurrentRow(self._first)

    @Slot(int)
    def _on_topic(self, row: int) -> None:
        if 0 <= row < len(self._headings):
            place = self.browser.document().documentLayout().blockBoundingRect(self._headings[row])
            self.browser.verticalScrollBar().setValue(int(place.top()))

    @Slot()
    def _dress(self) -> None:
        self.browser.document().setDefaultFont(self.font())

    def _blocks(self) -> list[QTextBlock]:
        found, block = [], self.browser.document().begin()
        while block.isValid():
            found.append(block)
            block = block.next()
        return found


def _set_apart(block: QTextBlock) -> None:
    """Give a paragraph, or a heading, room above and below: Markdown alone leaves none."""
    cursor = QTextCursor(block)
    if cursor.currentTable() is not None:
        return
    form = block.blockFormat()
    heading = form.headingLevel() > 0
    form.setTopMargin(18 if heading else 3 if block.textList() else 6)
    form.setBottomMargin(3 if block.textList() else 6)
    cursor.setBlockFormat(form)
