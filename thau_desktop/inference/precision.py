"""In how many bits a language model's weights are held: what each way takes, and which one fits. Without torch.

"nf4" is the 4-bit NormalFloat of QLoRA (Dettmers et al. 2023), "int8" is LLM.int8() (Dettmers et al. 2022), both by
bitsandbytes. Both leave embeddings, the head and norms as they are.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from thau_desktop.errors import OutOfMemory
from thau_desktop.inference import model_folder
from thau_desktop.translation import _

Precision = Literal["full", "int8", "nf4"]
Wish = Literal["auto", "full", "int8", "nf4"]

_LINEAR_BYTES = {"int8": 1.01, "nf4": 0.5625}  # a weight with its share of the scales: a row's, or one for 64 weights
_WHOLE = ("embed", "lm_head", "wte", "wpe")  # matrices that bitsandbytes leaves alone, by a part of their names
_MARGIN, _ROOM = 1.1, 256 << 20  # allocators waste some; context and activations want some more (bytes)


@dataclass(frozen=True, slots=True)
class Weights:
    """How many weights a model has: all of them, and those of its linear layers, which can be quantised.

    Attributes: `edges`, the inputs and outputs of all linear layers: an adapter of rank r has r times as many weights.
    """

    total: int
    linear: int
    edges: int

    def bytes(self, precision: Precision, item: int) -> int:
        """What they take in memory; `item` is the size in bytes of a weight that is not quantised."""
        if precision == "full":
            return self.total * item
        return round((self.total - self.linear) * item + self.linear * _LINEAR_BYTES[precision])


def weights_of(folder: Path) -> Weights:
    """Counted from the headers of a model's files. Raises `ModelMissing` or `ModelBroken`."""
    total = linear = edges = 0
    for path in model_folder.weight_files(folder):
        model_folder.check_safetensors(path)
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            count = math.prod(entry["shape"])
            total += count
            if len(entry["shape"]) == 2 and not any(part in name for part in _WHOLE):
                linear += count
                edges += sum(entry["shape"])
    return Weights(total, linear, edges)


def choose(weights: Weights, wish: Wish, item: int, free: int, name: str) -> Precision:
    """The precision that was wished for, or the best one that fits into `free` bytes; `name` is the model's.

    Raises `OutOfMemory` where nothing fits. `free` 0 is unknown: then everything fits.
    """
    if wish != "auto":
        return wish
    needed = {each: needs(weights, each, item) for each in get_args(Precision)}
    for each, taken in needed.items():
        if taken <= free or not free:
            return each  # type: ignore[no-any-return]
    raise OutOfMemory(
        _("{name} takes {needed} GB of memory even in 4 bits, and {free} GB are free.").format(
            name=name, needed=gigabytes(needed["nf4"]), free=gigabytes(free)
        ),
        _("Close other programs, or choose a smaller model."),
    )


def needs(weights: Weights, precision: Precision, item: int) -> int:
    """The memory in bytes with which a model can be used: its weights, and room for a conversation."""
    return round(weights.bytes(precision, item) * _MARGIN) + _ROOM


def config(precision: Precision, compute: Any) -> Any:
    """What transformers is told to quantise with, None for full precision; `compute` is the dtype of its products."""
    if precision == "full":
        return None
    from transformers import BitsAndBytesConfig

    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute)


def gigabytes(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e9:.1f}"
