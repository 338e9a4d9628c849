"""A model in 8 and in 4 bits answers, and learns what its version has learned."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from thau_desktop.errors import OutOfMemory
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.precision import choose, needs, weights_of
from thau_desktop.messages import Message, Sampling, Text, TextDelta

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


def test_the_best_that_fits_is_chosen_and_a_wish_is_granted(tiny_folder: Path) -> None:
    weights = weights_of(tiny_folder)
    full, small = needs(weights, "full", 4), needs(weights, "nf4", 4)
    assert choose(weights, "auto", 4, full, "tiny") == choose(weights, "auto", 4, 0, "tiny") == "full"
    assert choose(weights, "auto", 4, full - 1, "tiny") == "int8"
    assert choose(weights, "auto", 4, small, "tiny") == "nf4"
    assert choose(weights, "int8", 4, 1, "tiny") == "int8"
    with pytest.raises(OutOfMemory, match=r"tiny takes 0\.3 GB of memory even in 4 bits"):
        choose(weights, "auto", 4, 1, "tiny")
