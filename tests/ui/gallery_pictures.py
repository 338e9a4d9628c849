"""Pictures and a studio for the tests of the gallery's window: real files, a real queue, a scripted model."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.images.conftest import Scripted, pixels
from thau_desktop.app import Thau
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.store.pictures import Picture

STARTER = InstalledImageModel(
    "thau-image-v1", Path("starter"), title="THAU image", native_size=(256, 256), starter=True
)
TURBO = InstalledImageModel(
    "turbo",
    Path("turbo"),
    "sdxl",
    "Turbo",
    turbo=True,
    steps=4,
    guidance=0.0,
    minimum_steps=1,
    takes_guidance=False,
    takes_negative_prompt=False,
    image_to_image=False,
    schedulers=("euler a",),
)


def keep(thau: Thau, prompt: str = "a red fox", *, width: int = 64, height: int = 48, **given: Any) -> Picture:
    """A drawn picture in the gallery."""
    columns = {name: given.pop(name) for name in ("parent_id", "conversation_id") if name in given}
    parameters = {
        "prompt": prompt,
        "negative_prompt": "blurry",
        "model": "thau-image-v1",
        "width": width,
        "height": height,
        "steps": 30,
        "guidance": 7.5,
        "seed": 4127,
        "scheduler": "euler",
        "seconds": 8.2,
        "created": "2026-11-20T10:00:00+00:00",
        **given,
    }
    drawn = pixels(parameters["width"], parameters["height"], parameters["seed"])
    return thau.gallery.keep_drawn(drawn, parameters, source="gallery", **columns)


class Models:
    """The image models on this disk. Attributes: `there`."""

    def __init__(self, *there: InstalledImageModel) -> None:
        self.there = list(there)

    def installed(self) -> list[InstalledImageModel]:
        return list(self.there)

    def find(self, name: str = "") -> InstalledImageModel:
        return next((model for model in self.there if model.name == name), self.there[0])


class Easel:
    """Puts a model that does what a test tells it to into the studio.

    Attributes: `model`, the scripted one; `problem`, raised at the first step; `hold_at` the (picture, step) before
    which it waits until `go` is set or it is stopped.
    """

    def __init__(self, thau: Thau, *models: InstalledImageModel) -> None:
        thau.image_models = Models(*models)  # type: ignore[assignment]
        self.model = Scripted(models[0])
        self.problem: Exception | None = None
        self.hold_at: tuple[int, int] | None = None
        self.go = threading.Event()
        self.model.before_step = self._before_step
        thau.studio._models = thau.image_models
        thau.studio._factory = lambda _model: self.model  # type: ignore[assignment]

    def _before_step(self, number: int, step: int) -> None:
        if self.problem is not None:
            problem, self.problem = self.problem, None
            raise problem
        if (number, step) == self.hold_at:
            self.go.wait(60)
