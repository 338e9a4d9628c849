"""Reads a model's raw text as it arrives: words, reasoning, and tool calls in the formats of the contract.

`<TOOL:name>{json}</TOOL>` and `<tool_call>{"name": …, "arguments": …}</tool_call>` become calls, `<think>…</think>`
becomes reasoning; the same marks inside code are words. Words flow out at once: only what may still become a mark is
held back. Each character is read a constant number of times, however the stream is cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from thau_desktop.chat.toolcall_json import JsonScanner, parse_arguments, parse_named, started_name
from thau_desktop.chat.toolcall_marks import CodeTracker
from thau_desktop.messages import ReasoningDelta, TextDelta, ToolCall, ToolCallReady, ToolCallStarted, new_call_id
from thau_desktop.translation import _

ParserEvent = TextDelta | ReasoningDelta | ToolCallStarted | ToolCallReady

TOOL, TOOL_CALL, THINK, THINK_END = "<TOOL:", "<tool_call>", "<think>", "</think>"
_STARTS = (TOOL, TOOL_CALL, THINK)
_ENDS = {TOOL: "</TOOL>", TOOL_CALL: "</tool_call>"}
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
_MAX_NAME = 64
_MAX_HELD = 200  # characters that may stand between a mark and its JSON, or the JSON and its closing mark


@dataclass(slots=True)
class _Call:
    """A call that is being read. `name` stays empty for the format that has it in the JSON.

    Attributes:
        mark: everything before the body, to give back when it never was a call.
        tail: what may be, or contains, the closing mark.
    """

    mark: str
    end: str
    name: str = ""
    body: list[str] = field(default_factory=list)
    json: JsonScanner = field(default_factory=JsonScanner)
    tail: str = ""
    started: bool = False


class Parser:
    """Feed it deltas in any cut: the events are the same but for how text is split over them."""

    def __init__(self, new_id: Callable[[], str] = new_call_id) -> None:
        self._new_id = new_id
        self._state: Callable[[str], None] = self._text
        self._events: list[ParserEvent] = []
        self._words: list[str] = []
        self._thoughts: list[str] = []
        self._held = ""  # what may become a mark
        self._code = CodeTracker()
        self._call = _Call("", "")
        self._strict = False  # after an unclosed string: a closing mark ends a call even inside quotes

    def feed(self, delta: str) -> list[ParserEvent]:
        """The events that `delta` completes."""
        self._read(delta)
        return self._flush()

    def close(self) -> list[ParserEvent]:
        """The events that were waiting for the end of the stream."""
        rest = self._end()
        while rest:  # what followed a call that nobody closed: read again, once, in strict mode
            self._read(rest)
            rest = self._end()
        return self._flush()

    def _read(self, characters: str) -> None:
        for character in characters:
            self._state(character)

    # --- states: each takes one character ------------------------------------------------------------------

    def _text(self, character: str) -> None:
        held = self._held + character
        if not self._held and (character != "<" or self._code.inside):
            self._say(character)
        elif held in _STARTS:
            self._held = ""
            self._collect()
            if held != THINK:
                self._call = _Call(held, _ENDS[held])
            self._state = {THINK: self._think, TOOL: self._name, TOOL_CALL: self._before_body}[held]
        elif any(start.startswith(held) for start in _STARTS):
            self._held = held
        else:
            self._say(self._held)
            self._held = ""
            self._text(character)

    def _think(self, character: str) -> None:
        held = self._held + character
        if held == THINK_END:
            self._held = ""
            self._collect()
            self._state = self._text
        elif THINK_END.startswith(held):
            self._held = held
        else:
            self._thoughts.append(self._held)
            self._held = "<" if character == "<" else ""
            self._thoughts.append("" if character == "<" else character)

    def _name(self, character: str) -> None:
        call = self._call
        if character == ">" and call.name:
            self._state = self._before_body
        elif character in _NAME and len(call.name) < _MAX_NAME:
            call.name += character
        else:
            self._never_a_call(character)
            return
        call.mark += character

    def _before_body(self, character: str) -> None:
        """Whitespace, then JSON or the closing mark; anything else says that the mark was only mentioned."""
        call = self._call
        if character == "{" and not call.tail:
            self._announce(call.name)
            self._state = self._in_body
            self._in_body(character)
        elif character.isspace() and not call.tail and len(call.mark) < _MAX_HELD:
            call.mark += character
        elif call.end.startswith(call.tail + character):
            call.tail += character
            if call.tail == call.end:
                self._finish("")
        else:
            self._never_a_call(character)

    def _in_body(self, character: str) -> None:
        call = self._call
        call.body.append(character)
        call.json.add(character)
        if character == '"' and not call.started and len(call.body) < _MAX_HELD:
            self._announce(started_name("".join(call.body)))
        if call.json.complete:
            self._state = self._after_body
        elif (
            character == ">"
            and (self._strict or not call.json.in_string)
            and "".join(call.body[-len(call.end) :]) == call.end
        ):
            self._finish("".join(call.body)[: -len(call.end)])

    def _after_body(self, character: str) -> None:
        call = self._call
        call.tail += character
        if call.tail.endswith(call.end):
            self._finish("".join(call.body) + call.tail[: -len(call.end)])
        elif len(call.tail) > _MAX_HELD or (character == "\n" and call.tail.strip()):
            self._finish("".join(call.body), _("The call is missing its end."))
            self._read(call.tail)

    # --- ends ----------------------------------------------------------------------------------------------

    def _end(self) -> str:
        """Resolve what is open at the end of the stream. Returns text to read again."""
        state, call = self._state, self._call
        if state == self._in_body:
            body = "".join(call.body)
            whole, mark, rest = body.partition(call.end)
            self._strict = True
            self._finish(whole, "" if mark else _("The call was cut off."))
            return rest
        if state == self._after_body:
            tail = call.tail.strip()
            ended = call.end.startswith(tail)
            self._finish("".join(call.body), "" if ended else _("The call is missing its end."))
            return "" if ended else call.tail
        if state == self._think:
            self._thoughts.append(self._held)
        elif state == self._text:
            self._say(self._held)
        else:
            self._say(call.mark + call.tail)
        self._held = ""
        self._state = self._text
        return ""

    def _finish(self, body: str, problem: str = "") -> None:
        call, self._state = self._call, self._text
        parsed = parse_arguments(call.name, body) if call.name else parse_named(body)
        self._announce(parsed.name)
        arguments = {} if problem else parsed.arguments
        self._events.append(ToolCallReady(ToolCall(self._new_id(), parsed.name, arguments, problem or parsed.problem)))

    def _never_a_call(self, character: str) -> None:
        """The mark was words; the character that told so may begin another mark."""
        self._state = self._text
        self._say(self._call.mark + self._call.tail)
        self._text(character)

    # --- events --------------------------------------------------------------------------------------------

    def _say(self, words: str) -> None:
        self._words.append(words)
        for character in words:
            self._code.add(character)

    def _announce(self, name: str) -> None:
        if name and not self._call.started:
            self._call.started = True
            self._events.append(ToolCallStarted(name))

    def _collect(self) -> None:
        """Turn the words or thoughts so far into an event, before another kind of event follows."""
        for pieces, kind in ((self._words, TextDelta), (self._thoughts, ReasoningDelta)):
            text = "".join(pieces)
            pieces.clear()
            if text:
                self._events.append(kind(text))

    def _flush(self) -> list[ParserEvent]:
        self._collect()
        events, self._events = self._events, []
        return events
