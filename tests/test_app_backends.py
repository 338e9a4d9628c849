"""A turn with each kind of backend, from the command line and through the core, and nothing left of them."""

from __future__ import annotations

import io
import json
import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import tiny_gguf, tiny_model
from tests.standins.llama_server import llama_server
from tests.standins.ollama import Held, Ollama, serving
from thau_desktop.app import Thau
from thau_desktop.cli.main import run
from thau_desktop.errors import ModelMissing
from thau_desktop.inference.gguf_backend import GgufBackend
from thau_desktop.inference.host import HostOptions
from thau_desktop.inference.local import LocalBackend
from thau_desktop.inference.ollama_backend import OllamaBackend
from thau_desktop.inference.opening import options_for
from thau_desktop.inference.server_backend import ServerBackend
from thau_desktop.messages import Finished
from thau_desktop.settings import Own

NEVER = threading.Event()


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with serving(Ollama(models={"qwen:1.5b": Held(capabilities=("completion", "tools"))})) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        yield server


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    *_events, last = capsys.readouterr().out.strip().splitlines()
    return dict(json.loads(last))


def test_a_gguf_file_put_into_the_folder_answers_by_its_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_gguf.write(home / "models" / "friend.gguf", context=2048)
    assert run(["chat", "--message", "Hola", "--model", "friend", "--tools", "off", "--seed", "1", "--json"]) == 0
    finished = said(capsys)
    assert (finished["type"], finished["model"]) == ("finished", "friend") and finished["tokens"]


def test_a_model_of_ollama_answers_by_its_name(ollama: Ollama, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chat", "--message", "hola a todos", "--model", "ollama/qwen:1.5b", "--json"]) == 0
    finished = said(capsys)
    assert (finished["text"], finished["model"]) == ("hola a todos", "ollama/qwen:1.5b")
    assert "generate_image" in [tool["function"]["name"] for tool in ollama.asked("chat")[-1]["tools"]]


def test_a_call_of_a_server_is_run_and_its_result_goes_back(ollama: Ollama, home: Path) -> None:
    call = {"function": {"name": "generate_image", "arguments": {"num_inference_steps": 9999}}}
    answers = iter([[{"tool_calls": [call]}], ["Sorry."]])
    ollama.answer = lambda asked: iter(next(answers))
    with Thau() as thau:
        conversation = thau.conversations.create(model="ollama/qwen:1.5b").id
        *_events, finished = thau.chat.turn(conversation, "draw", NEVER)
    assert isinstance(finished, Finished) and finished.text == "Sorry."
    assert [call.name for call in finished.tool_calls] == ["generate_image"]
    *_before, asked, result = ollama.asked("chat")[-1]["messages"]
    assert asked["tool_calls"] == [call] and result["role"] == "tool" and "error" in result["content"]


def test_the_command_line_says_where_words_go(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Thau() as thau:
        thau.change("model", "servers", "lab=http://192.0.2.1:9/v1")
    # Nothing is sent: the line of standard input never comes.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(""))
        assert run(["chat", "--model", "lab/qwen"]) == 0
    assert "Your words leave this computer: lab/qwen answers at http://192.0.2.1:9/v1." in capsys.readouterr().err


def test_each_kind_of_model_has_its_backend_and_one_is_kept(home: Path, ollama: Ollama, tmp_path: Path) -> None:
    tiny_model.build(home / "models" / "tiny")
    file = tiny_gguf.write(home / "models" / "friend.gguf")
    with llama_server(file) as url, Thau() as thau:
        thau.change("model", "servers", f"here={url}")
        kinds = {
            "tiny": LocalBackend,
            "friend": GgufBackend,
            "ollama/qwen:1.5b": OllamaBackend,
            f"here/{file}": ServerBackend,
        }
        for name, kind in kinds.items():
            backend = thau.backend(name)
            assert type(backend) is kind and thau.backend(name) is backend and backend.name == name
        with pytest.raises(ModelMissing):
            thau.backend("lab/qwen")


@pytest.mark.parametrize("name", ["friend", "tiny"])
def test_ten_models_loaded_and_let_go_leave_nothing(home: Path, name: str) -> None:
    tiny_gguf.write(home / "models" / "friend.gguf")
    tiny_model.build(home / "models" / "tiny")
    ours, others = psutil.Process(), set(multiprocessing.active_children())
    with Thau() as thau:
        thau.change("model", "threads", 1)
        list(thau.backend(name).load(NEVER))
        thau._unload_language()
        before = ours.memory_info().rss
        for _cycle in range(10):
            assert len(list(thau.backend(name).load(NEVER))) == 2
            thau._unload_language()
        child = psutil.Process(thau.backend(name)._child.pid)  # type: ignore[attr-defined]
        assert len(set(multiprocessing.active_children()) - others) == 1
        grown = ours.memory_info().rss - before
    assert grown < 5 << 20 and not child.is_running()


def test_what_one_model_does_otherwise_reaches_its_process_and_that_of_its_versions(
    home: Path, tiny_folder: Path
) -> None:
    with Thau(home) as thau:
        tiny_model.copy(tiny_folder, thau.paths.models / "tiny", 2048)
        before = thau.backend("tiny").options
        thau.run_otherwise("tiny", Own(precision="nf4", context=512, window=300))
        options = thau.backend("tiny").options
        assert options != before and isinstance(options, HostOptions)
        assert (options.precision, options.context, options.window) == ("nf4", 512, 300)
        trained = replace(thau.models.find("tiny"), name="thau-tiny-v2", adapter=home)
        assert options_for(trained, thau.settings.model, lambda _server: None).window == 300
        thau.run_otherwise("tiny", Own())
        assert thau.backend("tiny").options == before
        assert not thau.settings.model.own
