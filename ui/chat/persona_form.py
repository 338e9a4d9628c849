"""The fields of one persona. A number that is switched off is left to the chat settings."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from thau_desktop.store.personas import Persona
from thau_desktop.translation import _
from ui.widgets.labels import label
from ui.widgets.number_box import number_box


class PersonaForm(QWidget):
    """Name, description, system prompt, and the numbers of sampling. `changed` when a person edits any."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLineEdit()
        self.title.setMaxLength(60)
        self.description = QLineEdit()
        self.description.setMaxLength(200)
        self.prompt = QPlainTextEdit()
        self.prompt.setTabChangesFocus(True)
        self._numbers: dict[str, tuple[QCheckBox, QSpinBox | QDoubleSpinBox]] = {
            "temperature": self._number(_("Temperature"), _decimal(2.0, 0.7)),
            "top_p": self._number(_("Top-p"), _decimal(1.0, 0.9)),
            "top_k": self._number(_("Top-k"), _whole(0, 1000, 40)),
            "max_new_tokens": self._number(_("Longest answer"), _whole(16, 131072, 1024, _("tokens"))),
        }
        hints = {
            "temperature": _("How freely words are chosen"),
            "top_p": _("Only the likeliest words up to this share"),
            "top_k": _("Only among this many words; 0: no limit"),
            "max_new_tokens": "",
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for words, field in (
            (_("Name"), self.title),
            (_("Description"), self.description),
            (_("What the model is told about itself"), self.prompt),
        ):
            named = QLabel(words)
            named.setProperty("role", "section")
            named.setBuddy(field)
            field.setAccessibleName(words)
            column.addWidget(named)
            column.addWidget(field, 1 if field is self.prompt else 0)
            column.addSpacing(8)
        column.addWidget(label(_("How it writes (what is off follows the chat settings)"), "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(3, 1)
        for row, (key, (switch, box)) in enumerate(self._numbers.items()):
            named = label(switch.accessibleName())
            named.setBuddy(switch)
            for column_number, widget in enumerate((switch, named, box, label(hints[key], "small"))):
                grid.addWidget(widget, row, column_number)
        column.addLayout(grid)
        self.title.textEdited.connect(self.changed)
        self.description.textEdited.connect(self.changed)
        self.prompt.textChanged.connect(self.changed)

    def _number(self, words: str, box: QSpinBox | QDoubleSpinBox) -> tuple[QCheckBox, QSpinBox | QDoubleSpinBox]:
        switch = QCheckBox()
        switch.setProperty("switch", True)
        switch.setAccessibleName(words)
        box.setAccessibleName(words)
        box.setFixedWidth(130)
        box.setEnabled(False)
        switch.toggled.connect(box.setEnabled)
        switch.toggled.connect(self.changed)
        box.valueChanged.connect(self.changed)
        return switch, box

    def show_persona(self, persona: Persona) -> None:
        """Fill the fields."""
        self.blockSignals(True)
        self.title.setText(persona.title)
        self.description.setText(persona.description)
        self.prompt.setPlainText(persona.system_prompt)
        for key, (switch, box) in self._numbers.items():
            value = getattr(persona, key)
            switch.setChecked(value is not None)
            box.setEnabled(value is not None)
            if value is not None:
                box.setValue(value)
        self.blockSignals(False)

    def persona(self, base: Persona) -> Persona:
        """`base` with what stands in the fields."""
        return replace(
            base,
            title=" ".join(self.title.text().split()),
            description=self.description.text().strip(),
            system_prompt=self.prompt.toPlainText().strip(),
            temperature=self._value("temperature"),
            top_p=self._value("top_p"),
            top_k=self._whole_value("top_k"),
            max_new_tokens=self._whole_value("max_new_tokens"),
        )

    def _value(self, key: str) -> float | None:
        switch, box = self._numbers[key]
        # Spin boxes give back 0.30000000000000004 for 0.3.
        return round(box.value(), 2) if switch.isChecked() else None

    def _whole_value(self, key: str) -> int | None:
        value = self._value(key)
        return None if value is None else round(value)

    def differs(self, persona: Persona) -> bool:
        """Whether the fields say something else than `persona`."""
        return self.persona(persona) != replace(persona, system_prompt=persona.system_prompt.strip())

    def focus_title(self) -> None:
        """Let the name be typed over."""
        self.title.setFocus()
        self.title.selectAll()


def _decimal(highest: float, usual: float) -> QDoubleSpinBox:
    box = number_box(False, 0.0, highest, 0.05, "")
    assert isinstance(box, QDoubleSpinBox)
    box.setKeyboardTracking(True)
    box.setValue(usual)
    return box


def _whole(lowest: int, highest: int, usual: int, unit: str = "") -> QSpinBox | QDoubleSpinBox:
    box = number_box(True, lowest, highest, 1, unit)
    box.setKeyboardTracking(True)
    box.setValue(usual)
    return box
