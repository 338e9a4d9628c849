"""How far what runs is, on the entry of the taskbar or dock of Linux desktops that listen to Unity's signal: Plasma,
Ubuntu's dock, Dash to Dock. Elsewhere nobody is told.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from ui.worker import workers

ENTRY = "application://thau.desktop"
_INTERFACE, _PATH = "com.canonical.Unity.LauncherEntry", "/org/thau/desktop"
_AT_MOST = 250  # milliseconds between two signals


class Taskbar(QObject):
    """Follows the workers. Attributes: `shown`, the share that was told last, None for no progress."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shown: float | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AT_MOST)
        self._soon.timeout.connect(self._tell)
        if sys.platform.startswith("linux"):
            workers().changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _tell(self) -> None:
        known = workers().fraction
        share = None if known is None else round(known, 2)
        if share != self.shown:
            self.shown = share
            QDBusConnection.sessionBus().send(message(share))


def message(share: float | None) -> QDBusMessage:
    """The signal that tells a share."""
    told = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
    told.setArguments([ENTRY, {"progress": share or 0.0, "progress-visible": share is not None}])
    return told
