import { HelperError } from '../../errors.ts';
import { columnsAtOnce, startKernels, vectorBytes, type PackedKernels } from './kernels.ts';
import { Layout, roundUp } from './layout.ts';

/** Floats of which one 32-bit word of signs is made. */
export const wordFloats = 32;

/** What the products of bits are multiplied with and added to, per output. */
export interface Affine {
  /** Factors of length [outputs]. @default 1 for each */
  scale?: Float32Array;
  /** Summands of length [outputs]. @default 0 for each */
  bias?: Float32Array | null;
}

/** Columns of signs to be packed. */
export interface ColumnsPlan extends Affine {
  /** How many columns: the outputs. */
  readonly outputs: number;
  /** Floats of a column; a multiple of 32 unless it is the whole column that ends there. */
  readonly length: number;
  /** The sign of an element: at least 0, or below. */
  readonly at: (element: number, output: number) => number;
  /** Takes what else the owner needs of the memory. */
  readonly plan: (layout: Layout, rowBytes: number, width: number) => void;
}

/** Packed columns in a memory of their own, ready to be multiplied. */
export interface Columns {
  readonly kernels: PackedKernels;
  readonly memory: ArrayBuffer;
  /** Bytes of a row of bits. */
  readonly rowBytes: number;
  /** Columns, those included that only fill up the last group of four. */
  readonly width: number;
  /** Addresses of bits, factors and summands. */
  readonly bits: number;
  readonly scales: number;
  readonly biases: number;
}

/**
 * Packs columns of signs, 1 bit each, into a memory of their own.
 * @param columns What to pack.
 * @returns The packed columns.
 */
export function packColumns(columns: ColumnsPlan): Columns {
  const { outputs, length, at, scale, bias } = columns;
  const rowBytes = roundUp(length / 8, vectorBytes);
  const width = roundUp(outputs, columnsAtOnce);
  const layout = new Layout();
  const [bits, scales, biases] = [width * rowBytes, 4 * width, 4 * width].map(bytes =>
    layout.take(bytes)
  ) as [number, number, number];
  // One column as floats and as bits, before it goes to its place among its three neighbours.
  const [floats, packed] = [layout.take(rowBytes * wordFloats), layout.take(rowBytes)];
  columns.plan(layout, rowBytes, width);
  const { kernels, memory } = startKernels(layout.bytes);
  const column = new Float32Array(memory, floats, rowBytes * 8).fill(-1);
  for (let output = 0; output < outputs; output++) {
    for (let element = 0; element < length; element++) column[element] = at(element, output);
    kernels.pack(floats, packed, rowBytes / 4);
    const group = output - (output % columnsAtOnce);
    const to = bits + group * rowBytes + (output % columnsAtOnce) * vectorBytes;
    const step = columnsAtOnce * vectorBytes;
    kernels.gather(packed, to, vectorBytes, vectorBytes, step, rowBytes / vectorBytes);
  }
  new Float32Array(memory, scales, width).fill(1).set(scale ?? []);
  new Float32Array(memory, biases, width).set(bias ?? []);
  return { kernels, memory, rowBytes, width, bits, scales, biases };
}

/**
 * Checks that all values are −1 or 1.
 * @param name What they are, for the message.
 * @param values The values.
 * @throws HelperError `input/value` naming the first that is not.
 */
export function checkSigns(name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) {
    if (values[index] === 1 || values[index] === -1) continue;
    throw new HelperError(
      'input/value',
      `expected ${name} to be -1 or 1, got ${values[index]} at ${index}; quantize it first, for example with steSign`
    );
  }
}

/**
 * Checks how many numbers there are.
 * @param name What they are, for the message.
 * @param values The values.
 * @param size How many there should be.
 * @throws HelperError `input/shape` when there are others.
 */
export function checkSize(name: string, values: ArrayLike<number>, size: number): void {
  if (values.length === size) return;
  throw new HelperError('input/shape', `expected ${size} numbers in ${name}, got ${values.length}`);
}
