import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { mapTree, type State, type Tree } from '../../tree.ts';
import {
  checkTransform,
  defineTransform,
  stateless,
  zerosLike,
  type Transform
} from '../transform.ts';

/**
 * Refuses gradients that are not finite. Reads one number per tensor, which waits for the device.
 * @returns A stateless transform. Its update throws HelperError `optim/not-finite` naming the first tensor and value.
 */
export function requireFinite(): Transform {
  return stateless('requireFinite', gradients => {
    const found = firstNonFinite(gradients);
    if (found) throw notFinite(found);
    return gradients;
  });
}

/**
 * Skips a step whose gradients are not finite: updates of 0, and the optimiser's state as it was.
 * @param inner The optimiser.
 * @param maxInARow How many steps in a row may be skipped, at least 1; one more is an error. @default 5
 * @returns A transform; `skipped` in its state counts all skipped steps.
 */
export function skipNonFinite(inner: Transform, maxInARow = 5): Transform {
  checkTransform('the inner optimiser', inner);
  checkNumber('maxInARow', maxInARow, { from: 1, integer: true });
  const name = `skipNonFinite(${inner.name})`;
  return defineTransform<{ skipped: number; inARow: number; inner: State }>(name, {
    init: params => ({ skipped: 0, inARow: 0, inner: inner.init(params) }),
    update(gradients, old, params, context) {
      const found = firstNonFinite(gradients);
      if (!found) {
        const { updates, state } = inner.update(gradients, old.inner, params, context);
        return { updates, state: { skipped: old.skipped, inARow: 0, inner: state } };
      }
      if (old.inARow >= maxInARow) throw notFinite(found);
      const state = { skipped: old.skipped + 1, inARow: old.inARow + 1, inner: old.inner };
      return { updates: zerosLike(gradients), state };
    }
  });
}

interface NonFinite {
  path: string;
  value: number;
}

function firstNonFinite(gradients: Tree): NonFinite | undefined {
  let found: NonFinite | undefined;
  mapTree(gradients, (leaf, path) => {
    const allFinite = tf.tidy(() => tf.all(tf.isFinite(leaf)).dataSync()[0] === 1);
    if (!allFinite && !found) {
      const value = Array.from(leaf.dataSync()).find(x => !Number.isFinite(x)) ?? NaN;
      found = { path, value };
    }
    return leaf;
  });
  return found;
}

function notFinite({ path, value }: NonFinite): HelperError {
  return new HelperError(
    'optim/not-finite',
    `expected finite gradients, got ${value} in ${path}; lower the learning rate, clip, or look for log(0) and 0/0 in the loss`
  );
}
