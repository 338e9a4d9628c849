"""What lives in the drawing child: one resident image model, unloaded when nobody has used it for a while."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.inference.resident import Resident
from thau_desktop.messages import DrawingNote, DrawingStep, Drawn, ModelLoading, ModelReady

if TYPE_CHECKING:
    from thau_desktop.inference.diffusion import DiffusionModel

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
}  # models come from this disk alone; read by the libraries when they are imported

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
        self.resident = Resident(options.name, self._read, options.idle_seconds)

    def load(self, *, cancel: threading.Event) -> Iterator[_Event]:
        """Yield ModelLoading and ModelReady; nothing when the model is resident."""
        with self.resident.line(cancel) as mine:
            if mine:
                yield from self.resident.load()

    def draw(self, request: DrawingRequest, *, cancel: threading.Event) -> Iterator[_Event]:
        """Yield the drawing, after loading the model where that is needed; when cancelled it just ends."""
        with self.resident.line(cancel) as mine:
            if mine:
                yield from self.resident.load()
                assert self.resident.model is not None
                yield from self.resident.model.draw(request, cancel)

    def memory(self, *, cancel: threading.Event) -> Iterator[DrawingMemory]:
        """Yield one DrawingMemory: what the model needs and what is free now. Does not load it."""
        from thau_desktop.inference import diffusion_pipeline, drawing_memory, image_model_folder

        path = self._options.folder
        device, dtype = diffusion_pipeline.device_and_dtype(
            self._options.device, image_model_folder.describe(path).kind
        )
        needed = sum(diffusion_pipeline.bytes_of_parts(path, dtype).values()) + drawing_memory.WORKING
        free = diffusion_pipeline.free_memory(device)
        yield DrawingMemory(str(device), needed, free, self.resident.model is not None)

    def unload(self, *, cancel: threading.Event) -> Iterator[_Event]:
        """Take the model out of memory; the next call reads it again."""
        with self.resident.line(cancel) as mine:
            if mine:
                self.resident.unload()
        yield from ()

    def close(self) -> None:
        """End the watch; the process ends after it."""
        self.resident.close()

    def _read(self) -> DiffusionModel:
        from thau_desktop.inference.diffusion import DiffusionModel

        return DiffusionModel(
            self._options.folder,
            name=self._options.name,
            device=self._options.device,
            thread_count=self._options.threads,
        )
