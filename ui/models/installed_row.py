"""One model on this disk, or on a server: its numbers, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.models.facts import ModelFacts
from ui.models.run_dialog import FIELDS
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel, pill
from ui.words import grouped, parameters_of, size_of

KINDS = {"gguf": "GGUF", "ollama": "Ollama", "server": "HTTP"}


class InstalledRow(QWidget):
    """Attributes: `facts`; `use`, `tune` and `remove`, the buttons, where they make sense. Signals carry the model's
    name."""

    used = Signal(str)
    tuned = Signal(str)
    removed = Signal(str)

    def __init__(self, facts: ModelFacts, *, in_use: bool, own: str = "") -> None:
        """`own` says in words how it runs where it differs from the settings."""
        super().__init__()
        self.facts = facts
        self.in_use = in_use
        words = QVBoxLayout()
        words.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(8)
        title = ElidedLabel(facts.title, "strong")
        title.setMaximumWidth(title.fontMetrics().horizontalAdvance(facts.title) + 16)
        top.addWidget(title, 1)
        if facts.kind in KINDS:
            top.addWidget(pill(KINDS[facts.kind], "plain"))
        if in_use:
            top.addWidget(pill(_("in use"), "good"))
        elif facts.starter:
            top.addWidget(pill(_("came with THAU"), "plain"))
        top.addStretch()
        words.addLayout(top)
        words.addWidget(ElidedLabel(_numbers(facts), "small"))
        if own:
            words.addWidget(ElidedLabel(own, "small"))
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(4)
        across.addLayout(words, 1)
        self.use = button(_("Use"), lambda: self.used.emit(facts.name), kind="link")
        self.use.setAccessibleName(_("Use {model}").format(model=facts.name))
        name = _("How {model} runs").format(model=facts.title)
        self.tune = icon_button("sliders-horizontal", name, lambda: self.tuned.emit(facts.name), size=16)
        name = _("Remove {model}").format(model=facts.name)
        self.remove = icon_button("trash", name, lambda: self.removed.emit(facts.name), size=16)
        for control, shown in (
            (self.use, not in_use),
            (self.tune, facts.kind in FIELDS),
            (self.remove, not in_use and not facts.starter and facts.kind in ("folder", "gguf")),
        ):
            across.addWidget(control)
            control.setVisible(shown)  # once it has a parent: before, it would be a window of its own


def _numbers(facts: ModelFacts) -> str:
    words = []
    if facts.parameters:
        words.append(_("{n} parameters").format(n=parameters_of(facts.parameters)))
    if facts.bytes:
        words.append(size_of(facts.bytes))
    if facts.context:
        words.append(_("{n} tokens").format(n=grouped(facts.context)))
    if facts.languages:
        words.append(" ".join(facts.languages))
    return " · ".join(words) or _("on another server")
