import * as tf from '@tensorflow/tfjs';
import type { UnitAxis } from './units.ts';

/**
 * Takes units out of tensors.
 * @param tensors Weights by name.
 * @param axes Where units show up.
 * @param gone Numbers of the units that go.
 * @returns New tensors by name, for the weights that change; they belong to the caller.
 */
export function removeUnitsFrom(
  tensors: ReadonlyMap<string, tf.Tensor>,
  axes: readonly UnitAxis[],
  gone: ReadonlySet<number>
): Map<string, tf.Tensor> {
  const smaller = new Map<string, tf.Tensor>();
  for (const { weight, axis, unitOf } of axes) {
    const stays = Array.from(unitOf.keys()).filter(i => !gone.has(unitOf[i]!));
    if (stays.length === unitOf.length) continue;
    const before = smaller.get(weight);
    const from = before ?? tensors.get(weight)!;
    smaller.set(
      weight,
      tf.tidy(() => tf.gather(from, tf.tensor1d(stays, 'int32'), axis))
    );
    before?.dispose();
  }
  return smaller;
}
