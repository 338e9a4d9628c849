"""What lives in the drawing child: one resident image model, unloaded when nobody has used it for a while."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.messages import DrawingNote, DrawingStep, Drawn, ModelLoading, ModelReady

if TYPE_CHECKING:
    from thau_desktop.inference.diffusion import DiffusionModel

WAIT_SECONDS = 0.05  # how often a drawing that waits for another looks at its cancel event
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
}  # models come from this disk alone; read by the libraries when they are imported

_logger = logging.getLogger(__name__)
_Event = ModelLoading | ModelReady | DrawingNote | DrawingStep | Drawn


@dataclass(frozen=True, slots=True)
class DrawingHostOptions:
    """What a host needs to know of its model.

    Attributes:
        folder: a diffusers folder or a single .safetensors file.
        threads: CPU threads; 0: measured.
        device: "auto", "cpu", "cuda" or "mps".
        idle_seconds: the model leaves memory after so long without use; 0: never.
    """

    folder: Path
    name: str
    threads: int = 0
    device: str = "auto"
    idle_seconds: float = 0.0


class DrawingHost:
    """Serves the calls of `LocalDrawing`. Drawings wait in line."""

    def __init__(self, options: DrawingHostOptions) -> None:
        os.environ.update(OFFLINE)
        self._options = options
        self._model: DiffusionModel | None = None
        self._drawing = threading.Lock()
        self._last_used = time.monotonic()
        self._wake = threading.Condition()
        self._closed = False
        if options.idle_seconds > 0:
            threading.Thread(target=self._watch, name="idle unload", daemon=True).start()

    def load(self, *, cancel: threading.Event) -> Iterator[_Event]:
        """Yield ModelLoading and ModelReady; nothing when the model is resident."""
        if self._wait_in_line(cancel):
            try:
                yield from self._load()
            finally:
                self._drawing.release()

    def draw(self, request: DrawingRequest, *, cancel: threading.Event) -> Iterator[_Event]:
        """Yield the drawing, after loading the model where that is needed; when cancelled it just ends."""
        if not self._wait_in_line(cancel):
            return
        try:
            yield from self._load()
            assert self._model is not None
            yield from self._model.draw(request, cancel)
        finally:
            self._last_used = time.monotonic()
            self._drawing.release()

    def memory(self, *, cancel: threading.Event) -> Iterator[DrawingMemory]:
        """Yield one DrawingMemory: what the model needs and what is free now. Does not load it."""
        from thau_desktop.inference import diffusion_pipeline, drawing_memory, image_model_folder

        path = self._options.folder
        device, dtype = diffusion_pipeline.device_and_dtype(
            self._options.device, image_model_folder.describe(path).kind
        )
        needed = sum(diffusion_pipeline.bytes_of_parts(path, dtype).values()) + drawing_memory.WORKING
        free = diffusion_pipeline.free_memory(device)
        yield DrawingMemory(str(device), needed, free, self._model is not None)

    def unload(self, *, cancel: threading.Event) -> Iterator[_Event]:
        """Take the model out of memory; the next call reads it again."""
        if self._wait_in_line(cancel):
            try:
                self._unload()
            finally:
                self._drawing.release()
        yield from ()

    def close(self) -> None:
        """End the watch; the process ends after it."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def unload_if_idle(self, seconds: float) -> bool:
        """Unload the model when nobody has used it for `seconds`. Returns whether it did."""
        if self._model is None or not self._drawing.acquire(blocking=False):
            return False
        try:
            if self._model is None or time.monotonic() < self._last_used + seconds:
                return False
            self._unload()
            return True
        finally:
            self._drawing.release()

    def _wait_in_line(self, cancel: threading.Event) -> bool:
        """Take the drawing lock; False when cancelled before it was free."""
        while not self._drawing.acquire(timeout=WAIT_SECONDS):
            if cancel.is_set():
                return False
        return True

    def _load(self) -> Iterator[_Event]:
        self._last_used = time.monotonic()
        if self._model is not None:
            return
        yield ModelLoading(self._options.name)
        from thau_desktop.inference.diffusion import DiffusionModel

        self._model = DiffusionModel(
            self._options.folder,
            name=self._options.name,
            device=self._options.device,
            thread_count=self._options.threads,
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
