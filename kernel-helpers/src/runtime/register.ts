import { io, registerCallbackConstructor } from '@tensorflow/tfjs';
import { ProgbarLogger } from '@tensorflow/tfjs-node-gpu/dist/callbacks.js';
import { nodeFileSystemRouter } from '@tensorflow/tfjs-node-gpu/dist/io/file_system.js';
import '@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js';

import { registerGradients } from './gradients.ts';
import { registerImageKernels } from './kernels/image.ts';
import { registerPoolingKernels } from './kernels/pooling.ts';
import { registerConvolutionKernels } from './kernels/convolution.ts';
import { registerRaggedKernels } from './kernels/ragged.ts';
import { registerRepairedKernels } from './kernels/repaired.ts';
import { registerSearchKernels } from './kernels/search.ts';
import { registerSparseKernels } from './kernels/sparse.ts';
import { registerStringKernels } from './kernels/strings.ts';

let registered = false;

/** Registers what importing tfjs-node would: its kernels, `file://` for models, and the progress bar of `model.fit`; then the kernels it lacks, and gradients of fewer operations. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  io.registerLoadRouter(nodeFileSystemRouter);
  io.registerSaveRouter(nodeFileSystemRouter);
  registerCallbackConstructor(1, ProgbarLogger);
  registerConvolutionKernels();
  registerImageKernels();
  registerPoolingKernels();
  registerRaggedKernels();
  registerRepairedKernels();
  registerSearchKernels();
  registerSparseKernels();
  registerStringKernels();
  registerGradients();
}
