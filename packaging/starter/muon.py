"""Muon (K. Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks"), also for convolutions.

torch.optim.Muon always orthogonalises in bfloat16, which a CPU without such units runs some 90 times slower; this one asks
first, and treats matrices of one shape as one batch.
"""

from __future__ import annotations

import functools

import torch


@torch.no_grad()
def orthogonalise(matrices: torch.Tensor, steps: int = 4) -> torch.Tensor:
    """Nearest semi-orthogonal matrices `(n, rows, columns)` by Newton-Schulz iteration of fifth order."""
    a, b, c = 3.4445, -4.7750, 2.0315
    flipped = matrices.size(-2) > matrices.size(-1)
    x = matrices.mT if flipped else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if flipped else x


@functools.cache
def computes_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; elsewhere it is emulated, and slow."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, scaled so that one learning rate suits AdamW's groups too (0.2·√max(rows, columns)).

    A convolution's weights are taken as a matrix `(out, in · rows · columns)`.
    """

    def __init__(self, params: list[torch.nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.01) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[tuple[int, int], list[tuple[torch.nn.Parameter, torch.Tensor]]] = {}
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
                shapes.setdefault((update.size(0), update.size(1)), []).append((p, update))
            for shape, found in shapes.items():
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                matrices = torch.stack([u for _, u in found])
                if matrices.is_cuda or computes_bfloat16():  # half the time, and exact enough for a direction
                    matrices = matrices.bfloat16()
                for (p, _), update in zip(found, orthogonalise(matrices).float(), strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update.view(p.shape), alpha=-scale)
