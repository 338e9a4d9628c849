"""What every child of a language model serves, whichever engine runs in it: load, stream, unload, in line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.resident import Resident
from thau_desktop.messages import BackendEvent, GenerationDone, ModelReady


class Answers(Protocol):
    """A model in memory. One generation at a time: the caller sees to that."""

    @property
    def ready(self) -> ModelReady: ...

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]: ...


Model = TypeVar("Model", bound=Answers)


class Serving(Generic[Model]):
    """One resident model, unloaded when nobody has used it for a while. Generations wait in line."""

    def __init__(
        self, name: str, read: Callable[[], Model], idle_seconds: float, estimate: Callable[[], tuple[int, int]]
    ) -> None:
        self.resident = Resident(name, read, idle_seconds, estimate)

    def load(self, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield ModelLoading and ModelReady; nothing when the model is resident."""
        with self.resident.line(cancel) as mine:
            if mine:
                yield from self.resident.load()

    def stream(self, request: GenerationRequest, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer, after loading the model where that is needed."""
        started = time.perf_counter()
        with self.resident.line(cancel) as mine:
            if not mine:
                waited = time.perf_counter() - started
                yield GenerationDone("cancelled", 0, waited, waited)
                return
            yield from self.resident.load()
            assert self.resident.model is not None
            yield from self.resident.model.stream(request, cancel)

    def unload(self, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Take the model out of memory; the next call reads it again."""
        with self.resident.line(cancel) as mine:
            if mine:
                self.resident.unload()
        yield from ()

    def close(self) -> None:
        """End the watch; the process ends after it."""
        self.resident.close()
