"""One small widget for each kind of value. All speak the same two words: `edited` and `show_value`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTime, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QSpinBox,
    QTimeEdit,
    QWidget,
)

from ui.theme import restyle, theme
from ui.tokens import LIGHT
from ui.widgets.number_box import ignore_wheel, inset, number_box

WIDTH = 220  # of every editor but a switch at the normal text size, so that they stand in one line
_GAP = 8
_BODY = LIGHT.type_body  # pixels, before the text scale
_NUMBER = 80  # of the number beside a slider
_SETTLE_MS = 150  # a dragged slider is saved when it rests


class Editor(QWidget):
    """Shows one value and lets a person change it.

    `edited` carries the new value once it is whole: never each letter of a number. `control` has the focus.
    """

    edited = Signal(object)

    def __init__(self, control: QWidget) -> None:
        super().__init__()
        self.control = control
        self.setFocusProxy(control)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(_GAP)
        self._line.addStretch()
        self._line.addWidget(control)
        self._widths: dict[QWidget, int] = {}
        theme().changed.connect(self._fit)

    def show_value(self, value: Any) -> None:
        """Take over a value without telling anyone."""
        raise NotImplementedError

    def set_width(self, control: QWidget, width: int) -> None:
        """Give a control a width that grows with the text."""
        self._widths[control] = width
        self._fit()

    def set_invalid(self, invalid: bool) -> None:
        """Mark the control whose content was refused."""
        self.control.setProperty("invalid", invalid)
        restyle(self.control)

    def set_name(self, name: str, description: str) -> None:
        """What a screen reader says of every control in here."""
        for control in (self.control, *self.findChildren(QAbstractSpinBox), *self.findChildren(QSlider)):
            control.setAccessibleName(name)
            control.setAccessibleDescription(description)

    @Slot()
    def _fit(self) -> None:
        for control, width in self._widths.items():
            control.setFixedWidth(round(width * theme().tokens.type_body / _BODY))


class SwitchEditor(Editor):
    def __init__(self) -> None:
        self._switch = QCheckBox()
        self._switch.setProperty("switch", True)
        super().__init__(self._switch)
        self._switch.toggled.connect(self.edited.emit)

    def show_value(self, value: Any) -> None:
        self._switch.blockSignals(True)
        self._switch.setChecked(bool(value))
        self._switch.blockSignals(False)


class ChoiceEditor(Editor):
    """A combo box over values and their words. A value that is not among them is added as it is."""

    def __init__(self, words: Mapping[Any, str]) -> None:
        self._combo = QComboBox()
        super().__init__(self._combo)
        self.set_width(self._combo, WIDTH)
        for value, word in words.items():
            self._combo.addItem(word, value)
        self._combo.activated.connect(self._on_activated)
        ignore_wheel(self._combo)

    def show_value(self, value: Any) -> None:
        index = next((i for i in range(self._combo.count()) if self._combo.itemData(i) is value), -1)
        index = index if index >= 0 else self._combo.findData(value)
        if index < 0:
            self._combo.addItem(str(value), value)
            index = self._combo.count() - 1
        self._combo.setCurrentIndex(index)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._combo.itemData(index))


class NumberEditor(Editor):
    """A spin box. `special` is the word for the lowest value."""

    def __init__(self, whole: bool, lowest: float, highest: float, step: float, unit: str, special: str = "") -> None:
        self._spin = number_box(whole, lowest, highest, step, unit)
        super().__init__(self._spin)
        self.set_width(self._spin, WIDTH)
        self._spin.setSpecialValueText(special)
        self._spin.valueChanged.connect(self.edited.emit)

    def show_value(self, value: Any) -> None:
        self._spin.blockSignals(True)
        self._spin.setValue(value)
        self._spin.blockSignals(False)


class SliderEditor(Editor):
    """A slider beside the number it stands for; `scale` 100 shows a share as a percentage."""

    def __init__(self, whole: bool, lowest: float, highest: float, step: float, scale: int = 1) -> None:
        self._whole, self._step, self._scale, self._shown = whole, step, scale, lowest
        self._slider = QSlider(Qt.Orientation.Horizontal)
        # Values are counted in steps from zero, so that a lowest value off the grid can still be reached.
        self._slider.setRange(round(lowest / step), round(highest / step))
        self._slider.setPageStep(max(1, (self._slider.maximum() - self._slider.minimum()) // 10))
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        super().__init__(self._slider)
        self._spin = number_box(whole or scale > 1, lowest * scale, highest * scale, step * scale, "%" * (scale > 1))
        self.set_width(self._spin, _NUMBER)
        self.set_width(self._slider, WIDTH - _NUMBER - _GAP)
        self._line.addWidget(self._spin)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        self._slider.valueChanged.connect(self._on_slid)
        self._spin.valueChanged.connect(self._on_typed)
        ignore_wheel(self._slider)

    def show_value(self, value: Any) -> None:
        self._settle.stop()
        self._shown = value
        for control in (self._slider, self._spin):
            control.blockSignals(True)
        self._slider.setValue(round(value / self._step))
        self._spin.setValue(round(value * self._scale) if isinstance(self._spin, QSpinBox) else value)
        for control in (self._slider, self._spin):
            control.blockSignals(False)

    @Slot(int)
    def _on_slid(self, steps: int) -> None:
        value: float = steps * self._step if not self._whole else round(steps * self._step)
        value = value if self._whole else round(value, 4)
        self.show_value(value)
        self._settle.start()

    @Slot()
    def _on_typed(self) -> None:
        self._settle.stop()
        value = self._spin.value() / self._scale if self._scale > 1 else self._spin.value()
        self.show_value(value)
        self.edited.emit(value)

    @Slot()
    def _on_settled(self) -> None:
        self.edited.emit(self._shown)


class TextEditor(Editor):
    """One line of text, or a number too fine for a spin box (`number`), which is handed over as one."""

    def __init__(self, number: bool = False) -> None:
        self._edit = QLineEdit()
        super().__init__(self._edit)
        self._number = number
        self.set_width(self._edit, WIDTH)
        self._edit.editingFinished.connect(self._on_finished)
        self._last = ""

    def show_value(self, value: Any) -> None:
        self._last = f"{value:g}" if self._number else str(value)
        self._edit.setText(self._last)
        self._edit.setCursorPosition(0)

    @Slot()
    def _on_finished(self) -> None:
        text = self._edit.text().strip()
        if text == self._last:
            return
        self._last = text
        if not self._number:
            self.edited.emit(text)
            return
        try:
            self.edited.emit(float(text.replace(",", ".")))
        except ValueError:
            self.edited.emit(text)  # refused by the settings, in a sentence


class TimeEditor(Editor):
    """A time of day, kept as "03:00"."""

    def __init__(self) -> None:
        self._edit = QTimeEdit()
        super().__init__(self._edit)
        self._edit.setDisplayFormat("HH:mm")
        self.set_width(self._edit, WIDTH)
        self._edit.setKeyboardTracking(False)
        inset(self._edit)
        self._edit.timeChanged.connect(self._on_changed)
        ignore_wheel(self._edit)

    def show_value(self, value: Any) -> None:
        self._edit.blockSignals(True)
        self._edit.setTime(QTime.fromString(str(value), "HH:mm"))
        self._edit.blockSignals(False)

    @Slot(QTime)
    def _on_changed(self, time: QTime) -> None:
        self.edited.emit(time.toString("HH:mm"))
