"""PyTorch's side of the training benchmark, compiled where its compiler works, else eager.

Builds what it is told to on standard input and times steps, one JSON object a line.
"""

import json
import math
import os
import resource
import sys
import time

# Answers go to a copy of standard output, so that nothing PyTorch prints can mix with them.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import torch  # noqa: E402
from models import HEADS, WIDTH, batch_of, first_parameters  # noqa: E402
from torch.nn import functional  # noqa: E402


def mlp(p, x):
    x = torch.relu(x @ p[0] + p[1])
    x = torch.relu(x @ p[2] + p[3])
    return x @ p[4] + p[5]


def lenet(p, x):
    def conv(x, kernel, bias, padding):
        x = functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=padding)
        return functional.max_pool2d(torch.relu(x), 2)

    x = conv(conv(x.permute(0, 3, 1, 2), p[0], p[1], 2), p[2], p[3], 0)
    x = x.permute(0, 2, 3, 1).reshape(-1, 400)
    x = torch.relu(x @ p[4] + p[5])
    x = torch.relu(x @ p[6] + p[7])
    return x @ p[8] + p[9]


def lstm(p, x):
    h = c = torch.zeros(x.shape[0], 64)
    for step in x.unbind(1):
        i, f, g, o = (step @ p[0] + h @ p[1] + p[2]).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h @ p[3] + p[4]


def normalise(x, scale, shift):
    return functional.layer_norm(x, [WIDTH], scale + 1, shift, 1e-5)


def attention(x, qkv, out):
    q, k, v = (
        part.reshape(-1, 28, HEADS, WIDTH // HEADS).transpose(1, 2)
        for part in (x @ qkv).chunk(3, 2)
    )
    scores = torch.softmax(q @ k.transpose(2, 3) * math.sqrt(HEADS / WIDTH), -1)
    return (scores @ v).transpose(1, 2).reshape(-1, 28, WIDTH) @ out


def transformer_layer(p, x):
    x = normalise(x + attention(x, p[0], p[1]), p[2], p[3])
    return normalise(x + torch.relu(x @ p[4] + p[5]) @ p[6] + p[7], p[8], p[9])


def transformer(p, x):
    x = x @ p[0] + p[1]
    x = transformer_layer(p[12:22], transformer_layer(p[2:12], x))
    return x.mean(1) @ p[22] + p[23]


MODELS = {"mlp": mlp, "lenet": lenet, "lstm": lstm, "transformer": transformer}


def optimizer_of(name, parameters):
    if name == "adam":
        return torch.optim.Adam(parameters, 0.001, eps=1e-7)
    return torch.optim.SGD(parameters, 0.01, momentum=0.9 if name == "momentum" else 0)


def step_of(task, compile_):
    parameters = [torch.tensor(p, requires_grad=True) for p in first_parameters(task["model"])]
    x, y = (torch.tensor(values) for values in batch_of(task["model"], task["batch"]))
    logits = MODELS[task["model"]]
    if not task["train"]:
        forward = compile_(lambda: logits(parameters, x).sum())

        def answer():
            with torch.no_grad():
                return forward().item()

        return answer
    loss_of = compile_(lambda: functional.cross_entropy(logits(parameters, x), y))
    optimizer = optimizer_of(task["optimizer"], parameters)
    update = compile_(optimizer.step)

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        update()
        return loss.item()

    return step


def build(task):
    """The compiled step; without a working compiler (C++ on this machine), the plain one."""
    try:
        step = step_of(task, torch.compile)
        step()
        return step_of(task, torch.compile), "compiled"
    except Exception:
        return step_of(task, lambda function: function), "eager"


def main():
    step = None
    for line in sys.stdin:
        task = json.loads(line)
        if "steps" not in task:
            step, how = build(task)
            ANSWERS.write(json.dumps({"version": f"PyTorch {torch.__version__}, {how}"}) + "\n")
            continue
        start = time.perf_counter()
        for _ in range(task["steps"]):
            loss = step()
        ms = (time.perf_counter() - start) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ANSWERS.write(json.dumps({"ms": ms, "loss": loss, "peak_mib": peak}) + "\n")


main()
