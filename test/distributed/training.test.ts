import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'kernel-helpers';
import { startCluster, startWorker, type TestWorker } from './start.ts';

interface Trained {
  steps: number;
  size: number;
  generation: number;
  losses: number[];
  sentBytes: number;
  params: string;
  values: string;
}

const trained = async (worker: TestWorker): Promise<Trained> =>
  (await worker.hears('params')) as unknown as Trained;

/** All parameters, one after another. */
function numbers({ values }: Trained): number[] {
  const { tensors } = io.decodeSafetensors(Buffer.from(values, 'base64'));
  return Object.values(tensors).flatMap(tensor => [...tensor.dataSync()]);
}

async function alone(steps = '100'): Promise<Trained> {
  const { workers } = await startCluster('fit.worker.ts', 1, () => ({ STEPS: steps }));
  return trained(workers[0]!);
}

test('three workers get the numbers of one, and the same parameters bit for bit', async () => {
  const { workers } = await startCluster('fit.worker.ts', 3, index => ({
    SEED: String(index + 1)
  }));
  const [one, first, ...others] = await Promise.all([alone(), ...workers.map(trained)]);
  for (const other of others) assert.equal(other.params, first!.params);
  assert.equal(first!.losses.length, 100);
  one.losses.forEach((loss, i) =>
    assert.ok(Math.abs(loss - first!.losses[i]!) < 1e-5, `step ${i}`)
  );
  const [expected, reached] = [numbers(one), numbers(first!)];
  const worst = Math.max(...expected.map((x, i) => Math.abs(x - reached[i]!)));
  assert.ok(worst < 1e-4, `parameters differ by ${worst}`);
});

for (const [what, env, bytes] of [
  ['the largest tenth', { WAY: 'topK' }, 0.35],
  ['signs', { WAY: 'signs' }, 0.2],
  // This network's matrices are vectors: all is sent in full, and the notes besides.
  ['low ranks', { WAY: 'powerSgd' }, 1.2],
  ['the mean of every tenth step', { LOCAL_STEPS: '10' }, 0.5]
] as const) {
  test(`with ${what} exchanged, workers learn as well and stay equal`, async () => {
    const { workers } = await startCluster('fit.worker.ts', 2, () => ({ STEPS: '200', ...env }));
    const [a, b] = await Promise.all(workers.map(trained));
    assert.equal(a!.params, b!.params);
    const last = a!.losses.slice(-10).reduce((sum, x) => sum + x / 10, 0);
    assert.ok(last < 0.06, `loss ${last}`);
    const share = a!.sentBytes / (200 * 4 * 97);
    assert.ok(share < bytes, `${share} of what is sent in full`);
  });
}

test('a worker killed half-way costs no step: the others end where all would have', async () => {
  const { workers } = await startCluster('fit.worker.ts', 3);
  const [first, victim, third] = workers as [TestWorker, TestWorker, TestWorker];
  await victim.hears('step');
  victim.child.kill('SIGKILL');
  const [one, a, b] = await Promise.all([alone(), trained(first), trained(third)]);
  assert.deepEqual([a.size, a.generation, a.steps], [2, 2, 100]);
  assert.equal(a.params, b.params);
  assert.ok(Math.abs(one.losses.at(-1)! - a.losses.at(-1)!) < 1e-4);
});

test('a worker that comes back is taken in, from where the others are, also the first', async () => {
  const env = { PAUSE_MS: '30', STEPS: '300' };
  const { workers, ports } = await startCluster('fit.worker.ts', 2, () => env);
  const [victim, other] = workers as [TestWorker, TestWorker];
  await victim.hears('step');
  victim.child.kill('SIGKILL');
  await victim.ends();
  const back = startWorker('fit.worker.ts', { ports, index: 0, env });
  const [a, b] = await Promise.all([trained(other), trained(back)]);
  assert.equal(a.size, 2);
  assert.equal(a.params, b.params);
  assert.equal(a.steps, 300);
  assert.ok(b.steps < 300, `it took only the ${b.steps} steps that were left`);
});
