"""Python's side of the training benchmark.

Builds what it is told to on standard input and times steps, one JSON object a line.
"""

import json
import math
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Answers go to a copy of standard output, so that nothing TensorFlow prints can mix with them.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402
from models import HEADS, INPUTS, WIDTH, batch_of, first_parameters  # noqa: E402

import tensorflow as tf  # noqa: E402


def mlp(p, x):
    x = tf.nn.relu(x @ p[0] + p[1])
    x = tf.nn.relu(x @ p[2] + p[3])
    return x @ p[4] + p[5]


def lenet(p, x):
    x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, p[0], 1, "SAME") + p[1]), 2, 2, "VALID")
    x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, p[2], 1, "VALID") + p[3]), 2, 2, "VALID")
    x = tf.reshape(x, [-1, 400])
    x = tf.nn.relu(x @ p[4] + p[5])
    x = tf.nn.relu(x @ p[6] + p[7])
    return x @ p[8] + p[9]


def lstm(p, x):
    h = c = tf.zeros([x.shape[0], 64])
    for step in tf.unstack(x, axis=1):
        i, f, g, o = tf.split(step @ p[0] + h @ p[1] + p[2], 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    return h @ p[3] + p[4]


def dense(x, w):
    return tf.reshape(tf.reshape(x, [-1, w.shape[0]]) @ w, [-1, 28, w.shape[1]])


def normalise(x, scale, shift):
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + 1e-5) * (scale + 1) + shift


def attention(x, qkv, out):
    q, k, v = (
        tf.transpose(tf.reshape(part, [-1, 28, HEADS, WIDTH // HEADS]), [0, 2, 1, 3])
        for part in tf.split(dense(x, qkv), 3, 2)
    )
    scores = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * math.sqrt(HEADS / WIDTH))
    return dense(tf.reshape(tf.transpose(scores @ v, [0, 2, 1, 3]), [-1, 28, WIDTH]), out)


def transformer_layer(p, x):
    x = normalise(x + attention(x, p[0], p[1]), p[2], p[3])
    return normalise(x + dense(tf.nn.relu(dense(x, p[4]) + p[5]), p[6]) + p[7], p[8], p[9])


def transformer(p, x):
    x = dense(x, p[0]) + p[1]
    x = transformer_layer(p[12:22], transformer_layer(p[2:12], x))
    return tf.reduce_mean(x, 1) @ p[22] + p[23]


MODELS = {"mlp": mlp, "lenet": lenet, "lstm": lstm, "transformer": transformer}


def update_rule(name, parameters):
    """The plain formulas, so that no framework's bookkeeping is timed."""
    zeros = lambda: [tf.Variable(tf.zeros_like(p)) for p in parameters]  # noqa: E731
    if name == "sgd":
        return lambda grads: [
            p.assign_sub(0.01 * g) for p, g in zip(parameters, grads, strict=True)
        ]
    if name == "momentum":
        velocities = zeros()

        def momentum(grads):
            for p, v, g in zip(parameters, velocities, grads, strict=True):
                v.assign(0.9 * v + g)
                p.assign_sub(0.01 * v)

        return momentum
    first, second = zeros(), zeros()
    power1, power2 = tf.Variable(0.9), tf.Variable(0.999)

    def adam(grads):
        for p, m, v, g in zip(parameters, first, second, grads, strict=True):
            m.assign(0.9 * m + 0.1 * g)
            v.assign(0.999 * v + 0.001 * g * g)
            p.assign_sub(0.001 * (m / (1 - power1)) / (tf.sqrt(v / (1 - power2)) + 1e-7))
        power1.assign(power1 * 0.9)
        power2.assign(power2 * 0.999)

    return adam


def function_step(task):
    parameters = [tf.Variable(p) for p in first_parameters(task["model"])]
    logits = MODELS[task["model"]]
    x, y = map(tf.constant, batch_of(task["model"], task["batch"]))
    compiled = tf.function(jit_compile=task["jit"])
    if not task["train"]:
        forward = compiled(lambda x: tf.reduce_sum(logits(parameters, x)))
        return lambda: float(forward(x))
    update = update_rule(task["optimizer"], parameters)

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits(parameters, x)))
        update(tape.gradient(loss, parameters))
        return loss

    step = compiled(step)
    return lambda: float(step(x, y))


def keras_model(task):
    import keras

    layers = keras.layers
    stacks = {
        "mlp": [layers.Dense(300, "relu"), layers.Dense(100, "relu"), layers.Dense(10)],
        "lenet": [
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, "relu"),
            layers.Dense(84, "relu"),
            layers.Dense(10),
        ],
        "lstm": [layers.LSTM(64, use_cudnn=False), layers.Dense(10)],
    }
    model = keras.Sequential([keras.Input(INPUTS[task["model"]]), *stacks[task["model"]]])
    optimizers = {
        "sgd": lambda: keras.optimizers.SGD(0.01),
        "momentum": lambda: keras.optimizers.SGD(0.01, 0.9),
        "adam": lambda: keras.optimizers.Adam(0.001),
    }
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizers[task["optimizer"]](), loss, jit_compile=True)
    return model


class KerasFit:
    """`fit` over as many batches as steps, in one epoch, each batch's loss read by a callback."""

    def __init__(self, task):
        import keras

        self.model = keras_model(task)
        self.x, self.y = batch_of(task["model"], task["batch"])
        self.batch = task["batch"]
        losses = self.losses = []

        class ReadLoss(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                losses.append(float(logs["loss"]))

        self.callback = ReadLoss()

    def run(self, steps):
        x, y = (np.concatenate([values] * steps) for values in (self.x, self.y))
        start = time.perf_counter()
        self.model.fit(x, y, self.batch, shuffle=False, verbose=0, callbacks=[self.callback])
        return (time.perf_counter() - start) * 1000, self.losses[-1]


class Steps:
    """A step function called in a loop; its loss is read at every step."""

    def __init__(self, task):
        self.step = function_step(task)

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        return (time.perf_counter() - start) * 1000, loss


def main():
    running = None
    for line in sys.stdin:
        task = json.loads(line)
        if "steps" not in task:
            running = KerasFit(task) if task["kind"] == "keras" else Steps(task)
            ANSWERS.write(json.dumps({"version": tf.__version__}) + "\n")
            continue
        ms, loss = running.run(task["steps"])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ANSWERS.write(json.dumps({"ms": ms, "loss": loss, "peak_mib": peak}) + "\n")


main()
