import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { Tree } from '../tree.ts';
import { spend } from './arithmetic.ts';
import { add, mul, scalar } from './elementwise.ts';
import { defineTransform, eachLeaf, type Fields, type Spent, type Transform } from './transform.ts';

/** A learning rate: a number of at least 0, or a schedule of the step from 0. */
export type LearningRate = number | Schedule;

/**
 * Multiplies by a constant.
 * @param factor Any finite number; -0.1 makes a descent of learning rate 0.1.
 * @returns A stateless transform.
 */
export function scale(factor: number): Transform {
  checkNumber('factor', factor, { above: -Infinity });
  return defineTransform<Fields>('scale', {
    init: () => ({}),
    update: (gradients, state) => ({ updates: multiply(gradients, factor), state }),
    step: (gradients, state, params, _, spent) => ({
      params: addScaled(params, gradients, factor, spent),
      state
    })
  });
}

/**
 * Multiplies by a schedule of the step.
 * @param schedule Gives the factor for each step, from step 0.
 * @returns A transform that counts its steps. Its update throws HelperError `input/value` for a factor that is not finite.
 */
export function scaleBySchedule(schedule: Schedule): Transform {
  const factorAt = (count: number): number =>
    checkNumber(`the schedule at step ${count}`, schedule(count));
  return defineTransform('scaleBySchedule', {
    init: () => ({ count: 0 }),
    update: (gradients, { count }) => ({
      updates: multiply(gradients, factorAt(count)),
      state: { count: count + 1 }
    }),
    step: (gradients, { count }, params, _, spent) => ({
      params: addScaled(params, gradients, factorAt(count), spent),
      state: { count: count + 1 }
    })
  });
}

/**
 * Descends: multiplies by minus the learning rate. The last part of most optimisers.
 * @param learningRate At least 0, or a schedule.
 * @returns A transform.
 * @throws HelperError `input/value` for a rate below 0 or not finite.
 */
export function scaleByLearningRate(learningRate: LearningRate): Transform {
  if (typeof learningRate === 'function') return scaleBySchedule(step => -learningRate(step));
  return scale(-checkNumber('the learning rate', learningRate, { from: 0 }));
}

function multiply(gradients: Tree, factor: number): Tree {
  // One tensor for all leaves: making one costs as much as multiplying a small leaf.
  const by = scalar(factor);
  return eachLeaf(g => mul(g, by), gradients);
}

function addScaled(params: Tree, gradients: Tree, factor: number, spent: Spent): Tree {
  const by = scalar(factor);
  const addOne = (param: tf.Tensor, g?: tf.Tensor): tf.Tensor => {
    const update = mul(g!, by);
    spent(g!);
    return spend(add(param, update), update);
  };
  return eachLeaf(addOne, params, gradients);
}
