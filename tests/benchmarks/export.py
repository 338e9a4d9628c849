"""A large model to GGUF: bytes of output a second, read back and all, and the memory of the process that writes."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.benchmarks.report import Figure
from thau_desktop.export.gguf import to_gguf
from thau_desktop.export.merge import to_safetensors
from thau_desktop.messages import Exported
from thau_desktop.paths import resources

MEGABYTE = 1_000_000
NANO = resources() / "starter" / "thau-nano-v1"


def measure(quick: bool) -> Iterator[Figure]:
    """From bfloat16, as most models come, and from float16; with an adapter on every linear layer; merged.

    Beside them the plain copy of a file, read again: what the disk and the machine's other work allow.
    """
    with tempfile.TemporaryDirectory(prefix="thau-export-") as name:
        folder = Path(name)
        size = {"hidden": 256, "layers": 2} if quick else {"hidden": 2048, "layers": 4}
        for dtype in ("BF16", "F16"):
            model = write(folder / dtype, dtype, **size)
            yield from _written(f"{dtype} to F16", folder, lambda path, model=model: to_gguf(model, path, "f16"), 200)
        yield _copied(folder / "BF16" / "model.safetensors", folder / "copy")
        adapter = write_adapter(folder / "adapter", **size)
        model = folder / "BF16"
        merging = [
            ("BF16 with an adapter to F16", lambda path: to_gguf(model, path, "f16", adapter=adapter)),
            ("BF16 with an adapter to a folder", lambda path: to_safetensors(model, path, adapter=adapter)),
            ("BF16 to Q8_0", lambda path: to_gguf(model, path, "q8_0")),
            ("BF16 to Q4_K_M", lambda path: to_gguf(model, path, "q4_k_m")),
        ]
        for words, export in merging:
            yield from _written(words, folder, export)
        if not quick:
            yield from _of_seven_billion(folder)


def _of_seven_billion(folder: Path) -> Iterator[Figure]:
    """A model of 7.2 billion numbers, all zero and none of them on the disk: what counts is the memory."""
    size = {"hidden": 4096, "layers": 26}
    model, adapter = write(folder / "7B", "BF16", **size, hollow=True), write_adapter(folder / "7B-adapter", **size)
    yield from _written(
        "7B with an adapter to a folder", folder, lambda path: to_safetensors(model, path, adapter=adapter)
    )
    yield from _written("7B to F16", folder, lambda path: to_gguf(model, path, "f16"))


def _copied(source: Path, target: Path) -> Figure:
    started = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        os.fsync(file.fileno())
        while file.read(1 << 22):
            pass
    seconds, size = time.perf_counter() - started, target.stat().st_size
    target.unlink()
    return Figure("a file copied and read again", size / MEGABYTE / seconds, "MB/s")


def _written(
    words: str, folder: Path, export: Callable[[Path], Iterator[Any]], least: float | None = None
) -> Iterator[Figure]:
    path = folder / "out"
    most, used = [0], [0.0]
    done = threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not done.wait(0.02):
            for child in own.children():
                try:
                    most[0] = max(most[0], child.memory_info().rss)
                    used[0] = max(used[0], sum(child.cpu_times()[:2]))
                except psutil.Error:
                    continue  # it has just ended

    watching = threading.Thread(target=watch)
    watching.start()
    started = time.perf_counter()
    try:
        *_progress, last = export(path)
    finally:
        done.set()
        watching.join()
    seconds = time.perf_counter() - started
    assert isinstance(last, Exported)
    speed = last.bytes / MEGABYTE / seconds
    note = f"{last.bytes / MEGABYTE:.0f} MB in {seconds:.1f} s, {used[0]:.1f} s of one processor"
    yield Figure(words, speed, "MB/s", least=least, note=note)
    yield Figure(f"{words}: memory", most[0] / MEGABYTE, "MB", most=2000)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _shapes(hidden: int, layers: int) -> dict[str, tuple[int, ...]]:
    """Those of a Llama with the starter model's vocabulary and a large embedding beside it."""
    inside = 4 * hidden
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (64_000, hidden),
        "model.norm.weight": (hidden,),
    }
    for layer in range(layers):
        name = f"model.layers.{layer}"
        shapes |= {f"{name}.self_attn.{one}_proj.weight": (hidden, hidden) for one in "qkvo"}
        shapes |= {f"{name}.mlp.{one}_proj.weight": (inside, hidden) for one in ("gate", "up")}
        shapes[f"{name}.mlp.down_proj.weight"] = (hidden, inside)
        shapes |= {f"{name}.{one}_layernorm.weight": (hidden,) for one in ("input", "post_attention")}
    return shapes


def write(folder: Path, dtype: str, hidden: int, layers: int, *, hollow: bool = False) -> Path:
    """A Llama of random numbers, or of zeros that take no room on the disk."""
    shutil.copytree(NANO, folder, ignore=shutil.ignore_patterns("*.safetensors", "thau.json"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_size": hidden, "num_hidden_layers": layers, "intermediate_size": 4 * hidden}
    config |= {"num_attention_heads": hidden // 64, "num_key_value_heads": hidden // 64, "vocab_size": 64_000}
    (folder / "config.json").write_text(json.dumps(config))
    _save(folder / "model.safetensors", dtype, _shapes(hidden, layers), hollow=hollow)
    return folder


def write_adapter(folder: Path, hidden: int, layers: int, rank: int = 32) -> Path:
    """One for every linear layer."""
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank, "lora_alpha": 2 * rank}))
    shapes: dict[str, tuple[int, ...]] = {}
    for name, shape in _shapes(hidden, layers).items():
        if "proj" in name:
            module = f"base_model.model.{name.removesuffix('.weight')}"
            shapes |= {f"{module}.lora_A.weight": (rank, shape[1]), f"{module}.lora_B.weight": (shape[0], rank)}
    _save(folder / "adapter_model.safetensors", "F32", shapes)
    return folder


def _save(path: Path, dtype: str, shapes: dict[str, tuple[int, ...]], *, hollow: bool = False) -> None:
    """A safetensors file of random numbers, a tensor at a time, or of a hole."""
    size = 4 if dtype == "F32" else 2
    header, start = {}, 0
    for name, shape in shapes.items():
        end = start + size * int(np.prod(shape))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
        start = end
    text = json.dumps(header).encode()
    dice = np.random.default_rng(7)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        if hollow:
            file.truncate(file.tell() + start)
            return
        for shape in shapes.values():
            numbers = dice.standard_normal(int(np.prod(shape)), np.float32) * np.float32(0.02)
            if dtype == "BF16":
                file.write((numbers.view(np.uint32) >> 16).astype(np.uint16).tobytes())
            else:
                file.write(numbers.astype(np.float16 if dtype == "F16" else np.float32).tobytes())
