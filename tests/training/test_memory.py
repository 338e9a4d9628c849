"""What a training takes in memory is told beforehand, and the fastest way that fits is chosen."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from thau_desktop.errors import OutOfMemory
from thau_desktop.inference.precision import weights_of
from thau_desktop.training.memory import Plan, adapter_bytes, plan
from thau_desktop.training.recipe import Recipe

GB = 10**9
RECIPE = Recipe(batch_size=2, lora_r=32)
WIDE, INNER, LAYERS, WORDS = 4096, 11008, 32, 32000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a Llama of 6.7 billion weights, with all its names and shapes and no numbers: a sparse file."""
    tensors = {"model.embed_tokens.weight": [WORDS, WIDE], "lm_head.weight": [WORDS, WIDE]}
    for layer in range(LAYERS):
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            tensors[f"model.layers.{layer}.self_attn.{name}.weight"] = [WIDE, WIDE]
        for name, shape in (("gate", [INNER, WIDE]), ("up", [INNER, WIDE]), ("down", [WIDE, INNER])):
            tensors[f"model.layers.{layer}.mlp.{name}_proj.weight"] = shape
        tensors[f"model.layers.{layer}.input_layernorm.weight"] = [WIDE]
    header, place = {}, 0
    for name, shape in tensors.items():
        end = place + 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + place)
    config = {"num_hidden_layers": LAYERS, "hidden_size": WIDE, "intermediate_size": INNER, "vocab_size": WORDS}
    (tmp_path / "config.json").write_text(json.dumps(config))
    return tmp_path


def test_weights_are_counted_from_the_headers(folder: Path) -> None:
    weights = weights_of(folder)
    assert 6.7e9 < weights.total < 6.8e9 and 6.4e9 < weights.linear < 6.5e9
    assert weights.bytes("full", 2) == 2 * weights.total
    assert 3.9 * GB < weights.bytes("nf4", 2) < 4.3 * GB < weights.bytes("int8", 2) < 7.2 * GB
    assert 1.2 * GB < adapter_bytes(weights, 32) < 1.4 * GB  # 80 million weights that learn


@pytest.mark.parametrize(
    ("gigabytes", "precision", "checkpointing"), [(80, "full", False), (24, "full", True), (12, "nf4", True)]
)
def test_the_fastest_way_that_fits_is_chosen(folder: Path, gigabytes: int, precision: str, checkpointing: bool) -> None:
    chosen = plan(folder, RECIPE, "auto", 2048, 200, 2, gigabytes * GB)
    assert (chosen.precision, chosen.checkpointing) == (precision, checkpointing)
    assert chosen.bytes <= gigabytes * GB


def test_what_was_asked_for_is_kept_and_what_does_not_fit_is_said(folder: Path) -> None:
    assert plan(folder, RECIPE, "nf4", 64, 20, 2, 80 * GB) == Plan(
        "nf4", False, plan(folder, RECIPE, "nf4", 64, 20, 2, 0).bytes
    )
    with pytest.raises(OutOfMemory, match=r"takes .* GB of memory, and 4\.0 GB are free"):
        plan(folder, RECIPE, "auto", 2048, 200, 2, 4 * GB)
