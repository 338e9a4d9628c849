"""The two fields of the panel that are more than one control: a size and a seed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal, Slot
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from thau_desktop.images.request import LARGEST_SEED, SIDE, SIDE_STEP
from thau_desktop.translation import _
from ui.gallery.panel_controls import Combo, named
from ui.theme import icon
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label
from ui.widgets.number_box import number_box

SIZES = ((256, 256), (384, 384), (512, 512), (768, 768), (1024, 1024), (512, 384), (768, 512), (768, 576), (1024, 576))
_GAP = 6


class SizeField(QWidget):
    """Width and height: common ones to choose, any multiple of eight to type, and a button that turns the picture.

    Attributes: `own`, what is typed into, which stands where there is more room.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sizes: list[tuple[int, int]] = list(SIZES)
        self._native: tuple[int, int] | None = None
        self.combo = Combo()
        self.combo.activated.connect(self._on_activated)
        self.swap = icon_button("arrows-left-right", _("Swap width and height"), self._on_swap, size=16)
        self.own = QWidget(self)
        self.sides: list[QSpinBox] = []
        row = QHBoxLayout(self.own)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for name in (_("Width"), _("Height")):
            box = number_box(True, *SIDE, SIDE_STEP, "")
            assert isinstance(box, QSpinBox)
            box.setAccessibleName(name)
            box.setToolTip(_("{name} in pixels, a multiple of 8").format(name=name))
            box.valueChanged.connect(self._on_typed)
            self.sides.append(box)
            if name == _("Height"):
                row.addWidget(label("×", "dim"))
            row.addWidget(box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        column.addLayout(named(_("Size"), self.combo, beside=self.swap))
        column.addStretch(1)
        self._value = (512, 512)
        self._show()

    @property
    def value(self) -> tuple[int, int]:
        """Width and height."""
        return self._value

    def show_value(self, width: int, height: int) -> None:
        """Take over a size without telling anyone."""
        self._value = (width, height)
        self._show()

    def set_sizes(self, native: tuple[int, int] | None, more: Sequence[tuple[int, int]]) -> None:
        """Offer those that a model was made for, too, and say which it draws best."""
        self._native = native
        wanted = dict.fromkeys([*SIZES, *more, *([native] if native else [])])
        self._sizes = [size for size in wanted if all(SIDE[0] <= side <= SIDE[1] for side in size)]
        self._show()

    @property
    def is_own(self) -> bool:
        """Whether the numbers are typed."""
        return not self.own.isHidden()

    def _show(self, own: bool = False) -> None:
        width, height = self._value
        offered = sorted({self._turned(size) for size in self._sizes}, key=lambda size: (size[0] * size[1], size))
        self.combo.blockSignals(True)
        self.combo.clear()
        for size in offered:
            self.combo.addItem(f"{size[0]} × {size[1]}", size)
            if self._native in (size, size[::-1]):
                best = _("The size that this model draws best")
                self.combo.setItemData(self.combo.count() - 1, best, Qt.ItemDataRole.ToolTipRole)
                self.combo.setItemIcon(self.combo.count() - 1, icon("star", "accent"))
        self.combo.addItem(_("Other…"), None)
        own = own or self._value not in offered
        self.combo.setCurrentIndex(self.combo.count() - 1 if own else offered.index(self._value))
        self.combo.blockSignals(False)
        for box, side in zip(self.sides, self._value, strict=True):
            box.blockSignals(True)
            box.setValue(side)
            box.blockSignals(False)
        self.own.setVisible(own)
        self.swap.setEnabled(width != height)

    def _turned(self, size: tuple[int, int]) -> tuple[int, int]:
        """That size lying or standing, as the present one is."""
        width, height = self._value
        lies = width >= height
        return (max(size), min(size)) if lies else (min(size), max(size))

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        size = self.combo.itemData(index)
        if size is None:
            self._show(own=True)
            self.sides[0].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._value = (int(size[0]), int(size[1]))
        self._show()
        self.changed.emit()

    @Slot()
    def _on_typed(self) -> None:
        rounded = [round(box.value() / SIDE_STEP) * SIDE_STEP for box in self.sides]
        self._value = (rounded[0], rounded[1])
        self._show(own=True)
        self.changed.emit()

    @Slot()
    def _on_swap(self) -> None:
        own = self.is_own
        self._value = self._value[::-1]
        self._show(own)
        self.changed.emit()


class SeedField(QWidget):
    """A seed to keep, or nothing for a new one each time; the button goes from one to the other."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._last: int | None = None
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(_("random"))
        self.edit.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,16}"), self.edit))
        self.edit.textChanged.connect(self._on_text)
        self.keep = icon_button("dice-five", "", self._on_keep, size=16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(named(_("Seed"), self.edit, beside=self.keep))
        self._show()

    @property
    def value(self) -> int | None:
        """The seed; None is a new one each time."""
        text = self.edit.text()
        return min(int(text), LARGEST_SEED) if text else None

    def show_value(self, seed: int | None) -> None:
        """Take over a seed without telling anyone."""
        self.edit.blockSignals(True)
        self.edit.setText("" if seed is None else str(seed))
        self.edit.setCursorPosition(0)
        self.edit.blockSignals(False)
        self._show()

    def remember(self, seed: int) -> None:
        """The seed of the last picture, to be kept on demand."""
        self._last = seed
        self._show()

    def _show(self) -> None:
        kept = bool(self.edit.text())
        name = _("A new seed each time") if kept else _("Keep the seed of the last picture")
        self.keep.setIcon(icon("dice-five" if kept else "push-pin", "dim"))
        self.keep.setToolTip(name)
        self.keep.setAccessibleName(name)
        self.keep.setEnabled(kept or self._last is not None)

    @Slot()
    def _on_text(self) -> None:
        self._show()
        self.changed.emit()

    @Slot()
    def _on_keep(self) -> None:
        self.edit.setText("" if self.edit.text() or self._last is None else str(self._last))
        self.edit.setCursorPosition(0)
