"""LoRA files on a pipeline: put on, weighed and taken off again. Imported only in the child."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from thau_desktop.errors import ModelMissing, ModelUnsupported, ThauError
from thau_desktop.inference.drawing import Lora
from thau_desktop.inference.drawing_weights import PICKLES, pickled, shapes
from thau_desktop.process_child import is_out_of_memory
from thau_desktop.translation import _

_logger = logging.getLogger(__name__)


class Loras:
    """Which LoRAs a pipeline wears."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._worn: list[Path] = []
        self._strengths: list[float] = []

    def wear(self, wanted: tuple[Lora, ...]) -> None:
        """Put on these and no others. Raises `ModelMissing`, `ModelBroken` or `ModelUnsupported`; then none is worn."""
        paths, strengths = [lora.path for lora in wanted], [lora.strength for lora in wanted]
        if paths != self._worn:
            self._take_off()
            try:
                for number, path in enumerate(paths):
                    self._put_on(path, f"lora{number}")
            except BaseException:
                self._take_off(always=True)
                raise
            self._worn, self._strengths = paths, []
        if paths and strengths != self._strengths:
            self._pipe.set_adapters([f"lora{number}" for number in range(len(paths))], strengths)
            self._strengths = strengths

    def _take_off(self, *, always: bool = False) -> None:
        if self._worn or always:
            self._worn, self._strengths = [], []
            if hasattr(self._pipe, "unload_lora_weights"):
                self._pipe.unload_lora_weights()

    def _put_on(self, path: Path, name: str) -> None:
        if not path.is_file():
            raise ModelMissing(_("The LoRA {path} is not there.").format(path=path), _("Choose another file."))
        if path.suffix in PICKLES:
            raise pickled(path)
        if path.suffix != ".safetensors":
            raise _unfit(path, "")
        tensors = shapes(path)
        if not any("lora" in tensor.lower() for tensor in tensors):
            raise _unfit(path, "no tensor of it is a LoRA's")
        if not hasattr(self._pipe, "load_lora_weights"):
            raise ModelUnsupported(
                _("This model can't be drawn with LoRAs."), _("Choose another model, or draw without it.")
            )
        try:
            self._pipe.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=name, local_files_only=True, use_safetensors=True
            )
        except ThauError:
            raise
        except Exception as problem:  # diffusers and peft refuse files in as many ways as there are trainers
            if is_out_of_memory(problem):
                raise
            raise _unfit(path, f"{type(problem).__name__}: {problem}") from problem
        if not any(name in names for names in self._pipe.get_list_adapters().values()):
            raise _unfit(path, "nothing of it fits a part of this model")


def _unfit(path: Path, details: str) -> ModelUnsupported:
    return ModelUnsupported(
        _("The LoRA {name} does not fit this model.").format(name=path.name),
        _("Choose one that was made for this kind of model, or draw without it."),
        details=details,
    )
