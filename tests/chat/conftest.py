"""A chat over a real store and a backend that says what a test tells it to, token by token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from thau_desktop.chat.turn import Chat
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.messages import (
    BackendEvent,
    GenerationDone,
    Message,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolResult,
)
from thau_desktop.settings import Settings
from thau_desktop.store.conversations import Conversations
from thau_desktop.store.database import Database
from thau_desktop.store.personas import Personas
from thau_desktop.store.records import StoredMessage
from thau_desktop.tools.generate_image import ImageRequest, image_tool
from thau_desktop.tools.registry import Registry, Tool, ToolContext, ToolEvent


class Scripted:
    """A backend that answers the next of `answers` (text, or an error to raise), and remembers its requests."""

    name = "scripted"

    def __init__(self) -> None:
        self.answers: list[str | Exception] = []
        self.requests: list[GenerationRequest] = []
        self.limit = 2048
        self.taken_away = False
        self.before_token: Callable[[str], None] = lambda token: None

    def load(self, cancel: threading.Event) -> Iterator[BackendEvent]:
        yield from ()

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[BackendEvent]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        tokens = 0
        for token in [answer[n : n + 3] for n in range(0, len(answer), 3)] if isinstance(answer, str) else ["a", "b"]:
            self.before_token(token)
            if cancel.is_set():
                yield GenerationDone("cancelled", tokens, 1.0, 0.5)
                return
            tokens += 1
            yield TextDelta(token)
        if isinstance(answer, Exception):
            raise answer
        if self.taken_away:
            return
        yield GenerationDone("stop", tokens, 1.0, 0.5)

    def count_tokens(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> TokenCounts:
        each = tuple(len(message.text.split()) + 3 for message in messages)
        return TokenCounts(each, sum(each) + 2, self.limit)

    def close(self) -> None:
        pass


class Desk:
    """Everything a test of turns touches."""

    def __init__(self, database: Database) -> None:
        self.backend = Scripted()
        self.conversations = Conversations(database)
        self.settings = Settings()
        self.drawn: list[ImageRequest] = []
        self.answered: list[StoredMessage] = []

        def draw(context: ToolContext, request: ImageRequest) -> Iterator[ToolEvent]:
            yield ToolProgress(context.call_id, 0.5)
            self.drawn.append(request)
            image = f"picture{len(self.drawn)}"
            yield ToolFinished(ToolResult(context.call_id, "generate_image", f"drawn: {image}", images=(image,)))

        def run_code(context: ToolContext, code: str) -> Iterator[ToolEvent]:
            """Runs code.

            Args:
                code: Python.
            """
            yield ToolFinished(ToolResult(context.call_id, "run_code", f"ran {code}"))

        self.tools = Registry([image_tool(draw), Tool.of(run_code, "ask")])
        self.chat = Chat(
            self.conversations,
            Personas(database),
            self.tools,
            lambda name: self.backend,
            lambda: self.settings,
            lambda image: {"id": image, "path": f"/{image}.png", "prompt": self.drawn[-1].prompt},
            self.answered.append,
        )
        self.conversation = self.conversations.create().id


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Database(tmp_path / "thau.db") as database:
        yield Desk(database)
