"""How the events of a download look: a bar on a terminal and the path at the end, or a line an event."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from thau_desktop.cli.output import console, print_json, printable
from thau_desktop.event_records import record_of
from thau_desktop.models.events import DownloadEvent, DownloadFinished, DownloadProgress, DownloadStarted
from thau_desktop.translation import _

if TYPE_CHECKING:
    from rich.progress import TaskID


class DownloadLines:
    """A line an event; the last is `{"type": "finished", "state": …, "model": …, "path": …}`."""

    def show(self, event: DownloadEvent) -> None:
        record = record_of(event)
        kind = {"download_started": "started", "download_progress": "progress", "download_finished": "finished"}
        print_json({**record, "type": kind[record["type"]]})


class DownloadWords:
    """The path of the model on stdout; the progress, on a terminal, on stderr."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn  # late: no other command draws a bar

        self._notes = console(sys.stderr)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}", style="dim"))
        self._progress = Progress(*columns, console=self._notes, disable=not sys.stderr.isatty())
        self._task: TaskID | None = None

    def show(self, event: DownloadEvent) -> None:
        match event:
            case DownloadStarted(model=model, bytes=total, done=done):
                self._progress.start()
                self._task = self._progress.add_task(printable(model), total=total, completed=done, note="")
                if done:
                    self._notes.print(_("It goes on after {done}.").format(done=size_of(done)), style="dim")
            case DownloadProgress() if self._task is not None:
                self._progress.update(self._task, completed=event.done, note=note_of(event))
            case DownloadFinished(state="complete", path=path):
                self._progress.stop()
                sys.stdout.write(f"{path}\n")
            case DownloadFinished():
                self._progress.stop()
                self._notes.print(_("Stopped. Say it again to go on."), style="dim")


def note_of(event: DownloadProgress) -> str:
    """How far, how fast, how long."""
    if event.stage == "waiting":
        return _("the connection broke: trying again")
    if event.stage == "checking":
        return _("checking what is here")
    if event.stage == "unpacking":
        return _("unpacking")
    parts = [f"{size_of(event.done)} / {size_of(event.total)}", f"{size_of(round(event.bytes_per_second))}/s"]
    if event.seconds_left is not None:
        minutes, seconds = divmod(round(event.seconds_left), 60)
        parts.append(_("{minutes}:{seconds:02d} left").format(minutes=minutes, seconds=seconds))
    return " · ".join(parts)


def size_of(count: int) -> str:
    """Bytes in a unit that fits."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
