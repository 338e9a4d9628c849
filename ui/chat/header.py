"""The line above the transcript: which model answers, as whom, how full its context is, and what else can be done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from thau_desktop.inference.servers import of_name
from thau_desktop.models.catalog import InstalledModel
from thau_desktop.store.personas import Persona
from thau_desktop.translation import _
from ui.chat.context_use import limit_of
from ui.chat.picker import ContextMeter, Picker
from ui.theme import icon
from ui.widgets.buttons import icon_button
from ui.widgets.labels import pill
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_VERSION = re.compile(r"^(.*?)[\s-]+(v\d+(?:\.\d+)*)$")


class ChatHeader(QFrame):
    """Attributes: `model`, `persona`, the pickers; `leaving`, shown where words go to another computer; `meter`;
    `sidebar`, the button that brings the list back; `model_name`, and `context_limit`, its tokens, 0 until they are
    read."""

    model_chosen = Signal(str)
    persona_chosen = Signal(str)
    edit_personas_requested = Signal()
    more_models_requested = Signal()
    copy_all_requested = Signal()
    export_requested = Signal(str)
    import_requested = Signal()
    sidebar_requested = Signal()
    models_read = Signal()

    def __init__(self, thau: Thau, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thau = thau
        self.setProperty("header", True)
        self.setFixedHeight(52)
        self.sidebar = icon_button("layout", _("Show conversations (Ctrl+B)"), self.sidebar_requested.emit)
        self.sidebar.hide()
        self.model = Picker(_("Model"))
        self.model.menu().aboutToShow.connect(self._fill_models)
        self.persona = Picker(_("Persona"))
        self.persona.menu().aboutToShow.connect(self._fill_personas)
        self.leaving = pill("", "warn")
        self.leaving.hide()
        self.meter = ContextMeter()
        self._more = icon_button("dots-three-vertical", _("More"))
        self._more.setPopupMode(self._more.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._more_menu())
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        for widget in (self.sidebar, self.model, self.leaving, self.persona):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.meter)
        row.addWidget(self._more)
        self.model_name = ""
        self.context_limit = 0
        self._persona_name = ""
        self._models: list[InstalledModel] = []
        self._elsewhere: list[InstalledModel] | None = None  # None: not asked yet
        self._asking = False
        self._limits: dict[str, int] = {}
        self._read_models()

    def _more_menu(self) -> QMenu:
        menu = QMenu(self)
        self._of_conversation = [
            menu.addAction(icon("copy"), _("Copy the whole conversation"), self.copy_all_requested.emit),
            menu.addAction(icon("export"), _("Export as Markdown…"), lambda: self.export_requested.emit("md")),
            menu.addAction(icon("export"), _("Export as JSON…"), lambda: self.export_requested.emit("json")),
        ]
        menu.addSeparator()
        menu.addAction(icon("download-simple"), _("Import conversations…"), self.import_requested.emit)
        menu.addSeparator()
        menu.addAction(icon("layout"), _("Show or hide conversations"), self.sidebar_requested.emit)
        return menu

    # --- what the page says -----------------------------------------------------------------------------

    def show_conversation(self, model: str, persona: str, exists: bool) -> None:
        """Which model and persona answer here; `exists`: whether there is anything to export."""
        self.model_name, self._persona_name = model, persona
        self._show_model()
        self._show_persona()
        for action in self._of_conversation:
            action.setEnabled(exists)

    def refresh(self) -> None:
        """Models or personas changed."""
        self._read_models()
        self._show_persona()

    # --- inside -----------------------------------------------------------------------------------------

    def _read_models(self) -> None:
        # Reads manifests from the disk, which may be slow or asleep.
        def read() -> list[tuple[InstalledModel, int]]:
            return [(model, limit_of(model, self._thau.settings.model)) for model in self._thau.models.installed()]

        run_in_background(self, read, self._take_models)

    def _take_models(self, models: list[tuple[InstalledModel, int]]) -> None:
        self._models = [model for model, _limit in models]
        self._limits = {model.name: limit for model, limit in models}
        self._show_model()
        self.models_read.emit()

    def _show_model(self) -> None:
        self.context_limit = self._limits.get(self.model_name, 0)
        found = next((model for model in self._models if model.name == self.model_name), None)
        words, version = split_version(shown_name(found) if found else self.model_name)
        self.model.set_choice(words or _("Choose a model"), version)
        there = of_name(self.model_name, self._thau.settings.model.servers)
        self.leaving.setVisible(there is not None and there.leaves)
        if there is not None and there.leaves:
            self.context_limit = self.context_limit or limit_of(there, self._thau.settings.model)
            self.leaving.setText(_("Leaves this computer"))
            self.leaving.setToolTip(leaving_words(there))
            self.leaving.setAccessibleDescription(leaving_words(there))

    def _show_persona(self) -> None:
        persona = self._thau.personas.get_or_default(self._persona_name)
        self.persona.set_choice(_("Persona: {name}").format(name=persona.title))

    @Slot()
    def _fill_models(self) -> None:
        self._show_choices()
        self._read_models()
        self._ask_servers()

    def _show_choices(self) -> None:
        menu = self.model.menu()
        menu.clear()
        group = QActionGroup(menu)
        for model in self._models:
            action = _choice(menu, group, shown_name(model), model.name, model.name == self.model_name)
            action.setToolTip(str(model.path))
        if not self._models:
            menu.addAction(_("There is no model on this computer yet")).setEnabled(False)
        if self._elsewhere:
            menu.addSeparator()
        for model in self._elsewhere or ():
            words = _("{name} (leaves this computer)").format(name=model.name) if model.leaves else model.name
            action = _choice(menu, group, words, model.name, model.name == self.model_name)
            action.setToolTip(leaving_words(model) if model.leaves else model.address)
        if self._elsewhere is None:
            menu.addAction(_("Asking Ollama and other servers…")).setEnabled(False)
        group.triggered.connect(lambda action: self.model_chosen.emit(action.data()))
        menu.addSeparator()
        menu.addAction(icon("download-simple"), _("Get more models…"), self.more_models_requested.emit)

    def _ask_servers(self) -> None:
        """Each time that the menu is opened, which shows what was last known meanwhile."""
        if not self._asking:
            self._asking = True
            run_in_background(self, self._thau.models.elsewhere, self._take_elsewhere)

    def _take_elsewhere(self, models: list[InstalledModel]) -> None:
        self._asking = False
        changed, self._elsewhere = models != self._elsewhere, models
        self._limits |= {model.name: limit_of(model, self._thau.settings.model) for model in models}
        if changed and self.model.menu().isVisible():
            self._show_choices()

    @Slot()
    def _fill_personas(self) -> None:
        menu = self.persona.menu()
        menu.clear()
        group = QActionGroup(menu)
        current = self._thau.personas.get_or_default(self._persona_name).name
        for persona in self._thau.personas.list():
            action = _choice(menu, group, persona.title, persona.name, persona.name == current)
            action.setToolTip(_about(persona))
        group.triggered.connect(lambda action: self.persona_chosen.emit(action.data()))
        menu.addSeparator()
        menu.addAction(icon("pencil-simple"), _("Edit personas…"), self.edit_personas_requested.emit)


def shown_name(model: InstalledModel) -> str:
    """What people call the model."""
    return model.manifest.name or model.name


def leaving_words(model: InstalledModel) -> str:
    """Plainly, where words go that are said to a model on another computer."""
    return _(
        "What you write, your files and the conversation so far are sent to {address} when this model answers."
        " THAU can't say what happens to them there."
    ).format(address=model.address)


def split_version(name: str) -> tuple[str, str]:
    """("THAU 1.5B", "v3") of "THAU 1.5B v3"; no version where the name has none."""
    found = _VERSION.match(name)
    return (found.group(1), found.group(2)) if found else (name, "")


def _about(persona: Persona) -> str:
    return persona.description or " ".join(persona.system_prompt.split())[:120]


def _choice(menu: QMenu, group: QActionGroup, words: str, value: str, checked: bool) -> QAction:
    action = menu.addAction(words.replace("&", "&&"))
    action.setCheckable(True)
    action.setChecked(checked)
    action.setData(value)
    group.addAction(action)
    return action
