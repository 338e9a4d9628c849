"""A conversation as Markdown, to read or to share: the branch that is shown, without numbers and other variants."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from thau_desktop.messages import Attachment, Part, Reasoning, Text, ToolCall, ToolResult
from thau_desktop.store.records import Conversation, StoredMessage
from thau_desktop.translation import _


def to_markdown(conversation: Conversation, messages: Sequence[StoredMessage]) -> str:
    """The document: a title, a line about it, then a heading and the words of each message."""
    about = " · ".join(filter(None, (_day(conversation.created_at), conversation.model, conversation.persona)))
    untitled = _("Untitled conversation")
    blocks = [f"# {_one_line(conversation.title) or untitled}"]
    if about:
        blocks.append(f"*{about}*")
    for message in messages:
        blocks.append(f"## {_speaker(message)}")
        blocks.extend(filter(None, (_block(part) for part in message.parts)))
        if message.state == "error" and message.error:
            blocks.append(_quoted(message.error))
    return "\n\n".join(blocks) + "\n"


def file_name(conversation: Conversation) -> str:
    """A file name for a conversation that every file system takes, such as `12 Un zorro rojo.md`."""
    words = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", conversation.title)
    return f"{conversation.id} {' '.join(words.split())[:80]}".rstrip(" .") + ".md"


def _speaker(message: StoredMessage) -> str:
    if message.role == "user":
        return _("You")
    return "THAU" if message.role == "assistant" else message.role


def _block(part: Part) -> str:
    match part:
        case Text(text):
            return text.strip("\n")
        case Reasoning(text):
            return _quoted(text)
        case Attachment(name, text):
            heading = _("File: {name}").format(name=f"`{name}`")
            return f"{heading}\n\n{_fenced(text)}" if text else heading
        case ToolCall(name=name, arguments=arguments):
            return _fenced(f"{name} {json.dumps(arguments, ensure_ascii=False)}", "tool")
        case ToolResult():
            return _quoted(part.words)


def _fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in `text`."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(time: str) -> str:
    """A stored time as date and time here, "" when it is not one."""
    try:
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""
