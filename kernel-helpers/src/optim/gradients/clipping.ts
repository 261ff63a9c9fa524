import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { globalNorm } from '../arithmetic.ts';
import { leafwise, stateless, type Transform } from '../transform.ts';

/**
 * Limits each element to between −`limit` and `limit`.
 * @param limit Above 0, in loss per unit of parameter.
 * @returns A stateless transform.
 */
export function clipByValue(limit: number): Transform {
  checkNumber('limit', limit, { above: 0 });
  return stateless('clipByValue', g => leafwise(leaf => tf.clipByValue(leaf, -limit, limit), g));
}

/**
 * Scales each tensor down to an L2 norm of `maxNorm`; a shorter one passes unchanged.
 * @param maxNorm Above 0, in loss per unit of parameter.
 * @returns A stateless transform.
 */
export function clipByNorm(maxNorm: number): Transform {
  checkNumber('maxNorm', maxNorm, { above: 0 });
  return stateless('clipByNorm', gradients =>
    leafwise(g => tf.div(g, tf.maximum(tf.div(tf.norm(g), maxNorm), 1)), gradients)
  );
}

/**
 * Scales a gradient down to a global L2 norm of `maxNorm`; a shorter one passes unchanged.
 * @param maxNorm Above 0, in loss per unit of parameter.
 * @returns A stateless transform; each leaf keeps its shape, and the input is not changed.
 * @example chain(clipByGlobalNorm(1), scale(-0.1))
 * @see Pascanu et al. 2013, arXiv:1211.5063, algorithm 1
 */
export function clipByGlobalNorm(maxNorm: number): Transform {
  checkNumber('maxNorm', maxNorm, { above: 0 });
  return stateless('clipByGlobalNorm', gradients => {
    const divisor = tf.maximum(tf.div(globalNorm(gradients), maxNorm), 1);
    return leafwise(g => tf.div(g, divisor), gradients);
  });
}

/**
 * Scales each tensor down to a root mean square of `maxRms`; a smaller one passes unchanged.
 * @param maxRms Above 0.
 * @returns A stateless transform.
 */
export function clipByRms(maxRms: number): Transform {
  checkNumber('maxRms', maxRms, { above: 0 });
  return stateless('clipByRms', updates =>
    leafwise(u => tf.div(u, tf.maximum(tf.div(tf.sqrt(tf.mean(tf.square(u))), maxRms), 1)), updates)
  );
}

/**
 * Scales each unit's gradient down to a share of the unit's own norm. A unit is what feeds one output: a column of a matrix,
 * a filter of a convolution, a whole vector.
 * @param share Largest ratio of the norms, above 0, for example 0.01.
 * @param smallest Least norm of a unit that counts, so that units of 0 can grow. @default 0.001
 * @returns A stateless transform.
 * @see Brock et al. 2021, arXiv:2102.06171, equation 3
 */
export function clipAdaptive(share: number, smallest = 1e-3): Transform {
  checkNumber('share', share, { above: 0 });
  checkNumber('smallest', smallest, { above: 0 });
  return stateless('clipAdaptive', (gradients, params) =>
    leafwise(
      (g, p) => {
        const limit = tf.mul(tf.maximum(unitNorm(p), smallest), share);
        const norm = unitNorm(g);
        return tf.where(
          tf.broadcastTo(tf.less(norm, limit), g.shape),
          g,
          tf.mul(g, tf.div(limit, tf.maximum(norm, 1e-6)))
        );
      },
      gradients,
      params
    )
  );
}

function unitNorm(leaf: tf.Tensor): tf.Tensor {
  const vector = leaf.shape.filter(size => size > 1).length <= 1;
  const axes = leaf.rank <= 3 ? [0] : leaf.shape.slice(0, -1).map((_, axis) => axis);
  return tf.sqrt(tf.sum(tf.square(leaf), vector ? undefined : axes, true));
}
