"""What a person, a model or a program asks to be drawn, and the bounds that every face shares."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from thau_desktop.inference.drawing import SCHEDULERS, Lora
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.settings import Images, Settings
from thau_desktop.translation import _

STEPS, GUIDANCE, SIDE, COUNT, STRENGTH = (10, 100), (1.0, 20.0), (256, 1024), (1, 16), (0.05, 1.0)
SIDE_STEP = 8  # pixels: the models' pictures are made of blocks of this side
LARGEST_SEED = (1 << 53) - 1  # what JSON and every program that reads it keep whole


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """What to draw. `within_bounds` says whether it can be.

    Attributes:
        seed: the same number draws the same picture; None is a fresh one. The n-th of `count` has `seed + n`.
        model: the name of an image model; "" is the one in the settings.
        scheduler: one of `SCHEDULERS`; "" is the model's own.
        source: a picture to begin with; None: from noise.
        strength: how much of `source` is drawn anew, 0 to 1.
        parent_id: the picture of the gallery that this is a variation of.
    """

    prompt: str
    negative_prompt: str = ""
    steps: int = 30
    guidance: float = 7.5
    width: int = 512
    height: int = 512
    seed: int | None = None
    count: int = 1
    model: str = ""
    scheduler: str = ""
    source: Path | None = None
    strength: float = 0.6
    loras: tuple[Lora, ...] = ()
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """Numbers that go together."""

    width: int
    height: int
    steps: int
    guidance: float


PRESETS: dict[str, Preset] = {
    "fast": Preset(384, 384, 20, 7.5),
    "standard": Preset(512, 512, 30, 7.5),
    "quality": Preset(768, 768, 50, 8.5),
}


def from_settings(
    settings: Settings, prompt: str, installed: InstalledImageModel | None = None, **given: Any
) -> PictureRequest:
    """A request with the settings' numbers where none is `given` (None counts as not given).

    The chosen preset gives the numbers; one that a person changed in the settings counts instead of the preset's. Of
    a turbo model its makers' steps and guidance count instead of the preset's.
    """
    images = settings.images
    numbers: dict[str, Any] = asdict(PRESETS[images.preset])
    if installed is not None and installed.turbo:
        numbers |= {"steps": installed.steps, "guidance": installed.guidance}
    for name in numbers:
        own = getattr(images, name)
        if own != Images.model_fields[name].default:
            numbers[name] = own
    asked = {name: value for name, value in given.items() if value is not None}
    return PictureRequest(prompt, **{**numbers, **asked})


def within_bounds(
    request: PictureRequest, model: InstalledImageModel | None = None
) -> tuple[PictureRequest, tuple[str, ...]]:
    """The request with every number within the contract's bounds, and a sentence for each that was not.

    A turbo or LCM model may use fewer steps and less guidance than others.
    """
    turbo = model is not None and model.turbo
    fewest = model.minimum_steps if model is not None and turbo else STEPS[0]
    notes: list[str] = []

    def clamp(name: str, value: float, lowest: float, highest: float) -> float:
        kept = min(max(value, lowest), highest) if value == value else lowest
        if kept != value:
            note(name, value, kept)
        return kept

    def note(name: str, value: object, kept: object) -> None:
        notes.append(_("{name} {value} is out of bounds: {kept} was used.").format(name=name, value=value, kept=kept))

    def side(name: str, value: int) -> int:
        kept = int(clamp(name, value, *SIDE))
        rounded = round(kept / SIDE_STEP) * SIDE_STEP
        if rounded != kept:
            sentence = _("{name} {value} is no multiple of {step}: {kept} was used.")
            notes.append(sentence.format(name=name, value=kept, step=SIDE_STEP, kept=rounded))
        return rounded

    scheduler = request.scheduler.lower()
    if scheduler and scheduler not in SCHEDULERS:
        sentence = _("There is no scheduler {name}: the model's own was used. There are: {names}.")
        notes.append(sentence.format(name=request.scheduler, names=", ".join(SCHEDULERS)))
        scheduler = ""
    seed = request.seed if request.seed is not None and request.seed >= 0 else None
    count = int(clamp("count", request.count, *COUNT))
    kept = replace(
        request,
        prompt=request.prompt.strip(),
        negative_prompt=request.negative_prompt.strip(),
        steps=int(clamp("steps", request.steps, fewest, STEPS[1])),
        guidance=clamp("guidance", request.guidance, 0.0 if turbo else GUIDANCE[0], GUIDANCE[1]),
        width=side("width", request.width),
        height=side("height", request.height),
        seed=None if seed is None else int(clamp("seed", seed, 0, LARGEST_SEED - count)),
        count=count,
        scheduler=scheduler,
        strength=clamp("strength", request.strength, *STRENGTH),
    )
    return kept, tuple(notes)
