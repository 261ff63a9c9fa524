import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inVariables, optim, trainStep, training, useTensorFlow } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { batchOf, firstParameters, models } from '../training/models.ts';
import { PythonSide, type Task } from '../training/python.ts';

const optimizers: Record<Task['optimizer'], () => optim.Transform> = {
  sgd: () => optim.sgd(0.01),
  momentum: () => optim.sgd(0.01, { decay: 0.9 }),
  adam: () => optim.adam(0.001)
};
const [rounds, steps] = [9, 200];

/** A compiled training step beside Python's `tf.function(jit_compile=True)`: 784-300-100-10, a batch of 128. */
export async function compiledSteps(): Promise<BenchResult[]> {
  const python = pythonWithTensorFlow();
  const results: BenchResult[] = [];
  if (python) await useTensorFlow({ fallback: 'none' });
  for (const optimizer of Object.keys(optimizers) as Task['optimizer'][]) {
    const task: Task = { model: 'mlp', optimizer, batch: 128, train: true };
    const name = `${optimizer}: a compiled training step beside Python's tf.function`;
    const times = python ? await interleaved(python, task) : undefined;
    const missing = ': missing, set JOULEBOOK_BENCH_PYTHON to a Python with TensorFlow and Keras';
    results.push({
      name: times ? name : `${name}${missing}`,
      ours: times?.ours ?? NaN,
      other: times?.other ?? null,
      ratio: times?.ratio ?? null,
      unit: 'ms',
      goal: 'at most 1.00, the same loss',
      met: times !== undefined && times.ratio <= 1 && times.isEqual
    });
  }
  return results;
}

function pythonWithTensorFlow(): string | undefined {
  const { JOULEBOOK_BENCH_PYTHON: named, VIRTUAL_ENV: environment } = process.env;
  const python = named ?? (environment && join(environment, 'bin', 'python'));
  return python && existsSync(python) ? python : undefined;
}

/** Medians of rounds that the sides take by turns. */
async function interleaved(python: string, task: Task) {
  const theirs = new PythonSide(python);
  try {
    await theirs.build(task, 'function');
    const ours = ourSide(task);
    const warm = [ours.run(3), await theirs.run(3)] as const;
    const times: { ours: number[]; other: number[] } = { ours: [], other: [] };
    for (let round = 0; round < rounds; round++) {
      times.ours.push(ours.run(steps).ms / steps);
      times.other.push((await theirs.run(steps)).ms / steps);
    }
    ours.close();
    return {
      ours: median(times.ours),
      other: median(times.other),
      ratio: median(times.ours.map((ms, round) => ms / times.other[round]!)),
      isEqual: Math.abs(warm[0].loss - warm[1].loss) < 1e-4
    };
  } finally {
    theirs.close();
  }
}

function ourSide({ model: name, optimizer, batch }: Task) {
  const model = models[name]!;
  const transform = optimizers[optimizer]();
  const params = firstParameters(model).map((values, i) =>
    tf.tensor(values, model.shapes[i] as number[])
  );
  const { x, y } = batchOf(model, batch);
  const step = trainStep(transform, (at: tf.Tensor[], inputs: tf.Tensor, targets: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(targets, model.logits(at, inputs))
  );
  // Python's step writes variables as well.
  const first = { params, state: transform.init(params) };
  let position = inVariables(first);
  training.releasePosition(first, position);
  const once = (): number => {
    const { loss, ...next } = step(position, x, y);
    const value = loss.dataSync()[0]!;
    loss.dispose();
    position = next;
    return value;
  };
  return {
    run(count: number): { ms: number; loss: number } {
      const started = performance.now();
      let loss = NaN;
      for (let i = 0; i < count; i++) loss = once();
      return { ms: performance.now() - started, loss };
    },
    close: () => {
      step.dispose();
      tf.dispose([x, y]);
      training.releasePosition(position, { params: [], state: null });
    }
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
