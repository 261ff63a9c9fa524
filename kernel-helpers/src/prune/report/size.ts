import { gzipSync } from 'node:zlib';
import type { Tree } from '../../tree.ts';
import { namedLeaves } from '../leaves.ts';

/** How many bytes a model takes. */
export interface SizeReport {
  /** As it is: 4 bytes for each weight. */
  readonly raw: number;
  /** The same packed by gzip at its highest level. */
  readonly gzip: number;
  /** Each tensor as compressed sparse rows where that is smaller: values, column numbers, row starts. */
  readonly csr: number;
  /** raw / gzip. */
  readonly gzipRatio: number;
  /** raw / csr. */
  readonly csrRatio: number;
}

/**
 * How many bytes parameters take, with their zeros and without.
 * @param params Parameters, float32.
 * @returns Bytes of weights alone: names and shapes, some 100 bytes a tensor, come on top.
 */
export function sizeReport(params: Tree): SizeReport {
  const tensors = [...namedLeaves(params).values()];
  const values = tensors.map(tensor => tensor.dataSync<'float32'>());
  const bytes = Buffer.concat(
    values.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  );
  const raw = bytes.length;
  const gzip = raw === 0 ? 0 : gzipSync(bytes, { level: 9 }).length;
  const csr = tensors.reduce(
    (sum, { shape, size }, i) => sum + Math.min(4 * size, csrBytes(values[i]!, shape.at(-1) ?? 1)),
    0
  );
  return { raw, gzip, csr, gzipRatio: raw / Math.max(1, gzip), csrRatio: raw / Math.max(1, csr) };
}

/**
 * Bytes of a matrix as compressed sparse rows.
 * @param values Its values, row by row.
 * @param columns Columns of the matrix.
 * @returns 4 bytes for each value that is not 0, 1, 2 or 4 for its column, and 4 for each row and one more.
 */
export function csrBytes(values: ArrayLike<number>, columns: number): number {
  let notZero = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) notZero++;
  const perColumn = columns <= 2 ** 8 ? 1 : columns <= 2 ** 16 ? 2 : 4;
  return notZero * (4 + perColumn) + 4 * (values.length / Math.max(1, columns) + 1);
}
