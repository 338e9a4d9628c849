"""A turn of a conversation that THAU keeps, as the window and `thau chat` have it: what `thau chat --api` speaks to."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from thau_desktop.api import schemas
from thau_desktop.api.core import Api, Waiting
from thau_desktop.api.problems import Problem, bug, not_found
from thau_desktop.api.running import unless_gone
from thau_desktop.errors import StoreError, ThauError
from thau_desktop.event_records import record_of
from thau_desktop.messages import ToolProgress, TurnEvent
from thau_desktop.store.records import Conversation
from thau_desktop.translation import _

_PATH = "/chat"


def chat_routes(api: Api) -> APIRouter:
    """The routes of one API."""
    routes = APIRouter(tags=["chat"])

    @routes.post(
        _PATH,
        response_class=EventSourceResponse,
        responses={200: {"content": schemas.EVENT_STREAM}},
    )
    async def chat(said: schemas.Say, request: Request) -> Any:
        """Say something in a conversation that THAU keeps; server-sent events as of `thau chat --json`.

        Without `conversation` a new one begins, whose id the first event tells. Tools run here; those that need a
        person's consent do not. Going away stops the answer, and what was said so far is kept.
        """
        api.thau.models.find(said.model or api.settings.model.name)
        if said.persona:
            _persona(api, said.persona)
        if said.conversation is not None:
            _conversation(api, said.conversation)
        events = api.run(api.answering, lambda cancel: _turn(api, said, cancel))
        first = await unless_gone(request.receive, anext(events))
        return EventSourceResponse(_told(first, events), sep="\n")

    return routes


def _turn(api: Api, said: schemas.Say, cancel: threading.Event) -> Iterator[TurnEvent]:
    chat, conversation = api.thau.chat, said.conversation
    if conversation is None:
        conversation = api.thau.conversations.create(persona=said.persona, model=said.model).id
    sampling = replace(chat.sampling(conversation, said.persona), seed=said.seed)
    if said.temperature is not None:
        sampling = replace(sampling, temperature=said.temperature)
    yield from chat.turn(
        conversation,
        said.message,
        cancel,
        sampling=sampling,
        tools=said.tools,
        persona=said.persona,
        model=said.model,
    )


def _conversation(api: Api, identity: int) -> Conversation:
    try:
        return api.thau.conversations.get(identity)
    except StoreError as gone:
        raise not_found(gone.what, _("Leave out `conversation` to begin a new one.")) from gone


def _persona(api: Api, name: str) -> None:
    try:
        api.thau.personas.get(name)
    except StoreError as missing:
        raise not_found(missing.what, missing.advice) from missing


async def _told(
    first: TurnEvent | Waiting | None, rest: AsyncGenerator[TurnEvent | Waiting, None]
) -> AsyncIterator[ServerSentEvent]:
    if first is None:
        return
    yield _event(first)
    async with aclosing(rest):
        try:
            async for event in rest:
                yield _event(event)
        except ThauError as error:
            yield _data({"type": "problem", **Problem.of(error).body()})
        except Exception as problem:  # noqa: BLE001 - the status has been sent already: all that is left is to say it
            yield _data({"type": "problem", **bug(problem).body()})


def _event(event: TurnEvent | Waiting) -> ServerSentEvent:
    if isinstance(event, ToolProgress):
        event = replace(event, preview=b"")  # a picture a step is much for a line of text
    return _data(record_of(event))


def _data(value: dict[str, Any]) -> ServerSentEvent:
    text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode("utf-8")
    return ServerSentEvent(text, sep="\n")
