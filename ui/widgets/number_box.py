"""Spin boxes as the window has them: inset like a line of text, quiet until a number is whole, deaf to the wheel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

_INSET = 7


def number_box(whole: bool, lowest: float, highest: float, step: float, unit: str) -> QSpinBox | QDoubleSpinBox:
    """A spin box that reports finished numbers only and leaves the wheel to the page."""
    box: QSpinBox | QDoubleSpinBox
    if whole:
        box = QSpinBox()
        box.setRange(round(lowest), round(highest))
        box.setSingleStep(max(1, round(step)))
    else:
        box = _DecimalBox()
        box.setDecimals(2 if step < 0.1 else 1)
        box.setRange(lowest, highest)
        box.setSingleStep(step)
    box.setSuffix(f" {unit}" if unit else "")
    box.setKeyboardTracking(False)
    box.setGroupSeparatorShown(highest >= 10000 and unit != "")
    inset(box)
    ignore_wheel(box)
    return box


def inset(box: QAbstractSpinBox) -> None:
    """Where text begins in a line edit, because Qt leaves a style sheet's padding out of a spin box."""
    box.lineEdit().setTextMargins(_INSET, 0, 0, 0)


def ignore_wheel(widget: QWidget) -> None:
    """Scrolling the page over a control must not change a setting."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_NoWheel(widget))


class _DecimalBox(QDoubleSpinBox):
    """Takes a point and a comma for the same: whoever types 0.35 means it in every language."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return super().validate(self._as_here(text), position)

    def valueFromText(self, text: str) -> float:
        return super().valueFromText(self._as_here(text))

    def _as_here(self, text: str) -> str:
        point = self.locale().decimalPoint()
        return text.replace("," if point == "." else ".", point)


class _NoWheel(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)
