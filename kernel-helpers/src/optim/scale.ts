import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { Tree } from '../tree.ts';
import { mul } from './elementwise.ts';
import { defineTransform, leafwise, stateless, type Transform } from './transform.ts';

/** A learning rate: a number of at least 0, or a schedule of the step from 0. */
export type LearningRate = number | Schedule;

/**
 * Multiplies by a constant.
 * @param factor Any finite number; -0.1 makes a descent of learning rate 0.1.
 * @returns A stateless transform.
 */
export function scale(factor: number): Transform {
  checkNumber('factor', factor, { above: -Infinity });
  return stateless('scale', gradients => multiply(gradients, factor));
}

/**
 * Multiplies by a schedule of the step.
 * @param schedule Gives the factor for each step, from step 0.
 * @returns A transform that counts its steps. Its update throws HelperError `input/value` for a factor that is not finite.
 */
export function scaleBySchedule(schedule: Schedule): Transform {
  return defineTransform('scaleBySchedule', {
    init: () => ({ count: 0 }),
    update: (gradients, { count }) => ({
      updates: multiply(gradients, checkNumber(`the schedule at step ${count}`, schedule(count))),
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
  const scalar = tf.scalar(factor);
  return leafwise(g => mul(g, scalar), gradients);
}
