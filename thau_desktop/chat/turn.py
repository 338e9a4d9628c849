"""A turn: the user's words go into the store, the model answers, its calls are run, the answer is kept.

Everything that happens is an event; everything that was said is in the store, whenever and however it ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from thau_desktop.chat.answer import Answer, Autosave
from thau_desktop.chat.context import Fitted, fit
from thau_desktop.chat.summary import Summaries
from thau_desktop.chat.title import title_from
from thau_desktop.chat.toolcalls import Parser, ParserEvent
from thau_desktop.errors import StoreError, ThauError, ToolRefused
from thau_desktop.inference.backend import Backend, GenerationRequest, TokenCounts
from thau_desktop.messages import (
    Attachment,
    ContextFitted,
    Finished,
    GenerationDone,
    Message,
    Part,
    ReasoningDelta,
    Sampling,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolFinished,
    ToolResult,
    TurnEvent,
    TurnStarted,
)
from thau_desktop.settings import Settings
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.personas import Personas
from thau_desktop.tools.registry import Registry, ToolContext
from thau_desktop.translation import _

MAX_ROUNDS = 4

ToolsMode = Literal["auto", "ask", "off"]
Permission = Callable[[ToolCall], bool]
FinalState = Literal["complete", "stopped", "error"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How one turn is made. None and "": as the conversation, the persona and the settings say.

    Attributes:
        permission: asked before a call that needs it; None refuses those.
    """

    permission: Permission | None = None
    sampling: Sampling | None = None
    tools: ToolsMode | None = None
    persona: str = ""
    model: str = ""


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


class Chat:
    """Makes turns. Any number may run at once, in different conversations and threads.

    `backend` gives the model of a name, `picture` what is known of a picture's id.
    """

    def __init__(
        self,
        conversations: Conversations,
        personas: Personas,
        tools: Registry,
        backend: Callable[[str], Backend],
        settings: Callable[[], Settings],
        picture: Callable[[str], dict[str, Any]] | None = None,
    ) -> None:
        self._conversations = conversations
        self._personas = personas
        self._tools = tools
        self._backend = backend
        self._settings = settings
        self._picture = picture or (lambda image: {"id": image})
        self._summaries = Summaries()

    def turn(
        self,
        conversation_id: int,
        text: str,
        cancel: threading.Event,
        *,
        attachments: Sequence[Attachment] = (),
        permission: Permission | None = None,
        sampling: Sampling | None = None,
        tools: ToolsMode | None = None,
        persona: str = "",
        model: str = "",
    ) -> Iterator[TurnEvent]:
        """Add the user's words and yield the answer as it is made; the last event is `Finished`.

        A `ThauError` becomes `Finished(state="error")`; only before the words are stored is it raised.
        """
        parts: tuple[Part, ...] = (*attachments, Text(text))
        user = self._conversations.add_message(conversation_id, "user", parts)
        self._name(conversation_id, text)
        options = Options(permission, sampling, tools, persona, model)
        yield from self._answer(conversation_id, user.id, options, cancel)

    def edit(
        self,
        message_id: int,
        text: str,
        cancel: threading.Event,
        *,
        attachments: Sequence[Attachment] | None = None,
        permission: Permission | None = None,
        sampling: Sampling | None = None,
        tools: ToolsMode | None = None,
        persona: str = "",
        model: str = "",
    ) -> Iterator[TurnEvent]:
        """A variant of the user's message with other words, and its answer. Attachments stay unless given anew."""
        old = self._conversations.message(message_id)
        if old.role != "user":
            raise StoreError(_("Only your own messages can be edited."))
        kept = [part for part in old.parts if isinstance(part, Attachment)] if attachments is None else attachments
        parts: tuple[Part, ...] = (*kept, Text(text))
        user = self._conversations.add_message(old.conversation_id, "user", parts, old.parent_id)
        options = Options(permission, sampling, tools, persona, model)
        yield from self._answer(old.conversation_id, user.id, options, cancel)

    def regenerate(
        self,
        message_id: int,
        cancel: threading.Event,
        *,
        permission: Permission | None = None,
        sampling: Sampling | None = None,
        tools: ToolsMode | None = None,
        persona: str = "",
        model: str = "",
    ) -> Iterator[TurnEvent]:
        """Another answer beside this one; of a user's message, another answer to it."""
        old = self._conversations.message(message_id)
        question = old.id if old.role == "user" else old.parent_id
        if question is None:
            raise StoreError(_("There is no question that this message answers."))
        options = Options(permission, sampling, tools, persona, model)
        yield from self._answer(old.conversation_id, question, options, cancel)

    def continue_(
        self,
        message_id: int,
        cancel: threading.Event,
        *,
        permission: Permission | None = None,
        sampling: Sampling | None = None,
        tools: ToolsMode | None = None,
        persona: str = "",
        model: str = "",
    ) -> Iterator[TurnEvent]:
        """Go on with an answer that was stopped, interrupted or cut off, in its own row."""
        old = self._conversations.message(message_id)
        if old.role != "assistant" or old.parent_id is None:
            raise StoreError(_("Only an answer can be continued."))
        self._conversations.choose_variant(message_id)
        self._conversations.update_message(message_id, state="streaming", error="")
        options = Options(permission, sampling, tools, persona, model)
        yield from self._answer(old.conversation_id, old.parent_id, options, cancel, message_id, old.parts)

    def sampling(self, conversation_id: int, persona: str = "") -> Sampling:
        """The sampling of a turn where none is given: the chat settings under the persona's own numbers."""
        chat = self._settings().chat
        base = Sampling(
            temperature=chat.temperature, top_p=chat.top_p, top_k=chat.top_k, max_new_tokens=chat.max_new_tokens
        )
        name = persona or self._conversations.get(conversation_id).persona or chat.persona
        return self._personas.get_or_default(name).over(base)

    # --- one answer ------------------------------------------------------------------------------------------

    def _answer(
        self,
        conversation_id: int,
        question_id: int,
        options: Options,
        cancel: threading.Event,
        message_id: int = 0,
        parts: tuple[Part, ...] = (),
    ) -> Iterator[TurnEvent]:
        conversation = self._conversations.get(conversation_id)
        model = options.model or conversation.model or self._settings().model.name
        if not message_id:
            row = self._conversations.add_message(
                conversation_id, "assistant", (), question_id, "streaming", model=model
            )
            message_id = row.id
        answering = _Answering(self, conversation_id, message_id, model, options, cancel, Answer(parts))
        # Whatever ends the turn before its own end, a closed iterator for one, leaves what was said as stopped.
        state: FinalState = "stopped"
        error = ""
        try:
            yield TurnStarted(conversation_id, question_id, message_id)
            yield from answering.run()
            state = "stopped" if cancel.is_set() or answering.cut_short else "complete"
        except ThauError as problem:
            _logger.warning("turn %d failed: %s\n%s", message_id, problem, problem.details)
            state, error = "error", str(problem)
        except Exception as bug:
            state, error = "error", _("THAU ran into a bug: {bug}.").format(bug=repr(bug))
            raise
        finally:
            error = answering.save(state, error) or error
        yield answering.finished("error" if error else state, error)

    def _name(self, conversation_id: int, text: str) -> None:
        if not self._conversations.get(conversation_id).title:
            self._conversations.rename(conversation_id, title_from(text))


class _Answering:
    """The state of one answer that is being made."""

    def __init__(
        self,
        chat: Chat,
        conversation_id: int,
        message_id: int,
        model: str,
        options: Options,
        cancel: threading.Event,
        answer: Answer,
    ) -> None:
        self._chat = chat
        self._conversation_id = conversation_id
        self._message_id = message_id
        self._model = model
        self._options = options
        self._cancel = cancel
        self._answer = answer
        self._lock = threading.Lock()  # of the answer, between the stream and the autosave
        self.cut_short = False  # the model was taken away in the middle, by closing or by another model
        self._speed = _Speed()
        self._fitted = Fitted((), 0, 0)
        settings = chat._settings()
        conversation = chat._conversations.get(conversation_id)
        self._persona = chat._personas.get_or_default(options.persona or conversation.persona or settings.chat.persona)
        self._mode: ToolsMode = options.tools or settings.chat.tools
        self._strategy = settings.chat.context_strategy
        self._schemas = chat._tools.openai() if self._mode != "off" else ()
        self._sampling = options.sampling or chat.sampling(conversation_id, self._persona.name)
        self._autosave = Autosave(self._save_parts)

    def run(self) -> Iterator[TurnEvent]:
        backend = self._chat._backend(self._model)
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
            self._chat._conversations.update_message(
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

    def finished(self, state: FinalState, error: str) -> Finished:
        return Finished(
            conversation_id=self._conversation_id,
            message_id=self._message_id,
            state=state,
            text=self._answer.text,
            tool_calls=self._answer.calls,
            images=tuple(self._chat._picture(image) for image in self._answer.images),
            model=self._model,
            tokens=self._speed.tokens,
            tokens_per_second=self._speed.tokens_per_second,
            time_to_first_token_s=self._speed.first,
            context_used=self._fitted.used,
            context_limit=self._fitted.limit,
            error=error,
        )

    # --- the prompt --------------------------------------------------------------------------------------------

    def _fit(self, backend: Backend) -> Fitted:
        def count(messages: Sequence[Message]) -> TokenCounts:
            return backend.count_tokens(messages, self._schemas)

        limit = count(()).limit
        most = max(64, limit // 4)  # a message takes at least four tokens, so more can't fit
        stored = self._chat._conversations.path(self._conversation_id, most, before=self._message_id)
        older = self._chat._conversations.count(self._conversation_id) - most - 1 if len(stored) == most else 0
        messages = [row.message for row in stored if row.parts]
        if self._persona.system_prompt:
            messages.insert(0, Message("system", (Text(self._persona.system_prompt),)))
        if self._answer.parts:
            messages.append(Message("assistant", self._answer.parts))
        reserve = min(self._sampling.max_new_tokens, max(limit // 4, 16))

        def summarise(dropped: Sequence[Message]) -> str:
            return self._chat._summaries.of(dropped, backend, limit, self._cancel)

        fitted = fit(messages, count, limit, reserve, self._strategy, summarise)
        return fitted if older <= 0 else _with_older(fitted, older)

    # --- the words ---------------------------------------------------------------------------------------------

    def _generate(self, backend: Backend, calls: list[ToolCall]) -> Iterator[TurnEvent]:
        """One round; the calls that the model made are added to `calls`."""
        parser = Parser()
        request = GenerationRequest(self._fitted.messages, self._sampling, self._schemas)
        self.cut_short = True
        for event in backend.stream(request, self._cancel):
            if isinstance(event, GenerationDone):
                self.cut_short = False
                self._speed.add(event)
                continue
            if isinstance(event, TextDelta):
                if not self._speed.first:
                    self._speed.first = time.perf_counter() - self._speed.since
                yield from self._take(parser.feed(event.text), calls)
            elif isinstance(event, ParserEvent):
                yield from self._take([event], calls)
            else:
                yield event
        yield from self._take(parser.close(), calls)

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
        self._chat._conversations.update_message(self._message_id, parts=parts)

    # --- the tools ---------------------------------------------------------------------------------------------

    def _run(self, call: ToolCall) -> Iterator[TurnEvent]:
        """Run one call and add its result to the answer. What goes wrong is a result that the model reads."""
        context = ToolContext(call.id, self._cancel, self._conversation_id, self._message_id)
        try:
            if not call.problem:
                self._chat._tools.get(call.name).validate(call.arguments)
                if not self._allowed(call):
                    raise ToolRefused(_("The user did not allow this call."))
            for event in self._chat._tools.run(call, context):
                if isinstance(event, ToolFinished):
                    yield self._keep(event)
                    return
                yield event
            yield self._result(call, _("The tool ended without a result."))
        except ThauError as problem:
            yield self._result(call, str(problem))

    def _allowed(self, call: ToolCall) -> bool:
        if self._mode == "auto" and self._chat._tools.get(call.name).permission == "safe":
            return True
        return self._options.permission is not None and self._options.permission(call)

    def _result(self, call: ToolCall, content: str) -> ToolFinished:
        return self._keep(ToolFinished(ToolResult(call.id, call.name, content, error=True)))

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
