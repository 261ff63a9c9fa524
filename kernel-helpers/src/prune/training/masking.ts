import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import {
  checkTransform,
  defineTransform,
  leafwise,
  type Transform
} from '../../optim/transform.ts';
import { mapTree, release, type State, type Tree } from '../../tree.ts';
import { applyMasks, checkMasks, type Masks } from '../masks.ts';
import type { Position } from '../../training/step.ts';

/** Which gradients an optimiser sees. */
export interface MaskingOptions {
  /**
   * `all`: those of pruned weights too. What an optimiser does to single weights, as SGD, Adam and most do, is the same either way.
   * `kept`: 0 for pruned weights, as in torch; for a norm over all gradients, such as clipping's. Adds some 3 % to a compiled step.
   * @default 'all'
   */
  gradients?: 'all' | 'kept';
}

/**
 * Keeps pruned weights at 0 during training, whatever the optimiser does to them. Works in `fit`, and within compiled steps, where masks are
 * inputs: `withMasks` changes them.
 * @param inner The optimiser.
 * @param masks Masks at the start; copied.
 * @param options See `MaskingOptions`.
 * @returns A transform whose state holds the masks, so that checkpoints keep them.
 * @throws HelperError `input/structure` or `input/shape` from `init` for masks that do not fit the parameters.
 * @example trainStep(masking(adam(1e-3), masks), loss)
 */
export function masking(inner: Transform, masks: Masks, options: MaskingOptions = {}): Transform {
  checkTransform('the inner optimiser', inner);
  return defineTransform<{ isFresh: boolean; masks: Masks; inner: State }>(
    `masking(${inner.name})`,
    {
      init(params) {
        checkMasks(params, masks);
        return { isFresh: true, masks: cloneMasks(masks), inner: inner.init(params) };
      },
      update(gradients, state, params, context) {
        const seen = options.gradients === 'kept' ? maskLeaves(gradients, state.masks) : gradients;
        const own = inner.update(seen, state.inner, params, context);
        return {
          // After the first step pruned weights are 0, and a product keeps them there in half the time.
          updates: state.isFresh
            ? maskUpdates(own.updates, state.masks, params)
            : multiply(own.updates, state.masks),
          state: { isFresh: false, masks: state.masks, inner: own.state }
        };
      }
    }
  );
}

/**
 * Changes the masks between two steps.
 * @param position Parameters, and the state of a `masking`, `pruning` or `rigl` transform; disposed of.
 * @param masks The new masks; copied.
 * @returns The position with these masks, pruned weights at 0; it belongs to the caller.
 * @throws HelperError `input/structure` or `input/shape` for masks that do not fit, `optim/foreign-state` for the state of another
 *   transform; then nothing is disposed of.
 */
export function withMasks<P extends Tree>(position: Position<P>, masks: Masks): Position<P> {
  const state = position.state as { masks?: Masks } | null;
  if (!state?.masks) {
    throw new HelperError(
      'optim/foreign-state',
      'expected the state of masking, pruning or rigl, got one without masks; wrap the optimiser in masking(optimizer, masks)'
    );
  }
  const params = applyMasks(position.params, masks);
  release(state.masks);
  release(position.params);
  // In the order of the old masks: a compiled step takes tensors by their place.
  const names = new Set([...Object.keys(state.masks), ...Object.keys(masks)]);
  const kept = [...names].filter(name => masks[name]);
  const next = Object.fromEntries(kept.map(name => [name, masks[name]!.clone()]));
  return { params, state: { ...state, masks: next } };
}

/**
 * The masks in a transform's state.
 * @param state State of a `masking`, `pruning` or `rigl` transform.
 * @returns The masks; they belong to the state.
 */
export function masksOf(state: State): Masks {
  return (state as { masks?: Masks } | null)?.masks ?? {};
}

/**
 * Copies masks.
 * @param masks Masks.
 * @returns New tensors.
 */
export function cloneMasks(masks: Masks): Masks {
  return mapTree(masks, mask => mask.clone());
}

/**
 * Sets what belongs to pruned weights to 0.
 * @param tree A tree like the parameters.
 * @param masks Masks of some of its leaves.
 * @returns A tree whose other leaves are those of `tree`.
 */
export function maskLeaves<T extends Tree>(tree: T, masks: Masks): T {
  return mapTree(tree, (leaf, path) => {
    const mask = masks[path];
    return mask ? tf.where(mask, leaf, tf.zerosLike(leaf)) : leaf;
  });
}

/**
 * Updates that lead pruned weights to 0 exactly, and are the optimiser's for the others.
 * @param updates The optimiser's.
 * @param masks Masks of some parameters.
 * @param params The parameters before the update.
 * @returns Updates.
 */
export function maskUpdates(updates: Tree, masks: Masks, params: Tree): Tree {
  const at = mapTree(params, (leaf, path) => masks[path] ?? leaf);
  const next = (update: tf.Tensor, param: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
    mask === param ? update : tf.where(mask, update, tf.neg(param));
  return leafwise(next, updates, params, at);
}

function multiply(tree: Tree, masks: Masks): Tree {
  return mapTree(tree, (leaf, path) => (masks[path] ? tf.mul(leaf, masks[path]) : leaf));
}
