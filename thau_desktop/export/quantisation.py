"""The number types of a GGUF file: which tensor gets which, and float32 made into them.

The plain types are written by the `gguf` package. K-quants (Q4_K and its kin) it can't write: the ggml in xllamacpp's
library can, where the system lets its functions be called.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Type
from gguf import LlamaFileType as FileType

from thau_desktop.errors import ModelUnsupported, ThauError
from thau_desktop.translation import _

_FALLBACKS = {Type.Q4_K: Type.Q5_0, Type.Q6_K: Type.Q8_0}  # where a row is no whole number of blocks of 256
_K_QUANTS = (Type.Q4_K, Type.Q6_K)


@dataclass(frozen=True, slots=True)
class Quantisation:
    """How a file is written. Attributes: `type` of most tensors; `file`: how GGUF calls the mixture."""

    name: str
    type: Type
    file: FileType


QUANTISATIONS = {
    one.name: one
    for one in (
        Quantisation("f32", Type.F32, FileType.ALL_F32),
        Quantisation("f16", Type.F16, FileType.MOSTLY_F16),
        Quantisation("bf16", Type.BF16, FileType.MOSTLY_BF16),
        Quantisation("q8_0", Type.Q8_0, FileType.MOSTLY_Q8_0),
        Quantisation("q5_0", Type.Q5_0, FileType.MOSTLY_Q5_0),
        Quantisation("q4_0", Type.Q4_0, FileType.MOSTLY_Q4_0),
        Quantisation("q4_k_m", Type.Q4_K, FileType.MOSTLY_Q4_K_M),
    )
}


def find(name: str) -> Quantisation:
    """The quantisation of that name. Raises `ThauError` for one that is not known or can't be made on this machine."""
    found = QUANTISATIONS.get(name.lower())
    if found is None:
        raise ThauError(
            _("There is no quantisation {name}.").format(name=name),
            _("Choose one of these: {names}.").format(names=", ".join(QUANTISATIONS)),
        )
    if found.type in _K_QUANTS and not makes_k_quants():
        raise ModelUnsupported(
            _("{name} can't be made here: the library of llama.cpp on this system keeps its functions closed.").format(
                name=found.name
            ),
            _("Choose q8_0 or q4_0, or push to Ollama, which makes it itself."),
        )
    return found


def type_of(name: str, shape: tuple[int, ...], wanted: Quantisation, blocks: int, tied: bool) -> Type:
    """The type of a tensor by its name in GGUF; vectors stay in float32, as llama.cpp wants them."""
    if len(shape) < 2 or name.startswith("rope_"):
        return Type.F32
    kind = _mixed(name, blocks, tied) if wanted.type == Type.Q4_K else wanted.type
    for _attempt in range(2):
        if shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] == 0:
            return kind
        kind = _FALLBACKS.get(kind, Type.F16)
    return Type.F16


def _mixed(name: str, blocks: int, tied: bool) -> Type:
    """Q4_K_M as llama.cpp mixes it: six bits for the output and, in half of the blocks, for what hurts most."""
    if name == "output.weight" or (name == "token_embd.weight" and tied):
        return Type.Q6_K
    parts = name.split(".")
    if parts[0] == "blk" and parts[2] in ("attn_v", "ffn_down", "attn_qkv"):
        block, eighth = int(parts[1]), blocks // 8
        if block < eighth or block >= 7 * blocks // 8 or (block - eighth) % 3 == 2:
            return Type.Q6_K
    return Type.Q4_K


def quantised(values: npt.NDArray[np.float32], kind: Type) -> npt.NDArray[Any]:
    """Rows of float32, `(rows, row)`, as the file holds them. Raises `FloatingPointError` where one is too large."""
    if kind in _K_QUANTS:
        return _k_quantised(np.ascontiguousarray(values), kind)
    with np.errstate(over="raise"):
        return np.asarray(gguf.quants.quantize(values, kind))


def makes_k_quants() -> bool:
    """Whether this system lets llama.cpp's own quantiser be called."""
    return _quantiser() is not None


def _k_quantised(values: npt.NDArray[np.float32], kind: Type) -> npt.NDArray[np.uint8]:
    function = _quantiser()
    assert function is not None
    rows, row = values.shape
    block, size = gguf.GGML_QUANT_SIZES[kind]
    written = np.empty((rows, row // block * size), np.uint8)
    function(int(kind), values.ctypes.data, written.ctypes.data, 0, rows, row, None)
    return written


@functools.cache
def _quantiser() -> Any:
    """ggml's `ggml_quantize_chunk`; None where the library is missing or does not show it (Windows).

    The library is loaded beside Python's own import of it: torch must not be in this process.
    """
    spec = importlib.util.find_spec("xllamacpp")
    if spec is None or spec.origin is None:
        return None
    for path in sorted(Path(spec.origin).parent.glob("xllamacpp*.so")):
        try:
            function = ctypes.CDLL(str(path)).ggml_quantize_chunk
        except (OSError, AttributeError):
            continue
        number, pointer, size = ctypes.c_int64, ctypes.c_void_p, ctypes.c_size_t
        function.argtypes = (ctypes.c_int, pointer, pointer, number, number, number, pointer)
        function.restype = size
        return function
    return None
