"""What lives in the inference child: one resident language model, unloaded when nobody has used it for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thau_desktop.inference.backend import TokenCounts
from thau_desktop.inference.estimate import of_folder
from thau_desktop.inference.precision import Wish
from thau_desktop.inference.resident import no_collection
from thau_desktop.inference.serving import Serving
from thau_desktop.messages import BackendEvent, Message

if TYPE_CHECKING:
    from thau_desktop.inference.language import LanguageModel, Vocabulary


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What a host needs to know of its model.

    Attributes:
        context: most tokens to use; 0: as many as the model was made for.
        threads: CPU threads; 0: measured.
        device: "auto", "cpu", "cuda" or "mps".
        precision: of the weights, as the settings have it.
        window: tokens that it looks back at; 0: all.
        idle_seconds: the model leaves memory after so long without use; 0: never.
        adapter: the folder of an adapter that is added to the model.
    """

    folder: Path
    name: str
    context: int = 0
    threads: int = 0
    device: str = "auto"
    idle_seconds: float = 0.0
    adapter: Path | None = None
    precision: Wish = "full"
    window: int = 0


class Host(Serving["LanguageModel"]):
    """Serves the calls of `LocalBackend`. Counting goes on while a generation runs."""

    def __init__(self, options: HostOptions) -> None:
        super().__init__(options.name, self._read, options.idle_seconds, self._estimate)
        self._options = options
        self._vocabulary: Vocabulary | None = None
        self._reading = threading.Lock()

    def count_tokens(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, cancel: threading.Event
    ) -> Iterator[TokenCounts]:
        """Yield one TokenCounts; reads only the tokenizer."""
        yield self._words().count(messages, tools)

    def use(self, adapter: Path | None, name: str, *, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Change the adapter between two generations. Raises as `Adapters.use`; the one before stays in use then."""
        with self.resident.line(cancel) as mine:
            if mine:
                if self.resident.model is not None:
                    self.resident.model.use(adapter, name)
                self._options = replace(self._options, adapter=adapter, name=name)
                self.resident.name = name
        yield from ()

    def _estimate(self) -> tuple[int, int]:
        options = self._options
        return of_folder(options.folder, options.precision, options.context, options.device, options.window)

    def _words(self) -> Vocabulary:
        with self._reading, no_collection():
            if self._vocabulary is None:
                from thau_desktop.inference.language import Vocabulary

                self._vocabulary = Vocabulary(self._options.folder, self._options.context)
            return self._vocabulary

    def _read(self) -> LanguageModel:
        vocabulary = self._words()
        from thau_desktop.inference.language import LanguageModel

        return LanguageModel(
            self._options.folder,
            vocabulary,
            name=self._options.name,
            thread_count=self._options.threads,
            device=self._options.device,
            wish=self._options.precision,
            window=self._options.window,
            adapter=self._options.adapter,
        )
