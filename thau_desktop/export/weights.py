"""A model's safetensors files read a few rows at a time, without torch, with an adapter added where there is one.

Memory stays small whatever the model's size: what is asked for is read, and nothing is mapped or kept.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from thau_desktop.errors import ModelBroken, ModelUnsupported
from thau_desktop.export.adapter import Adapter
from thau_desktop.inference import model_folder
from thau_desktop.translation import _

Floats = npt.NDArray[np.float32]

TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}
_PREFIXES = ("model.language_model.", "language_model.model.", "language_model.")  # where a model can also see


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies. `dtype` is safetensors' name of its type; `start` counts bytes in `file`."""

    file: Path
    dtype: str
    shape: tuple[int, ...]
    start: int

    @property
    def row(self) -> int:
        """Numbers in one row: of a vector, all."""
        return self.shape[-1] if len(self.shape) > 1 else math.prod(self.shape)

    @property
    def rows(self) -> int:
        return math.prod(self.shape[:-1]) if len(self.shape) > 1 else 1


class Weights:
    """All tensors of a model by their names in transformers.

    Attributes: `tensors`; `adapter`, what is added to them when they are read.
    """

    def __init__(self, folder: Path, adapter: Adapter | None = None) -> None:
        """Read the headers. Raises `ModelMissing`, `ModelBroken`, `ModelUnsupported`."""
        self.adapter = adapter
        self.tensors: dict[str, Tensor] = {}
        for file in model_folder.weight_files(folder):
            model_folder.check_safetensors(file)
            for name, tensor in headers(file).items():
                self.tensors[_plain(name)] = tensor
        for name, tensor in self.tensors.items():
            if tensor.dtype not in TYPES:
                raise ModelUnsupported(
                    _("{name} in {folder} is kept as {dtype}, which can't be exported.").format(
                        name=name, folder=folder, dtype=tensor.dtype
                    ),
                    _("Export from a model that is not quantised."),
                )
        if adapter is not None:
            adapter.check({name: tensor.shape for name, tensor in self.tensors.items()})

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def is_raw(self, name: str) -> bool:
        """Whether what is in the file is what is read: no adapter adds to it."""
        return self.adapter is None or name not in self.adapter

    def raw(self, name: str, start: int = 0, stop: int | None = None) -> npt.NDArray[Any]:
        """Rows of a tensor as they are kept, bfloat16 as its 16 bits, shape `(rows, row)`."""
        tensor = self.tensors[name]
        stop = tensor.rows if stop is None else min(stop, tensor.rows)
        kind = TYPES[tensor.dtype]
        count = (stop - start) * tensor.row
        with tensor.file.open("rb") as file:
            read = np.fromfile(file, kind, count, offset=tensor.start + start * tensor.row * kind.itemsize)
        if read.size != count:
            raise ModelBroken(
                _("The model's file {path} was cut off while it was read.").format(path=tensor.file),
                _("Download the model again."),
            )
        return read.reshape(stop - start, tensor.row)

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> Floats:
        """Rows of a tensor in float32, the adapter added, shape `(rows, row)`."""
        read = widened(self.raw(name, start, stop), self.tensors[name].dtype)
        if self.adapter is not None and name in self.adapter:
            read += self.adapter.rows(name, start, start + len(read))
        return read


def widened(values: npt.NDArray[Any], dtype: str) -> Floats:
    """Kept numbers as float32; bfloat16 is its upper half."""
    if dtype == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32, copy=False)


def narrowed(values: Floats, dtype: str) -> npt.NDArray[Any]:
    """float32 as it is kept in a file, bfloat16 rounded to the nearest even, as torch does."""
    if dtype == "BF16":
        bits = values.view(np.uint32)
        rounded = (bits + (((bits >> 16) & 1) + 0x7FFF)) >> 16
        not_a_number = (bits & 0x7FFFFFFF) > 0x7F800000
        return np.where(not_a_number, (bits >> 16) | 0x40, rounded).astype(np.uint16)
    return values.astype(TYPES[dtype], copy=False)


def headers(file: Path) -> dict[str, Tensor]:
    """What a safetensors file holds, by name (huggingface.co/docs/safetensors)."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(length))
    return {
        name: Tensor(file, entry["dtype"], tuple(entry["shape"]), 8 + length + entry["data_offsets"][0])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _plain(name: str) -> str:
    """The name that the language model alone would have given it."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            return rest if rest.startswith("lm_head.") else f"model.{rest}"
    return name
