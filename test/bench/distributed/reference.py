"""A worker of the other side, TensorFlow's MultiWorkerMirroredStrategy: times what it is told."""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Answers go to a copy of standard output, so that nothing TensorFlow prints can mix with them.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import numpy as np  # noqa: E402

import tensorflow as tf  # noqa: E402

STRATEGY = tf.distribute.MultiWorkerMirroredStrategy()
RANK = STRATEGY.cluster_resolver.task_id
WIDTHS = [784, 300, 100, 10]


@tf.function(reduce_retracing=True)
def reduce(values):
    def replica(x):
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(x))

    return STRATEGY.run(replica, args=(values,))


def time_reduce(count, times):
    """From numbers in memory to numbers in memory, as the other side does."""
    values = np.full([count], RANK + 1, np.float32)
    started = time.perf_counter()
    for _ in range(times):
        total = reduce(tf.constant(values)).numpy()
    return time.perf_counter() - started, float(total[-1])


def trainer():
    """A step as the strategy's own tutorial has it, with our model and optimiser."""
    import keras

    with STRATEGY.scope():
        inner = [keras.layers.Dense(width, "relu") for width in WIDTHS[1:-1]]
        model = keras.Sequential([keras.Input([WIDTHS[0]]), *inner, keras.layers.Dense(WIDTHS[-1])])
        optimizer = keras.optimizers.Adam(0.001)
    random = np.random.default_rng(RANK)
    x = tf.constant(random.random([64, WIDTHS[0]], np.float32))
    y = tf.constant(np.eye(10, dtype=np.float32)[random.integers(0, 10, 64)])

    def replica():
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits)) / 2
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    step = tf.function(lambda: STRATEGY.reduce("SUM", STRATEGY.run(replica), axis=None))

    def time_steps(steps):
        started = time.perf_counter()
        for _ in range(steps):
            loss = float(step())
        return time.perf_counter() - started, loss

    return time_steps


train = None
for line in sys.stdin:
    task = json.loads(line)
    if "count" in task:
        seconds, value = time_reduce(task["count"], task["times"])
    else:
        train = train or trainer()
        seconds, value = train(task["steps"])
    ANSWERS.write(json.dumps({"ms": 1000 * seconds, "value": value}) + "\n")
