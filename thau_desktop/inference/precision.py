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
Wish = Literal["auto", "full", "int8", "nf4", "spread"]

_LINEAR_BYTES = {"int8": 1.01, "nf4": 0.5625}  # a weight with its share of the scales: a row's, or one for 64 weights
_BLOCK = 64  # weights that share a scale in 4 bits; bitsandbytes packs only rows of whole blocks for a processor
_WHOLE = ("embed", "lm_head", "wte", "wpe")  # matrices that bitsandbytes leaves alone, by a part of their names
BLOCK = 256  # tokens that a cache grows by, and that it may hold beyond a window
SINKS = 4  # tokens at the beginning that stay in every window
_MARGIN, _ROOM = 1.1, 256 << 20  # allocators waste some; context and activations want some more (bytes)


@dataclass(frozen=True, slots=True)
class Weights:
    """How many weights a model has: all of them, and those of its linear layers, which can be quantised.

    Attributes:
        edges: the inputs and outputs of all linear layers: an adapter of rank r has r times as many weights.
        odd: those of the linear layers that stay as they are in 4 bits.
        odd_layers: the names of these.
    """

    total: int
    linear: int
    edges: int
    odd: int = 0
    odd_layers: tuple[str, ...] = ()

    def bytes(self, precision: Precision, item: int) -> int:
        """What they take in memory; `item` is the size in bytes of a weight that is not quantised."""
        if precision == "full":
            return self.total * item
        linear = self.linear - (self.odd if precision == "nf4" else 0)
        return round((self.total - linear) * item + linear * _LINEAR_BYTES[precision])


def weights_of(folder: Path) -> Weights:
    """Counted from the headers of a model's files. Raises `ModelMissing` or `ModelBroken`."""
    total = linear = edges = odd = 0
    odd_layers: list[str] = []
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
                if entry["shape"][1] % _BLOCK:
                    odd += count
                    odd_layers.append(name.removesuffix(".weight"))
    return Weights(total, linear, edges, odd, tuple(odd_layers))


@dataclass(frozen=True, slots=True)
class Placement:
    """How a model's weights are to lie in memory.

    Attributes:
        needed: bytes that it takes then.
        spread: over the device, the machine's memory and the disk, in this order; slow beyond the first.
    """

    precision: Precision
    needed: int
    spread: bool = False


def place(
    weights: Weights, wish: Wish, item: int, free: int, name: str, *, cache: int = 0, beside: int = 0
) -> Placement:
    """As it was wished for, or the best way that fits into `free` bytes; `name` is the model's.

    `item` is the size in bytes of a weight that is not quantised, `cache` that of a full conversation's keys and
    values, `beside` what is free of the machine's memory where `free` is a graphics processor's. `free` 0 is unknown:
    then everything fits. Raises `OutOfMemory` where nothing does.
    """
    needed = {each: needs(weights, each, item, cache) for each in get_args(Precision)}
    if wish == "spread":
        return Placement("full", needed["full"], spread=True)
    if wish != "auto":
        return Placement(wish, needed[wish])
    for each, taken in needed.items():
        if taken <= free or not free:
            return Placement(each, taken)
    if needed["full"] <= free + beside:
        return Placement("full", needed["full"], spread=True)
    raise too_large(weights, item, free, name)


def did_not_fit(weights: Weights, placement: Placement, item: int, free: int, name: str) -> OutOfMemory:
    """That memory ran out while a model was read as it was wished for, and in which precision it would fit."""
    try:
        best = place(weights, "auto", item, free, name)
    except OutOfMemory as nothing:
        return nothing
    return OutOfMemory(
        _("{name} takes {needed} GB of memory in this precision, and {free} GB are free.").format(
            name=name, needed=gigabytes(placement.needed), free=gigabytes(free)
        ),
        _(
            "Choose the precision “as it fits” in the settings ({precision} takes {size} GB), or close other programs."
        ).format(precision=best.precision, size=gigabytes(best.needed)),
    )


def too_large(weights: Weights, item: int, free: int, name: str) -> OutOfMemory:
    """That a model does not fit into `free` bytes, and what would."""
    return OutOfMemory(
        _("{name} takes {needed} GB of memory even in 4 bits, and {free} GB are free.").format(
            name=name, needed=gigabytes(needs(weights, "nf4", item)), free=gigabytes(free)
        ),
        _(
            "Close other programs, or choose a model of up to {billions} billion parameters, which fits in 4 bits. With"
            " the precision “over memory and disk” in the settings it runs, but slowly."
        ).format(billions=_billions_that_fit(free)),
    )


def _billions_that_fit(free: int) -> str:
    """How many parameters fit in 4 bits; some of them, the embeddings, take more: 0.75 bytes each on average."""
    return f"{max(0.0, (free - _ROOM) / _MARGIN / 0.75) / 1e9:.1f}"


def needs(weights: Weights, precision: Precision, item: int, cache: int = 0) -> int:
    """The memory in bytes with which a model can be used: its weights, and room for a conversation."""
    return round(weights.bytes(precision, item) * _MARGIN) + _ROOM + cache


def kept_tokens(context: int, window: int) -> int:
    """Of how many tokens a model keeps keys and values: of all, or of those it looks back at, and a little more."""
    return min(context, SINKS + window + 2 * BLOCK) if window else context


def cache_bytes(folder: Path, tokens: int, item: int) -> int:
    """What keys and values of so many tokens take, by the model's config (Pope et al. 2022, section 3.3).

    Raises `ModelMissing` or `ModelBroken`. 0 for a config that does not tell.
    """
    config = model_folder.read_json(folder / "config.json")
    try:
        heads = int(config["num_attention_heads"])
        size = int(config.get("head_dim") or int(config["hidden_size"]) // heads)
        kept = int(config.get("num_key_value_heads") or heads) * size
        return 2 * int(config["num_hidden_layers"]) * kept * tokens * item
    except (KeyError, TypeError, ValueError):
        return 0


def config(precision: Precision, compute: Any, weights: Weights) -> Any:
    """What transformers is told to quantise with, None for full precision; `compute` is the dtype of its products."""
    if precision == "full":
        return None
    from transformers import BitsAndBytesConfig

    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=compute,
        # Whoever names some has to name the head, too; None leaves it to transformers.
        llm_int8_skip_modules=["lm_head", *weights.odd_layers] if weights.odd_layers else None,
    )


def gigabytes(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e9:.1f}"
