"""A LoRA adapter read without torch: W' = W + scale · B · A (Hu et al. 2021), a few rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from thau_desktop.errors import ModelBroken
from thau_desktop.inference import model_folder
from thau_desktop.translation import _

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to a weight `(out, in)`: `scale` · `up` `(out, r)` · `down` `(r, in)`."""

    down: Floats
    up: Floats
    scale: float


class Adapter:
    """What a training added, by the name of the weight. Attributes: `folder`, `changes`, `alpha`."""

    def __init__(self, folder: Path) -> None:
        """Read it. Raises `ModelMissing` or `ModelBroken`."""
        self.folder = folder
        self.changes: dict[str, Change] = {}
        config = model_folder.read_json(folder / CONFIG)
        model_folder.check_safetensors(folder / WEIGHTS)
        if config.get("use_dora") or config.get("bias", "none") != "none" or config.get("modules_to_save"):
            raise ModelBroken(
                _("The adapter in {folder} is of a kind that THAU can't add to a model.").format(folder=folder),
                _("Train it as plain LoRA."),
            )
        try:
            weights = load_file(folder / WEIGHTS)
        except (SafetensorError, TypeError, OSError) as problem:
            raise ModelBroken(
                _("The adapter in {folder} can't be read.").format(folder=folder),
                _("Roll back to another version."),
                details=str(problem),
            ) from problem
        for name, down in weights.items():
            if name.endswith(".lora_A.weight"):
                up = weights.get(name.replace(".lora_A.", ".lora_B."))
                if up is None:
                    raise self._unfit(name)
                plain = f"{name.removeprefix(_PREFIX).removesuffix('.lora_A.weight')}.weight"
                self.changes[plain] = Change(
                    down.astype(np.float32), up.astype(np.float32), _scale(config, down.shape[0])
                )

    def __contains__(self, name: str) -> bool:
        return name in self.changes

    def rows(self, name: str, start: int, stop: int) -> Floats:
        """What is added to these rows of a weight, `(stop - start, in)`."""
        change = self.changes[name]
        return np.asarray((change.scale * change.up[start:stop]) @ change.down, np.float32)

    def check(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Raises `ModelBroken` where it belongs to another model than the one of these shapes."""
        for name, change in self.changes.items():
            if shapes.get(name) != (change.up.shape[0], change.down.shape[1]):
                raise self._unfit(name)

    def _unfit(self, name: str) -> ModelBroken:
        return ModelBroken(
            _("The adapter in {folder} does not fit the model: {name}.").format(folder=self.folder, name=name),
            _("It was trained on another base. Choose the version that belongs to this model."),
        )


def _scale(config: dict[str, Any], rank: int) -> float:
    alpha, divisor = float(config.get("lora_alpha", rank)), float(config.get("r", rank))
    return alpha / divisor**0.5 if config.get("use_rslora") else alpha / divisor
