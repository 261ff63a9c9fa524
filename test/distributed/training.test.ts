import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { io, models, training } from 'kernel-helpers';
import { scratch } from './scratch.ts';
import { startCluster, startWorker, type TestWorker } from './start.ts';
import { worst } from './worst.ts';

interface Trained {
  steps: number;
  size: number;
  generation: number;
  losses: number[];
  sentBytes: number;
  params: string;
  values: string;
}

/** The network that the workers train, for its structure. */
const network = models.mlp([1, 32, 1]);

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

interface Descended {
  theta: number[];
  losses: number[];
}

const descended = async (worker: TestWorker): Promise<Descended> =>
  (await worker.hears('descent')).descent as Descended;

describe('three workers get the numbers of one, and the same parameters bit for bit', () => {
  let one: TestWorker;
  let three: TestWorker[];

  before(async () => {
    const env = (index: number) => ({ SEED: String(index + 1), DESCENT: '1' });
    const clusters = [1, 3].map(size => startCluster('fit.worker.ts', size, env));
    const [alone, together] = await Promise.all(clusters);
    [one, three] = [alone!.workers[0]!, together!.workers];
    await Promise.all([one, ...three].map(worker => worker.ends()));
  });

  test('in fit', async () => {
    const expected = await trained(one);
    const [first, ...others] = await Promise.all(three.map(trained));
    for (const other of others) assert.equal(other.params, first!.params);
    assert.equal(first!.losses.length, 100);
    assert.ok(worst(expected.losses, first!.losses) < 1e-5);
    const off = worst(numbers(expected), numbers(first!));
    assert.ok(off < 1e-4, `parameters differ by ${off}`);
  });

  test('in gradientDescent, also where a batch is too small for all', async () => {
    const expected = await descended(one);
    const [first, ...others] = await Promise.all(three.map(descended));
    for (const other of others) assert.deepEqual(other, first);
    assert.equal(first!.losses.length, 101);
    assert.ok(expected.losses.at(-1)! < expected.losses[0]! / 2, 'it learns');
    const off = worst(expected.losses, first!.losses);
    assert.ok(off < 1e-5, `losses differ by ${off}`);
    assert.ok(worst(expected.theta, first!.theta) < 1e-5);
  });
});

test('an optimiser that takes long is compiled, and workers stay equal', async () => {
  const folders = [scratch(), scratch()];
  const { workers } = await startCluster('fit.worker.ts', 2, index => ({
    ...{ WIDTH: '100000', STEPS: '500' },
    XLA_FLAGS: `--xla_dump_to=${folders[index]}`
  }));
  const [a, b] = await Promise.all(workers.map(trained));
  assert.equal(a!.params, b!.params);
  for (const folder of folders) {
    assert.ok(
      readdirSync(folder).some(name => name.includes('update')),
      'XLA compiled it'
    );
  }
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

test('a worker whose disk is full or whose step fails ends with the reason; the others go on, and save in its place', async () => {
  const folder = scratch();
  // Linux's device without space: what is written to it fails as on a full disk.
  const files = ['/dev/full', join(folder, 'one'), join(folder, 'two')];
  const { workers } = await startCluster('fit.worker.ts', 4, index => ({
    CHECKPOINT: files[index],
    STEPS: '60',
    FAULT: index === 3 ? 'step' : ''
  }));
  const [full, second, third, faulty] = workers as [
    ...[TestWorker, TestWorker],
    ...[TestWorker, TestWorker]
  ];
  assert.equal((await faulty.hears('failed')).failed, 'tensorflow/operation');
  assert.deepEqual(await full.hears('failed'), { failed: 'ENOSPC' });
  const [a, b] = await Promise.all([trained(second), trained(third)]);
  assert.deepEqual([a.size, a.steps, b.steps], [2, 60, 60]);
  assert.equal(a.params, b.params);
  // The first of those that are left saves: the last checkpoint is where the run ended.
  const { step } = training.readCheckpoint(readFileSync(files[1]!), network.params);
  assert.equal(step, 60);
  assert.ok(!existsSync(files[2]!), 'only one worker saves');
});

test('a worker that comes back is taken in, from where the others are, also the first', async () => {
  // Until both train again: groups 1 and 2 are those before and after the loss.
  const env = { PAUSE_MS: '10', STEPS: '1000000', LAST_GROUP: '3' };
  const { workers, ports } = await startCluster('fit.worker.ts', 2, () => env);
  const [victim, other] = workers as [TestWorker, TestWorker];
  await victim.hears('step');
  victim.child.kill('SIGKILL');
  await victim.ends();
  const back = startWorker('fit.worker.ts', { ports, index: 0, env });
  const [a, b] = await Promise.all([trained(other), trained(back)]);
  assert.equal(a.size, 2);
  assert.equal(a.params, b.params);
  assert.ok(b.steps < a.steps, `it took only the ${b.steps} of ${a.steps} steps that were left`);
});
