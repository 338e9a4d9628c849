"""Ollama's endpoints for editors that speak nothing else: chat, tags, version.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from thau_desktop import __version__
from thau_desktop.api import openai_schemas as openai
from thau_desktop.api.answers import Answer, AnswerEvent, Ask, model_name, stream, usual_sampling
from thau_desktop.api.core import Api
from thau_desktop.api.openai_messages import tools_of
from thau_desktop.api.problems import Problem, bug, unsupported
from thau_desktop.api.running import unless_gone
from thau_desktop.errors import ThauError
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.messages import Message, Part, ReasoningDelta, Sampling, Text, TextDelta, ToolCall, ToolResult
from thau_desktop.translation import _

_LIKE = "0.35.0"  # the Ollama whose protocol this is; clients look for what it can do
_NANOSECONDS = 1e9
_NDJSON = {"application/x-ndjson": {"schema": {"type": "string"}}}
_LARGEST = (1 << 63) - 1


class CalledFunction(openai.Request):
    name: str = Field(min_length=1, max_length=200)
    arguments: dict[str, Any] = Field(default={})


class Call(openai.Request):
    function: CalledFunction


class ChatMessage(openai.Request):
    role: Literal["system", "user", "assistant", "tool"]
    content: str = Field(default="", max_length=2_000_000)
    images: list[str] | None = None
    tool_calls: list[Call] | None = None
    tool_name: str | None = None


class SamplingOptions(openai.Request):
    temperature: float | None = Field(default=None, ge=0, le=10)
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=0, le=100_000)
    repeat_penalty: float | None = Field(default=None, gt=0, le=10)
    seed: int | None = Field(default=None, ge=-_LARGEST, le=_LARGEST)
    num_predict: int | None = Field(default=None, ge=-2, le=_LARGEST)
    stop: list[str] | None = None


class ChatRequest(openai.Request):
    """A conversation that the client keeps. The oldest messages are left out where it is too long, as in Ollama."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "thau-nano-v1", "messages": [{"role": "user", "content": "Hola"}], "stream": False}]
        }
    )
    model: str = Field(max_length=200)
    messages: list[ChatMessage] = Field(default=[], max_length=2000)
    stream: bool = True
    tools: list[openai.Tool] | None = Field(default=None, max_length=128)
    format: Literal["", "json"] | dict[str, Any] | None = None
    options: SamplingOptions | None = None


class AnsweredCall(BaseModel):
    function: dict[str, Any]


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str = ""
    thinking: str | None = None
    tool_calls: list[AnsweredCall] | None = None


class ChatAnswer(BaseModel):
    """Durations in nanoseconds."""

    model: str
    created_at: str
    message: AnswerMessage
    done: bool
    done_reason: str | None = None
    total_duration: int | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None


class Details(BaseModel):
    format: str
    family: str
    parameter_size: str = ""
    quantization_level: str = ""


class Tag(BaseModel):
    name: str
    model: str
    modified_at: str
    size: int = Field(description="Bytes on the disk.")
    digest: str
    details: Details


class Tags(BaseModel):
    models: list[Tag]


class Version(BaseModel):
    """`version` is that of the Ollama whose protocol this is."""

    version: str
    thau: str


def ollama_routes(api: Api) -> APIRouter:
    """The routes of one API."""
    routes = APIRouter(prefix="/api", tags=["Ollama"])

    @routes.get("/version")
    def version() -> Version:
        """Which Ollama this is like."""
        return Version(version=_LIKE, thau=__version__)

    @routes.get("/tags")
    def tags() -> Tags:
        """The models that answer."""
        return Tags(models=[_tag(model) for model in api.thau.models.installed()])

    @routes.post("/chat", response_model=ChatAnswer, responses={200: {"content": _NDJSON}})
    async def chat(asked: ChatRequest, request: Request) -> Any:
        """Answer a conversation; a line of JSON for each piece, or one object with `"stream": false`."""
        ask = _ask(api, asked)
        if not ask.messages:  # how clients load a model beforehand
            return ChatAnswer(
                model=ask.model, created_at=_now(), message=AnswerMessage(), done=True, done_reason="load"
            )
        if asked.stream:
            events = stream(api, ask)
            first = await unless_gone(request.receive, anext(events))
            lines = _lines(ask.model, first, events)
            return StreamingResponse(lines, media_type="application/x-ndjson")

        async def whole() -> Answer:
            answer = Answer()
            async for event in stream(api, ask):
                answer.add(event)
            return answer

        began = time.monotonic()
        answer = await unless_gone(request.receive, whole())
        if answer is None:
            return Response(status_code=204)
        message = AnswerMessage(
            content=answer.text, thinking=answer.reasoning or None, tool_calls=_calls(answer.calls) or None
        )
        return _last(ask.model, message, answer, began)

    return routes


def _ask(api: Api, asked: ChatRequest) -> Ask:
    options = asked.options or SamplingOptions()
    schema = {} if asked.format == "json" else asked.format if isinstance(asked.format, dict) else None
    return Ask(
        model_name(api, asked.model),
        _messages(asked.messages),
        _sampling(options, usual_sampling(api)),
        tools_of(openai.ChatRequest(messages=[openai.UserMessage(role="user", content="")], tools=asked.tools)),
        tuple(word for word in options.stop or () if word),
        schema,
        "drop_oldest",
    )


def _messages(given: list[ChatMessage]) -> tuple[Message, ...]:
    """The conversation; results have no ids here, so each answers the first call of its name that has none yet."""
    messages: list[Message] = []
    open_calls: list[ToolCall] = []
    for number, one in enumerate(given):
        if one.images:
            raise unsupported(_("No model here can see pictures."), _("Send the message without them."))
        parts: list[Part] = [Text(one.content)] if one.content and one.role != "tool" else []
        if one.role in ("system", "user"):
            messages.append(Message(one.role, (Text(one.content),)))
            continue
        if one.role == "tool":
            call = next((call for call in open_calls if one.tool_name in (None, call.name)), None)
            if call is not None:
                open_calls.remove(call)
            name = call.name if call else one.tool_name or ""
            parts.append(ToolResult(call.id if call else "", name, one.content))
        else:
            calls = [
                ToolCall(f"call_{number}_{place}", call.function.name, call.function.arguments)
                for place, call in enumerate(one.tool_calls or ())
            ]
            open_calls = [*open_calls, *calls]
            parts += calls
        if messages and messages[-1].role == "assistant":
            messages[-1] = Message("assistant", (*messages[-1].parts, *parts))
        else:
            messages.append(Message(one.role, tuple(parts)))
    return tuple(messages)


def _sampling(options: SamplingOptions, usual: Sampling) -> Sampling:
    most = options.num_predict or 0  # below 0: as many as fit
    given = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "top_k": options.top_k,
        "repetition_penalty": options.repeat_penalty,
        "seed": abs(options.seed) if options.seed is not None else None,
        "max_new_tokens": min(most, 1 << 20) if most > 0 else None,
    }
    return replace(usual, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


async def _lines(
    model: str, first: AnswerEvent | None, rest: AsyncGenerator[AnswerEvent, None]
) -> AsyncIterator[bytes]:
    if first is None:
        return
    answer, began = Answer(), time.monotonic()
    answer.add(first)
    async with aclosing(rest):
        try:
            async for event in rest:
                calls = len(answer.calls)
                answer.add(event)
                new = answer.calls[calls:]
                if isinstance(event, TextDelta):
                    yield _line(_piece(model, AnswerMessage(content=event.text)))
                elif isinstance(event, ReasoningDelta):
                    yield _line(_piece(model, AnswerMessage(thinking=event.text)))
                elif new:
                    yield _line(_piece(model, AnswerMessage(tool_calls=_calls(new))))
        except ThauError as error:
            yield _encoded(Problem.of(error).body("/api/chat"))
        except Problem as problem:
            yield _encoded(problem.body("/api/chat"))
        except Exception as problem:  # noqa: BLE001 - the status has been sent already: all that is left is to say it
            yield _encoded(bug(problem).body("/api/chat"))
        else:
            yield _line(_last(model, AnswerMessage(), answer, began))


def _piece(model: str, message: AnswerMessage) -> ChatAnswer:
    return ChatAnswer(model=model, created_at=_now(), message=message, done=False)


def _last(model: str, message: AnswerMessage, answer: Answer, began: float) -> ChatAnswer:
    return ChatAnswer(
        model=model,
        created_at=_now(),
        message=message,
        done=True,
        done_reason="length" if answer.finish == "length" else "stop",
        total_duration=int((time.monotonic() - began) * _NANOSECONDS),
        prompt_eval_count=answer.prompt_tokens,
        eval_count=answer.tokens,
        eval_duration=int(max(0.0, answer.seconds - answer.first_token_seconds) * _NANOSECONDS),
    )


def _calls(calls: list[ToolCall]) -> list[AnsweredCall]:
    return [AnsweredCall(function={"name": call.name, "arguments": call.arguments}) for call in calls]


def _line(answer: ChatAnswer) -> bytes:
    return _encoded(answer.model_dump(exclude_none=True))


def _encoded(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _tag(model: InstalledModel) -> Tag:
    path = model.path
    changed = datetime.fromtimestamp(path.stat().st_mtime if path is not None and path.exists() else 0, UTC)
    return Tag(
        name=model.name,
        model=model.name,
        modified_at=changed.isoformat(),
        size=model.bytes,
        digest="",
        details=Details(format="gguf" if model.kind == "gguf" else "safetensors", family=""),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
