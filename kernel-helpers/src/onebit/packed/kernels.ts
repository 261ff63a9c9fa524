import {
  assemble,
  copyBytes,
  get,
  i32,
  i64,
  repeatWhile,
  set,
  v128,
  type Code,
  type ValueType,
  type WasmFunction
} from './assembler.ts';

/** Numbers of columns that `multiply` computes side by side: what it needs of a row it reads once for all of them. */
export const columnsAtOnce = 4;

/** Bytes of a vector: rows of bits are as long as a whole number of these. */
export const vectorBytes = 16;

/** The functions of the module; all arguments are byte addresses or counts. */
export interface PackedKernels {
  /** Packs the signs of `words`·32 float32 numbers at `from` into as many bits at `to`: 1 for at least 0, else 0. At least 1 word. */
  pack(from: number, to: number, words: number): void;
  /**
   * Multiplies rows of bits by columns of bits, each bit b standing for 2b − 1: `out[r][c] = (offsets[r][c] − 2·differing bits)·scale[c] + bias[c]`.
   * `offsetStep` is the distance of the offsets of two rows: 0 where all rows share theirs.
   * Columns stand in groups of four, whose vectors alternate: 16 bytes of the first, 16 of the second, and so on. `width` counts the
   * columns, a multiple of 4; `rowBytes`, a multiple of 16, is the length of a row and of a column.
   */
  multiply(
    rows: number,
    columns: number,
    out: number,
    offsets: number,
    scales: number,
    biases: number,
    count: number,
    width: number,
    rowBytes: number,
    offsetStep: number
  ): void;
  /** Copies `count` pieces of `bytes` bytes, the first from `from` to `to`, the next each a step further on. */
  gather(
    from: number,
    to: number,
    bytes: number,
    fromStep: number,
    toStep: number,
    count: number
  ): void;
}

/** What is used of WebAssembly, which TypeScript declares for browsers alone. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: object,
    imports: { env: { memory: object } }
  ) => { readonly exports: unknown };
};

let compiled: object | undefined;

/**
 * Starts the kernels on a memory of their own, which lives as long as they do.
 * @param bytes Size of the memory; rounded up to pages of 64 KiB.
 * @returns The kernels and their memory, filled with 0.
 */
export function startKernels(bytes: number): { kernels: PackedKernels; memory: ArrayBuffer } {
  compiled ??= new WebAssembly.Module(assemble([pack, multiply, gather]));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { kernels: exports as PackedKernels, memory: memory.buffer };
}

const pack: WasmFunction = (() => {
  const [from, to, words, bits] = [0, 1, 2, 3];
  const signs = (group: number): Code => {
    const mask = v128.bitmask32(v128.floatsAtLeast(v128.load(get(from), 16 * group), v128.zero));
    return i32.shiftLeft(mask, i32.const(4 * group));
  };
  return {
    name: 'pack',
    params: 3,
    locals: ['i32'],
    body: [
      repeatWhile(
        get(words),
        set(
          bits,
          [0, 1, 2, 3, 4, 5, 6, 7].map(signs).reduce((a, b) => i32.or(a, b))
        ),
        i32.store(get(to), get(bits)),
        advance(from, 128),
        advance(to, 4),
        advance(words, -1)
      )
    ]
  };
})();

const multiply: WasmFunction = (() => {
  const [rows, columns, out, offsets, scales, biases, count, width, rowBytes, offsetStep] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9
  ];
  const [row, column, end, target, left, offset, columnsLeft] = [10, 11, 12, 13, 14, 15, 16];
  const products = 17;
  const [low, high] = [18, 19];
  const sums = [20, 21, 22, 23] as const;
  // Words of 64 bits: V8 makes one instruction of `i64.popcnt` where the machine has it, but eight of `i8x16.popcnt`.
  const differing = (word: number, offset: number): Code =>
    i64.ones(i64.xor(get(word), i64.load(get(column), offset)));
  const oneVector = [
    set(low, i64.load(get(row))),
    set(high, i64.load(get(row), 8)),
    ...sums.map((sum, index) => {
      const at = index * vectorBytes;
      return set(sum, i64.add(get(sum), i64.add(differing(low, at), differing(high, at + 8))));
    }),
    advance(row, vectorBytes),
    advance(column, columnsAtOnce * vectorBytes)
  ];
  const [a, b, c, d] = sums.map(sum => i64.low(get(sum))) as [Code, Code, Code, Code];
  const counts = v128.ofLanes(a, b, c, d);
  const scaled = v128.multiplyFloats(v128.toFloats(get(products)), v128.load(get(scales)));
  const oneRow = [
    ...sums.map(sum => set(sum, i64.zero)),
    set(column, get(columns)),
    set(end, i32.add(get(row), get(rowBytes))),
    repeatWhile(i32.lessUnsigned(get(row), get(end)), ...oneVector),
    set(products, counts),
    set(products, v128.sub32(v128.sub32(v128.load(get(offset)), get(products)), get(products))),
    v128.store(get(target), v128.addFloats(scaled, v128.load(get(biases)))),
    set(target, i32.add(get(target), i32.shiftLeft(get(width), i32.const(2)))),
    set(offset, i32.add(get(offset), get(offsetStep))),
    advance(left, -1)
  ];
  const fourColumns = [
    set(row, get(rows)),
    set(target, get(out)),
    set(offset, get(offsets)),
    set(left, get(count)),
    repeatWhile(get(left), ...oneRow),
    set(columns, i32.add(get(columns), i32.shiftLeft(get(rowBytes), i32.const(2)))),
    ...[out, offsets, scales, biases].map(address => advance(address, 16)),
    advance(columnsLeft, -columnsAtOnce)
  ];
  return {
    name: 'multiply',
    params: 10,
    locals: [
      ...new Array<ValueType>(7).fill('i32'),
      'v128',
      ...new Array<ValueType>(6).fill('i64')
    ],
    body: [set(columnsLeft, get(width)), repeatWhile(get(columnsLeft), ...fourColumns)]
  };
})();

const gather: WasmFunction = (() => {
  const [from, to, bytes, fromStep, toStep, count] = [0, 1, 2, 3, 4, 5];
  return {
    name: 'gather',
    params: 6,
    locals: [],
    body: [
      repeatWhile(
        get(count),
        copyBytes(get(to), get(from), get(bytes)),
        set(from, i32.add(get(from), get(fromStep))),
        set(to, i32.add(get(to), get(toStep))),
        advance(count, -1)
      )
    ]
  };
})();

function advance(local: number, by: number): Code {
  return set(local, i32.add(get(local), i32.const(by)));
}
