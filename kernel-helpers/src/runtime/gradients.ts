import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { addKernel, runOne, type } from './kernels/kernel.ts';

/** A gradient that TensorFlow has an operation for. */
interface GradientOperation {
  readonly name: string;
  /** Its inputs in order: what comes in, and what the function was given or gave. */
  readonly inputs: readonly ['dy', 'kept'] | readonly ['kept', 'dy'];
  /** Its own derivative by what was kept, times `dz`; it is linear in `dy`. */
  readonly byKept: (dz: Tensor, dy: Tensor, kept: Tensor) => Tensor;
}

/** Gradients that TensorFlow.js writes as products of several operations. */
const operations: Readonly<Record<string, GradientOperation>> = {
  Relu: { name: 'ReluGrad', inputs: ['dy', 'kept'], byKept: (_, __, x) => tf.zerosLike(x) },
  Relu6: { name: 'Relu6Grad', inputs: ['dy', 'kept'], byKept: (_, __, x) => tf.zerosLike(x) },
  Sigmoid: {
    name: 'SigmoidGrad',
    inputs: ['kept', 'dy'],
    byKept: (dz, dy, y) => tf.mul(tf.mul(dz, dy), tf.sub(1, tf.mul(2, y)))
  },
  Tanh: {
    name: 'TanhGrad',
    inputs: ['kept', 'dy'],
    byKept: (dz, dy, y) => tf.mul(tf.mul(dz, dy), tf.mul(-2, y))
  }
};

/**
 * Lets the gradients of rectifiers, the logistic function and tanh run as one operation where TensorFlow computes; other backends keep
 * TensorFlow.js's formulas. XLA computes them again in each sum that needs them, so that their length counts several times.
 */
export function registerGradients(): void {
  for (const [kernelName, operation] of Object.entries(operations)) {
    const original = tf.getGradient(kernelName);
    const { name, inputs: order, byKept } = operation;
    addKernel(name, ({ backend, inputs }) => {
      const given = order.map(input => inputs[input]!);
      return runOne(backend, name, given, [type('T', inputs.kept!.dtype)]);
    });
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      ...original,
      gradFunc: (dy, saved, attributes) => {
        const [kept] = saved as [Tensor];
        const given = dy as Tensor;
        const isTensorFlows = tf.getBackend() === 'tensorflow' && given.dtype === kept.dtype;
        if (!isTensorFlows) return original.gradFunc(dy, saved, attributes);
        return { x: () => gradient(name, given, kept) };
      }
    });
    tf.registerGradient({
      kernelName: name,
      inputsToSave: ['dy', 'kept'],
      gradFunc: (dz, saved) => {
        const [dy, kept] = saved as [Tensor, Tensor];
        const given = dz as Tensor;
        return {
          dy: () => gradient(name, given, kept),
          kept: () => byKept(given, dy, kept)
        };
      }
    });
  }
}

/**
 * Runs one of TensorFlow's operations for gradients.
 * @param name `SigmoidGrad`, `TanhGrad`, `ReluGrad` or `Relu6Grad`.
 * @param dy What comes in.
 * @param kept What the function gave; for rectifiers what it was given.
 * @returns The gradient by what the function was given.
 */
export function gradient(name: string, dy: Tensor, kept: Tensor): Tensor {
  return tf.engine().runKernel<Tensor>(name, { dy, kept });
}
