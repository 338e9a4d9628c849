"""A tiny model of every architecture answers, takes the memory that was foretold, and reads a second turn from its
cache as it would read it anew."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.export.tiny_architectures import TINIES, build
from thau_desktop.errors import ModelUnsupported
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.precision import weights_of
from thau_desktop.messages import GenerationDone, Message, Sampling, Text, TextDelta, ToolCall, ToolResult

NEVER = threading.Event()
GREEDY = Sampling(temperature=0, max_new_tokens=24)
QUESTION = Message("user", (Text("Dibuja un niño con sombrero, 2 veces."),))
LATER = (
    Message("system", (Text("Be kind."),)),
    QUESTION,
    Message(
        "assistant",
        (Text("Claro. "), ToolCall("1", "draw", {"what": "a boy"}), ToolResult("1", "draw", '{"status": "done"}')),
    ),
    Message("user", (Text("¡Gracias!"),)),
)
# Falcon3 is a Llama with a byte-level vocabulary, as "llama-gpt2".
NAMES = (
    "llama",
    "llama-pieces",
    "llama-gpt2",
    "mistral",
    "mistral-tekken",
    "qwen2",
    "qwen3",
    "phi3",
    "gemma2",
    "gemma3",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("tiny")

    def made(name: str) -> Path:
        return root / name if (root / name).exists() else build(TINIES[name], root / name)

    return made


def loaded(folder: Path, precision: Any = "full") -> Any:
    from thau_desktop.inference.language import LanguageModel, Vocabulary

    return LanguageModel(folder, Vocabulary(folder), thread_count=1, device="cpu", wish=precision)


def said(model: Any, *messages: Message) -> tuple[int, str]:
    """How many tokens it says, and their words; bytes that are no UTF-8 are one mark or several, as they arrive."""
    *words, done = model.stream(GenerationRequest(messages, GREEDY), NEVER)
    assert isinstance(done, GenerationDone) and done.prompt_tokens > 0
    return done.tokens, "".join(event.text for event in words if isinstance(event, TextDelta)).replace("\ufffd", "")


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_and_a_later_turn_reads_only_what_is_new(name: str, folder: Callable[[str], Path]) -> None:
    model = loaded(folder(name))
    first = said(model, QUESTION)
    assert first[0] > 0 and said(model, QUESTION) == first
    later = said(model, *LATER)
    assert later == said(loaded(folder(name)), *LATER)


@pytest.mark.parametrize("precision", ["full", "int8", "nf4"])
@pytest.mark.parametrize("name", NAMES)
def test_its_weights_take_what_was_foretold(name: str, precision: Any, folder: Callable[[str], Path]) -> None:
    foretold = weights_of(folder(name)).bytes(precision, 4)
    assert loaded(folder(name), precision).ready.memory == pytest.approx(foretold, rel=0.15)


def test_a_program_that_comes_with_a_model_is_refused_with_the_reason(
    folder: Callable[[str], Path], tmp_path: Path
) -> None:
    strange = shutil.copytree(folder("llama"), tmp_path / "strange")
    config = json.loads((strange / "config.json").read_text())
    config |= {"model_type": "wonder", "auto_map": {"AutoModelForCausalLM": "modeling_wonder.Wonder"}}
    (strange / "config.json").write_text(json.dumps(config))
    (strange / "modeling_wonder.py").write_text("raise RuntimeError('it was run')")
    with pytest.raises(ModelUnsupported, match="brings its own program"):
        loaded(strange)
    (strange / "config.json").write_text(json.dumps({**config, "model_type": "llama"}))
    assert said(loaded(strange), QUESTION)[0] > 0
