"""One selection over all texts of a transcript: it may begin in one answer and end in another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from ui.chat.text_view import TextView


class Selection:
    """Knows where the selection began; `views` lists the texts in reading order."""

    def __init__(self, views: Callable[[], list[TextView]]) -> None:
        self._views = views
        self._anchor: tuple[TextView, int] | None = None

    def begin(self, view: TextView, position: int) -> None:
        """Start anew at that position."""
        self.clear()
        self._anchor = (view, position)
        view.select(position, position)

    def extend(self, to: QPoint) -> None:
        """Select from where it began to that point of the screen."""
        if self._anchor is None:
            return
        first, position = self._anchor
        views = self._texts()
        if first not in views:
            return
        start, end = views.index(first), self._nearest(views, to)
        target = views[end]
        reached = target.position_at(target.mapFromGlobal(to))
        for number, view in enumerate(views):
            if number == start == end:
                view.select(position, reached)
            elif number == start:
                view.select(position, view.length if end > start else 0)
            elif number == end:
                view.select(0 if end > start else view.length, reached)
            elif min(start, end) < number < max(start, end):
                view.select(0, view.length)
            else:
                view.select(0, 0)

    def clear(self) -> None:
        """Select nothing."""
        self._anchor = None
        for view in self._texts():
            view.select(0, 0)

    def select_all(self, within: QWidget) -> None:
        """Select every text inside that widget."""
        self.clear()
        for view in self._texts():
            if within.isAncestorOf(view):
                view.select(0, view.length)

    def text(self) -> str:
        """The selected words, pieces of different texts on lines of their own."""
        return "\n".join(view.selected_text() for view in self._texts() if view.has_selection)

    def _texts(self) -> list[TextView]:
        return self._views()

    @staticmethod
    def _nearest(views: list[TextView], to: QPoint) -> int:
        for number, view in enumerate(views):
            if view.isVisible() and view.mapToGlobal(QPoint(0, view.height())).y() > to.y():
                return number
        return len(views) - 1
