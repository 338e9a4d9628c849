"""What lives in the inference child: one resident language model, unloaded when nobody has used it for a while."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.messages import BackendEvent, GenerationDone, Message, ModelLoading

if TYPE_CHECKING:
    from thau_desktop.inference.language import LanguageModel, Vocabulary

WAIT_SECONDS = 0.05  # how often a generation that waits for another looks at its cancel event

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What a host needs to know of its model.

    Attributes:
        context: most tokens to use; 0: as many as the model was made for.
        threads: CPU threads; 0: measured.
        device: "auto", "cpu", "cuda" or "mps".
        idle_seconds: the model leaves memory after so long without use; 0: never.
        adapter: the folder of an adapter that is added to the model.
    """

    folder: Path
    name: str
    context: int = 0
    threads: int = 0
    device: str = "auto"
    idle_seconds: float = 0.0
    adapter: Path | None = None


class Host:
    """Serves the calls of `LocalBackend`. Counting goes on while a generation runs; generations wait in line."""

    def __init__(self, options: HostOptions) -> None:
        self._options = options
        self._vocabulary: Vocabulary | None = None
        self._model: LanguageModel | None = None
        self._reading = threading.Lock()
        self._generating = threading.Lock()
        self._last_used = time.monotonic()
        self._wake = threading.Condition()
        self._closed = False
        if options.idle_seconds > 0:
            threading.Thread(target=self._watch, name="idle unload", daemon=True).start()

    def load(self, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield ModelLoading and ModelReady; nothing when the model is resident."""
        if self._wait_in_line(cancel):
            try:
                yield from self._load()
            finally:
                self._generating.release()

    def stream(self, request: GenerationRequest, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer, after loading the model where that is needed."""
        started = time.perf_counter()
        if not self._wait_in_line(cancel):
            waited = time.perf_counter() - started
            yield GenerationDone("cancelled", 0, waited, waited)
            return
        try:
            yield from self._load()
            assert self._model is not None
            yield from self._model.stream(request, cancel)
        finally:
            self._last_used = time.monotonic()
            self._generating.release()

    def count_tokens(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, cancel: threading.Event
    ) -> Iterator[TokenCounts]:
        """Yield one TokenCounts; reads only the tokenizer."""
        yield self._words().count(messages, tools)

    def use(self, adapter: Path | None, name: str, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Change the adapter between two generations. Raises as `Adapters.use`; the one before stays in use then."""
        if self._wait_in_line(cancel):
            try:
                if self._model is not None:
                    self._model.use(adapter, name)
                self._options = replace(self._options, adapter=adapter, name=name)
            finally:
                self._generating.release()
        yield from ()

    def unload(self, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Take the model out of memory; the next call reads it again."""
        if self._wait_in_line(cancel):
            try:
                self._unload()
            finally:
                self._generating.release()
        yield from ()

    def close(self) -> None:
        """End the watch; the process ends after it."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _wait_in_line(self, cancel: threading.Event) -> bool:
        """Take the generation lock; False when cancelled before it was free."""
        while not self._generating.acquire(timeout=WAIT_SECONDS):
            if cancel.is_set():
                return False
        return True

    def _words(self) -> Vocabulary:
        with self._reading:
            if self._vocabulary is None:
                from thau_desktop.inference.language import Vocabulary

                self._vocabulary = Vocabulary(self._options.folder, self._options.context)
            return self._vocabulary

    def _load(self) -> Iterator[BackendEvent]:
        self._last_used = time.monotonic()
        if self._model is not None:
            return
        yield ModelLoading(self._options.name)
        vocabulary = self._words()
        from thau_desktop.inference.language import LanguageModel

        self._model = LanguageModel(
            self._options.folder,
            vocabulary,
            name=self._options.name,
            thread_count=self._options.threads,
            device=self._options.device,
            adapter=self._options.adapter,
        )
        self._last_used = time.monotonic()
        with self._wake:
            self._wake.notify()
        yield self._model.ready

    def _unload(self) -> None:
        if self._model is None:
            return
        self._model = None
        gc.collect()
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)  # glibc keeps freed memory otherwise
        _logger.info("%s was unloaded", self._options.name)

    def unload_if_idle(self, seconds: float) -> bool:
        """Unload the model when nobody has used it for `seconds`. Returns whether it did."""
        if self._model is None or not self._generating.acquire(blocking=False):
            return False
        try:
            if self._model is None or time.monotonic() < self._last_used + seconds:
                return False
            self._unload()
            return True
        finally:
            self._generating.release()

    def _watch(self) -> None:
        """Wake when the model may have been idle for long enough, or may have been loaded."""
        seconds = self._options.idle_seconds
        while True:
            with self._wake:
                if self._closed:
                    return
                left = None if self._model is None else self._last_used + seconds - time.monotonic()
                self._wake.wait(None if left is None else max(left, WAIT_SECONDS))
            self.unload_if_idle(seconds)
