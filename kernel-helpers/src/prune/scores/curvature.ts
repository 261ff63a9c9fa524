import * as tf from '@tensorflow/tfjs';
import { random } from '../../data/random.ts';
import { checkFunction, checkNumber } from '../../errors.ts';
import { autodiff } from '../../estimators/autodiff.ts';
import type { Loss } from '../../estimators/estimator.ts';
import { leafwise, zerosLike } from '../../optim/transform.ts';
import { tidy } from '../../tidy.ts';
import { mapTree, release, type Tree } from '../../tree.ts';

/** How to estimate a Hessian's diagonal. */
export interface HessianOptions {
  /** Random directions to average over, at least 1. The error falls as their root. @default 10 */
  probes?: number;
  /** Fixes the directions. @default 0 */
  seed?: number;
  /** Length of the step between the two gradients of a difference, above 0. @default 1e-2 */
  step?: number;
}

/**
 * The diagonal of the Hessian by Hutchinson's estimator: the mean of v ⊙ Hv over directions v of random signs.
 * Hv is a central difference of gradients, so that any loss with a gradient will do. Exact for one probe where the Hessian is
 * diagonal and the loss quadratic.
 * @param loss A loss of the parameters.
 * @param params Where.
 * @param options See `HessianOptions`.
 * @returns A tree like the parameters, in loss per square of parameter; it belongs to the caller.
 * @throws HelperError `input/*` and `estimator/no-gradient` for a loss that has no gradient; no tensor is left behind.
 * @see Hutchinson 1990, doi:10.1080/03610919008812866; Bekas et al. 2007 for the diagonal
 */
export function hessianDiagonal<P extends Tree>(
  loss: Loss<P>,
  params: P,
  options: HessianOptions = {}
): P {
  checkFunction('the loss', loss, 'pass params => a scalar tensor');
  const probes = checkNumber('probes', options.probes ?? 10, { from: 1, integer: true });
  const step = checkNumber('step', options.step ?? 1e-2, { above: 0 });
  const { uniform } = random(options.seed ?? 0);
  const gradientAt = (at: P): P => autodiff()(loss, at).gradient;
  let sum = tidy(() => zerosLike(params));
  const withProbe = (before: P): P =>
    tidy(() => {
      const signs = mapTree(params, leaf => randomSigns(leaf.shape, uniform));
      const at = (distance: number): P =>
        gradientAt(leafwise((leaf, sign) => tf.add(leaf, tf.mul(sign, distance)), params, signs));
      const product = (total: tf.Tensor, sign: tf.Tensor, up: tf.Tensor, down: tf.Tensor) =>
        tf.add(total, tf.mul(sign, tf.div(tf.sub(up, down), 2 * step * probes)));
      return leafwise(product, before, signs, at(step), at(-step));
    });
  for (let probe = 0; probe < probes; probe++) {
    const before = sum;
    try {
      sum = withProbe(before);
    } finally {
      release(before);
    }
  }
  return sum;
}

function randomSigns(shape: number[], uniform: () => number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => (uniform() < 0.5 ? -1 : 1)),
    shape
  );
}
