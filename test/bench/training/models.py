"""Parameters and data of the training benchmark, the same for every side."""

import math

import numpy as np

WIDTH, HEADS = 64, 4
LAYER = [
    [WIDTH, 3 * WIDTH],
    [WIDTH, WIDTH],
    [WIDTH],
    [WIDTH],
    [WIDTH, 4 * WIDTH],
    [4 * WIDTH],
    [4 * WIDTH, WIDTH],
    [WIDTH],
    [WIDTH],
    [WIDTH],
]
SHAPES = {
    "mlp": [[784, 300], [300], [300, 100], [100], [100, 10], [10]],
    "lenet": [
        [5, 5, 1, 6],
        [6],
        [5, 5, 6, 16],
        [16],
        [400, 120],
        [120],
        [120, 84],
        [84],
        [84, 10],
        [10],
    ],
    "lstm": [[28, 256], [64, 256], [256], [64, 10], [10]],
    "transformer": [[28, WIDTH], [28, WIDTH], *LAYER, *LAYER, [WIDTH, 10], [10]],
}
INPUTS = {"mlp": [784], "lenet": [28, 28, 1], "lstm": [28, 28], "transformer": [28, 28]}


def uniform(seed):
    state = seed
    while True:
        state = state * 16807 % 2147483647
        yield state / 2147483647


def first_parameters(name):
    draw = uniform(1)
    parameters = []
    for shape in SHAPES[name]:
        if len(shape) < 2:
            parameters.append(np.zeros(shape, np.float32))
            continue
        limit = math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        values = [(next(draw) * 2 - 1) * limit for _ in range(math.prod(shape))]
        parameters.append(np.array(values, np.float32).reshape(shape))
    return parameters


def batch_of(name, size):
    draw = uniform(2)
    shape = [size, *INPUTS[name]]
    x = np.array([next(draw) for _ in range(math.prod(shape))], np.float32).reshape(shape)
    y = np.zeros([size, 10], np.float32)
    for i in range(size):
        y[i, math.floor(next(draw) * 10)] = 1
    return x, y
