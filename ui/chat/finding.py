"""Finding words in what is loaded of a transcript: all places are marked, one of them is the present one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from ui.chat.text_view import TextView

Place = tuple[TextView, int]


class Finder:
    """Goes through the texts that `views` lists in reading order, all inside of `column`.

    Attributes: `needle`, what is looked for.
    """

    def __init__(self, views: Callable[[], list[TextView]], column: QWidget) -> None:
        self.needle = ""
        self._views = views
        self._column = column
        self._present: Place | None = None

    def go(self, text: str, backwards: bool, top: int) -> tuple[TextView, int] | None:
        """The next place, or the first one below `top` where none was present: its text and its line there, in
        pixels. None if there is no place that way."""
        if text != self.needle:
            self.needle, self._present = text, None
            for view in self._views():
                view.mark(text)
        places = self._places()
        if self._present in places:
            at = places.index(self._present) + (-1 if backwards else 1)
        else:
            at = len(places) - 1 if backwards else self._first_below(places, top)
        if not 0 <= at < len(places):
            return None
        if self._present in places:
            assert self._present is not None
            self._present[0].show_mark(-1)
        view, number = self._present = places[at]
        return view, view.show_mark(number).center().y()

    def clear(self) -> None:
        """Take the marks away."""
        self.needle, self._present = "", None
        for view in self._views():
            view.mark("")

    def counts(self) -> tuple[int, int]:
        """The number of the present place, counted from 1 (0: none), and how many there are."""
        places = self._places()
        return (places.index(self._present) + 1 if self._present in places else 0), len(places)

    def _places(self) -> list[Place]:
        return [(view, number) for view in self._views() for number in range(view.marks)]

    def _first_below(self, places: Sequence[Place], top: int) -> int:
        for at, (view, _number) in enumerate(places):
            if view.mapTo(self._column, QPoint(0, view.height())).y() >= top:
                return at
        return 0
