import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { checkLayersModel, layersNetwork, type LayerParams } from '../../training/network.ts';
import { makeMasks, type MaskOptions } from '../make-masks.ts';
import type { Masks } from '../masks.ts';
import { checkMasks } from '../masks.ts';
import { checkSchedule, oneShot, type SparsitySchedule } from '../schedules.ts';

/** How to prune a Layers model while `model.fit` trains it. */
export interface AttachOptions extends Omit<
  MaskOptions,
  'sparsity' | 'within' | 'gradients' | 'memory'
> {
  /** How sparse, and when masks are made anew. @default once, from `masks` */
  schedule?: SparsitySchedule;
  /** Masks to start from, by the name of the variable, such as those that `loadMasks` read; copied. */
  masks?: Masks;
}

/** Masks that are kept on a Layers model. */
export interface Attached {
  /** The masks now, by the name of the variable; they belong to this object. */
  readonly masks: Masks;
  /**
   * An optimiser whose steps leave pruned weights at 0; works in `compileStep` too.
   * @param inner The optimiser that makes the steps.
   * @returns What to pass to `model.compile`.
   */
  optimizer(inner: tf.Optimizer): tf.Optimizer;
  /** Follows the schedule: to pass to `model.fit`, over several calls as well. */
  callbacks(): tf.CustomCallbackArgs;
  /** Ends pruning: zeros stay in the weights, the masks are freed. */
  strip(): void;
}

/**
 * Prunes a Layers model: masks its weights by a schedule, and keeps them masked while `model.fit` trains.
 * @param model A built model; its weights are masked in place once the schedule begins.
 * @param options See `AttachOptions`.
 * @returns What keeps the masks.
 * @throws HelperError as `makeMasks`; for masks that do not fit, `input/structure` or `input/shape`, and the model is left as it was.
 * @example
 * const pruning = attach(model, { schedule: polynomialDecay({ to: 0.8, end: 1000 }) });
 * model.compile({ optimizer: pruning.optimizer(tf.train.adam()), loss: 'categoricalCrossentropy' });
 * await model.fit(x, y, { callbacks: pruning.callbacks() });
 * pruning.strip();
 */
export function attach(model: tf.LayersModel, options: AttachOptions): Attached {
  checkLayersModel(model, 'for networks of functions use pruning or masking');
  return new AttachedMasks(model, options ?? {});
}

class AttachedMasks implements Attached {
  readonly masks: Readonly<Record<string, tf.Variable>>;
  readonly #model: tf.LayersModel;
  readonly #options: AttachOptions;
  readonly #schedule: SparsitySchedule;
  #step = 0;

  constructor(model: tf.LayersModel, options: AttachOptions) {
    const { masks, schedule, ...rest } = options;
    if (!masks && !schedule) {
      throw new HelperError('input/value', 'expected { schedule } or { masks }, got neither');
    }
    if (schedule) checkSchedule(schedule);
    this.#model = model;
    this.#options = rest;
    this.#schedule = schedule ?? { ...oneShot(0), isDue: () => false };
    const params = this.#params();
    if (masks) checkMasks(params, masks);
    const first = masks ?? makeMasks(params, { ...rest, sparsity: 0 });
    // Variables: a compiled step reads them anew each time, so changed masks need no other compilation.
    const entries = Object.entries(first).map(([name, mask]) => [name, tf.variable(mask, false)]);
    this.masks = Object.fromEntries(entries) as Record<string, tf.Variable>;
    if (!masks) tf.dispose(Object.values(first));
    else this.#apply();
  }

  optimizer(inner: tf.Optimizer): tf.Optimizer {
    return new MaskedOptimizer(inner, this.masks);
  }

  callbacks(): tf.CustomCallbackArgs {
    return { onBatchBegin: () => this.#beforeStep() };
  }

  strip(): void {
    this.#apply();
    Object.values(this.masks).forEach(mask => mask.dispose());
  }

  #beforeStep(): void {
    const step = this.#step++;
    if (!this.#schedule.isDue(step)) return;
    const sparsity = this.#schedule.sparsityAt(step);
    const next = makeMasks(this.#params(), { ...this.#options, sparsity, within: this.masks });
    for (const [name, mask] of Object.entries(next)) {
      this.masks[name]!.assign(mask);
      mask.dispose();
    }
    this.#apply();
  }

  #params(): LayerParams {
    return layersNetwork(this.#model).params;
  }

  /** Sets pruned weights to 0. */
  #apply(): void {
    maskVariables(
      this.#model.trainableWeights.map(weight => weight.read()),
      this.masks
    );
  }
}

/** Steps of another optimiser, then zeros where the masks have them. */
class MaskedOptimizer extends tf.Optimizer {
  readonly #inner: tf.Optimizer;
  readonly #masks: Masks;

  constructor(inner: tf.Optimizer, masks: Masks) {
    super();
    this.#inner = inner;
    this.#masks = masks;
  }

  /** Followed by `compileStep`, which records a step anew when it changes. */
  get learningRate(): number | undefined {
    return (this.#inner as { learningRate?: number }).learningRate;
  }

  override applyGradients(...[gradients]: Parameters<tf.Optimizer['applyGradients']>): void {
    this.#inner.applyGradients(gradients);
    const names = Array.isArray(gradients)
      ? gradients.map(({ name }) => name)
      : Object.keys(gradients);
    const variables = tf.engine().registeredVariables;
    maskVariables(
      names.map(name => variables[name]!),
      this.#masks
    );
  }

  override dispose(): void {
    this.#inner.dispose();
  }

  override getClassName(): string {
    return this.#inner.getClassName();
  }

  getConfig(): tf.serialization.ConfigDict {
    return this.#inner.getConfig();
  }
}

function maskVariables(variables: readonly tf.Tensor[], masks: Masks): void {
  for (const variable of variables) {
    const { name } = variable as tf.Variable;
    const mask = masks[name];
    if (mask) tf.tidy(() => (variable as tf.Variable).assign(tf.mul(variable, mask)));
  }
}
