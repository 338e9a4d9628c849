"""A gallery over a real store and a folder, and a drawing that does what a test tells it to."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from thau_desktop.errors import ModelMissing
from thau_desktop.images.gallery import Gallery
from thau_desktop.images.studio import Studio
from thau_desktop.inference.drawing import DrawingMemory, DrawingRequest
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.messages import DrawingEvent, DrawingNote, DrawingStep, Drawn, ModelLoading, ModelReady
from thau_desktop.settings import Settings
from thau_desktop.store.database import Database
from thau_desktop.store.pictures import Pictures

NOISE = random.Random(1).randbytes(256 * 256 * 3)


def pixels(width: int = 64, height: int = 64, seed: int = 0) -> bytes:
    """RGB pixels that differ with the seed."""
    return random.Random(seed).randbytes(3) * (width * height)


class Scripted:
    """A drawing in this process: `steps` a picture; `before_step` may stop or raise. Same seed, same picture."""

    def __init__(self, model: InstalledImageModel) -> None:
        self.options = model.name
        self.ready: ModelReady | None = None
        self.requests: list[DrawingRequest] = []
        self.before_step: Callable[[int, int], None] = lambda number, step: None
        self.unsafe: bool | None = None
        self.free = 1 << 40
        self.unloaded = 0
        self.closed = False

    def load(self, cancel: threading.Event) -> Iterator[DrawingEvent]:
        if self.ready is None:
            yield ModelLoading(self.options)
            self.ready = ModelReady(self.options, "cpu", "float32", 0.1, 1, 1, 0)
            yield self.ready

    def draw(self, request: DrawingRequest, cancel: threading.Event) -> Iterator[DrawingEvent]:
        self.requests.append(request)
        yield from self.load(cancel)
        for number in range(request.count):
            for step in range(1, request.steps + 1):
                self.before_step(number, step)
                if cancel.is_set() or self.closed:
                    return
                yield DrawingStep(number, step, request.steps, 0.1 * step, b"jpeg" if step % 5 == 0 else b"")
            seed = request.seed + number
            drawn = pixels(request.width, request.height, seed)
            yield Drawn(number, request.width, request.height, drawn, seed, 1.5, self.unsafe)
        yield DrawingNote("drawn")

    def memory(self) -> DrawingMemory:
        return DrawingMemory("cpu", 4 << 30, self.free, self.ready is not None)

    def unload(self) -> None:
        self.unloaded += 1
        self.ready = None

    def close(self) -> None:
        self.closed = True


@dataclass
class Atelier:
    """Everything a test of the studio touches. `drawings` are the clients that were made, by model."""

    gallery: Gallery
    settings: Settings = field(default_factory=Settings)
    models: dict[str, InstalledImageModel] = field(default_factory=dict)
    drawings: list[Scripted] = field(default_factory=list)
    language: int = 0

    def __post_init__(self) -> None:
        for name in ("tiny", "other"):
            self.models[name] = InstalledImageModel(name, Path(name))
        self.studio = Studio(
            self.gallery,
            self,
            self._drawing,
            lambda: self.settings,
            lambda device: self.language,
            self._unload_language,
        )

    @property
    def pictures(self) -> Pictures:
        return self.gallery.pictures

    @property
    def drawing(self) -> Scripted:
        """What the next request is drawn with."""
        if not self.drawings:
            self._drawing(self.models["tiny"])
        return self.drawings[0]

    def find(self, name: str = "") -> InstalledImageModel:
        try:
            return self.models[name or "tiny"]
        except KeyError:
            raise ModelMissing(f"There is no {name}.") from None

    def _drawing(self, model: InstalledImageModel) -> Scripted:
        for drawing in self.drawings:
            if drawing.options == model.name and not drawing.closed:
                return drawing
        self.drawings.append(Scripted(model))
        return self.drawings[-1]

    def _unload_language(self) -> None:
        self.language = 0


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with Database(tmp_path / "thau.db") as database:
        yield Gallery(Pictures(database), tmp_path / "generated_images")


@pytest.fixture
def atelier(gallery: Gallery) -> Atelier:
    return Atelier(gallery)
