/** A WebAssembly expression or instruction, as the bytes it is made of: operands first, then what uses them. */
export type Code = readonly number[];

/** Types of values: integers of 32 and 64 bits, vectors of 128. */
export const types = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;

/** Name of a type of values. */
export type ValueType = keyof typeof types;

/** A function to be assembled. */
export interface WasmFunction {
  /** Its name among the module's exports. */
  readonly name: string;
  /** How many parameters it takes; each is an i32, in local 0, 1, … */
  readonly params: number;
  /** Types of the locals that follow the parameters. */
  readonly locals: readonly ValueType[];
  /** What it does; it returns nothing. */
  readonly body: readonly Code[];
}

const plain =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), opcode];
const simd =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];
/** Alignment is a hint: 0 promises nothing. */
const access =
  (...opcode: number[]) =>
  (operands: Code[], offset: number): Code => [
    ...operands.flat(),
    ...opcode,
    0,
    ...unsigned(offset)
  ];

/** Reads a local. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];

/** Writes a local. */
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** Instructions on 32-bit integers. */
export const i32 = {
  /** A constant. */
  const: (value: number): Code => [0x41, ...signed(value)],
  add: plain(0x6a),
  sub: plain(0x6b),
  mul: plain(0x6c),
  and: plain(0x71),
  or: plain(0x72),
  shiftLeft: plain(0x74),
  lessUnsigned: plain(0x49),
  /** Writes a number. */
  store: (address: Code, value: Code, offset = 0): Code => access(0x36)([address, value], offset)
};

/** Instructions on 64-bit integers. */
export const i64 = {
  zero: [0x42, 0] as Code,
  add: plain(0x7c),
  xor: plain(0x85),
  /** How many bits are 1. */
  ones: plain(0x7b),
  /** Reads a number. */
  load: (address: Code, offset = 0): Code => access(0x29)([address], offset),
  /** The lower 32 bits. */
  low: plain(0xa7)
};

/** Instructions on vectors of 128 bits, named by how they see the lanes. */
export const v128 = {
  /** Reads a vector. */
  load: (address: Code, offset = 0): Code => access(0xfd, 0x00)([address], offset),
  /** Writes a vector. */
  store: (address: Code, value: Code, offset = 0): Code =>
    access(0xfd, 0x0b)([address, value], offset),
  zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] as Code,
  bitmask32: simd(0xa4),
  sub32: simd(0xb1),
  toFloats: simd(0xfa),
  addFloats: simd(0xe4),
  multiplyFloats: simd(0xe6),
  floatsAtLeast: simd(0x46),
  /** A vector of four 32-bit integers. */
  ofLanes: (first: Code, ...others: [Code, Code, Code]): Code =>
    others.reduce<Code>(
      (vector, value, index) => [...vector, ...value, 0xfd, 0x1c, index + 1],
      [...first, 0xfd, 0x11]
    )
};

/** Repeats a body, at least once, while `condition` holds at its end. */
export const repeatWhile = (condition: Code, ...body: Code[]): Code => [
  ...[0x03, 0x40],
  ...body.flat(),
  ...condition,
  ...[0x0d, 0x00, 0x0b]
];

/** Copies `length` bytes from one address to another. */
export const copyBytes = (to: Code, from: Code, length: Code): Code => [
  ...[to, from, length].flat(),
  ...[0xfc, 0x0a, 0x00, 0x00]
];

/**
 * Assembles a module that imports its memory as `env.memory` and exports each function.
 * @param functions The functions.
 * @returns The module's binary form.
 * @see WebAssembly Core Specification 2.0, chapter 5
 */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const signatures = functions.map(({ params }) => [
    ...[0x60, ...list(new Array<Code>(params).fill([types.i32]))],
    0x00
  ]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x00, 0x01];
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, signatures),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index))
    ),
    ...section(7, exports),
    ...section(10, functions.map(code))
  ]);
}

function code({ locals, body }: WasmFunction): Code {
  const declared = list(locals.map(type => [0x01, types[type]]));
  const bytes = [...declared, ...body.flat(), 0x0b];
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, items: readonly Code[]): Code {
  const content = list(items);
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return list(Array.from(value, letter => [letter.charCodeAt(0)]));
}

/** LEB128 of a whole number of at least 0. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && !(low & 0x40)) || (rest === -1 && Boolean(low & 0x40));
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
