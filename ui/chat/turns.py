"""Which answer is being generated, and which messages wait for it: one generation at a time, for all conversations."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal, Slot

from thau_desktop.errors import ThauError
from thau_desktop.messages import (
    Finished,
    Part,
    Reasoning,
    ReasoningDelta,
    Text,
    TextDelta,
    ToolCallReady,
    ToolFinished,
    TurnEvent,
    TurnStarted,
)
from ui.chat.composer import Draft
from ui.chat.shown import Shown
from ui.worker import Worker, workers

Start = Callable[[threading.Event], Iterable[TurnEvent]]


@dataclass(slots=True)
class Turn:
    """A generation that waits or runs.

    Attributes: `draft`, what the person sent, None when nothing new was said (regenerate, edit); `message_id`, the
    answer, once it is in the store; `events`, all that arrived since, neighbouring text joined, so that a
    transcript which is opened later can show them; `replaces`, the message whose place it takes; `note`, what goes
    on before words arrive.
    """

    conversation_id: int
    start: Start
    draft: Draft | None = None
    message_id: int | None = None
    events: list[TurnEvent] = field(default_factory=list)
    replaces: int | None = None
    note: str = ""

    def take(self, event: TurnEvent) -> None:
        """Remember an event."""
        last = self.events[-1] if self.events else None
        if isinstance(event, TurnStarted):
            self.message_id = event.assistant_message_id
        elif isinstance(event, TextDelta) and isinstance(last, TextDelta):
            self.events[-1] = TextDelta(last.text + event.text)
        elif isinstance(event, ReasoningDelta) and isinstance(last, ReasoningDelta):
            self.events[-1] = ReasoningDelta(last.text + event.text)
        else:
            self.events.append(event)

    def outcome(self, stored: Shown) -> Shown:
        """The answer when the turn has ended: as it is stored, or where the store could not take its end, on a full
        disk for one, as it has arrived."""
        if stored.state != "streaming":
            return stored
        last = self.events[-1] if self.events else None
        if isinstance(last, Finished):
            return replace(stored, parts=self._parts(), state=last.state, error=last.error)
        return replace(stored, parts=self._parts(), state="interrupted")

    def _parts(self) -> tuple[Part, ...]:
        """What has arrived, as the store would have it."""
        found: list[Part] = []
        for event in self.events:
            match event:
                case TextDelta(text):
                    found.append(Text(text))
                case ReasoningDelta(text):
                    found.append(Reasoning(text))
                case ToolCallReady(call):
                    found.append(call)
                case ToolFinished(result):
                    found.append(result)
        return tuple(found)


class Turns(QObject):
    """Runs turns one after another.

    Attributes: `current`, the turn that runs, or None; `waiting`, those that follow, in order.
    """

    changed = Signal()  # another one runs or waits
    happened = Signal(object, object)  # Turn, TurnEvent
    failed = Signal(object, object)  # Turn, ThauError
    crashed = Signal(object, str)  # Turn, traceback
    ended = Signal(object)  # Turn; always the last, also after failed and crashed

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.current: Turn | None = None
        self.waiting: list[Turn] = []
        self._title = title
        self._worker: Worker | None = None

    def begin(self, turn: Turn) -> bool:
        """Run a turn now, or when those before it have ended; returns whether it runs already."""
        self.waiting.append(turn)
        self._next()
        self.changed.emit()
        return self.current is turn

    @Slot()
    def stop(self) -> None:
        """Ask the turn that runs to end; what it has written so far is kept."""
        if self._worker is not None:
            self._worker.stop()

    def withdraw(self, conversation_id: int) -> list[Draft]:
        """Take back what waits in a conversation; returns what had been written."""
        gone = [turn for turn in self.waiting if turn.conversation_id == conversation_id]
        self.waiting = [turn for turn in self.waiting if turn not in gone]
        self.changed.emit()
        return [turn.draft for turn in gone if turn.draft is not None]

    def waiting_in(self, conversation_id: int | None) -> list[Turn]:
        """What waits in that conversation."""
        return [turn for turn in self.waiting if turn.conversation_id == conversation_id]

    def live_in(self, conversation_id: int | None) -> Turn | None:
        """The turn that runs in that conversation."""
        current = self.current
        return current if current is not None and current.conversation_id == conversation_id else None

    # --- inside -----------------------------------------------------------------------------------------

    def _next(self) -> None:
        if self.current is not None or not self.waiting or workers().closing:
            return
        self.current = self.waiting.pop(0)
        self._worker = Worker(self.current.start, self, self._title)
        self._worker.event.connect(self._on_event)
        self._worker.failed.connect(self._on_failed)
        self._worker.crashed.connect(self._on_crashed)
        self._worker.done.connect(self._on_done)

    @Slot(object)
    def _on_event(self, event: TurnEvent) -> None:
        if self.current is not None:
            self.current.take(event)
            self.happened.emit(self.current, event)

    @Slot(object)
    def _on_failed(self, error: ThauError) -> None:
        self.failed.emit(self.current, error)
        self._on_done()

    @Slot(str)
    def _on_crashed(self, trace: str) -> None:
        self.crashed.emit(self.current, trace)
        self._on_done()

    @Slot()
    def _on_done(self) -> None:
        turn, self.current, self._worker = self.current, None, None
        self.ended.emit(turn)
        self._next()
        self.changed.emit()
