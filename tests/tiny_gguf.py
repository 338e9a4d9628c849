"""Tiny GGUF files: real ones, written by llama.cpp's own library, with a vocabulary of bytes and random weights."""

from __future__ import annotations

from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType
from gguf.vocab import bytes_to_unicode

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTEXT, HEADS = 256, 4


def write(
    path: Path,
    *,
    adapter: bool = False,
    context: int = CONTEXT,
    size: int = 64,
    layers: int = 2,
    template: str = TEMPLATE,
    manifest: str = "",
    seed: int = 7,
) -> Path:
    """Write a Llama of that hidden size and so many layers, or a LoRA adapter for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    writer.add_type("adapter" if adapter else "model")
    if manifest:
        writer.add_string("thau.manifest", manifest)
    if adapter:
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 8.0)
        for layer in range(layers):
            name = f"blk.{layer}.attn_q.weight"
            writer.add_tensor(f"{name}.lora_a", _random(random, 4, size))
            writer.add_tensor(f"{name}.lora_b", _random(random, size, 4))
    else:
        _describe(writer, context, size, layers)
        writer.add_chat_template(template)
        _weigh(writer, random, size, layers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: GGUFWriter, context: int, size: int, layers: int) -> None:
    writer.add_name("Tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(size)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS // 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(size // HEADS)
    writer.add_file_type(LlamaFileType.ALL_F32)
    words, merges = _vocabulary()
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    special = ("<|im_start|>", "<|im_end|>")
    writer.add_token_types([TokenType.CONTROL if word in special else TokenType.NORMAL for word in words])
    writer.add_token_merges(merges)
    writer.add_eos_token_id(words.index("<|im_end|>"))
    writer.add_add_bos_token(False)


def _weigh(writer: GGUFWriter, random: numpy.random.Generator, size: int, layers: int) -> None:
    held = size // HEADS * (HEADS // 2)
    words = len(_vocabulary()[0])
    writer.add_tensor("token_embd.weight", _random(random, words, size), raw_dtype=GGMLQuantizationType.F32)
    writer.add_tensor("output.weight", _random(random, words, size))
    writer.add_tensor("output_norm.weight", numpy.ones(size, numpy.float32))
    for layer in range(layers):
        for name, rows, columns in (
            ("attn_q", size, size),
            ("attn_k", held, size),
            ("attn_v", held, size),
            ("attn_output", size, size),
            ("ffn_gate", 2 * size, size),
            ("ffn_up", 2 * size, size),
            ("ffn_down", size, 2 * size),
        ):
            writer.add_tensor(f"blk.{layer}.{name}.weight", _random(random, rows, columns))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", numpy.ones(size, numpy.float32))


def _random(random: numpy.random.Generator, rows: int, columns: int) -> numpy.ndarray:
    return (random.standard_normal((rows, columns)) * 0.3).astype(numpy.float32)


def _vocabulary() -> tuple[list[str], list[str]]:
    """One token for each byte in GPT-2's alphabet, a merge (there must be one), and the marks of messages."""
    letters = list(bytes_to_unicode().values())
    return [*letters, "Ġa", "<|im_start|>", "<|im_end|>"], ["Ġ a"]
