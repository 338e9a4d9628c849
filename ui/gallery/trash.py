"""What the trash looks like: how long a picture stays, a line that says so, and what removes it for good."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QWidget

from thau_desktop.images.trash import DAYS
from thau_desktop.store.pictures import Picture
from thau_desktop.translation import _, ngettext_
from ui.gallery.progress import Progress, in_pieces
from ui.widgets.buttons import button
from ui.widgets.labels import IconLabel, label

if TYPE_CHECKING:
    from thau_desktop.images.gallery import Gallery

_BESIDE = 760  # pixels that words and buttons need beside each other


def days_left(picture: Picture, now: datetime | None = None) -> str:
    """How long a deleted picture still is in the trash, in words; "" for one that is not there."""
    if picture.deleted_at is None:
        return ""
    try:
        deleted = datetime.fromisoformat(picture.deleted_at)
    except ValueError:
        return ""
    left = deleted + timedelta(days=DAYS) - (now or datetime.now(UTC))
    days = max(0, -(-left // timedelta(days=1)))
    return ngettext_("{n} day", "{n} days", days).format(n=days)


class TrashStrip(QFrame):
    """A line over the grid while it shows the trash. Signals: `left`, `restore_all`, `empty`."""

    left = Signal()
    restore_all = Signal()
    empty = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("banner", "info")
        words = ngettext_(
            "Deleted pictures stay here for {n} day, then they are removed for good.",
            "Deleted pictures stay here for {n} days, then they are removed for good.",
            DAYS,
        )
        said = QHBoxLayout()
        said.setSpacing(8)
        said.addWidget(IconLabel("trash", "accent", 18))
        said.addWidget(label(words.format(n=DAYS), "", wrap=True), 1)
        self._all = button(_("Restore all"), self.restore_all.emit)
        self._empty = button(_("Empty the trash…"), self.empty.emit, kind="danger")
        doing = QHBoxLayout()
        doing.setSpacing(8)
        doing.addWidget(self._all)
        doing.addWidget(self._empty)
        doing.addWidget(button(_("Back to the pictures"), self.left.emit, kind="link"))
        doing.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(16, 8, 16, 8)
        self._row.setSpacing(8)
        self._row.addLayout(said, 1)
        self._row.addLayout(doing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= _BESIDE
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def set_any(self, any_there: bool) -> None:
        """Whether there is something in the trash."""
        self._all.setEnabled(any_there)
        self._empty.setEnabled(any_there)


def removing(gallery: Gallery, ids: Sequence[int], cancel: threading.Event) -> Iterator[Progress]:
    """Remove deleted pictures for good, files and rows. Raises `StoreError`."""
    return in_pieces(gallery.erase, ids, cancel)
