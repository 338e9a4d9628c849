"""A row of widgets that goes on in the next line where it meets the edge."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class FlowLayout(QLayout):
    """Lays items out in lines of their preferred sizes."""

    def __init__(self, parent: QWidget, gap: int, centred: bool) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._centred = centred
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(width, None)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect.width(), rect.topLeft())

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, width: int, origin: QPoint | None) -> int:
        """The height of all lines in that width; moves the items where an origin is given."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = [[]]
        used = 0
        for item in self._items:
            size = item.sizeHint().boundedTo(QSize(max(1, width), 16_777_215))
            if lines[-1] and used + self._gap + size.width() > width:
                lines.append([])
                used = 0
            used += size.width() + (self._gap if lines[-1] else 0)
            lines[-1].append((item, size))
        y = 0
        for line in lines:
            height = max((size.height() for _item, size in line), default=0)
            total = sum(size.width() for _item, size in line) + self._gap * max(0, len(line) - 1)
            x = max(0, (width - total) // 2) if self._centred else 0
            for item, size in line:
                if origin is not None:
                    item.setGeometry(QRect(origin + QPoint(x, y), size))
                x += size.width() + self._gap
            y += height + self._gap
        return max(0, y - self._gap)


class FlowRow(QWidget):
    """A widget that shows others in such lines, as high as they need."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, centred: bool = False) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, gap, centred)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self._flow.addWidget(widget)
        widget.show()
        self._fit()

    def take(self, widget: QWidget) -> None:
        """Take a widget out and delete it."""
        self._flow.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Box layouts ask heightForWidth only of some of their children: say it as a fixed height.
        height = self._flow.heightForWidth(max(1, self.width()))
        if height != self.minimumHeight():
            self.setFixedHeight(height)
