"""What the starter model is trained on: the generator's promises."""

from __future__ import annotations

import importlib
import itertools
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.benchmarks.starter_quality import SETS, read
from tests.conftest import ROOT

FOLDER = ROOT / "packaging" / "starter" / "language"
CALL = re.compile(r"<TOOL:generate_image>(.*)</TOOL>")


def load(name: str) -> ModuleType:
    """A script of the trainer, as the scripts beside it see it."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return load("conversations")


@pytest.fixture(scope="module")
def training() -> ModuleType:
    train = load("train")
    del sys.modules["train"]  # the pictures have one of that name
    return train


@pytest.fixture(scope="module")
def talks(module: ModuleType) -> list[list[tuple[str, str]]]:
    writer = module.Writer(11)
    return [writer.conversation(200) for _ in range(3000)]


def test_the_same_seed_writes_the_same_conversations(module: ModuleType) -> None:
    first, second = module.Writer(4), module.Writer(4)
    assert [first.conversation(150) for _ in range(50)] == [second.conversation(150) for _ in range(50)]


def test_the_vocabulary_is_as_broad_as_promised(module: ModuleType) -> None:
    words = module.Writer(0).words
    assert len({noun.spanish for noun in words.nouns}) >= 2000
    assert len({noun.english for noun in words.nouns}) >= 2000
    assert len({adjective.masculine for adjective in words.adjectives}) >= 600


def test_there_are_three_hundred_concepts_in_both_languages(module: ModuleType) -> None:
    concepts = module.Writer(0).concepts
    assert len(concepts) >= 300
    assert all(concept[language]["definition"] for concept in concepts for language in ("es", "en"))


def test_every_call_is_valid_json_with_a_prompt(talks: list[list[tuple[str, str]]]) -> None:
    calls = [CALL.search(text) for talk in talks for role, text in talk if role == "assistant" and "<TOOL" in text]
    assert len(calls) > 1000
    assert all(call and json.loads(call[1])["prompt"] for call in calls)


def test_turns_alternate_as_the_app_sends_them(talks: list[list[tuple[str, str]]]) -> None:
    follows = {"system": {"user"}, "user": {"assistant"}, "assistant": {"user", "tool"}, "tool": {"assistant"}}
    for talk in talks:
        for (role, _), (after, _) in itertools.pairwise(talk):
            assert after in follows[role]


def test_an_invented_name_is_copied_into_the_prompt(module: ModuleType) -> None:
    writer = module.Writer(2)
    copied = 0
    for _ in range(400):
        phrase = writer.words.unknown_subject(writer.rng, None)
        name = re.search(r"[A-ZÑ]\w+$", phrase.spanish)
        word = name[0] if name else re.sub(r"^(una?|an?) ", "", phrase.spanish).split()[0]
        assert word in phrase.english
        copied += 1
    assert copied == 400


def test_the_evaluation_is_never_trained_on(module: ModuleType, talks: list[list[tuple[str, str]]]) -> None:
    sets = [path.parent for path in SETS.rglob("tool_calling.jsonl")]
    asked = {module.plain(row["prompt"]) for folder in sets for row in read("tool_calling.jsonl", folder)}
    asked |= {module.plain(row["question"]) for folder in sets for row in read("concepts.jsonl", folder)}
    long = {line for line in asked if len(line.split()) > 4}  # a greeting or «un gato» may well coincide
    assert len(long) > 500
    said = {module.plain(text) for talk in talks for role, text in talk if role == "user"}
    written = {
        module.plain(line.split("\t")[-1])
        for path in (FOLDER / "dialogue").glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    for path in (FOLDER / "dialogue").glob("wishes_*.tsv"):
        written |= {module.plain(line.split("\t")[0]) for line in path.read_text(encoding="utf-8").splitlines()}
    for name in ("smalltalk", "help"):
        for intent in module.load_json_lines(FOLDER / "dialogue" / f"{name}.jsonl"):
            written |= {module.plain(text) for language in ("es", "en") for text in intent[language]["user"]}
    for concept in module.questions_asked().values():
        for language, kind in itertools.product(("es", "en"), ("questions", "clues")):
            written |= {module.plain(text) for text in concept[language][kind]}
    trained_on = long & (said | written)
    assert not trained_on


def test_every_concept_is_asked_for_under_an_id_of_its_own(module: ModuleType) -> None:
    ids = [concept["id"] for concept in module.Writer(0).concepts]
    asked = module.questions_asked()
    assert len(set(ids)) == len(ids)
    assert set(asked) == set(ids)
    assert all(len(asked[each][lang]["questions"]) > 4 for each in ids for lang in ("es", "en"))


def test_a_grown_model_says_what_the_one_before_said(tiny_folder: Path, training: ModuleType) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    before = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32).eval()
    layers, wide = before.config.num_hidden_layers, before.config.intermediate_size
    ids = torch.arange(1, 33).view(1, 32)
    with torch.inference_mode():
        expected = before(ids).logits
        for sizes in ((layers, wide), (layers + 1, wide), (2 * layers, 2 * wide), (layers, wide + 8)):
            larger = training.grown(before, *sizes)
            assert (larger.config.num_hidden_layers, larger.config.intermediate_size) == sizes
            torch.testing.assert_close(larger(ids).logits, expected)
    grown = training.grown(before, 2 * layers, 2 * wide)
    loss = grown(ids, labels=ids).loss
    loss.backward()
    assert all(p.grad.abs().sum() > 0 for n, p in grown.named_parameters() if n.endswith("down_proj.weight"))
