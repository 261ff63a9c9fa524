"""The papers' formulas, written once more in numpy with plain loops."""

from __future__ import annotations

import numpy as np


def cases(given: dict[str, np.ndarray]) -> dict[str, object]:
    return {
        "made_with": np.__version__,
        "lamp": {name: lamp(given[name]) for name in ("plain", "second")},
        "movement": movement(given),
        "rigl": rigl(given),
        "erdos_renyi_kernel": erdos_renyi_kernel(),
    }


def lamp(weights: np.ndarray) -> list[float]:
    """Lee et al. 2021, equation 2: w_u^2 over the sum of w_v^2 with |w_v| >= |w_u|."""
    flat = weights.astype(np.float64).ravel()
    return [float(w * w / sum(v * v for v in flat if abs(v) >= abs(w))) for w in flat]


def movement(given: dict[str, np.ndarray]) -> dict[str, object]:
    """Sanh et al. 2020: minus the sum of w g over three steps of gradient descent at 0.1."""
    weights = given["plain"].astype(np.float64)
    total = np.zeros_like(weights)
    for step in range(3):
        gradient = given["gradient"] * (step + 1)
        total -= weights * gradient
        weights = weights - 0.1 * gradient
    order = np.argsort(total.ravel())
    mask = np.ones(total.size, int)
    mask[order[: round(0.6 * total.size)]] = 0
    return {"scores": [round(float(s), 6) for s in total.ravel()], "mask": mask.tolist()}


def rigl(given: dict[str, np.ndarray]) -> list[dict[str, object]]:
    """Evci et al. 2020, algorithm 1: drop by magnitude, grow by gradient among what is left."""
    weights, gradient = given["plain"].ravel(), given["gradient"].ravel()
    draw = np.random.default_rng(7)
    cases = []
    for density, count in ((0.3, 5), (0.5, 20), (0.1, 13)):
        mask = np.zeros(weights.size, int)
        mask[draw.permutation(weights.size)[: round(density * weights.size)]] = 1
        active = [i for i in range(mask.size) if mask[i]]
        kept = sorted(active, key=lambda i: -abs(weights[i]))[: len(active) - count]
        others = [i for i in range(mask.size) if i not in set(kept)]
        grown = sorted(others, key=lambda i: -abs(gradient[i]))[:count]
        after = np.zeros(mask.size, int)
        after[kept + grown] = 1
        cases.append({"before": mask.tolist(), "count": count, "after": after.tolist()})
    return cases


def erdos_renyi_kernel() -> dict[str, object]:
    """Densities in proportion to (sum of sides) / (product of sides), by bisection."""
    shapes = [(784, 300), (300, 100), (100, 10), (3, 3, 1, 8)]
    sizes = [int(np.prod(shape)) for shape in shapes]
    raw = [sum(shape) / size for shape, size in zip(shapes, sizes, strict=True)]
    cases = {}
    for sparsity in (0.5, 0.9, 0.98):
        low, high = 0.0, 1e9
        for _ in range(200):
            factor = (low + high) / 2
            kept = sum(min(1, factor * r) * n for r, n in zip(raw, sizes, strict=True))
            low, high = (factor, high) if kept < (1 - sparsity) * sum(sizes) else (low, factor)
        cases[str(sparsity)] = [round(1 - min(1, low * r), 9) for r in raw]
    return {"shapes": shapes, "sparsities": cases}
