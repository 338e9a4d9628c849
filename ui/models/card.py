"""One model on this disk, as a card."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from thau_desktop.translation import _, ngettext_
from ui.models.facts import ModelFacts
from ui.widgets.card import Card
from ui.widgets.labels import IconLabel, label, pill
from ui.words import grouped, parameters_of, size_of


class ModelCard(Card):
    """Name, what it is for, and its numbers. Attributes: `facts`, `row`, where buttons may be added."""

    def __init__(self, facts: ModelFacts, *, in_use: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=12)
        self.facts = facts
        self.setAccessibleName(facts.title)
        self.row = QHBoxLayout()
        self.row.setSpacing(10)
        self.row.addWidget(IconLabel("cube", "accent", 20))
        self.row.addWidget(label(facts.title, "heading", select=True))
        if in_use:
            self.row.addWidget(pill(_("in use"), "good"))
        if facts.starter:
            self.row.addWidget(pill(_("came with THAU"), "plain"))
        self.row.addStretch()
        self.column.addLayout(self.row)
        if facts.draws:
            sentence = _("A small model for short conversations, which also writes requests for pictures.")
            self.column.addWidget(label(sentence, "dim", wrap=True))
        numbers = QHBoxLayout()
        numbers.setSpacing(24)
        for value, name in _numbers(facts):
            numbers.addLayout(_number(value, name))
        numbers.addStretch()
        self.column.addLayout(numbers)


def _numbers(facts: ModelFacts) -> list[tuple[str, str]]:
    unknown = "—"
    numbers = [
        (parameters_of(facts.parameters) if facts.parameters else unknown, _("parameters")),
        (size_of(facts.bytes), _("on disk")),
        (grouped(facts.context) if facts.context else unknown, _("tokens of context")),
    ]
    if facts.languages:
        count = ngettext_("language", "languages", len(facts.languages))
        numbers.append((" · ".join(facts.languages), count))
    return numbers


def _number(value: str, name: str) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    strong: QLabel = label(value, "heading", select=True)
    column.addWidget(strong)
    column.addWidget(label(name, "small"))
    return column
