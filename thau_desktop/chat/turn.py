"""A turn: the user's words go into the store, the model answers, its calls are run, the answer is kept.

Everything that happens is an event; everything that was said is in the store, whenever and however it ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Unpack

from thau_desktop.chat.answering import Answering, FinalState, Options, Services
from thau_desktop.chat.summary import Summaries
from thau_desktop.chat.title import title_from
from thau_desktop.errors import ChildCrashed, StoreError, ThauError
from thau_desktop.inference.backend import Backend
from thau_desktop.messages import Attachment, Part, Sampling, Text, TurnEvent, TurnStarted
from thau_desktop.settings import Settings
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.personas import Personas
from thau_desktop.store.records import StoredMessage
from thau_desktop.tools.registry import Registry
from thau_desktop.translation import _

_logger = logging.getLogger(__name__)


class Chat:
    """Makes turns. Any number may run at once, in different conversations and threads.

    `backend` gives the model of a name, `picture` what is known of a picture's id, and `answered` is told of each
    answer that came to its own end, once it is stored.
    """

    def __init__(
        self,
        conversations: Conversations,
        personas: Personas,
        tools: Registry,
        backend: Callable[[str], Backend],
        settings: Callable[[], Settings],
        picture: Callable[[str], dict[str, Any]] | None = None,
        answered: Callable[[StoredMessage], None] | None = None,
    ) -> None:
        self._conversations = conversations
        self._services = Services(
            conversations, personas, tools, backend, settings, picture or (lambda image: {"id": image}), Summaries()
        )
        self._answered = answered
        self._unsaved: list[tuple[Answering, FinalState, str]] = []
        self._lock = threading.Lock()

    def turn(
        self,
        conversation_id: int,
        text: str,
        cancel: threading.Event,
        *,
        attachments: Sequence[Attachment] = (),
        **options: Unpack[Options],
    ) -> Iterator[TurnEvent]:
        """Add the user's words and yield the answer as it is made; the last event is `Finished`.

        A `ThauError` becomes `Finished(state="error")`; only before the words are stored is it raised.
        """
        parts: tuple[Part, ...] = (*attachments, Text(text))
        with self._conversations.database.transaction():  # no kill leaves words without the answer to try again
            user = self._conversations.add_message(conversation_id, "user", parts)
            self._name(conversation_id, text)
            answer = self._begin(user, options)
        yield from self._answer(answer, options, cancel)

    def edit(
        self,
        message_id: int,
        text: str,
        cancel: threading.Event,
        *,
        attachments: Sequence[Attachment] | None = None,
        **options: Unpack[Options],
    ) -> Iterator[TurnEvent]:
        """A variant of the user's message with other words, and its answer. Attachments stay unless given anew."""
        old = self._conversations.message(message_id)
        if old.role != "user":
            raise StoreError(_("Only your own messages can be edited."))
        kept = [part for part in old.parts if isinstance(part, Attachment)] if attachments is None else attachments
        parts: tuple[Part, ...] = (*kept, Text(text))
        with self._conversations.database.transaction():
            user = self._conversations.add_message(old.conversation_id, "user", parts, old.parent_id)
            answer = self._begin(user, options)
        yield from self._answer(answer, options, cancel)

    def regenerate(
        self,
        message_id: int,
        cancel: threading.Event,
        **options: Unpack[Options],
    ) -> Iterator[TurnEvent]:
        """Another answer beside this one; of a user's message, another answer to it."""
        old = self._conversations.message(message_id)
        if old.role != "user":
            if old.parent_id is None:
                raise StoreError(_("There is no question that this message answers."))
            old = self._conversations.message(old.parent_id)
        yield from self._answer(self._begin(old, options), options, cancel)

    def continue_(
        self,
        message_id: int,
        cancel: threading.Event,
        **options: Unpack[Options],
    ) -> Iterator[TurnEvent]:
        """Go on with an answer that was stopped, interrupted or cut off, in its own row."""
        old = self._conversations.message(message_id)
        if old.role != "assistant" or old.parent_id is None:
            raise StoreError(_("Only an answer can be continued."))
        self._conversations.choose_variant(message_id)
        self._conversations.update_message(message_id, state="streaming", error="")
        model = self._model(old.conversation_id, options)
        yield from self._answer(replace(old, model=model), options, cancel)

    def sampling(self, conversation_id: int, persona: str = "") -> Sampling:
        """The sampling of a turn where none is given: the chat settings under the persona's own numbers."""
        return self._services.sampling(self._services.persona(conversation_id, persona))

    def save_unsaved(self) -> None:
        """Write the ends of answers that could not be written when they came, on a full disk for one."""
        with self._lock:
            unsaved, self._unsaved = self._unsaved, []
        for answering, state, error in unsaved:
            self._save(answering, state, error)

    # --- one answer ------------------------------------------------------------------------------------------

    def _begin(self, question: StoredMessage, options: Options) -> StoredMessage:
        """The empty answer to a question."""
        model = self._model(question.conversation_id, options)
        return self._conversations.add_message(
            question.conversation_id, "assistant", (), question.id, "streaming", model=model
        )

    def _model(self, conversation_id: int, options: Options) -> str:
        wish = options.get("model") or self._conversations.get(conversation_id).model
        return wish or self._services.settings().model.name

    def _answer(self, row: StoredMessage, options: Options, cancel: threading.Event) -> Iterator[TurnEvent]:
        self.save_unsaved()
        answering = Answering(self._services, row, options, cancel)
        # Whatever ends the turn before its own end, a closed iterator for one, leaves what was said as stopped.
        state: FinalState = "stopped"
        error = kind = ""
        try:
            yield TurnStarted(row.conversation_id, row.parent_id or 0, row.id)
            yield from answering.run()
            state = "stopped" if cancel.is_set() or answering.cut_short else "complete"
        except ThauError as problem:
            _logger.warning("turn %d failed: %s\n%s", row.id, problem, problem.details)
            if not (cancel.is_set() and isinstance(problem, ChildCrashed)):  # who stops may have ended the model, too
                state, error, kind = "error", str(problem), type(problem).__name__
        except Exception as bug:
            state, error = "error", _("THAU ran into a bug: {bug}.").format(bug=repr(bug))
            raise
        finally:
            error = self._save(answering, state, error) or error
        if state == "complete" and not error:
            self._tell(row.id)
        yield answering.finished("error" if error else state, error, kind)

    def _save(self, answering: Answering, state: FinalState, error: str) -> str:
        """Write an answer's end; returns why that was not possible, else "". It is tried again then."""
        problem = answering.save(state, error)
        if problem:
            with self._lock:
                self._unsaved.append((answering, state, error))
        return problem

    def _tell(self, message_id: int) -> None:
        """Say that an answer is complete; the turn stands whatever comes of it."""
        if self._answered is None:
            return
        try:
            self._answered(self._conversations.message(message_id))
        except ThauError as problem:
            _logger.warning("nothing came of answer %d: %s", message_id, problem)

    def _name(self, conversation_id: int, text: str) -> None:
        if not self._conversations.get(conversation_id).title:
            self._conversations.rename(conversation_id, title_from(text))
