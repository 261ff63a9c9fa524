import { type Jitted, type JitOptions, makeJitted, nameOf } from './jitted.ts';
import type { TensorFunction } from './record.ts';
import { scan } from './scan.ts';

/**
 * Makes a function run as one TensorFlow function, compiled by XLA: it is recorded once for each combination of shapes, data types and
 * plain values of its arguments. Variables are read and written at each call; gradients, optimisers and random tensors work inside.
 * It must be synchronous, and may not read values or branch on them. Called while it is differentiated from outside, it runs as it is.
 * @param fn Takes and returns tensors and plain values, nested in arrays and plain objects.
 * @param options Compilation, precision, seed.
 * @returns The fast function. Its results are the caller's to dispose of.
 * @throws TensorFlowError `tensorflow/not-started` without TensorFlow; of area `jit` when it is called and cannot be recorded.
 * @example const step = jit((x, y) => optimiser.minimize(() => loss(model(x), y), true))
 */
export function jit<F extends TensorFunction>(fn: F, options: JitOptions = {}): Jitted<F> {
  const name = nameOf(fn, options);
  return makeJitted(
    fn,
    (recorder, args, runOnce) => recorder.record(name, fn, args, runOnce),
    options
  );
}

/** Runs many steps in one call. */
jit.scan = scan;
