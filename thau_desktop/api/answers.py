"""An answer to a client's own messages, for OpenAI's and Ollama's endpoints alike: line, model, stops, JSON."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from thau_desktop.api.core import Api, Waiting
from thau_desktop.api.problems import Problem
from thau_desktop.chat.completion import CompletionEvent, complete
from thau_desktop.chat.context import Strategy
from thau_desktop.messages import (
    ContextFitted,
    GenerationDone,
    Message,
    ReasoningDelta,
    Sampling,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
)
from thau_desktop.translation import _

OURS = frozenset({"", "thau", "thau:latest", "default"})  # names that mean the model in the settings
_TRIES = 3  # until an answer is JSON

AnswerEvent = Waiting | CompletionEvent


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked. `stops` end the answer where one is said; `json_schema` None: any words will do."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    tools: tuple[dict[str, Any], ...] = ()
    stops: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    strategy: Strategy = "refuse"


@dataclass
class Answer:
    """What has been answered so far. Attributes: `prompt_tokens` and `tokens` were read and written."""

    text: str = ""
    reasoning: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    finish: Literal["stop", "length", "tool_calls"] = "stop"
    prompt_tokens: int = 0
    tokens: int = 0
    seconds: float = 0.0
    first_token_seconds: float = 0.0

    def add(self, event: AnswerEvent) -> None:
        if isinstance(event, TextDelta):
            self.text += event.text
        elif isinstance(event, ReasoningDelta):
            self.reasoning += event.text
        elif isinstance(event, ToolCallReady):
            self.calls.append(event.call)
        elif isinstance(event, ContextFitted):
            self.prompt_tokens = event.used
        elif isinstance(event, GenerationDone):
            self.prompt_tokens = event.prompt_tokens or self.prompt_tokens
            self.tokens, self.seconds, self.first_token_seconds = event.tokens, event.seconds, event.first_token_seconds
            self.finish = "tool_calls" if self.calls else "stop" if event.reason == "stop" else "length"


def usual_sampling(api: Api) -> Sampling:
    """As the chat settings have it."""
    chat = api.settings.chat
    return Sampling(chat.temperature, chat.top_p, chat.top_k, max_new_tokens=chat.max_new_tokens)


def model_name(api: Api, asked: str) -> str:
    """The model that is meant. Raises `ModelMissing` or `ModelBroken` before anybody waits for it."""
    wish = api.settings.model.name
    return api.thau.models.find(wish if asked in OURS else asked.removesuffix(":latest")).name


def stream(api: Api, ask: Ask) -> AsyncGenerator[AnswerEvent, None]:
    """The answer as it is made. Raises as `Api.run`, and `Problem` 422 where JSON was asked for and none came."""

    def make(cancel: threading.Event) -> Iterator[CompletionEvent]:
        return _answer(api, ask, cancel)

    return api.run(api.answering, make)


def _answer(api: Api, ask: Ask, cancel: threading.Event) -> Iterator[CompletionEvent]:
    backend = api.thau.backend(ask.model)
    schema: dict[str, Any] | None = None
    if ask.json_schema is not None and backend.keeps_schema:
        schema = ask.json_schema or {"type": "object"}
    elif ask.json_schema is not None:
        ask = replace(ask, messages=_asked_for_json(ask.messages, ask.json_schema))
    for number in range(_TRIES):
        seed = ask.sampling.seed
        sampling = replace(ask.sampling, seed=seed + number if seed is not None else None)
        events = complete(
            backend, ask.messages, sampling, cancel, tools=ask.tools, strategy=ask.strategy, schema=schema
        )
        events = _plain_where_broken(_until_stop(events, ask.stops, cancel))
        if ask.json_schema is None or schema is not None:
            yield from events
            return
        made = list(events)  # nothing is shown before it is known to be JSON
        text = "".join(event.text for event in made if isinstance(event, TextDelta))
        found = _json_object(text, ask.json_schema)
        calls = any(isinstance(event, ToolCallReady) for event in made)
        if found is not None or calls:
            told = False
            for event in made:
                if isinstance(event, TextDelta) and found is not None:
                    if not told:
                        yield TextDelta(found)
                    told = True
                else:
                    yield event
            return
        if sampling.temperature == 0 or cancel.is_set():
            break  # it would say the same again, or nothing
    raise Problem(
        422,
        "no_json",
        _("The model did not answer with the JSON that was asked for."),
        _("Ask for less, or use a larger model."),
    )


def _until_stop(
    events: Iterator[CompletionEvent], stops: Sequence[str], cancel: threading.Event
) -> Iterator[CompletionEvent]:
    """The events up to the first of the words in `stops`, which cancels; what may become one of them is held back."""
    held, stopped = "", False
    for event in events:
        if stopped:
            if isinstance(event, GenerationDone):
                yield replace(event, reason="stop")
            continue
        if isinstance(event, TextDelta) and stops:
            held += event.text
            places = [place for place in (held.find(word) for word in stops) if place >= 0]
            if places:
                stopped, held = True, held[: min(places)]
                cancel.set()
            keep = 0 if stopped else _may_begin(held, stops)
            if len(held) > keep:
                yield TextDelta(held[: len(held) - keep])
            held = held[len(held) - keep :] if keep else ""
            continue
        if held:
            yield TextDelta(held)
            held = ""
        yield event


def _may_begin(text: str, stops: Sequence[str]) -> int:
    """How many of the last characters may be the beginning of a stop."""
    longest = max(map(len, stops)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(word.startswith(text[-length:]) for word in stops):
            return length
    return 0


def _plain_where_broken(events: Iterator[CompletionEvent]) -> Iterator[CompletionEvent]:
    """A call whose JSON can't be used is told in words: a client could do nothing with it."""
    for event in events:
        if isinstance(event, ToolCallReady) and event.call.problem:
            yield TextDelta(f"<TOOL:{event.call.name}> {event.call.problem}")
        else:
            yield event


def _asked_for_json(messages: tuple[Message, ...], schema: dict[str, Any]) -> tuple[Message, ...]:
    words = "Answer with one JSON object and nothing else, without a code fence."
    if schema:
        words += f" It must follow this JSON schema: {json.dumps(schema, ensure_ascii=False)}"
    if messages and messages[0].role == "system":
        return (Message("system", (Text(f"{messages[0].text}\n\n{words}".strip()),)), *messages[1:])
    return (Message("system", (Text(words),)), *messages)


def _json_object(text: str, schema: dict[str, Any]) -> str | None:
    """The JSON object in an answer, perhaps in a code fence; None where there is none with what the schema needs."""
    bare = re.sub(r"^```[a-z]*\s*|\s*```$", "", text.strip())
    try:
        value = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    needed = schema.get("required", [])
    if not isinstance(value, dict) or not all(name in value for name in needed if isinstance(name, str)):
        return None
    return bare
