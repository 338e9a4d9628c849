"""Files of up to 15 MiB that one stage writes and another reads: tensors, and for each sample its labels and prompts."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TypedDict

import torch
from safetensors.torch import load_file, save_file


class About(TypedDict):
    """What a picture shows: subject, colour, place, style; prompts that ask for it; where its subjects are.

    `where` has a bit for each of 16 × 16 fields of the picture, row by row, in hexadecimal.
    """

    labels: list[str]
    prompts: list[str]
    where: str


def write(path: Path, tensors: dict[str, torch.Tensor], about: list[About]) -> None:
    text = zlib.compress(json.dumps(about, separators=(",", ":")).encode())
    part = path.with_suffix(".part")
    save_file({**tensors, "about": torch.frombuffer(bytearray(text), dtype=torch.uint8)}, part)
    part.replace(path)


def read(path: Path) -> tuple[dict[str, torch.Tensor], list[About]]:
    tensors = load_file(path)
    return tensors, json.loads(zlib.decompress(tensors.pop("about").numpy().tobytes()))
