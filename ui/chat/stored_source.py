"""What the transcript shows of the store: pages of a conversation's active branch as values to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from thau_desktop.store.conversations import Conversations
from thau_desktop.store.records import StoredMessage
from ui.chat.shown import Shown


class StoredSource:
    """Reads one conversation.

    The message of `live()`, whose answer is arriving, is shown without words; `on_live` is called then, because the
    page hands its words over from their beginning.
    """

    def __init__(
        self,
        conversations: Conversations,
        conversation_id: int,
        live: Callable[[], int | None],
        on_live: Callable[[], None],
    ) -> None:
        self._conversations = conversations
        self._conversation_id = conversation_id
        self._live = live
        self._on_live = on_live

    def before(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        """At most `limit` messages just before that one; the last ones of all for None."""
        return self._shown(self._conversations.path(self._conversation_id, limit, before=message_id))

    def after(self, message_id: int | None, limit: int) -> Sequence[Shown]:
        """At most `limit` messages just after that one; the first ones of all for None."""
        return self._shown(self._conversations.path(self._conversation_id, limit, after=message_id or 0))

    def _shown(self, messages: Sequence[StoredMessage]) -> list[Shown]:
        live = self._live()
        found = []
        for message in messages:
            if message.id == live:
                self._on_live()
                found.append(Shown(message.id, message.role, (), "streaming", 0, message.variant, message.variants))
            else:
                found.append(shown(message))
        return found


def shown(message: StoredMessage) -> Shown:
    """A stored message as the transcript takes it."""
    return Shown(
        id=message.id,
        role=message.role,
        parts=message.parts,
        state=message.state,
        rating=message.rating,
        variant=message.variant,
        variants=message.variants,
        tokens_per_second=message.tokens_per_second,
        first_token_seconds=message.first_token_seconds,
        error=message.error,
    )
