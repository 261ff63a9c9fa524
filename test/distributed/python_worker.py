"""A worker of TensorFlow's own strategy: reduces what the test's TypeScript worker reduces."""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import tensorflow as tf  # noqa: E402

strategy = tf.distribute.MultiWorkerMirroredStrategy()
rank = strategy.cluster_resolver.task_id


@tf.function
def reduce(value):
    """One all-reduce over all workers, as the strategy sends gradients."""

    def replica(x):
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.fill([1000], x))

    return strategy.run(replica, args=(value,))


for step in range(int(os.environ["STEPS"])):
    total = reduce(tf.cast((rank + 1) * (step + 1), tf.float32) / 10).numpy()
    answer = {"step": step, "first": float(total[0]), "last": float(total[-1])}
    ANSWERS.write(json.dumps(answer) + "\n")
ANSWERS.write(json.dumps({"done": True}) + "\n")
