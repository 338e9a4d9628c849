"""A `Backend` whose model runs in a process of its own; which engine is in it, is its host's matter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from thau_desktop.errors import ChildCrashed
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.messages import BackendEvent, Message, ModelReady
from thau_desktop.process import Child
from thau_desktop.translation import _

GRACE_SECONDS = 10.0  # a piece of a long prompt on a slow CPU may take seconds; then the child is killed


class ChildBackend:
    """Runs one model in one lasting child. Nothing starts before the first call.

    Attributes:
        name: the model's.
        ready: what was loaded last; None before.
    """

    def __init__(self, name: str, factory: Callable[[], Any], log: Path | None) -> None:
        self.name = name
        self.ready: ModelReady | None = None
        self._child = Child(factory, name=_("The language model"), log=log, grace=GRACE_SECONDS)

    @property
    def pid(self) -> int | None:
        """Of the process that has the model; None when there is none."""
        return self._child.pid

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Make the model resident; yields ModelLoading and ModelReady, nothing when it already is."""
        return self._events("load", cancel)

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer: TextDelta with raw text, GenerationDone at the end."""
        return self._events("stream", cancel, request)

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        """Count the tokens of `messages` as `stream` would render them."""
        for counts in self._child.call("count_tokens", tuple(messages), tuple(tools)):
            assert isinstance(counts, TokenCounts)
            return counts
        raise ChildCrashed(_("{name} is closed.").format(name=_("The language model")))

    def unload(self) -> None:
        """Free the model's memory; the process stays."""
        for _event in self._child.call("unload"):
            pass

    def close(self) -> None:
        """End the child. Safe to call twice."""
        self._child.close(grace=1.0)  # it holds nothing that could be lost, and may be deep in an import

    def _events(self, method: str, cancel: threading.Event, *args: Any) -> Iterator[BackendEvent]:
        for event in self._child.call(method, *args, cancel=cancel):
            if isinstance(event, ModelReady):
                self.ready = event
            yield event
