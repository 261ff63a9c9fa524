import assert from 'node:assert/strict';
import { test } from 'node:test';
import { data } from 'kernel-helpers';
import { startCluster, type TestWorker } from './start.ts';

const clusters = 10;
const size = 6;

/** Kills all workers but one, each at a random moment; those left must be training together again every time. */
async function killOneByOne(seed: number): Promise<number> {
  const { uniform } = data.random(seed);
  const { workers } = await startCluster('fit.worker.ts', size, () => ({
    STEPS: '1000000',
    PAUSE_MS: '5'
  }));
  const left = new Set(workers);
  await Promise.all(workers.map(worker => worker.hears('step')));
  let kills = 0;
  while (left.size > 1) {
    await new Promise(resolve => setTimeout(resolve, 200 * uniform()));
    const victim = [...left][Math.floor(uniform() * left.size)]!;
    victim.child.kill('SIGKILL');
    left.delete(victim);
    kills++;
    await Promise.all([...left].map(worker => trainsWith(worker, left.size)));
  }
  for (const { child } of left) child.kill('SIGKILL');
  return kills;
}

/** Waits until a worker takes steps in a group of this size. */
async function trainsWith(worker: TestWorker, workers: number): Promise<void> {
  await worker.until(message => 'step' in message && message.size === workers);
}

test(`${clusters * (size - 1)} times a worker is killed at any moment, and the others go on`, async () => {
  let kills = 0;
  const queue = Array.from({ length: clusters }, (_, seed) => seed);
  const next = async (): Promise<void> => {
    for (let seed = queue.shift(); seed !== undefined; seed = queue.shift()) {
      const done = await killOneByOne(seed);
      kills += done;
    }
  };
  await Promise.all([next(), next()]);
  assert.equal(kills, clusters * (size - 1));
});
