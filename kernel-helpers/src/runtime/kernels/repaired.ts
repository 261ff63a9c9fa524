import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { replaceKernel } from './kernel.ts';

/** Repairs kernels where TensorFlow answers otherwise than TensorFlow.js specifies, or has no kernel for a data type. */
export function registerRepairedKernels(): void {
  // TensorFlow.js: the sign of NaN is 0.
  replaceKernel('Sign', original => call => {
    const x = call.inputs.x as Tensor;
    if (x.dtype !== 'float32') return original(call);
    return tf.tidy(() => tf.where(tf.isNaN(x), tf.zerosLike(x), original(call) as Tensor));
  });
  // TensorFlow's CPU kernel gives zeros for integers.
  replaceKernel(
    'Round',
    original => call =>
      call.inputs.x!.dtype === 'float32' ? original(call) : tf.clone(call.inputs.x as Tensor)
  );
  for (const kernelName of ['Step', 'LeakyRelu']) {
    replaceKernel(kernelName, original => call => {
      const x = call.inputs.x as Tensor;
      if (x.dtype === 'float32') return original(call);
      return tf.tidy(() => {
        const result = original(call, { inputs: { x: tf.cast(x, 'float32') } }) as Tensor;
        return kernelName === 'Step' ? tf.cast(result, x.dtype) : result;
      });
    });
  }
  replaceKernel('Diag', original => call => {
    const x = call.inputs.x as Tensor;
    if (x.dtype !== 'bool') return original(call);
    return tf.tidy(() => {
      const whole = original(call, { inputs: { x: tf.cast(x, 'int32') } }) as Tensor;
      return tf.cast(whole, 'bool');
    });
  });
  // A list of indices of one axis is a column of them.
  replaceKernel('ScatterNd', original => call => {
    const indices = call.inputs.indices as Tensor;
    if (indices.shape.length !== 1) return original(call);
    return tf.tidy(() => {
      const column = tf.reshape(indices, [indices.shape[0], 1]);
      return original(call, { inputs: { indices: column } }) as Tensor;
    });
  });
}
