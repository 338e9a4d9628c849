"""A model on this disk or elsewhere; and its folder, read and checked without torch: manifest, config, whole files."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported
from thau_desktop.inference.addresses import is_here
from thau_desktop.translation import _

MANIFEST = "thau.json"
_MAX_HEADER_BYTES = 100_000_000  # the format's own limit

Kind = Literal["folder", "gguf", "ollama", "server"]
"""Where a model's weights are: a folder of transformers, a GGUF file, Ollama, another server."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `thau.json` says about a model. Without one, the model needs to be told about tools.

    Attributes:
        name: as people see it; empty: the folder's name.
        native_tools: tools whose calls the model was trained to write.
        needs_tool_prompt: whether the system message must describe the tools.
        context: tokens that it was trained for; 0: what its config says.
        sha256: of its files by name, where their maker wrote them down.
        training: numbers of a recipe with which it learns best (`training/recipe.py`), by their names.
    """

    name: str = ""
    languages: tuple[str, ...] = ()
    native_tools: tuple[str, ...] = ()
    needs_tool_prompt: bool = True
    context: int = 0
    sha256: dict[str, str] = field(default_factory=dict)
    training: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that can answer.

    Attributes:
        name: a folder by its name, a file by its stem, `ollama/<tag>`, `<server>/<model>`.
        path: its folder, or its GGUF file; None where a server has it.
        starter: it came with THAU and can't be removed.
        adapter: the folder (of a folder) or the file (of a GGUF file) of what a training added to it.
        address: of the server that has it.
    """

    name: str
    path: Path | None
    manifest: Manifest = field(default_factory=Manifest)
    starter: bool = False
    adapter: Path | None = None
    kind: Kind = "folder"
    address: str = ""

    @property
    def bytes(self) -> int:
        """What its files take on this disk."""
        if self.path is None:
            return 0
        files = self.path.rglob("*") if self.kind == "folder" else [self.path]
        return sum(file.stat().st_size for file in files if file.is_file())

    @property
    def base(self) -> str:
        """Its name without what was trained: all versions of a base run in one way."""
        if self.path is None or self.adapter is None:
            return self.name
        return self.path.name if self.kind == "folder" else self.path.stem

    @property
    def leaves(self) -> bool:
        """Whether what is said to it goes to another computer."""
        return bool(self.address) and not is_here(self.address)

    @property
    def folder(self) -> Path:
        """The folder that transformers reads. Raises `ModelUnsupported` for a model of another kind."""
        if self.kind != "folder" or self.path is None:
            raise ModelUnsupported(
                _("{name} has no weights in a folder, so it can answer but can't be trained or changed.").format(
                    name=self.name
                ),
                _("Choose a model whose folder lies on this disk (config.json and .safetensors files)."),
            )
        return self.path


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder, the defaults where there is none. Raises `ModelBroken`."""
    path = folder / MANIFEST
    if not path.exists():
        return Manifest()
    values = read_json(path)
    try:
        return manifest_of(values)
    except (TypeError, ValueError) as problem:
        raise _broken(path, str(problem)) from problem


def manifest_of(values: dict[str, Any]) -> Manifest:
    """The manifest that a JSON object holds. Raises `TypeError` or `ValueError`."""
    return Manifest(
        name=str(values.get("name", "")),
        languages=tuple(str(item) for item in values.get("languages", ())),
        native_tools=tuple(str(item) for item in values.get("native_tools", ())),
        needs_tool_prompt=bool(values.get("needs_tool_prompt", True)),
        context=int(values.get("context", 0)),
        sha256={str(name): str(value) for name, value in dict(values.get("sha256", {})).items()},
        training=dict(values.get("training", {})),
    )


def context_of(folder: Path) -> int:
    """The tokens that a model was made for, 0 where neither manifest nor config tell. Raises as `read_json`."""
    limit = read_manifest(folder).context or read_json(folder / "config.json").get("max_position_embeddings")
    return limit if isinstance(limit, int) and limit > 0 else 0


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a model's file. Raises `ModelMissing` or `ModelBroken`."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise _missing(path) from problem
    except (OSError, ValueError) as problem:
        raise _broken(path, str(problem)) from problem
    if not isinstance(values, dict):
        raise _broken(path, _("it does not hold a JSON object"))
    return values


def check(folder: Path) -> None:
    """Check that a transformers folder is whole. Raises `ModelMissing` or `ModelBroken`, naming the file."""
    if not folder.is_dir():
        raise ModelMissing(
            _("The model folder {folder} is not there.").format(folder=folder),
            _("Choose another model, or download this one again."),
        )
    read_json(folder / "config.json")
    tokenizer = folder / "tokenizer.json"
    if tokenizer.exists():
        read_json(tokenizer)
    elif not (folder / "tokenizer.model").exists() and not (folder / "vocab.json").exists():
        raise _missing(tokenizer)
    for file in weight_files(folder):
        check_safetensors(file)


def verify(folder: Path) -> None:
    """Check the folder, and every file against the manifest's hashes. Raises `ModelMissing` or `ModelBroken`."""
    check(folder)
    for name, expected in read_manifest(folder).sha256.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as problem:
            raise _missing(path) from problem
        if found != expected:
            raise _broken(path, _("it is not the file that came with THAU"))


def digest(folder: Path) -> str:
    """What tells one base from another without reading gigabytes: the config and the headers of the weights, hashed."""
    hashed = hashlib.sha256((folder / "config.json").read_bytes())
    for path in weight_files(folder):
        with path.open("rb") as file:
            start = file.read(8)
            hashed.update(f"{path.name} {path.stat().st_size}".encode() + start)
            hashed.update(file.read(min(int.from_bytes(start, "little"), _MAX_HEADER_BYTES)))
            hashed.update(file.read(1 << 16))  # and some numbers: two trainings of one shape have the same header
    return hashed.hexdigest()


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a model, by its index where it has one. Raises `ModelMissing` or `ModelBroken`."""
    index = folder / "model.safetensors.index.json"
    if index.exists():
        parts = read_json(index).get("weight_map")
        if not isinstance(parts, dict) or not parts:
            raise _broken(index, _("it lists no files"))
        return [folder / name for name in sorted(set(map(str, parts.values())))]
    if not (folder / "model.safetensors").exists() and any(folder.glob("pytorch_model*.bin")):
        raise ModelBroken(
            _("The model in {folder} has only .bin files, which may hold programs and are not opened.").format(
                folder=folder
            ),
            _("Get a version of it with .safetensors files."),
        )
    return [folder / "model.safetensors"]


def check_safetensors(path: Path) -> None:
    """Check header and length of a safetensors file (huggingface.co/docs/safetensors), without reading its tensors."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            (length,) = struct.unpack("<Q", start) if len(start) == 8 else (0,)
            if not 2 <= length <= min(size - 8, _MAX_HEADER_BYTES):
                raise _broken(path, _("it is cut off or is no safetensors file"))
            header = json.loads(file.read(length))
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    except FileNotFoundError as problem:
        raise _missing(path) from problem
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        raise _broken(path, str(problem)) from problem
    if size != 8 + length + max(ends, default=0):
        raise _broken(path, _("it is cut off or has grown"))


def _missing(path: Path) -> ModelMissing:
    return ModelMissing(
        _("The model in {folder} lacks its file {name}.").format(folder=path.parent, name=path.name),
        _("Download the model again; what is whole is kept."),
    )


def _broken(path: Path, why: str) -> ModelBroken:
    return ModelBroken(
        _("The model's file {path} can't be read: {why}.").format(path=path, why=why.rstrip(".")),
        _("Delete this file and download the model again."),
    )
