"""One answer in the making: prompt, rounds of generation, tool calls, and what is kept of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from thau_desktop.chat.answer import Answer, Autosave
from thau_desktop.chat.completion import parsed
from thau_desktop.chat.context import Fitted, fit
from thau_desktop.chat.summary import Summaries
from thau_desktop.chat.toolcalls import ParserEvent
from thau_desktop.errors import ThauError, ToolRefused
from thau_desktop.inference.backend import Backend, GenerationRequest, TokenCounts
from thau_desktop.messages import (
    ContextFitted,
    Finished,
    GenerationDone,
    Message,
    ReasoningDelta,
    Sampling,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolFinished,
    ToolResult,
    TurnEvent,
)
from thau_desktop.settings import Settings
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.personas import Persona, Personas
from thau_desktop.store.records import StoredMessage
from thau_desktop.tools.registry import Registry, ToolContext
from thau_desktop.translation import _

MAX_ROUNDS = 4

ToolsMode = Literal["auto", "ask", "off"]
Permission = Callable[[ToolCall], bool]
FinalState = Literal["complete", "stopped", "error"]

_logger = logging.getLogger(__name__)


class Options(TypedDict, total=False):
    """How one turn is made. What is left out is as the conversation, the persona and the settings say.

    `permission` is asked before a call that needs it; without it those are refused.
    """

    permission: Permission | None
    sampling: Sampling | None
    tools: ToolsMode | None
    persona: str
    model: str


@dataclass(frozen=True, slots=True)
class Services:
    """What a turn works with. `backend` gives the model of a name, `picture` what is known of a picture's id."""

    conversations: Conversations
    personas: Personas
    tools: Registry
    backend: Callable[[str], Backend]
    settings: Callable[[], Settings]
    picture: Callable[[str], dict[str, Any]]
    summaries: Summaries

    def persona(self, conversation_id: int, name: str = "") -> Persona:
        """The persona of that name, else the conversation's, else the one in the settings."""
        wish = name or self.conversations.get(conversation_id).persona or self.settings().chat.persona
        return self.personas.get_or_default(wish)

    def sampling(self, persona: Persona) -> Sampling:
        """The chat settings under the persona's own numbers."""
        chat = self.settings().chat
        return persona.over(
            Sampling(
                temperature=chat.temperature, top_p=chat.top_p, top_k=chat.top_k, max_new_tokens=chat.max_new_tokens
            )
        )


@dataclass(slots=True)
class _Speed:
    """Adds up the rounds of a turn. Seconds."""

    since: float = 0.0
    first: float = 0.0
    tokens: int = 0
    decoded: int = 0
    decoding: float = 0.0

    def add(self, done: GenerationDone) -> None:
        self.tokens += done.tokens
        self.decoded += max(0, done.tokens - 1)
        self.decoding += max(0.0, done.seconds - done.first_token_seconds)

    @property
    def tokens_per_second(self) -> float:
        return self.decoded / self.decoding if self.decoding > 0 else 0.0


class Answering:
    """The state of one answer that is being made.

    Attributes:
        cut_short: the model was taken away in the middle, by closing or by another model.
    """

    def __init__(
        self,
        services: Services,
        row: StoredMessage,
        options: Options,
        cancel: threading.Event,
    ) -> None:
        """`row` is the answer as stored, empty or to be continued. The store is not asked anything yet."""
        self._services = services
        self._conversation_id = row.conversation_id
        self._message_id = row.id
        self._model = row.model
        self._options = options
        self._permission = options.get("permission")
        self._cancel = cancel
        self._answer = Answer(row.parts)
        self._lock = threading.Lock()  # of the answer, between the stream and the autosave
        self.cut_short = False
        self._speed = _Speed()
        self._fitted = Fitted((), 0, 0)
        chat = services.settings().chat
        self._persona: Persona
        self._sampling: Sampling
        self._mode: ToolsMode = options.get("tools") or chat.tools
        self._strategy = chat.context_strategy
        self._schemas = services.tools.openai() if self._mode != "off" else ()
        self._autosave = Autosave(self._save_parts)

    def run(self) -> Iterator[TurnEvent]:
        """Generate, run calls, generate again. Raises a `ThauError` where it can't go on."""
        self._persona = self._services.persona(self._conversation_id, self._options.get("persona", ""))
        self._sampling = self._options.get("sampling") or self._services.sampling(self._persona)
        backend = self._services.backend(self._model)
        for event in backend.load(self._cancel):
            if not isinstance(event, GenerationDone):
                yield event
        self._speed.since = time.perf_counter()
        made: set[str] = set()
        for round_ in range(MAX_ROUNDS):
            if round_:
                self._answer.next_round()
            self._fitted = self._fit(backend)
            fitted = self._fitted
            yield ContextFitted(fitted.used, fitted.limit, fitted.dropped, fitted.summarised)
            calls: list[ToolCall] = []
            yield from self._generate(backend, calls)
            if self._cancel.is_set() or self.cut_short or not calls or self._mode == "off":
                return
            fresh = [call for call in calls if _same(call) not in made]
            for call in calls:
                if call not in fresh:
                    yield self._result(call, _("This call was already made in this turn."))
                    continue
                made.add(_same(call))
                yield from self._run(call)
                if self._cancel.is_set():
                    return
            if not fresh:
                return

    def save(self, state: FinalState, error: str) -> str:
        """Write the last state; returns why that was not possible, else ""."""
        self._autosave.close()
        try:
            self._services.conversations.update_message(
                self._message_id,
                parts=self._answer.parts,
                state=state,
                model=self._model,
                tokens=self._speed.tokens,
                tokens_per_second=self._speed.tokens_per_second,
                first_token_seconds=self._speed.first,
                error=error,
            )
        except ThauError as problem:
            _logger.exception("the answer %d could not be saved", self._message_id)
            return str(problem)
        return ""

    def finished(self, state: FinalState, error: str, error_kind: str) -> Finished:
        return Finished(
            conversation_id=self._conversation_id,
            message_id=self._message_id,
            state=state,
            text=self._answer.text,
            tool_calls=self._answer.calls,
            images=tuple(self._services.picture(image) for image in self._answer.images),
            model=self._model,
            tokens=self._speed.tokens,
            tokens_per_second=self._speed.tokens_per_second,
            time_to_first_token_s=self._speed.first,
            context_used=self._fitted.used,
            context_limit=self._fitted.limit,
            error=error,
            error_kind=error_kind,
        )

    # --- the prompt --------------------------------------------------------------------------------------------

    def _fit(self, backend: Backend) -> Fitted:
        def count(messages: Sequence[Message]) -> TokenCounts:
            return backend.count_tokens(messages, self._schemas)

        limit = count(()).limit
        most = max(64, limit // 4)  # a message takes at least four tokens, so more can't fit
        stored = self._services.conversations.path(self._conversation_id, most, before=self._message_id)
        older = self._services.conversations.count(self._conversation_id) - most - 1 if len(stored) == most else 0
        messages = [row.message for row in stored if row.parts]
        if self._persona.system_prompt:
            messages.insert(0, Message("system", (Text(self._persona.system_prompt),)))
        if self._answer.parts:
            messages.append(Message("assistant", self._answer.parts))
        reserve = min(self._sampling.max_new_tokens, max(limit // 4, 16))

        def summarise(dropped: Sequence[Message]) -> str:
            return self._services.summaries.of(dropped, backend, limit, self._cancel)

        fitted = fit(messages, count, limit, reserve, self._strategy, summarise)
        return fitted if older <= 0 else _with_older(fitted, older)

    # --- the words ---------------------------------------------------------------------------------------------

    def _generate(self, backend: Backend, calls: list[ToolCall]) -> Iterator[TurnEvent]:
        """One round; the calls that the model made are added to `calls`."""
        request = GenerationRequest(self._fitted.messages, self._sampling, self._schemas)
        self.cut_short = True
        for event in parsed(backend.stream(request, self._cancel)):
            if isinstance(event, GenerationDone):
                self.cut_short = False
                self._speed.add(event)
            elif isinstance(event, ParserEvent):
                if not self._speed.first:
                    self._speed.first = time.perf_counter() - self._speed.since
                yield from self._take([event], calls)
            else:
                yield event

    def _take(self, events: Sequence[ParserEvent], calls: list[ToolCall]) -> Iterator[TurnEvent]:
        for event in events:
            with self._lock:
                if isinstance(event, TextDelta):
                    self._answer.say(event.text)
                elif isinstance(event, ReasoningDelta):
                    self._answer.think(event.text)
                elif isinstance(event, ToolCallReady):
                    calls.append(event.call)
                    self._answer.add(event.call)
            self._autosave.touch()
            yield event

    def _save_parts(self) -> None:
        with self._lock:
            parts = self._answer.parts
        self._services.conversations.update_message(self._message_id, parts=parts)

    # --- the tools ---------------------------------------------------------------------------------------------

    def _run(self, call: ToolCall) -> Iterator[TurnEvent]:
        """Run one call and add its result to the answer. What goes wrong is a result that the model reads."""
        context = ToolContext(call.id, self._cancel, self._conversation_id, self._message_id)
        try:
            if not call.problem:
                self._services.tools.get(call.name).validate(call.arguments)
                if not self._allowed(call):
                    if self._cancel.is_set():
                        raise ToolRefused(_("Stopped before it ran."))
                    raise ToolRefused(_("The user did not allow this call."))
            for event in self._services.tools.run(call, context):
                if isinstance(event, ToolFinished):
                    yield self._keep(event)
                    return
                yield event
            yield self._result(call, _("The tool ended without a result."))
        except ThauError as problem:
            yield self._result(call, problem.what, problem.advice)

    def _allowed(self, call: ToolCall) -> bool:
        if self._mode == "auto" and self._services.tools.get(call.name).permission == "safe":
            return True
        return self._permission is not None and self._permission(call)

    def _result(self, call: ToolCall, content: str, advice: str = "") -> ToolFinished:
        return self._keep(ToolFinished(ToolResult(call.id, call.name, content, error=True, advice=advice)))

    def _keep(self, event: ToolFinished) -> ToolFinished:
        with self._lock:
            self._answer.add(event.result)
        self._autosave.touch()
        return event


def _same(call: ToolCall) -> str:
    """Equal for calls that would do the same."""
    return f"{call.name} {sorted(call.arguments.items(), key=repr)!r} {call.problem}"


def _with_older(fitted: Fitted, older: int) -> Fitted:
    return Fitted(fitted.messages, fitted.used, fitted.limit, fitted.dropped + older, fitted.summarised, fitted.cut)
