"""Message parts as JSON and back: a list of objects, each with a `type`. Also the clock and text rules of all rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime

from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall, ToolResult

_TYPES: dict[str, type[Part]] = {
    "text": Text,
    "reasoning": Reasoning,
    "attachment": Attachment,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}


def serialise(parts: Iterable[Part]) -> str:
    """The JSON of `parts`, in their order."""
    return json.dumps([{"type": _NAMES[type(part)], **asdict(part)} for part in parts])


def deserialise(stored: str) -> tuple[Part, ...]:
    """The parts that `serialise` wrote. A part or a field of a newer THAU is left out, never an error."""
    parts: list[Part] = []
    for entry in json.loads(stored):
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
    return text.encode("utf-8", "replace").decode("utf-8")


def now() -> str:
    """The time as all rows keep it: ISO 8601, UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
