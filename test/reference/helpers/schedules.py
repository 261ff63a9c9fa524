"""Values of optax's schedules at chosen steps."""

from __future__ import annotations

import optax

STEPS = (0, 1, 2, 5, 9, 10, 11, 25, 29, 30, 31, 50, 69, 70, 99, 100, 150)


def schedules() -> dict:
    """The whole fixture: for each case the values at STEPS."""
    cases = {
        "constant": optax.constant_schedule(0.1),
        "piecewise": optax.piecewise_constant_schedule(0.1, {9: 0.5, 49: 0.2}),
        "exponential": optax.exponential_decay(0.1, 10, 0.5),
        "exponential staircase": optax.exponential_decay(
            0.1, 10, 0.5, transition_begin=5, staircase=True, end_value=0.01
        ),
        "polynomial": optax.polynomial_schedule(0.1, 0.01, 3, 80, transition_begin=10),
        "linear": optax.linear_schedule(0.1, 0.01, 80),
        "cosine": optax.cosine_decay_schedule(0.1, 80, alpha=0.1),
        "warmRestarts": optax.sgdr_schedule(
            [
                {"init_value": 0.1, "peak_value": 0.1, "warmup_steps": 0, "decay_steps": 10 * 2**k}
                for k in range(5)
            ]
        ),
        "oneCycle": optax.cosine_onecycle_schedule(100, 0.1),
        "warmup": optax.warmup_cosine_decay_schedule(0.0, 0.1, 10, 90, 0.01),
        "join": optax.join_schedules(
            [optax.constant_schedule(0.1), optax.linear_schedule(0.1, 0.0, 50)], [30]
        ),
    }
    return {
        "steps": list(STEPS),
        "cases": {name: [float(f"{float(s(t)):.12g}") for t in STEPS] for name, s in cases.items()},
    }
