"""The client of the drawing child: an image model that runs in a process of its own.

Not the language model's: a crash or a lack of memory there leaves the conversation alone, and words can go on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from thau_desktop.errors import ChildCrashed
from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.inference.drawing_host import DrawingHost, DrawingHostOptions
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.messages import DrawingNote, DrawingStep, Drawn, ModelLoading, ModelReady
from thau_desktop.process import Child
from thau_desktop.translation import _

GRACE_SECONDS = 10.0  # a block of a large model on a slow CPU may take seconds; then the child is killed

_Event = ModelLoading | ModelReady | DrawingNote | DrawingStep | Drawn


class LocalDrawing:
    """Runs one installed image model in one lasting child. Nothing starts before the first call.

    Attributes:
        options: what the child was told.
        ready: what was loaded last; None before.
    """

    def __init__(
        self, model: InstalledImageModel, options: DrawingHostOptions | None = None, *, log: Path | None = None
    ) -> None:
        self.model = model
        self.ready: ModelReady | None = None
        self.options = options or DrawingHostOptions(model.path, model.name)
        self._child = Child(partial(DrawingHost, self.options), name=_("The image model"), log=log, grace=GRACE_SECONDS)

    @property
    def name(self) -> str:
        return self.model.name

    def load(self, cancel: threading.Event) -> Iterator[_Event]:
        """Make the model resident; yields ModelLoading and ModelReady, nothing when it already is."""
        return self._events("load", cancel)

    def draw(self, request: DrawingRequest, cancel: threading.Event) -> Iterator[_Event]:
        """Yield DrawingNote and DrawingStep, and Drawn for each picture; when cancelled it just ends."""
        return self._events("draw", cancel, request)

    def memory(self) -> DrawingMemory:
        """What the model needs and what is free where it would run; starts the child, does not load the model."""
        for memory in self._child.call("memory"):
            assert isinstance(memory, DrawingMemory)
            return memory
        raise ChildCrashed(_("{name} is closed.").format(name=_("The image model")))

    def unload(self) -> None:
        """Free the model's memory; the process stays."""
        for _event in self._child.call("unload"):
            pass

    def close(self) -> None:
        """End the child. Safe to call twice."""
        self._child.close(grace=1.0)  # it holds nothing that could be lost, and may be deep in an import

    def _events(self, method: str, cancel: threading.Event, *args: Any) -> Iterator[_Event]:
        for event in self._child.call(method, *args, cancel=cancel):
            if isinstance(event, ModelReady):
                self.ready = event
            yield event
