"""Conversations and messages as values, the columns they are read from, and the process that writes into a row."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from typing import Literal

import psutil

from thau_desktop.messages import Message, Part, Role
from thau_desktop.store.parts import deserialise

State = Literal["complete", "streaming", "stopped", "interrupted", "error"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation. Times are ISO 8601 in UTC; `leaf_id` is the last message of the active branch."""

    id: int
    title: str
    persona: str
    model: str
    pinned: bool
    draft: str
    leaf_id: int | None
    created_at: str
    updated_at: str
    deleted_at: str | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as stored. `variant` of `variants` counts it among its siblings, from 1."""

    id: int
    conversation_id: int
    parent_id: int | None
    role: Role
    parts: tuple[Part, ...]
    state: State
    model: str
    tokens: int
    tokens_per_second: float
    first_token_seconds: float
    error: str
    rating: int
    created_at: str
    variant: int = 1
    variants: int = 1

    @property
    def message(self) -> Message:
        """What a model sees of it."""
        return Message(self.role, self.parts)

    @property
    def text(self) -> str:
        """The visible words."""
        return self.message.text


CONVERSATION = "conversations.id, title, persona, model, pinned, draft, leaf_id, created_at, updated_at, deleted_at"
_SIBLINGS = "FROM messages s WHERE s.conversation_id = m.conversation_id AND s.parent_id IS m.parent_id"
MESSAGE = f"""m.id, m.conversation_id, m.parent_id, m.role, m.parts, m.state, m.model, m.tokens,
    m.tokens_per_second, m.first_token_seconds, m.error, m.rating, m.created_at,
    (SELECT count(*) {_SIBLINGS} AND s.id <= m.id) AS variant, (SELECT count(*) {_SIBLINGS}) AS variants"""


def conversation(row: sqlite3.Row) -> Conversation:
    """The conversation in a row of `CONVERSATION`'s columns."""
    return Conversation(**{**dict(row), "pinned": bool(row["pinned"])})


def stored_message(row: sqlite3.Row) -> StoredMessage:
    """The message in a row of `MESSAGE`'s columns."""
    return StoredMessage(**{**dict(row), "parts": deserialise(row["parts"])})


def writer(state: State) -> tuple[int | None, float | None]:
    """`writer_pid` and `writer_started` of a row in this state: this process while it streams, else nobody."""
    if state != "streaming":
        return None, None
    return os.getpid(), psutil.Process().create_time()


def alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that wrote this still runs. A number that was given to another process does not count."""
    if pid is None or started is None:
        return False
    try:
        # The start is worked out from the system's clock, so two processes may see it a little apart.
        return abs(psutil.Process(pid).create_time() - started) < 2
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
