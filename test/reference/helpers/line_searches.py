"""Where torch's L-BFGS with a strong Wolfe line search ends, for kernel-helpers' `wolfe`."""

from __future__ import annotations

import torch

TARGET = 1e-5


def rosenbrock(at: torch.Tensor) -> torch.Tensor:
    return (1 - at[0]) ** 2 + 100 * (at[1] - at[0] ** 2) ** 2


def beale(at: torch.Tensor) -> torch.Tensor:
    x, y = at
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def quadratic(at: torch.Tensor) -> torch.Tensor:
    return 0.5 * (torch.tensor([1.0, 10.0, 100.0], dtype=at.dtype) * at**2).sum()


PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "beale": (beale, [1.0, 1.0]),
    "quadratic": (quadratic, [1.0, 1.0, 1.0]),
}


def minimise(loss, start: list[float]) -> dict:
    """Where it ends once the loss is small, and how often it asked for the loss until then."""
    at = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [at], lr=1, max_iter=100, history_size=10, line_search_fn="strong_wolfe", tolerance_change=0
    )
    losses = []

    def closure():
        optimizer.zero_grad()
        value = loss(at)
        value.backward()
        losses.append(float(value))
        return value

    optimizer.step(closure)
    evaluations = next(index for index, value in enumerate(losses, 1) if value < TARGET)
    return {"start": start, "evaluations": evaluations, "end": at.tolist()}


def line_searches() -> dict:
    """The whole fixture."""
    return {
        "target": TARGET,
        "cases": {name: minimise(loss, start) for name, (loss, start) in PROBLEMS.items()},
    }
