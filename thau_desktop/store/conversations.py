"""Conversations and their messages: trees of which one branch is shown.

A message's children are what followed it; siblings are variants of each other (an answer made again, a question
edited). Only what a window shows is read: the last 40 of 10,000 messages cost the same as 40.
"""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from thau_desktop.errors import StoreError
from thau_desktop.messages import Part, Role
from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean, now, one_line, searchable, serialise
from thau_desktop.store.records import (
    CONVERSATION,
    MESSAGE,
    Conversation,
    State,
    StoredMessage,
    alive,
    conversation,
    stored_message,
    writer,
)
from thau_desktop.store.search import Hit, hits, matching
from thau_desktop.translation import _

PURGED_AFTER_DAYS = 30

# From a message up to the root. `depth` counts upwards from it.
_BRANCH = """WITH RECURSIVE branch(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM messages WHERE id = :start
    UNION ALL
    SELECT m.id, m.parent_id, branch.depth + 1 FROM messages m JOIN branch ON m.id = branch.parent_id
    {limit}
)"""


class Conversations:
    """All conversations of a database. Methods raise `StoreError` for an id that is not there."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- conversations -----------------------------------------------------------------------------------

    def create(self, title: str = "", persona: str = "", model: str = "") -> Conversation:
        """A new, empty conversation."""
        time = now()
        with self.database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO conversations (title, persona, model, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
                (one_line(title), clean(persona), clean(model), time, time),
            )
            return self.get(int(cursor.lastrowid or 0))

    def get(self, conversation_id: int) -> Conversation:
        """The conversation, deleted ones too until they are purged."""
        row = self.database.row(f"SELECT {CONVERSATION} FROM conversations WHERE id = ?", (conversation_id,))
        if row is None:
            raise StoreError(_("That conversation no longer exists."))
        return conversation(row)

    def list(self, search: str = "", *, limit: int | None = None, deleted: bool = False) -> builtins.list[Conversation]:
        """Pinned ones first, then the newest; with `search`, those whose title or messages have all its words."""
        where, values = matching(search)
        rows = self.database.rows(
            f"SELECT {CONVERSATION} FROM conversations WHERE deleted_at IS {'NOT' if deleted else ''} NULL {where}"
            " ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT :limit",
            {**values, "limit": -1 if limit is None else limit},
        )
        return [conversation(row) for row in rows]

    def rename(self, conversation_id: int, title: str) -> None:
        self._set(conversation_id, title=one_line(title))

    def pin(self, conversation_id: int, pinned: bool = True) -> None:
        self._set(conversation_id, pinned=int(pinned))

    def set_persona(self, conversation_id: int, persona: str) -> None:
        self._set(conversation_id, persona=clean(persona))

    def set_model(self, conversation_id: int, model: str) -> None:
        self._set(conversation_id, model=clean(model))

    def set_draft(self, conversation_id: int, draft: str) -> None:
        """Keep what is being written; it does not move the conversation up."""
        self._set(conversation_id, draft=clean(draft))

    def delete(self, conversation_id: int) -> None:
        """Hide it; `restore` brings it back until it is purged."""
        self._set(conversation_id, deleted_at=now())

    def restore(self, conversation_id: int) -> None:
        self._set(conversation_id, deleted_at=None)

    def purge(self, older_than_days: float = PURGED_AFTER_DAYS) -> int:
        """Remove for good what was deleted longer ago; returns how many conversations."""
        limit = (datetime.now(UTC) - timedelta(days=older_than_days)).isoformat(timespec="microseconds")
        with self.database.transaction() as connection:
            return connection.execute("DELETE FROM conversations WHERE deleted_at <= ?", (limit,)).rowcount

    # --- reading a branch -----------------------------------------------------------------------------------

    def path(
        self, conversation_id: int, limit: int | None = None, before: int | None = None, after: int | None = None
    ) -> builtins.list[StoredMessage]:
        """The active branch, oldest first: its last `limit` messages.

        `before` a message: the last `limit` above it. `after` a message of the branch: the first `limit` below it;
        after 0: the first of all.
        """
        chosen = self.get(conversation_id)
        if after is not None:
            return self._after(chosen, after, limit)
        start = chosen.leaf_id
        if before is not None:
            start = self._row(before)["parent_id"]
        sql = _BRANCH.format(limit="LIMIT :limit")
        rows = self.database.rows(
            f"{sql} SELECT {MESSAGE} FROM branch JOIN messages m ON m.id = branch.id ORDER BY depth DESC",
            {"start": start, "limit": -1 if limit is None else limit},
        )
        return [stored_message(row) for row in rows]

    def around(self, message_id: int, limit: int = 40) -> builtins.list[StoredMessage]:
        """About `limit` messages with this one in the middle. Its branch becomes the active one if it was not."""
        self.choose_variant(message_id)
        message = self.message(message_id)
        above = self.path(message.conversation_id, limit // 2, before=message_id)
        below = self.path(message.conversation_id, limit - limit // 2 - 1, after=message_id)
        return [*above, message, *below]

    def count(self, conversation_id: int) -> int:
        """How many messages the active branch has."""
        sql = _BRANCH.format(limit="")
        row = self.database.row(f"{sql} SELECT count(*) FROM branch", {"start": self.get(conversation_id).leaf_id})
        return int(row[0]) if row else 0

    def message(self, message_id: int) -> StoredMessage:
        """One message."""
        return stored_message(self._row(message_id))

    def variants(self, message_id: int) -> builtins.list[int]:
        """The ids of the message and its siblings, oldest first."""
        message = self._row(message_id)
        rows = self.database.rows(
            "SELECT id FROM messages WHERE conversation_id = ? AND parent_id IS ? ORDER BY id",
            (message["conversation_id"], message["parent_id"]),
        )
        return [int(row["id"]) for row in rows]

    # --- writing --------------------------------------------------------------------------------------------

    def add_message(
        self,
        conversation_id: int,
        role: Role,
        parts: Iterable[Part],
        parent_id: int | Literal["leaf"] | None = "leaf",
        state: State = "complete",
        *,
        model: str = "",
        tokens: int = 0,
        tokens_per_second: float = 0.0,
        first_token_seconds: float = 0.0,
        error: str = "",
        rating: int = 0,
        created_at: str = "",
    ) -> StoredMessage:
        """Add a message under `parent_id` (None: at the root) and make its branch the active one.

        A parent of another conversation is a bug: `sqlite3.IntegrityError`.
        """
        parts, time = tuple(parts), now()
        with self.database.transaction() as connection:
            leaf = self.get(conversation_id).leaf_id
            cursor = connection.execute(
                "INSERT INTO messages (conversation_id, parent_id, role, parts, text, state, model, tokens,"
                " tokens_per_second, first_token_seconds, error, rating, writer_pid, writer_started, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    conversation_id,
                    leaf if parent_id == "leaf" else parent_id,
                    role,
                    serialise(parts),
                    searchable(parts),
                    state,
                    clean(model),
                    tokens,
                    tokens_per_second,
                    first_token_seconds,
                    clean(error),
                    rating,
                    *writer(state),
                    created_at or time,
                ),
            )
            message_id = int(cursor.lastrowid or 0)
            connection.execute(
                "UPDATE conversations SET leaf_id = ?, updated_at = ? WHERE id = ?", (message_id, time, conversation_id)
            )
            return self.message(message_id)

    def update_message(
        self,
        message_id: int,
        *,
        parts: Iterable[Part] | None = None,
        state: State | None = None,
        model: str | None = None,
        tokens: int | None = None,
        tokens_per_second: float | None = None,
        first_token_seconds: float | None = None,
        error: str | None = None,
    ) -> None:
        """Change what is given. A new state also counts as activity of the conversation."""
        changes: dict[str, Any] = {
            "model": model,
            "tokens": tokens,
            "tokens_per_second": tokens_per_second,
            "first_token_seconds": first_token_seconds,
            "error": None if error is None else clean(error),
            "state": state,
        }
        changes = {column: value for column, value in changes.items() if value is not None}
        if parts is not None:
            parts = tuple(parts)
            changes |= {"parts": serialise(parts), "text": searchable(parts)}
        if state is not None:
            changes["writer_pid"], changes["writer_started"] = writer(state)
        if not changes:
            return
        columns = ", ".join(f"{column} = :{column}" for column in changes)
        with self.database.transaction() as connection:
            found = connection.execute(f"UPDATE messages SET {columns} WHERE id = :id", {**changes, "id": message_id})
            if not found.rowcount:
                raise StoreError(_("That message no longer exists."))
            if state is not None:
                connection.execute(
                    "UPDATE conversations SET updated_at = ? WHERE id ="
                    " (SELECT conversation_id FROM messages WHERE id = ?)",
                    (now(), message_id),
                )

    def choose_variant(self, message_id: int) -> int:
        """Show the branch through this message, down to its newest message; returns that leaf's id.

        A message that is already on the active branch changes nothing.
        """
        with self.database.transaction() as connection:
            message = self._row(message_id)
            leaf = self.get(message["conversation_id"]).leaf_id
            sql = _BRANCH.format(limit="")
            if leaf and self.database.row(
                f"{sql} SELECT 1 FROM branch WHERE id = :message", {"start": leaf, "message": message_id}
            ):
                return leaf
            # A child's id is above its parent's, so the greatest id under a message is a leaf.
            newest = connection.execute(
                "WITH RECURSIVE below(id) AS (VALUES (?) UNION ALL SELECT m.id FROM messages m JOIN below"
                " ON m.conversation_id = ? AND m.parent_id = below.id) SELECT max(id) FROM below",
                (message_id, message["conversation_id"]),
            ).fetchone()[0]
            self._set(message["conversation_id"], leaf_id=newest)
            return int(newest)

    def rate(self, message_id: int, rating: Literal[-1, 0, 1]) -> None:
        """Thumb down, none, thumb up."""
        with self.database.transaction() as connection:
            if not connection.execute("UPDATE messages SET rating = ? WHERE id = ?", (rating, message_id)).rowcount:
                raise StoreError(_("That message no longer exists."))

    def interrupt_orphans(self) -> int:
        """Mark as interrupted what was streaming in a process that is gone; returns how many messages."""
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, writer_pid, writer_started FROM messages WHERE state = 'streaming'"
            ).fetchall()
            gone = [(row["id"],) for row in rows if not alive(row["writer_pid"], row["writer_started"])]
            connection.executemany(
                "UPDATE messages SET state = 'interrupted', writer_pid = NULL, writer_started = NULL WHERE id = ?", gone
            )
        return len(gone)

    # --- searching ------------------------------------------------------------------------------------------

    def search(self, query: str, limit: int = 50) -> builtins.list[Hit]:
        """Titles, then messages, that have all words of `query`; the last word may be unfinished. Never raises
        for what was typed."""
        return hits(self.database, query, limit)

    # --- inside ---------------------------------------------------------------------------------------------

    def _set(self, conversation_id: int, **changes: Any) -> None:
        columns = ", ".join(f"{column} = :{column}" for column in changes)
        with self.database.transaction() as connection:
            found = connection.execute(
                f"UPDATE conversations SET {columns} WHERE id = :id", {**changes, "id": conversation_id}
            )
            if not found.rowcount:
                raise StoreError(_("That conversation no longer exists."))

    def _row(self, message_id: int) -> sqlite3.Row:
        row = self.database.row(f"SELECT {MESSAGE} FROM messages m WHERE m.id = ?", (message_id,))
        if row is None:
            raise StoreError(_("That message no longer exists."))
        return row

    def _after(self, chosen: Conversation, after: int, limit: int | None) -> builtins.list[StoredMessage]:
        sql = _BRANCH.format(limit="")
        rows = self.database.rows(
            f"{sql}, page AS (SELECT id, depth FROM branch WHERE :after = 0"
            " OR depth < (SELECT depth FROM branch WHERE id = :after) ORDER BY depth DESC LIMIT :limit)"
            f" SELECT {MESSAGE} FROM page JOIN messages m ON m.id = page.id ORDER BY depth DESC",
            {"start": chosen.leaf_id, "after": after, "limit": -1 if limit is None else limit},
        )
        return [stored_message(row) for row in rows]
