"""Makes the fixture of kernel-helpers' one-bit learning: larq, and torch where larq has nothing.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install -r requirements.txt
    /tmp/reference/bin/python make_fixtures.py

Inputs are multiples of 1/1024, so that float32 holds them exactly, and stand in the fixture.
No seed is shared.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import larq  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

import tensorflow as tf  # noqa: E402

FILE = Path(__file__).parents[3] / "kernel-helpers" / "src" / "fixtures" / "onebit.json"
RANDOM = np.random.default_rng(20261124)


def exact(*shape: int, scale: float = 1.0) -> np.ndarray:
    """Normal numbers rounded to multiples of 1/1024."""
    return np.round(RANDOM.normal(size=shape) * scale * 1024) / 1024


def quantizers() -> dict[str, object]:
    """Values and gradients of each quantizer, with zeros and thresholds among the inputs."""
    special = [0.0, -0.0, 1.0, -1.0, 0.0625, -0.0625, 0.5, 1.25, -3.0, 6.0]
    x = np.concatenate([exact(22), special]).reshape(8, 4)
    dy = exact(8, 4)
    q = larq.quantizers
    cases = {
        "steSign": q.SteSign(),
        "steSign unclipped": q.SteSign(clip_value=None),
        "approxSign": q.ApproxSign(),
        "swishSign": q.SwishSign(),
        "swishSign beta 2": q.SwishSign(beta=2.0),
        "magnitudeAwareSign": q.MagnitudeAwareSign(),
        "ternary": q.SteTern(threshold_value=0.0625),
        "ternary mean": q.SteTern(ternary_weight_networks=True),
        "doReFaActivations": q.DoReFa(k_bit=2, mode="activations"),
        "doReFaWeights": q.DoReFa(k_bit=3, mode="weights"),
    }
    values = {}
    for name, quantizer in cases.items():
        values[name] = {}
        for dtype in ("float64", "float32"):
            at = tf.constant(x, dtype)
            with tf.GradientTape() as tape:
                tape.watch(at)
                y = quantizer.call(at)  # calling the layer itself would cast to float32
            gradient = tape.gradient(y, at, output_gradients=tf.constant(dy, dtype))
            assert y.dtype == dtype
            values[name][dtype] = {"y": y.numpy().tolist(), "gradient": gradient.numpy().tolist()}
    return {"x": x.tolist(), "dy": dy.tolist(), "cases": values}


def layers() -> list[dict[str, object]]:
    """Outputs and gradients of larq's quantised layers."""
    made = []
    for inputs, options in [
        (exact(3, 10), {"units": 5}),
        (exact(2, 6, 5, 3), {"filters": 4, "kernel_size": 3, "padding": "valid"}),
        (exact(2, 6, 5, 3), {"filters": 4, "kernel_size": 3, "padding": "same"}),
        (exact(2, 6, 5, 3), {"filters": 4, "kernel_size": 3, "padding": "same", "pad_values": 1.0}),
        (exact(2, 7, 8, 2), {"filters": 3, "kernel_size": 3, "padding": "same", "strides": 2}),
    ]:
        kind = larq.layers.QuantDense if "units" in options else larq.layers.QuantConv2D
        layer = kind(input_quantizer="ste_sign", kernel_quantizer="ste_sign", **options)
        layer.build(inputs.shape)
        kernel, bias = exact(*layer.kernel.shape, scale=0.7), exact(*layer.bias.shape)
        layer.set_weights([kernel, bias])
        x = tf.constant(inputs, "float32")
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(tf.sin(y))
        gradients = tape.gradient(loss, [x, layer.kernel])
        made.append(
            {
                "options": options,
                "inputs": inputs.tolist(),
                "kernel": kernel.tolist(),
                "bias": bias.tolist(),
                "y": y.numpy().tolist(),
                "gradients": [g.numpy().tolist() for g in gradients],
            }
        )
    return made


def bop() -> dict[str, object]:
    """Weights after 1, 2, 10 and 60 steps of larq's Bop."""
    weights = np.where(exact(4, 3) >= 0, 1.0, -1.0)
    gradients = [exact(4, 3) for _ in range(60)]
    values = {}
    for dtype in ("float64", "float32"):
        variable = tf.Variable(weights, dtype=dtype)
        optimizer = larq.optimizers.Bop(threshold=0.05, gamma=0.1)
        values[dtype] = {}
        for step, gradient in enumerate(gradients, 1):
            optimizer.apply_gradients([(tf.constant(gradient, dtype), variable)])
            if step in (1, 2, 10, 60):
                values[dtype][str(step)] = variable.numpy().tolist()
    return {
        "threshold": 0.05,
        "gamma": 0.1,
        "weights": weights.tolist(),
        "gradients": [g.tolist() for g in gradients],
        "cases": values,
    }


def signs(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)


def mean_scaled(x: torch.Tensor) -> torch.Tensor:
    """EF-signSGD's compressor."""
    return x.abs().sum() / x.numel() * signs(x)


def root_scaled(x: torch.Tensor) -> torch.Tensor:
    """1-bit Adam's compressor in DeepSpeed."""
    return torch.linalg.norm(x) / x.numel() ** 0.5 * signs(x)


def error_feedback(theta: torch.Tensor, gradients: list[list[torch.Tensor]]):
    """Algorithm 1 of arXiv:1901.09847 with the first worker's gradients."""
    error = torch.zeros_like(theta)
    for workers in gradients:
        p = 0.05 * workers[0] + error
        sent = mean_scaled(p)
        theta, error = theta - sent, p - sent
        yield theta


def vote(theta: torch.Tensor, gradients: list[list[torch.Tensor]]):
    """SignSGD with majority vote of three workers."""
    for workers in gradients:
        theta = theta - 0.05 * signs(sum(signs(g) for g in workers))
        yield theta


def one_bit_adam(theta: torch.Tensor, gradients: list[list[torch.Tensor]]):
    """Algorithm 1 of arXiv:2102.02888 with three workers and a warm-up of 4 steps."""
    m, v = torch.zeros_like(theta), torch.zeros_like(theta)
    worker_errors = [torch.zeros_like(theta) for _ in range(3)]
    server_error = torch.zeros_like(theta)
    for step, workers in enumerate(gradients):
        if step < 4:
            g = sum(workers) / 3
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        else:
            arrived = torch.zeros_like(theta)
            for index, g in enumerate(workers):
                wanted = 0.9 * m + 0.1 * g + worker_errors[index]
                sent = root_scaled(wanted)
                worker_errors[index] = wanted - sent
                arrived = arrived + sent / 3
            wanted = arrived + server_error
            m = root_scaled(wanted)
            server_error = wanted - m
        theta = theta - 0.05 * m / (v.sqrt() + 1e-8)
        yield theta


def transforms() -> dict[str, object]:
    """Parameters after 1, 2, 10 and 40 steps."""
    theta = exact(3, 4)
    gradients = [[exact(3, 4) for _ in range(3)] for _ in range(40)]
    cases = {"errorFeedback": error_feedback, "majorityVote": vote, "oneBitAdam": one_bit_adam}
    values = {}
    for name, run in cases.items():
        values[name] = {}
        for dtype in (torch.float64, torch.float32):
            as_tensors = [[torch.tensor(g, dtype=dtype) for g in step] for step in gradients]
            reached = list(run(torch.tensor(theta, dtype=dtype), as_tensors))
            values[name][str(dtype).removeprefix("torch.")] = {
                str(step): reached[step - 1].tolist() for step in (1, 2, 10, 40)
            }
    return {
        "theta": theta.tolist(),
        "gradients": [[g.tolist() for g in step] for step in gradients],
        "cases": values,
    }


def main() -> None:
    fixture = {
        "made_with": {m.__name__: m.__version__ for m in (larq, tf, torch)},
        "quantizers": quantizers(),
        "layers": layers(),
        "bop": bop(),
        "transforms": transforms(),
    }
    FILE.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
