import { tidy } from '../tidy.ts';
import { checkAlike, type State, type Tree } from '../tree.ts';
import { stepPart, type Context, type Transform } from './transform.ts';

/**
 * Takes a step along gradients that are at hand: the transform's update, added to the parameters.
 * @param transform The optimiser.
 * @param gradients Of the structure and shapes of the parameters; they are not disposed of.
 * @param from Parameters and the optimiser's state; they are not changed or disposed of.
 * @param context The loss, for transforms that look at it.
 * @returns The next parameters and state, which belong to the caller; the state may share tensors with the old one. At most one more copy
 *   of the parameters is held meanwhile.
 * @throws HelperError `optim/foreign-state` for the state of another optimiser, `input/structure` or `input/shape` for gradients that do
 *   not fit, and what the transform throws; no tensor is left behind.
 * @example position = step(adam(), gradients, position)
 */
export function step<P extends Tree>(
  transform: Transform,
  gradients: Tree,
  from: { readonly params: P; readonly state: State },
  context?: Context
): { params: P; state: State } {
  const { params, state: old } = from;
  checkAlike(params, gradients);
  return tidy(() => {
    const next = stepPart(transform, [gradients, old, params, context]);
    return { params: next.params as P, state: next.state };
  });
}
