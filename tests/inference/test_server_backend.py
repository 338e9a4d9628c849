"""Models of other servers: a real llama-server with a tiny file, and a stand-in for what a tiny model does not say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests import tiny_gguf
from tests.inference.test_ollama_backend import DRAWN, TOOL
from tests.standins.llama_server import llama_server
from tests.standins.openai_server import OpenAIServer, serving
from thau_desktop.errors import ModelMissing, ServerRefused, ServerUnreachable
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.server_backend import ServedModel, ServerBackend, ServerOptions, models_of
from thau_desktop.messages import (
    GenerationDone,
    Message,
    ReasoningDelta,
    Sampling,
    Text,
    TextDelta,
    ToolCallReady,
    ToolCallStarted,
)

NEVER = threading.Event()
HELLO = GenerationRequest((Message("user", (Text("Hola"),)),), Sampling(temperature=0, max_new_tokens=12))
STOP = {"finish_reason": "stop"}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with llama_server(tiny_gguf.write(tmp_path_factory.mktemp("gguf") / "tiny.gguf"), key="secret") as url:
        yield url


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serving(OpenAIServer()) as made:
        yield made


def backend(server: OpenAIServer) -> ServerBackend:
    return ServerBackend(ServerOptions(server.url, "qwen", "lab/qwen", server.key))


def test_a_real_server_lists_its_model_and_answers(llama: str) -> None:
    (model,) = models_of(llama, "secret")
    assert model.context == 256
    there = ServerBackend(ServerOptions(llama, model.name, "here/tiny", "secret"))
    *_loading, ready = there.load(NEVER)
    assert getattr(ready, "context", 0) == 256
    *deltas, done = there.stream(HELLO, NEVER)
    assert "".join(event.text for event in deltas if isinstance(event, TextDelta))
    assert isinstance(done, GenerationDone) and (done.reason, done.tokens) == ("length", 12)
    assert done.prompt_tokens > 10


def test_a_real_server_stops_when_it_is_told(llama: str) -> None:
    (model,) = models_of(llama, "secret")
    there = ServerBackend(ServerOptions(llama, model.name, "here/tiny", "secret"))
    cancel = threading.Event()
    events: list[object] = []
    for event in there.stream(replace(HELLO, sampling=Sampling(temperature=2, max_new_tokens=200)), cancel):
        events.append(event)
        if isinstance(event, TextDelta):
            cancel.set()
    assert isinstance(events[-1], GenerationDone) and events[-1].reason == "cancelled"


def test_a_real_server_keeps_to_a_schema(llama: str) -> None:
    (model,) = models_of(llama, "secret")
    there = ServerBackend(ServerOptions(llama, model.name, "here/tiny", "secret"))
    asked = replace(HELLO, sampling=Sampling(temperature=1, max_new_tokens=30), schema={"enum": ["yes", "no"]})
    said = "".join(event.text for event in there.stream(asked, NEVER) if isinstance(event, TextDelta))
    assert said in ('"yes"', '"no"')


def test_a_wrong_key_is_told_with_where_to_give_it(llama: str) -> None:
    with pytest.raises(ServerRefused, match="wants another key") as caught:
        list(ServerBackend(ServerOptions(llama, "tiny", "here/tiny", "wrong")).stream(HELLO, NEVER))
    assert "key" in caught.value.advice and caught.value.status == 401


def test_thoughts_and_calls_come_as_events_and_go_back_as_such(server: OpenAIServer) -> None:
    server.deltas = [
        [
            {"reasoning_content": "A cat."},
            {"content": "Sure."},
            {"tool_calls": [{"index": 0, "id": "c9", "function": {"name": "draw", "arguments": '{"wh'}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": 'at": "cat"}'}}]},
            {"tool_calls": [{"index": 1, "id": "c10", "function": {"name": "draw", "arguments": "oops"}}]},
            {"finish_reason": "tool_calls"},
        ]
    ]
    asked = replace(HELLO, messages=(*HELLO.messages, DRAWN), tools=(TOOL,))
    *events, done = backend(server).stream(asked, NEVER)
    assert events[2:6] == [
        ReasoningDelta("A cat."),
        TextDelta("Sure."),
        ToolCallStarted("draw"),
        ToolCallStarted("draw"),
    ]
    calls = [event.call for event in events if isinstance(event, ToolCallReady)]
    assert [(call.id, call.arguments, bool(call.problem)) for call in calls] == [
        ("c9", {"what": "cat"}, False),
        ("c10", {}, True),
    ]
    assert isinstance(done, GenerationDone) and (done.tokens, done.prompt_tokens) == (7, 40)
    (sent,) = server.requests
    assert sent["tools"] == [TOOL] and [message["role"] for message in sent["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert sent["messages"][2]["tool_call_id"] == sent["messages"][1]["tool_calls"][0]["id"] == "c1"


def test_a_server_that_knows_no_tools_is_told_of_them_in_words(server: OpenAIServer) -> None:
    server.knows_tools = False
    server.deltas = [[{"content": "a"}, STOP], [{"content": "b"}, STOP]]
    there = backend(server)
    asked = replace(HELLO, tools=(TOOL,))
    assert TextDelta("a") in list(there.stream(asked, NEVER))
    assert TextDelta("b") in list(there.stream(asked, NEVER))
    refused, first, second = server.requests
    assert "tools" in refused and "tools" not in first and "tools" not in second
    assert "<TOOL:name>" in first["messages"][0]["content"]


def test_an_error_in_the_middle_is_told(server: OpenAIServer) -> None:
    server.deltas = [[{"content": "a"}, {"error": {"message": "CUDA out of memory"}}, STOP]]
    with pytest.raises(ServerRefused, match="CUDA out of memory"):
        list(backend(server).stream(HELLO, NEVER))


def test_what_is_not_there_is_told(server: OpenAIServer) -> None:
    assert models_of(server.url) == [ServedModel("qwen", 8192)]
    with pytest.raises(ModelMissing, match="It has: qwen"):
        list(ServerBackend(ServerOptions(server.url, "llama", "lab/llama")).load(NEVER))
    with pytest.raises(ServerUnreachable, match="does not answer"):
        list(ServerBackend(ServerOptions("http://127.0.0.1:9/v1", "x", "y/x")).load(NEVER))
    with pytest.raises(ServerRefused, match="mostly ends in /v1"):
        models_of(server.url.removesuffix("/v1"))


def test_a_key_is_in_no_log() -> None:
    assert "sekret" not in repr(ServerOptions("http://x/v1", "m", "n", "sekret"))
