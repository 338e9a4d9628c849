"""What is asked of an Ollama server, against a stand-in that holds to its rules."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standins.ollama import Held, Ollama, serving
from thau_desktop.errors import ModelMissing, ServerRefused, ServerUnreachable
from thau_desktop.inference.ollama_client import OllamaClient, OllamaProgress, connect
from thau_desktop.inference.ollama_probe import OllamaServer

NEVER = threading.Event()


@pytest.fixture
def ollama() -> Iterator[Ollama]:
    with serving(Ollama(models={"qwen:1.5b": Held(capabilities=("completion", "tools"), context=8192)})) as server:
        yield server


@pytest.fixture
def client(ollama: Ollama, monkeypatch: pytest.MonkeyPatch) -> OllamaClient:
    monkeypatch.setenv("OLLAMA_HOST", ollama.url)
    return connect()


def test_models_and_what_they_can_do_are_told(client: OllamaClient) -> None:
    (model,) = client.tags()
    assert (model.name, model.bytes, model.quantization, client.server.version) == (
        "qwen:1.5b",
        1000,
        "Q4_K_M",
        "0.35.1",
    )
    details = client.show("qwen:1.5b")
    assert details.capabilities == {"completion", "tools"} and details.context == 8192
    with pytest.raises(ModelMissing, match="ollama pull other"):
        client.show("other")


def test_a_stopped_pull_goes_on_where_it_was(client: OllamaClient, ollama: Ollama) -> None:
    ollama.registry["big:latest"] = 6_400
    cancel, stopped = threading.Event(), threading.Event()
    ollama.pause = lambda: None if ollama.pulled.get("big:latest", 0) < 3_200 else stopped.wait(60) and None
    for event in client.pull("big", cancel):
        if event.completed == 3_200:
            cancel.set()
    stopped.set()
    first, second, third, *_rest, last = client.pull("big", NEVER)
    assert first == OllamaProgress("pulling manifest") and (second.completed, second.total) == (0, 6_400)
    assert third.completed > 3_200 and last.status == "success"
    assert [model.name for model in client.tags()] == ["qwen:1.5b", "big:latest"]


def test_a_pull_of_what_is_not_there_is_refused_in_its_own_words(client: OllamaClient) -> None:
    with pytest.raises(ServerRefused, match="file does not exist"):
        list(client.pull("nothing", NEVER))


def test_a_file_is_sent_once_and_becomes_a_model(client: OllamaClient, ollama: Ollama, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    key = b"general.architecture"
    file.write_bytes(
        b"GGUF" + key + (8).to_bytes(4, "little") + (5).to_bytes(8, "little") + b"llama" + b"\0" * 3_000_000
    )
    digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    assert not client.has_blob(digest)
    *_steps, last = client.push_blob(file, digest, NEVER)
    assert (last.completed, last.total) == (file.stat().st_size,) * 2
    assert client.has_blob(digest)
    made = client.create("mine", NEVER, files={"model.gguf": digest}, system="Be kind.", parameters={"num_ctx": 2048})
    assert [event.status for event in made][-1] == "success"
    assert "template" not in ollama.asked("create")[0]
    client.copy("mine", "mine:backup")
    client.delete("mine")
    assert client.show("mine:backup").system == "Be kind." and "mine:latest" not in ollama.models
    with pytest.raises(ModelMissing):
        client.copy("mine", "x")


def test_what_the_server_refuses_is_told(client: OllamaClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ServerRefused, match="digest mismatch"):
        list(client.push_blob(tmp_path / "file", "sha256:0", NEVER))
    with pytest.raises(ServerRefused, match="does not exist"):
        list(client.create("x", NEVER, files={"f": "sha256:1"}))
    asked = {"model": "qwen:1.5b", "messages": [{"role": "user", "content": "hi"}], "think": True}
    with pytest.raises(ServerRefused, match="does not support thinking") as caught:
        list(client.chat(asked, NEVER))
    assert caught.value.status == 400


def test_a_chat_that_waits_for_its_first_word_ends_at_once_when_it_is_stopped(
    client: OllamaClient, ollama: Ollama
) -> None:
    reading, read = threading.Event(), threading.Event()
    ollama.pause = lambda: None if reading.set() else read.wait(60) and None
    cancel = threading.Event()
    stopper = threading.Thread(target=lambda: (reading.wait(60), cancel.set()))
    stopper.start()
    started = time.monotonic()
    assert list(client.chat({"model": "qwen:1.5b", "messages": [{"role": "user", "content": "a b"}]}, cancel)) == []
    read.set()
    stopper.join()
    assert time.monotonic() - started < 30


def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(ServerUnreachable, match="does not answer"):
        connect()
    with pytest.raises(ServerUnreachable, match=r"http://127\.0\.0\.1:9"):
        OllamaClient(OllamaServer("http://127.0.0.1:9", "1")).tags()


def test_the_first_words_come_at_once_and_none_is_lost(client: OllamaClient, ollama: Ollama) -> None:
    heard, places, waited = threading.Event(), itertools.count(), list[bool]()
    # The server says its second word only when the first one was heard.
    ollama.pause = lambda: waited.append(heard.wait(60)) if next(places) == 1 else None
    words, got = " ".join(map(str, range(500))), []
    for event in client.chat({"model": "qwen:1.5b", "messages": [{"role": "user", "content": words}]}, NEVER):
        heard.set()
        got.append(event["message"]["content"])
    assert "".join(got) == words and waited == [True]
