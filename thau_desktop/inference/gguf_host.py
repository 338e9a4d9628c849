"""What lives in the child of a GGUF file: one resident model of llama.cpp."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thau_desktop.inference.backend import TokenCounts
from thau_desktop.inference.estimate import of_file
from thau_desktop.inference.serving import Serving
from thau_desktop.messages import Message

if TYPE_CHECKING:
    from thau_desktop.inference.gguf_model import GgufModel


@dataclass(frozen=True, slots=True)
class GgufOptions:
    """What a host needs to know of its model; as `HostOptions`, with a file and the file of a LoRA adapter."""

    file: Path
    name: str
    context: int = 0
    threads: int = 0
    device: str = "auto"
    idle_seconds: float = 0.0
    adapter: Path | None = None


class GgufHost(Serving["GgufModel"]):
    """Serves the calls of `GgufBackend`. Counting goes on while a generation runs, but needs the model in memory."""

    def __init__(self, options: GgufOptions) -> None:
        super().__init__(options.name, self._read, options.idle_seconds, self._estimate)
        self._options = options

    def count_tokens(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, cancel: threading.Event
    ) -> Iterator[TokenCounts]:
        """Yield one TokenCounts; reads the model where it is not in memory."""
        model = self.resident.model  # ours while we count, even if it leaves meanwhile
        if model is None:
            with self.resident.line(cancel) as mine:
                if not mine:
                    return
                for _event in self.resident.load():
                    pass
                model = self.resident.model
        assert model is not None
        yield model.count(messages, tools)

    def _estimate(self) -> tuple[int, int]:
        return of_file(self._options.file, self._options.context)

    def _read(self) -> GgufModel:
        from thau_desktop.inference.gguf_model import GgufModel

        options = self._options
        return GgufModel(
            options.file,
            name=options.name,
            context=options.context,
            thread_count=options.threads,
            device=options.device,
            adapter=options.adapter,
        )
