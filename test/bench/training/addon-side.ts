/** The side of tfjs-node's compiled addon: the same kernels and models, operation by operation. Its argument is the addon's file. */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import { restoreLegacyUtil } from '../../../kernel-helpers/src/runtime/legacy-util.ts';
import type { Task } from './child.ts';
import { timeOperation } from './operations.ts';
import { OurSide } from './ours.ts';

process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
restoreLegacyUtil();
const binding = createRequire(import.meta.url)(process.argv[2]!) as TFJSBinding;
const { NodeJSKernelBackend } =
  await import('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js');
await import('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, 'addon'), 3);
await tf.setBackend('tensorflow');

let side: OurSide | undefined;

function answer(question: Partial<Task> & { steps?: number; operation?: string }): object {
  if (question.operation) {
    return { ms: timeOperation(binding, question.operation, question.steps!) };
  }
  if (question.steps) return side!.run(question.steps);
  side?.close();
  side = new OurSide(question as Task, 'eagerly');
  return {};
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line) as Partial<Task>)));
}
