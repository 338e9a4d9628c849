"""How a text falls into tokens under several tokenizers, and what that costs: the values, and who asks for them.

Reading a large vocabulary holds Python's lock for more than a second, so a window asks a child.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thau_desktop.inference.model_folder import InstalledModel, context_of
from thau_desktop.paths import Paths, resources
from thau_desktop.process import Child
from thau_desktop.translation import _

CONTEXT = 2048  # tokens of context where a tokenizer belongs to no model: the app's default


@dataclass(frozen=True, slots=True)
class Source:
    """Where a tokenizer lies. `path`: a tokenizer.json, a SentencePiece .model, a .tiktoken file or a model's .gguf
    file; `context` in tokens is that of its model."""

    name: str
    path: Path
    context: int = CONTEXT


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, and the tokens that it is: one, or several where they share a character."""

    text: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hint:
    """A way to say the same with fewer tokens. `advice` is translated; `saved` tokens."""

    advice: str
    saved: int


@dataclass(frozen=True, slots=True)
class Tokenized:
    """One text under one tokenizer.

    Attributes: `kind` is its algorithm ("BPE", "WordPiece", "Unigram"); `vocabulary`, how many tokens it knows;
    `context` of its model; `pieces`, all or the first; `count` of all tokens; `hints`, what would shorten the text.
    """

    source: str
    kind: str
    vocabulary: int
    context: int
    pieces: tuple[Piece, ...]
    count: int
    characters: int
    hints: tuple[Hint, ...] = ()

    @property
    def characters_per_token(self) -> float:
        return self.characters / self.count if self.count else 0.0

    @property
    def share(self) -> float:
        """Of the context that the text takes."""
        return self.count / self.context


@dataclass(frozen=True, slots=True)
class Cost:
    """How many tokens the same sentences take in each language, by its code, under one tokenizer."""

    source: str
    tokens: dict[str, int] = field(default_factory=dict)

    @property
    def spanish_to_english(self) -> float:
        return self.tokens["es"] / self.tokens["en"]


def sources(models: Sequence[InstalledModel], paths: Paths) -> list[Source]:
    """The tokenizers of the models, files of tiktoken among them, and the three that come with THAU."""
    found = []
    for model in models:
        if model.kind == "gguf" and model.path is not None and model.adapter is None:
            found.append(Source(model.name, model.path, model.manifest.context or CONTEXT))
        if model.kind != "folder":
            continue
        for name in ("tokenizer.json", "tokenizer.model"):
            if (model.folder / name).exists():
                found.append(Source(model.name, model.folder / name, context_of(model.folder) or CONTEXT))
                break
    found += [Source(path.stem, path) for path in sorted(paths.models.glob("**/*.tiktoken"))]
    return found + [Source(path.stem, path) for path in sorted((resources() / "tokenizers").glob("*.json"))]


class Tokenizers:
    """Asks a child that keeps the tokenizers it has read. Nothing starts before the first call."""

    def __init__(self, log: Path | None = None) -> None:
        from thau_desktop.models.tokenizing import TokenHost

        self._child = Child(TokenHost, name=_("The tokenizers"), log=log)

    def tokenize(self, wanted: Sequence[Source], text: str, most: int, cancel: threading.Event) -> Iterator[Tokenized]:
        """Yield the text under each, with its first `most` pieces. Raises `ModelBroken` for one that can't be read."""
        return self._call("tokenize", wanted, text, most, cancel=cancel)

    def costs(self, wanted: Sequence[Source], cancel: threading.Event) -> Iterator[Cost]:
        """Yield what the parallel sentences cost under each. Raises `ModelBroken`."""
        return self._call("costs", wanted, cancel=cancel)

    def close(self) -> None:
        """End the child. Safe to call twice."""
        self._child.close(grace=0.5)

    def _call(self, method: str, *args: Any, cancel: threading.Event) -> Iterator[Any]:
        return self._child.call(method, *args, cancel=cancel)
