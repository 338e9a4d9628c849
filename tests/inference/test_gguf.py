"""The GGUF backend: a real child with llama.cpp and a tiny file."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import tiny_gguf
from thau_desktop.errors import ChildCrashed, ContextTooLong, ModelBroken, ModelMissing, ModelUnsupported
from thau_desktop.export.gguf import to_gguf
from thau_desktop.inference import gguf_file
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.gguf_backend import GgufBackend
from thau_desktop.inference.gguf_host import GgufOptions
from thau_desktop.inference.host import HostOptions
from thau_desktop.inference.local import LocalBackend
from thau_desktop.messages import GenerationDone, Message, ModelLoading, ModelReady, Sampling, Text, TextDelta
from thau_desktop.paths import resources

NEVER = threading.Event()
HELLO = GenerationRequest((Message("user", (Text("Hola"),)),), Sampling(temperature=0, max_new_tokens=12))
LONG = GenerationRequest(HELLO.messages, Sampling(temperature=1.3, max_new_tokens=200, seed=2))
TOOL = {"type": "function", "function": {"name": "draw", "description": "Draws.", "parameters": {}}}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.write(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def backend(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GgufBackend]:
    made = GgufBackend(GgufOptions(file, "tiny", threads=1), log=tmp_path_factory.mktemp("log") / "child.log")
    list(made.load(NEVER))  # started before the fixtures of a test look at what is running
    yield made
    made.close()


def said(backend: GgufBackend, request: GenerationRequest = HELLO) -> str:
    return "".join(event.text for event in backend.stream(request, NEVER) if isinstance(event, TextDelta))


def test_a_file_is_loaded_once_and_answers(backend: GgufBackend) -> None:
    backend.unload()
    loading, ready = backend.load(NEVER)
    assert isinstance(loading, ModelLoading) and isinstance(ready, ModelReady) and ready == backend.ready
    assert ready.memory < loading.needed < ready.memory + (200 << 20) < loading.free
    assert (ready.device, ready.dtype, ready.context, ready.threads) == ("cpu", "F32", 256, 1)
    assert list(backend.load(NEVER)) == []
    *deltas, done = backend.stream(HELLO, NEVER)
    assert deltas and all(isinstance(event, TextDelta) for event in deltas)
    assert isinstance(done, GenerationDone) and (done.reason, done.tokens) == ("length", 12)
    assert 0 < done.first_token_seconds <= done.seconds
    assert done.prompt_tokens == backend.count_tokens(HELLO.messages).total


def test_the_same_seed_says_the_same(backend: GgufBackend) -> None:
    assert said(backend, LONG) == said(backend, LONG) != said(backend, replace(LONG, sampling=Sampling(seed=3)))


def test_the_prompt_is_what_the_files_template_says_with_the_tools_described(backend: GgufBackend) -> None:
    bare, told = backend.count_tokens(HELLO.messages), backend.count_tokens(HELLO.messages, (TOOL,))
    # Every letter is a token here: two lines of marks, the role, the word.
    assert bare.total == len("?user\nHola?\n?assistant\n")
    assert told.total > bare.total + 100


def test_a_template_that_knows_tools_is_given_them_as_in_a_folder(tmp_path: Path) -> None:
    given = "{% if tools %}{{ tools | tojson }}<tool_call>{% endif %}"
    template = given + "{% for m in messages -%}\n{{ m['content'] }}{% endfor %}"
    knowing = GgufBackend(GgufOptions(tiny_gguf.write(tmp_path / "knowing.gguf", template=template), "k", threads=1))
    told, bare = knowing.count_tokens(HELLO.messages, (TOOL,)), knowing.count_tokens(HELLO.messages)
    knowing.close()
    assert bare.total == len("Hola") and told.total == len(json.dumps([TOOL]) + "<tool_call>Hola")


def test_marks_in_a_persons_words_end_no_message(backend: GgufBackend) -> None:
    words = backend.count_tokens((Message("user", (Text("a<|im_end|>b"),)),))
    assert words.total == len("?user\na< |im_end|>b?\n?assistant\n")


def test_a_stopped_or_abandoned_generation_frees_the_model_for_the_next(backend: GgufBackend) -> None:
    expected = said(backend)
    cancel = threading.Event()
    events = backend.stream(LONG, cancel)
    next(events)
    cancel.set()
    assert isinstance(list(events)[-1], GenerationDone)
    abandoned = backend.stream(LONG, NEVER)
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert said(backend) == expected


def test_a_schema_is_kept_to(backend: GgufBackend) -> None:
    schema = {"enum": ["yes", "no"]}
    for seed in range(4):
        sampling = Sampling(temperature=1.0, max_new_tokens=20, seed=seed)
        assert said(backend, replace(HELLO, sampling=sampling, schema=schema)) in ('"yes"', '"no"')


def test_a_prompt_without_room_is_refused(backend: GgufBackend) -> None:
    with pytest.raises(ContextTooLong, match="256"):
        list(backend.stream(GenerationRequest((Message("user", (Text("x" * 300),)),)), NEVER))


def test_an_adapter_changes_what_is_said(file: Path, backend: GgufBackend, tmp_path: Path) -> None:
    adapter = tiny_gguf.write(tmp_path / "tiny.pirate.gguf", adapter=True)
    pirate = GgufBackend(GgufOptions(file, "tiny.pirate", threads=1, adapter=adapter))
    assert said(pirate, LONG) != said(backend, LONG)
    pirate.close()


def test_after_a_kill_the_next_answer_comes_from_a_fresh_process(file: Path) -> None:
    backend = GgufBackend(GgufOptions(file, "tiny", threads=1))
    list(backend.load(NEVER))
    pid = backend._child.pid
    assert pid is not None
    events = backend.stream(LONG, NEVER)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChildCrashed):
        list(events)
        list(backend.stream(LONG, NEVER))  # it may have been said before the signal came
    assert isinstance(list(backend.stream(HELLO, NEVER))[-1], GenerationDone)
    pid = backend._child.pid
    backend.close()
    assert pid is not None and not psutil.pid_exists(pid)


def test_files_that_can_not_be_used_are_told_apart(file: Path, tmp_path: Path) -> None:
    def problem(data: bytes | None) -> Exception:
        target = tmp_path / "it.gguf"
        target.unlink(missing_ok=True)
        if data is not None:
            target.write_bytes(data)
        backend = GgufBackend(GgufOptions(target, "it", threads=1))
        with pytest.raises(Exception) as caught:
            list(backend.load(NEVER))
        backend.close()
        return caught.value

    whole = file.read_bytes()
    assert type(problem(None)) is ModelMissing
    assert type(problem(whole[:-5000])) is ModelBroken
    assert type(problem(b"not a model")) is ModelBroken
    strange = whole.replace(b"llama.", b"wumpe.").replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0wumpe")
    assert type(problem(strange)) is ModelUnsupported


def test_what_a_file_says_is_read_without_llama(file: Path) -> None:
    facts = gguf_file.facts(file)
    assert (facts.architecture, facts.context, facts.quantization, facts.adapter) == ("llama", 256, "F32", False)
    assert facts.weights == 4 * facts.parameters and facts.template == tiny_gguf.TEMPLATE
    assert facts.control == {"<|im_start|>": 257, "<|im_end|>": 258}
    assert facts.cache == 2 * 2 * 2 * (16 + 16)  # bytes x layers x heads x (key + value)


SAID_TO_BOTH = (
    "Hola",
    "Dibuja un gato azul",
    "What is a neural network?",
    "draw a red house by the sea",
    "¿Qué es la temperatura?",
    "a penguin with a candle",
    "castillo flotante en las nubes",
    "Who are you?",
    "¿Puedes dibujar?",
    "Explica qué es un token",
    "hazme una imagen de un dragón verde",
    "gracias",
    "What is overfitting?",
    "paint a yellow bus at night",
    "¿Cuál es la capital de Francia?",
    "una rana con corona",
    "tell me about gradient descent",
    "dibuja tres manzanas",
    "What can you do?",
    "adiós",
)


def test_the_starter_model_says_the_same_as_a_file_and_as_a_folder(tmp_path: Path) -> None:
    starter = resources() / "starter" / "thau-nano-v1"
    list(to_gguf(starter, tmp_path / "nano.gguf", "f16"))
    file = GgufBackend(GgufOptions(tmp_path / "nano.gguf", "file", 2048, threads=1))
    folder = LocalBackend(HostOptions(starter, "folder", 2048, threads=1))
    different = []
    for prompt in SAID_TO_BOTH:
        asked = GenerationRequest(
            (Message("user", (Text(prompt),)),), Sampling(temperature=0, max_new_tokens=40), (TOOL,)
        )
        *here, done_here = file.stream(asked, NEVER)
        *there, done_there = folder.stream(asked, NEVER)
        texts = ["".join(event.text for event in events if isinstance(event, TextDelta)) for events in (here, there)]
        assert isinstance(done_here, GenerationDone) and isinstance(done_there, GenerationDone)
        if (texts[0], done_here.tokens, done_here.prompt_tokens) != (
            texts[1],
            done_there.tokens,
            done_there.prompt_tokens,
        ):
            different.append((prompt, *texts))
    file.close()
    folder.close()
    assert not different


def test_a_file_made_here_says_what_it_was_trained_for(tmp_path: Path) -> None:
    told = {"name": "THAU", "native_tools": ["generate_image"], "needs_tool_prompt": False, "context": 128}
    file = tiny_gguf.write(tmp_path / "made.gguf", manifest=json.dumps(told))
    manifest, adapter = gguf_file.head(file)
    assert (manifest.name, manifest.native_tools, manifest.context, adapter) == (
        "THAU",
        ("generate_image",),
        128,
        False,
    )
    made = GgufBackend(GgufOptions(file, "made", threads=1))
    assert made.count_tokens(HELLO.messages, (TOOL,)).limit == 128
    assert made.count_tokens(HELLO.messages, (TOOL,)).total == made.count_tokens(HELLO.messages).total
    made.close()
    with pytest.raises(ModelBroken):
        gguf_file.head(tiny_gguf.write(tmp_path / "odd.gguf", manifest="[1]"))
