"""Facts about a model on this disk, read from its files without loading it."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thau_desktop.errors import ThauError
from thau_desktop.inference import gguf_file, model_folder
from thau_desktop.inference.model_folder import weight_files
from thau_desktop.models.downloading import source_of

if TYPE_CHECKING:
    from thau_desktop.models.catalog import InstalledModel


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`bytes` on disk; 0 parameters or context where the files don't say; `languages` as codes; `kind` as the model's;
    `source`, the id on Hugging Face that it came from."""

    name: str
    title: str
    starter: bool
    folder: Path
    bytes: int
    parameters: int
    context: int
    languages: tuple[str, ...]
    draws: bool
    kind: str = "folder"
    source: str = ""


def facts_of(model: InstalledModel) -> ModelFacts:
    """Read them. Blocks for some milliseconds: not in the window's thread."""
    manifest = model.manifest
    return ModelFacts(
        name=model.name,
        title=manifest.name or model.name,
        starter=model.starter,
        folder=model.path or Path(),
        bytes=model.bytes,
        parameters=_parameters(model),
        context=context_of(model),
        languages=manifest.languages,
        draws="generate_image" in manifest.native_tools,
        kind=model.kind,
        source=source_of(model.path) if model.path else "",
    )


def context_of(model: InstalledModel) -> int:
    """The tokens that the model was made for; 0 where its files don't say."""
    if model.kind != "folder":
        return model.manifest.context
    try:
        return model_folder.context_of(model.folder)
    except ThauError:  # a broken model is told about when it is loaded
        return 0


def _parameters(model: InstalledModel) -> int:
    try:
        if model.kind == "gguf" and model.path is not None:
            return gguf_file.facts(model.path).parameters
        return sum(_count(file) for file in weight_files(model.folder))
    except (ThauError, OSError, ValueError, KeyError, TypeError, struct.error):
        return 0  # a broken model is told about when it is loaded; here its size is merely unknown


def _count(file: Path) -> int:
    """Parameters in a safetensors file, from its header."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header: dict[str, Any] = json.loads(opened.read(min(length, 100_000_000)))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
