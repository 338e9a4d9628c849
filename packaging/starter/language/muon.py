"""Muon (K. Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks") in fp32.

torch.optim.Muon orthogonalises in bfloat16, which a CPU without bf16 units runs some 90 times slower;
this one stays in fp32 and treats matrices of one shape as one batch.
"""

from __future__ import annotations

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


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, scaled so that one learning rate suits AdamW's groups too (0.2·√max(rows, columns))."""

    def __init__(self, params: list[torch.nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[torch.Size, list[torch.nn.Parameter]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for shape, params in shapes.items():
                updates = []
                for p in params:
                    state = self.state[p]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(state["momentum"], group["momentum"]))
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                for p, update in zip(params, orthogonalise(torch.stack(updates)), strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-scale)
