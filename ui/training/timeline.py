"""A row of a timeline: a dot on a line, a name and what became of it, and its numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.labels import label, pill

_RAIL, _ABOVE = 20, 8  # pixels: room for the line at the left, and above and below the words
_DOT, _HALO = 4.0, 7.5  # radii in pixels


class TimelineRow(QWidget):
    """`tint` is the token that colours its dot; `mark` a word for a pill and the pill's kind.

    Attributes: `note`, the line under the name; `last`, whether the line ends here; `lit`, whether its dot shines.
    """

    def __init__(
        self,
        name: str,
        note: str,
        *,
        tint: str = "accent",
        mark: tuple[str, str] | None = None,
        scores: str = "",
        lit: bool = False,
    ) -> None:
        super().__init__()
        self.first = self.last = False
        self.lit = lit
        self._tint = tint
        self._name = label(name, "strong", select=True)
        self._scores = label(scores, "dim")
        self.note: QLabel = label(note, "small", wrap=True)
        self._top = QHBoxLayout()
        self._top.setSpacing(8)
        self._top.addWidget(self._name)
        if mark is not None:
            self._top.addWidget(pill(*mark))
        self._top.addStretch()
        self._top.addWidget(self._scores)
        self._under = QHBoxLayout()
        self._under.setSpacing(8)
        self._under.addWidget(self.note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(_RAIL, _ABOVE, 0, _ABOVE)
        column.setSpacing(2)
        column.addLayout(self._top)
        column.addLayout(self._under)
        theme().changed.connect(self.update)

    def add(self, control: QWidget, *, under: bool = False) -> None:
        """A control at the right of the name, or of the line `under` it."""
        control.setProperty("tight", True)
        if under:
            self._under.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)
        else:
            self._top.addWidget(control)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dot = QPointF(_HALO + 0.5, self._name.geometry().center().y() + 0.5)
        painter.setPen(QPen(theme().color("line"), 2))
        if not self.first:
            painter.drawLine(QPointF(dot.x(), 0), dot)
        if not self.last:
            painter.drawLine(dot, QPointF(dot.x(), self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        if self.lit:
            painter.setBrush(theme().color("accent_soft"))
            painter.drawEllipse(dot, _HALO, _HALO)
        painter.setBrush(theme().color(self._tint))
        painter.drawEllipse(dot, _DOT, _DOT)
