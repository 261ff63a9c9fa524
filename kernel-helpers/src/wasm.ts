import * as tf from '@tensorflow/tfjs';

/** What computes the tensors. */
export interface Device {
  /** TensorFlow.js's name of the backend: `wasm`, `cpu`, `webgl`, … */
  readonly backend: string;
  /** The device in words. */
  readonly description: string;
  /** The machine's GPU models, or its processor and why there is no GPU, as the TypeScript kernel tells it; absent elsewhere. */
  readonly hardware?: string;
}

/**
 * Computes with TensorFlow.js's WebAssembly backend from here on: some five times faster than plain JavaScript, on one thread.
 * It has no gradient of convolutions by their filters, so it cannot train convolutional models; float32 only.
 * @returns The backend that runs now.
 */
export async function useWasm(): Promise<Device> {
  // Loaded only now: registered at import, it would ask every user for an `await tf.ready()` before the first tensor.
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await tf.ready();
  return { backend: 'wasm', description: await describeWasm() };
}

/** The WebAssembly backend in words. */
export async function describeWasm(): Promise<string> {
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return `WebAssembly ${simd ? 'with' : 'without'} SIMD on one processor core`;
}
