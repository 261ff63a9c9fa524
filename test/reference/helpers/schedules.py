"""Values of the schedules of optax, torch and Keras at chosen steps."""

from __future__ import annotations

import keras
import optax
import torch

STEPS = (0, 1, 2, 5, 9, 10, 11, 25, 29, 30, 31, 50, 69, 70, 99, 100, 150)


def torch_schedule(make):
    """A torch scheduler as a function of the step; it stays at its end where it has one."""
    of = torch.optim.lr_scheduler

    def value(step: int) -> float:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        schedule = make(of, optimizer)
        for _ in range(step):
            optimizer.step()
            schedule.step()
        return optimizer.param_groups[0]["lr"]

    return value


def torch_cases() -> dict:
    """Schedules of torch; the rate of its optimiser is 0.1."""
    return {
        "torch step": lambda of, o: of.StepLR(o, 10, 0.5),
        "torch steps": lambda of, o: of.MultiStepLR(o, [10, 50], 0.2),
        "torch exponential": lambda of, o: of.ExponentialLR(o, 0.97),
        "torch polynomial": lambda of, o: of.PolynomialLR(o, 80, 2.0),
        "torch cosine restarts": lambda of, o: of.CosineAnnealingWarmRestarts(o, 10, 2, 0.01),
        "torch one-cycle": lambda of, o: of.OneCycleLR(o, 0.1, 151, cycle_momentum=False),
        "torch warm-up": lambda of, o: of.SequentialLR(
            o, [of.LinearLR(o, 0.1, 1.0, 10), of.PolynomialLR(o, 80, 1.0)], [10]
        ),
    }


def keras_cases() -> dict:
    """Keras's schedules."""
    of = keras.optimizers.schedules
    return {
        "keras piecewise": of.PiecewiseConstantDecay([9, 49], [0.1, 0.05, 0.01]),
        "keras cosine warm-up": of.CosineDecay(
            0.0, 80, alpha=0.1, warmup_target=0.1, warmup_steps=10
        ),
        "keras restarts": of.CosineDecayRestarts(0.1, 10, t_mul=2.0, m_mul=0.5, alpha=0.0),
        "keras polynomial": of.PolynomialDecay(0.1, 80, 0.01, power=2.0),
    }


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
        **{name: torch_schedule(make) for name, make in torch_cases().items()},
        **keras_cases(),
    }
    return {
        "steps": list(STEPS),
        "cases": {name: [float(f"{float(s(t)):.12g}") for t in STEPS] for name, s in cases.items()},
    }
