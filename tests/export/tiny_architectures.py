"""A tiny random model of every architecture that is exported, each with a real tokenizer of its family."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.export.strings import five_hundred
from tests.tiny_model import CORPUS, TEMPLATE

SPLITS = {
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",  # noqa: E501
    "llama3": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",  # noqa: E501
    "tekken": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",  # noqa: E501
}
MARKS = ("<|im_start|>", "<|im_end|>")
TOOL_MARKS = ("<TOOL:generate_image>", "</TOOL>")  # added, but not special: they are words of an answer


@dataclass(frozen=True, slots=True)
class Tiny:
    """Attributes: `kind` as `model_type` has it; `tokenizer` makes one; `config` is what differs from the others."""

    kind: str
    tokenizer: Callable[[], Any]
    config: dict[str, Any]
    tied: bool = False


def byte_level(split: str, *, bos: bool = False) -> Any:
    """Byte-level BPE that splits words as that family does; "gpt2" and "smollm" have no pattern of their own."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    steps: dict[str, list[Any]] = {
        "gpt2": [pre_tokenizers.ByteLevel(add_prefix_space=False)],
        "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
    }
    raw = Tokenizer(models.BPE(ignore_merges=split == "llama3"))
    if split in steps:
        found = steps[split]
    else:
        found = [
            pre_tokenizers.Split(Regex(SPLITS[split]), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    raw.pre_tokenizer = found[0] if len(found) == 1 else pre_tokenizers.Sequence(found)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|begin|>", *MARKS, "<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([*CORPUS, *five_hundred(())], trainer)
    raw.add_tokens([AddedToken(mark, normalized=False, special=False) for mark in TOOL_MARKS])
    if bos:
        raw.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", raw.token_to_id("<|begin|>"))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token="<|begin|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=TEMPLATE,
    )


def pieces(family: str) -> Any:
    """SentencePiece's BPE with byte fallback, trained here and turned into the tokenizer that transformers uses."""
    import sentencepiece
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
    from transformers import GemmaTokenizer, LlamaTokenizer, PreTrainedTokenizerFast
    from transformers.convert_slow_tokenizer import generate_merges

    trained = io.BytesIO()
    names = ("<bos>", "<eos>") if family == "gemma" else ("<s>", "</s>")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*CORPUS, *(text for text in five_hundred(()) if "\x00" not in text)]),
        model_writer=trained,
        model_type="bpe",
        vocab_size=900,
        byte_fallback=True,
        bos_piece=names[0],
        eos_piece=names[1],
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        add_dummy_prefix=family != "gemma",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    model = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    scores = [(model.id_to_piece(number), model.get_score(number)) for number in range(model.vocab_size())]
    vocabulary = {piece: number for number, (piece, _score) in enumerate(scores)}
    merges = generate_merges(vocabulary, [one for one in scores if one[1] < 0 or one[0].startswith("▁")])
    made: Any
    if family == "gemma":
        made = GemmaTokenizer(vocab=vocabulary, merges=merges, pad_token="<pad>", mask_token="<mask>")
    elif family == "llama":
        made = LlamaTokenizer(vocab=vocabulary, merges=merges)
    else:  # as the files of Mistral and Phi-3 have it
        raw = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, fuse_unk=True, byte_fallback=True))
        raw.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        raw.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
        made = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", unk_token="<unk>")
    strips = family == "phi"
    if strips:
        made.add_tokens([AddedToken("<|endoftext|>", normalized=False, special=True)])
        made.add_tokens([AddedToken("</s>", normalized=False, special=True, rstrip=True)])
        made.pad_token = "<|endoftext|>"
    made.add_tokens([AddedToken(mark, normalized=False, special=True, rstrip=strips) for mark in MARKS])
    made.add_tokens([AddedToken(mark, normalized=False, special=False, rstrip=strips) for mark in TOOL_MARKS])
    made.chat_template = "{{ bos_token }}" + TEMPLATE
    return made


def build(tiny: Tiny, folder: Path) -> Path:
    """Write it: random weights that float16 holds exactly, always the same."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # its monitor is a thread that stays
    torch.manual_seed(7)
    tokenizer = tiny.tokenizer()
    tokenizer.save_pretrained(folder)
    stops = [token for token in (MARKS[1], "<|endoftext|>", "<eos>", "</s>") if token in tokenizer.get_vocab()]
    shape = {
        "vocab_size": len(tokenizer) + 7,  # embeddings are often longer than the vocabulary
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": [tokenizer.convert_tokens_to_ids(token) for token in stops],
        "pad_token_id": tokenizer.pad_token_id,
        "initializer_range": 0.1,
        "tie_word_embeddings": tiny.tied,
    }
    config = CONFIG_MAPPING[tiny.kind](**(shape | tiny.config))
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:  # norms and biases begin at one or zero, where a mistake would not be seen
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.half().save_pretrained(folder)
    return folder


LONG = {
    "rope_type": "longrope",
    "rope_theta": 10_000.0,
    "original_max_position_embeddings": 512,
    "short_factor": [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7],
    "long_factor": [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
GEMMA = {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 16, "initializer_range": 0.1}
GEMMA3_ROPE = {
    "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1_000_000.0},
    "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
}

TINIES = {
    "llama": Tiny("llama", lambda: byte_level("llama3", bos=True), {"rope_parameters": LLAMA3}),
    "llama-pieces": Tiny("llama", lambda: pieces("llama"), {"head_dim": 32}, tied=True),
    "llama-gpt2": Tiny("llama", lambda: byte_level("gpt2"), {"attention_bias": True}),
    "llama-smollm": Tiny("llama", lambda: byte_level("smollm"), {"num_key_value_heads": 4}),
    "mistral": Tiny("mistral", lambda: pieces("mistral"), {"sliding_window": None}),
    "mistral-tekken": Tiny("mistral", lambda: byte_level("tekken", bos=True), {"head_dim": 32, "sliding_window": 256}),
    "qwen2": Tiny("qwen2", lambda: byte_level("qwen2"), {}, tied=True),
    "qwen2-yarn": Tiny(
        "qwen2",
        lambda: byte_level("qwen2"),
        {
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 1e6,
                "factor": 4.0,
                "original_max_position_embeddings": 128,
            }
        },
    ),
    "qwen3": Tiny("qwen3", lambda: byte_level("qwen2"), {"head_dim": 32}, tied=True),
    "phi3": Tiny("phi3", lambda: pieces("phi"), {"sliding_window": 256}),
    "phi3-long": Tiny("phi3", lambda: pieces("phi"), {"rope_parameters": LONG, "max_position_embeddings": 4096}),
    "gemma2": Tiny("gemma2", lambda: pieces("gemma"), GEMMA, tied=True),
    "gemma3": Tiny(
        "gemma3_text",
        lambda: pieces("gemma"),
        GEMMA | {"num_hidden_layers": 7, "rope_parameters": GEMMA3_ROPE},
        tied=True,
    ),
}
