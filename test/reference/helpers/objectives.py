"""Steps that look at the loss itself, by optax: sharpness-aware minimisation, backtracking."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import optax
from optax import contrib

STEPS = (1, 2, 10, 50)


def rosenbrock(at: jax.Array) -> jax.Array:
    return (1 - at[0]) ** 2 + 100 * (at[1] - at[0] ** 2) ** 2


def beale(at: jax.Array) -> jax.Array:
    x, y = at
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def quadratic(at: jax.Array) -> jax.Array:
    return 0.5 * (jnp.array([1.0, 10.0, 100.0], at.dtype) * at**2).sum()


PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "beale": (beale, [1.0, 1.0]),
    "quadratic": (quadratic, [1.0, 1.0, 1.0]),
}


def sharpness(rate: float, radius: float) -> optax.GradientTransformation:
    """SAM around plain descent, both gradients within one update."""
    ascent = optax.chain(contrib.normalize(), optax.sgd(radius))
    return contrib.sam(optax.sgd(rate), ascent, opaque_mode=True, reset_state=False)


CASES = {
    "sam rosenbrock": ("rosenbrock", sharpness(1e-4, 0.05)),
    "sam beale": ("beale", sharpness(1e-3, 0.2)),
    "sam quadratic": ("quadratic", sharpness(1e-3, 0.5)),
    **{
        f"backtrack {name}": (
            name,
            optax.chain(
                optax.sgd(1.0),
                optax.scale_by_backtracking_linesearch(
                    max_backtracking_steps=30, decrease_factor=0.5, increase_factor=1.5
                ),
            ),
        )
        for name in PROBLEMS
    },
}


def run(problem: str, optimizer, dtype: str) -> dict[str, list[float]]:
    """Parameters after each of STEPS."""
    loss, start = PROBLEMS[problem]
    at, reached = jnp.array(start, dtype), {}
    state = optimizer.init(at)
    for step in range(1, STEPS[-1] + 1):
        value, gradient = jax.value_and_grad(loss)(at)
        known = (
            {"value": value, "grad": gradient, "value_fn": loss}
            if "Backtracking" in str(type(state[-1]))
            else {"grad_fn": lambda params, _: jax.grad(loss)(params)}
        )
        updates, state = optimizer.update(gradient, state, at, **known)
        at = optax.apply_updates(at, updates)
        if step in STEPS:
            reached[str(step)] = [float(f"{x:.9g}") for x in at]
    return reached


def objectives() -> dict:
    """The whole fixture."""
    return {
        "cases": {
            name: {
                "problem": problem,
                **{dtype: run(problem, optimizer, dtype) for dtype in ("float64", "float32")},
            }
            for name, (problem, optimizer) in CASES.items()
        }
    }
