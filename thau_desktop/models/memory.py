"""How much memory a language model needs, from its shape alone, and whether this machine has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from thau_desktop.hardware import Hardware
from thau_desktop.inference import precision
from thau_desktop.inference.estimate import GGUF_ROOM
from thau_desktop.inference.precision import Precision, Weights
from thau_desktop.translation import _

CONTEXT = 2048  # tokens of the conversation that an estimate counts with: the app's own default
_SYSTEM = 2_000_000_000  # bytes that system and window want for themselves


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Llama-like decoder, by the names of Touvron et al. 2023 (arXiv 2302.13971).

    Attributes: `kv_heads` share their keys and values (grouped queries, arXiv 2305.13245); `inner` is the width of the
    gated feed-forward layer; `tied`, the head is the embedding; `bias`, query, key and value have one.
    """

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    inner: int
    vocabulary: int
    tied: bool
    bias: bool

    @property
    def weights(self) -> Weights:
        """How many weights it has: four matrices of attention, three of the feed-forward layer, two norms a layer."""
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        matrices = 2 * self.hidden * queries + 2 * self.hidden * keys + 3 * self.hidden * self.inner
        edges = 2 * (self.hidden + queries) + 2 * (self.hidden + keys) + 3 * (self.hidden + self.inner)
        small = 2 * self.hidden + (queries + 2 * keys if self.bias else 0)
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        total = self.layers * (matrices + small) + embeddings + self.hidden
        return Weights(total, self.layers * matrices, self.layers * edges)

    def cache_bytes(self, tokens: int, item: int) -> int:
        """The key-value cache of a conversation: a key and a value a layer and key-value head for each token (Pope et
        al. 2022, arXiv 2211.05102, section 3.3); `item` is the size of a number in bytes."""
        return 2 * self.layers * self.kv_heads * self.head_size * tokens * item


@dataclass(frozen=True, slots=True)
class Room:
    """The memory that a model may take here, in bytes, and how its weights lie in it.

    Attributes: `device` is "cuda", "mps" or "cpu"; `item`, the bytes of a weight that is not quantised.
    """

    device: str
    bytes: int
    item: int

    @property
    def precisions(self) -> tuple[Precision, ...]:
        """Those that work there, the best first: bitsandbytes has nothing for Apple's GPUs."""
        return ("full",) if self.device == "mps" else get_args(Precision)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a model fits. `precision`: the best in which it does, None where none does; `needed` bytes then, or in
    the smallest precision."""

    precision: Precision | None
    needed: int


def room(hardware: Hardware) -> Room:
    """What this machine has for a model when nothing else is open: its best GPU's memory, else its own less what the
    system wants. On a processor weights are held in 32 bits, on a GPU in 16."""
    cuda = max((gpu.memory_total for gpu in hardware.gpus if gpu.backend == "cuda"), default=0)
    if cuda:
        return Room("cuda", round(0.92 * cuda), 2)
    own = max(hardware.memory_total - _SYSTEM, hardware.memory_total // 2)
    if any(gpu.backend == "mps" for gpu in hardware.gpus):
        return Room("mps", min(own, round(0.75 * hardware.memory_total)), 2)
    return Room("cpu", own, 4)


def needs(shape: Shape, kind: Precision, item: int, tokens: int = CONTEXT) -> int:
    """Bytes with which the model can hold a conversation of `tokens`: what loading asks for
    (`inference/precision.py: needs`, weights by precision with a margin), and the key-value cache."""
    return precision.needs(shape.weights, kind, item) + shape.cache_bytes(tokens, item)


def fit(shape: Shape, here: Room) -> Fit:
    """The best precision that fits."""
    for kind in here.precisions:
        needed = needs(shape, kind, here.item)
        if needed <= here.bytes:
            return Fit(kind, needed)
    return Fit(None, needed)


def fit_words(fit: Fit) -> str:
    """Whether it fits, in words."""
    words = {"full": _("fits"), "int8": _("fits in 8-bit"), "nf4": _("fits in 4-bit")}
    return words[fit.precision] if fit.precision else _("too large for this computer")


def gguf_needs(size: int, shape: Shape | None = None, tokens: int = CONTEXT) -> int:
    """Bytes with which llama.cpp runs a file of `size` bytes: the file, which it maps whole, a cache in 16 bits and its
    buffers."""
    return size + (shape.cache_bytes(tokens, 2) if shape else 0) + GGUF_ROOM
