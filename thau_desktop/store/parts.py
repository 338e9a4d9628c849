"""Message parts as JSON and back: a list of objects, each with a `type`. Also the clock and text rules of all rows."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall, ToolResult

_TYPES: dict[str, type[Part]] = {
    "text": Text,
    "reasoning": Reasoning,
    "attachment": Attachment,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
# Control characters, and what turns the direction of all that follows: a list of titles would show or obey them.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORDS = re.compile(r"\w+")


def serialise(parts: Iterable[Part]) -> str:
    """The JSON of `parts`, in their order."""
    return clean(json.dumps([{"type": _NAMES[type(part)], **asdict(part)} for part in parts], ensure_ascii=False))


def deserialise(stored: str) -> tuple[Part, ...]:
    """The parts that `serialise` wrote. A part or a field of a newer THAU is left out, never an error.

    What a damaged disk has made unreadable comes back as one text, as it stands there.
    """
    try:
        return _parts(json.loads(stored))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return (Text(stored),)


def _parts(entries: Iterable[dict[str, Any]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for entry in entries:
        kind = _TYPES.get(entry.get("type", ""))
        if kind is None:
            continue
        known = {field.name for field in fields(kind)}
        values = {name: value for name, value in entry.items() if name in known}
        if kind is ToolResult:
            values["images"] = tuple(values.get("images", ()))
        parts.append(kind(**values))
    return tuple(parts)


def searchable(parts: Iterable[Part]) -> str:
    """The words of `parts` that a person would search for: what was said and attached, not what was reasoned."""
    words = []
    for part in parts:
        if isinstance(part, Text):
            words.append(part.text)
        elif isinstance(part, Attachment):
            words.append(f"{part.name}\n{part.text}")
    return clean("\n".join(words))


def clean(text: str) -> str:
    """`text` without lone surrogates, which UTF-8 and so SQLite can't hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def one_line(text: str) -> str:
    """`text` as a title has it: one line of characters that can be seen."""
    return " ".join(_TURNING.sub("", _CONTROLS.sub(" ", clean(text))).split())


def fingerprint(text: str) -> int:
    """64 bits, signed as SQLite keeps them, that are the same for texts of the same words: case, accents, signs aside.

    A text without words has the fingerprint of its characters.
    """
    folded = text.casefold()
    if not folded.isascii():
        folded = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    words = " ".join(_WORDS.findall(folded)) or text.strip()
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def now() -> str:
    """The time as all rows keep it: ISO 8601, UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
