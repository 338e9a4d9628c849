"""The settings of the model, with the graphics card it may compute on and the keys of the servers that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from thau_desktop.settings import Settings
from ui.settings.fields import Sources
from ui.settings.group_page import GroupPage
from ui.settings.servers_card import ServersCard
from ui.settings.speed_card import SpeedCard

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_AFTER_THIS_MACHINE = 2


class ModelPage(GroupPage):
    """Attributes: `speed`, the card of the graphics card; `servers`, the card of keys."""

    def __init__(self, thau: Thau, sources: Sources, window: QWidget | None = None) -> None:
        super().__init__("model", sources)
        self.speed = SpeedCard(thau, window or self)
        self.servers = ServersCard(thau)
        self.put(self.speed, _AFTER_THIS_MACHINE)
        self.add(self.servers)

    def show_settings(self, settings: Settings, only: str = "") -> None:
        super().show_settings(settings, only)
        self.servers.show_settings(settings)
