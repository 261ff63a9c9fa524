import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts, startWorker } from './start.ts';

const steps = 5;

for (const [first, second] of [
  ['mixed.worker.ts', 'python_worker.py'],
  ['python_worker.py', 'mixed.worker.ts']
] as const) {
  test(`${first} and ${second}, on MultiWorkerMirroredStrategy, reduce together`, async () => {
    const ports = await freePorts(2);
    const env = { STEPS: String(steps) };
    const workers = [first, second].map((script, index) =>
      startWorker(script, { ports, index, env })
    );
    const said = await Promise.all(workers.map(worker => worker.ends()));
    const share = (rank: number, step: number): number =>
      Math.fround(Math.fround((rank + 1) * (step + 1)) / Math.fround(10));
    const expected = Array.from({ length: steps }, (_, step) => {
      const total = Math.fround(share(0, step) + share(1, step));
      return { step, first: total, last: total };
    });
    for (const all of said) assert.deepEqual(all, [...expected, { done: true }]);
  });
}
