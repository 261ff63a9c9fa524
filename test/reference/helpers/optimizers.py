"""Values of optax, Keras and torch for the optimisers of kernel-helpers.

Every case starts at the same parameters and gets the same 100 gradients, both of which stand in the
fixture: multiples of 1/1024, so that float32 holds them exactly. No seed is shared.
Each case is computed twice, in float64 and in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch
from optax import contrib

STEPS = (1, 2, 10, 100)


def exact(values: np.ndarray) -> np.ndarray:
    """Rounds to multiples of 1/1024."""
    return np.round(values * 1024) / 1024


def problem() -> tuple[dict[str, np.ndarray], list[dict[str, np.ndarray]]]:
    """Parameters of a layer (weight [3, 2], bias [3]) and 100 gradients: trend, noise, zeros."""
    random = np.random.default_rng(20261123)
    shapes = {"bias": (3,), "weight": (3, 2)}
    params = {name: exact(random.normal(size=shape)) for name, shape in shapes.items()}
    trend = {name: random.normal(size=shape) for name, shape in shapes.items()}
    gradients = []
    for step in range(STEPS[-1]):
        gradient = {
            name: exact(trend[name] * np.cos(step / 15) + 0.5 * random.normal(size=shape))
            for name, shape in shapes.items()
        }
        gradient["weight"][step % 3, 0] = 0.0
        gradients.append(gradient)
    return params, gradients


def weights_only(params):
    return {name: name == "weight" for name in params}


def clipped(clip: optax.GradientTransformation) -> optax.GradientTransformation:
    """A descent along clipped gradients."""
    return optax.chain(clip, optax.scale(-0.05))


def cast(tree, dtype):
    """A tree of JAX arrays of one precision."""
    return {name: jnp.asarray(value, dtype) for name, value in tree.items()}


def optax_cases() -> dict[str, optax.GradientTransformation]:
    """Our name of each case, and optax's optimiser for it."""
    rate = 0.05
    cosine = optax.cosine_decay_schedule(rate, 80)
    return {
        "sgd": optax.sgd(rate),
        "sgd cosine": optax.sgd(cosine),
        "momentum": optax.sgd(rate, momentum=0.9),
        "nesterov": optax.sgd(rate, momentum=0.9, nesterov=True),
        "adagrad": optax.adagrad(rate),
        "adadelta": optax.adadelta(1.0),
        "rmsprop": optax.rmsprop(rate),
        "rmsprop centred": optax.rmsprop(rate, centered=True, eps=1e-3),
        "rmsprop momentum": optax.rmsprop(rate, momentum=0.9),
        "rmsprop nesterov cosine": optax.rmsprop(cosine, momentum=0.9, nesterov=True),
        "rmsprop epsilon outside": optax.rmsprop(rate, eps=1e-3, eps_in_sqrt=False),
        "adam": optax.adam(rate),
        "adam large epsilon": optax.adam(rate, eps=1e-2, eps_root=1e-3),
        "adamw masked": optax.adamw(rate, weight_decay=0.1, mask=weights_only),
        "nadam constant": optax.nadam(rate),
        "radam": optax.radam(rate),
        "amsgrad corrected": optax.amsgrad(rate),
        "adamax": optax.adamax(rate, eps=1e-3),
        "lion": optax.lion(rate, weight_decay=0.1),
        "lamb": optax.lamb(rate, weight_decay=0.1),
        "lars": optax.lars(
            rate, weight_decay=0.1, weight_decay_mask=weights_only, trust_ratio_mask=weights_only
        ),
        "adafactor": optax.adafactor(rate),
        "adafactor factored": optax.adafactor(
            rate, min_dim_size_to_factor=2, momentum=0.9, weight_decay_rate=0.01
        ),
        "signSgd": optax.sign_sgd(rate),
        "signum": optax.signum(rate),
        "muon": contrib.muon(rate, weight_decay=0.1),
        "scheduleFreeSgd": contrib.schedule_free_sgd(rate),
        "scheduleFreeAdamw": contrib.schedule_free_adamw(rate, weight_decay=0.1),
        "lbfgs": optax.chain(optax.scale_by_lbfgs(memory_size=3), optax.scale(-rate)),
        "clipByValue": clipped(optax.clip(0.3)),
        "clipByGlobalNorm": clipped(optax.clip_by_global_norm(0.8)),
        "clipByRms": clipped(optax.clip_by_block_rms(0.4)),
        "clipAdaptive": clipped(optax.adaptive_grad_clip(0.1)),
        "ema": optax.chain(optax.ema(0.9), optax.scale(-rate)),
        "ema biased": optax.chain(optax.ema(0.9, debias=False), optax.scale(-rate)),
        "weight decay before": optax.chain(
            optax.add_decayed_weights(0.1), optax.scale_by_adam(), optax.scale(-rate)
        ),
        "accumulate": optax.MultiSteps(
            optax.adam(rate), every_k_schedule=3
        ).gradient_transformation(),
        "partition": optax.partition(
            {"fast": optax.adam(rate), "slow": optax.sgd(rate / 10)},
            {"weight": "fast", "bias": "slow"},
        ),
        "inject": optax.inject_hyperparams(optax.adam)(learning_rate=cosine, b1=0.8),
        "skip not finite": optax.apply_if_finite(optax.adam(rate), 5),
    }


def keras_cases() -> dict[str, keras.optimizers.Optimizer]:
    """Our name of each case, and Keras's optimiser for it."""
    rate = 0.05
    of = keras.optimizers
    cosine = of.schedules.CosineDecay(rate, 80)
    return {
        "keras sgd momentum": of.SGD(rate, momentum=0.9),
        "keras nesterov": of.SGD(rate, momentum=0.9, nesterov=True),
        "keras adagrad": of.Adagrad(rate),
        "keras adadelta": of.Adadelta(1.0, rho=0.95, epsilon=1e-7),
        "keras rmsprop": of.RMSprop(rate, epsilon=1e-3),
        "keras rmsprop centred momentum": of.RMSprop(
            rate, centered=True, momentum=0.9, epsilon=1e-3
        ),
        "keras adam": of.Adam(rate, epsilon=1e-2),
        "keras amsgrad": of.Adam(rate, amsgrad=True, epsilon=1e-2),
        "keras adamax": of.Adamax(rate, epsilon=1e-2),
        "keras nadam": of.Nadam(rate, epsilon=1e-7),
        "keras adamw": of.AdamW(rate, weight_decay=0.1, epsilon=1e-7),
        "keras lion": of.Lion(rate),
        "keras clipnorm": of.SGD(rate, clipnorm=0.5),
        "keras momentum cosine": of.SGD(cosine, momentum=0.9),
        "keras nesterov cosine": of.SGD(cosine, momentum=0.9, nesterov=True),
    }


class Falling:
    """An optimiser whose rate falls along half a cosine of 80 steps."""

    def __init__(self, make, params, **options):
        self.inner = make(params, **options)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.inner, lambda step: (1 + math.cos(math.pi * min(step, 80) / 80)) / 2
        )

    def step(self):
        self.inner.step()
        self.schedule.step()


class DecayedAlone(Falling):
    """torch's Adam, with the decay of arXiv:1711.05101, algorithm 2: by the schedule's factor."""

    def __init__(self, params, lr, weight_decay):
        super().__init__(torch.optim.Adam, params, lr=lr)
        self.params, self.rate, self.decay = params, lr, weight_decay

    def step(self):
        factor = self.inner.param_groups[0]["lr"] / self.rate
        with torch.no_grad():
            for param in self.params:
                param.mul_(1 - factor * self.decay)
        super().step()


class Averaged:
    """Adam, and what is compared: an average of the parameters that it reaches."""

    def __init__(self, average, params):
        self.inner = torch.optim.Adam(params, lr=0.05, eps=1e-2)
        self.model = torch.nn.ParameterList(params)
        self.averaged = torch.optim.swa_utils.AveragedModel(self.model, multi_avg_fn=average())

    def step(self):
        self.inner.step()
        self.averaged.update_parameters(self.model)

    @property
    def reached(self):
        return list(self.averaged.module)


def torch_cases() -> dict[str, Callable[[list], torch.optim.Optimizer]]:
    """Our name of each case, and what makes torch's optimiser for it."""
    rate, of = 0.05, torch.optim
    return {
        "torch dampening": partial(of.SGD, lr=rate, momentum=0.9, dampening=0.5),
        "torch weight decay": partial(
            of.SGD, lr=rate, momentum=0.9, nesterov=True, weight_decay=0.1
        ),
        "torch adagrad": partial(of.Adagrad, lr=rate, eps=1e-2),
        "torch adadelta": partial(of.Adadelta, lr=1.0),
        "torch rmsprop": partial(of.RMSprop, lr=rate, alpha=0.9, eps=1e-2),
        "torch rmsprop centred momentum": partial(
            of.RMSprop, lr=rate, alpha=0.9, eps=1e-1, centered=True, momentum=0.9
        ),
        "torch adam": partial(of.Adam, lr=rate, eps=1e-2),
        "torch adamw": partial(of.AdamW, lr=rate, weight_decay=0.1),
        "torch adamw of the paper": partial(DecayedAlone, lr=rate, weight_decay=0.02),
        "torch amsgrad": partial(of.Adam, lr=rate, amsgrad=True, eps=1e-2),
        "torch adamax": partial(of.Adamax, lr=rate, eps=1e-2),
        "torch nadam": partial(of.NAdam, lr=rate, eps=1e-2),
        "torch radam": partial(of.RAdam, lr=rate, eps=1e-2),
        "torch adafactor": partial(of.Adafactor, lr=rate, weight_decay=0.01),
        "torch momentum cosine": partial(Falling, of.SGD, lr=rate, momentum=0.9),
        "torch rmsprop momentum cosine": partial(
            Falling, of.RMSprop, lr=rate, alpha=0.9, eps=1e-2, momentum=0.9
        ),
        "torch average": partial(Averaged, lambda: None),
        "torch exponential average": partial(
            Averaged, lambda: torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
        ),
    }


def run_optax(optimizer, params, gradients, dtype, broken=False) -> dict[str, list[float]]:
    """Parameters of one case after each of STEPS."""
    at, reached = cast(params, dtype), {}
    state = optimizer.init(at)
    update = jax.jit(optimizer.update)
    for step, gradient in enumerate(gradients, 1):
        if broken and step % 7 == 3:
            gradient = {**gradient, "bias": gradient["bias"] * np.nan}
        updates, state = update(cast(gradient, dtype), state, at)
        at = optax.apply_updates(at, updates)
        if step in STEPS:
            reached[str(step)] = flat(at)
    return reached


def run_keras(optimizer, params, gradients, dtype) -> dict[str, list[float]]:
    """Parameters of one case after each of STEPS."""
    keras.config.set_floatx(dtype)
    optimizer = type(optimizer).from_config(optimizer.get_config())
    names = sorted(params)
    variables = [keras.Variable(params[name], dtype=dtype, name=name) for name in names]
    optimizer.build(variables)
    reached = {}
    for step, gradient in enumerate(gradients, 1):
        optimizer.apply([jnp.asarray(gradient[name], dtype) for name in names])
        if step in STEPS:
            reached[str(step)] = flat(dict(zip(names, (v.numpy() for v in variables), strict=True)))
    return reached


def run_torch(make, params, gradients, dtype) -> dict[str, list[float]]:
    """Parameters of one case after each of STEPS."""
    kind = getattr(torch, dtype)
    at = {name: torch.nn.Parameter(torch.tensor(params[name], dtype=kind)) for name in params}
    optimizer, reached = make(list(at.values())), {}
    for step, gradient in enumerate(gradients, 1):
        for name, parameter in at.items():
            parameter.grad = torch.tensor(gradient[name], dtype=kind)
        optimizer.step()
        if step in STEPS:
            values = getattr(optimizer, "reached", at.values())
            pairs = zip(at, values, strict=True)
            reached[str(step)] = flat({name: value.detach() for name, value in pairs})
    return reached


def flat(tree) -> list[float]:
    """Values of bias, then weight, with the digits that a comparison in float32 can use."""
    return [float(f"{x:.9g}") for name in sorted(tree) for x in np.asarray(tree[name]).ravel()]


def optimizers() -> dict:
    """The whole fixture."""
    params, gradients = problem()
    cases = {}
    suites = ((optax_cases, run_optax), (keras_cases, run_keras), (torch_cases, run_torch))
    for made, run in suites:
        for name, optimizer in made().items():
            options = {"broken": True} if name == "skip not finite" else {}
            cases[name] = {
                dtype: run(optimizer, params, gradients, dtype, **options)
                for dtype in ("float64", "float32")
            }
    return {
        "params": {name: value.tolist() for name, value in params.items()},
        "gradients": [{name: g.tolist() for name, g in gradient.items()} for gradient in gradients],
        "cases": cases,
    }
