"""Fewer bits: what becomes of the starter model's choices, and of the file's size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.export.judges import Questions, choices_of_llama_cpp, choices_of_transformers, llama_cpp, transformers
from tests.export.test_gguf import NANO, written
from thau_desktop.errors import ModelUnsupported, ThauError
from thau_desktop.export import validator
from thau_desktop.export.gguf import to_gguf
from thau_desktop.paths import data


def conversations() -> list[list[int]]:
    """Questions of the evaluation with the starter model's answers, as tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(NANO / "tokenizer.json"))
    prompts = []
    for suite in ("concepts", "tool_calling"):
        for line in (data() / "evaluation" / f"{suite}.jsonl").read_text(encoding="utf-8").splitlines()[:2]:
            asked = json.loads(line)
            prompts.append([1, 4, *tokenizer.encode(f" {asked.get('question') or asked['prompt']}").ids, 2, 5])
    answers = transformers(NANO, Questions(tuple(prompts)))
    return [prompt + answer for prompt, answer in zip(prompts, answers.tokens, strict=True)]


def test_eight_and_four_bits_choose_nearly_always_the_same(tmp_path: Path) -> None:
    rows = conversations()
    wanted = [choice for row in choices_of_transformers(NANO, rows) for choice in row]
    assert len(wanted) > 150

    for kind, least in (("q8_0", 0.95), ("q4_0", 0.85)):
        file = written(NANO, tmp_path / f"{kind}.gguf", kind)
        chosen = [choice for row in choices_of_llama_cpp(file, rows) for choice in row]
        same = sum(here == there for here, there in zip(chosen, wanted, strict=True)) / len(wanted)
        assert same >= least, f"{kind}: {same:.1%}"


@pytest.mark.parametrize(
    ("kind", "bits"), [("f32", 32), ("f16", 16), ("bf16", 16), ("q8_0", 8.5), ("q5_0", 5.5), ("q4_0", 4.5)]
)
def test_a_file_is_as_large_as_its_bits(kind: str, bits: float, tmp_path: Path) -> None:
    file = written(NANO, tmp_path / "nano.gguf", kind)

    found = validator.read(file)
    matrices = [entry for entry in found.tensors.values() if len(entry.shape) == 2]
    assert {entry.type.name for entry in matrices} == {kind.upper()}
    numbers = sum(entry.shape[0] * entry.shape[1] for entry in matrices)
    assert sum(entry.bytes for entry in matrices) == numbers * bits / 8
    vectors = sum(entry.bytes for entry in found.tensors.values() if len(entry.shape) == 1)
    head = min(entry.start for entry in found.tensors.values())
    assert 0 <= file.stat().st_size - head - vectors - numbers * bits / 8 < 32 * len(found.tensors)
    assert head < 600_000  # vocabulary and merges


def test_k_quants_are_mixed_as_llama_cpp_does_and_still_answer(tmp_path: Path) -> None:
    try:
        file = written(NANO, tmp_path / "nano.gguf", "q4_k_m")
    except ModelUnsupported as refused:
        assert "Ollama" in refused.advice
        pytest.skip(str(refused))

    types = {name: entry.type.name for name, entry in validator.read(file).tensors.items()}
    assert types["token_embd.weight"] == "Q6_K"  # it is the output, too
    assert types["blk.0.attn_q.weight"] == "Q4_K"
    assert types["blk.0.attn_v.weight"] == "Q6_K"
    assert types["blk.1.attn_v.weight"] == "Q4_K"
    assert types["blk.0.ffn_down.weight"] == "Q8_0"  # its rows are no whole number of blocks of 256
    questions = Questions(([1, 4, 2639, 227, 5],), steps=6)
    assert llama_cpp(file, questions).tokens == transformers(NANO, questions).tokens


def test_a_quantisation_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(ThauError, match="q9_9") as refused:
        list(to_gguf(NANO, tmp_path / "nano.gguf", "q9_9"))

    assert "q8_0" in refused.value.advice
    assert list(tmp_path.iterdir()) == []


def test_numbers_too_large_for_half_precision_are_refused_and_kept_by_bf16(tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import load_file, save_file

    from tests import tiny_model

    folder = tiny_model.build(tmp_path / "tiny")
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][3, 5] = 1e6
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    with pytest.raises(ThauError, match="too large for F16") as refused:
        list(to_gguf(folder, tmp_path / "tiny.gguf", "f16"))
    assert "bf16" in refused.value.advice
    file = written(folder, tmp_path / "tiny.gguf", "bf16")
    entry = validator.read(file).tensors["blk.0.ffn_up.weight"]
    bits = np.fromfile(file, "<u2", entry.bytes // 2, offset=entry.start).reshape(entry.shape)
    assert (bits.astype(np.uint32) << 16).view(np.float32)[3, 5] == pytest.approx(1e6, rel=2**-8)
