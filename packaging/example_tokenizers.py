"""Trains the three small tokenizers of `resources/tokenizers/`: the same texts and the same size, three algorithms.

They show on the models page what BPE, WordPiece and Unigram do differently. `python packaging/example_tokenizers.py`
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

ROOT = Path(__file__).resolve().parent.parent
SIZE = 4000
LONGEST = 40_000  # lines: the rest says nothing new


def texts() -> Iterator[str]:
    """Questions and answers in Spanish and English that ship with THAU."""
    files = sorted([*(ROOT / "data" / "datasets").glob("*.jsonl"), *(ROOT / "packaging/starter/language").rglob("*.jsonl")])
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines[:: max(1, len(lines) // LONGEST)]:
        for value in json.loads(line).values():
            if isinstance(value, str):
                yield value


def main() -> None:
    folder = ROOT / "resources" / "tokenizers"
    for old in folder.glob("*.json"):
        old.unlink()
    made = {"example-bpe": bpe(), "example-wordpiece": wordpiece(), "example-unigram": unigram()}
    for name, (tokenizer, trainer) in made.items():
        tokenizer.train_from_iterator(texts(), trainer)
        (folder / f"{name}.json").write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
        print(name, tokenizer.get_vocab_size(), (folder / f"{name}.json").stat().st_size)


def bpe() -> tuple[Tokenizer, trainers.Trainer]:
    """GPT-2's: bytes, merged by how often two stand side by side (Sennrich et al. 2016)."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return tokenizer, trainers.BpeTrainer(vocab_size=SIZE, initial_alphabet=alphabet, show_progress=False)


def wordpiece() -> tuple[Tokenizer, trainers.Trainer]:
    """BERT's: the longest known beginning of a word, then what follows with ## (Schuster and Nakajima 2012)."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer, trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=["[UNK]"], show_progress=False)


def unigram() -> tuple[Tokenizer, trainers.Trainer]:
    """SentencePiece's: of all ways to split, the likeliest (Kudo 2018)."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer, trainers.UnigramTrainer(
        vocab_size=SIZE, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
    )


if __name__ == "__main__":
    main()
