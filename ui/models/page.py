"""The models page: what is on this disk. Downloads come with a later version, and it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from thau_desktop.translation import _
from ui.models.card import ModelCard
from ui.models.facts import ModelFacts, facts_of
from ui.widgets.buttons import button
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import label
from ui.widgets.layouts import centred, clear
from ui.widgets.scrolling import steady
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_COLUMN = 760


class ModelsPage(QWidget):
    """Attributes: `cards`, one for each model on this disk, once they are read."""

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self.setAccessibleName(_("Models"))
        self._thau = thau
        self._window = window
        self.cards: list[ModelCard] = []
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        column = QVBoxLayout()
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addLayout(self._header())
        column.addLayout(self._cards)
        sentence = _(
            "Larger models, downloads and benchmarks come with a later version. A model of your own works today: put"
            " its folder (config.json, tokenizer.json and .safetensors files) into the models folder."
        )
        column.addWidget(label(sentence, "dim", wrap=True))
        column.addStretch()
        inside, middle = QWidget(), QWidget()
        inside.setProperty("plain", True)
        middle.setLayout(column)
        row = QVBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(centred(middle, _COLUMN + 48))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        steady(scroll)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def activate(self) -> None:
        """Read the disk again: a folder may have been put there."""
        thau = self._thau
        run_in_background(self, lambda: [facts_of(model) for model in thau.models.installed()], self._show)

    def open_folder(self) -> None:
        """Show the folder of the user's models."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._thau.paths.models)))

    def _header(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(_("Models"), "title"))
        words.addWidget(label(_("What is on this disk. Everything runs on this computer."), "dim", wrap=True))
        row = QHBoxLayout()
        row.addLayout(words, 1)
        folder = button(_("Open the models folder"), self.open_folder, icon_name="folder-open")
        row.addWidget(folder, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _show(self, models: list[ModelFacts]) -> None:
        if self.cards and [card.facts for card in self.cards] == models:
            return
        clear(self._cards)
        in_use = self._thau.settings.model.name
        self.cards = [ModelCard(facts, in_use=facts.name == in_use) for facts in models]
        for card in self.cards:
            self._cards.addWidget(card)
        if not models:
            sentence = _("THAU's own model is missing from its folder. Install THAU again, or put a model here.")
            self._cards.addWidget(
                EmptyState("cube", _("No model on this disk"), sentence, _("Open the models folder"), self.open_folder)
            )
