"""A GGUF file's tokens without its weights: a model of a few numbers with the same vocabulary, loaded in no time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import gguf
import numpy

from thau_desktop.errors import ModelBroken
from thau_desktop.inference import gguf_file
from thau_desktop.translation import _

_PREFIX = "tokenizer.ggml."
_WIDTH = 32  # numbers of a token's embedding: as few as llama.cpp takes


def write(file: Path, target: Path) -> None:
    """Write a Llama that knows nothing but the tokens of `file`. Raises `ModelMissing`, `ModelBroken` or `OSError`."""
    values = {key: value for key, value in gguf_file.values(file).items() if key.startswith(_PREFIX)}
    tokens = values.get(f"{_PREFIX}tokens")
    if not tokens:
        raise ModelBroken(
            _("The model's file {path} holds no vocabulary.").format(path=file),
            _("Delete this file and download the model again."),
        )
    writer = gguf.GGUFWriter(target, "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH)
    writer.add_vocab_size(len(tokens))
    for key, value in values.items():
        _add(writer, key, value)
    writer.add_tensor("token_embd.weight", numpy.zeros((len(tokens), _WIDTH), numpy.float16))
    writer.add_tensor("output_norm.weight", numpy.ones(_WIDTH, numpy.float32))
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", numpy.ones(_WIDTH, numpy.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", numpy.zeros((_WIDTH, _WIDTH), numpy.float16))
    with closing(writer):
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _add(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    """A value of the vocabulary as llama.cpp expects its kind to be written."""
    if key == f"{_PREFIX}precompiled_charsmap":
        writer.add_array(key, bytes(each & 0xFF for each in value))
    elif isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    elif isinstance(value, list) and value:
        writer.add_array(key, value)
