"""Reads tokenizers of every kind and splits texts with them. For a child, or a command that has no window."""

from __future__ import annotations

import base64
import json
import re
import tempfile
import threading
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Protocol

from thau_desktop.errors import ModelBroken, ThauError
from thau_desktop.models.tokens import Cost, Hint, Piece, Source, Tokenized
from thau_desktop.paths import disk_full, no_room, resources
from thau_desktop.translation import _

# How cl100k_base splits a text before its merges (github.com/openai/tiktoken, tiktoken_ext/openai_public.py).
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_GGUF_KINDS = {"gpt2": "BPE", "llama": "SentencePiece", "bert": "WordPiece", "t5": "Unigram"}
_SPACES = re.compile(r"[ \t]{2,}|\n{3,}")


class Reader(Protocol):
    """A tokenizer that was read. `kind` and `vocabulary` as in `Tokenized`."""

    kind: str
    vocabulary: int

    def pieces(self, text: str) -> list[Piece]:
        """The whole text, in order."""
        ...


class TokenHost:
    """Lives in the child and keeps what it has read."""

    def __init__(self) -> None:
        self._read: dict[Path, Reader] = {}

    def tokenize(
        self, wanted: Sequence[Source], text: str, most: int, *, cancel: threading.Event
    ) -> Iterator[Tokenized]:
        """Yield the text under each tokenizer, with its first `most` pieces."""
        for source in wanted:
            if cancel.is_set():
                return
            made = tokenize(self.reader(source), source, text)
            yield replace(made, pieces=made.pieces[:most])

    def costs(self, wanted: Sequence[Source], *, cancel: threading.Event) -> Iterator[Cost]:
        """Yield what the parallel sentences cost under each tokenizer."""
        sentences = parallel()
        for source in wanted:
            if cancel.is_set():
                return
            reader = self.reader(source)
            counted = {code: sum(_count(reader, pair[code]) for pair in sentences) for code in ("es", "en")}
            yield Cost(source.name, counted)

    def reader(self, source: Source) -> Reader:
        """The tokenizer, read once. Raises `ModelBroken`."""
        if source.path not in self._read:
            self._read[source.path] = read(source.path)
        return self._read[source.path]


def parallel() -> list[dict[str, str]]:
    """The sentences that say the same in Spanish ("es") and English ("en")."""
    return list(tomllib.loads((resources() / "parallel.toml").read_text(encoding="utf-8"))["pair"])


def read(path: Path) -> Reader:
    """A tokenizer of any kind. Raises `ModelBroken`, or `DiskFull`: a GGUF file's vocabulary is copied for a moment."""
    try:
        if path.suffix == ".model":
            return _SentencePiece(path)
        if path.suffix == ".tiktoken":
            return _Fast(_of_tiktoken(path))
        if path.suffix.lower() == ".gguf":
            return _Gguf(path)
        from tokenizers import Tokenizer

        return _Fast(Tokenizer.from_file(str(path)))
    except ThauError:
        raise
    except Exception as problem:  # the libraries raise bare exceptions for broken files
        raise ModelBroken(
            _("The tokenizer {path} can't be read.").format(path=path),
            _("Download its model again."),
            details=str(problem),
        ) from problem


def tokenize(reader: Reader, source: Source, text: str) -> Tokenized:
    """The text under one tokenizer, with what would shorten it."""
    pieces = tuple(reader.pieces(text))
    count = sum(len(piece.ids) for piece in pieces)
    ways = tuple(hints(text, count, lambda other: _count(reader, other)))
    return Tokenized(source.name, reader.kind, reader.vocabulary, source.context, pieces, count, len(text), ways)


def hints(text: str, now: int, count: Callable[[str], int]) -> Iterator[Hint]:
    """Other ways to write the text that take fewer tokens than `now`, each tried with the tokenizer itself."""
    composed = unicodedata.normalize("NFC", text)
    ways = [
        (composed, _("Write each letter with its accent as one character (Unicode NFC).")),
        (_tight(text), _("Leave out blanks and empty lines that say nothing.")),
        (_compact(text), _("Write JSON without indentation.")),
        (_calm(text), _("Write in small letters: words in capitals fall into more tokens.")),
    ]
    for other, advice in ways:
        if other != text and (saved := now - count(other)) > 0:
            yield Hint(advice, saved)


def _tight(text: str) -> str:
    return _SPACES.sub(lambda found: "\n\n" if "\n" in found[0] else " ", text).strip()


def _compact(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return text


def _calm(text: str) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    loud = sum(map(str.isupper, letters)) > len(letters) / 2
    return text[:1] + text[1:].lower() if loud else text


def _count(reader: Reader, text: str) -> int:
    return sum(len(piece.ids) for piece in reader.pieces(text))


class _Fast:
    """A tokenizer of the library `tokenizers`."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.kind = type(tokenizer.model).__name__
        self.vocabulary = int(tokenizer.get_vocab_size())

    def pieces(self, text: str) -> list[Piece]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return _joined(text, encoded.ids, encoded.tokens, encoded.offsets)


class _SentencePiece:
    """A model of SentencePiece (Kudo and Richardson 2018)."""

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(path))
        self.kind = "SentencePiece"
        self.vocabulary = int(self._processor.vocab_size())

    def pieces(self, text: str) -> list[Piece]:
        found = self._processor.encode(text, return_type="offset_mapping")
        return _joined(text, found["ids"], found["pieces"], found["offsets"])


class _Gguf:
    """A GGUF file's own, by llama.cpp, which is given the vocabulary alone: the weights are not read."""

    def __init__(self, path: Path) -> None:
        from thau_desktop.inference import gguf_file, gguf_vocabulary
        from thau_desktop.inference.gguf_model import GgufModel

        with tempfile.TemporaryDirectory(prefix="thau-tokens-", ignore_cleanup_errors=True) as folder:
            small = Path(folder) / path.name
            try:
                gguf_vocabulary.write(path, small)
            except OSError as error:
                if no_room(error):
                    raise disk_full(Path(folder).parent / path.name, str(error)) from error
                raise
            self._model = GgufModel(small, name=path.stem, thread_count=1, device="cpu")
        values = gguf_file.values(path)
        kind = str(values.get("tokenizer.ggml.model", ""))
        self.kind = _GGUF_KINDS.get(kind, kind)
        self.vocabulary = len(values["tokenizer.ggml.tokens"])

    def pieces(self, text: str) -> list[Piece]:
        found = self._model.tokenizer.pieces(text) if text else []
        whole, said = text.encode("utf-8", "replace"), b"".join(part for _number, part in found)
        if said == b" " + whole:  # SentencePiece puts a blank before the first word
            found[0], said = (found[0][0], found[0][1][1:]), whole
        if said != whole:  # a tokenizer that writes words otherwise (small letters, without accents)
            return [Piece(word := part.decode("utf-8", "replace"), (number,), (word,)) for number, part in found]
        ends = list(accumulate(len(part) for _number, part in found))
        letters = [place for place, letter in enumerate(text) for _byte in letter.encode("utf-8", "replace")]
        offsets = [
            (letters[start], letters[end - 1] + 1) if end > start else (letters[start - 1] + 1,) * 2
            for start, end in pairwise([0, *ends])
        ]
        words = [part.decode("utf-8", "replace") for _number, part in found]
        return _joined(text, [number for number, _part in found], words, offsets)


def _joined(text: str, ids: Sequence[int], tokens: Sequence[str], offsets: Sequence[tuple[int, int]]) -> list[Piece]:
    """Pieces that lie side by side and hold the whole text: tokens that share a character become one piece, and what
    a tokenizer skips (WordPiece: blanks) belongs to the piece after it."""
    groups: list[tuple[int, list[int], list[str]]] = []
    end = 0
    for number, token, (start, stop) in zip(ids, tokens, offsets, strict=True):
        if groups and (start < end or stop <= end or end == groups[-1][0]):
            groups[-1][1].append(number)
            groups[-1][2].append(token)
        else:
            groups.append((end, [number], [token]))
        end = max(end, stop)
    ends = [*(start for start, _ids, _tokens in groups[1:]), len(text)][: len(groups)]  # without tokens, no pieces
    return [
        Piece(text[start:stop], tuple(own), tuple(words))
        for (start, own, words), stop in zip(groups, ends, strict=True)
    ]


def _of_tiktoken(path: Path) -> Any:
    """A file of tiktoken, a token in base 64 and its rank a line, as byte-level BPE."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    letters = _bytes_as_letters()
    ranks: dict[bytes, int] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)

    def word(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    joined = [_last_merge(ranks, token) for token in sorted(ranks, key=ranks.__getitem__) if len(token) > 1]
    merges = [(word(left), word(right)) for left, right in joined]
    made = Tokenizer(models.BPE({word(token): rank for token, rank in ranks.items()}, merges, ignore_merges=True))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return made


def _last_merge(ranks: dict[bytes, int], token: bytes) -> tuple[bytes, bytes]:
    """The two parts that become this token: what BPE makes of its bytes with the merges that came before it."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        joined = [ranks.get(left + right, len(ranks) + 1) for left, right in pairwise(parts)]
        place = joined.index(min(joined))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts[0], parts[1]


def _bytes_as_letters() -> list[str]:
    """GPT-2's letter for each byte: itself where it can be printed, else one of those after 255."""
    printed = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printed else next(others)) for byte in range(256)]
