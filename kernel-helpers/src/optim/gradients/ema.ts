import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { release, type Tree } from '../../tree.ts';
import { averages } from '../arithmetic.ts';
import {
  applyUpdates,
  defineTransform,
  leafwise,
  zerosLike,
  type Transform
} from '../transform.ts';

/**
 * Replaces gradients by their running average.
 * @param decay Share of the old average that is kept, from 0 up to 1.
 * @param options `debias`: corrects for starting at 0. @default true
 * @returns A transform.
 */
export function ema(decay: number, options: { debias?: boolean } = {}): Transform {
  checkNumber('decay', decay, { from: 0, below: 1 });
  return defineTransform<{ count: number; mean: Tree }>('ema', {
    init: params => ({ count: 0, mean: zerosLike(params) }),
    update(gradients, old) {
      const count = old.count + 1;
      const mean = averages(old.mean, gradients, decay);
      const debias = options.debias ?? true;
      const updates = debias ? leafwise(m => tf.div(m, 1 - decay ** count), mean) : mean;
      return { updates, state: { count, mean } };
    }
  });
}

/** State of `averageParams`; `average` holds the averaged parameters, to evaluate a model with. */
export type Averaged = { readonly count: number; readonly average: Tree };

/**
 * Follows an optimiser with an average of the parameters, which it leaves as they are. Stands last in a chain.
 * @param decay Share of the old average that is kept, from 0 up to 1; `polyak` weighs all steps alike.
 * @returns A transform; `average` in its state holds the averaged parameters, the start not included.
 * @see Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"
 */
export function averageParams(decay: number | 'polyak'): Transform {
  if (decay !== 'polyak') checkNumber('decay', decay, { from: 0, below: 1 });
  return defineTransform<Averaged>('averageParams', {
    init: params => ({ count: 0, average: zerosLike(params) }),
    update(updates, old, params) {
      const count = old.count + 1;
      const reached = applyUpdates(params, updates);
      // The first parameters count in full: an average that starts at 0 would have to be corrected by its reader.
      const kept = count === 1 ? 0 : decay === 'polyak' ? old.count / count : decay;
      const next = averages(old.average, reached, kept);
      release(reached);
      return { updates, state: { count, average: next } };
    }
  });
}
