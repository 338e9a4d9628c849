"""Texts under tokenizers of every kind: nothing of the text is lost, ids are the tokenizer's own, hints really save."""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders
from tokenizers import models as kinds
from transformers import AutoTokenizer

from tests import tiny_gguf
from tests.export.tiny_architectures import TINIES, build
from tests.full_disk import full_disk, needs_limits
from thau_desktop.errors import DiskFull, ModelBroken
from thau_desktop.export.gguf import to_gguf
from thau_desktop.models.catalog import installed
from thau_desktop.models.tokenizing import TokenHost, parallel, read, tokenize
from thau_desktop.models.tokens import Source, Tokenizers, sources
from thau_desktop.paths import Paths, resources

TEXT = "El camión azul 🐱 cuesta 12,50 €: “¿sí?”\n\nHello, world!"
STARTER = resources() / "starter" / "thau-nano-v1" / "tokenizer.json"


def test_every_tokenizer_here_gives_back_the_whole_text(home: Path) -> None:
    known = sources(installed(Paths(home)), Paths(home))
    assert {"thau-nano-v1", "example-bpe", "example-wordpiece", "example-unigram"} == {each.name for each in known}
    for source in known:
        made = tokenize(read(source.path), source, TEXT)
        assert "".join(piece.text for piece in made.pieces) == TEXT
        assert made.count == sum(len(piece.ids) for piece in made.pieces) > 10
        assert made.characters_per_token == len(TEXT) / made.count


def test_the_three_that_come_with_thau_are_of_three_kinds() -> None:
    folder = resources() / "tokenizers"
    found = {path.stem: read(path) for path in folder.glob("*.json")}
    assert {name: reader.kind for name, reader in found.items()} == {
        "example-bpe": "BPE",
        "example-wordpiece": "WordPiece",
        "example-unigram": "Unigram",
    }
    assert {reader.vocabulary for reader in found.values()} == {4000}


def test_ids_are_those_of_the_tokenizer_itself() -> None:
    made = tokenize(read(STARTER), Source("nano", STARTER), TEXT)
    expected = Tokenizer.from_file(str(STARTER)).encode(TEXT, add_special_tokens=False)
    assert [number for piece in made.pieces for number in piece.ids] == expected.ids
    (cat,) = [piece for piece in made.pieces if "🐱" in piece.text]
    assert len(cat.ids) > 1  # one character, several tokens of bytes: one piece


def test_a_model_of_sentencepiece_is_read(tmp_path: Path) -> None:
    import sentencepiece

    corpus = tmp_path / "corpus.txt"
    corpus.write_text("\n".join(pair[code] for pair in parallel() for code in pair) * 20, encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(tmp_path / "tokenizer"), vocab_size=180, minloglevel=2
    )
    path = tmp_path / "tokenizer.model"
    made = tokenize(read(path), Source("mine", path), "Buenos días,  niño.")
    assert made.kind == "SentencePiece" and "".join(piece.text for piece in made.pieces) == "Buenos días,  niño."
    expected = sentencepiece.SentencePieceProcessor(model_file=str(path)).encode("Buenos días,  niño.")
    assert [number for piece in made.pieces for number in piece.ids] == expected


def test_a_file_of_tiktoken_makes_the_tokens_of_its_ranks(tmp_path: Path) -> None:
    """GPT-2's alphabet and merges that need an order: "ab" before "bc", then "abc" from "ab" and "c"."""
    ranks = [bytes([byte]) for byte in range(256)] + [b"ab", b"bc", b"abc", "ñ".encode(), b" a", b"abcd"]
    path = tmp_path / "mine.tiktoken"
    path.write_text("\n".join(f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(ranks)))
    made = tokenize(read(path), Source("mine", path), "abc bcd ñ abcd")
    ids = [number for piece in made.pieces for number in piece.ids]
    assert ids == [258, ord(" "), 257, ord("d"), ord(" "), 259, ord(" "), 261]  # "ab" is joined before " a"
    assert "".join(piece.text for piece in made.pieces) == "abc bcd ñ abcd"


def test_a_broken_tokenizer_is_told_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ModelBroken, match=r"tokenizer\.json"):
        read(path)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("El ni\u006e\u0303o comio\u0301 pin\u0303a", "Unicode NFC"),
        ("uno    dos\n\n\n\n\ntres   ", "empty lines"),
        ('{\n    "nombre": "Ana",\n    "edad": 30\n}', "without indentation"),
        ("ESCRIBE UNA CARTA PARA MI ABUELA", "small letters"),
    ],
)
def test_a_hint_saves_what_it_says(text: str, advice: str) -> None:
    made = tokenize(read(STARTER), Source("nano", STARTER), text)
    (hint,) = [hint for hint in made.hints if advice in hint.advice]
    assert 0 < hint.saved < made.count


def test_a_plain_sentence_gets_no_hints() -> None:
    assert tokenize(read(STARTER), Source("nano", STARTER), "Dibuja un gato azul.").hints == ()


@pytest.fixture
def child() -> Iterator[Tokenizers]:
    made = Tokenizers()
    yield made
    made.close()


def test_a_child_answers_for_the_window(child: Tokenizers) -> None:
    wanted = [Source("nano", STARTER), *(Source(p.stem, p) for p in (resources() / "tokenizers").glob("*.json"))]
    made = list(child.tokenize(wanted, TEXT, 5, threading.Event()))
    assert [each.source for each in made] == [each.name for each in wanted]
    assert all(len(each.pieces) == 5 and each.count > 10 for each in made)  # the first pieces, and the count of all
    costs = list(child.costs(wanted, threading.Event()))
    host = TokenHost()
    for source, cost in zip(wanted, costs, strict=True):
        counted = sum(len(p.ids) for pair in parallel() for p in host.reader(source).pieces(pair["es"]))
        assert cost.tokens["es"] == counted and 0.5 < cost.spanish_to_english < 2.5


@pytest.mark.parametrize("name", ["thau-nano-v1", "mistral", "qwen2"])
def test_a_gguf_file_is_read_without_its_weights(name: str, child: Tokenizers, home: Path, tmp_path: Path) -> None:
    folder = STARTER.parent if name == "thau-nano-v1" else build(TINIES[name], tmp_path / name)
    path = home / "models" / f"{name}-f16.gguf"
    path.parent.mkdir(parents=True, exist_ok=True)
    assert list(to_gguf(folder, path, "f16"))
    source = next(each for each in sources(installed(Paths(home)), Paths(home)) if each.name == path.stem)
    reader = AutoTokenizer.from_pretrained(folder)
    texts = [TEXT, "hola", " hola", "<|im_start|>", "x" * 300, ""]
    for text in texts:
        (made,) = child.tokenize([source], text, 1000, threading.Event())
        ids = [number for piece in made.pieces for number in piece.ids]
        assert ids == reader.encode(text, add_special_tokens=False), text
        assert "".join(piece.text for piece in made.pieces) == text
    assert made.kind == ("SentencePiece" if name == "mistral" else "BPE")
    assert made.vocabulary >= len(reader)


def test_a_gguf_file_that_is_cut_off_is_told(tmp_path: Path, child: Tokenizers) -> None:
    path = tiny_gguf.write(tmp_path / "half.gguf")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ModelBroken, match=r"half\.gguf"):
        list(child.tokenize([Source("half", path)], TEXT, 5, threading.Event()))


@needs_limits
def test_a_full_disk_is_not_taken_for_a_broken_gguf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_gguf.write(tmp_path / "whole.gguf")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with full_disk(1000), pytest.raises(DiskFull, match=r"whole\.gguf") as told:
        read(path)
    assert str(tmp_path / "temporary") in told.value.advice and not list((tmp_path / "temporary").iterdir())


def test_the_offsets_of_a_tokenizer_that_skips_blanks_still_make_the_text(tmp_path: Path) -> None:
    made = Tokenizer(kinds.WordLevel({"a": 0, "b": 1}, unk_token="a"))
    made.decoder = decoders.WordPiece()
    from tokenizers import pre_tokenizers

    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    pieces = read(tmp_path / "tokenizer.json").pieces("  a  b ")
    assert "".join(piece.text for piece in pieces) == "  a  b " and [piece.ids for piece in pieces] == [(0,), (1,)]
