import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, onebit, useWasm } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting } from './setting.ts';

const inputs = 1024;
const outputs = 1024;
/** Least times as fast as floats, and at most times as slow as the native loop. */
const goals = { float: 5, native: 1.5 };

/** Packed products beside WebAssembly's floats and a native loop. */
export async function packedSpeed(): Promise<BenchResult[]> {
  const before = tf.getBackend();
  await useWasm();
  try {
    return [1, 128].flatMap(rows => compared(rows));
  } finally {
    await tf.setBackend(before);
  }
}

function compared(rows: number): BenchResult[] {
  const draw = data.random(1);
  const signs = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => (draw.uniform() < 0.5 ? -1 : 1));
  const [x, kernel] = [signs(rows * inputs), signs(inputs * outputs)];
  const packed = new onebit.PackedDense({ inputs, outputs, kernel, accepts: 'signs' });
  const [a, b] = [tf.tensor2d(x, [rows, inputs]), tf.tensor2d(kernel, [inputs, outputs])];
  const float = (): Float32Array => tf.tidy(() => tf.matMul(a, b).dataSync<'float32'>());
  const products = packed.apply(x);
  const equal = float().every((value, index) => value === products[index]);
  const rounds = setting.small ? 50 : Math.round(10_000 / rows ** 0.7);
  const [ours, floats] = fastest(rounds, [() => packed.apply(x), float]) as [number, number];
  tf.dispose([a, b]);
  // The native loop has the caches for itself; beside it, so has ours.
  const [alone] = fastest(rounds, [() => packed.apply(x)]) as [number];
  const name = `one bit: dense ${inputs} × ${outputs}, batch ${rows}`;
  return [
    {
      name: `${name}, packed, signs taken and results copied, beside WebAssembly floats`,
      ...{ ours, other: floats, ratio: ours / floats, unit: 'ms' },
      goal: `at least ${goals.float} times as fast, equal to the last bit`,
      met: equal && floats / ours >= goals.float
    },
    ...nativeRows(name, alone, rows, rounds)
  ];
}

/** The fastest of several rounds of each, taken by turns, in milliseconds. */
function fastest(rounds: number, runs: readonly (() => unknown)[]): number[] {
  const best = runs.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, index) => {
      const start = performance.now();
      run();
      best[index] = Math.min(best[index]!, performance.now() - start);
    });
  }
  return best;
}

/** A C compiler's loop, on words packed before; with 512-bit vectors as well where the processor has them, which WebAssembly has not. */
function nativeRows(name: string, ours: number, rows: number, rounds: number): BenchResult[] {
  const popcount = process.arch === 'x64' ? ['-mpopcnt'] : [];
  return [
    { flags: ['-O3', ...popcount], goal: `at most ${goals.native} times as long`, counts: true },
    {
      flags: ['-O3', '-march=native'],
      goal: 'reported: all vectors of this machine',
      counts: false
    }
  ].map(({ flags, goal, counts }) => {
    const native = nativeLoop(flags, rows, rounds);
    return {
      name: `${name}, packed, beside a native loop, gcc ${flags.join(' ')}${native === null ? ': missing, no gcc here' : ''}`,
      ...{ ours, other: native, ratio: native && ours / native, unit: 'ms', goal },
      met: !counts || (native !== null && ours / native <= goals.native)
    };
  });
}

function nativeLoop(flags: readonly string[], rows: number, rounds: number): number | null {
  const folder = mkdtempSync(join(tmpdir(), 'joulebook-bench-'));
  try {
    const program = join(folder, 'loop');
    execFileSync('gcc', [...flags, join(import.meta.dirname, 'onebit-native.c'), '-o', program]);
    const sizes = [rows, outputs, inputs, rounds].map(String);
    return Number(execFileSync(program, sizes, { encoding: 'utf8' }).split(' ')[0]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
