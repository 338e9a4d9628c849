"""One model in a child's memory: made when it is needed, one call at a time, and taken out when nobody uses it."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from thau_desktop.messages import ModelLoading, ModelReady

WAIT_SECONDS = 0.05  # how often a call that waits for another looks at its cancel event

_logger = logging.getLogger(__name__)


class Loaded(Protocol):
    """What a resident model must be able to say of itself."""

    @property
    def ready(self) -> ModelReady: ...


Model = TypeVar("Model", bound=Loaded)


class Resident(Generic[Model]):
    """Holds the model that `make()` makes.

    Attributes:
        name: what people call it.
        model: the model, None while it is not in memory; to be used only within `line`.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Model],
        idle_seconds: float = 0.0,
        estimate: Callable[[], tuple[int, int]] = lambda: (0, 0),
    ) -> None:
        """After `idle_seconds` without use the model leaves memory; 0: never.

        `estimate` gives the bytes that the model will take, and those that are free, before it is made.
        """
        self.name = name
        self.model: Model | None = None
        self._make = make
        self._estimate = estimate
        self._turn = threading.Lock()
        self._last_used = time.monotonic()
        self._wake = threading.Condition()
        self._closed = False
        if idle_seconds > 0:
            threading.Thread(target=self._watch, args=(idle_seconds,), name="idle unload", daemon=True).start()

    @contextmanager
    def line(self, cancel: threading.Event) -> Iterator[bool]:
        """Wait until no other call uses the model; False when cancelled before."""
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            if cancel.is_set():
                yield False
                return
        try:
            yield True
        finally:
            self._last_used = time.monotonic()
            self._turn.release()

    def load(self) -> Iterator[ModelLoading | ModelReady]:
        """Within `line`: yield ModelLoading and ModelReady; nothing when the model is in memory."""
        self._last_used = time.monotonic()
        if self.model is not None:
            return
        yield ModelLoading(self.name, *self._estimate())
        with no_collection():
            self.model = self._make()
        with self._wake:
            self._wake.notify()
        ready = self.model.ready
        _logger.info("%s is ready on %s in %s after %.1f s", self.name, ready.device, ready.dtype, ready.seconds)
        yield ready

    def unload(self) -> None:
        """Within `line`: take the model out of memory; the next `load` reads it again."""
        if self.model is None:
            return
        self.model = None
        gc.collect()
        torch = sys.modules.get("torch")  # a process with another engine has none
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)  # glibc keeps freed memory otherwise
        _logger.info("%s was unloaded", self.name)

    def unload_if_idle(self, seconds: float) -> bool:
        """Unload the model when nobody has used it for `seconds`. Returns whether it did."""
        if self.model is None or not self._turn.acquire(blocking=False):
            return False
        try:
            if self.model is None or time.monotonic() < self._last_used + seconds:
                return False
            self.unload()
            return True
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the watch; the process ends after it."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _watch(self, seconds: float) -> None:
        """Wake when the model may have been idle for long enough, or may have been loaded."""
        while True:
            with self._wake:
                if self._closed:
                    return
                left = None if self.model is None else self._last_used + seconds - time.monotonic()
                self._wake.wait(None if left is None else max(left, WAIT_SECONDS))
            self.unload_if_idle(seconds)


@contextmanager
def no_collection() -> Iterator[None]:
    """Importing torch and its libraries makes a million objects that stay: looking for garbage among them meanwhile
    takes 0.6 of 3.6 seconds."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
