import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts, startCluster, startWorker } from './start.ts';

test('three workers reduce, gather and send the same numbers', async () => {
  const { workers } = await startCluster('exchange.worker.ts', 3);
  const all = await Promise.all(workers.map(worker => worker.ends()));
  all.forEach(([formed, numbers, ...rest], rank) => {
    assert.deepEqual(formed, { formed: 3, rank });
    const tenth = Math.fround(0.1);
    assert.deepEqual(numbers, {
      sum: [6, Math.fround(Math.fround(tenth + tenth) + tenth), -3],
      mean: [2, Math.fround(Math.fround(Math.fround(tenth + tenth) + tenth) / 3), -1],
      max: [2, 0],
      gathered: [0, 7, 1, 7, 2, 7],
      sent: [2, 5]
    });
    const { done } = rest.at(-1) as { done: { operations: number; sentBytes: number } };
    assert.equal(done.operations, 8);
    // Two thirds of twice 12, 12, 8 and 3 · 4000 bytes, two gathers of 8, and what the last sends to two others.
    const sent = (4 / 3) * (12 + 12 + 8 + 12_000) + 2 * 8 + (rank === 2 ? 16 : 0);
    assert.ok(Math.abs(done.sentBytes - sent) < 1e-6, `${done.sentBytes} bytes`);
  });
});

for (const [fault, difference] of [
  ['order', /operation 6 differs: worker \d starts .*, worker \d all-(gather|reduce)/],
  ['shape', /1000 float32.* 7 float32|7 float32.* 1000 float32/],
  ['dtype', /1000 (float32|int32).* 1000 (float32|int32)/]
] as const) {
  test(`operations that differ in ${fault} fail on every worker, with the difference`, async () => {
    const { workers } = await startCluster('exchange.worker.ts', 2, () => ({ FAULT: fault }));
    for (const worker of workers) {
      const { code, message } = await worker.hears('code');
      assert.equal(code, 'distributed/mismatch');
      assert.match(String(message), difference);
      await worker.ends();
    }
  });
}

test('a worker that lets the others wait too long ends the group for all', async () => {
  const { workers } = await startCluster('exchange.worker.ts', 2, () => ({
    ...{ FAULT: 'late', TIMEOUT_SECONDS: '1' }
  }));
  for (const worker of workers) {
    const { code, message } = await worker.hears('code');
    assert.equal(code, 'distributed/timeout');
    assert.match(
      String(message),
      /1000 float32 waited 1 s for the other workers; .*timeoutSeconds/
    );
    await worker.ends();
  }
});

test('an operation that has ended leaves no thread behind', async () => {
  const { workers } = await startCluster('exchange.worker.ts', 2, () => ({ ROUNDS: '400' }));
  for (const worker of workers) {
    const { threads } = await worker.hears('done');
    assert.ok(Number(threads) < 200, `${String(threads)} threads after 400 operations`);
  }
});

test('workers of different programs form no group, and say how they differ', async () => {
  const { workers } = await startCluster('exchange.worker.ts', 2, () => ({ FAULT: 'program' }));
  for (const worker of workers) {
    const { code, message } = await worker.hears('code');
    assert.equal(code, 'distributed/mismatch');
    assert.match(String(message), /worker 0 runs .*, worker 1 runs .*start the same version/);
  }
});

test('a worker that does not come is named when time is over', async () => {
  const ports = await freePorts(2);
  const env = { FORM_SECONDS: '2' };
  const [said] = await startWorker('exchange.worker.ts', { ports, index: 0, env }).ends();
  assert.equal(said?.code, 'distributed/formation');
  assert.match(
    String(said?.message),
    new RegExp(`waited 2 s for worker 1 \\(127.0.0.1:${ports[1]}\\)`)
  );
});

test('a worker started twice is refused', async () => {
  const { workers, ports } = await startCluster('exchange.worker.ts', 2, () => ({
    ROUNDS: '2000'
  }));
  await workers[0]!.hears('formed');
  const [said] = await startWorker('exchange.worker.ts', { ports, index: 0 }).ends();
  assert.equal(said?.code, 'distributed/cluster');
  assert.match(String(said?.message), /was this worker started twice/);
  for (const { child } of workers) child.kill('SIGKILL');
});

test('workers with another key get no word in', async () => {
  const { workers } = await startCluster('exchange.worker.ts', 2, index => ({
    JOULEBOOK_GROUP_KEY: `key ${index}`,
    FORM_SECONDS: '3'
  }));
  for (const worker of workers) {
    assert.equal((await worker.hears('code')).code, 'distributed/formation');
  }
});

for (const [how, signal, within] of [
  ['killed', 'SIGKILL', 2000],
  ['stalled', 'SIGSTOP', 5000]
] as const) {
  test(`a ${how} worker is noticed by the others, which form anew`, async () => {
    const { workers } = await startCluster('exchange.worker.ts', 3, () => ({ ROUNDS: '100000' }));
    const [victim, ...others] = [workers[1]!, workers[0]!, workers[2]!];
    await victim.hears('round');
    victim.child.kill(signal);
    const since = performance.now();
    for (const worker of others) {
      const { code, message } = await worker.hears('code');
      assert.equal(code, 'distributed/lost');
      assert.match(String(message), /lost worker 1 \(127.0.0.1:\d+\)/);
    }
    // The promise to users: a hang longer than this is a failure, however busy the machine.
    assert.ok(performance.now() - since < within + 10_000, 'they hung');
    for (const worker of others) {
      assert.deepEqual(await worker.hears('again'), { again: 2, generation: 2, sum: 2 });
      await worker.ends();
    }
    victim.child.kill('SIGKILL');
  });
}
