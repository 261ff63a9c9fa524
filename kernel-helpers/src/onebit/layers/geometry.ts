/** Where a convolution's outputs lie along one axis. */
export interface Axis {
  /** How many outputs. */
  readonly outputs: number;
  /** How many inputs are added before the first. */
  readonly before: number;
  /** How many are added after the last. */
  readonly after: number;
}

/**
 * Lays a convolution along one axis, as TensorFlow does: of an odd number of added inputs, the larger half comes after the last.
 * @param length Inputs along the axis.
 * @param size Length of the kernel.
 * @param stride From one output to the next.
 * @param padding `same` gives ⌈length / stride⌉ outputs, `valid` adds nothing.
 * @returns The outputs and what is added.
 */
export function layAxis(
  length: number,
  size: number,
  stride: number,
  padding: 'same' | 'valid'
): Axis {
  if (padding === 'valid') {
    return { outputs: Math.floor((length - size) / stride) + 1, before: 0, after: 0 };
  }
  const outputs = Math.ceil(length / stride);
  const added = Math.max(0, (outputs - 1) * stride + size - length);
  const before = Math.floor(added / 2);
  return { outputs, before, after: added - before };
}
