"""A GGUF file of ours, read by llama.cpp, says what transformers says."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.export.judges import Answers, Questions, llama_cpp, transformers
from tests.export.strings import five_hundred
from tests.export.tiny_architectures import TINIES, build
from thau_desktop.export.gguf import to_gguf
from thau_desktop.messages import Exported
from thau_desktop.paths import resources

NANO = resources() / "starter" / "thau-nano-v1"
NANO_TOKENS = ("<|begin|>", "<|end|>", "<|user|>", "<|tool|>", "<TOOL:generate_image>", "</TOOL>", "<|pad|>")
PROMPTS = ([5, 9, 20, 33, 41], [7, *range(100, 160)], [50, 50, 50, 60, 70], [200, 300, 111])
CHATS = (
    [{"role": "user", "content": "Dibuja un gato azul, por favor."}],
    [
        {"role": "system", "content": "Eres THAU."},
        {"role": "user", "content": "  hola\n"},
        {"role": "assistant", "content": "¿Qué tal?"},
        {"role": "user", "content": "a red {{ bus }}"},
    ],
)


def written(folder: Path, path: Path, kind: str, **options: object) -> Path:
    """The file, exported."""
    *_progress, last = to_gguf(folder, path, kind, **options)
    assert isinstance(last, Exported)
    assert last.bytes == path.stat().st_size
    return path


def added_tokens(folder: Path) -> list[str]:
    """The texts of all that was added to a vocabulary."""
    return [one["content"] for one in json.loads((folder / "tokenizer.json").read_text())["added_tokens"]]


def assert_alike(ours: Answers, theirs: Answers, *, greedy: bool = True) -> None:
    """The same tokens one after the other, and the same chances of the likeliest."""
    if greedy:
        assert ours.tokens == theirs.tokens
    compared = [pair for pair in zip(ours.likely, theirs.likely, strict=True) if pair[0]]
    assert len(compared) >= 2
    for here, there in compared:
        assert len(here) == len(there) == 20
        common = here.keys() & there.keys()
        assert len(common) >= 18  # the last of them may be as likely as the next
        assert max(abs(here[token] - there[token]) for token in common) < 0.05


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny model of that name, made when it is first asked for."""

    @functools.cache
    def made(name: str) -> Path:
        return build(TINIES[name], tmp_path_factory.mktemp("tiny") / name)

    return made


def test_the_starter_model_says_in_llama_cpp_what_it_says_in_transformers(tmp_path: Path) -> None:
    prompts = ([1, 4, 2639, 227, 5], [1, 4, *range(300, 340), 2, 5], [1, 3, 700, 701, 2, 4, 900, 5])
    questions = Questions(prompts, texts=tuple(five_hundred(NANO_TOKENS)), chats=CHATS)
    theirs = transformers(NANO, questions)

    for kind in ("f16", "f32"):
        ours = llama_cpp(written(NANO, tmp_path / f"{kind}.gguf", kind), questions)

        assert_alike(ours, theirs)
        assert ours.splits == theirs.splits
        assert ours.whole_splits == theirs.whole_splits
        assert ours.prompts == theirs.prompts


@pytest.mark.parametrize("name", TINIES)
def test_every_architecture_says_in_llama_cpp_what_it_says_in_transformers(
    name: str, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tiny(name)
    special = tuple(added_tokens(folder))
    texts = five_hundred(special)
    if name == "llama-pieces":  # there transformers alone puts a space before a text, and chats begin otherwise
        texts = [f"<s>{text}" for text in texts]
    if name.startswith("phi3"):  # llama.cpp knows ASCII's spaces alone where a token swallows them
        texts = [text.replace("\u00a0", " ").replace("\u2003", " ") for text in texts]
    questions = Questions(PROMPTS, texts=tuple(texts), chats=CHATS)
    theirs = transformers(folder, questions)

    ours = llama_cpp(written(folder, tmp_path / "tiny.gguf", "f32"), questions)

    assert_alike(ours, theirs)
    assert ours.splits == theirs.splits
    assert ours.whole_splits == theirs.whole_splits
    assert ours.prompts == theirs.prompts


@pytest.mark.parametrize("name", ["llama", "mistral", "qwen3", "phi3"])
def test_half_precision_changes_no_chances(name: str, tiny: Callable[[str], Path], tmp_path: Path) -> None:
    questions = Questions(PROMPTS, steps=4)

    ours = llama_cpp(written(tiny(name), tmp_path / "tiny.gguf", "f16"), questions)

    assert_alike(ours, transformers(tiny(name), questions), greedy=False)
