"""The one screen of a first start: here is your assistant, ready now; here is what this machine could run better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from thau_desktop import hardware
from thau_desktop.errors import ThauError
from thau_desktop.models import memory
from thau_desktop.models.offers import Offer, offers
from thau_desktop.translation import _, set_language
from ui.logo import Logo
from ui.models.card import ModelCard
from ui.models.facts import ModelFacts, facts_of
from ui.models.get_row import fit_pill
from ui.widgets.buttons import button
from ui.widgets.card import Card
from ui.widgets.labels import ElidedLabel, label, pill
from ui.widgets.layouts import centred, clear
from ui.widgets.scrolling import steady
from ui.words import decimal, size_of
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_COLUMN = 640


class FirstRun(QWidget):
    """`finished` when the person goes on; that it was seen is kept in the settings.

    Attributes: `language`, `colors`, the two choices; `start`, `models`, the buttons.
    """

    finished = Signal()

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self._models: list[ModelFacts] | None = None
        self._machine: hardware.Hardware | None = None
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self.setProperty("page", True)
        self._build()
        run_in_background(self, lambda: [facts_of(model) for model in thau.models.installed()], self._on_models)
        run_in_background(self, lambda: hardware.facts(thau.paths.home), self._on_machine)

    def _build(self) -> None:
        """Everything from the start, in the language of now."""
        clear(self._outer)
        self.setAccessibleName(_("Welcome"))
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 24, 0, 24)
        column.setSpacing(16)
        column.addStretch(1)
        column.addLayout(self._greeting())
        self._model_place = QVBoxLayout()
        column.addLayout(self._model_place)
        self._machine_card = Card(spacing=10)
        column.addWidget(self._machine_card)
        column.addLayout(self._choices())
        column.addStretch(2)
        inside = QWidget()
        inside.setProperty("plain", True)
        row = QVBoxLayout(inside)
        row.setContentsMargins(24, 0, 24, 0)
        row.addLayout(centred(middle, _COLUMN))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        steady(scroll)
        scroll.setWidget(inside)
        self._outer.addWidget(scroll)
        self._show_model()
        self._show_machine()
        self.start.setFocus()

    def _greeting(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(Logo(52), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(6)
        title = label(_("Here is your assistant"), "title")
        sentence = _("It lives on this computer and is ready now. What you write never leaves it.")
        words = label(sentence, "dim", wrap=True)
        for one in (title, words):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(one)
        return column

    def _choices(self) -> QHBoxLayout:
        settings = self._thau.settings
        languages = (("system", _("Language of the system")), ("es", "Español"), ("en", "English"))
        colors = (("system", _("Colours of the system")), ("light", _("Light")), ("dark", _("Dark")))
        self.language = _combo(_("Language"), languages, settings.general.language)
        self.language.activated.connect(self._on_language)
        self.colors = _combo(_("Colours"), colors, settings.appearance.theme)
        self.colors.activated.connect(self._on_colors)
        self.start = button(_("Start"), self._finish, kind="accent")
        self.start.setDefault(True)
        self.start.setMinimumWidth(120)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.language)
        row.addWidget(self.colors)
        row.addStretch()
        row.addWidget(self.start)
        return row

    def _show_model(self) -> None:
        if self._models is None:
            self._model_place.addSpacing(112)
            return
        clear(self._model_place)
        for facts in self._models[:1]:
            card = ModelCard(facts, in_use=False)
            card.row.addWidget(pill(_("ready now"), "good"))
            self._model_place.addWidget(card)
        if not self._models:
            missing = Card()
            missing.column.addWidget(label(_("THAU's own model is missing from its folder."), "strong", wrap=True))
            self._model_place.addWidget(missing)

    def _show_machine(self) -> None:
        column = self._machine_card.column
        column.addWidget(label(_("Better models for this machine"), "heading"))
        if self._machine is None:
            column.addSpacing(130)
            return
        column.addWidget(label(_machine_words(self._machine), "dim", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        here = memory.room(self._machine)
        for row, offer in enumerate(one for one in offers() if one.size):
            for place, widget in enumerate(_offer_widgets(offer, here)):
                grid.addWidget(widget, row, place)
        column.addLayout(grid)
        way = QHBoxLayout()
        way.addWidget(
            label(_("Download one when you like: what you write stays here all the same."), "small", wrap=True), 1
        )
        self.models = button(_("See models"), self._see_models, icon_name="cube")
        way.addWidget(self.models)
        column.addLayout(way)

    def _on_models(self, models: list[ModelFacts]) -> None:
        self._models = models
        self._build()

    def _on_machine(self, machine: hardware.Hardware) -> None:
        self._machine = machine
        self._build()

    @Slot(int)
    def _on_language(self, row: int) -> None:
        value = self.language.itemData(row)
        self._thau.change("general", "language", value)
        set_language(value)
        self._window.language_changed.emit()
        self._window.rail.retranslate()
        self._build()
        self.language.setFocus()

    @Slot(int)
    def _on_colors(self, row: int) -> None:
        self._thau.change("appearance", "theme", self.colors.itemData(row))
        self._window.theme.apply(self._thau.settings)

    def _see_models(self) -> None:
        self._finish()
        self._window.show_page("models")

    def _finish(self) -> None:
        try:
            self._thau.change("general", "first_run_done", True)
        except ThauError as error:  # it greets again next time; today it must not stand in the way
            self._window.show_error(error)
        self.finished.emit()


def _combo(name: str, choices: tuple[tuple[str, str], ...], value: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    for data, text in choices:
        made.addItem(text, data)
    made.setCurrentIndex(max(0, made.findData(value)))
    return made


def _machine_words(machine: hardware.Hardware) -> str:
    facts = [machine.cpu, _("{size} of memory").format(size=size_of(machine.memory_total))]
    facts += [f"{gpu.name} ({size_of(gpu.memory_total)})" for gpu in machine.gpus]
    return " · ".join(facts)


def _offer_widgets(offer: Offer, here: memory.Room) -> list[QWidget]:
    uses = {
        "1.5b": _("everyday questions, quick answers"),
        "3b": _("clearer answers, simple code"),
        "7b": _("writing, code, long conversations"),
        "13b": _("harder questions, better code"),
    }
    best = memory.fit(offer.shape, here)
    billions = float(offer.size.removesuffix("b"))
    name = _("{size} B model").format(size=decimal(billions, 1 if billions % 1 else 0))
    needed = label(size_of(best.needed), "dim")
    needed.setToolTip(_("Memory"))
    needed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return [label(name, "strong"), ElidedLabel(uses[offer.size], "dim"), needed, fit_pill(best)]
