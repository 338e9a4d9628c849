"""What a training added leaves the house: merged into the base, or as a file of its own beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import tiny_model
from tests.export.judges import Answers, Questions, llama_cpp, transformers
from tests.export.test_gguf import NANO, assert_alike, written
from thau_desktop.errors import ModelBroken
from thau_desktop.export.gguf import to_gguf
from thau_desktop.export.gguf_adapter import to_gguf_adapter
from thau_desktop.export.merge import to_safetensors
from thau_desktop.messages import Exported

QUESTIONS = Questions(([1, 4, 2639, 227, 5], [1, 4, *range(300, 340), 2, 5], [1, 3, 700, 701, 2, 4, 900, 5]))
LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def trained(folder: Path, target: Path, steps: int = 3, **options: Any) -> Path:
    """An adapter of every linear layer, really trained for a few steps on one row."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # its monitor is a thread that stays
    torch.set_num_threads(1)
    torch.manual_seed(11)
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(r=8, lora_alpha=32, target_modules=LAYERS, **options))
    row = torch.tensor([[1, 4, *range(120, 170), 2]])
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    for _step in range(steps):
        model(row, labels=row).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(str(target))
    return target


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter of the starter model."""
    return trained(NANO, tmp_path_factory.mktemp("adapter") / "v2")


@pytest.fixture(scope="module")
def expected(adapter: Path) -> Answers:
    """What transformers and peft say of the starter model with the adapter."""
    return transformers(NANO, QUESTIONS, adapter)


def test_the_adapter_changes_what_is_said(expected: Answers) -> None:
    assert expected.tokens != transformers(NANO, QUESTIONS).tokens


@pytest.mark.parametrize("kind", ["f32", "f16"])
def test_a_version_says_in_llama_cpp_what_it_says_here(
    kind: str, adapter: Path, expected: Answers, tmp_path: Path
) -> None:
    file = written(NANO, tmp_path / "v2.gguf", kind, adapter=adapter, name="thau-nano-v2")

    assert_alike(llama_cpp(file, QUESTIONS), expected)


def test_an_adapter_as_a_file_of_its_own_says_the_same_on_the_base(
    adapter: Path, expected: Answers, tmp_path: Path
) -> None:
    *_progress, done = to_gguf_adapter(NANO, adapter, tmp_path / "v2-adapter.gguf")
    base = written(NANO, tmp_path / "base.gguf", "f32")

    assert isinstance(done, Exported)
    assert_alike(llama_cpp(base, QUESTIONS, tmp_path / "v2-adapter.gguf"), expected)


def test_a_rank_stabilised_adapter_is_scaled_as_peft_does(tmp_path: Path) -> None:
    adapter = trained(NANO, tmp_path / "rs", use_rslora=True)
    list(to_gguf_adapter(NANO, adapter, tmp_path / "rs.gguf"))
    base = written(NANO, tmp_path / "base.gguf", "f32")
    questions = Questions(QUESTIONS.prompts[:2], steps=8)

    assert_alike(llama_cpp(base, questions, tmp_path / "rs.gguf"), transformers(NANO, questions, adapter))


def test_a_merged_folder_is_what_peft_merges_rounded_once(adapter: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file
    from tqdm import tqdm
    from transformers import AutoModelForCausalLM

    tqdm.monitor_interval = 0  # it is a thread that stays
    *_progress, done = to_safetensors(NANO, tmp_path / "v2", adapter=adapter, name="thau-nano-v2")

    assert isinstance(done, Exported)
    ours = load_file(tmp_path / "v2" / "model.safetensors")
    base = AutoModelForCausalLM.from_pretrained(NANO, dtype=torch.float32)
    theirs = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload().state_dict()
    for name, weight in ours.items():
        assert weight.dtype == torch.float16  # as the base
        assert (weight.float() - theirs[name]).abs().max() <= (theirs[name].abs() * 2**-11 + 2**-24).max()
    manifest = json.loads((tmp_path / "v2" / "thau.json").read_text())
    assert manifest["name"] == "thau-nano-v2"
    assert "sha256" not in manifest


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_merge_is_exact_in_the_bases_own_numbers(dtype: str, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    folder = tiny_model.build(tmp_path / "tiny")
    AutoModelForCausalLM.from_pretrained(folder).to(getattr(torch, dtype)).save_pretrained(folder)
    adapter = trained(folder, tmp_path / "adapter")
    before, change = load_file(folder / "model.safetensors"), load_file(adapter / "adapter_model.safetensors")

    list(to_safetensors(folder, tmp_path / "merged", adapter=adapter))

    after = load_file(tmp_path / "merged" / "model.safetensors")
    assert after.keys() == before.keys()
    for name, weight in before.items():
        down = change.get(f"base_model.model.{name.removesuffix('.weight')}.lora_A.weight")
        if down is None:
            assert torch.equal(after[name], weight)
            continue
        up = change[f"base_model.model.{name.removesuffix('.weight')}.lora_B.weight"]
        exact = weight.double() + 4.0 * (up.double() @ down.double())
        bits = 24 if dtype == "float32" else 8
        assert ((after[name].double() - exact).abs() <= exact.abs() * 2.0**-bits + 2e-6).all()
        assert not torch.equal(after[name], weight)


def test_a_large_model_becomes_several_files_that_transformers_reads(adapter: Path, tmp_path: Path) -> None:
    list(to_safetensors(NANO, tmp_path / "whole", adapter=adapter))
    list(to_safetensors(NANO, tmp_path / "parts", adapter=adapter, shard_bytes=5_000_000))
    questions = Questions(QUESTIONS.prompts[:1], steps=4)

    assert len(list((tmp_path / "parts").glob("model-*-of-*.safetensors"))) >= 4
    assert transformers(tmp_path / "parts", questions) == transformers(tmp_path / "whole", questions)


def test_an_adapter_of_another_model_is_refused(adapter: Path, tmp_path: Path) -> None:
    folder = tiny_model.build(tmp_path / "tiny")

    with pytest.raises(ModelBroken, match="does not fit"):
        list(to_gguf(folder, tmp_path / "wrong.gguf", "f16", adapter=adapter))
    with pytest.raises(ModelBroken, match="does not fit"):
        list(to_safetensors(folder, tmp_path / "wrong", adapter=adapter))
    assert not list(tmp_path.glob("*wrong*"))
