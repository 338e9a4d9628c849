"""The first view of the models page: what is on this disk, and what can be had."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QWidget

from thau_desktop import hardware
from thau_desktop.errors import ModelGated, ThauError
from thau_desktop.hardware import Hardware
from thau_desktop.inference.ollama_probe import OllamaServer, probe
from thau_desktop.models.catalog import InstalledModel
from thau_desktop.models.elsewhere import Found
from thau_desktop.models.events import DownloadEvent, DownloadFinished
from thau_desktop.models.library import Paused
from thau_desktop.models.memory import Room, room
from thau_desktop.models.offers import Offer, offers
from thau_desktop.settings import Own
from thau_desktop.translation import _, ngettext_
from ui.models.add_dialog import AddDialog
from ui.models.downloads import Downloads
from ui.models.facts import ModelFacts, facts_of
from ui.models.get_row import GetRow
from ui.models.installed_row import InstalledRow
from ui.models.rows_card import RowsCard
from ui.models.run_dialog import RunDialog, own_words
from ui.models.token_dialog import TokenDialog
from ui.widgets.ask import Ask
from ui.widgets.buttons import button
from ui.words import size_of
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_SIDE = 400


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look at the disk found."""

    models: tuple[ModelFacts, ...]
    paused: tuple[Paused, ...]
    machine: Hardware
    used: frozenset[str]
    """What answers now: its name, and for a version the model it was trained on."""


class Shelf(QWidget):
    """Attributes: `installed` and `catalog`, the cards; `rows` and `offers`, what is in them. `looked` tells what this
    machine has, after each look at the disk."""

    looked = Signal(object)  # Hardware

    def __init__(self, thau: Thau, window: MainWindow) -> None:
        super().__init__()
        self._thau = thau
        self._window = window
        self._seen: _Seen | None = None
        self._elsewhere: list[ModelFacts] = []
        self._shown: tuple[Room, list[str]] | None = None
        self.rows: list[InstalledRow] = []
        self.offers: list[GetRow] = []
        self.downloads = Downloads.of(thau, window)
        self.downloads.changed.connect(self.look_again)
        self.downloads.progressed.connect(self._on_progress)
        self.downloads.finished.connect(self._on_finished)
        self.downloads.failed.connect(self._on_failed)
        self.installed = RowsCard(_("On this disk"))
        self.installed.setFixedWidth(_SIDE)
        folder = button(_("Open the models folder"), self.open_folder, icon_name="folder-open")
        self.installed.foot.addWidget(folder)
        self.installed.foot.addStretch()
        self.catalog = RowsCard(_("To download"))
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(16)
        across.addWidget(self.installed)
        across.addWidget(self.catalog, 1)

    @Slot()
    def look_again(self) -> None:
        """Read the disk: a folder may have been put there."""
        thau = self._thau

        def look() -> _Seen:
            models = tuple(facts_of(model) for model in thau.models.installed())
            name = thau.settings.model.name
            version = thau.versions.find(name)
            used = frozenset({name, version.base} if version else {name})
            return _Seen(models, tuple(thau.library.paused()), hardware.facts(thau.paths.home), used)

        run_in_background(self, look, self._show)

    def ask_servers(self) -> None:
        """Ask Ollama and other servers what they have; it takes them up to some seconds."""
        models = self._thau.models
        run_in_background(self, lambda: (models.elsewhere(), probe()), self._on_elsewhere)

    def open_folder(self) -> None:
        """Show the folder of the user's models."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._thau.paths.models)))

    def add(self) -> None:
        """Ask for a model that the catalog does not have: an id, a folder, a file, another program's."""
        dialog = AddDialog(self)
        if not dialog.exec() or dialog.chosen is None:
            return
        if isinstance(dialog.chosen, str):
            self.start(dialog.chosen)
        else:
            self.take_in(dialog.chosen)

    def start(self, name: str) -> None:
        """Fetch a model."""
        try:
            wanted = self._thau.library.wanted(name)
        except ThauError as error:
            self._window.show_error(error)
            return
        self.downloads.start(wanted.name)

    def take_in(self, chosen: Path | Found) -> None:
        """Copy a model from elsewhere on this disk."""
        library = self._thau.library
        found = chosen if isinstance(chosen, Found) else None
        path = chosen.path if isinstance(chosen, Found) else chosen
        name = found.name if found else path.name

        def events(cancel: threading.Event) -> Iterator[DownloadEvent]:
            return library.take_in(path, cancel, found)

        self.downloads.run(name, events, _("Taking in {model}").format(model=name))

    def use(self, name: str) -> None:
        """Let a model answer from now on."""
        before = self._thau.settings.model.name
        try:
            self._thau.lineage.use(name)
        except ThauError as error:
            self._window.show_error(error)
            return
        self.look_again()
        told = _("{model} answers from now on").format(model=name)
        self._window.toast(told, _("Undo"), lambda: self._back_to(before))

    def _back_to(self, name: str) -> None:
        self._thau.lineage.use(name)
        self.look_again()

    def tune(self, name: str) -> None:
        """Ask how a model is to run, and let it."""
        (facts,) = [row.facts for row in self.rows if row.facts.name == name]
        before = self._thau.settings.model.own.get(name, Own())
        dialog = RunDialog(self._thau, facts, self)
        if dialog.exec() and dialog.own != before:
            self._run_otherwise(name, dialog.own)
            told = _("{model} runs so from the next answer on").format(model=facts.title)
            self._window.toast(told, _("Undo"), lambda: self._run_otherwise(name, before))

    def _run_otherwise(self, name: str, own: Own) -> None:
        try:
            self._thau.run_otherwise(name, own)
        except ThauError as error:
            self._window.show_error(error)
        if self._seen is not None:
            self._show_installed(self._seen)

    def remove(self, name: str) -> None:
        """Ask, then delete a model from the disk."""
        (facts,) = [row.facts for row in self.rows if row.facts.name == name]
        ask = Ask(
            self,
            _("Remove a model"),
            _("Remove {model} from this disk?").format(model=name),
            _("{size} become free. You can download it again; what was trained on it is kept.").format(
                size=size_of(facts.bytes)
            ),
            choices=((_("Cancel"), ""), (_("Remove"), "danger")),
            icon="trash",
            tint="bad",
        )
        if ask.exec() and ask.choice == 1:
            run_in_background(self, lambda: self._thau.library.remove(name), self._on_removed, self._window.show_error)

    def give_token(self, repo: str = "") -> None:
        """Ask for a token of Hugging Face, then go on with the model that needs it."""
        dialog = TokenDialog(self._thau.keys, repo, self)
        if dialog.exec() and repo:
            self.start(repo)

    def _on_removed(self, _nothing: None) -> None:
        self.look_again()

    def _on_elsewhere(self, found: tuple[list[InstalledModel], OllamaServer | None]) -> None:
        models, ollama = found
        if ollama is not None and not ollama.safe:
            self._window.show_problems([" ".join(ollama.hole())])
        self._elsewhere = [facts_of(model) for model in models]
        if self._seen is not None:
            self._show_installed(self._seen)

    def _show(self, seen: _Seen) -> None:
        self.looked.emit(seen.machine)
        before, self._seen = self._seen, seen
        if before is None or (before.models, before.used) != (seen.models, seen.used):
            self._show_installed(seen)
        shown = (room(seen.machine), self._strangers())
        if shown != self._shown:
            self._shown = shown
            self._build_offers(*shown)
        for row in self.offers:
            self._show_state(row)

    def _show_installed(self, seen: _Seen) -> None:
        own = self._thau.settings.model.own
        self.rows = [
            InstalledRow(facts, in_use=facts.name in seen.used, own=own_words(own.get(facts.name, Own())))
            for facts in (*seen.models, *self._elsewhere)
        ]
        for row in self.rows:
            row.used.connect(self.use)
            row.tuned.connect(self.tune)
            row.removed.connect(self.remove)
        self.installed.show_rows(list(self.rows))
        size = sum(facts.bytes for facts in seen.models)
        count = ngettext_("{n} model", "{n} models", len(self.rows)).format(n=len(self.rows))
        self.installed.note.setText(f"{count} · {size_of(size)}")

    def _strangers(self) -> list[str]:
        """Downloads of models that are not in the catalog."""
        half = [each.name for each in self._seen.paused] if self._seen else []
        return sorted({*half, *self.downloads.live} - _known())

    def _build_offers(self, here: Room, strangers: list[str]) -> None:
        rows = [GetRow(name.rpartition("/")[2], (name,)) for name in strangers]
        rows += [GetRow(offer.name, _names(offer), offer, here) for offer in offers()]
        for row in rows:
            row.wanted.connect(self.start)
            row.paused.connect(self.downloads.pause)
            row.thrown_away.connect(self._throw_away)
        self.offers = rows
        self.catalog.show_rows(list(rows))

    def _show_state(self, row: GetRow) -> None:
        assert self._seen is not None
        live = next((self.downloads.live[name] for name in row.names if name in self.downloads.live), None)
        half = next((each for each in self._seen.paused if each.name in row.names), None)
        sources = {facts.source for facts in self._seen.models}
        row.show_state(live, half, here=row.names[0] in sources or row.title in {f.name for f in self._seen.models})

    @Slot(str)
    def _on_progress(self, name: str) -> None:
        for row in self.offers:
            if name in row.names and self._seen is not None:
                self._show_state(row)

    @Slot(object)
    def _on_finished(self, finished: DownloadFinished) -> None:
        told = _("{model} is here").format(model=finished.model)
        self._window.toast(told, _("Use"), lambda: self.use(finished.model))

    @Slot(str, object)
    def _on_failed(self, name: str, error: ThauError) -> None:
        if isinstance(error, ModelGated) and self.isVisible():
            self.give_token(name)
            return
        self._window.show_error(error)

    def _throw_away(self, name: str) -> None:
        assert self._seen is not None
        key = next(each.key for each in self._seen.paused if each.name == name)
        run_in_background(self, lambda: self._thau.library.discard(key), self._on_removed)


def _names(offer: Offer) -> tuple[str, ...]:
    gguf = offer.gguf
    return (offer.repo, f"{gguf.repo}:{gguf.quantisation}") if gguf else (offer.repo,)


def _known() -> set[str]:
    return {name for offer in offers() for name in _names(offer)}
