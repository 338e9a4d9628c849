"""A GGUF file run by llama.cpp in a child."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from thau_desktop.inference.child_backend import ChildBackend
from thau_desktop.inference.gguf_host import GgufHost, GgufOptions


class GgufBackend(ChildBackend):
    """Attributes: `options`, what the child was told."""

    keeps_schema = True

    def __init__(self, options: GgufOptions, *, log: Path | None = None) -> None:
        self.options = options
        super().__init__(options.name, partial(GgufHost, options), log)
