import {
  data,
  estimators,
  jit,
  prune,
  training,
  trainStep,
  type optim,
  type State,
  type Tree
} from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';

/** A network while it is trained. */
export interface Run<P extends Tree> {
  readonly params: P;
  readonly state: State;
}

/** How to train. */
export interface TrainOptions<P extends Tree> {
  readonly optimizer: optim.Transform;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Called before each step; may give another position. */
  readonly before?: (run: Run<P>, step: number) => Run<P>;
}

/** Trains with compiled steps where TensorFlow runs, step by step elsewhere. Parameters belong to the caller. */
export function train<P extends Tree>(
  network: training.Network<P>,
  examples: { inputs: tf.Tensor; targets: tf.Tensor },
  { optimizer, steps, batchSize, seed, before }: TrainOptions<P>
): P {
  const { at } = data.batches(examples, { batchSize, seed });
  const loss = (params: P, inputs: tf.Tensor, targets: tf.Tensor): tf.Scalar =>
    training.crossEntropy(targets, network.apply(params, inputs));
  const compiled = tf.getBackend() === 'tensorflow' ? trainStep(optimizer, loss) : undefined;
  const plain = (run: Run<P>, x: tf.Tensor, y: tf.Tensor): Run<P> =>
    training.takeStep(optimizer, estimators.autodiff(), at => loss(at, x, y), run);
  let run = tf.tidy(() => {
    const params = copy(network.params);
    return { params, state: optimizer.init(params) } as never;
  }) as unknown as Run<P>;
  for (let step = 0; step < steps; step++) {
    run = before?.(run, step) ?? run;
    const { inputs, targets } = at(step);
    const next = compiled ? compiled(run, inputs, targets) : plain(run, inputs, targets);
    training.releasePosition(run, next);
    tf.dispose([inputs, targets, (next as { loss?: unknown }).loss as tf.Tensor]);
    run = { params: next.params, state: next.state };
  }
  compiled?.dispose();
  tf.dispose(run.state as tf.TensorContainer);
  return run.params;
}

/** Makes the masks of a schedule before its steps. */
export function masksBy<P extends Tree>(
  schedule: prune.SparsitySchedule,
  options: prune.MaskOptions
): (run: Run<P>, step: number) => Run<P> {
  return (run, step) => {
    if (!schedule.isDue(step)) return run;
    const share = schedule.sparsityAt(step) / schedule.sparsityAt(Infinity);
    const { sparsity } = options;
    const at: prune.MaskOptions['sparsity'] =
      typeof sparsity === 'function'
        ? (path, leaf) => share * sparsity(path, leaf)
        : share * (sparsity ?? 0);
    const within = prune.masksOf(run.state);
    const masks = prune.makeMasks(run.params, { ...options, sparsity: at, within });
    const next = prune.withMasks(run, masks);
    tf.dispose(masks);
    return next;
  };
}

/** Masks that keep all. */
export function allKept(params: Tree): prune.Masks {
  return prune.makeMasks(params, { sparsity: 0 });
}

/** Share of test examples that a network gets wrong, in percent. */
export function errorOf<P extends Tree>(
  network: training.Network<P>,
  params: P,
  test: { inputs: tf.Tensor; targets: tf.Tensor }
): number {
  return tf.tidy(() => {
    const logits = training.predict(network, params, test.inputs, 1000);
    return 100 * (1 - training.accuracy(test.targets, logits));
  });
}

/** New tensors of the same values. */
export function copy<P extends Tree>(params: P): P {
  return prune.applyMasks(params, {});
}

/** Runs 10,000 inferences in batches of 100, as one compiled function where TensorFlow runs. */
export function inferences<P extends Tree>(
  network: training.Network<P>,
  params: P,
  inputs: tf.Tensor
): () => void {
  const apply = (at: P, x: tf.Tensor): tf.Tensor => network.apply(at, x);
  const run = tf.getBackend() === 'tensorflow' ? jit(apply) : apply;
  const batch = (from: number): void =>
    tf.tidy(() => void run(params, tf.slice(inputs, from % inputs.shape[0], 100)).dataSync());
  // The first call compiles.
  batch(0);
  return () => {
    for (let from = 0; from < 10_000; from += 100) batch(from);
  };
}
