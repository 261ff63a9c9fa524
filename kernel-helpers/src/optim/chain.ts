import { release, type State, type Tree } from '../tree.ts';
import { checkTransform, defineTransform, updatePart, type Transform } from './transform.ts';

/**
 * Passes gradients through several transforms, each getting the updates of the one before.
 * @param transforms In the order of application; none makes the identity.
 * @returns One transform whose state holds theirs.
 * @example chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(1e-3))
 */
export function chain(...transforms: Transform[]): Transform {
  transforms.forEach((part, index) => checkTransform(`part ${index} of the chain`, part));
  const name = `chain(${transforms.map(transform => transform.name).join(', ')})`;
  return defineTransform<{ states: readonly State[] }>(name, {
    init: params => ({ states: transforms.map(transform => transform.init(params)) }),
    update(gradients, { states }, params, context) {
      let updates: Tree = gradients;
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
  });
}
