"""A model, or a version with what it learned, as one GGUF file for llama.cpp, LM Studio, Ollama or a phone.

Tensors go through a few rows at a time, so that memory stays small for any size. The file is written under another
name, read back and only then given its own.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Type

from thau_desktop.errors import ModelUnsupported
from thau_desktop.export import architecture, quantisation, tokenizer, validator, vocabulary
from thau_desktop.export.adapter import Adapter
from thau_desktop.export.child import exported, stopped
from thau_desktop.export.hashed_file import hashed, new_writer, write_head
from thau_desktop.export.unfinished import finish, unfinished
from thau_desktop.export.vocabulary import Vocabulary
from thau_desktop.export.weights import Weights
from thau_desktop.inference import model_folder
from thau_desktop.inference.gguf_file import MANIFEST_KEY
from thau_desktop.messages import Exported, ExportEvent, ExportProgress
from thau_desktop.translation import _

_BLOCK = 1 << 20  # numbers that are worked on at once: they stay in the processor's cache
_WORKERS = 2
_AHEAD = 4  # blocks that may wait to be written


def to_gguf(
    folder: Path,
    path: Path,
    quantisation: str = "f16",
    *,
    name: str = "",
    adapter: Path | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[ExportEvent]:
    """Write the model in `folder`, with what is in the folder `adapter` added, to `path`, in a process of its own.

    `name` is what the file says of itself. The last event is `Exported`. Raises `ThauError`: `ModelUnsupported` where
    llama.cpp could not do what transformers does, `DiskFull`; an older file at `path` stays then.
    """
    started = time.monotonic()
    words = tokenizer.read(folder, cancel)
    if words is None:
        yield stopped(path, started)
        return
    yield from exported(
        _write, (folder, path, quantisation, name or folder.name, adapter, words), path, cancel, started
    )


def _write(
    folder: Path,
    path: Path,
    kind: str,
    name: str,
    adapter: Path | None,
    words: tokenizer.Tokenizer,
    cancel: threading.Event,
) -> Iterator[ExportEvent]:
    wanted = quantisation.find(kind)
    weights = Weights(folder, Adapter(adapter) if adapter is not None else None)
    model = architecture.of(words.config)
    plan = _plan(model, weights, wanted)
    rows = weights.tensors["model.embed_tokens.weight"].shape[0]
    with unfinished(path) as temporary:
        _write_head(temporary, folder, name, wanted, model, vocabulary.made(words, folder, rows), plan)
        done, total = 0, sum(tensor.bytes for tensor in plan)
        with hashed(temporary) as file:
            for tensor, data in _ahead(_blocks(model, weights, plan)):
                if cancel.is_set():
                    return
                if tensor is not None:
                    file.begin()
                file.put(data)
                done += data.nbytes
                yield ExportProgress("writing", done, total)
        yield from validator.check(temporary, cancel)
        if cancel.is_set():
            return
        checked = validator.read(temporary)
        finish(temporary, path)
    yield Exported(str(path), path.stat().st_size, 0.0, checked.sha256)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A tensor to write. `source` is its name in the model; empty: it is made from the config."""

    name: str
    source: str
    shape: tuple[int, ...]
    type: Type

    @property
    def bytes(self) -> int:
        block, size = gguf.GGML_QUANT_SIZES[self.type]
        return int(math.prod(self.shape) // block * size)


def _plan(model: architecture.Model, weights: Weights, wanted: quantisation.Quantisation) -> list[_Planned]:
    names = architecture.tensors(model, iter(weights.tensors))
    tied = not any(place == "output.weight" for place, _source in names)
    blocks = int(str(model.keys["block_count"]))
    made = [_Planned(place, "", values.shape, Type.F32) for place, values in model.factors.items()]
    return made + [
        _Planned(place, source, shape, quantisation.type_of(place, shape, wanted, blocks, tied))
        for place, source in names
        for shape in (weights.tensors[source].shape,)
    ]


def _write_head(
    path: Path,
    folder: Path,
    name: str,
    wanted: quantisation.Quantisation,
    model: architecture.Model,
    words: Vocabulary,
    plan: list[_Planned],
) -> None:
    """Metadata and the places of the tensors, with zeros for the hash."""
    writer = new_writer(path, model.name)
    writer.add_type("model")
    writer.add_name(f"Phi-3 {name}" if words.right_stripped and model.name == "phi3" else name)
    writer.add_languages(model_folder.read_manifest(folder).languages)
    if (folder / model_folder.MANIFEST).is_file():
        manifest = model_folder.read_json(folder / model_folder.MANIFEST) | {"name": name, "sha256": {}}
        writer.add_string(MANIFEST_KEY, json.dumps(manifest, ensure_ascii=False))
    writer.add_file_type(int(wanted.file))
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    for key, value in model.keys.items():
        _add(writer, f"{model.name}.{key}", value)
    _add_vocabulary(writer, words)
    for tensor in plan:
        writer.add_tensor_info(tensor.name, tensor.shape, np.dtype(np.float32), tensor.bytes, tensor.type)
    write_head(writer)


def _add(writer: Any, key: str, value: architecture.Value) -> None:
    match value:
        case bool():
            writer.add_bool(key, value)
        case int():
            writer.add_uint32(key, value)
        case float():
            writer.add_float32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, value)


def _add_vocabulary(writer: Any, words: Vocabulary) -> None:
    writer.add_tokenizer_model(words.family)
    writer.add_tokenizer_pre(words.split)
    writer.add_token_list(words.tokens)
    writer.add_token_types(words.kinds)
    if words.scores:
        writer.add_token_scores(words.scores)
    if words.merges:
        writer.add_token_merges(words.merges)
    for role, number in words.special.items():
        key = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}[role]
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", number)
    ends = [stop for stop in words.stops if stop != words.special.get("eos")]
    if ends:
        writer.add_eot_token_id(ends[0])
    writer.add_add_bos_token(words.adds_bos)
    writer.add_add_eos_token(words.adds_eos)
    writer.add_add_space_prefix(words.space_prefix)
    if words.template:
        writer.add_chat_template(words.template)


_Block = tuple[_Planned | None, npt.NDArray[Any]]  # named by the first block of a tensor


def _ahead(blocks: Iterator[Callable[[], _Block]]) -> Iterator[_Block]:
    """The results of calls in their order, a few of them worked on while one is written."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        waiting: deque[Future[_Block]] = deque()
        try:
            for call in blocks:
                waiting.append(pool.submit(call))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def _blocks(model: architecture.Model, weights: Weights, plan: list[_Planned]) -> Iterator[Callable[[], _Block]]:
    """For each few rows of each tensor a call that makes them."""
    for tensor in plan:
        if not tensor.source:
            yield partial(_factors, model, tensor)
            continue
        source = weights.tensors[tensor.source]
        order = model.order(tensor.source, tensor.shape[0])
        step = max(1, _BLOCK // source.row) if order is None else source.rows
        for start in range(0, source.rows, step):
            yield partial(_made, model, weights, tensor, start, start + step, order)


def _factors(model: architecture.Model, tensor: _Planned) -> _Block:
    return tensor, model.factors[tensor.name]


def _made(
    model: architecture.Model,
    weights: Weights,
    tensor: _Planned,
    start: int,
    stop: int,
    order: npt.NDArray[np.intp] | None,
) -> _Block:
    """Some rows of a tensor as the file holds them."""
    first = tensor if start == 0 else None
    shift, vector = model.shift(tensor.source), len(tensor.shape) == 1
    kept = weights.tensors[tensor.source].dtype
    if weights.is_raw(tensor.source) and kept == tensor.type.name and not shift:
        values: npt.NDArray[Any] = weights.raw(tensor.source, start, stop)
        return first, _ordered(values, order, vector)
    rows = weights.rows(tensor.source, start, stop)
    if shift:
        rows = rows + np.float32(shift)
    try:
        return first, quantisation.quantised(_ordered(rows, order, vector), tensor.type)
    except FloatingPointError as problem:
        raise ModelUnsupported(
            _("{name} holds numbers that are too large for {kind}.").format(name=tensor.name, kind=tensor.type.name),
            _("Choose bf16 or f32."),
        ) from problem


def _ordered(values: npt.NDArray[Any], order: npt.NDArray[np.intp] | None, vector: bool) -> npt.NDArray[Any]:
    if order is None:
        return values
    return np.ascontiguousarray(values[:, order] if vector else values[order])
