"""OpenAI's endpoints, good enough for clients that know nothing of THAU."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import threading
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from thau_desktop.api import openai_schemas as openai
from thau_desktop.api import schemas
from thau_desktop.api.answers import OURS, Answer, AnswerEvent, Ask, model_name, stream, usual_sampling
from thau_desktop.api.core import Api, Waiting
from thau_desktop.api.openai_messages import answer_call, messages_of, sampling_of, tools_of
from thau_desktop.api.own_routes import draw
from thau_desktop.api.problems import Problem, bug
from thau_desktop.api.running import unless_gone
from thau_desktop.errors import ModelMissing, ThauError
from thau_desktop.inference.backend import Embedded
from thau_desktop.messages import ReasoningDelta, TextDelta, ToolCallReady
from thau_desktop.translation import _

_PATH = "/v1/chat/completions"


def openai_routes(api: Api) -> APIRouter:
    """The routes of one API."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.get("/models")
    def models() -> openai.ModelList:
        """The models that answer and those that draw."""
        return openai.ModelList(data=_models(api))

    @routes.get("/models/{model:path}")
    def model(model: Annotated[str, Path(max_length=200, examples=["thau-nano-v1"])]) -> openai.Model:
        """One model."""
        found = next((one for one in _models(api) if one.id == model), None)
        if found is None:
            raise ModelMissing(_("The model {name} is not on this disk.").format(name=model))
        return found

    @routes.post(
        "/chat/completions",
        response_model=openai.ChatCompletion,
        response_model_exclude_none=False,
        responses={200: {"content": schemas.EVENT_STREAM}},
    )
    async def chat_completions(asked: openai.ChatRequest, request: Request) -> Any:
        """Answer a conversation that the client keeps. Going away stops the answer.

        Calls that the model makes come back as `tool_calls`, for the client to run. A conversation that does not fit
        the model's context is refused with `context_length_exceeded`. Many requests: 429 with Retry-After.
        """
        ask = _ask(api, asked)
        identity, created = f"chatcmpl-{uuid.uuid4().hex[:24]}", int(time.time())
        if asked.stream:
            events = stream(api, ask)
            first = await unless_gone(request.receive, anext(events))  # what is refused at once gets its own status
            usage = bool(asked.stream_options and asked.stream_options.include_usage)
            chunks = _Chunks(identity, created, ask.model, usage)
            return EventSourceResponse(chunks.of(first, events), sep="\n")

        async def whole() -> Answer:
            answer = Answer()
            async for event in stream(api, ask):
                answer.add(event)
            return answer

        answer = await unless_gone(request.receive, whole())
        return _completion(identity, created, ask.model, answer) if answer is not None else Response(status_code=204)

    @routes.post("/images/generations")
    async def images_generations(asked: openai.ImagesRequest, request: Request) -> openai.Images:
        """Draw pictures. A `url` needs the token, too; `b64_json` brings the picture itself."""
        width, height = map(int, asked.size.split("x")) if asked.size and asked.size != "auto" else (None, None)
        known = {model.name for model in api.thau.image_models.installed()}
        name = asked.model if asked.model in known else ""  # "dall-e-3" means: whatever draws here
        wish = schemas.Draw(prompt=asked.prompt, width=width, height=height, model=name)
        ids, _notes = await draw(api, request, wish, asked.n or 1)
        pictures = [api.thau.pictures.get(one) for one in ids]
        if asked.response_format == "b64_json":
            files = [await asyncio.to_thread(api.thau.gallery.path(one).read_bytes) for one in pictures]
            data = [openai.Image(b64_json=base64.b64encode(file).decode()) for file in files]
        else:
            root = str(request.base_url).rstrip("/")
            data = [openai.Image(url=f"{root}/vision/image/{one.file}") for one in pictures]
        return openai.Images(created=int(time.time()), data=data)

    @routes.post("/embeddings")
    async def embeddings(asked: openai.EmbeddingsRequest, request: Request) -> openai.Embeddings:
        """Texts as vectors, by a model of Ollama (`ollama/nomic-embed-text`) or of a server in the settings."""
        name = model_name(api, asked.model)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input

        def make(cancel: threading.Event) -> Iterator[Embedded]:
            yield api.thau.embed(name, texts, asked.dimensions or 0)

        async def made() -> Embedded:
            async with aclosing(api.run(api.answering, make)) as events:
                found = [event async for event in events if isinstance(event, Embedded)]
            return found[0] if found else Embedded((), 0)

        found = await unless_gone(request.receive, made()) or Embedded((), 0)
        encoded = asked.encoding_format == "base64"
        data = [
            openai.Embedding(index=place, embedding=_encoded(vector) if encoded else list(vector))
            for place, vector in enumerate(found.vectors)
        ]
        usage = openai.EmbeddingsUsage(prompt_tokens=found.tokens, total_tokens=found.tokens)
        return openai.Embeddings(data=data, model=name, usage=usage)

    return routes


def _ask(api: Api, asked: openai.ChatRequest) -> Ask:
    wanted = asked.response_format
    schema: dict[str, Any] | None = None
    if wanted is not None and wanted.type != "text":
        schema = (wanted.json_schema.schema_ if wanted.json_schema else None) or {}
    stops = (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())
    return Ask(
        model_name(api, asked.model),
        messages_of(asked.messages),
        sampling_of(asked, usual_sampling(api)),
        tools_of(asked),
        tuple(word for word in stops if word),
        schema,
    )


def _completion(identity: str, created: int, model: str, answer: Answer) -> openai.ChatCompletion:
    message = openai.AnswerMessage(
        content=answer.text or (None if answer.calls else ""),
        reasoning_content=answer.reasoning or None,
        tool_calls=[answer_call(call) for call in answer.calls] or None,
    )
    return openai.ChatCompletion(
        id=identity,
        created=created,
        model=model,
        choices=[openai.Choice(message=message, finish_reason=answer.finish)],
        usage=_usage(answer),
    )


def _usage(answer: Answer) -> openai.Usage:
    total = answer.prompt_tokens + answer.tokens
    return openai.Usage(prompt_tokens=answer.prompt_tokens, completion_tokens=answer.tokens, total_tokens=total)


class _Chunks:
    """The server-sent events of one streamed answer."""

    def __init__(self, identity: str, created: int, model: str, usage: bool) -> None:
        self._head = {"id": identity, "object": "chat.completion.chunk", "created": created, "model": model}
        self._usage = usage

    async def of(
        self, first: AnswerEvent | None, rest: AsyncGenerator[AnswerEvent, None]
    ) -> AsyncIterator[ServerSentEvent]:
        """What goes wrong after the beginning is told as OpenAI does: an event with `error`."""
        if first is None:
            return
        answer = Answer()
        async with aclosing(rest):
            try:
                yield self._chunk({"role": "assistant", "content": ""})
                for told in self._tell(first, answer):
                    yield told
                async for event in rest:
                    for told in self._tell(event, answer):
                        yield told
            except ThauError as error:
                yield _data(Problem.of(error).body(_PATH))
            except Problem as problem:
                yield _data(problem.body(_PATH))
            except Exception as problem:  # noqa: BLE001 - the status has been sent already: all that is left is to say it
                yield _data(bug(problem).body(_PATH))
            else:
                yield self._chunk({}, answer.finish)
                if self._usage:
                    yield _data({**self._head, "choices": [], "usage": _usage(answer).model_dump()})
        yield ServerSentEvent("[DONE]", sep="\n")

    def _tell(self, event: AnswerEvent, answer: Answer) -> list[ServerSentEvent]:
        answer.add(event)
        match event:
            case TextDelta(text):
                return [self._chunk({"content": text})]
            case ReasoningDelta(text):
                return [self._chunk({"reasoning_content": text})]
            case ToolCallReady(call):
                told = answer_call(call).model_dump()
                return [self._chunk({"tool_calls": [{"index": len(answer.calls) - 1, **told}]})]
            case Waiting(ahead):
                return [ServerSentEvent(comment=f"waiting: {ahead}", sep="\n")]
        return []

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> ServerSentEvent:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._head, "choices": [choice]})


def _data(value: dict[str, Any]) -> ServerSentEvent:
    # Half a surrogate pair, which a model can stream, is legal in Python and not in UTF-8.
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return ServerSentEvent(text, sep="\n")


def _encoded(vector: Sequence[float]) -> str:
    """Floats of 32 bits, least byte first, in base64: what OpenAI's own client asks for."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _models(api: Api) -> list[openai.Model]:
    """Every model once, the one that answers first."""
    chosen = api.settings.model.name
    found = {model.name: _since(model.path) for model in api.thau.models.installed()}
    found |= {version.name: found.get(version.base, 0) for version in api.thau.versions.list()}
    found |= {model.name: _since(model.path) for model in api.thau.image_models.installed()}
    names = sorted(found, key=lambda name: (name != chosen, name))
    return [openai.Model(id=name, created=found[name], owned_by="thau") for name in names if name not in OURS]


def _since(path: FilePath | None) -> int:
    return int(path.stat().st_mtime) if path is not None and path.exists() else 0
