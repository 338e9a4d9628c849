"""The client of the inference child: a `Backend` whose model runs in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thau_desktop.errors import ChildCrashed
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.inference.host import Host, HostOptions
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.messages import BackendEvent, Message, ModelReady
from thau_desktop.process import Child
from thau_desktop.translation import _

GRACE_SECONDS = 10.0  # a piece of a long prompt on a slow CPU may take seconds; then the child is killed


@dataclass
class _MakeHost:
    """Makes the host of a child that is started, or started again, with the options that hold then."""

    options: HostOptions

    def __call__(self) -> Host:
        return Host(self.options)


class LocalBackend:
    """Runs one installed model in one lasting child. Nothing starts before the first call.

    Attributes:
        options: what the child was told.
        ready: what was loaded last; None before.
    """

    def __init__(self, model: InstalledModel, options: HostOptions | None = None, *, log: Path | None = None) -> None:
        self.model = model
        self.ready: ModelReady | None = None
        self.options = options or HostOptions(model.path, model.name)
        self._factory = _MakeHost(self.options)
        self._child = Child(self._factory, name=_("The language model"), log=log, grace=GRACE_SECONDS)

    @property
    def name(self) -> str:
        return self.model.name

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Make the model resident; yields ModelLoading and ModelReady, nothing when it already is."""
        return self._events("load", cancel)

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield the answer: TextDelta with raw text, GenerationDone at the end."""
        return self._events("stream", cancel, request)

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        """Count the tokens of `messages` as `stream` would render them."""
        for counts in self._child.call("count_tokens", tuple(messages), tuple(tools)):
            assert isinstance(counts, TokenCounts)
            return counts
        raise ChildCrashed(_("{name} is closed.").format(name=_("The language model")))

    def use(self, model: InstalledModel, options: HostOptions) -> None:
        """Go on as `model`: the same base with another adapter. Raises `ModelMissing` or `ModelBroken`."""
        assert replace(options, name=self.options.name, adapter=self.options.adapter) == self.options
        if self._child.pid is not None:
            for _event in self._child.call("use", options.adapter, options.name):
                pass
        self.model, self.options = model, options
        self._factory.options = options

    def unload(self) -> None:
        """Free the model's memory; the process stays."""
        for _event in self._child.call("unload"):
            pass

    def close(self) -> None:
        """End the child. Safe to call twice."""
        self._child.close(grace=1.0)  # it holds nothing that could be lost, and may be deep in an import

    def _events(self, method: str, cancel: threading.Event, *args: Any) -> Iterator[BackendEvent]:
        for event in self._child.call(method, *args, cancel=cancel):
            if isinstance(event, ModelReady):
                self.ready = event
            yield event
