"""The tokenizer of thau-image-v1: CLIP's kind, with a vocabulary of its own made from the prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from networks import PROMPT
from tokenizers import Tokenizer, pre_tokenizers, trainers
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"


def train_tokenizer(texts: Iterable[str], size: int = 6144) -> CLIPTokenizer:
    """A tokenizer of at most `size` tokens for prompts like `texts`; byte-level, so that it can spell any word."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer.from_str(CLIPTokenizer().backend_tokenizer.to_str())
    made.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size - len(alphabet), special_tokens=[START, END], initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False))
    model = json.loads(made.to_str())["model"]
    vocabulary: dict[str, int] = model["vocab"]
    for letter in [*alphabet, *(f"{letter}</w>" for letter in alphabet)]:
        vocabulary.setdefault(letter, len(vocabulary))
    merges = [tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=vocabulary, merges=merges, unk_token=END, bos_token=START, eos_token=END, pad_token=END, model_max_length=PROMPT)


def encode(tokenizer: CLIPTokenizer, texts: list[str]) -> list[list[int]]:
    """Token ids as the pipeline makes them: cut to, or filled up to, `PROMPT` tokens."""
    return tokenizer(texts, padding="max_length", max_length=PROMPT, truncation=True).input_ids
