"""Masks and training steps of torch.nn.utils.prune, and a Hessian of torch.autograd."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.utils import prune

Mask = list[int]


def cases(given: dict[str, np.ndarray]) -> dict[str, object]:
    return {
        "made_with": torch.__version__,
        "masks": masks(given),
        "training": training(),
        "hessian": hessian(),
    }


def masks(given: dict[str, np.ndarray]) -> dict[str, Mask | dict[str, Mask]]:
    plain, gradient = given["plain"], given["gradient"]
    cases: dict[str, Mask | dict[str, Mask]] = {}
    # 130 weights: 0.35 of them are 45.5, 0.25 are 32.5, whose halves round to even.
    for amount in (0.25, 0.35, 0.9):
        module = holder(plain)
        prune.l1_unstructured(module, "weight", amount)
        cases[f"magnitude {amount}"] = bits(module)
    module = holder(plain)
    prune.l1_unstructured(module, "weight", 0.3)
    prune.l1_unstructured(module, "weight", 0.4)
    cases["magnitude 0.3 then 0.4 of the rest"] = bits(module)
    for norm in (1, 2, float("inf")):
        for dim in (0, 1):
            module = holder(plain)
            prune.ln_structured(module, "weight", 0.4, n=norm, dim=dim)
            cases[f"norm {norm} axis {dim}"] = bits(module)
    module = holder(given["filters"])
    prune.ln_structured(module, "weight", 0.5, n=2, dim=3)
    cases["filters"] = bits(module)
    module = holder(plain)
    taylor = torch.tensor(np.abs(plain.astype(np.float64) * gradient))
    prune.l1_unstructured(module, "weight", 0.6, importance_scores=taylor)
    cases["taylor"] = bits(module)
    first, second = holder(plain), holder(given["second"])
    prune.global_unstructured(
        [(first, "weight"), (second, "weight")], pruning_method=prune.L1Unstructured, amount=0.55
    )
    cases["global"] = {"plain": bits(first), "second": bits(second)}
    return cases


def training() -> dict[str, object]:
    """Five steps of least squares whose weights are masked from the start."""
    draw = np.random.default_rng(5)
    x, y = np.round(draw.normal(size=(6, 4)), 3), np.round(draw.normal(size=(6, 3)), 3)
    start = np.round(draw.normal(size=(4, 3)), 3)
    mask = (draw.uniform(size=(4, 3)) < 0.6).astype(float)
    reached = {}
    for name, make in {
        "adam": lambda p: torch.optim.Adam(p, lr=0.05),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    }.items():
        module = holder(start, torch.float64)
        prune.custom_from_mask(module, "weight", torch.tensor(mask))
        optimizer = make(module.parameters())
        for _ in range(5):
            optimizer.zero_grad()
            loss = ((torch.tensor(x) @ module.weight - torch.tensor(y)) ** 2).mean()
            loss.backward()
            optimizer.step()
            for hook in module._forward_pre_hooks.values():
                hook(module, None)
        reached[name] = [round(w, 9) for w in module.weight.detach().numpy().ravel().tolist()]
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "start": start.tolist(),
        "mask": mask.tolist(),
        "reached": reached,
    }


def hessian() -> dict[str, object]:
    """The Hessian's diagonal of a logistic regression, whose Hessian is dense."""
    draw = np.random.default_rng(6)
    x, y = np.round(draw.normal(size=(8, 3)), 3), draw.integers(0, 2, size=(8, 1)).astype(float)
    w = np.round(draw.normal(size=(3, 1)), 3)

    def loss(at: torch.Tensor) -> torch.Tensor:
        logits = torch.tensor(x) @ at
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(y))

    matrix = torch.autograd.functional.hessian(loss, torch.tensor(w)).reshape(3, 3)
    return {"x": x.tolist(), "y": y.tolist(), "w": w.tolist(), "diagonal": matrix.diag().tolist()}


def holder(values: np.ndarray, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(torch.tensor(values, dtype=dtype))
    return module


def bits(module: torch.nn.Module) -> Mask:
    return [int(bit) for bit in module.weight_mask.numpy().ravel()]
