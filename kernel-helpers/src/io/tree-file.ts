import type { Tensor } from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';
import { isTensor, release, type State, type Tree } from '../tree.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** JSON has no names for these, and a state may hold them. */
const unwritable = new Map<string, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0]
]);

type Outline = null | boolean | string | number | Outline[] | { [key: string]: Outline };

/**
 * Writes a tree or state, bit for bit: its tensors in the safetensors format under their paths, the rest as the note `outline`.
 * Other programs can read the tensors of such a file.
 * @param tree Parameters, an optimiser's state, or both in a record.
 * @returns The file's bytes.
 * @throws HelperError `input/structure` for a value that no file can hold, and as `encodeSafetensors`.
 */
export function encodeTree(tree: State | Tree): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  const outline = describe(tree, '', tensors);
  return encodeSafetensors({ tensors, metadata: { outline: JSON.stringify(outline) } });
}

/**
 * Reads what `encodeTree` wrote.
 * @param file The file's bytes.
 * @returns The tree, whose tensors belong to the caller.
 * @throws HelperError `io/format` when the file is no such file.
 */
export function decodeTree(file: Uint8Array): State {
  const { tensors, metadata } = decodeSafetensors(file);
  try {
    if (metadata.outline === undefined) throw new Error('it has no outline');
    return rebuild(JSON.parse(metadata.outline) as Outline, tensors);
  } catch (cause) {
    release(tensors);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HelperError('io/format', `expected a file that encodeTree wrote: ${why}`, { cause });
  }
}

/** Plain values as they are; tensors and unwritable numbers as records of one key, which no path can be. */
function describe(node: State, path: string, tensors: Record<string, Tensor>): Outline {
  if (isTensor(node)) {
    tensors[path] = node;
    return { '#tensor': path };
  }
  if (typeof node === 'number') {
    const name = Object.is(node, -0) ? '-0' : String(node);
    return unwritable.has(name) ? { '#number': name } : node;
  }
  if (typeof node === 'function' || typeof node === 'undefined') {
    throw new HelperError(
      'input/structure',
      `expected tensors, numbers, texts and null, got ${typeof node} at ${path || 'the root'}`
    );
  }
  if (typeof node !== 'object' || node === null) return node;
  const join = (key: string | number): string => (path ? `${path}.${key}` : String(key));
  if (Array.isArray(node)) return node.map((item: State, i) => describe(item, join(i), tensors));
  const entries = Object.entries(node).map(([key, item]) => [
    key,
    describe(item, join(key), tensors)
  ]);
  return Object.fromEntries(entries) as Outline;
}

function rebuild(outline: Outline, tensors: Readonly<Record<string, Tensor>>): State {
  if (typeof outline !== 'object' || outline === null) return outline;
  if (Array.isArray(outline)) return outline.map(item => rebuild(item, tensors));
  const { '#tensor': path, '#number': number } = outline;
  if (typeof number === 'string') return unwritable.get(number) ?? NaN;
  if (typeof path !== 'string') {
    const entries = Object.entries(outline).map(([key, item]) => [key, rebuild(item, tensors)]);
    return Object.fromEntries(entries) as State;
  }
  const tensor = tensors[path];
  if (!tensor) throw new Error(`it lacks the tensor ${path}`);
  return tensor;
}
