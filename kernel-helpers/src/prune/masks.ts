import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError, inWords } from '../errors.ts';
import { mapTree, type Tree } from '../tree.ts';
import { namedLeaves } from './leaves.ts';

/** Which weights stay: by the path of a tensor, a bool tensor of its shape, true for a weight that stays and false for a pruned one. */
export type Masks = Readonly<Record<string, tf.Tensor>>;

/**
 * Sets pruned weights to 0.
 * @param params Parameters.
 * @param masks Masks of some or all of them.
 * @returns New parameters that belong to the caller; `params` is not changed.
 * @throws HelperError `input/structure` for a mask of no parameter, `input/shape` for one of another shape.
 */
export function applyMasks<P extends Tree>(params: P, masks: Masks): P {
  checkMasks(params, masks);
  return mapTree(params, (leaf, path) => {
    const mask = masks[path];
    return mask ? tf.tidy(() => tf.mul(leaf, mask)) : leaf.clone();
  });
}

/**
 * Ends pruning: parameters with zeros where the masks have them, and no masks any more.
 * @param params Parameters; disposed of, as the masks are.
 * @param masks Their masks.
 * @returns The parameters, which belong to the caller.
 * @throws HelperError as `applyMasks`; then nothing is disposed of.
 */
export function strip<P extends Tree>(params: P, masks: Masks): P {
  const stripped = applyMasks(params, masks);
  mapTree(params, leaf => (leaf.dispose(), leaf));
  Object.values(masks).forEach(mask => mask.dispose());
  return stripped;
}

/**
 * Checks that masks fit parameters.
 * @param params Parameters.
 * @param masks Masks of some or all of them.
 * @throws HelperError `input/structure` for a mask of no parameter, `input/shape` for one of another shape,
 *   `input/dtype` for one that is not bool, `input/disposed` for one that was disposed of.
 */
export function checkMasks(params: Tree, masks: Masks): void {
  if (typeof masks !== 'object' || masks === null) {
    throw new HelperError(
      'input/structure',
      `expected masks by the path of their tensor, got ${inWords(masks)}; makeMasks makes them`
    );
  }
  const named = namedLeaves(params);
  for (const [path, mask] of Object.entries(masks)) {
    const leaf = named.get(path);
    if (!leaf) {
      throw new HelperError(
        'input/structure',
        `expected masks of parameters, got one of ${path}; the parameters are ${[...named.keys()].slice(0, 8).join(', ')}`
      );
    }
    if (mask.isDisposed) {
      throw new HelperError(
        'input/disposed',
        `expected a mask of ${path} that holds values, it was disposed of; keep it with tf.keep`
      );
    }
    if (String(leaf.shape) !== String(mask.shape)) {
      throw new HelperError(
        'input/shape',
        `expected a mask of shape [${String(leaf.shape)}] for ${path}, got [${String(mask.shape)}]; make masks of this model anew`
      );
    }
    if (mask.dtype !== 'bool') {
      throw new HelperError(
        'input/dtype',
        `expected a mask of dtype bool for ${path}, got ${mask.dtype}; use mask.cast('bool')`
      );
    }
  }
}

/**
 * Passes a sparsity.
 * @param sparsity Share of weights to prune.
 * @param name What it is called in the message.
 * @returns The same number.
 * @throws HelperError `input/value` outside [0, 1).
 */
export function checkSparsity(sparsity: number, name = 'sparsity'): number {
  return checkNumber(name, sparsity, { from: 0, below: 1 });
}
