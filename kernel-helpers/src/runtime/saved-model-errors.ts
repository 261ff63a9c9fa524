import type { node as NodeApi } from '@tensorflow/tfjs-node-gpu/dist/node.js';
import { TensorFlowError } from './errors.ts';

/**
 * tfjs-node's `tf.node` with a code on what fails before TensorFlow sees a SavedModel: tfjs-node reads its description itself.
 * @param node tfjs-node's own.
 * @returns The same functions; loading throws TensorFlowError `tensorflow/saved-model` with the folder and the next step.
 */
export function withCodedErrors(node: typeof NodeApi): typeof NodeApi {
  return {
    ...node,
    loadSavedModel: (path, ...rest) => coded(path, () => node.loadSavedModel(path, ...rest)),
    getMetaGraphsFromSavedModel: path => coded(path, () => node.getMetaGraphsFromSavedModel(path))
  };
}

async function coded<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof TensorFlowError) throw cause;
    throw new TensorFlowError(
      'tensorflow/saved-model',
      `expected a SavedModel in ${path}, its description cannot be read: ${(cause as Error).message}; save or copy the whole folder again`,
      { cause }
    );
  }
}
