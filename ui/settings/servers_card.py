"""The keys of the servers that the settings name. A key is never shown again: it lies in the system's keyring."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from thau_desktop.inference.addresses import is_here
from thau_desktop.inference.servers import named
from thau_desktop.keys import SERVER
from thau_desktop.settings import Settings
from thau_desktop.translation import _
from ui.settings.group_page import Part, action_row
from ui.widgets.buttons import button
from ui.widgets.layouts import clear
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_WIDTH = 160


class ServersCard(Part):
    """A row for each server: its address, whether words leave this computer, and where to give it a key.

    Attributes: `fields`, by the server's name.
    """

    def __init__(self, thau: Thau) -> None:
        super().__init__(_("Keys of servers"), _("key token password server remote openai vllm"))
        self._thau = thau
        self.fields: dict[str, QLineEdit] = {}
        self._servers: dict[str, str] | None = None

    def show_settings(self, settings: Settings) -> None:
        """Bring the rows in line with the servers of the settings."""
        servers = named(settings.model.servers)
        if servers == self._servers:
            return
        self._servers = servers
        clear(self.inside)
        self.fields = {}
        for name, url in servers.items():
            field = QLineEdit()
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setPlaceholderText(_("Key"))
            field.setAccessibleName(_("Key of {name}").format(name=name))
            field.setFixedWidth(_WIDTH)
            self.fields[name] = field
            keep = button(_("Keep"), partial(self.keep, name))
            self.inside.addWidget(action_row(name, _about(url), field, keep))
        self.setVisible(bool(servers))

    def search(self, words: list[str]) -> int:
        found = super().search(words) if self.fields else 0
        self.setVisible(found > 0)
        return found

    def keep(self, name: str) -> None:
        """Give the key to the keyring; an empty one takes it away."""
        field, keys = self.fields[name], self._thau.keys
        key = field.text().strip()

        def store() -> None:
            if key:
                keys.set(f"{SERVER}{name}", key)
            else:
                keys.delete(f"{SERVER}{name}")

        def done(_nothing: None) -> None:
            field.clear()
            field.setPlaceholderText(_("The key is kept") if key else _("No key is kept"))

        run_in_background(self, store, done)


def _about(url: str) -> str:
    if is_here(url):
        return _("{address}, on this computer. Its key, if it has one, is kept in the system's keyring.").format(
            address=url
        )
    return _(
        "{address}: what you say to its models leaves this computer. Its key is kept in the system's keyring."
    ).format(address=url)
