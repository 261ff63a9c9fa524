import * as tf from '@tensorflow/tfjs';
import { tensorflow, whyNoTensorFlow } from './runtime/index.ts';
import { describeWasm, type Device } from './wasm.ts';

/** Under which the TypeScript kernel tells what its machine can compute on. */
const hardwareSymbol = Symbol.for('joulebook.hardware');

/**
 * What tensors are computed on now: the GPU's model, or the processor and why it is no GPU.
 * @returns The backend of this process, after it has started.
 */
export async function device(): Promise<Device> {
  await tf.ready();
  const backend = tf.getBackend();
  const hardware: unknown = Reflect.get(globalThis, hardwareSymbol);
  return {
    backend,
    description: await describe(backend),
    ...(typeof hardware === 'string' && { hardware })
  };
}

async function describe(backend: string): Promise<string> {
  if (backend === 'tensorflow') return tensorflow().device.description;
  if (backend === 'wasm') return `${await describeWasm()}: ${whyNoTensorFlow()}`;
  return backend === 'cpu'
    ? `plain JavaScript on one processor core: ${whyNoTensorFlow()}`
    : backend;
}
