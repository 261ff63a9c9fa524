import type { Tensor, Variable } from '@tensorflow/tfjs';
import { TensorFlowError } from '../runtime/errors.ts';
import { isTensor } from '../tree.ts';

/** How tensors and plain values are nested: a leaf by its number, a container, or a plain value. */
export type Structure =
  | { readonly leaf: number }
  | { readonly list: readonly Structure[] }
  | { readonly record: Readonly<Record<string, Structure>> }
  | { readonly value: unknown };

/** A nested value taken apart. */
export interface Flat {
  readonly structure: Structure;
  readonly leaves: Tensor[];
  /** Shapes, data types and plain values: what decides whether a recording can be used again. */
  readonly signature: string;
  /** The signature with every number left out, to find a number that changes from call to call. */
  readonly outline: string;
  /** The numbers, by where they stand, such as `args[1].rate`. */
  readonly numbers: ReadonlyMap<string, number>;
}

/**
 * Takes nested tensors and plain values apart.
 * @param value Tensors, arrays and plain objects of them, numbers, texts, booleans, null.
 * @param name What it is called in messages.
 * @returns Its tensors in order, and how to nest them again.
 * @throws TensorFlowError `jit/argument` for a function or an object of a class, `jit/disposed` for a disposed tensor.
 */
export function flatten(value: unknown, name: string): Flat {
  const leaves: Tensor[] = [];
  const signature: string[] = [];
  const outline: string[] = [];
  const numbers = new Map<string, number>();
  const add = (text: string): void => {
    signature.push(text);
    outline.push(text);
  };
  const walk = (node: unknown, path: string): Structure => {
    if (isTensor(node)) {
      if (node.isDisposed) throw disposed(node, path);
      add(describeTensor(node));
      return { leaf: leaves.push(node) - 1 };
    }
    if (Array.isArray(node)) {
      add('(');
      const list = node.map((item, i) => walk(item, `${path}[${i}]`));
      add(')');
      return { list };
    }
    if (isPlainObject(node)) {
      add('{');
      const entries = Object.entries(node).map(([key, item]) => {
        add(JSON.stringify(key));
        return [key, walk(item, `${path}.${key}`)];
      });
      add('}');
      return { record: Object.fromEntries(entries) as Record<string, Structure> };
    }
    if (typeof node === 'function' || (typeof node === 'object' && node !== null)) {
      throw new TensorFlowError(
        'jit/argument',
        `expected ${path} to be tensors, plain values or arrays and plain objects of them, got ${kindOf(node)}`
      );
    }
    signature.push(plain(node));
    outline.push(typeof node === 'number' ? 'number' : plain(node));
    if (typeof node === 'number') numbers.set(path, node);
    return { value: node };
  };
  const structure = walk(value, name);
  return { structure, leaves, signature: signature.join(' '), outline: outline.join(' '), numbers };
}

/**
 * Nests tensors as they were.
 * @param structure How.
 * @param leaf Gives the tensor of each number.
 * @returns The nested value.
 */
export function unflatten(structure: Structure, leaf: (index: number) => Tensor): unknown {
  if ('leaf' in structure) return leaf(structure.leaf);
  if ('list' in structure) return structure.list.map(item => unflatten(item, leaf));
  if ('record' in structure) {
    const entries = Object.entries(structure.record);
    return Object.fromEntries(entries.map(([key, item]) => [key, unflatten(item, leaf)]));
  }
  return structure.value;
}

/** A variable is read and written by name, so a recording belongs to that very variable. */
function describeTensor(tensor: Tensor): string {
  const { name } = tensor as Partial<Variable>;
  const variable = name === undefined ? '' : `${name}:`;
  return `${variable}${tensor.dtype}[${tensor.shape.join()}]`;
}

function plain(value: unknown): string {
  // JSON writes NaN, the infinities and -0 as other values, which would share a recording.
  return typeof value === 'string'
    ? JSON.stringify(value)
    : Object.is(value, -0)
      ? '-0'
      : String(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A cell of the notebook runs in a context of its own, whose Object is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  return `an object of ${(value as object).constructor?.name ?? 'an unknown class'}`;
}

function disposed(tensor: Tensor, path: string): TensorFlowError {
  return new TensorFlowError(
    'jit/disposed',
    `${path}, a tensor of shape [${String(tensor.shape)}], was disposed of; keep it with tf.keep or pass a clone`
  );
}
