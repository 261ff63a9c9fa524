import * as tf from '@tensorflow/tfjs';
import { leaves, type Tree } from '../tree.ts';

/** Adds the numbers of all workers, element by element; it can be differentiated. */
export type SumOverWorkers = (values: tf.Tensor) => tf.Tensor;

/** The parts of TensorFlow.js's BatchNormalization that its types call private. */
interface BatchNormalization extends tf.layers.Layer {
  readonly axis: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly gamma?: Weight;
  readonly beta?: Weight;
  readonly movingMean: Weight;
  readonly movingVariance: Weight;
}

interface Weight {
  read(): tf.Tensor;
  write(value: tf.Tensor): unknown;
}

/** Mean and variance of one layer's input over the batches of all workers, each of shape [channels]. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** What a model's batch normalisation knows of the batches: the moving means and variances, which no gradient changes. */
export class BatchStatistics {
  readonly #layers: readonly BatchNormalization[];

  private constructor(layers: readonly BatchNormalization[]) {
    this.#layers = layers;
  }

  /**
   * The statistics of a model.
   * @param model A built Layers model; models inside it are looked through.
   * @returns Its statistics; undefined for a model that normalises no batch.
   */
  static of(model: tf.LayersModel): BatchStatistics | undefined {
    const layers = normalisations(model);
    return layers.length > 0 ? new BatchStatistics(layers) : undefined;
  }

  /** The moving means and variances; they belong to the model. */
  get values(): Tree {
    return this.#layers.map(({ movingMean, movingVariance }) => [
      movingMean.read(),
      movingVariance.read()
    ]);
  }

  /**
   * Replaces the moving means and variances.
   * @param values As `values` gives them; copied.
   */
  write(values: Tree): void {
    const list = leaves(values);
    this.#layers.forEach(({ movingMean, movingVariance }, i) => {
      movingMean.write(list[2 * i]!);
      movingVariance.write(list[2 * i + 1]!);
    });
  }

  /**
   * Lets training steps normalise by the batches of all workers, as one worker with all examples would.
   * @param sum Adds over the workers.
   * @param work Computes with the model in training.
   * @returns What `work` returned, and the moments in the order in which layers came to them, for `advance`.
   * @see Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1
   */
  over<T>(sum: SumOverWorkers, work: () => T): { value: T; moments: Moments[] } {
    const moments = new Map<BatchNormalization, Moments>();
    const owns = this.#layers.map(layer => Object.getOwnPropertyDescriptor(layer, 'call'));
    for (const layer of this.#layers) {
      const own = layer.call.bind(layer);
      layer.call = (inputs, kwargs) => {
        if (!kwargs.training) return own(inputs, kwargs);
        const [x] = Array.isArray(inputs) ? (inputs as [tf.Tensor]) : [inputs];
        const { normalised, ...found } = normalise(layer, x, sum);
        moments.set(layer, found);
        return normalised;
      };
    }
    try {
      const value = work();
      return { value, moments: this.#layers.flatMap(layer => moments.get(layer) ?? []) };
    } finally {
      this.#layers.forEach((layer, i) => {
        // The method of the class is seen again.
        Reflect.deleteProperty(layer, 'call');
        if (owns[i]) Object.defineProperty(layer, 'call', owns[i]);
      });
    }
  }

  /**
   * Moves the moving means and variances on by a step.
   * @param moments What `over` gave.
   */
  advance(moments: readonly Moments[]): void {
    tf.tidy(() =>
      this.#layers.forEach(({ movingMean, movingVariance, momentum }, i) => {
        const found = moments[i];
        if (!found) return;
        for (const [weight, value] of [
          [movingMean, found.mean],
          [movingVariance, found.variance]
        ] as const) {
          const delta = tf.mul(tf.sub(weight.read(), value), 1 - momentum);
          weight.write(tf.sub(weight.read(), delta));
        }
      })
    );
  }
}

function normalisations(model: tf.LayersModel): BatchNormalization[] {
  return model.layers.flatMap(layer => {
    if ('layers' in layer) return normalisations(layer as unknown as tf.LayersModel);
    const isOne = layer.getClassName() === 'BatchNormalization';
    return isOne ? [layer as unknown as BatchNormalization] : [];
  });
}

function normalise(layer: BatchNormalization, x: tf.Tensor, sum: SumOverWorkers) {
  const axis = layer.axis >= 0 ? layer.axis : layer.axis + x.rank;
  const others = x.shape.map((_, i) => i).filter(i => i !== axis);
  const channels = x.shape[axis]!;
  const broadcast = x.shape.map((length, i) => (i === axis ? length : 1));
  const count = tf.scalar(x.size / channels);
  const sums = sum(tf.concat([tf.sum(x, others), tf.reshape(count, [1])]));
  const total = tf.slice(sums, [channels], [1]);
  const mean = tf.div(tf.slice(sums, [0], [channels]), total);
  // In two passes: the difference of mean square and squared mean would lose digits.
  const centred = tf.sub(x, tf.reshape(mean, broadcast));
  const variance = tf.div(sum(tf.sum(tf.square(centred), others)), total);
  const scale = tf.rsqrt(tf.add(variance, layer.epsilon));
  const gain = layer.gamma ? tf.mul(scale, layer.gamma.read()) : scale;
  const scaled = tf.mul(centred, tf.reshape(gain, broadcast));
  const normalised = layer.beta ? tf.add(scaled, tf.reshape(layer.beta.read(), broadcast)) : scaled;
  // They outlive the differentiation around them.
  return { normalised, mean: tf.keep(mean), variance: tf.keep(variance) };
}
