"""One answer to messages that somebody else keeps: nothing is stored, no tool is run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from thau_desktop.chat.context import Strategy, fit
from thau_desktop.chat.toolcalls import Parser
from thau_desktop.inference.backend import Backend, GenerationRequest, TokenCounts
from thau_desktop.messages import BackendEvent, ContextFitted, GenerationDone, Message, Sampling, TextDelta

CompletionEvent = BackendEvent | ContextFitted


def complete(
    backend: Backend,
    messages: Sequence[Message],
    sampling: Sampling,
    cancel: threading.Event,
    *,
    tools: Sequence[dict[str, Any]] = (),
    strategy: Strategy = "refuse",
    schema: dict[str, Any] | None = None,
) -> Iterator[CompletionEvent]:
    """Yield `ContextFitted`, then the answer as it is made; the last event is `GenerationDone`.

    `schema` holds the answer to a JSON schema, where the backend can do that.

    Raises `ContextTooLong` where the messages do not fit and `strategy` is "refuse", and what the backend raises.
    """

    def count(some: Sequence[Message]) -> TokenCounts:
        return backend.count_tokens(some, tools)

    limit = count(()).limit
    reserve = min(sampling.max_new_tokens, max(limit // 4, 16))
    fitted = fit(messages, count, limit, reserve, strategy)
    yield ContextFitted(fitted.used, fitted.limit, fitted.dropped)
    yield from backend.load(cancel)
    yield from parsed(backend.stream(GenerationRequest(fitted.messages, sampling, tuple(tools), schema), cancel))


def parsed(events: Iterable[BackendEvent]) -> Iterator[BackendEvent]:
    """The events of a backend with its raw text read: words, reasoning and calls. `GenerationDone` stays the last."""
    parser, done = Parser(), list[GenerationDone]()
    for event in events:
        if isinstance(event, GenerationDone):
            done.append(event)
        elif isinstance(event, TextDelta):
            yield from parser.feed(event.text)
        else:
            yield event
    yield from parser.close()
    yield from done
