import * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { HelperError, checkNumber } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors.ts';
import { release } from '../tree.ts';
import type { Outputs } from './outputs.ts';
import type { Teacher } from './teachers.ts';

/** Where and how a teacher's outputs are kept. */
export interface CacheOptions {
  /** A safetensors file: read when it is there, written when not. Without one the outputs are only kept in memory. */
  file?: string;
  /** Examples at a time. @default 256 */
  batchSize?: number;
}

/** Examples of which the teacher is asked again, to see whether a file is its own. */
const probed = 4;
/** How far outputs may lie apart that another processor or backend computed, relative to their size. */
const tolerance = 1e-3;

/**
 * A teacher's outputs for all examples, so that an epoch after the first does not ask it again.
 * @param teacher The teacher.
 * @param inputs All inputs, of shape [examples, …].
 * @param options See `CacheOptions`.
 * @returns Each output as a table [examples, …]; the tables belong to the caller.
 * @throws HelperError `io/format` for a file of other inputs, of another teacher, or that is none.
 */
export async function teacherOutputs(
  teacher: Teacher,
  inputs: tf.Tensor,
  options: CacheOptions = {}
): Promise<Outputs> {
  const { file, batchSize = 256 } = options;
  checkNumber('batchSize', batchSize, { from: 1, integer: true });
  if (file === undefined) return ask(teacher, inputs, batchSize);
  const sum = createHash('sha256')
    .update(String(inputs.shape))
    .update(inputs.dataSync())
    .digest('hex');
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes) return readTables(bytes, file, sum, teacher, inputs);
  const tensors = ask(teacher, inputs, batchSize);
  await writeFile(`${file}.new`, encodeSafetensors({ tensors, metadata: { inputs: sum } }));
  await rename(`${file}.new`, file);
  return tensors;
}

function ask(teacher: Teacher, inputs: tf.Tensor, batchSize: number): Outputs {
  return tf.tidy(() => {
    const parts: Outputs[] = [];
    for (let from = 0; from < inputs.shape[0]; from += batchSize) {
      const length = Math.min(batchSize, inputs.shape[0] - from);
      const part = tf.tidy(
        () => teacher.outputs(tf.slice(inputs, from, length)) as tf.NamedTensorMap
      );
      parts.push(part);
    }
    const names = Object.keys(parts[0] ?? {});
    return Object.fromEntries(
      names.map(name => [
        name,
        tf.concat(
          parts.map(part => part[name]!),
          0
        )
      ])
    );
  });
}

function readTables(
  bytes: Uint8Array,
  file: string,
  sum: string,
  teacher: Teacher,
  inputs: tf.Tensor
): Outputs {
  const { tensors, metadata } = decodeSafetensors(bytes);
  try {
    const remedy = 'remove it to have it made again';
    if (metadata.inputs !== sum) {
      throw new HelperError('io/format', `${file} holds outputs for other inputs; ${remedy}`);
    }
    const first = tf.slice(inputs, 0, Math.min(probed, inputs.shape[0]));
    const now = ask(teacher, first, probed);
    const differing = Object.keys(now).find(name => !alike(tensors[name], now[name]!));
    release([first, { ...now }]);
    if (differing !== undefined) {
      throw new HelperError(
        'io/format',
        `${file} holds the outputs of another teacher: ${differing} differs; ${remedy}`
      );
    }
    return tensors;
  } catch (error) {
    release({ ...tensors });
    throw error;
  }
}

/** Whether a table starts with these values. */
function alike(table: tf.Tensor | undefined, start: tf.Tensor): boolean {
  if (!table || String(table.shape.slice(1)) !== String(start.shape.slice(1))) return false;
  return tf.tidy(() => {
    const apart = tf.abs(tf.sub(tf.slice(table, 0, start.shape[0]), start));
    const allowed = tf.mul(tf.add(tf.abs(start), 1), tolerance);
    return tf.all(tf.lessEqual(apart, allowed)).dataSync()[0] === 1;
  });
}
