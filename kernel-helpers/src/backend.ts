import * as tf from '@tensorflow/tfjs';
import { tensorflow } from './runtime/index.ts';
import { describeWasm, type Device } from './wasm.ts';

/**
 * Which backend computes now.
 * @returns The backend of this process, after it has started.
 */
export async function device(): Promise<Device> {
  await tf.ready();
  const backend = tf.getBackend();
  return { backend, description: await describe(backend) };
}

async function describe(backend: string): Promise<string> {
  if (backend === 'tensorflow') return tensorflow().device.description;
  if (backend === 'wasm') return describeWasm();
  return backend === 'cpu' ? 'plain JavaScript on one processor core' : backend;
}
