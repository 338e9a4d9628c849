"""A version as a plain model folder: its adapter added into the unquantised base, rounded once.

Shard by shard and a few rows at a time, so that memory stays small whatever the model's size. Everything but the
weights is copied.
"""

from __future__ import annotations

import json
import math
import shutil
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from thau_desktop.errors import ThauError
from thau_desktop.export.adapter import Adapter
from thau_desktop.export.child import exported
from thau_desktop.export.unfinished import finish, unfinished
from thau_desktop.export.weights import TYPES, Tensor, Weights, narrowed
from thau_desktop.inference import model_folder
from thau_desktop.messages import Exported, ExportEvent, ExportProgress
from thau_desktop.translation import _

SHARD_BYTES = 4 << 30
_BLOCK = 1 << 20  # numbers that are worked on at once
_INDEX = "model.safetensors.index.json"


def to_safetensors(
    folder: Path,
    path: Path,
    *,
    name: str = "",
    adapter: Path | None = None,
    shard_bytes: int = SHARD_BYTES,
    cancel: threading.Event | None = None,
) -> Iterator[ExportEvent]:
    """Write the model in `folder`, with what is in the folder `adapter` added, into the folder `path`.

    It becomes several files where it has more than `shard_bytes`. Number types stay those of the base. The last event
    is `Exported`. Raises `ThauError`; an older folder stays then.
    """
    yield from exported(_merge, (folder, path, name or folder.name, adapter, shard_bytes), path, cancel)


def _merge(
    folder: Path, path: Path, name: str, adapter: Path | None, shard_bytes: int, cancel: threading.Event
) -> Iterator[ExportEvent]:
    _check_target(path, folder)
    weights = Weights(folder, Adapter(adapter) if adapter is not None else None)
    shards = _shards(weights, shard_bytes)
    total, done = sum(_bytes(tensor) for tensor in weights.tensors.values()), 0
    with unfinished(path) as temporary:
        temporary.mkdir()
        for file in folder.iterdir():
            if file.is_file() and file.suffix not in (".safetensors", ".bin", ".gguf") and file.name != _INDEX:
                shutil.copyfile(file, temporary / file.name)
        _write_manifest(temporary, name)
        for shard, names in shards.items():
            with (temporary / shard).open("wb") as opened:
                for written in _write_shard(opened, weights, names):
                    if cancel.is_set():
                        return
                    done += written
                    yield ExportProgress("merging", done, total)
            model_folder.check_safetensors(temporary / shard)
        if len(shards) > 1:
            index = {"metadata": {"total_size": total}, "weight_map": _places(shards)}
            (temporary / _INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")
        model_folder.check(temporary)
        finish(temporary, path)
    yield Exported(str(path), sum(file.stat().st_size for file in path.iterdir()), 0.0)


def _check_target(path: Path, source: Path) -> None:
    """Only an older export may be replaced: never the model itself, nor a folder with anything else in it."""
    if not path.exists():
        return
    older = path.is_dir() and ((path / "config.json").is_file() or not any(path.iterdir()))
    if not older or path.resolve() == source.resolve():
        raise ThauError(
            _("{path} is there already and is no earlier export.").format(path=path), _("Choose another folder.")
        )


def _write_manifest(folder: Path, name: str) -> None:
    """The name is another and the weights are: the hashes of their maker no longer hold."""
    path = folder / model_folder.MANIFEST
    if path.is_file():
        values = model_folder.read_json(path) | {"name": name}
        values.pop("sha256", None)
        path.write_text(json.dumps(values, indent=2, ensure_ascii=False), encoding="utf-8")


def _shards(weights: Weights, most: int) -> dict[str, list[str]]:
    """By the name of a file the tensors in it: as many as fit."""
    groups: list[list[str]] = [[]]
    size = 0
    for name, tensor in weights.tensors.items():
        if groups[-1] and size + _bytes(tensor) > most:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += _bytes(tensor)
    if len(groups) == 1:
        return {"model.safetensors": groups[0]}
    return {f"model-{n:05d}-of-{len(groups):05d}.safetensors": group for n, group in enumerate(groups, 1)}


def _places(shards: dict[str, list[str]]) -> dict[str, str]:
    return {name: shard for shard, names in shards.items() for name in names}


def _write_shard(file: BinaryIO, weights: Weights, names: list[str]) -> Iterator[int]:
    """One safetensors file. Yields the bytes of each few rows."""
    header, start = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        tensor = weights.tensors[name]
        place = [start, start + _bytes(tensor)]
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": place}  # type: ignore[dict-item]
        start = place[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for name in names:
        tensor = weights.tensors[name]
        step = max(1, _BLOCK // max(1, tensor.row))
        for row in range(0, tensor.rows, step):
            raw = weights.is_raw(name)
            data = weights.raw(name, row, row + step) if raw else weights.rows(name, row, row + step)
            file.write((data if raw else narrowed(data, tensor.dtype)).data.cast("B"))
            yield (min(row + step, tensor.rows) - row) * tensor.row * TYPES[tensor.dtype].itemsize


def _bytes(tensor: Tensor) -> int:
    return math.prod(tensor.shape) * TYPES[tensor.dtype].itemsize
