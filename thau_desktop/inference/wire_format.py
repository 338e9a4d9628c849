"""Messages as servers take them in JSON: OpenAI's form, and Ollama's, which differs in how calls are written.

Models that know tools get calls and results as such. Others get them in words: the tools are described in the system
message, calls are `<TOOL:name>{json}</TOOL>`, and results come from the user, because many templates drop other roles.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from thau_desktop.inference.backend import TokenCounts
from thau_desktop.inference.chat_format import call_text, message_text, result_text
from thau_desktop.inference.tool_prompt import describe_tools
from thau_desktop.messages import Message, Text, ToolCall, ToolResult

Dialect = Literal["openai", "ollama"]
Wire = list[dict[str, Any]]


def to_wire(
    messages: Sequence[Message], tools: Sequence[dict[str, Any]], *, native: bool, dialect: Dialect = "openai"
) -> Wire:
    """The messages in order. `native`: the server is given the tools beside them."""
    wire: Wire = []
    for message in messages:
        if message.role == "assistant":
            wire += _answer(message, native, dialect)
        else:
            wire.append({"role": message.role, "content": message_text(message)})
    if tools and not native:
        if not wire or wire[0]["role"] != "system":
            wire.insert(0, {"role": "system", "content": ""})
        wire[0] = {"role": "system", "content": f"{wire[0]['content']}\n\n{describe_tools(tools)}".strip()}
    return wire


def _answer(message: Message, native: bool, dialect: Dialect) -> Wire:
    """What the assistant said, cut at each result of a tool."""
    answered = {part.call_id for part in message.parts if isinstance(part, ToolResult)} if native else set()
    wire: Wire = []
    words, calls = "", list[ToolCall]()

    def flush() -> None:
        nonlocal words
        if words or calls:
            entry: dict[str, Any] = {"role": "assistant", "content": words}
            if calls:
                entry["tool_calls"] = [_call(call, dialect) for call in calls]
            wire.append(entry)
        words = ""
        calls.clear()

    for part in message.parts:
        if isinstance(part, Text):
            words += part.text
        elif isinstance(part, ToolCall):
            if part.id in answered:
                calls.append(part)
            else:
                words += call_text(part)
        elif isinstance(part, ToolResult):
            flush()
            if part.call_id in answered:
                key, value = ("tool_call_id", part.call_id) if dialect == "openai" else ("tool_name", part.name)
                wire.append({"role": "tool", "content": result_text(part), key: value})
            else:
                wire.append({"role": "user", "content": result_text(part)})
    flush()
    return wire


def _call(call: ToolCall, dialect: Dialect) -> dict[str, Any]:
    if dialect == "ollama":
        return {"function": {"name": call.name, "arguments": call.arguments}}
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


class TokenEstimate:
    """How many tokens a prompt takes on a server that does not count: by its bytes, and better after each answer."""

    _MESSAGE = 5  # tokens of a message's marks

    def __init__(self) -> None:
        self._per_byte = 1 / 3  # English takes a token for four letters, Spanish for three and a half

    def count(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], limit: int, *, native: bool
    ) -> TokenCounts:
        """As `Backend.count_tokens`, but near the truth, mostly above it."""
        each = tuple(
            sum(
                self._MESSAGE + round(_bytes(entry) * self._per_byte) for entry in to_wire([message], (), native=native)
            )
            for message in messages
        )
        told = len(json.dumps(tools) if native else describe_tools(tools)) if tools else 0
        return TokenCounts(each, sum(each) + round(told * self._per_byte) + self._MESSAGE, limit)

    def learn(self, wire: Wire, tools: Sequence[dict[str, Any]], tokens: int) -> None:
        """A prompt with these `tools` beside it took so many tokens, as the server says."""
        size = sum(map(_bytes, wire)) + (len(json.dumps(tools)) if tools else 0)
        if tokens and size:
            self._per_byte = min(1.0, max(0.1, 1.05 * (tokens - self._MESSAGE * len(wire)) / size))


def _bytes(entry: dict[str, Any]) -> int:
    calls = json.dumps(entry["tool_calls"]) if "tool_calls" in entry else ""
    return len(f"{entry['content']}{calls}".encode("utf-8", "replace"))
