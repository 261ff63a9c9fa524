import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { addKernel, runOne, type } from './kernels/kernel.ts';

/** Gradients that TensorFlow has an operation for; TensorFlow.js writes them as products with steps, of several operations each. */
const rectifiers = { Relu: 'ReluGrad', Relu6: 'Relu6Grad' } as const;

/**
 * Lets the gradients of rectifiers run as one operation where TensorFlow computes; other backends keep TensorFlow.js's formulas. XLA
 * computes them again in each sum that needs them, so that their length counts several times.
 */
export function registerGradients(): void {
  for (const [kernelName, gradientName] of Object.entries(rectifiers)) {
    const original = tf.getGradient(kernelName);
    addKernel(gradientName, ({ backend, inputs }) =>
      runOne(backend, gradientName, [inputs.dy!, inputs.x!], [type('T', inputs.x!.dtype)])
    );
    const gradient = (dy: Tensor, x: Tensor): Tensor =>
      tf.engine().runKernel<Tensor>(gradientName, { dy, x });
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      ...original,
      gradFunc: (dy, saved, attributes) => {
        const [x] = saved as [Tensor];
        const given = dy as Tensor;
        const isTensorFlows = tf.getBackend() === 'tensorflow' && given.dtype === x.dtype;
        if (!isTensorFlows) return original.gradFunc(dy, saved, attributes);
        return { x: () => gradient(given, x) };
      }
    });
    // It is linear in what comes in, and flat in x wherever it has a slope.
    tf.registerGradient({
      kernelName: gradientName,
      inputsToSave: ['x'],
      gradFunc: (dy, saved) => {
        const [x] = saved as [Tensor];
        return { dy: () => gradient(dy as Tensor, x), x: () => tf.zerosLike(x) };
      }
    });
  }
}
