import { HelperError } from '../errors.ts';

/** Bytes with a shape, as an IDX file holds them. */
export interface IdxArray {
  /** Lengths of the axes. */
  readonly shape: readonly number[];
  /** One byte per element. */
  readonly values: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes, the format of MNIST and Fashion-MNIST.
 * @param file The file's bytes, unpacked.
 * @param name What to call it in errors.
 * @returns Shape and values; the values share the file's memory.
 * @throws HelperError `io/format` for another type of element, or a length that does not fit the shape.
 */
export function readIdx(file: Uint8Array, name: string): IdxArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [zeros, type, axes] = file.length < 4 ? [1, 0, 0] : [view.getUint16(0), file[2], file[3]!];
  if (zeros !== 0 || type !== 8 || file.length < 4 + 4 * axes) {
    const start = Buffer.from(file.subarray(0, 4)).toString('hex');
    throw new HelperError(
      'io/format',
      `expected ${name} to be an IDX file of bytes (0000 08..), got ${start}`
    );
  }
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const values = file.subarray(4 + 4 * axes);
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length === size) return { shape, values };
  throw new HelperError(
    'io/format',
    `expected ${size} bytes in ${name} for shape [${shape.join(', ')}], got ${values.length}`
  );
}
