/** Our side of single operations, in a process of its own as the addon's is: what ran before in the benchmark must not weigh on it. */
import { createInterface } from 'node:readline';
import { tensorflow, useTensorFlow } from '../../../kernel-helpers/src/runtime/index.ts';
import { timeOperation } from './operations.ts';

await useTensorFlow({ fallback: 'none' });
const { binding } = tensorflow().backend;

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, steps } = JSON.parse(line) as { operation: string; steps: number };
  console.log(JSON.stringify({ ms: timeOperation(binding, operation, steps) }));
}
