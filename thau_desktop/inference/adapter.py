"""A LoRA adapter added into a model's weights, and taken out again, without reading the base anew.

W' = W + (alpha / r) · B · A (Hu et al. 2021). Added in, an adapter costs nothing at decoding, and another one takes a
few matrix products; peft's import alone would take seconds. In quantised weights it would be rounded away: beside those
it is computed anew for each token.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch.utils.hooks import RemovableHandle

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
        self._beside: list[RemovableHandle] = []
        self.folder: Path | None = None

    @torch.no_grad()
    def use(self, folder: Path | None) -> None:
        """Put this adapter in the place of the one before.

        Raises `ModelMissing` or `ModelBroken`; nothing has changed then.
        """
        if folder == self.folder:
            return
        changes = _changes(folder) if folder is not None else {}
        layers = {name: self._layer(name, folder) for name in changes}
        for name, change in changes.items():
            if change.shape != (layers[name].out_features, layers[name].in_features):
                raise _unfit(folder, name)
        for name, before in self._kept.items():
            self._layer(name, folder).weight.copy_(before)  # exactly: subtracting would leave rounding behind
        for handle in self._beside:
            handle.remove()
        whole = {name: layer for name, layer in layers.items() if _is_whole(layer)}
        self._kept = {name: layer.weight.clone() for name, layer in whole.items()}
        for name, layer in whole.items():
            layer.weight += changes[name].product().to(layer.weight.device, layer.weight.dtype)
        self._beside = [
            layer.register_forward_hook(changes[name].beside(layer))
            for name, layer in layers.items()
            if name not in whole
        ]
        self.folder = folder

    def _layer(self, name: str, folder: Path | None) -> Any:
        try:
            layer = self._model.get_submodule(name)
        except AttributeError as problem:
            raise _unfit(folder, name) from problem
        if not hasattr(layer, "out_features"):
            raise _unfit(folder, name)
        return layer


@dataclass(frozen=True, slots=True)
class _Change:
    """What is added to a weight `(out, in)`: `up` `(out, r)`, which holds the scale, times `down` `(r, in)`."""

    up: torch.Tensor
    down: torch.Tensor

    @property
    def shape(self) -> tuple[int, int]:
        return self.up.shape[0], self.down.shape[1]

    def product(self) -> torch.Tensor:
        return self.up @ self.down

    def beside(self, layer: Any) -> _Change:
        """Where the layer's weights are, while they are anywhere."""
        device = layer.weight.device
        return self if device.type == "meta" else _Change(self.up.to(device), self.down.to(device))

    def __call__(self, _layer: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        """As a hook of a layer: its output with what the adapter adds."""
        down, up = self.down.to(inputs[0].device), self.up.to(inputs[0].device)
        return output + ((inputs[0].float() @ down.T) @ up.T).to(output.dtype)


def _is_whole(layer: Any) -> bool:
    """Whether a layer's weights are numbers in memory: neither quantised nor on the disk."""
    return bool(layer.weight.is_floating_point()) and layer.weight.device.type != "meta"


def _changes(folder: Path) -> dict[str, _Change]:
    """By the name of its module, what an adapter adds."""
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
        changes[module] = _Change(scale * up.float(), down.float())
    return changes


def _unfit(folder: Path | None, name: str) -> ModelBroken:
    return ModelBroken(
        _("The adapter in {folder} does not fit the model: {name}.").format(folder=folder, name=name),
        _("It was trained on another base. Choose the version that belongs to this model."),
    )
