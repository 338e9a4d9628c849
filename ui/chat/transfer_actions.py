"""Conversations to files and back: asks where, works in the background, says in a toast how it went."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from thau_desktop.chat import markdown_export, transfer
from thau_desktop.errors import ThauError
from thau_desktop.paths import atomic_write
from thau_desktop.store.conversations import Conversations
from thau_desktop.translation import _, ngettext_
from ui.worker import Worker, run_in_background

if TYPE_CHECKING:
    from ui.main_window import MainWindow


class Transfers:
    """What the menus of the list and the header do with files."""

    def __init__(self, conversations: Conversations, window: MainWindow, parent: QWidget) -> None:
        self._conversations = conversations
        self._window = window
        self._parent = parent

    def choose_export(self, conversation_id: int, form: str) -> None:
        """Ask for a file name, then `export`."""
        conversation = self._conversations.get(conversation_id)
        name = Path(markdown_export.file_name(conversation)).with_suffix(f".{form}").name
        kinds = {"md": _("Markdown (*.md)"), "json": _("THAU conversations (*.json)")}
        start = str(Path.home() / name)
        path, _filter = QFileDialog.getSaveFileName(self._parent, _("Export this conversation"), start, kinds[form])
        if path:
            self.export(conversation_id, form, Path(path))

    def export(self, conversation_id: int, form: str, path: Path) -> None:
        """Write one conversation as "md" or "json"."""

        def write() -> None:
            text = self.markdown(conversation_id) if form == "md" else self._json(conversation_id)
            try:
                atomic_write(path, text.encode("utf-8", "replace"))
            except OSError as error:
                sentence = _("{path} can't be written: {reason}.")
                raise ThauError(
                    sentence.format(path=path, reason=error.strerror or error), _("Choose another place for it.")
                ) from error

        def written(_none: None) -> None:
            folder = QUrl.fromLocalFile(str(path.parent))
            words = _("Exported to {name}").format(name=path.name)
            self._window.toast(words, _("Open the folder"), lambda: QDesktopServices.openUrl(folder))

        run_in_background(self._parent, write, written, self._window.show_error)

    def markdown(self, conversation_id: int) -> str:
        """The whole conversation as Markdown."""
        store = self._conversations
        return markdown_export.to_markdown(store.get(conversation_id), store.path(conversation_id))

    def _json(self, conversation_id: int) -> str:
        file = io.StringIO()
        transfer.export_json(self._conversations, [conversation_id], file)
        return file.getvalue()

    def choose_import(self, when_done: Callable[[int | None], object]) -> None:
        """Ask for a file, then `import_file`."""
        kinds = _("Conversations (*.json *.zip)")
        path, _filter = QFileDialog.getOpenFileName(self._parent, _("Import conversations"), str(Path.home()), kinds)
        if path:
            self.import_file(Path(path), when_done)

    def import_file(self, path: Path, when_done: Callable[[int | None], object]) -> None:
        """Take in a file of THAU or ChatGPT; `when_done` gets the first conversation that came in, or None."""
        first: list[int] = []
        reasons: list[str] = []

        def events(cancel: threading.Event) -> object:
            return transfer.import_file(self._conversations, path, cancel)

        def take(event: transfer.ImportEvent) -> None:
            if isinstance(event, transfer.ConversationImported) and not first:
                first.append(event.conversation_id)
            elif isinstance(event, transfer.ConversationSkipped) and not event.duplicate:
                reasons.append(event.reason)
            elif isinstance(event, transfer.ImportFinished):
                self._window.toast(_summary(event, reasons))
                when_done(first[0] if first else None)

        worker = Worker(events, self._parent, _("Importing conversations"))  # type: ignore[arg-type]
        worker.event.connect(take)
        worker.failed.connect(self._window.show_error)


def _summary(event: transfer.ImportFinished, reasons: list[str]) -> str:
    words = ngettext_("{n} conversation imported", "{n} conversations imported", event.imported)
    parts = [words.format(n=event.imported)]
    if event.duplicates:
        here = ngettext_("{n} was here already", "{n} were here already", event.duplicates)
        parts.append(here.format(n=event.duplicates))
    if event.skipped:
        left = ngettext_("{n} left out ({reason})", "{n} left out ({reason})", event.skipped)
        parts.append(left.format(n=event.skipped, reason=reasons[0] if reasons else "?"))
    return " · ".join(parts)
