import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../errors.ts';

/** Tensors by name, and notes of text. */
export interface NamedTensors {
  /** The tensors. */
  readonly tensors: Readonly<Record<string, tf.Tensor>>;
  /** Text that goes with them. */
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const names = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;
const types: Readonly<Record<string, keyof typeof names>> = {
  F32: 'float32',
  I32: 'int32',
  BOOL: 'bool'
};
const alignment = 8;
/** The format's own limit, against headers made to exhaust memory. */
const longestHeader = 100_000_000;

/**
 * Writes tensors in the safetensors format, bit for bit.
 * @param named Tensors of dtype float32, int32 or bool by name, and notes.
 * @returns The file's bytes.
 * @throws HelperError `input/dtype` for another dtype, `input/disposed` for a tensor that was disposed of.
 * @see The safetensors format: 8 bytes length, JSON header, data, all little-endian
 */
export function encodeSafetensors({ tensors, metadata }: NamedTensors): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = {};
  if (metadata) header.__metadata__ = metadata;
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const dtype = names[tensor.dtype as keyof typeof names];
    if (!dtype) {
      throw new HelperError(
        'input/dtype',
        `expected ${name} to be float32, int32 or bool, got ${tensor.dtype}; use tf.cast`
      );
    }
    if (tensor.isDisposed) {
      throw new HelperError(
        'input/disposed',
        `expected ${name} to hold values, it was disposed of; save it before, or keep it with tf.keep`
      );
    }
    const data = tensor.dataSync();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype, shape: tensor.shape, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / alignment) * alignment;
  const file = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(text, 8);
  let at = 8 + padded;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * Reads tensors in the safetensors format.
 * @param file The file's bytes.
 * @returns The tensors, which belong to the caller, and the notes.
 * @throws HelperError `io/format` for anything but a sound file of F32, I32 and BOOL tensors.
 */
export function decodeSafetensors(file: Uint8Array): Required<NamedTensors> {
  const { header, start } = readHeader(file);
  const { __metadata__: metadata = {}, ...entries } = header;
  const checked = Object.entries(entries).map(([name, entry]) =>
    checkEntry(name, entry, file.length - start)
  );
  const tensors = checked.map(({ name, dtype, shape, from, to }) => {
    // A copy of its own: the data may start at an odd byte, and tensors must not change with the file. A Buffer's slice is none.
    const bytes = Uint8Array.from(file.subarray(start + from, start + to));
    const Values = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
    return [name, tf.tensor(new Values(bytes.buffer), shape, dtype)] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; start: number } {
  const fail = (what: string): never => {
    throw new HelperError('io/format', `expected a safetensors file, got ${what}`);
  };
  if (file.length < 8) return fail(`${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(longestHeader, file.length - 8)) {
    return fail(`a header of ${length} bytes in a file of ${file.length}`);
  }
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    if (typeof header !== 'object' || header === null || Array.isArray(header))
      return fail('no record');
    return { header: header as Record<string, unknown>, start: 8 + length };
  } catch (cause) {
    throw new HelperError('io/format', 'expected a safetensors file, its header is no JSON', {
      cause
    });
  }
}

function checkEntry(name: string, value: unknown, available: number) {
  const {
    dtype: given = '',
    shape = [],
    data_offsets: [from, to] = [NaN, NaN]
  } = value as Partial<Entry>;
  const dtype = types[given];
  const size = shape.reduce((product, length) => product * length, dtype === 'bool' ? 1 : 4);
  const fits = from >= 0 && to <= available && to - from === size;
  if (dtype && fits) return { name, dtype, shape, from, to };
  throw new HelperError(
    'io/format',
    dtype
      ? `expected ${size} bytes for ${name} of shape [${shape.join(',')}], got bytes ${from} to ${to} of ${available}`
      : `expected ${name} to be F32, I32 or BOOL, got ${given}; convert the file`
  );
}
