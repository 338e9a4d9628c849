"""How the events of a drawing look: progress on a terminal and the paths of the pictures, or a line an event."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from thau_desktop.cli.output import console, print_json, printable
from thau_desktop.event_records import record_of
from thau_desktop.images.gallery import Gallery
from thau_desktop.messages import (
    DrawingEvent,
    DrawingFinished,
    DrawingNote,
    DrawingStep,
    ImageReady,
    ModelLoading,
)
from thau_desktop.translation import _


class DrawingOutput(Protocol):
    """Shows one event of a drawing at once."""

    def show(self, event: DrawingEvent) -> None: ...


class DrawingLines:
    """A line an event, previews left out; the last is `{"type": "finished", "state": …, "images": […]}`."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def show(self, event: DrawingEvent) -> None:
        print_json(self._record(event))

    def _record(self, event: DrawingEvent) -> dict[str, Any]:
        if isinstance(event, DrawingFinished):
            images = [self._gallery.facts(str(picture_id)) for picture_id in event.ids]
            return {"type": "finished", "state": event.state, "images": images, "notes": list(event.notes)}
        record = record_of(event)
        if isinstance(event, ImageReady):
            record |= self._gallery.facts(str(event.id))
        record.pop("preview", None)
        return record


class DrawingWords:
    """The paths of the pictures on stdout; notes, and on a terminal the progress, on stderr."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._notes = console(sys.stderr)
        self._passing = False

    def show(self, event: DrawingEvent) -> None:
        self._wipe()
        match event:
            case ModelLoading(model):
                self._pass(_("Loading {model}…").format(model=model))
            case DrawingNote(text):
                self._notes.print(printable(" ".join(text.split())), style="dim")
            case DrawingStep(step=step, steps=steps, seconds=seconds):
                line = _("Step {step} of {steps}").format(step=step, steps=steps)
                self._pass(f"{line} · {seconds:.1f} s")
            case ImageReady(picture_id, _number):
                sys.stdout.write(printable(self._gallery.facts(str(picture_id))["path"]) + "\n")
                sys.stdout.flush()
            case DrawingFinished(state="stopped"):
                self._notes.print(_("stopped"), style="dim")

    def _pass(self, text: str) -> None:
        """A note that the next event wipes away."""
        if sys.stderr.isatty() and not self._notes.is_dumb_terminal:
            self._notes.print(
                printable(text), style="dim", end="\r", soft_wrap=False, overflow="ellipsis", no_wrap=True
            )
            self._passing = True

    def _wipe(self) -> None:
        if self._passing:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
        self._passing = False
