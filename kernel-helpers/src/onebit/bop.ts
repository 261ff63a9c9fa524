import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';
import { average } from '../optim/arithmetic.ts';
import { defineTransform, leafwise, zerosLike, type Transform } from '../optim/transform.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { mapTree, type Tree } from '../tree.ts';
import { isBinaryKernel } from './layers/quantized-layer.ts';
import { checkSigns } from './packed/columns.ts';
import { binarySign } from './quantizers/straight-through.ts';

/** Options of Bop. */
export interface BopOptions {
  /** Adaptivity rate γ, the share of a new gradient in the average, from 0 to 1; or a schedule. @default 1e-4 */
  gamma?: number | Schedule;
  /** Threshold τ that the average must pass for a flip, at least 0. @default 1e-8 */
  threshold?: number;
}

/**
 * Bop, which trains weights of −1 and 1 without latent ones: a weight flips when the running average of its gradient has its sign and is larger
 * than the threshold. Other parameters need another optimiser: `partition` by `isBinaryKernel`.
 * @param options See `BopOptions`.
 * @returns A transform whose state holds one tensor per parameter; its `init` throws HelperError `input/value` naming a weight that is
 *   neither −1 nor 1 (see `binarizeKernels`).
 * @example partition({ binary: onebit.bop(), rest: adam() }, path => (onebit.isBinaryKernel(path) ? 'binary' : 'rest'))
 * @see Helwegen et al. 2019, arXiv:1906.02107, algorithm 1
 */
export function bop(options: BopOptions = {}): Transform {
  const { gamma = 1e-4 } = options;
  if (typeof gamma === 'number') checkNumber('gamma', gamma, { from: 0, to: 1 });
  const threshold = checkNumber('threshold', options.threshold ?? 1e-8, { from: 0 });
  const gammaAt = typeof gamma === 'number' ? (): number => gamma : gamma;
  return defineTransform<{ count: number; mean: Tree }>('bop', {
    init(params) {
      mapTree(params, (leaf, path) => {
        checkSigns(path, leaf.dataSync());
        return leaf;
      });
      return { count: 0, mean: zerosLike(params) };
    },
    update(gradients, { count, mean }, params) {
      const next = leafwise((g, m) => average(m, g, 1 - gammaAt(count)), gradients, mean);
      const flip = (weight: tf.Tensor, m: tf.Tensor): tf.Tensor => {
        const flips = tf.cast(tf.greater(tf.mul(weight, m), threshold), 'float32');
        return tf.mul(tf.mul(weight, -2), flips);
      };
      return { updates: leafwise(flip, params, next), state: { count: count + 1, mean: next } };
    }
  });
}

/**
 * Keeps latent weights within bounds, where the clipped estimator still has a gradient: the last part of a chain.
 * @param limit Largest magnitude of a weight after the step. @default 1
 * @returns A stateless transform.
 * @example masked(chain(adam(), onebit.clipWeights()), onebit.isBinaryKernel)
 * @see Courbariaux et al. 2015, arXiv:1511.00363, section 2.4
 */
export function clipWeights(limit = 1): Transform {
  checkNumber('limit', limit, { above: 0 });
  return defineTransform('clipWeights', {
    init: () => ({}),
    update: (updates, state, params) => ({
      updates: leafwise(
        (u, p) => tf.sub(tf.clipByValue(tf.add(p, u), -limit, limit), p),
        updates,
        params
      ),
      state
    })
  });
}

/**
 * Replaces the kernels of a model's quantized layers by their signs, from which Bop starts.
 * @param model A built model; changed in place.
 */
export function binarizeKernels(model: tf.LayersModel): void {
  for (const variable of model.trainableWeights) {
    if (!isBinaryKernel(variable.name)) continue;
    const signs = tf.tidy(() => binarySign(variable.read()));
    variable.write(signs);
    signs.dispose();
  }
}

/**
 * The share of numbers whose sign differs between two trees: how much a training step changed a binary model.
 * @param before A tree of tensors.
 * @param after A tree of the same structure and shapes.
 * @returns From 0 to 1.
 */
export function flipRatio(before: Tree, after: Tree): number {
  return tf.tidy(() => {
    let [flips, size] = [0, 0];
    leafwise(
      (a, b) => {
        const differ = tf.notEqual(binarySign(a), binarySign(b));
        flips += tf.sum(tf.cast(differ, 'float32')).dataSync()[0]!;
        size += a.size;
        return a;
      },
      before,
      after
    );
    return flips / size;
  });
}
