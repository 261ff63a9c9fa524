"""Masks and schedules of the TensorFlow Model Optimization Toolkit."""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np  # noqa: E402
from tensorflow_model_optimization.python.core.sparsity.keras import (  # noqa: E402
    pruning_impl,
    pruning_schedule,
)

import tensorflow as tf  # noqa: E402

STEPS = (0, 1, 99, 100, 150, 250, 500, 750, 1000, 1001, 1100)


def cases(given: dict[str, np.ndarray]) -> dict[str, object]:
    return {"made_with": tf.__version__, "masks": masks(given), "schedules": schedules()}


def masks(given: dict[str, np.ndarray]) -> dict[str, list[int]]:
    return {
        "plain 0.25": mask(given["plain"], 0.25),
        "plain 0.35": mask(given["plain"], 0.35),
        "tied 0.5": mask(given["tied"], 0.5),
        "tied 0.77": mask(given["tied"], 0.77),
        "blocks mean": mask(given["even"], 0.5, block=(4, 2), pool="AVG"),
        "blocks max": mask(given["even"], 0.5, block=(4, 2), pool="MAX"),
        "blocks 1x3": mask(given["even"], 0.6, block=(1, 3), pool="AVG"),
        "2 of 4 dense": mask(given["even"], 0.5, m_by_n=(2, 4)),
        "2 of 4 filters": mask(given["filters"], 0.5, m_by_n=(2, 4)),
        "1 of 4 dense": mask(given["even"], 0.5, m_by_n=(3, 4)),
    }


def mask(
    weights: np.ndarray,
    sparsity: float,
    block: tuple[int, int] = (1, 1),
    pool: str = "AVG",
    m_by_n: tuple[int, int] | None = None,
) -> list[int]:
    pruning = pruning_impl.Pruning(
        training_step_fn=lambda: 0,
        pruning_vars=[],
        pruning_schedule=pruning_schedule.ConstantSparsity(sparsity, 0),
        block_size=list(block),
        block_pooling_type=pool,
        sparsity_m_by_n=m_by_n,
    )
    _, made = pruning._maybe_update_block_mask(tf.constant(weights))
    return [int(bit) for bit in np.asarray(made).ravel()]


def schedules() -> dict[str, object]:
    made = {
        "polynomial": pruning_schedule.PolynomialDecay(0.5, 0.8, 0, 1000),
        "polynomial power 1": pruning_schedule.PolynomialDecay(
            0.0, 0.9, 100, 1000, power=1, frequency=50
        ),
        "constant": pruning_schedule.ConstantSparsity(0.6, 100, 1000),
    }
    values = {}
    for name, schedule in made.items():
        pairs = [schedule(tf.constant(step, tf.int64)) for step in STEPS]
        values[name] = {
            "due": [bool(due) for due, _ in pairs],
            "sparsity": [round(float(sparsity), 7) for _, sparsity in pairs],
        }
    return {"steps": STEPS, "cases": values}
