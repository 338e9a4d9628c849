"""What a training takes in memory, told from a model's files before anything is read, and how it is made to fit.

The weights, the adapter with its gradients and AdamW's two means, and what each layer keeps for its backward pass. In
half the memory the base is held in 4 bits (QLoRA, Dettmers et al. 2023); with checkpoints (Chen et al. 2016) each layer
keeps its input alone and computes the rest again, which takes a third longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from thau_desktop.errors import OutOfMemory
from thau_desktop.inference.model_folder import read_json
from thau_desktop.inference.precision import Precision, Weights, Wish, gigabytes, weights_of
from thau_desktop.training.recipe import Recipe
from thau_desktop.translation import _

_MARGIN, _ROOM = 1.1, 256 << 20  # allocators waste some; libraries want some more (bytes)
_LEARNED = 16  # bytes of a weight that learns: itself, its gradient and two means, float32
_HIDDEN, _INNER = 10, 4  # numbers that a layer keeps for each token, in widths of the model and of its inner layer
_LOGITS = 12  # bytes of a token's logit: itself, its softmax and its gradient, float32


@dataclass(frozen=True, slots=True)
class Plan:
    """How a training is held in memory, and the bytes that it takes."""

    precision: Precision
    checkpointing: bool
    bytes: int


def plan(folder: Path, recipe: Recipe, wish: Wish, longest: int, learned: int, item: int, free: int) -> Plan:
    """The fastest way that fits into `free` bytes (0: unknown).

    Rows have up to `longest` tokens, `learned` of which are learned; `item` is the size in bytes of a weight and of an
    activation. Raises `OutOfMemory`, `ModelMissing` or `ModelBroken`.
    """
    weights, config = weights_of(folder), read_json(folder / "config.json")
    own = adapter_bytes(weights, recipe.lora_r)
    logits = _LOGITS * _number(config, "vocab_size", 32000) * recipe.batch_size * learned
    # Weights that lie on the disk can't be trained.
    bits: tuple[Precision, ...] = ("full", "nf4") if wish == "auto" or wish == "spread" else (wish,)
    ways = [
        Plan(each, again, round((weights.bytes(each, item) + rest) * _MARGIN) + _ROOM)
        for each in bits
        for again in (False, True)
        for rest in [own + logits + recipe.batch_size * longest * kept(config, item, again)]
    ]
    for way in ways:
        if way.bytes <= free or not free:
            return way
    least = min(ways, key=lambda way: way.bytes)
    raise OutOfMemory(
        _("Training {name} takes {needed} GB of memory, and {free} GB are free.").format(
            name=folder.name, needed=gigabytes(least.bytes), free=gigabytes(free)
        ),
        _("Close other programs, lower the batch size or the longest example, or choose a smaller model."),
    )


def adapter_bytes(weights: Weights, rank: int) -> int:
    """What an adapter of that rank takes while it learns."""
    return _LEARNED * rank * weights.edges


def kept(config: dict[str, object], item: int, again: bool) -> int:
    """The bytes that all layers keep of a token for the backward pass; `again`: computed anew where they can be."""
    layers, hidden, inner = (
        _number(config, name, usual)
        for name, usual in (
            ("num_hidden_layers", 32),
            ("hidden_size", 4096),
            ("intermediate_size", 0),
        )
    )
    layer = item * (_HIDDEN * hidden + _INNER * (inner or 4 * hidden))
    return layers * item * hidden + layer if again else layers * layer


def _number(config: dict[str, object], name: str, usual: int) -> int:
    value = config.get(name)
    return value if isinstance(value, int) and value > 0 else usual
