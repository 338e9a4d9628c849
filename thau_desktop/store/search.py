"""Full-text search over titles and messages, for whatever a person types.

What was typed is never FTS5 syntax: its words are quoted, all must be there, accents and case do not matter, and the
last one may be unfinished. Text without any word (an emoji) is looked for as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from thau_desktop.store.database import Database
from thau_desktop.store.parts import clean

# Around what was found in a snippet: characters that no text has, so that a face can put its own marks there.
MARK, UNMARK = "\x02", "\x03"
_SNIPPET = f"'{MARK}', '{UNMARK}', '…', 16"
_MOST_WORDS = 16
_AROUND = 40  # characters each side of what was found as it is


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that was found. `message_id` is None where it is the title; `snippet` has `MARK` and `UNMARK`
    around the words."""

    conversation_id: int
    title: str
    message_id: int | None
    role: str
    snippet: str
    created_at: str


def hits(database: Database, query: str, limit: int) -> list[Hit]:
    """Titles that match, newest first, then messages, best first; at most `limit` of both together."""
    query = clean(query).strip()
    if not query:
        return []
    words = match(query)
    found = _by_words(database, words, limit) if words else _as_it_is(database, query, limit)
    return found[:limit]


def matching(query: str) -> tuple[str, dict[str, str]]:
    """An `AND …` for a SELECT from conversations, and its values."""
    query = clean(query).strip()
    if not query:
        return "", {}
    words = match(query)
    if words:
        return (
            "AND conversations.id IN (SELECT rowid FROM titles_fts WHERE titles_fts MATCH :words UNION"
            " SELECT conversation_id FROM messages WHERE id IN"
            " (SELECT rowid FROM messages_fts WHERE messages_fts MATCH :words))",
            {"words": words},
        )
    return (
        "AND (instr(title, :query) OR EXISTS (SELECT 1 FROM messages WHERE conversation_id = conversations.id"
        " AND instr(messages.text, :query)))",
        {"query": query},
    )


def match(query: str) -> str:
    """The FTS5 expression for what was typed; "" where it has no words."""
    # Each once and not too many: the time that FTS5 takes for a snippet explodes with repeated words.
    words = [*{word.lower(): word for word in re.findall(r"[^\W_]+", query)}.values()][:_MOST_WORDS]
    return " ".join(f'"{word}"' for word in words) + "*" if words else ""


def _by_words(database: Database, words: str, limit: int) -> list[Hit]:
    titles = database.rows(
        f"SELECT c.id AS conversation_id, c.title, NULL AS message_id, '' AS role,"
        f" snippet(titles_fts, 0, {_SNIPPET}) AS snippet, c.created_at"
        " FROM titles_fts JOIN conversations c ON c.id = titles_fts.rowid"
        " WHERE titles_fts MATCH ? AND c.deleted_at IS NULL ORDER BY c.updated_at DESC LIMIT ?",
        (words, limit),
    )
    # Rank first, cut, and only then make the snippets, which need the whole text.
    messages = database.rows(
        f"SELECT c.id AS conversation_id, c.title, m.id AS message_id, m.role,"
        f" snippet(messages_fts, 0, {_SNIPPET}) AS snippet, m.created_at"
        " FROM messages_fts JOIN messages m ON m.id = messages_fts.rowid"
        " JOIN conversations c ON c.id = m.conversation_id"
        " WHERE messages_fts MATCH ? AND c.deleted_at IS NULL ORDER BY rank LIMIT ?",
        (words, limit),
    )
    return [Hit(**dict(row)) for row in [*titles, *messages]]


def _as_it_is(database: Database, query: str, limit: int) -> list[Hit]:
    rows = database.rows(
        "SELECT c.id AS conversation_id, c.title, NULL AS message_id, '' AS role, c.title AS snippet, c.created_at"
        " FROM conversations c WHERE c.deleted_at IS NULL AND instr(c.title, :query)"
        " UNION ALL SELECT c.id, c.title, m.id, m.role, m.text, m.created_at"
        " FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE c.deleted_at IS NULL AND instr(m.text, :query) LIMIT :limit",
        {"query": query, "limit": limit},
    )
    return [Hit(**{**dict(row), "snippet": _excerpt(row["snippet"], query)}) for row in rows]


def _excerpt(text: str, query: str) -> str:
    start = text.index(query)
    end = start + len(query)
    before = ("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND] + ("…" if len(text) > end + _AROUND else "")
    return f"{before}{MARK}{query}{UNMARK}{after}"
