"""What a training added as a GGUF file of its own, which llama.cpp and Ollama put onto the base's GGUF file."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType as Type

from thau_desktop.export import architecture, tokenizer, validator
from thau_desktop.export.adapter import Adapter
from thau_desktop.export.child import exported, stopped
from thau_desktop.export.hashed_file import hashed, new_writer, write_head
from thau_desktop.export.unfinished import finish, unfinished
from thau_desktop.export.weights import Weights
from thau_desktop.messages import Exported, ExportEvent


def to_gguf_adapter(
    folder: Path, adapter: Path, path: Path, *, name: str = "", cancel: threading.Event | None = None
) -> Iterator[ExportEvent]:
    """Write the adapter in the folder `adapter` of the model in `folder` to `path`, in a process of its own.

    The last event is `Exported`. Raises `ThauError`.
    """
    started = time.monotonic()
    words = tokenizer.read(folder, cancel)
    if words is None:
        yield stopped(path, started)
        return
    yield from exported(_write, (folder, adapter, path, name or adapter.name, words.config), path, cancel, started)


def _write(
    folder: Path, adapter: Path, path: Path, name: str, config: dict[str, Any], cancel: threading.Event
) -> Iterator[ExportEvent]:
    model, found = architecture.of(config), Adapter(adapter)
    Weights(folder, found)  # it must fit
    with unfinished(path) as temporary:
        writer = new_writer(temporary, model.name)
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_name(name)
        writer.add_float32("adapter.lora.alpha", 0.0)  # nothing more to scale by: it is in the numbers
        arrays = []
        for source, change in sorted(found.changes.items()):
            order = model.order(source, len(change.up))
            up = np.float32(change.scale) * (change.up if order is None else change.up[order])
            for part, values in (("lora_a", change.down), ("lora_b", up)):
                arrays.append(np.ascontiguousarray(values))
                name_there = f"{model.place(source)}.{part}"
                writer.add_tensor_info(name_there, values.shape, np.dtype(np.float32), values.nbytes, Type.F32)
        write_head(writer)
        with hashed(temporary) as file:
            for values in arrays:
                file.begin()
                file.put(values)
        yield from validator.check(temporary, cancel)
        if cancel.is_set():
            return
        finish(temporary, path)
    yield Exported(str(path), path.stat().st_size, 0.0, validator.read(path).sha256)
