"""OpenAI's messages as the core's, and the core's answer as OpenAI's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from thau_desktop.api import openai_schemas as openai
from thau_desktop.api.problems import Problem, unsupported
from thau_desktop.messages import Message, Part, Sampling, Text, ToolCall, ToolResult
from thau_desktop.translation import _


def messages_of(given: Sequence[openai.ChatMessage]) -> tuple[Message, ...]:
    """The conversation. Here an assistant's message holds its calls with their results, and what it said after them.

    Raises `Problem` for pictures, which no model here can see, and for arguments that are no JSON object.
    """
    messages: list[Message] = []
    names: dict[str, str] = {}
    for one in given:
        if isinstance(one, openai.SystemMessage | openai.UserMessage):
            role = "user" if one.role == "user" else "system"
            messages.append(Message(role, (Text(_words(one.content)),)))  # type: ignore[arg-type]
            continue
        parts: list[Part] = []
        if isinstance(one, openai.ToolMessage):
            parts.append(ToolResult(one.tool_call_id, names.get(one.tool_call_id, ""), _words(one.content)))
        else:
            if one.content:
                parts.append(Text(_words(one.content)))
            calls = [ToolCall(call.id, call.function.name, _arguments(call)) for call in one.tool_calls or ()]
            names |= {call.id: call.name for call in calls}
            parts += calls
        last = messages[-1] if messages else None
        if last is not None and last.role == "assistant":
            messages[-1] = Message("assistant", (*last.parts, *parts))
        else:
            messages.append(Message("tool" if isinstance(one, openai.ToolMessage) else "assistant", tuple(parts)))
    return tuple(messages)


def sampling_of(request: openai.ChatRequest, usual: Sampling) -> Sampling:
    """How words are chosen: what the request says, else `usual`."""
    most = request.max_completion_tokens or request.max_tokens
    given: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_new_tokens": min(most, 1 << 20) if most else None,
        "seed": abs(request.seed) if request.seed is not None else None,
    }
    return replace(usual, **{name: value for name, value in given.items() if value is not None})


def tools_of(request: openai.ChatRequest) -> tuple[dict[str, Any], ...]:
    """The tools that may be called, as `GenerationRequest` has them. Raises `Problem` where a chosen one is missing."""
    if request.tool_choice == "none":
        return ()
    tools: tuple[dict[str, Any], ...] = tuple(
        {
            "type": "function",
            "function": {
                "name": tool.function.name,
                "description": tool.function.description or "",
                "parameters": tool.function.parameters or {"type": "object", "properties": {}},
            },
        }
        for tool in request.tools or ()
    )
    if isinstance(request.tool_choice, openai.NamedTool):
        wanted = request.tool_choice.function.name
        tools = tuple(tool for tool in tools if tool["function"]["name"] == wanted)
        if not tools:
            raise unsupported(_("The tool “{name}” that is to be called is not in `tools`.").format(name=wanted))
    return tools


def answer_call(call: ToolCall) -> openai.AnswerCall:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return openai.AnswerCall(id=call.id, function=openai.AnswerFunction(name=call.name, arguments=arguments))


def _words(content: openai.Content | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    words: list[str] = []
    for part in content:
        if isinstance(part, openai.ImagePart):
            raise unsupported(_("No model here can see pictures."), _("Send the message without them."))
        words.append(part.text)
    return "\n".join(words)


def _arguments(call: openai.ToolCall) -> dict[str, Any]:
    try:
        arguments = json.loads(call.function.arguments or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        raise Problem(
            422,
            "invalid_arguments",
            _("The arguments of the call {id} are no JSON object.").format(id=call.id),
            _("Send back the arguments as they came."),
        )
    return arguments
