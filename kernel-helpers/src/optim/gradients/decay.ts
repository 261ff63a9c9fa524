import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { spend } from '../arithmetic.ts';
import { masked, type Mask } from '../masks.ts';
import { leafwise, stateless, type Transform } from '../transform.ts';

export type { Mask } from '../masks.ts';

/**
 * Adds a multiple of the parameters to the updates. Before an adaptive rule this is an L2 penalty, after it decoupled decay.
 * @param weightDecay Factor of the parameters, at least 0.
 * @param mask Which parameters decay; all without it. Biases and normalisation are commonly left out.
 * @returns A stateless transform.
 */
export function addDecayedWeights(weightDecay: number, mask?: Mask): Transform {
  checkNumber('weightDecay', weightDecay, { from: 0 });
  const decay = stateless('addDecayedWeights', (updates: Tree, params: Tree) =>
    leafwise(
      (u, p) => {
        const decayed = tf.mul(p, weightDecay);
        return spend(tf.add(u, decayed), decayed);
      },
      updates,
      params
    )
  );
  return mask === undefined ? decay : masked(decay, mask);
}
