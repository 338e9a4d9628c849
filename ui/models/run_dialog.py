"""How one model runs: its precision, device and context, with what each takes of the memory here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop import hardware
from thau_desktop.inference import estimate
from thau_desktop.settings import Bits, Model, Own
from thau_desktop.translation import _
from ui.models.facts import ModelFacts
from ui.models.memory_bar import MemoryBar
from ui.settings import labels
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.words import decimal, grouped
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

FIELDS = {"folder": ("precision", "device", "context", "window"), "gguf": ("device", "context"), "ollama": ("context",)}
"""What can be chosen, by the model's kind; nothing for what another server runs."""
_WIDTH, _COMBO = 480, 280
_CONTEXTS = tuple(1 << power for power in range(9, 21))  # tokens
_WINDOWS = (512, 1024, 2048, 4096, 8192, 16384)  # tokens


class RunDialog(QDialog):
    """Attributes: `own`, what was chosen, once accepted; `choices`, the boxes by the fields' names; `keep`, the button;
    `memory`, what it takes as it is chosen now."""

    def __init__(self, thau: Thau, facts: ModelFacts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("How {model} runs").format(model=facts.title))
        self.setMinimumWidth(_WIDTH)
        self._thau, self._facts = thau, facts
        self.own = thau.settings.model.own.get(facts.name, Own())
        self.choices = {name: self._choice(name) for name in FIELDS[facts.kind]}
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(_("How {model} runs").format(model=facts.title), "title", wrap=True))
        sentence = _("For this model and all that was trained on it, from the next answer on.")
        column.addWidget(label(sentence, "dim", wrap=True))
        form = QGridLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        for row, (name, box) in enumerate(self.choices.items()):
            words = _(labels.FIELDS[f"model.{name}"])
            box.setAccessibleName(words)
            form.addWidget(label(words), row, 0)
            form.addWidget(box, row, 1)
        column.addLayout(form)
        column.addLayout(self._memory_row())
        column.addSpacing(8)
        column.addLayout(self._buttons())
        self._look()

    def _choice(self, name: str) -> QComboBox:
        """A box of a field: as the settings say, or one of its values."""
        box = QComboBox()
        box.setMinimumWidth(_COMBO)
        values = self._values(name)
        default = getattr(self._thau.settings.model, name)
        mine = getattr(self.own, name)
        for value in (default, mine):  # what was written by hand is shown, too
            if value is not None and value not in values:
                values = {**values, value: _value_words(name, value)}
        box.addItem(_("As in the settings: {value}").format(value=values[default]), None)
        for value, words in values.items():
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(mine)) if mine is not None else 0)
        box.currentIndexChanged.connect(self._look)
        return box

    def _values(self, name: str) -> dict[Any, str]:
        if name == "precision":
            return {value: _value_words(name, value) for value in get_args(Bits)}
        if name == "device":
            found = hardware.facts(self._thau.paths.home).gpus
            words = {value: _(words) for value, words in labels.CHOICES["model.device"].items()}
            return words | {gpu.device: gpu.name for gpu in found}
        most = self._facts.context
        if name == "context":
            sizes = {size for size in _CONTEXTS if not most or size < most} | ({most} if most else set())
            return {size: _value_words(name, size) for size in sorted(sizes)}
        sizes = {size for size in _WINDOWS if not most or size < most}
        return {size: _value_words(name, size) for size in (0, *sorted(sizes))}

    def _memory_row(self) -> QHBoxLayout:
        self.memory = label("", "small")
        self._bar = MemoryBar(0.0, "good")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._bar)
        row.addWidget(self.memory, 1)
        if self._facts.kind != "folder":
            self._bar.hide()
            self.memory.hide()
        return row

    def _buttons(self) -> QHBoxLayout:
        self.keep = button(_("Apply"), self._on_keep, kind="accent")
        self.keep.setDefault(True)
        self.reset = button(_("As in the settings"), self._on_reset)
        row = QHBoxLayout()
        row.addWidget(self.reset)
        row.addStretch()
        row.addWidget(button(_("Cancel"), self.reject))
        row.addWidget(self.keep)
        return row

    def chosen(self) -> Own:
        """What the boxes say."""
        return Own.model_validate({name: box.currentData() for name, box in self.choices.items()})

    @Slot()
    def _look(self) -> None:
        self.reset.setEnabled(self.chosen() != Own())
        if self._facts.kind != "folder":
            return
        wish, folder = self._wish(), self._facts.folder

        def read() -> tuple[Model, tuple[Mapping[Bits, int], int]]:
            return wish, estimate.of_each(folder, get_args(Bits), wish.context, wish.device, wish.window)

        run_in_background(self, read, self._show_memory, lambda problem: self.memory.setText(str(problem)))

    def _wish(self) -> Model:
        return self._thau.settings.model.model_copy(update={"own": {}, **self.chosen().model_dump(exclude_none=True)})

    def _show_memory(self, found: tuple[Model, tuple[Mapping[Bits, int], int]]) -> None:
        wish, (needed, free) = found
        if wish != self._wish():
            return  # something else was chosen meanwhile
        takes = needed[wish.precision]
        fits = takes <= free or wish.precision == "spread"
        self._bar.show_share(takes / free if free else 0.0, "good" if fits else "bad")
        words = _("{needed} of {there} GB that are free") if fits else _("{needed} GB: more than the {there} GB free")
        self.memory.setText(words.format(needed=decimal(takes / 1e9), there=decimal(free / 1e9)))
        box = self.choices["precision"]
        for place in range(1, box.count()):
            value = box.itemData(place)
            box.setItemText(place, f"{_value_words('precision', value)} · {decimal(needed[value] / 1e9)} GB")

    def _on_keep(self) -> None:
        self.own = self.chosen()
        self.accept()

    def _on_reset(self) -> None:
        for box in self.choices.values():
            box.setCurrentIndex(0)


def own_words(own: Own) -> str:
    """What a model does otherwise, in a few words; empty for nothing."""
    said = own.model_dump(exclude_none=True)
    return " · ".join(f"{_(labels.FIELDS[f'model.{name}'])}: {_value_words(name, said[name])}" for name in said)


def _value_words(name: str, value: Any) -> str:
    if name in ("context", "window") and value:
        return _("{n} tokens").format(n=grouped(value))
    if name == "window":
        return _("The whole conversation")
    return _(labels.CHOICES[f"model.{name}"].get(value, str(value)))
