"""Our own format of exported conversations: JSON that keeps every branch, rating and number of the store."""

from __future__ import annotations

import json
from typing import Any

from thau_desktop.chat.draft import Draft, DraftMessage, NotImportableError
from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.imports import Imports
from thau_desktop.store.parts import deserialise, serialise
from thau_desktop.store.records import StoredMessage
from thau_desktop.translation import _

FORMAT = "thau-conversations"
VERSION = 1

_ROLES = ("system", "user", "assistant", "tool")
_STATES = ("complete", "stopped", "interrupted", "error")
_WORDS = ("source", "title", "persona", "model", "draft", "created_at", "updated_at")


def record(conversations: Conversations, conversation_id: int) -> dict[str, Any]:
    """One conversation as our JSON has it. Raises `StoreError`."""
    conversation = conversations.get(conversation_id)
    imports = Imports(conversations.database)
    messages = (conversations.message(message_id) for message_id in imports.message_ids(conversation_id))
    return {
        "source": imports.source(conversation_id) or f"thau:{conversation.created_at}",
        "title": conversation.title,
        "persona": conversation.persona,
        "model": conversation.model,
        "pinned": conversation.pinned,
        "draft": conversation.draft,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "leaf": conversation.leaf_id,
        "messages": [_message_record(message) for message in messages],
    }


def _message_record(message: StoredMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent": message.parent_id,
        "role": message.role,
        "parts": json.loads(serialise(message.parts)),
        "state": message.state,
        "model": message.model,
        "tokens": message.tokens,
        "tokens_per_second": message.tokens_per_second,
        "first_token_seconds": message.first_token_seconds,
        "error": message.error,
        "rating": message.rating,
        "created_at": message.created_at,
    }


def read_conversation(element: Any) -> Draft:
    """A conversation of our own format. Raises `NotImportableError`, or what a damaged one provokes."""
    messages = tuple(_our_message(message) for message in element["messages"])
    seen: set[str | None] = {None}
    for message in messages:
        if message.parent not in seen or message.key in seen:
            raise NotImportableError(_("its messages don't form a tree"))
        seen.add(message.key)
    leaf = str(element.get("leaf"))
    last = messages[-1].key if messages else None
    words = {name: element.get(name) or "" for name in _WORDS}
    _must_be(str, *words.values())
    return Draft(
        source=words["source"],
        title=words["title"],
        messages=messages,
        leaf=leaf if leaf in seen else last,
        created=words["created_at"],
        updated=words["updated_at"],
        model=words["model"],
        extra={"persona": words["persona"], "draft": words["draft"], "pinned": element.get("pinned") is True},
    )


def _our_message(entry: dict[str, Any]) -> DraftMessage:
    parent, role, state = entry.get("parent"), entry["role"], entry.get("state", "complete")
    parts = deserialise(json.dumps(entry["parts"]))
    for part in parts:
        _check_part(part)
    if role not in _ROLES:
        raise NotImportableError(_("a message has the unknown role “{role}”").format(role=role))
    extra = {
        "state": state if state in _STATES else "interrupted",  # it was still being written
        "tokens": int(entry.get("tokens", 0)),
        "tokens_per_second": float(entry.get("tokens_per_second", 0.0)),
        "first_token_seconds": float(entry.get("first_token_seconds", 0.0)),
        "error": str(entry.get("error", "")),
        "rating": max(-1, min(1, int(entry.get("rating", 0)))),
    }
    created = entry.get("created_at", "")
    _must_be(str, created, entry.get("model", ""))
    return DraftMessage(
        str(entry["id"]), None if parent is None else str(parent), role, parts, created, entry.get("model", ""), extra
    )


def _check_part(part: Part) -> None:
    match part:
        case Text(text) | Reasoning(text):
            _must_be(str, text)
        case Attachment(name, text):
            _must_be(str, name, text)
        case ToolCall(identity, name, arguments, problem):
            _must_be(str, identity, name, problem)
            _must_be(dict, arguments)
        case ToolResult(identity, name, content, images, advice=advice):
            _must_be(str, identity, name, content, advice, *images)


def _must_be(kind: type, *values: object) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"{value!r:.60} is not {kind.__name__}")
