import * as tf from '@tensorflow/tfjs';
import {
  checkTransform,
  defineTransform,
  leafwise,
  zerosLike,
  type Transform
} from '../../optim/transform.ts';
import type { State, Tree } from '../../tree.ts';
import { prunableLeaves } from '../leaves.ts';
import { makeMasks, type MaskOptions } from '../make-masks.ts';
import type { Masks } from '../masks.ts';
import { checkSchedule, type SparsitySchedule } from '../schedules.ts';
import { magnitude } from '../scores/magnitude.ts';
import type { Score } from '../scores/score.ts';
import { maskLeaves, maskUpdates } from './masking.ts';

/** How to prune during training. */
export interface PruningOptions extends Omit<
  MaskOptions,
  'sparsity' | 'within' | 'gradients' | 'memory'
> {
  /** How sparse, and when masks are made anew. */
  schedule: SparsitySchedule;
  /** Whether a weight that was pruned may come back. @default false: masks only shrink */
  regrow?: boolean;
}

type Pruning = { step: number; masks: Masks; memory: Tree | null; inner: State };

/**
 * Prunes while an optimiser trains: before each step that the schedule names, masks are made from the weights as they are; between them
 * pruned weights stay 0. Choosing reads the weights, so a compiled step cannot contain it: use `masking` and `withMasks` there.
 * @param inner The optimiser. It sees gradients of kept weights alone.
 * @param options See `PruningOptions`.
 * @returns A transform for `fit`; `masksOf` its state gives the masks, which checkpoints keep.
 * @throws HelperError as `makeMasks`.
 * @example fit(network, data, { loss, optimizer: pruning(adam(), { schedule: polynomialDecay({ to: 0.9, end: 1000 }) }) })
 */
export function pruning(inner: Transform, options: PruningOptions): Transform {
  const { score = magnitude(), schedule, where } = options;
  checkTransform('the inner optimiser', inner);
  checkSchedule(schedule);
  return defineTransform<Pruning>(`pruning(${inner.name})`, {
    init(params) {
      const chosen = prunableLeaves(params, where);
      const masks = chosen.map(({ path, leaf }) => [path, tf.ones(leaf.shape, 'bool')] as const);
      return {
        step: 0,
        masks: Object.fromEntries(masks),
        memory: score.remember ? zerosLike(params) : null,
        inner: inner.init(params)
      };
    },
    update(gradients, state, params, context) {
      const memory = remembered(state.memory, score, params, gradients);
      const masks = schedule.isDue(state.step)
        ? nextMasks(state, options, { params, gradients, memory })
        : state.masks;
      const own = inner.update(maskLeaves(gradients, masks), state.inner, params, context);
      return {
        updates: maskUpdates(own.updates, masks, params),
        state: { step: state.step + 1, masks, memory, inner: own.state }
      };
    }
  });
}

function nextMasks(
  state: Pruning,
  { schedule, regrow, ...options }: PruningOptions,
  { params, gradients, memory }: { params: Tree; gradients: Tree; memory: Tree | null }
): Masks {
  return makeMasks(params, {
    ...options,
    sparsity: schedule.sparsityAt(state.step),
    within: regrow ? undefined : state.masks,
    gradients,
    memory: memory ?? undefined
  });
}

/** What the score has gathered with this step. */
function remembered(
  memory: Tree | null,
  { remember }: Score,
  params: Tree,
  gradients: Tree
): Tree | null {
  return memory && remember ? leafwise(remember, memory, params, gradients) : null;
}
