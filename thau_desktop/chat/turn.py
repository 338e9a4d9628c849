"""A turn: the user's words go into the store, the model answers, its calls are run, the answer is kept.

Everything that happens is an event; everything that was said is in the store, whenever and however it ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Unpack

from thau_desktop.chat.answer import Answer
from thau_desktop.chat.answering import Answering, FinalState, Options, Services
from thau_desktop.chat.summary import Summaries
from thau_desktop.chat.title import title_from
from thau_desktop.errors import StoreError, ThauError
from thau_desktop.inference.backend import Backend
from thau_desktop.messages import Attachment, Part, Sampling, Text, TurnEvent, TurnStarted
from thau_desktop.settings import Settings
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.personas import Personas
from thau_desktop.tools.registry import Registry
from thau_desktop.translation import _

_logger = logging.getLogger(__name__)


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
        self._services = Services(
            conversations, personas, tools, backend, settings, picture or (lambda image: {"id": image}), Summaries()
        )

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
        user = self._conversations.add_message(conversation_id, "user", parts)
        self._name(conversation_id, text)
        yield from self._answer(conversation_id, user.id, options, cancel)

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
        user = self._conversations.add_message(old.conversation_id, "user", parts, old.parent_id)
        yield from self._answer(old.conversation_id, user.id, options, cancel)

    def regenerate(
        self,
        message_id: int,
        cancel: threading.Event,
        **options: Unpack[Options],
    ) -> Iterator[TurnEvent]:
        """Another answer beside this one; of a user's message, another answer to it."""
        old = self._conversations.message(message_id)
        question = old.id if old.role == "user" else old.parent_id
        if question is None:
            raise StoreError(_("There is no question that this message answers."))
        yield from self._answer(old.conversation_id, question, options, cancel)

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
        yield from self._answer(old.conversation_id, old.parent_id, options, cancel, message_id, old.parts)

    def sampling(self, conversation_id: int, persona: str = "") -> Sampling:
        """The sampling of a turn where none is given: the chat settings under the persona's own numbers."""
        return self._services.sampling(self._services.persona(conversation_id, persona))

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
        model = options.get("model") or conversation.model or self._services.settings().model.name
        if not message_id:
            row = self._conversations.add_message(
                conversation_id, "assistant", (), question_id, "streaming", model=model
            )
            message_id = row.id
        answering = Answering(self._services, conversation_id, message_id, model, options, cancel, Answer(parts))
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
