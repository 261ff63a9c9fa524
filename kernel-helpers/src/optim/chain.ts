import type { Tensor } from '@tensorflow/tfjs';
import { leaves, release, type State, type Tree } from '../tree.ts';
import {
  applyUpdates,
  checkTransform,
  defineTransform,
  stepPart,
  updatePart,
  type Context,
  type Fields,
  type Transform
} from './transform.ts';

/**
 * Passes gradients through several transforms, each getting the updates of the one before.
 * @param transforms In the order of application; none makes the identity.
 * @returns One transform whose state holds theirs.
 * @example chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(1e-3))
 */
export function chain(...transforms: Transform[]): Transform {
  transforms.forEach((part, index) => checkTransform(`part ${index} of the chain`, part));
  const name = `chain(${transforms.map(transform => transform.name).join(', ')})`;
  const last = transforms.length - 1;
  return defineTransform<ChainState>(name, {
    init: params => ({ states: transforms.map(transform => transform.init(params)) }),
    update: (gradients, { states }, ...rest) => passThrough(transforms, gradients, states, rest),
    step(gradients, { states }, params, context) {
      const before = passThrough(transforms.slice(0, -1), gradients, states, [params, context]);
      if (last < 0) return { params: applyUpdates(params, gradients), state: before.state };
      const updates = leaves(before.updates);
      const kept = leaves(before.state);
      let others: Tensor[] | undefined;
      // What only stood before the last transform is freed leaf by leaf, so that no more than one extra copy is held. A tensor that is the update
      // of several parameters is left to the scope around the step.
      const spent = (leaf: Tensor): void => {
        if (leaf.isDisposed || kept.includes(leaf)) return;
        others ??= leaves([states, gradients, params] as State);
        const isShared = updates.indexOf(leaf) < updates.lastIndexOf(leaf);
        if (!isShared && !others.includes(leaf)) leaf.dispose();
      };
      const at = [before.updates, states[last] ?? null, params, context] as const;
      const { params: next, state } = stepPart(transforms[last]!, [...at], spent);
      kept.push(...leaves(state));
      updates.forEach(spent);
      return { params: next, state: { states: [...before.state.states, state] } };
    }
  });
}

interface ChainState extends Fields {
  readonly states: readonly State[];
}

/** Each transform gets the updates of the one before. */
function passThrough(
  transforms: readonly Transform[],
  gradients: Tree,
  states: readonly State[],
  [params, context]: [Tree, Context]
): { updates: Tree; state: ChainState } {
  let updates = gradients;
  const next: State[] = [];
  transforms.forEach((transform, index) => {
    const before = updates;
    const updated = updatePart(transform, before, states[index] ?? null, params, context);
    updates = updated.updates;
    next.push(updated.state);
    // What only stood between two transforms is freed at once, so that a long chain holds one extra copy.
    if (before !== gradients) release(before, updates, next, states, gradients, params);
  });
  return { updates, state: { states: next } };
}
