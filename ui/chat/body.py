"""The words of an answer as a column of texts, code blocks, tables and rules that grows at its end.

Finished segments are frozen; only the open one is laid out again, and only those of its lines that differ.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol, cast

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.chat.code_view import CodeView
from ui.chat.markdown import Block, Code, Environment, Prose, Rule, Table, blocks, definitions, mend
from ui.chat.prose import ProseView, TableView
from ui.chat.splitter import Segment, Splitter
from ui.chat.stage import Stage
from ui.chat.text_view import TextView

# Seconds of one go at rendering finished segments; what is left waits for the event loop.
_SLICE = 0.006
# Characters of a stored text that are rendered before anything else happens.
_AT_ONCE = 8_000
# The open segment is rendered again at the earliest after this many times what it cost, within these seconds.
_PATIENCE = 10
_SHORTEST, _LONGEST = 0.05, 0.6


class Piece(Protocol):
    """What a body is made of."""

    gap: int

    def fit(self, width: int) -> int: ...
    def restyle(self) -> None: ...
    def texts(self) -> list[TextView]: ...


class ProsePiece(ProseView):
    """Prose as a piece of a body."""

    gap = 12

    def texts(self) -> list[TextView]:
        """Itself."""
        return [self]


class TablePiece(TableView):
    """A table as a piece of a body."""

    gap = 12

    def texts(self) -> list[TextView]:
        """Itself."""
        return [self]


class RulePiece(QWidget):
    """A line across."""

    gap = 16

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage

    def fit(self, width: int) -> int:
        """Its height."""
        return 5

    def restyle(self) -> None:
        """The theme changed."""
        self.update()

    def texts(self) -> list[TextView]:
        """Nothing to select."""
        return []

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, self._stage.style.theme.color("line"))


class Body(QWidget):
    """Markdown that may still be arriving. `grew` tells that its height is another one."""

    grew = Signal()

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._splitter = Splitter()
        self._env: Environment = {}
        self._queue: deque[Segment] = deque()
        self._pieces: list[QWidget] = []
        self._frozen = 0
        self._caret = False
        self._closed = False
        self._cost = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._render)
        self.source = ""

    def set_text(self, text: str) -> None:
        """Show a whole text; a long one goes on appearing while the event loop runs."""
        self._env = definitions(text)
        self.source = text
        self._queue.extend(self._splitter.feed(text))
        self._queue.extend(self._splitter.close())
        self._closed = True
        room = _AT_ONCE
        while self._queue and room > 0:
            segment = self._queue.popleft()
            room -= len(segment.source)
            self._render_segment(segment)
        self._render_queue()
        self._settle()

    def append(self, delta: str) -> None:
        """More of a streaming text; it shows within moments."""
        self.source += delta
        self._queue.extend(self._splitter.feed(delta))
        if not self._timer.isActive():
            wait = min(max(_SHORTEST, _PATIENCE * self._cost), _LONGEST)
            self._timer.start(round(1000 * wait))

    def finish(self) -> None:
        """The streaming text is whole: render what is left and drop the caret."""
        self._queue.extend(self._splitter.close())
        self._closed = True
        self.set_caret(False)
        self._render()

    def set_caret(self, shown: bool) -> None:
        """Show a caret after the last word."""
        self._caret = shown
        if shown and not self._pieces:
            self._reconcile([Prose(())])
        self._move_caret()

    @property
    def is_busy(self) -> bool:
        """Whether something that arrived is not shown yet."""
        return bool(self._queue) or self._timer.isActive()

    def texts(self) -> list[TextView]:
        """The texts in it that can be selected, in order."""
        return [text for piece in self._pieces for text in cast(Piece, piece).texts()]

    def restyle(self) -> None:
        """The theme changed."""
        for piece in self._pieces:
            cast(Piece, piece).restyle()

    def fit(self, width: int) -> int:
        """Place the pieces for that width; returns the height."""
        y = 0
        for number, widget in enumerate(self._pieces):
            piece = cast(Piece, widget)
            if number and not (isinstance(widget, TableView) and widget.continues):
                y += piece.gap
            height = piece.fit(width)
            widget.setGeometry(0, y, width, height)
            y += height
        return y

    # --- rendering ----------------------------------------------------------------------------------

    @Slot()
    def _render(self) -> None:
        start = time.perf_counter()
        self._render_queue()
        if not self._queue:
            segment = None if self._closed else self._splitter.open
            if segment is not None and segment.kind == "text":
                segment = Segment("text", mend(segment.source))
            self._reconcile(blocks(segment, dict(self._env)) if segment is not None else [])
            self._cost = time.perf_counter() - start
        self._settle()

    def _render_queue(self) -> None:
        end = time.perf_counter() + _SLICE
        while self._queue and time.perf_counter() < end:
            self._render_segment(self._queue.popleft())
        if self._queue:
            self._timer.start(0)

    def _render_segment(self, segment: Segment) -> None:
        self._reconcile(blocks(segment, self._env))
        self._freeze()

    def _settle(self) -> None:
        self._move_caret()
        self.grew.emit()

    def _freeze(self) -> None:
        for piece in self._pieces[max(0, self._frozen - 1) :]:
            if isinstance(piece, ProseView | CodeView):
                piece.freeze()
        self._frozen = len(self._pieces)

    def _reconcile(self, wanted: list[Block]) -> None:
        """Make what stands after the frozen pieces show these blocks."""
        last = self._pieces[self._frozen - 1] if self._frozen else None
        first = wanted[0] if wanted else None
        if isinstance(last, ProseView):
            joins = isinstance(first, Prose) and last.has_room
            last.set_open(first.lines if joins and isinstance(first, Prose) else ())
            wanted = wanted[1:] if joins else wanted
        elif isinstance(last, CodeView) and isinstance(first, Code) and first.continues:
            last.set_open(first.text)
            wanted = wanted[1:]
        at = self._frozen
        for block in wanted:
            widget = self._pieces[at] if at < len(self._pieces) else None
            if widget is None or not _update(widget, block):
                self._drop_from(at)
                widget = self._make(block)
                self._pieces.append(widget)
                widget.show()
            at += 1
        if at or not self._caret:
            self._drop_from(at)

    def _make(self, block: Block) -> QWidget:
        widget: QWidget
        match block:
            case Prose():
                widget = ProsePiece(self._stage, self)
            case Code():
                widget = CodeView(self._stage, block.language, self, indent=block.indent)
            case Table():
                above = self._pieces[-1] if self._pieces and block.continues else None
                widget = TablePiece(self._stage, self, above if isinstance(above, TableView) else None)
            case Rule():
                return RulePiece(self._stage, self)
        _update(widget, block)
        return widget

    def _drop_from(self, position: int) -> None:
        for piece in self._pieces[position:]:
            piece.hide()
            piece.deleteLater()
        del self._pieces[position:]

    def _move_caret(self) -> None:
        texts = self.texts()
        for number, text in enumerate(texts[-3:], start=max(0, len(texts) - 3)):
            text.set_caret(self._caret and number == len(texts) - 1)


def _update(widget: QWidget, block: Block) -> bool:
    """Let the piece show that block; False if it is a piece for another kind."""
    match block:
        case Prose() if isinstance(widget, ProseView):
            widget.set_open(block.lines)
        case Code() if isinstance(widget, CodeView) and widget.language == block.language:
            widget.set_open(block.text)
        case Table() if isinstance(widget, TableView) and widget.continues == block.continues:
            widget.set_table(block)
        case Rule():
            return isinstance(widget, RulePiece)
        case _:
            return False
    return True
