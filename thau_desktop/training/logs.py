"""Reads the log of a conversation, as people and programs write them, into pairs of a question and its answer.

A line begins a message where it names its speaker: "User: …", "**Asistente:** …", "## Usuario", perhaps after a time
and a level; other lines go on with the message before. Lines that are JSON objects with a role, or with both sides, are
read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thau_desktop.messages import Role
from thau_desktop.training.formats import NotAnExample, read_record

_USER = (
    "user|usuario|usuaria|human|humano|you|tú|tu|yo|me|cliente|customer|client"
    "|prompt|pregunta|question|instrucción|instruction|q|p"
)
_ASSISTANT = (
    "assistant|asistente|ai|ia|bot|chatbot|thau|gpt|chatgpt|claude|model|modelo|agent|agente"
    "|answer|respuesta|response|a|r"
)
_STAMP = r"""(?:[\[(]?\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?[\])]?
              |[\[(]?\d{1,2}/\d{1,2}/\d{2,4},?\s+\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?\s?m\.?)?[\])]?
              |[\[(]?\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?[\])]?)"""
_PREFIX = rf"(?:{_STAMP}[\s,-]*)?(?:[\w.]+\s*-\s*)?(?:[\[(]?(?:DEBUG|INFO|WARNING|ERROR)[\])]?\s*[:-]?\s*)?"
_SPEAKER = re.compile(
    rf"^\s*{_PREFIX}(?P<mark>[#>*_\[<\s-]*)(?:(?P<user>{_USER})|(?P<assistant>{_ASSISTANT}))(?P<after>[\]>*_\s]*)"
    r"(?P<colon>:|>)?[*_]*(?:\s+|$)(?P<text>.*)$",
    re.IGNORECASE | re.VERBOSE,
)
_RULE = re.compile(r"^\s*(?:[-=*_]{3,}|<\|?end\w*\|?>)\s*$")
_FIELDS = (
    ("user", "assistant"),
    ("question", "answer"),
    ("prompt", "response"),
    ("input", "output"),
    ("prompt", "completion"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer. `line` is where the question begins, from 1."""

    instruction: str
    output: str
    line: int


@dataclass(frozen=True, slots=True)
class _Message:
    role: Role | None  # None: the conversation ends here
    text: str
    line: int


def pairs(lines: Iterable[str]) -> Iterator[Pair]:
    """Every question that was answered. Several messages of one speaker in a row are one."""
    question: list[_Message] = []
    answer: list[_Message] = []

    def pair() -> Iterator[Pair]:
        asked, said = _joined(question), _joined(answer)
        if asked and said:
            yield Pair(asked, said, question[0].line)

    for message in _messages(lines):
        if message.role == "assistant":
            answer.append(message)
            continue
        if answer or message.role is None:
            yield from pair()
            question, answer = [], []
        if message.role == "user":
            question.append(message)
    yield from pair()


def _joined(messages: Iterable[_Message]) -> str:
    return "\n\n".join(message.text for message in messages if message.text)


def _messages(lines: Iterable[str]) -> Iterator[_Message]:
    role: Role | None = None
    text: list[str] = []
    start = 0
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        own = list(_of_json(line, number))
        speaker = None if own else _speaker(line)
        if own or speaker or _RULE.match(line):
            if role is not None:
                yield _Message(role, "\n".join(text).strip(), start)
            role, text = None, []
        if own:
            yield from own
        elif speaker:
            (role, first), start = speaker, number
            text = [first]
        elif _RULE.match(line):
            yield _Message(None, "", number)
        elif role is not None:
            text.append(line)
    if role is not None:
        yield _Message(role, "\n".join(text).strip(), start)


def _speaker(line: str) -> tuple[Role, str] | None:
    match = _SPEAKER.match(line)
    if match is None:
        return None
    heading = "#" in match["mark"] and not match["text"]
    if not match["colon"] and not heading:
        return None  # «You can …» is no speaker
    return ("user" if match["user"] else "assistant"), match["text"].strip()


def _of_json(line: str, number: int) -> Iterator[_Message]:
    if not line.lstrip().startswith("{"):
        return
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(record, dict):
        return
    role, content = record.get("role"), record.get("content", record.get("message", record.get("text")))
    if role in ("user", "human", "assistant", "ai", "bot") and isinstance(content, str):
        yield _Message("user" if role in ("user", "human") else "assistant", content.strip(), number)
        return
    for asked, said in _FIELDS:
        if isinstance(record.get(asked), str) and isinstance(record.get(said), str):
            yield _Message("user", record[asked].strip(), number)
            yield _Message("assistant", record[said].strip(), number)
            yield _Message(None, "", number)
            return
    try:
        example = read_record(record)
    except NotAnExample:
        return
    for role, content in (*example.history, ("user", example.instruction), ("assistant", example.output)):
        if role in ("user", "assistant"):
            yield _Message(role, content.strip(), number)
    yield _Message(None, "", number)
