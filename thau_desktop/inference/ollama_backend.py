"""A model of an Ollama server. What it can do is read before it is asked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thau_desktop.errors import ModelUnsupported
from thau_desktop.inference.backend import Embedded, GenerationRequest, TokenCounts
from thau_desktop.inference.ollama_client import OllamaClient, OllamaDetails, connect
from thau_desktop.inference.wire_format import TokenEstimate, to_wire
from thau_desktop.messages import (
    BackendEvent,
    GenerationDone,
    Message,
    ModelLoading,
    ModelReady,
    ReasoningDelta,
    Sampling,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolCallStarted,
    new_call_id,
)
from thau_desktop.translation import _

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OllamaOptions:
    """`tag` is Ollama's name of the model; `context` in tokens; it leaves memory after `idle_seconds`, 0: never."""

    tag: str
    name: str
    context: int
    idle_seconds: float = 0.0


class OllamaBackend:
    """Attributes: `options`; `ready`, what was loaded last."""

    keeps_schema = True

    def __init__(self, options: OllamaOptions) -> None:
        self.options = options
        self.name = options.name
        self.ready: ModelReady | None = None
        self._client: OllamaClient | None = None
        self._details: OllamaDetails | None = None
        self._estimate = TokenEstimate()
        self._lock = threading.Lock()

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Let the server read the model. Raises `ServerUnreachable`, `ModelMissing` or `ModelUnsupported`."""
        if self.ready is not None:
            return
        started = time.perf_counter()
        yield ModelLoading(self.name)
        client, details = self._known()
        for _event in client.chat({"model": self.options.tag, "messages": [], **self._common()}, cancel):
            pass  # a chat without messages only loads
        if cancel.is_set():
            return
        model = next((model for model in client.tags() if model.name == self.options.tag), None)
        self.ready = ModelReady(
            model=self.name,
            device="Ollama",
            dtype=model.quantization if model else "",
            seconds=time.perf_counter() - started,
            parameters=0,
            memory=model.bytes if model else 0,
            context=self._limit(details),
        )
        yield self.ready

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield words, thoughts and calls as the server tells them apart. Raises as `load`, and `ServerRefused`."""
        yield from self.load(cancel)
        client, details = self._known()
        native = "tools" in details.capabilities
        messages = to_wire(request.messages, request.tools, native=native, dialect="ollama")
        asked: dict[str, Any] = {"model": self.options.tag, "messages": messages, **self._common(request.sampling)}
        if native and request.tools:
            asked["tools"] = list(request.tools)
        if "thinking" in details.capabilities:  # others refuse the word
            asked["think"] = True
        if request.schema is not None:
            asked["format"] = request.schema
        started, first, pieces = time.perf_counter(), 0.0, 0
        for event in client.chat(asked, cancel):
            for told in _told(event.get("message") or {}):
                first = first or time.perf_counter() - started
                pieces += 1
                yield told
            if event.get("done"):
                seconds = time.perf_counter() - started
                read = int(event.get("prompt_eval_count") or 0)
                self._estimate.learn(messages, request.tools if native else (), read)
                yield GenerationDone(
                    "length" if event.get("done_reason") == "length" else "stop",
                    int(event.get("eval_count") or pieces),
                    seconds,
                    first or seconds,
                    read,
                )
                return
        seconds = time.perf_counter() - started
        yield GenerationDone("cancelled", pieces, seconds, first or seconds)

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        """An estimate: the server does not count."""
        details = self._known()[1]
        return self._estimate.count(messages, tools, self._limit(details), native="tools" in details.capabilities)

    def embed(self, texts: Sequence[str], dimensions: int = 0) -> Embedded:
        """Texts as vectors, of models that talk or of those made for it. Raises as `OllamaClient.embed`."""
        return connect().embed(self.options.tag, texts, dimensions)

    def unload(self) -> None:
        """Let the server take the model out of memory."""
        if self.ready is not None:
            self._known()[0].unload(self.options.tag)
            self.ready = None

    def close(self) -> None:
        """Nothing is held here: the server lets go of the model after the idle time."""

    def _known(self) -> tuple[OllamaClient, OllamaDetails]:
        """The server, and what the model is and can do there; asked once."""
        with self._lock:
            if self._client is None or self._details is None:
                client = connect()
                if not client.server.safe:
                    _logger.warning(" ".join(client.server.hole()))
                details = client.show(self.options.tag)
                if "completion" not in details.capabilities:
                    raise ModelUnsupported(
                        _("{name} can't talk: it is made for something else.").format(name=self.name),
                        _("Choose another model."),
                    )
                self._client, self._details = client, details
            return self._client, self._details

    def _limit(self, details: OllamaDetails) -> int:
        return min(self.options.context, details.context) if details.context else self.options.context

    def _common(self, sampling: Sampling | None = None) -> dict[str, Any]:
        """What goes with every chat. Another `num_ctx` than the last would have the server read the model anew."""
        assert self._details is not None
        options: dict[str, Any] = {"num_ctx": self._limit(self._details)}
        if sampling is not None:
            options |= {
                "temperature": max(0.0, sampling.temperature),
                "top_p": sampling.top_p,
                "top_k": sampling.top_k,
                "min_p": 0.0,
                "repeat_penalty": sampling.repetition_penalty,
                "num_predict": sampling.max_new_tokens,
            }
            if sampling.seed is not None:
                options["seed"] = sampling.seed
        return {"options": options, "keep_alive": int(self.options.idle_seconds) or -1}


def _told(message: Mapping[str, Any]) -> Iterator[BackendEvent]:
    if message.get("thinking"):
        yield ReasoningDelta(str(message["thinking"]))
    if message.get("content"):
        yield TextDelta(str(message["content"]))
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        name, arguments = str(function.get("name", "")), function.get("arguments")
        yield ToolCallStarted(name)
        yield ToolCallReady(
            ToolCall(str(call.get("id") or new_call_id()), name, arguments if isinstance(arguments, dict) else {})
        )
