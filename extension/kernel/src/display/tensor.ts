import { inspect } from 'node:util';

/** What is used of a TensorFlow.js tensor, however it was loaded. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  readonly dataId: object;
  dataSync(): ArrayLike<number | string | boolean>;
  /** Absent where only the functional interface is loaded, as is `slice`. */
  flatten?(): TensorLike;
  slice?(begin: number, size: number): TensorLike;
  dispose(): void;
}

/** A tensor of at most so many values is read whole for its preview. */
const wholeSize = 64;
/** How many values are read of a larger one. */
const previewSize = 6;

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false;
  const tensor = value as Partial<TensorLike>;
  return (
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.dataSync === 'function' &&
    typeof tensor.dataId === 'object'
  );
}

/** A tensor as text: type, shape and its first values; a large one is never read from its device as a whole. */
export function tensorText(tensor: TensorLike): string {
  const title = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${title} (disposed)`;
  try {
    if (tensor.size <= wholeSize) {
      return `${title}\n${nested(Array.from(tensor.dataSync()), tensor.shape)}`;
    }
    const values = firstValues(tensor);
    return values ? `${title}\n[${values.map(number).join(', ')}, …]` : title;
  } catch (error) {
    return `${title} (${error instanceof Error ? error.message : 'unreadable'})`;
  }
}

/** Lets Node print a library's tensors, alone or within other values, by type, shape and first values. */
export function printTensorsOf(library: object): void {
  const prototype = (library as { Tensor?: { prototype?: unknown } }).Tensor?.prototype;
  if (typeof prototype !== 'object' || prototype === null || !('dataSync' in prototype)) return;
  if (inspect.custom in prototype) return;
  Object.defineProperty(prototype, inspect.custom, {
    value(this: TensorLike) {
      return tensorText(this).replaceAll(/\n */g, ' ');
    },
    configurable: true,
    writable: true
  });
}

function firstValues(tensor: TensorLike): (number | string | boolean)[] | undefined {
  const flat = tensor.flatten?.();
  const part = flat?.slice?.(0, previewSize);
  try {
    return part && Array.from(part.dataSync());
  } finally {
    part?.dispose();
    flat?.dispose();
  }
}

function nested(values: readonly unknown[], shape: readonly number[], indent = 0): string {
  if (shape.length === 0) return number(values[0]);
  const [length = 0, ...rest] = shape;
  if (rest.length === 0) return `[${values.slice(0, length).map(number).join(', ')}]`;
  const size = rest.reduce((a, b) => a * b, 1);
  const rows = Array.from({ length }, (_, row) =>
    nested(values.slice(row * size, (row + 1) * size), rest, indent + 1)
  );
  return `[${rows.join(`,\n${' '.repeat(indent + 1)}`)}]`;
}

function number(value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
}
