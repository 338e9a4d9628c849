"""A LoRA model whose steps cost less on a CPU, and come to the same. In the child.

Where the forward passes use bfloat16, autocast copies every frozen weight at each step, and peft takes each layer's
input to float32 and back: a third of a small model's step. Here the frozen layers are held as autocast would make them,
and a layer is three products and a sum.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from peft.tuners.lora import Linear
from torch.nn import functional

SHORT = (
    256  # tokens: up to here plain attention is quicker than the fused one, whose backward pass waits for both cores
)
ADAPTER = "default"  # peft's name for the only one


def quicken(model: Any, longest: int) -> None:
    """Make the steps of a model quicker that is trained in bfloat16 on a CPU, on rows of up to `longest` tokens.

    What it computes stays the same up to the order of roundings. From then on it is called under autocast only.
    """
    if longest <= SHORT:
        model.get_base_model().set_attn_implementation("eager")
    for layer in model.modules():
        if isinstance(layer, Linear) and layer.get_base_layer().weight.dtype == torch.float32:
            layer.get_base_layer().to(torch.bfloat16)
            layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]


def _forward(layer: Any, x: torch.Tensor) -> torch.Tensor:
    """W x + b + (alpha / r) · B A x, as in Hu et al. 2021."""
    frozen = layer.get_base_layer()
    said = functional.linear(x, frozen.weight, frozen.bias)
    low = functional.linear(layer.lora_dropout[ADAPTER](x), layer.lora_A[ADAPTER].weight)
    up = layer.lora_B[ADAPTER].weight.t()
    sum_ = torch.addmm(said.flatten(0, -2), low.flatten(0, -2), up, alpha=layer.scaling[ADAPTER])
    return sum_.view_as(said)
