"""The weights of an image model on disk: which files, what tensors in them, and the errors that name a file.

Safetensors only: .bin, .ckpt and .pt files are pickles, which may hold programs, and are not opened.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from thau_desktop.errors import ModelBroken, ModelMissing
from thau_desktop.inference.model_folder import check_safetensors, read_json
from thau_desktop.translation import _

PICKLES = (".bin", ".ckpt", ".pt", ".pth")
VARIANTS = ("", "fp16", "bf16")  # in the order of preference


def pickled(path: Path) -> ModelBroken:
    """The error that refuses a pickle, with the reason."""
    return ModelBroken(
        _("{path} is a pickle file, which may hold programs, and is not opened.").format(path=path),
        _("Get a version of it with .safetensors files."),
    )


def missing(folder: Path, name: str) -> ModelMissing:
    """The error for a file that is not where it belongs."""
    return ModelMissing(
        _("The model in {folder} lacks its file {name}.").format(folder=folder, name=name),
        _("Download the model again; what is whole is kept."),
    )


def broken(path: Path, why: str) -> ModelBroken:
    """The error for a file that can't be read."""
    return ModelBroken(
        _("The model's file {path} can't be read: {why}.").format(path=path, why=why.rstrip(".")),
        _("Delete this file and download the model again."),
    )


def weight_files(folder: Path, part: str, chosen: str) -> list[Path]:
    """The weights of one part. Raises `ModelMissing`, or `ModelBroken` where there is only a pickle."""
    place = folder / part
    files = weights(place, chosen) or weights(place, "")
    if files:
        return files
    pickles = sorted(file.name for file in place.glob("*") if file.suffix in PICKLES)
    if pickles:
        raise pickled(place / pickles[0])
    name = "diffusion_pytorch_model" if part in ("unet", "transformer", "vae", "prior") else "model"
    raise missing(place, f"{name}.safetensors")


def weights(place: Path, chosen: str) -> list[Path]:
    """The safetensors files of a part in one variant; empty where it has none."""
    end = f".{chosen}" if chosen else ""
    for stem in ("diffusion_pytorch_model", "model"):
        for index in (f"{stem}.safetensors.index{end}.json", f"{stem}{end}.safetensors.index.json"):
            if (place / index).is_file():
                parts = read_json(place / index).get("weight_map")
                if not isinstance(parts, dict) or not parts:
                    raise broken(place / index, _("it lists no files"))
                return [place / Path(name).name for name in sorted(set(map(str, parts.values())))]
        if (place / f"{stem}{end}.safetensors").is_file():
            return [place / f"{stem}{end}.safetensors"]
    return []


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of a safetensors file's tensors by their names. Raises `ModelMissing` or `ModelBroken`."""
    check_safetensors(path)
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def part_of_tensor(name: str) -> str:
    """The part that a tensor of a single file belongs to."""
    if name.startswith(("first_stage_model.", "vae.")):
        return "vae"
    if name.startswith("conditioner.embedders.1.") or "t5xxl" in name:
        return "text_encoder_2"
    if name.startswith(("cond_stage_model.", "conditioner.", "text_encoders.")):
        return "text_encoder"
    return "denoiser"
