"""A model of Ollama behind the protocol of backends, against a stand-in that holds to its rules."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.standins.llama_ollama import TAG, llama_ollama
from tests.standins.ollama import Held, Ollama, Piece, serving
from thau_desktop.errors import ModelMissing, ModelUnsupported, ServerRefused, ServerUnreachable
from thau_desktop.export.gguf import to_gguf
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.gguf_backend import GgufBackend
from thau_desktop.inference.gguf_host import GgufOptions
from thau_desktop.inference.ollama_backend import OllamaBackend, OllamaOptions
from thau_desktop.messages import (
    GenerationDone,
    Message,
    ModelReady,
    ReasoningDelta,
    Sampling,
    Text,
    TextDelta,
    ToolCall,
    ToolCallReady,
    ToolCallStarted,
    ToolResult,
)
from thau_desktop.paths import resources

NEVER = threading.Event()
HELLO = GenerationRequest((Message("user", (Text("hola a todos"),)),), Sampling(temperature=0, seed=3))
TOOL = {
    "type": "function",
    "function": {"name": "draw", "description": "Draws.", "parameters": {"properties": {"what": {"type": "string"}}}},
}
DRAWN = Message(
    "assistant",
    (
        Text("Wait. "),
        ToolCall("c1", "draw", {"what": "cat"}),
        ToolResult("c1", "draw", '{"status": "done"}'),
        Text("Here."),
    ),
)


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    models = {
        "plain:latest": Held(),
        "able:latest": Held(capabilities=("completion", "tools", "thinking"), context=1024),
        "embed:latest": Held(capabilities=("embedding",)),
    }
    with serving(Ollama(models=models)) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        yield server


def backend(tag: str) -> OllamaBackend:
    return OllamaBackend(OllamaOptions(tag, f"ollama/{tag}", 2048, idle_seconds=60))


def test_an_answer_streams_and_its_context_is_always_asked_for(ollama: Ollama) -> None:
    plain = backend("plain:latest")
    *_loading, ready = plain.load(NEVER)
    assert isinstance(ready, ModelReady) and (ready.model, ready.context) == ("ollama/plain:latest", 2048)
    *deltas, done = plain.stream(HELLO, NEVER)
    assert [event.text for event in deltas if isinstance(event, TextDelta)] == ["hola", " a", " todos"]
    assert isinstance(done, GenerationDone) and (done.reason, done.tokens, done.prompt_tokens) == ("stop", 3, 12)
    load, chat = ollama.asked("chat")
    assert load["messages"] == [] and load["options"]["num_ctx"] == chat["options"]["num_ctx"] == 2048
    assert (chat["options"]["seed"], chat["options"]["temperature"], chat["keep_alive"]) == (3, 0, 60)
    assert "think" not in chat and "tools" not in chat


def test_thoughts_and_calls_of_a_model_that_has_them_come_as_events(ollama: Ollama) -> None:
    def answer(asked: dict) -> Iterator[Piece]:
        yield {"thinking": "A cat."}
        yield "Sure."
        yield {"tool_calls": [{"function": {"name": "draw", "arguments": {"what": "cat"}}}]}

    ollama.answer = answer
    *events, _done = backend("able:latest").stream(replace(HELLO, tools=(TOOL,)), NEVER)
    thought, words, started, ready = events[-4:]
    assert (thought, words, started) == (ReasoningDelta("A cat."), TextDelta("Sure."), ToolCallStarted("draw"))
    assert isinstance(ready, ToolCallReady) and ready.call.arguments == {"what": "cat"} and ready.call.id
    asked = ollama.asked("chat")[-1]
    assert asked["think"] is True and asked["tools"] == [TOOL] and asked["options"]["num_ctx"] == 1024


def test_calls_and_results_go_back_as_the_model_knows_them(ollama: Ollama) -> None:
    for tag in ("able:latest", "plain:latest"):
        list(backend(tag).stream(replace(HELLO, messages=(*HELLO.messages, DRAWN), tools=(TOOL,)), NEVER))
    native, told = (asked["messages"] for asked in ollama.asked("chat") if asked["messages"])
    assert native[1:] == [
        {
            "role": "assistant",
            "content": "Wait. ",
            "tool_calls": [{"function": {"name": "draw", "arguments": {"what": "cat"}}}],
        },
        {"role": "tool", "content": '{"status": "done"}', "tool_name": "draw"},
        {"role": "assistant", "content": "Here."},
    ]
    assert told[0]["role"] == "system" and "<TOOL:name>" in told[0]["content"]
    assert told[2:] == [
        {"role": "assistant", "content": 'Wait. <TOOL:draw>{"what": "cat"}</TOOL>'},
        {"role": "user", "content": '{"status": "done"}'},
        {"role": "assistant", "content": "Here."},
    ]


def test_a_schema_is_sent_as_the_format(ollama: Ollama) -> None:
    list(backend("plain:latest").stream(replace(HELLO, schema={"type": "object"}), NEVER))
    assert ollama.asked("chat")[-1]["format"] == {"type": "object"}


def test_a_stop_in_the_middle_is_told(ollama: Ollama) -> None:
    cancel, resume = threading.Event(), threading.Event()
    plain = backend("plain:latest")
    list(plain.load(NEVER))
    said = []
    ollama.pause = lambda: resume.wait(60) and None if len(ollama.asked("chat")) and said else None
    for event in plain.stream(HELLO, cancel):
        said.append(event)
        cancel.set()
    resume.set()
    assert isinstance(said[-1], GenerationDone) and said[-1].reason == "cancelled"


def test_counts_come_near_what_the_server_read(ollama: Ollama) -> None:
    plain = backend("plain:latest")
    long = replace(HELLO, messages=(Message("user", (Text("palabra " * 100),)),))
    list(plain.stream(long, NEVER))  # the stand-in counts a token a letter
    counts = plain.count_tokens(long.messages)
    assert 800 <= counts.total <= 900 and counts.limit == 2048


def test_what_can_not_talk_or_is_not_there_is_told(ollama: Ollama, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnsupported, match="can't talk"):
        list(backend("embed:latest").load(NEVER))
    with pytest.raises(ModelMissing, match="ollama pull gone"):
        list(backend("gone").load(NEVER))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(ServerUnreachable, match="Start Ollama"):
        list(backend("plain:latest").load(NEVER))


def test_unloading_tells_the_server(ollama: Ollama) -> None:
    plain = backend("plain:latest")
    plain.unload()
    list(plain.load(NEVER))
    plain.unload()
    assert ollama.asked("generate") == [{"model": "plain:latest", "keep_alive": 0, "stream": False}]
    assert plain.ready is None


def test_the_starter_model_answers_through_the_server_as_it_does_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(to_gguf(resources() / "starter" / "thau-nano-v1", tmp_path / "nano.gguf", "f16"))
    asked = replace(HELLO, sampling=Sampling(temperature=0, max_new_tokens=40))
    here = GgufBackend(GgufOptions(tmp_path / "nano.gguf", "nano", 2048, threads=1))
    with llama_ollama(tmp_path / "nano.gguf") as url:
        monkeypatch.setenv("OLLAMA_HOST", url)
        for prompt in ("Hola", "Dibuja un gato azul", "What is a neural network?"):
            request = replace(asked, messages=(Message("user", (Text(prompt),)),))
            there, ours = (
                "".join(event.text for event in backend.stream(request, NEVER) if isinstance(event, TextDelta))
                for backend in (OllamaBackend(OllamaOptions(TAG, f"ollama/{TAG}", 2048)), here)
            )
            assert there == ours != ""
    here.close()


def test_a_model_that_can_not_talk_makes_vectors_and_one_that_talks_may_not(ollama: Ollama) -> None:
    made = backend("embed:latest").embed(["aabc", "zzz"], 3)
    assert made.vectors == ((2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    assert made.tokens == 7
    with pytest.raises(ServerRefused, match="does not support embeddings"):
        backend("plain:latest").embed(["hola"])
    with pytest.raises(ModelMissing, match="ollama pull gone"):
        backend("gone").embed(["hola"])
