"""The settings of the model, with the keys of the servers that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thau_desktop.settings import Settings
from ui.settings.fields import Sources
from ui.settings.group_page import GroupPage
from ui.settings.servers_card import ServersCard

if TYPE_CHECKING:
    from thau_desktop.app import Thau


class ModelPage(GroupPage):
    """Attributes: `servers`, the card of keys."""

    def __init__(self, thau: Thau, sources: Sources) -> None:
        super().__init__("model", sources)
        self.servers = ServersCard(thau)
        self.add(self.servers)

    def show_settings(self, settings: Settings, only: str = "") -> None:
        super().show_settings(settings, only)
        self.servers.show_settings(settings)
