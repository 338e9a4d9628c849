"""Reads one record of somebody else's data set into an example: Alpaca, ShareGPT, OpenAI messages, ChatGPT, ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from thau_desktop.chat import chatgpt
from thau_desktop.chat.draft import Draft, DraftMessage, NotImportableError
from thau_desktop.messages import Role, Text
from thau_desktop.store.examples import Example, NewExample, Turn
from thau_desktop.translation import _


class Format(StrEnum):
    """How the records of a file are written; `auto` looks at each."""

    auto = "auto"
    alpaca = "alpaca"
    sharegpt = "sharegpt"
    openai = "openai"
    chatgpt = "chatgpt"
    thau = "thau"


Record = Mapping[str, Any]

_ROLES: dict[str, Role] = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}


class NotAnExample(Exception):
    """This record can't be learned from; the message is the reason, as the end of a sentence."""


def read_record(record: object, form: Format = Format.auto, source: str = "") -> NewExample:
    """The example in one record, with `source` where the record names none. Raises `NotAnExample` with the reason."""
    if isinstance(record, ValueError):
        raise NotAnExample(_("it is not whole JSON: {reason}").format(reason=record))
    if not isinstance(record, dict):
        raise NotAnExample(_("it is not a JSON object"))
    reader = _READERS[_recognised(record) if form is Format.auto else form]
    return reader(record, source)


def written(example: Example) -> dict[str, Any]:
    """An example in our own format, as `read_record` reads it, with what else is known about it."""
    record = asdict(example)
    return {
        "instruction": record.pop("instruction"),
        "output": record.pop("output"),
        "metadata": record.pop("metadata"),
        **record,
        "history": [{"role": role, "content": text} for role, text in example.history],
    }


def _recognised(record: Record) -> Format:
    if "messages" in record:
        return Format.openai
    if "conversations" in record or "conversation" in record:
        return Format.sharegpt
    if "mapping" in record:
        return Format.chatgpt
    if "instruction" in record:
        return Format.alpaca if "input" in record else Format.thau
    known = ", ".join(("instruction + output", "messages", "conversations", "mapping"))
    raise NotAnExample(_("none of the known fields is there ({known})").format(known=known))


def _thau(record: Record, source: str) -> NewExample:
    metadata = record.get("metadata")
    if not isinstance(metadata, dict | None):
        raise NotAnExample(_("“{name}” is not an object").format(name="metadata"))
    history = record.get("history")
    turns = _turns(history, "role", "content") if history else ()
    named = record.get("source")
    source = named if isinstance(named, str) and named else source
    return _whole(_text(record, "instruction"), _text(record, "output"), source, turns, metadata or {})


def _alpaca(record: Record, source: str) -> NewExample:
    instruction, more = _text(record, "instruction"), record.get("input") or ""
    if not isinstance(more, str):
        raise NotAnExample(_("“{name}” is not text").format(name="input"))
    if more.strip():
        instruction = f"{instruction.rstrip()}\n\n{more}"
    return _whole(instruction, _text(record, "output"), source)


def _sharegpt(record: Record, source: str) -> NewExample:
    return _conversation(_turns(record.get("conversations") or record.get("conversation"), "from", "value"), source)


def _openai(record: Record, source: str) -> NewExample:
    return _conversation(_turns(record.get("messages"), "role", "content"), source)


def _chatgpt(record: Record, source: str) -> NewExample:
    try:
        draft = chatgpt.read_conversation(record)
    except NotImportableError as reason:
        raise NotAnExample(str(reason)) from reason
    return _conversation(_branch(draft), draft.source or source)


_READERS: dict[Format, Callable[[Record, str], NewExample]] = {
    Format.thau: _thau,
    Format.alpaca: _alpaca,
    Format.sharegpt: _sharegpt,
    Format.openai: _openai,
    Format.chatgpt: _chatgpt,
}


def _conversation(turns: tuple[Turn, ...], source: str) -> NewExample:
    """A whole conversation up to its last answer."""
    end = next((n for n in range(len(turns), 0, -1) if turns[n - 1][0] == "assistant"), 0)
    if not end:
        raise NotAnExample(_("it has no answer"))
    before, (_role, output) = turns[: end - 1], turns[end - 1]
    if not before or before[-1][0] != "user":
        raise NotAnExample(_("its last answer answers nothing"))
    return _whole(before[-1][1], output, source, before[:-1])


def _turns(listed: object, role_name: str, text_name: str) -> tuple[Turn, ...]:
    """The turns of a list of messages. Some programs name the fields `role` and `content` in either format."""
    if not isinstance(listed, list) or not listed:
        raise NotAnExample(_("it has no messages"))
    turns: list[Turn] = []
    for number, message in enumerate(listed, start=1):
        if not isinstance(message, dict):
            raise NotAnExample(_("message {number} is not an object").format(number=number))
        said_by = message.get(role_name, message.get("role", message.get("from")))
        role = _ROLES.get(said_by.lower()) if isinstance(said_by, str) else None
        if role is None:
            raise NotAnExample(_("message {number} has the unknown role “{role}”").format(number=number, role=said_by))
        text = _content(message.get(text_name, message.get("content", message.get("value"))), number)
        text = "\n".join(filter(None, [text, *_calls(message.get("tool_calls"))]))
        if text.strip():
            turns.append((role, text))
    return tuple(turns)


def _content(content: object, number: int) -> str:
    """OpenAI's content is text, nothing, or a list of pieces of which some are text."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        pieces = [piece.get("text") for piece in content if isinstance(piece, dict)]
        return "\n".join(piece for piece in pieces if isinstance(piece, str))
    raise NotAnExample(_("message {number} has no text").format(number=number))


def _calls(calls: object) -> list[str]:
    """OpenAI's structured calls as the text that our models write."""
    written = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            arguments = function.get("arguments") or {}
            arguments = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
            written.append(f"<TOOL:{function['name']}>{arguments}</TOOL>")
    return written


def _branch(draft: Draft) -> tuple[Turn, ...]:
    """What stands on the branch that a conversation shows, words only."""
    by_key = {message.key: message for message in draft.messages}
    message: DraftMessage | None = by_key.get(draft.leaf or "")
    turns: list[Turn] = []
    while message is not None:
        text = "".join(part.text for part in message.parts if isinstance(part, Text)).strip()
        if text:
            turns.append((message.role, text))
        message = by_key.get(message.parent or "")
    return tuple(reversed(turns))


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    if value is None:
        raise NotAnExample(_("“{name}” is missing").format(name=name))
    if not isinstance(value, str):
        raise NotAnExample(_("“{name}” is not text").format(name=name))
    return value


def _whole(
    instruction: str,
    output: str,
    source: str,
    history: tuple[Turn, ...] = (),
    metadata: Mapping[str, Any] | None = None,
) -> NewExample:
    for name, value in (("instruction", instruction), ("output", output)):
        if not value.strip():
            raise NotAnExample(_("“{name}” is empty").format(name=name))
    return NewExample(instruction, output, source, history, metadata or {})
