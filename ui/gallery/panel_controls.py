"""Controls that Qt has not: presets in one bar, a slider with its number, a choice that elides, words that unfold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.translation import _
from ui.theme import theme
from ui.widgets.buttons import pressed_by
from ui.widgets.labels import label
from ui.widgets.number_box import ignore_wheel

_GAP = 6
_WORDS, _ARROW = 11, 30  # pixels before the words of a combo box, and after them


def named(name: str, control: QWidget, *, beside: QWidget | None = None) -> QVBoxLayout:
    """A control under its name."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(_GAP)
    words = label(name, "dim")
    words.setBuddy(control)
    control.setAccessibleName(name)
    column.addWidget(words)
    if beside is None:
        column.addWidget(control)
    else:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(control, 1)
        row.addWidget(beside)
        column.addLayout(row)
    return column


class Combo(QComboBox):
    """A combo box of any width: what does not fit ends in …, and the wheel is left to the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        ignore_wheel(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        place = self.rect().adjusted(_WORDS, 0, -_ARROW, 0)
        words = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, place.width())
        painter.setPen(theme().color("text" if self.isEnabled() else "faint"))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class Segments(QWidget):
    """A few choices in one bar, none or one of them marked. `chosen` tells which a person took."""

    chosen = Signal(str)

    def __init__(self, words: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, _Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (name, shown) in enumerate(words.items()):
            made = _Segment(shown, number == 0, number == len(words) - 1)
            made.clicked.connect(lambda _checked=False, name=name: self._choose(name))
            self._buttons[name] = made
            row.addWidget(made, 1)

    def show_chosen(self, name: str) -> None:
        """Mark one; "" marks none."""
        for key, made in self._buttons.items():
            made.setChecked(key == name)

    @property
    def current(self) -> str:
        """The one that is marked, or ""."""
        return next((name for name, made in self._buttons.items() if made.isChecked()), "")

    def button(self, name: str) -> QAbstractButton:
        """The button of that name."""
        return self._buttons[name]

    def _choose(self, name: str) -> None:
        self.show_chosen(name)
        self.chosen.emit(name)


class _Segment(QAbstractButton):
    """One of the bar's choices; the first and the last have round corners outside."""

    def __init__(self, words: str, first: bool, last: bool) -> None:
        super().__init__()
        self._first, self._last = first, last
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        self.setFixedHeight(theme().tokens.type_body + 20)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, radius = theme().color, theme().tokens.radius
        painter.setClipRect(self.rect())
        place = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        # Beyond the clip on the inner sides, so that only the outer corners are seen round.
        place.adjust(0 if self._first else -radius, 0, 0.5 if self._last else radius, 0)
        if self._last:
            place.adjust(0, 0, -0.5, 0)
        ground = "accent_soft" if self.isChecked() else "hover" if self.underMouse() else "card"
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color(ground))
        painter.drawRoundedRect(place, radius, radius)
        if not self._first:
            painter.drawLine(0, 0, 0, self.height())
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), radius - 1, radius - 1)
        font = self.font()
        font.setWeight(font.Weight.DemiBold if self.isChecked() else font.Weight.Medium)
        painter.setFont(font)
        painter.setPen(color("accent" if self.isChecked() else "text" if self.isEnabled() else "faint"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class SliderField(QWidget):
    """A slider under its name and number ("Steps · 30"); `step` is one key press, `grain` what can be chosen."""

    changed = Signal()

    def __init__(self, name: str, lowest: float, highest: float, step: float, words: Callable[[float], str]) -> None:
        super().__init__()
        self._name = name
        self._words = words
        self._grain = 1.0 if float(step).is_integer() else 0.1 if step >= 0.1 else 0.01
        self._label = label("", "dim")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setSingleStep(max(1, round(step / self._grain)))
        self.set_range(lowest, highest)
        self.slider.setPageStep(max(1, (self.slider.maximum() - self.slider.minimum()) // 10))
        self.slider.valueChanged.connect(self._on_slid)
        ignore_wheel(self.slider)
        self.slider.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._label)
        column.addWidget(self.slider)
        self._show()

    @property
    def value(self) -> float:
        return round(self.slider.value() * self._grain, 4)

    def set_range(self, lowest: float, highest: float) -> None:
        """Move the bounds; a value outside is moved within."""
        self.slider.setRange(round(lowest / self._grain), round(highest / self._grain))
        self._show()

    def show_value(self, value: float) -> None:
        """Take over a value without telling anyone."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(value / self._grain))
        self.slider.blockSignals(False)
        self._show()

    def set_usable(self, usable: bool, why: str) -> None:
        """Whether it changes anything; `why` not, for the tool tip."""
        self.setEnabled(usable)
        self.setToolTip("" if usable else why)

    def _show(self) -> None:
        self._label.setText(f"{self._name} · {self._words(self.value)}")
        self.slider.setAccessibleDescription(self._words(self.value))

    @Slot()
    def _on_slid(self) -> None:
        self._show()
        self.changed.emit()


class Fold(QWidget):
    """A line of words with an arrow; what is `inside` is seen while it is open."""

    toggled = Signal(bool)

    def __init__(self, words: str, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self.head = _FoldHead(words)
        self.head.clicked.connect(lambda: self.open(not self.is_open))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(inside)
        inside.hide()
        self.head.set_open(False)

    @property
    def is_open(self) -> bool:
        return not self._inside.isHidden()

    def open(self, opened: bool = True) -> None:
        """Show what is inside, or hide it."""
        if opened != self.is_open:
            self._inside.setVisible(opened)
            self.head.set_open(opened)
            self.toggled.emit(opened)

    def say(self, hint: str) -> None:
        """What is chosen inside, in a few words beside the name."""
        self.head.hint = hint
        self.head.update()


class _FoldHead(QAbstractButton):
    """Attributes: `hint`, a few dim words at the right."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.hint = ""
        self._open = False
        self.setText(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self._fit)
        self._fit()

    def set_open(self, opened: bool) -> None:
        self._open = opened
        self.setAccessibleName(f"{self.text()}: {_('hide') if opened else _('show')}")
        self.update()

    @Slot()
    def _fit(self) -> None:
        self.setFixedHeight(theme().tokens.type_body + 15)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by(self, event):
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color
        arrow = QRect(0, (self.height() - 14) // 2, 14, 14)
        theme().icon("caret-down" if self._open else "caret-right", "dim").paint(painter, arrow)
        painter.setPen(color("text" if self.underMouse() else "dim"))
        area = self.rect().adjusted(20, 0, -2, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hint:
            used = painter.fontMetrics().horizontalAdvance(self.text()) + 12
            rest = area.adjusted(used, 0, 0, 0)
            words = painter.fontMetrics().elidedText(self.hint, Qt.TextElideMode.ElideRight, rest.width())
            painter.setPen(color("accent"))
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), words)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 6, 6)
