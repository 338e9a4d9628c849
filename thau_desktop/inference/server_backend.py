"""A model of a server that speaks OpenAI's API: vLLM, LM Studio, llama-server, or a service far away.

https://platform.openai.com/docs/api-reference/chat. What is said goes to that server: `InstalledModel.leaves` says
whether that is another computer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thau_desktop.errors import ModelMissing, ServerRefused, ServerUnreachable
from thau_desktop.inference import http_stream
from thau_desktop.inference.backend import Embedded, GenerationRequest, TokenCounts
from thau_desktop.inference.http_stream import Request
from thau_desktop.inference.wire_format import TokenEstimate, Wire, to_wire
from thau_desktop.messages import (
    BackendEvent,
    GenerationDone,
    Message,
    ModelLoading,
    ModelReady,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolCallStarted,
    new_call_id,
)
from thau_desktop.translation import _

DEFAULT_CONTEXT = 4096  # tokens, where a server does not tell
_KEY_REFUSED = (401, 403)
_PERHAPS_TOOLS = (400, 422, 500, 501)  # with which a server refuses tools


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where a model is: `url` up to `/v1`, the model's name there, and ours; `key` stays out of logs."""

    url: str
    model: str
    name: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server lists. `context` in tokens, 0 where it does not tell."""

    name: str
    context: int = 0


def models_of(url: str, key: str = "", seconds: float = 5.0) -> list[ServedModel]:
    """What a server has. Raises `ServerUnreachable` or `ServerRefused`."""
    try:
        found = http_stream.answer(Request("GET", f"{url}/models", headers=_headers(key)), seconds)
        return [ServedModel(str(entry["id"]), _context(entry)) for entry in found["data"]]
    except (KeyError, TypeError, AttributeError) as problem:
        raise ServerUnreachable(
            _("The server at {address} does not speak OpenAI's language.").format(address=url),
            _("Check its address: it mostly ends in /v1."),
            details=repr(problem),
        ) from problem
    except ServerRefused as refused:
        raise _explained(refused, url) from refused


class ServerBackend:
    """Attributes: `options`; `ready`, set once the server was asked."""

    keeps_schema = True

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self.name = options.name
        self.ready: ModelReady | None = None
        self._context = 0
        self._native = True  # until the server refuses tools
        self._estimate = TokenEstimate()

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Ask whether the model is there. Raises `ServerUnreachable`, `ServerRefused` or `ModelMissing`."""
        if self.ready is not None:
            return
        started = time.perf_counter()
        yield ModelLoading(self.name)
        self._limit()
        self.ready = ModelReady(
            self.name, self.options.url, "", time.perf_counter() - started, 0, 0, context=self._context
        )
        yield self.ready

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        """Yield words, thoughts and calls as the server tells them apart. Raises as `load`."""
        yield from self.load(cancel)
        native = self._native and bool(request.tools)
        try:
            try:
                yield from self._answer(request, cancel, native=native)
            except ServerRefused as refused:
                if not native or refused.status not in _PERHAPS_TOOLS:
                    raise
                # Its model or its settings may know no tools: they are described in words.
                yield from self._answer(request, cancel, native=False)
                self._native = False
        except ServerRefused as refused:
            raise _explained(refused, self.options.url) from refused

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        """An estimate: OpenAI's API does not count."""
        return self._estimate.count(messages, tools, self._limit(), native=self._native)

    def embed(self, texts: Sequence[str], dimensions: int = 0) -> Embedded:
        """Texts as vectors. Raises `ServerUnreachable`, or `ServerRefused` where the model makes none."""
        asked: dict[str, Any] = {"model": self.options.model, "input": list(texts)}
        if dimensions:
            asked["dimensions"] = dimensions
        url = f"{self.options.url}/embeddings"
        try:
            found = http_stream.answer(
                Request("POST", url, asked, _headers(self.options.key)), http_stream.EMBED_SECONDS
            )
        except ServerRefused as refused:
            raise _explained(refused, self.options.url) from refused
        try:
            rows = sorted(found["data"], key=lambda row: int(row["index"]))
            vectors = tuple(tuple(map(float, row["embedding"])) for row in rows)
            return Embedded(vectors, int((found.get("usage") or {}).get("prompt_tokens") or 0))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ServerUnreachable(
                _("The server at {address} does not speak OpenAI's language.").format(address=self.options.url),
                details=str(found)[:500],
            ) from problem

    def unload(self) -> None:
        """Nothing of it is in this computer's memory that is ours to free."""

    def close(self) -> None:
        """Nothing is held here."""

    def _limit(self) -> int:
        if not self._context:
            options = self.options
            found = {model.name: model for model in models_of(options.url, options.key)}
            if options.model not in found:
                raise ModelMissing(
                    _("The server at {address} has no model {name}.").format(address=options.url, name=options.model),
                    _("It has: {names}.").format(names=", ".join(found) or "–"),
                )
            self._context = found[options.model].context or DEFAULT_CONTEXT
        return self._context

    def _answer(self, request: GenerationRequest, cancel: threading.Event, *, native: bool) -> Iterator[BackendEvent]:
        wire = to_wire(request.messages, request.tools, native=native)
        tools = request.tools if native else ()
        started, first, pieces = time.perf_counter(), 0.0, 0
        calls: dict[int, _Call] = {}
        reason, usage = "", dict[str, Any]()
        for event in self._events(self._asked(request, wire, tools), cancel):
            usage = event.get("usage") or usage
            for choice in event.get("choices") or ():
                reason = choice.get("finish_reason") or reason
                for told in _told(choice.get("delta") or {}, calls):
                    first = first or time.perf_counter() - started
                    pieces += 1
                    yield told
        for call in calls.values():
            yield ToolCallReady(call.whole())
        seconds = time.perf_counter() - started
        read = int(usage.get("prompt_tokens") or 0)
        self._estimate.learn(wire, tools, read)
        yield GenerationDone(
            "cancelled" if cancel.is_set() or not reason else "length" if reason == "length" else "stop",
            int(usage.get("completion_tokens") or pieces),
            seconds,
            first or seconds,
            read,
        )

    def _asked(self, request: GenerationRequest, wire: Wire, tools: Sequence[dict[str, Any]]) -> dict[str, Any]:
        sampling = request.sampling
        asked: dict[str, Any] = {
            "model": self.options.model,
            "messages": wire,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": max(0.0, sampling.temperature),
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_new_tokens,
        }
        if sampling.seed is not None:
            asked["seed"] = sampling.seed
        if tools:
            asked["tools"] = list(tools)
        if request.schema is not None:
            named = {"name": "answer", "schema": request.schema, "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
        return asked

    def _events(self, asked: Mapping[str, Any], cancel: threading.Event) -> Iterator[dict[str, Any]]:
        """The answer's events: the data lines of https://html.spec.whatwg.org/multipage/server-sent-events.html."""
        request = Request("POST", f"{self.options.url}/chat/completions", asked, _headers(self.options.key))
        for line in http_stream.lines(request, cancel):
            data = line.removeprefix("data:").strip()
            if data == line.strip() or data == "[DONE]":
                continue
            try:
                event = json.loads(data)
            except ValueError as problem:
                raise ServerUnreachable(
                    _("The server at {address} does not speak OpenAI's language.").format(address=self.options.url),
                    details=data[:500],
                ) from problem
            if "error" in event:
                raise ServerRefused(
                    _("The server at {address} refused: {why}.").format(
                        address=self.options.url, why=http_stream.error_words(data).rstrip(".")
                    )
                )
            yield event


@dataclass(slots=True)
class _Call:
    """A call that arrives in pieces."""

    id: str
    name: str
    arguments: str = ""

    def whole(self) -> ToolCall:
        try:
            arguments = json.loads(self.arguments or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            return ToolCall(self.id, self.name, {}, _("The call's arguments are no JSON object."))
        return ToolCall(self.id, self.name, arguments)


def _told(delta: Mapping[str, Any], calls: dict[int, _Call]) -> Iterator[BackendEvent]:
    """What a piece tells; pieces of calls are added to `calls`."""
    thought = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(thought, str) and thought:
        yield ReasoningDelta(thought)
    if delta.get("content"):
        yield TextDelta(str(delta["content"]))
    for piece in delta.get("tool_calls") or ():
        place, function = int(piece.get("index") or 0), piece.get("function") or {}
        if place not in calls:
            calls[place] = _Call(str(piece.get("id") or new_call_id()), str(function.get("name") or ""))
            yield ToolCallStarted(calls[place].name)
        calls[place].arguments += str(function.get("arguments") or "")


def _context(entry: Mapping[str, Any]) -> int:
    """The context that vLLM, llama-server or LM Studio tells of a model."""
    meta = entry.get("meta") or {}
    for value in (entry.get("max_model_len"), entry.get("loaded_context_length"), meta.get("n_ctx")):
        if isinstance(value, int) and value > 0:
            return value
    return 0


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _explained(refused: ServerRefused, url: str) -> ServerRefused:
    """With what to do where the key or the address is wrong."""
    if refused.status in _KEY_REFUSED:
        what = _("The server at {address} wants another key.").format(address=url)
        advice = _("Give it the key in Settings, Model, Keys of servers.")
    elif refused.status == 404:
        what = _("There is no such thing at {address}.").format(address=url)
        advice = _("Check the address: it mostly ends in /v1.")
    else:
        return refused
    explained = ServerRefused(what, advice, details=refused.what)
    explained.status = refused.status
    return explained
