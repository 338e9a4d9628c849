"""Which language models can be had, as `resources/catalog.toml` lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from thau_desktop.models.memory import Shape
from thau_desktop.paths import resources
from thau_desktop.translation import N_

PURPOSES = {
    "code": N_("Writes and explains programs, and talks about anything else."),
    "small": N_("Small and quick: short conversations in English."),
    "long": N_("Reads very long texts."),
    "talk": N_("Talks about everything, and reckons well."),
}


@dataclass(frozen=True, slots=True)
class GgufOffer:
    """The same model as one file for llama.cpp. `bytes` to download; `quantisation` as its file's name has it."""

    repo: str
    quantisation: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be downloaded.

    Attributes:
        name: that its folder will have.
        repo: its id on Hugging Face.
        purpose: a key of `PURPOSES`.
        context: tokens that it can read at most.
        bytes: of its `files`, as they are published.
        languages: codes of those that it was made for.
        size: which size of THAU it is the base of ("1.5b"), empty for the others.
    """

    name: str
    repo: str
    purpose: str
    licence: str
    parameters: int
    context: int
    files: int
    bytes: int
    languages: tuple[str, ...]
    shape: Shape
    size: str = ""
    gguf: GgufOffer | None = None


def offers() -> list[Offer]:
    """All of them, in the order of the file."""
    text = (resources() / "catalog.toml").read_text(encoding="utf-8")
    made = []
    for values in tomllib.loads(text)["model"]:
        parts: dict[str, Any] = {
            "shape": Shape(**values.pop("shape")),
            "languages": tuple(values.pop("languages")),
            "gguf": GgufOffer(**values.pop("gguf")) if "gguf" in values else None,
        }
        made.append(Offer(**values, **parts))
    return made
