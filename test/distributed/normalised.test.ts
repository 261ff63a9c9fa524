import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'kernel-helpers';
import { startCluster } from './start.ts';
import { worst } from './worst.ts';

interface Trained {
  losses: number[];
  params: string;
  values: string;
  predictions: number[];
}

/** All weights, moving means and variances included. */
function numbers({ values }: Trained): number[] {
  const { tensors } = io.decodeSafetensors(Buffer.from(values, 'base64'));
  return Object.values(tensors).flatMap(tensor => [...tensor.dataSync()]);
}

test('batch normalisation sees the whole batch: three workers get the numbers of one, running averages too', async () => {
  const clusters = await Promise.all(
    [1, 3].map(size => startCluster('normalised.worker.ts', size))
  );
  const all = clusters.flatMap(({ workers }) => workers);
  const [one, first, ...others] = (await Promise.all(
    all.map(worker => worker.hears('params'))
  )) as unknown as Trained[];
  for (const other of others) assert.equal(other.params, first!.params);
  assert.ok(one!.losses.at(-1)! < one!.losses[0]!, 'it learns');
  for (const [what, off] of [
    ['losses', worst(one!.losses, first!.losses)],
    ['weights and statistics', worst(numbers(one!), numbers(first!))],
    ['predictions', worst(one!.predictions, first!.predictions)]
  ] as const) {
    assert.ok(off < 1e-4, `${what} differ by ${off}`);
  }
});
