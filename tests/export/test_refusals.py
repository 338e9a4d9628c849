"""What llama.cpp would not do as transformers does is refused with a reason, before anything is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.export.test_gguf import NANO
from thau_desktop.errors import ModelBroken, ModelMissing, ModelUnsupported, ThauError
from thau_desktop.export import architecture
from thau_desktop.export.gguf import to_gguf
from thau_desktop.export.merge import to_safetensors

GEMMA = {
    "model_type": "gemma3_text",
    "vocab_size": 100,
    "max_position_embeddings": 512,
    "hidden_size": 64,
    "num_hidden_layers": 6,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "rms_norm_eps": 1e-6,
    "head_dim": 16,
    "query_pre_attn_scalar": 16,
    "sliding_window": 16,
    "layer_types": [*["sliding_attention"] * 5, "full_attention"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The starter model, to be changed."""
    return Path(shutil.copytree(NANO, tmp_path / "model"))


def changed(file: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        values = json.loads((folder / file).read_text())
        change(values)
        (folder / file).write_text(json.dumps(values))

    return apply


def quantised(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"].astype("int8")
    save_file(weights, folder / "model.safetensors")


def foreign(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.extra.weight"] = weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors")


def cut(folder: Path) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1_000_000)


@pytest.mark.parametrize(
    ("damage", "error", "what"),
    [
        (changed("config.json", lambda c: c.update(rope_parameters={"rope_type": "dynamic"})), ModelUnsupported, "dyn"),
        (changed("config.json", lambda c: c.pop("rms_norm_eps")), ModelBroken, "rms_norm_eps"),
        (changed("tokenizer.json", lambda t: t["model"].update(type="WordPiece")), ModelUnsupported, "WordPiece"),
        (
            changed("tokenizer.json", lambda t: t["pre_tokenizer"]["pretokenizers"][0]["pattern"].update(Regex=r"\w+")),
            ModelUnsupported,
            "splits words",
        ),
        (
            changed("tokenizer.json", lambda t: t["pre_tokenizer"]["pretokenizers"][1].update(add_prefix_space=True)),
            ModelUnsupported,
            "space before each text",
        ),
        (
            changed("tokenizer.json", lambda t: t["added_tokens"][3].update(rstrip=True)),
            ModelUnsupported,
            "swallow the spaces",
        ),
        (quantised, ModelUnsupported, "I8"),
        (foreign, ModelUnsupported, "has no place"),
        (cut, ModelBroken, "cut off"),
        (lambda folder: (folder / "config.json").unlink(), ModelMissing, "config.json"),
    ],
)
def test_a_model_that_can_not_be_exported_says_why(
    damage: Callable[[Path], None], error: type[ThauError], what: str, folder: Path, tmp_path: Path
) -> None:
    damage(folder)

    with pytest.raises(error, match=what) as refused:
        list(to_gguf(folder, tmp_path / "out.gguf"))

    assert refused.value.advice
    assert not list(tmp_path.glob("*out*"))


def test_a_model_of_another_kind_names_those_that_can_and_still_goes_out_as_a_folder(
    folder: Path, tmp_path: Path
) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"model_type": "mamba"}

    with pytest.raises(ModelUnsupported, match="mamba") as refused:
        architecture.of(config)
    assert "qwen2" in refused.value.advice
    (folder / "config.json").write_text(json.dumps(config))
    list(to_safetensors(folder, tmp_path / "out"))
    assert (tmp_path / "out" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    "change", [{"query_pre_attn_scalar": 77}, {"layer_types": ["full_attention"] * 6}], ids=["scale", "layers"]
)
def test_a_gemma_that_llama_cpp_would_run_otherwise_is_refused(change: dict[str, Any]) -> None:
    assert architecture.of(GEMMA).name == "gemma3"

    with pytest.raises(ModelUnsupported, match="another way"):
        architecture.of(GEMMA | change)


def test_what_sees_in_a_model_is_left_out_and_a_tied_output_is_not_written_twice() -> None:
    model = architecture.of(GEMMA | {"tie_word_embeddings": True})

    assert model.place("vision_tower.encoder.weight") is None
    assert model.place("model.multi_modal_projector.weight") is None
    assert model.place("lm_head.weight") is None
    assert model.place("model.embed_tokens.weight") == "token_embd.weight"


def test_a_model_looks_back_no_further_than_its_window() -> None:
    mistral = GEMMA | {"model_type": "mistral", "sliding_window": 128}

    assert architecture.of(mistral).keys["context_length"] == 128
    assert architecture.of(mistral | {"sliding_window": None}).keys["context_length"] == 512
