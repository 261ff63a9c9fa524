import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';

/**
 * Asserts that two lists of tensors or values are equal within a tolerance.
 * @param actual What was computed.
 * @param expected What it should be.
 * @param tolerance Largest difference of two elements.
 */
export function assertClose(
  actual: readonly tf.Tensor[],
  expected: readonly tf.Tensor[],
  tolerance: number
): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((tensor, i) => {
    assert.deepEqual(tensor.shape, expected[i]!.shape);
    const [found, wanted] = [tensor.dataSync(), expected[i]!.dataSync()];
    const worst = Array.from(found).reduce(
      (most, value, j) => Math.max(most, Math.abs(value - wanted[j]!)),
      0
    );
    assert.ok(
      worst <= tolerance,
      `tensor ${i}: expected a difference of at most ${tolerance}, got ${worst}`
    );
  });
}

/** What console.warn says while `fn` runs. */
export async function warningsOf(fn: () => unknown): Promise<string[]> {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    await fn();
    return warnings;
  } finally {
    console.warn = warn;
  }
}
