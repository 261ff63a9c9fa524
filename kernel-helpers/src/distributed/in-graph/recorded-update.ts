import * as tf from '@tensorflow/tfjs';
import { Steps } from '../../jit/steps.ts';
import type { BatchLoss } from '../../jit/train-step.ts';
import type { Transform } from '../../optim/transform.ts';
import type { Position } from '../../training/step.ts';
import { leaves, type Tree } from '../../tree.ts';
import { AgreedWay } from './agreed-way.ts';

/** Steps after which recording the optimiser pays off. All workers change over at the same step, so that they stay equal. */
const firstSteps = 10;

/** An optimiser's step along gradients at hand, as one function, which XLA compiles while the first steps run. */
export class RecordedUpdate {
  readonly #way = new AgreedWay();
  readonly #steps: Steps;

  /**
   * Records nothing yet.
   * @param optimizer The optimiser.
   */
  constructor(optimizer: Transform) {
    const options = { name: 'update', compile: 'never' } as const;
    this.#steps = new Steps(optimizer, along as BatchLoss<Tree, unknown[]>, options, this.#way);
  }

  /** Whether this worker has compiled it. */
  get isCompiled(): boolean {
    return this.#way.isCompiled;
  }

  /**
   * Takes a step.
   * @param gradient The gradient; not disposed of.
   * @param from Where to start; not disposed of.
   * @param step Steps taken so far, the same on all workers.
   * @param isAgreed Whether all workers said that they have compiled it, on processors of one kind.
   * @returns The next position, which belongs to the caller; undefined while the run is young.
   * @throws TensorFlowError `jit/*` for an optimiser that cannot be recorded.
   */
  take<P extends Tree>(
    gradient: Tree,
    from: Position<P>,
    step: number,
    isAgreed: boolean
  ): Position<P> | undefined {
    this.#way.note(isAgreed);
    if (step < firstSteps) return undefined;
    const started = performance.now();
    const { loss, ...next } = this.#steps.take<P>({ ...from }, [gradient]);
    this.#way.add(performance.now() - started);
    loss.dispose();
    return next;
  }

  /** Takes the function out of TensorFlow. */
  dispose(): void {
    this.#steps.clear();
  }
}

/** A loss whose gradient is the one at hand; nobody looks at its value. */
function along(params: Tree, gradient: Tree): tf.Scalar {
  const parts = leaves(gradient);
  const loss = tf.customGrad(() => ({
    value: tf.scalar(0),
    gradFunc: () => parts.map(part => tf.clone(part))
  }));
  return loss(...leaves(params));
}
