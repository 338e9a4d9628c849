"""What stands in the panel, as one value: kept for the next start, read from a picture, made into a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from thau_desktop.images.request import COUNT, GUIDANCE, LARGEST_SEED, PRESETS, SIDE, SIDE_STEP, STEPS, PictureRequest
from thau_desktop.inference.drawing import SCHEDULERS, Lora
from thau_desktop.inference.image_model_folder import InstalledImageModel
from thau_desktop.store.pictures import Picture

VARIATIONS = 4


@dataclass(frozen=True, slots=True)
class Values:
    """A request in the making. `source` and the LoRA's files are paths as text; `parent_id` belongs to `source`."""

    prompt: str = ""
    negative_prompt: str = ""
    model: str = ""
    width: int = 512
    height: int = 512
    steps: int = 30
    guidance: float = 7.5
    seed: int | None = None
    count: int = 1
    scheduler: str = ""
    source: str = ""
    strength: float = 0.6
    loras: tuple[tuple[str, float], ...] = ()
    parent_id: int | None = None

    def request(self) -> PictureRequest:
        """What the studio is asked."""
        return PictureRequest(
            prompt=self.prompt.strip(),
            negative_prompt=self.negative_prompt.strip(),
            steps=self.steps,
            guidance=self.guidance,
            width=self.width,
            height=self.height,
            seed=self.seed,
            count=self.count,
            model=self.model,
            scheduler=self.scheduler,
            source=Path(self.source) if self.source else None,
            strength=self.strength,
            loras=tuple(Lora(Path(file), strength) for file, strength in self.loras),
            parent_id=self.parent_id,
        )

    def preset(self, model: InstalledImageModel | None) -> str:
        """The name of the preset that these numbers are; "" for none."""
        numbers = (self.width, self.height, self.steps, self.guidance)
        return next((name for name in PRESETS if preset_numbers(name, model) == numbers), "")

    def with_preset(self, name: str, model: InstalledImageModel | None) -> Values:
        """The same with a preset's numbers."""
        width, height, steps, guidance = preset_numbers(name, model)
        return replace(self, width=width, height=height, steps=steps, guidance=guidance)

    def to_json(self) -> str:
        """For keeping."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str, default: Values) -> Values:
        """What was kept; `default` where that can't be used, or a number of it."""
        try:
            kept = json.loads(text)
        except ValueError:
            return default
        return default.updated(kept) if isinstance(kept, dict) else default

    @classmethod
    def of(cls, picture: Picture, default: Values) -> Values:
        """What draws `picture` again; `default`'s numbers where nobody knows the picture's."""
        known = {
            "prompt": picture.prompt,
            "negative_prompt": picture.negative_prompt,
            "model": picture.model,
            "width": picture.width,
            "height": picture.height,
            "scheduler": picture.scheduler.lower(),
        }
        if picture.steps:  # else it was not drawn, as far as anybody knows
            known |= {"steps": picture.steps, "guidance": picture.guidance, "seed": picture.seed}
        strength = picture.parameters.get("strength")
        if isinstance(strength, float):
            known["strength"] = strength
        empty = replace(default, seed=None, count=1, scheduler="", source="", loras=(), parent_id=None)
        return empty.updated(known)

    def updated(self, given: Mapping[str, Any]) -> Values:
        """These values with those given, moved within bounds; what is of another kind is left out."""

        def words(name: str) -> str:
            found = given.get(name)
            return found if isinstance(found, str) else str(getattr(self, name))

        def whole(name: str, bounds: tuple[int, int]) -> int:
            found = given.get(name)
            found = found if isinstance(found, int) and not isinstance(found, bool) else getattr(self, name)
            return min(max(int(found), bounds[0]), bounds[1])

        def share(name: str, bounds: tuple[float, float]) -> float:
            found = given.get(name)
            number = float(found if isinstance(found, int | float) else getattr(self, name))
            return min(max(number, bounds[0]), bounds[1]) if number == number else bounds[0]

        def maybe(name: str) -> int | None:
            found = given.get(name, getattr(self, name))
            return found if isinstance(found, int) and 0 <= found <= LARGEST_SEED else None

        def side(name: str) -> int:
            return round(whole(name, SIDE) / SIDE_STEP) * SIDE_STEP

        scheduler = words("scheduler")
        return Values(
            prompt=words("prompt"),
            negative_prompt=words("negative_prompt"),
            model=words("model"),
            width=side("width"),
            height=side("height"),
            steps=whole("steps", (1, STEPS[1])),
            guidance=share("guidance", (0.0, GUIDANCE[1])),
            seed=maybe("seed"),
            count=whole("count", COUNT),
            scheduler=scheduler if scheduler in SCHEDULERS else "",
            source=words("source"),
            strength=share("strength", (0.05, 1.0)),
            loras=_loras(given["loras"]) if "loras" in given else self.loras,
            parent_id=maybe("parent_id"),
        )


def preset_numbers(name: str, model: InstalledImageModel | None) -> tuple[int, int, int, float]:
    """Width, height, steps and guidance of a preset; of a turbo model its makers' steps and guidance."""
    preset = PRESETS[name]
    if model is not None and model.turbo:
        return preset.width, preset.height, model.steps, model.guidance
    return preset.width, preset.height, preset.steps, preset.guidance


def _loras(kept: object) -> tuple[tuple[str, float], ...]:
    found = []
    for item in kept if isinstance(kept, list | tuple) else []:
        if isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str):
            found.append((item[0], float(item[1]) if isinstance(item[1], int | float) else 1.0))
    return tuple(found)
