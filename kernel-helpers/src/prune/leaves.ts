import type { Tensor } from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';
import { mapTree, type Tree } from '../tree.ts';

/** Chooses what may be pruned: by path and tensor, or as a list of paths. */
export type Where = readonly string[] | ((path: string, leaf: Tensor) => boolean);

/** A tensor that may be pruned. */
export interface Prunable {
  /** Its path in the tree. */
  readonly path: string;
  /** Its number among all leaves. */
  readonly index: number;
  /** The tensor itself. */
  readonly leaf: Tensor;
}

/**
 * The leaves of a tree by path.
 * @param params A tree.
 * @returns Path and tensor, in the tree's order.
 */
export function namedLeaves(params: Tree): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  mapTree(params, (leaf, path) => {
    named.set(path, leaf);
    return leaf;
  });
  return named;
}

/**
 * What may be pruned.
 * @param params Parameters.
 * @param where Which of them. @default all of two axes or more: weights, not biases
 * @returns The chosen tensors, at least one.
 * @throws HelperError `input/value` for a path that is not there, `input/dtype` for a tensor that holds no float32,
 *   `input/empty` when nothing is chosen.
 */
export function prunableLeaves(params: Tree, where?: Where): Prunable[] {
  const named = [...namedLeaves(params)];
  if (typeof where === 'object') checkPaths(where, named);
  const isChosen = (path: string, leaf: Tensor): boolean => {
    if (where === undefined) return leaf.rank >= 2;
    return typeof where === 'function' ? where(path, leaf) : where.includes(path);
  };
  const chosen = named
    .map(([path, leaf], index) => ({ path, index, leaf }))
    .filter(({ path, leaf }) => isChosen(path, leaf));
  if (chosen.length === 0) {
    throw new HelperError(
      'input/empty',
      `expected at least one tensor to prune, { where } chose none of ${listed(named)}`
    );
  }
  for (const { path, leaf } of chosen) {
    if (leaf.dtype === 'float32' && leaf.size > 0) continue;
    throw new HelperError(
      'input/dtype',
      `expected float32 weights at ${path}, got ${leaf.size} of ${leaf.dtype}; leave it out with { where }`
    );
  }
  return chosen;
}

function checkPaths(where: readonly string[], named: readonly (readonly [string, Tensor])[]): void {
  const unknown = where.find(path => !named.some(([name]) => name === path));
  if (unknown === undefined) return;
  throw new HelperError(
    'input/value',
    `expected { where } to name tensors such as ${listed(named)}, got ${unknown}`
  );
}

function listed(named: readonly (readonly [string, Tensor])[]): string {
  const names = named.map(([path]) => path || 'the tensor');
  return names.length > 6 ? `${names.slice(0, 6).join(', ')}, …` : names.join(', ');
}
