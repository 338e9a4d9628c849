"""An answer that grows: its parts in order, and its row in the store, which is never half a second behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from thau_desktop.errors import ThauError
from thau_desktop.messages import Part, Reasoning, Text, ToolCall, ToolResult

SAVE_SECONDS = 0.4  # a kill -9 loses at most this and the time of one commit


class Answer:
    """The parts of an assistant's message while it is being made. Text of one kind grows in one part.

    Attributes:
        rounds: the visible words of each round of generation.
    """

    def __init__(self, parts: tuple[Part, ...] = ()) -> None:
        self._parts: list[Part] = list(parts)
        self._pieces: list[str] = []  # of the last part, when it is still growing
        self._thinking_since = 0.0
        self.rounds: list[str] = ["".join(part.text for part in parts if isinstance(part, Text))]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything so far."""
        self._settle()
        return tuple(self._parts)

    @property
    def text(self) -> str:
        """The visible words of all rounds, each its own paragraph."""
        return "\n\n".join(words for words in (text.strip() for text in self.rounds) if words)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self._parts if isinstance(part, ToolCall))

    @property
    def images(self) -> tuple[str, ...]:
        """The ids of the pictures that tools made."""
        results = [part for part in self._parts if isinstance(part, ToolResult)]
        return tuple(image for result in results for image in result.images)

    def say(self, words: str) -> None:
        self.rounds[-1] += words
        if not self._parts or not isinstance(self._parts[-1], Text):
            self._settle()
            self._parts.append(Text(""))
        self._pieces.append(words)

    def think(self, words: str) -> None:
        if not self._parts or not isinstance(self._parts[-1], Reasoning):
            self._settle()
            self._parts.append(Reasoning(""))
            self._thinking_since = time.monotonic()
        self._pieces.append(words)

    def add(self, part: ToolCall | ToolResult) -> None:
        self._settle()
        self._parts.append(part)

    def next_round(self) -> None:
        """What comes now answers the results of tools."""
        self.rounds.append("")

    def _settle(self) -> None:
        """Join what grew into its part."""
        if not self._pieces:
            return
        grown, self._pieces = "".join(self._pieces), []
        last = self._parts[-1]
        if isinstance(last, Text):
            self._parts[-1] = Text(last.text + grown)
        elif isinstance(last, Reasoning):
            seconds = time.monotonic() - self._thinking_since
            self._parts[-1] = replace(last, text=last.text + grown, seconds=seconds)


class Autosave:
    """Calls `save` in a thread of its own, soon after each `touch` and at most every `seconds`.

    Its thread is not the one that streams, so that a model that pauses leaves nothing unsaved and a slow disk does
    not slow the words. An error of `save` is raised by the next `touch`, or by `close`.
    """

    def __init__(self, save: Callable[[], None], seconds: float = SAVE_SECONDS) -> None:
        self._save = save
        self._seconds = seconds
        self._dirty = threading.Event()
        self._closed = threading.Event()
        self._problem: ThauError | None = None
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
        self._thread.start()

    def touch(self) -> None:
        """Something is new."""
        if self._problem is not None:
            raise self._problem
        self._dirty.set()

    def close(self) -> None:
        """Stop saving; the caller saves the last state itself. Safe to call twice."""
        self._closed.set()
        self._dirty.set()
        self._thread.join()

    def _run(self) -> None:
        while self._dirty.wait() and not self._closed.is_set():
            self._dirty.clear()
            try:
                self._save()
            except ThauError as problem:
                self._problem = problem
                return
            self._closed.wait(self._seconds)
