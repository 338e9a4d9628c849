"""A model in 8 and in 4 bits answers, and learns what its version has learned."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from thau_desktop.errors import OutOfMemory
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.precision import Placement, Weights, cache_bytes, needs, place, weights_of
from thau_desktop.messages import Message, Sampling, Text, TextDelta
from thau_desktop.models.catalog import DEFAULT_MODEL
from thau_desktop.paths import resources

REQUEST = GenerationRequest((Message("user", (Text("Hola"),)),), Sampling(temperature=0.0, max_new_tokens=12))


@pytest.fixture
def adapter(tiny_folder: Path, tmp_path: Path) -> Path:
    """An adapter that changes every linear layer."""
    import torch
    from peft import LoraConfig, get_peft_model

    from thau_desktop.inference.language import read_weights

    torch.manual_seed(3)
    base = read_weights(tiny_folder, torch.float32, torch.device("cpu"))
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
    get_peft_model(base, config).save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


@pytest.mark.parametrize("precision", ["full", "int8", "nf4"])
def test_fewer_bits_take_less_memory_and_an_adapter_counts_the_same(
    tiny_folder: Path, adapter: Path, precision: Any
) -> None:
    import torch
    from peft import PeftModel

    from thau_desktop.inference.language import LanguageModel, Vocabulary, read_weights

    model = LanguageModel(tiny_folder, Vocabulary(tiny_folder, 512), thread_count=1, device="cpu", wish=precision)
    weights = weights_of(tiny_folder)
    assert model.ready.parameters == weights.total
    assert model.ready.dtype == ("float32" if precision == "full" else precision)
    assert model.ready.memory <= weights.bytes(precision, 4) * 1.02

    def logits(of: Any) -> Any:
        with torch.inference_mode():
            return of(input_ids=torch.tensor([[5, 9, 40, 7]])).logits

    before = logits(model._model)
    model.use(adapter, "other")
    after = logits(model._model)
    asked = PeftModel.from_pretrained(read_weights(tiny_folder, torch.float32, torch.device("cpu"), precision), adapter)
    expected = logits(asked.eval())
    assert float((expected - before).abs().max()) > 0.5
    assert float((expected - after).abs().max()) < 0.02 * float(expected.abs().max())
    assert [event for event in model.stream(REQUEST, threading.Event()) if isinstance(event, TextDelta)]
    model.use(None, "tiny")
    assert torch.equal(logits(model._model), before)


def test_rows_that_are_no_whole_blocks_stay_as_they_are_in_4_bits() -> None:
    import torch

    from thau_desktop.inference.language import read_weights

    folder = resources() / "starter" / DEFAULT_MODEL
    weights = weights_of(folder)
    assert weights.odd_layers and all("down_proj" in name for name in weights.odd_layers)  # 1,056 inputs
    assert weights.bytes("nf4", 4) > Weights(weights.total, weights.linear, weights.edges).bytes("nf4", 4)
    ids = torch.arange(5, 40)[None]
    with torch.inference_mode():
        whole, small = (
            read_weights(folder, torch.float32, torch.device("cpu"), bits)(input_ids=ids).logits.argmax(-1)
            for bits in ("full", "nf4")
        )
    assert (whole == small).float().mean() > 0.6  # a model so small loses much


def test_the_best_that_fits_is_chosen_and_a_wish_is_granted(tiny_folder: Path) -> None:
    weights = weights_of(tiny_folder)
    full, eight, small = (needs(weights, each, 4) for each in ("full", "int8", "nf4"))

    def placed(wish: Any, free: int, **more: int) -> Placement:
        return place(weights, wish, 4, free, "tiny", **more)

    assert placed("auto", full) == placed("auto", 0) == Placement("full", full)
    assert placed("auto", full, cache=1) == Placement("int8", eight + 1)
    assert placed("auto", small) == Placement("nf4", small)
    assert placed("int8", 1) == Placement("int8", eight)
    assert placed("auto", 1, beside=full) == Placement("full", full, spread=True)
    assert placed("spread", full) == Placement("full", full, spread=True)
    with pytest.raises(OutOfMemory, match=r"tiny takes 0\.3 GB of memory even in 4 bits") as caught:
        placed("auto", 1)
    assert "up to 0.0 billion parameters" in caught.value.advice
    with pytest.raises(OutOfMemory) as caught:
        place(Weights(10**11, 9 * 10**10, 1), "auto", 2, 8_000_000_000, "huge")
    assert "up to 9.4 billion parameters" in caught.value.advice


def test_memory_that_runs_out_while_reading_says_what_would_fit(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thau_desktop.inference import language

    def full(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(language, "read_weights", full)
    vocabulary = language.Vocabulary(tiny_folder, 512)
    for free, words in ((10**10, r"as it fits.*full takes 0\.3 GB"), (1, "even in 4 bits")):
        monkeypatch.setattr(language, "free_memory", lambda _device, free=free: free)
        with pytest.raises(OutOfMemory, match=words):
            language.LanguageModel(tiny_folder, vocabulary, thread_count=1, device="cpu", wish="full")


def test_the_cache_of_a_conversation_follows_from_the_config(tiny_folder: Path) -> None:
    # Keys and values, 2 layers, 2 heads of 16 numbers of 4 bytes, for 512 tokens.
    assert cache_bytes(tiny_folder, 512, 4) == 2 * 2 * 2 * 16 * 4 * 512


def test_a_model_larger_than_memory_answers_from_the_disk_with_its_adapter(tiny_folder: Path, adapter: Path) -> None:
    import torch

    from thau_desktop.inference.adapter import Adapters
    from thau_desktop.inference.language import read_weights

    cpu, ids = torch.device("cpu"), torch.tensor([[5, 9, 40, 7]])
    whole = read_weights(tiny_folder, torch.float32, cpu)
    spread = read_weights(tiny_folder, torch.float32, cpu, spread={"cpu": 150_000})
    assert all(weight.device.type == "meta" for weight in spread.parameters())
    for folder in (None, adapter):
        for model in (whole, spread):
            Adapters(model).use(folder)
        with torch.inference_mode():
            assert torch.allclose(whole(input_ids=ids).logits, spread(input_ids=ids).logits, atol=1e-4)


def test_half_precision_is_for_large_models_where_it_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    from thau_desktop.inference import half

    assert isinstance(half.is_faster(), bool)
    for faster in (True, False):
        monkeypatch.setattr(half, "is_faster", lambda faster=faster: faster)
        assert [half.half_pays(number) for number in (10**7, 10**9)] == [False, faster]
