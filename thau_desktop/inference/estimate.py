"""What a model will take of this machine's memory, told before it is read; without torch and llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from thau_desktop import hardware
from thau_desktop.errors import OutOfMemory
from thau_desktop.inference import gguf_file, model_folder, precision
from thau_desktop.inference.precision import Wish

GGUF_ROOM = 128 << 20  # bytes that llama.cpp takes beside weights and cache, with prompts read 256 tokens at a time
_DEFAULT_CONTEXT = 2048


def of_folder(folder: Path, wish: Wish, context: int, device: str, window: int = 0) -> tuple[int, int]:
    """The bytes that a model folder will take, and those that are free where it will be.

    `window` are the tokens that it looks back at, 0 all of `context`. Where nothing fits, what it takes in 4 bits.
    Raises `ModelMissing` or `ModelBroken`.
    """
    needed, free = of_each(folder, (wish,), context, device, window)
    return needed[wish], free


def of_each(
    folder: Path, wishes: Sequence[Wish], context: int, device: str, window: int = 0
) -> tuple[dict[Wish, int], int]:
    """As `of_folder`, for several wishes at once."""
    free, item = _room(device)
    weights = precision.weights_of(folder)
    limits = [limit for limit in (context, model_folder.context_of(folder)) if limit]
    tokens = precision.kept_tokens(min(limits, default=_DEFAULT_CONTEXT), window)
    cache = precision.cache_bytes(folder, tokens, item)
    needed: dict[Wish, int] = {}
    for wish in wishes:
        try:
            needed[wish] = precision.place(weights, wish, item, free, folder.name, cache=cache).needed
        except OutOfMemory:
            needed[wish] = precision.needs(weights, "nf4", item, cache)
    return needed, free


def of_file(file: Path, context: int) -> tuple[int, int]:
    """The bytes that a GGUF file will take, and the machine's free ones. Raises `ModelMissing` or `ModelBroken`."""
    facts = gguf_file.facts(file)
    limits = [limit for limit in (context, facts.context) if limit]
    return gguf_needs(facts, min(limits, default=_DEFAULT_CONTEXT)), hardware.facts().memory_available


def gguf_needs(facts: gguf_file.GgufFacts, context: int) -> int:
    """Weights, a cache for `context` tokens in 16 bits, and llama.cpp's own."""
    return facts.weights + facts.cache * context + GGUF_ROOM


def _room(device: str) -> tuple[int, int]:
    """Free bytes where a model will be, and the bytes of one of its weights there."""
    machine = hardware.facts()
    cards = [gpu for gpu in machine.gpus if device in ("auto", gpu.backend, f"{gpu.backend}:{gpu.index}")]
    if device == "cpu" or not cards:
        return machine.memory_available, 4
    return cards[0].memory_available or machine.memory_available, 2
