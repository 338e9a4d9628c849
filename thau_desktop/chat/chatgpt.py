"""Reads one conversation of a ChatGPT export (an entry of its `conversations.json`) into a `Draft`.

The file holds a tree of nodes, not a list: an edited question or a repeated answer is a branch. Nodes that
the person never saw (system prompts, tools, memories) are taken out and their children move up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from thau_desktop.chat.draft import Draft, DraftMessage, NotImportableError
from thau_desktop.messages import Attachment, Part, Reasoning, Role, Text
from thau_desktop.translation import _

# Marks that ChatGPT replaces on screen: 【12†source】 and private-use brackets around citations.
_CITATIONS = re.compile(r"\ue200[^\ue201]*\ue201|[\ue200-\ue206]|【\d+(?::\d+)?†[^】]*】")
_LATEST = 32503680000.0  # the year 3000: anything later is not a time in seconds


def read_conversation(data: object) -> Draft:
    """The conversation in `data`, its parents before their children. Raises `NotImportableError` with the reason."""
    if not isinstance(data, dict):
        raise NotImportableError(_("it is not a conversation"))
    mapping = data.get("mapping")
    if not isinstance(mapping, dict) or not mapping:
        raise NotImportableError(_("it has no messages"))
    messages, shown_as = _visible(mapping, str(data.get("default_model_slug") or ""))
    if not messages:
        raise NotImportableError(_("it has no visible messages"))
    current = data.get("current_node")
    leaf = shown_as.get(current) if isinstance(current, str) else None
    identity = data.get("conversation_id") or data.get("id")
    created = _when(data.get("create_time")) or messages[0].created
    return Draft(
        source=f"chatgpt:{identity}" if isinstance(identity, str) and identity else "",
        title=_title(data.get("title"), messages),
        messages=tuple(messages),
        leaf=leaf or messages[-1].key,
        created=created,
        updated=_when(data.get("update_time")) or created,
        model=str(data.get("default_model_slug") or ""),
    )


@dataclass(slots=True)
class _Open:
    """A message that may still grow: an answer goes on over several nodes when tools ran in between."""

    key: str
    parent: str | None
    role: Role
    parts: list[Part]
    created: str
    model: str

    def closed(self) -> DraftMessage:
        """The message, its stretches of text set apart as paragraphs."""
        parts: list[Part] = []
        for part in self.parts:
            before = parts[-1] if parts else None
            if isinstance(part, Text) and isinstance(before, Text):
                parts[-1] = Text(f"{before.text}\n\n{part.text}")
            elif isinstance(part, Text) and any(isinstance(earlier, Text) for earlier in parts):
                parts.append(Text(f"\n\n{part.text}"))
            else:
                parts.append(part)
        return DraftMessage(self.key, self.parent, self.role, tuple(parts), self.created, self.model)


def _visible(mapping: dict[str, Any], default_model: str) -> tuple[list[DraftMessage], dict[str, str]]:
    """The visible messages, parents first, and for each node the message that stands for it."""
    children = _children(mapping)
    kept: dict[str, _Open] = {}
    shown_as: dict[str, str] = {}
    # What no root leads to, such as a cycle, is broken and read last, from its first node on.
    waiting: list[tuple[str, str | None, bool]] = [
        (node, None, False) for node in reversed([*_roots(children), *mapping])
    ]
    while waiting:
        node, parent, branches = waiting.pop()
        if node in shown_as:
            continue
        message = _record(mapping[node], "message")
        role, parts = _content(message)
        above = kept.get(parent) if parent else None
        if not parts:
            shown_as[node] = parent or ""
        elif above and above.role == role == "assistant" and not branches:
            above.parts.extend(parts)
            shown_as[node] = above.key
        else:
            metadata = _record(message, "metadata")
            model = str(metadata.get("model_slug") or default_model) if role == "assistant" else ""
            kept[node] = _Open(node, parent, role, list(parts), _when(message.get("create_time")), model)
            shown_as[node] = node
        stands = shown_as[node] or None
        # Below a fork nothing is merged into what stands above it, or siblings would swallow each other.
        forks = len(children[node]) > 1 or (branches and stands != node)
        waiting.extend((child, stands, forks) for child in reversed(children[node]))
    return [message.closed() for message in kept.values()], {node: key for node, key in shown_as.items() if key}


def _children(mapping: dict[str, Any]) -> dict[str, list[str]]:
    """Each node's children. Their order is the export's; a child that only names its parent is added."""
    children: dict[str, list[str]] = {}
    for node, record in mapping.items():
        listed = record.get("children") if isinstance(record, dict) else None
        named = [child for child in listed if isinstance(child, str)] if isinstance(listed, list) else []
        children[node] = list(dict.fromkeys(child for child in named if child in mapping))
    claimed = {child for listed in children.values() for child in listed}
    for node, record in mapping.items():
        parent = record.get("parent") if isinstance(record, dict) else None
        if node not in claimed and isinstance(parent, str) and parent in mapping and parent != node:
            children[parent].append(node)
    return children


def _roots(children: dict[str, list[str]]) -> list[str]:
    claimed = {child for listed in children.values() for child in listed}
    return [node for node in children if node not in claimed]


def _content(message: dict[str, Any]) -> tuple[Role, list[Part]]:
    """What a person saw of a node: its role and parts, none when it was hidden."""
    role = _record(message, "author").get("role")
    metadata = _record(message, "metadata")
    if role not in ("user", "assistant") or metadata.get("is_visually_hidden_from_conversation"):
        return "system", []
    content = message.get("content")
    if not isinstance(content, dict):
        return "system", []
    recipient = message.get("recipient")
    if role == "assistant" and isinstance(recipient, str) and recipient not in ("all", ""):
        return "assistant", _for_a_tool(recipient, content)
    parts: list[Part] = []
    if role == "user":
        attached = metadata.get("attachments")
        for file in attached if isinstance(attached, list) else []:
            if isinstance(file, dict) and isinstance(file.get("name"), str):
                parts.append(Attachment(file["name"], ""))
    parts.extend(_parts(content))
    return ("user" if role == "user" else "assistant"), parts


def _parts(content: dict[str, Any]) -> Iterator[Part]:
    kind = content.get("content_type")
    if kind == "code":
        yield from _text(_fenced(content.get("text"), content.get("language")))
    elif kind == "thoughts":
        thoughts = content.get("thoughts")
        listed = thoughts if isinstance(thoughts, list) else []
        words = [_thought(thought) for thought in listed if isinstance(thought, dict)]
        if any(words):
            yield Reasoning("\n\n".join(filter(None, words)))
    elif kind in ("reasoning_recap", "model_editable_context", "user_editable_context"):
        return
    elif isinstance(content.get("parts"), list):
        yield from _text("\n\n".join(filter(None, map(_piece, content["parts"]))))
    else:
        yield from _text(content.get("text") or content.get("result"))


def _piece(piece: object) -> str:
    """One element of a multimodal message as text."""
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, dict):
        return ""
    kind = str(piece.get("content_type") or "")
    if isinstance(piece.get("text"), str):
        return str(piece["text"])
    if kind.startswith("image"):
        return _("[image]")
    return _("[audio]") if "audio" in kind else ""


def _for_a_tool(recipient: str, content: dict[str, Any]) -> list[Part]:
    """Words written to a tool: code and documents were on the screen, searches and memories were not."""
    written = content.get("text") or "".join(filter(None, map(_piece, content.get("parts") or [])))
    if not isinstance(written, str):
        return []
    if recipient == "python":
        return list(_text(_fenced(written, "python")))
    if recipient.startswith("canmore."):
        try:
            document = json.loads(written)
        except ValueError:
            return []
        language = str(document.get("type", "")).partition("/")[2] if isinstance(document, dict) else ""
        body = document.get("content") if isinstance(document, dict) else None
        return list(_text(_fenced(body, language) if language else body))
    return []


def _text(words: object) -> Iterator[Text]:
    if isinstance(words, str):
        clean = _CITATIONS.sub("", words).strip()
        if clean:
            yield Text(clean)


def _thought(thought: dict[str, Any]) -> str:
    return "\n".join(str(thought[name]).strip() for name in ("summary", "content") if thought.get(name))


def _fenced(code: object, language: object) -> str:
    if not isinstance(code, str) or not code.strip():
        return ""
    name = language if isinstance(language, str) and language != "unknown" else ""
    fence = "````" if "```" in code else "```"
    return f"{fence}{name}\n{code.rstrip()}\n{fence}"


def _record(record: object, name: str) -> dict[str, Any]:
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, dict) else {}


def _when(seconds: object) -> str:
    """ISO 8601 in UTC of seconds since 1970, "" when it is not a time."""
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 < seconds < _LATEST:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def _title(title: object, messages: list[DraftMessage]) -> str:
    if isinstance(title, str) and title.strip():
        return " ".join(title.split())
    first = next((part.text for message in messages for part in message.parts if isinstance(part, Text)), "")
    return " ".join(first.split())[:60]
