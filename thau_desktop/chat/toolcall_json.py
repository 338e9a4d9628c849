"""The JSON inside a tool call: where it ends, what it says, and what is wrong with it in a sentence.

Two slips are mended: a comma before a closing bracket, and a closing mark that is missing at the very end.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from thau_desktop.translation import _

_NAME_FIRST = re.compile(r'\s*\{\s*"name"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Parsed:
    """A call's content; `problem` is empty when it can be used."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


class JsonScanner:
    """Follows JSON a character at a time, from its first `{`.

    Attributes:
        in_string: the last character was inside quotes.
        complete: the first object has been closed.
    """

    __slots__ = ("_depth", "_escaped", "complete", "in_string")

    def __init__(self) -> None:
        self._depth = 0
        self._escaped = False
        self.in_string = False
        self.complete = False

    def add(self, character: str) -> None:
        if self.in_string:
            if self._escaped:
                self._escaped = False
            elif character == "\\":
                self._escaped = True
            elif character == '"':
                self.in_string = False
        elif character == '"':
            self.in_string = True
        elif character in "{[":
            self._depth += 1
        elif character in "}]":
            self._depth -= 1
            self.complete = self._depth <= 0


def parse_arguments(name: str, body: str) -> Parsed:
    """A call whose body is its arguments."""
    if not body.strip():
        return Parsed(name, problem=_("The call has no arguments."))
    try:
        value = _load(body)
    except (ValueError, RecursionError) as problem:
        return Parsed(name, problem=_("The call's arguments are no valid JSON: {why}").format(why=problem))
    if not isinstance(value, dict):
        return Parsed(name, problem=_("The call's arguments must be a JSON object."))
    return Parsed(name, value)


def parse_named(body: str) -> Parsed:
    """A call whose body holds `name` and `arguments` (or `parameters`), which may be JSON in a string."""
    outer = parse_arguments("", body)
    if outer.problem:
        return Parsed(started_name(body), problem=outer.problem)
    name = outer.arguments.get("name")
    if not isinstance(name, str) or not name:
        return Parsed("", problem=_("The call does not name a tool."))
    arguments = outer.arguments.get("arguments", outer.arguments.get("parameters", {}))
    if isinstance(arguments, str):
        return parse_arguments(name, arguments)
    if not isinstance(arguments, dict):
        return Parsed(name, problem=_("The call's arguments must be a JSON object."))
    return Parsed(name, arguments)


def started_name(body: str) -> str:
    """The name in a half-read body that begins with it; empty otherwise."""
    found = _NAME_FIRST.match(body)
    return found[1] if found else ""


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError:
        mended = _without_trailing_commas(text)
        if mended == text:
            raise
        return json.loads(mended, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_trailing_commas(text: str) -> str:
    """`text` without commas that stand, outside quotes, right before a closing bracket."""
    kept: list[str] = []
    comma = -1  # where in `kept` the last comma is, while only whitespace followed it
    scanner = JsonScanner()
    for character in text:
        outside = not scanner.in_string
        scanner.add(character)
        if outside and character in "}]" and comma >= 0:
            del kept[comma]
        if not (outside and character.isspace()):
            comma = len(kept) if outside and character == "," else -1
        kept.append(character)
    return "".join(kept)
