"""The quick layers of a training compute what peft's do."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from thau_desktop.training.lora import SHORT, quicken

IDS = torch.arange(2 * 24).view(2, 24)


def adapted(folder: Path) -> Any:
    """A model with an adapter that already says something."""
    torch.manual_seed(3)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        LoraConfig(r=4, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model.train()


def step(model: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The loss under autocast, and the gradients of what learns."""
    with torch.autocast("cpu", torch.bfloat16):
        loss = model(input_ids=IDS, labels=IDS, use_cache=False).loss
    loss.backward()
    learning = {name: weight.grad for name, weight in model.named_parameters() if weight.requires_grad}
    assert all(grad is not None for grad in learning.values())
    return loss.detach(), {name: grad for name, grad in learning.items() if grad is not None}


def test_loss_and_gradients_are_those_of_peft_up_to_rounding(tiny_folder: Path) -> None:
    slow = adapted(tiny_folder)
    quick = copy.deepcopy(slow)
    quicken(quick, SHORT)
    (loss, gradients), (my_loss, mine) = step(slow), step(quick)
    torch.testing.assert_close(my_loss, loss, rtol=2e-3, atol=0)
    assert mine.keys() == gradients.keys() and mine
    for name, gradient in gradients.items():
        cosine = torch.nn.functional.cosine_similarity(mine[name].flatten(), gradient.flatten(), dim=0)
        assert cosine > 0.99, name
        assert mine[name].dtype == torch.float32  # what learns keeps its own precision


def test_only_frozen_layers_are_halved_and_long_rows_keep_the_fused_attention(tiny_folder: Path) -> None:
    model = adapted(tiny_folder)
    before = model.get_base_model().config._attn_implementation
    quicken(model, SHORT + 1)
    assert model.get_base_model().config._attn_implementation == before
    kinds = {(weight.requires_grad, weight.dtype) for name, weight in model.named_parameters() if "proj" in name}
    assert kinds == {(True, torch.float32), (False, torch.bfloat16)}
    quicken(model, SHORT)
    assert model.get_base_model().config._attn_implementation == "eager"
