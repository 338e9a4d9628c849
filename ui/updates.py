"""Tells of a newer version of THAU, where its user gave an address that is asked once a day."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from thau_desktop.errors import ThauError
from thau_desktop.translation import _
from thau_desktop.updates import Release, newer
from ui.widgets.banner import Banner
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_logger = logging.getLogger(__name__)
_SOON = 30_000  # milliseconds: nobody waits for it
_DAILY = 24 * 60 * 60 * 1000
_TOLD = "told_of_version"


class Updates(QObject):
    """Belongs to the session. What it was told of and was put away is not told again."""

    def __init__(self, thau: Thau, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._thau = thau
        self._window = window
        self._timer = QTimer(self)
        self._timer.setInterval(_SOON)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Ask soon, and then once a day."""
        self._timer.start()

    @Slot()
    def ask(self) -> None:
        """Ask the address of the settings; without one nobody is asked."""
        self._timer.setInterval(_DAILY)
        address = self._thau.settings.general.updates
        if address:
            run_in_background(self, lambda: newer(address), self._tell, self._on_no_answer)

    def _tell(self, release: Release | None) -> None:
        if release is None or self._window.state.value(_TOLD) == release.version:
            return
        self._window.state.setValue(_TOLD, release.version)
        banner = Banner(
            _("THAU {version} is there.").format(version=release.version),
            _("It is not installed by itself."),
            kind="info",
            action=_("Read more") if release.page else "",
            on_action=lambda: QDesktopServices.openUrl(QUrl(release.page)),
        )
        self._window.add_banner(banner)

    def _on_no_answer(self, error: ThauError) -> None:
        """A network that is away is no news; the log has it."""
        _logger.warning("%s", error)
