import type { Tensor } from '@tensorflow/tfjs';
import { HelperError } from './errors.ts';

/**
 * Parameters as people write them: a tensor, or records and arrays of trees.
 * Leaves are visited in the order of arrays and of record keys.
 */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** What a transform remembers between steps: a tree whose leaves may also be plain values. */
export type State =
  Tensor | null | boolean | number | string | readonly State[] | { readonly [name: string]: State };

/**
 * Tells a tensor from a record, whichever copy of TensorFlow.js made it.
 * @param value Anything.
 * @returns Whether `value` is a tensor.
 */
export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== 'object' || value === null) return false;
  // Reading is several times as fast as `in`, and steps over small models ask this often.
  const { dataId, isDisposedInternal } = value as { dataId?: object; isDisposedInternal?: boolean };
  return dataId !== undefined && isDisposedInternal !== undefined;
}

/**
 * The tensors of a tree or state, in order.
 * @param tree A tree of tensors, or a state.
 * @returns Its tensors; plain values are left out.
 */
export function leaves(tree: State | Tree): Tensor[] {
  const list: Tensor[] = [];
  collect(tree, list);
  return list;
}

function collect(tree: State | Tree, list: Tensor[]): void {
  if (typeof tree !== 'object' || tree === null) return;
  if (isTensor(tree)) list.push(tree);
  else if (Array.isArray(tree)) for (const item of tree as State[]) collect(item, list);
  else collectFields(tree as Record<string, State>, list);
}

/** A list of the values would be made at each of the many calls of a step. */
function collectFields(record: Record<string, State>, list: Tensor[]): void {
  for (const name in record) collect(record[name]!, list);
}

/**
 * Builds a tree of the same structure from what `fn` makes of each leaf.
 * @param tree The tree to walk.
 * @param fn Called with each leaf, its path such as `layers.0.weight`, and its number from 0.
 * @returns A new tree; `tree` is not changed.
 * @throws HelperError `input/structure` for a leaf that is no tensor, `input/disposed` for one already disposed of.
 */
export function mapTree<P extends Tree>(
  tree: P,
  fn: (leaf: Tensor, path: string, index: number) => Tensor
): P {
  let index = 0;
  const walk = (node: Tree, path: string): Tree => {
    if (isTensor(node)) return fn(alive(node, path), path || 'the tensor', index++);
    if (Array.isArray(node)) return node.map((item: Tree, i) => walk(item, join(path, i)));
    if (typeof node !== 'object' || node === null) {
      throw new HelperError(
        'input/structure',
        `expected a tensor at ${path || 'the root'} of the tree, got ${String(node)}; wrap numbers in tf.tensor`
      );
    }
    const entries = Object.entries(node).map(([key, item]) => [key, walk(item, join(path, key))]);
    return Object.fromEntries(entries) as Tree;
  };
  return walk(tree, '') as P;
}

/**
 * Builds a tree as `mapTree` does, for a function that needs no paths: several times as fast on small trees.
 * @param tree The tree to walk.
 * @param fn Called with each leaf and its number from 0.
 * @returns A new tree; `tree` is not changed.
 * @throws HelperError as `mapTree`.
 */
export function mapLeaves<P extends Tree>(tree: P, fn: (leaf: Tensor, index: number) => Tensor): P {
  let index = 0;
  const walk = (node: Tree): Tree => {
    if (isTensor(node) && !node.isDisposed) return fn(node, index++);
    if (Array.isArray(node)) return node.map(walk);
    // Names the leaf that is none.
    if (isTensor(node) || typeof node !== 'object' || node === null) return mapTree(tree, x => x);
    // A spread gives the copy the shape that V8 knows already.
    const copy: Record<string, Tree> = { ...(node as Record<string, Tree>) };
    for (const key in copy) copy[key] = walk(copy[key]!);
    return copy;
  };
  return walk(tree) as P;
}

/**
 * Builds a tree from the leaves of several trees of one structure and equal shapes.
 * @param fn Called with the leaves that stand at one place, in the order of the trees.
 * @param first The tree whose structure the others must have.
 * @param others The other trees.
 * @returns A new tree of that structure.
 * @throws HelperError `input/structure` or `input/shape` naming the first leaf that does not fit.
 */
export function zipTrees<P extends Tree>(
  fn: (leaf: Tensor, ...others: Tensor[]) => Tensor,
  first: P,
  ...others: Tree[]
): P {
  const lists = others.map(tree => checkAlike(first, tree));
  const [only] = lists;
  // Most have one other tree, and a list less for each leaf.
  if (only && lists.length === 1) return mapLeaves(first, (leaf, i) => fn(leaf, only[i]!));
  return mapLeaves(first, (leaf, index) => fn(leaf, ...lists.map(list => list[index] as Tensor)));
}

/**
 * Checks that two trees have the same structure and shapes.
 * @param expected The tree that sets the structure.
 * @param actual The tree to check.
 * @returns The leaves of `actual`, in the order of `expected`.
 * @throws HelperError `input/structure` or `input/shape` naming the first leaf that does not fit.
 */
export function checkAlike(expected: Tree, actual: Tree): Tensor[] {
  const list: Tensor[] = [];
  if (!collectAlike(expected, actual, list)) throw difference(expected, actual);
  return list;
}

/**
 * Checks that parameters can be trained.
 * @param params Parameters.
 * @throws HelperError `input/dtype` for a tensor that holds no float32, `input/empty` for no tensor at all, and as `mapTree`.
 */
export function checkFloats(params: Tree): void {
  mapTree(params, (leaf, path) => {
    if (leaf.dtype === 'float32') return leaf;
    throw new HelperError(
      'input/dtype',
      `expected ${path} to be of dtype float32, got ${leaf.dtype}; use tf.cast`
    );
  });
  if (leaves(params).length > 0) return;
  throw new HelperError(
    'input/empty',
    'expected at least one tensor among the parameters, got none'
  );
}

/**
 * Disposes of the tensors of one tree, except those that another still holds.
 * @param old What is no longer needed.
 * @param kept What must live on.
 */
export function release(old: State | Tree, ...kept: (State | Tree)[]): void {
  const keep = leaves(kept);
  // To fill a set takes longer than to search a short list.
  const among = keep.length > 64 ? new Set(keep) : undefined;
  for (const tensor of leaves(old)) {
    const isKept = among ? among.has(tensor) : keep.includes(tensor);
    if (!isKept && !tensor.isDisposed) tensor.dispose();
  }
}

function collectAlike(expected: Tree, actual: Tree, list: Tensor[]): boolean {
  if (isTensor(expected)) {
    if (!isTensor(actual) || actual.isDisposed || !sameShape(expected, actual)) return false;
    list.push(actual);
    return true;
  }
  if (isTensor(actual) || typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item: Tree, i) => collectAlike(item, actual[i] as Tree, list));
  }
  const [wanted, found] = [expected, actual] as [Record<string, Tree>, Record<string, Tree>];
  let count = 0;
  for (const key in wanted) {
    if (!found[key] || !collectAlike(wanted[key]!, found[key], list)) return false;
    count++;
  }
  return Object.keys(found).length === count;
}

function sameShape(a: Tensor, b: Tensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}

/** Says in words what `collectAlike` only noticed. */
function difference(expected: Tree, actual: Tree): HelperError {
  const found = new Map(paths(actual));
  const wanted = new Map(paths(expected));
  for (const [path, leaf] of wanted) {
    const other = found.get(path);
    if (!other) {
      const have = [...found.keys()].slice(0, 8).map(name => name || 'a single tensor');
      return new HelperError(
        'input/structure',
        `expected a tensor at ${path || 'the root'}, found ${have.join(', ') || 'none'}; both trees need one structure`
      );
    }
    if (other.isDisposed) return disposed(other, path);
    if (!sameShape(leaf, other)) {
      return new HelperError(
        'input/shape',
        `expected shape [${String(leaf.shape)}] at ${path || 'the tensor'}, got [${String(other.shape)}]`
      );
    }
  }
  const extra = [...found.keys()].find(path => !wanted.has(path));
  return new HelperError('input/structure', `found a tensor at ${extra} where none was expected`);
}

function paths(tree: Tree, path = ''): [string, Tensor][] {
  if (isTensor(tree)) return [[path, tree]];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, item]) => paths(item, join(path, key)));
}

function join(path: string, key: string | number): string {
  return path ? `${path}.${key}` : String(key);
}

function alive(tensor: Tensor, path: string): Tensor {
  if (tensor.isDisposed) throw disposed(tensor, path);
  return tensor;
}

function disposed(tensor: Tensor, path: string): HelperError {
  return new HelperError(
    'input/disposed',
    `the tensor at ${path || 'the root'} of shape [${String(tensor.shape)}] was disposed of; keep it with tf.keep or pass a clone`
  );
}
