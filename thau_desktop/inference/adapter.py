"""A LoRA adapter added into a model's weights, and taken out again, without reading the base anew.

W' = W + (alpha / r) · B · A (Hu et al. 2021). Added in, an adapter costs nothing at decoding, and another one takes a
few matrix products; peft's import alone would take seconds. Only for full-precision weights: in quantised ones it would
be rounded away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from thau_desktop.errors import ModelBroken
from thau_desktop.inference import model_folder
from thau_desktop.translation import _

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."


class Adapters:
    """What is added to one model.

    Attributes:
        folder: of the adapter that is in; None: the bare base.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._kept: dict[str, torch.Tensor] = {}
        self.folder: Path | None = None

    @torch.no_grad()
    def use(self, folder: Path | None) -> None:
        """Put this adapter in the place of the one before.

        Raises `ModelMissing` or `ModelBroken`; nothing has changed then.
        """
        if folder == self.folder:
            return
        changes = _changes(folder) if folder is not None else {}
        weights = {name: self._weight(name, folder) for name in changes}
        for name, change in changes.items():
            if change.shape != weights[name].shape:
                raise _unfit(folder, name)
        for name, before in self._kept.items():
            self._weight(name, folder).copy_(before)  # exactly as they were: subtracting would leave rounding behind
        self._kept = {name: weight.clone() for name, weight in weights.items()}
        for name, change in changes.items():
            weights[name] += change.to(weights[name].device, weights[name].dtype)
        self.folder = folder

    def _weight(self, name: str, folder: Path | None) -> torch.Tensor:
        try:
            weight: torch.Tensor = self._model.get_submodule(name).weight
            return weight
        except AttributeError as problem:
            raise _unfit(folder, name) from problem


def _changes(folder: Path) -> dict[str, torch.Tensor]:
    """By the name of its module, what an adapter adds to a weight `(out, in)`."""
    config = model_folder.read_json(folder / CONFIG)
    model_folder.check_safetensors(folder / WEIGHTS)
    if config.get("use_dora") or config.get("bias", "none") != "none" or config.get("modules_to_save"):
        raise ModelBroken(
            _("The adapter in {folder} is of a kind that THAU can't add to a model.").format(folder=folder),
            _("Train it as plain LoRA."),
        )
    weights = load_file(folder / WEIGHTS)
    changes = {}
    for name, down in weights.items():
        if not name.endswith(".lora_A.weight"):
            continue
        up = weights[name.replace(".lora_A.", ".lora_B.")]
        module = name.removeprefix(_PREFIX).removesuffix(".lora_A.weight")
        rank, alpha = config.get("r", down.shape[0]), config.get("lora_alpha", down.shape[0])
        scale = alpha / rank**0.5 if config.get("use_rslora") else alpha / rank
        changes[module] = scale * (up.float() @ down.float())
    return changes


def _unfit(folder: Path | None, name: str) -> ModelBroken:
    return ModelBroken(
        _("The adapter in {folder} does not fit the model: {name}.").format(folder=folder, name=name),
        _("It was trained on another base. Choose the version that belongs to this model."),
    )
