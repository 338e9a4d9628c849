"""A tokenizer as GGUF has it: tokens, kinds, merges or scores, and what is put before and after a text.

Two families: byte-level BPE, whose way of splitting words llama.cpp must know by name, and SentencePiece. What can not
be done there as transformers does it, is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gguf import TokenType

from thau_desktop.errors import ModelUnsupported
from thau_desktop.export.tokenizer import Tokenizer
from thau_desktop.translation import _

_APOSTROPHES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
_SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_LARGE, _SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE = r"[^\r\n\p{L}\p{N}]?"
_SPLITS = {  # by how words are split, llama.cpp's name of it
    rf"{_APOSTROPHES}{_BEFORE}\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_SPACES}": "qwen2",
    rf"{_APOSTROPHES}{_BEFORE}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_SPACES}": "llama-bpe",
    rf"{_BEFORE}{_LARGE}*{_SMALL}+|{_BEFORE}{_LARGE}+{_SMALL}*|"
    rf"\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_SPACES}": "tekken",
}
_NOT_STRIPPED = {"<unk>", "<s>", "<|endoftext|>"}  # the other added tokens of Phi-3 swallow the space after them
_UNUSED_SCORE = -10_000.0
_ADDED_SCORE = -1_000.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Attributes: `family` is GGUF's `tokenizer.ggml.model`, "gpt2" or "llama", `split` its `tokenizer.ggml.pre`;
    `tokens`, `kinds` and `scores` by id; `merges` for "gpt2" only; `special` ids by their role; `adds_bos`, `adds_eos`
    and `space_prefix` say what becomes of a text; `right_stripped`: added tokens swallow the space after them."""

    family: str
    split: str
    tokens: list[str]
    kinds: list[int]
    scores: list[float]
    merges: list[str]
    special: dict[str, int]
    adds_bos: bool
    adds_eos: bool
    space_prefix: bool
    right_stripped: bool = False
    template: str = ""
    stops: tuple[int, ...] = field(default=())


def made(tokenizer: Tokenizer, folder: Path, size: int) -> Vocabulary:
    """The tokenizer of a model folder, filled with unused tokens up to `size`, the rows of the embedding.

    Raises `ModelBroken` or `ModelUnsupported`.
    """
    file, model = tokenizer.file, tokenizer.file["model"]
    if model.get("type") != "BPE":
        raise _unsupported(folder, _("it is of the kind {kind}").format(kind=model.get("type")))
    pieces = bool(model.get("byte_fallback"))
    tokens: list[str] = [f"[PAD{number}]" for number in range(max(size, _highest(file) + 1))]
    kinds: list[int] = [TokenType.UNUSED] * len(tokens)
    for token, number in model["vocab"].items():
        tokens[number], kinds[number] = token, _kind(token, pieces, model)
    added = {one["content"]: one for one in file.get("added_tokens", ())}
    for token, one in added.items():
        tokens[one["id"]] = token
        kinds[one["id"]] = TokenType.CONTROL if one["special"] else TokenType.USER_DEFINED
    ids = model["vocab"] | {token: one["id"] for token, one in added.items()}
    special = {role: int(ids[token]) for role, token in tokenizer.special.items() if token in ids}
    merges = [_merge(pair) for pair in model.get("merges", ())]
    before, after = _around(file)
    control = [token for token, one in added.items() if one["special"]]
    return Vocabulary(
        family="llama" if pieces else "gpt2",
        split="default" if pieces else _split(folder, file),
        tokens=tokens,
        kinds=kinds,
        scores=_scores(tokens, kinds, merges) if pieces else [],
        merges=[] if pieces else merges,
        special=special,
        adds_bos=special.get("bos") in before,
        adds_eos=special.get("eos") in after,
        space_prefix=pieces and _prefixes_a_space(file, _begins_special(tokenizer.template, control)),
        right_stripped=_strips(folder, added),
        template=tokenizer.template,
        stops=_stops(folder),
    )


def _strips(folder: Path, added: dict[str, dict[str, Any]]) -> bool:
    """Whether added tokens swallow the space after them, which llama.cpp does for Phi-3 alone and all but three."""
    stripping = {token for token, one in added.items() if one["rstrip"]}
    if not stripping:
        return False
    if stripping != added.keys() - _NOT_STRIPPED or not {*_NOT_STRIPPED, "</s>"} <= added.keys():
        raise _unsupported(folder, _("its added tokens swallow the spaces beside them"))
    return True


def _kind(token: str, pieces: bool, model: dict[str, Any]) -> TokenType:
    if pieces and len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return TokenType.BYTE
    if pieces and token == model.get("unk_token"):
        return TokenType.UNKNOWN
    return TokenType.NORMAL


def _highest(file: dict[str, Any]) -> int:
    added = [int(one["id"]) for one in file.get("added_tokens", ())]
    return max([*map(int, file["model"]["vocab"].values()), *added])


def _merge(pair: str | list[str]) -> str:
    """Two parts with a space between; a space inside of one is written as byte-level BPE writes it."""
    return pair if isinstance(pair, str) else " ".join(part.replace(" ", "Ġ") for part in pair)


def _scores(tokens: list[str], kinds: list[int], merges: list[str]) -> list[float]:
    """SentencePiece merges what has the highest score: the merge that comes first in the file makes it.

    The file of transformers keeps merges in the order of the scores, not the scores themselves.
    """
    first: dict[str, int] = {}
    for rank, pair in enumerate(merges):
        first.setdefault(pair.replace(" ", "", 1), rank)
    scores = []
    for token, kind in zip(tokens, kinds, strict=True):
        if kind == TokenType.UNUSED:
            scores.append(_UNUSED_SCORE)
        elif kind in (TokenType.CONTROL, TokenType.USER_DEFINED):
            scores.append(_ADDED_SCORE)
        elif kind in (TokenType.BYTE, TokenType.UNKNOWN):
            scores.append(0.0)
        else:
            scores.append(-float(first[token]) if token in first else -float(len(merges)))
    return scores


def _split(folder: Path, file: dict[str, Any]) -> str:
    """llama.cpp's name for the way in which words are split before BPE."""
    steps = _flat(file.get("pre_tokenizer"), "pretokenizers")
    if any(step["type"] == "ByteLevel" and step.get("add_prefix_space") for step in steps):
        raise _unsupported(folder, _("it puts a space before each text"))
    kinds = [step["type"] for step in steps]
    if kinds == ["Split", "ByteLevel"]:
        pattern = steps[0]["pattern"].get("Regex")
        if pattern in _SPLITS and not steps[1].get("use_regex"):
            return _SPLITS[pattern]
    if kinds == ["ByteLevel"] and steps[0].get("use_regex"):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits") and steps[1].get("use_regex"):
        return "smollm"
    raise _unsupported(folder, _("llama.cpp does not know how it splits words"))


def _prefixes_a_space(file: dict[str, Any], begins_special: bool) -> bool:
    """Whether a text gets a space before its first word.

    llama.cpp then puts one after every special token, too. Where transformers puts it only before a text that begins
    with a word, none at all is right for chats that begin with a special token.
    """
    if any(step["type"] == "Prepend" for step in _flat(file.get("normalizer"), "normalizers")):
        return True
    for step in _flat(file.get("pre_tokenizer"), "pretokenizers"):
        if step["type"] == "Metaspace":
            scheme = step.get("prepend_scheme", "always")
            return bool(scheme == "always" or (scheme == "first" and not begins_special))
    return False


def _begins_special(template: str, special: list[str]) -> bool:
    return "bos_token" in template or any(token in template for token in special)


def _around(file: dict[str, Any]) -> tuple[set[int], set[int]]:
    """The ids that are put before and after each text."""
    before: set[int] = set()
    after: set[int] = set()
    for step in _flat(file.get("post_processor"), "processors"):
        if step["type"] == "TemplateProcessing":
            side = before
            for part in step["single"]:
                if "Sequence" in part:
                    side = after
                else:
                    side.update(step["special_tokens"][part["SpecialToken"]["id"]]["ids"])
    return before, after


def _flat(step: dict[str, Any] | None, parts: str) -> list[dict[str, Any]]:
    """The steps of a sequence, or the one that there is."""
    if step is None:
        return []
    return list(step[parts]) if step["type"] == "Sequence" else [step]


def _stops(folder: Path) -> tuple[int, ...]:
    """The tokens that end an answer."""
    for name in ("generation_config.json", "config.json"):
        if (folder / name).is_file():
            found = json.loads((folder / name).read_text(encoding="utf-8")).get("eos_token_id")
            if found is not None:
                return tuple(found) if isinstance(found, list) else (int(found),)
    return ()


def _unsupported(folder: Path, why: str) -> ModelUnsupported:
    return ModelUnsupported(
        _("The tokenizer of {folder} can't be exported: {why}.").format(folder=folder, why=why),
        _("Export as safetensors, which keeps it as it is."),
    )
