"""How far a download is: a bar, the words beside it, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from thau_desktop.models.events import DownloadProgress
from thau_desktop.translation import _
from ui.models.downloads import Live
from ui.times import remaining
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label
from ui.words import size_of

_STEPS = 1000  # of the bar


class DownloadBar(QWidget):
    """One row, to which more buttons can be added. Attributes: `pause`, the button; `note`, the words."""

    def __init__(self, on_pause: Callable[[], object]) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress of the download"))
        self.note = label("", "small")
        self.pause = icon_button("pause", _("Pause"), on_pause, size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._bar, 1)
        self._row.addWidget(self.note)
        self._row.addWidget(self.pause)

    def add(self, button: QWidget) -> None:
        """One more button at the right."""
        self._row.addWidget(button)

    def show_live(self, live: Live) -> None:
        """One that runs."""
        self.pause.setEnabled(not live.pausing)
        self._bar.setRange(0, _STEPS if live.progress else 0)
        if live.progress is not None:
            self._bar.setValue(round(_STEPS * live.progress.fraction))
        self.note.setText(_("Stopping…") if live.pausing else progress_words(live.progress))

    def show_half(self, done: int, total: int) -> None:
        """One that was stopped: the bytes that are here, of all."""
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(round(_STEPS * done / max(1, total)))
        self.note.setText(_("{done} of {total} are here").format(done=size_of(done), total=size_of(total)))


def progress_words(progress: DownloadProgress | None) -> str:
    """How far, how fast, how long."""
    if progress is None:
        return _("Asking…")
    if progress.stage == "waiting":
        return _("The connection broke: trying again…")
    if progress.stage == "checking":
        return _("Checking what is here…")
    if progress.stage == "unpacking":
        return _("Unpacking…")
    words = [_("{done} of {total}").format(done=size_of(progress.done), total=size_of(progress.total))]
    if progress.bytes_per_second:
        words.append(_("{size}/s").format(size=size_of(round(progress.bytes_per_second))))
    if progress.seconds_left is not None:
        words.append(remaining(progress.seconds_left))
    return " · ".join(words)
