"""Starts a training in the window when the schedule says so, and tells in the morning what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from thau_desktop.training.night import Finished
from thau_desktop.training.schedule import Schedule
from thau_desktop.translation import _, ngettext_
from ui.times import day_of_the_week
from ui.training.publishing import Publishing
from ui.training.trainings import Trainings
from ui.worker import run_in_background

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.main_window import MainWindow

_SOON = 15_000  # milliseconds: the scheduler's import would delay the first answer


class Nights(QObject):
    """Belongs to the session; `told` says in a sentence or two what a scheduled training gave.

    Attributes: `schedule`.
    """

    told = Signal(str)
    _due = Signal()

    def __init__(self, thau: Thau, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._trainings = Trainings.of(thau, window)
        self._publishing = Publishing.of(thau, window)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._watch)
        self._trainings.finished.connect(self._on_finished)
        self._due.connect(self._begin, Qt.ConnectionType.QueuedConnection)
        self.schedule = Schedule(lambda: thau.settings.training, thau.last_training, self._due.emit)

    def start(self) -> None:
        """Begin to watch the clock, once the model had time to be read."""
        self._soon.start()

    def stop(self) -> None:
        """End the schedule's thread."""
        self._soon.stop()
        self.schedule.stop()

    @Slot()
    def _watch(self) -> None:
        run_in_background(self, self.schedule.start, _nothing)
        self._publishing.start()
        self._publishing.keep_up()

    @Slot()
    def _begin(self) -> None:
        self._trainings.start(scheduled=True)

    @Slot(object)
    def _on_finished(self, finished: Finished) -> None:
        self._publishing.keep_up()
        live = self._trainings.live
        if live is not None and live.scheduled and (words := in_words(finished)):
            self.told.emit(words)


def _nothing(_result: object) -> None:
    pass


def in_words(finished: Finished) -> str:
    """What came of a night, as it is told in the morning; "" where there is nothing to tell."""
    if finished.outcome == "promoted":
        many = finished.learned
        learned = ngettext_("Last night {version} learned {n} thing.", "Last night {version} learned {n} things.", many)
        told = learned.format(version=finished.version, n=many)
        return " ".join((told, *finished.left_out))
    if finished.outcome == "rejected":
        sentence = _("Last night's training changed nothing: {version} stays in use.")
        return " ".join((sentence.format(version=finished.version), finished.reasons[0] if finished.reasons else ""))
    if finished.outcome == "failed":
        return " ".join((_("Last night's training failed."), *finished.reasons))
    return ""


def due_in_words(due: datetime | None, now: datetime) -> str:
    """ "tonight at 03:00", "today at 22:30", "on Monday 30 November at 03:00"; "" for none."""
    if due is None:
        return ""
    time, days = f"{due:%H:%M}", (due.date() - now.date()).days
    if due <= now:
        return _("now")
    if (days == 1 and due.hour < 7) or (days == 0 and due.hour >= 21):
        return _("tonight at {time}").format(time=time)
    if days == 0:
        return _("today at {time}").format(time=time)
    if days == 1:
        return _("tomorrow at {time}").format(time=time)
    return _("on {day} at {time}").format(day=day_of_the_week(due), time=time)
