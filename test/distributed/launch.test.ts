import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { distributed } from 'kernel-helpers';
import { scratch } from './scratch.ts';

const { launch } = distributed;

test('a function runs on every worker; results come by rank, lines as they are printed', async () => {
  const lines: string[] = [];
  const results = await launch(
    2,
    async ({ group }: distributed.Workers, factor: number) => {
      console.log(`hello from ${group.rank} of ${group.size}`);
      const sum = await group.allReduce(Float32Array.of((group.rank + 1) * factor));
      return { rank: group.rank, sum: sum[0] };
    },
    { input: 10, onLine: (line, rank) => lines.push(`${rank}: ${line}`) }
  );
  assert.deepEqual(results, [
    { rank: 0, sum: 30 },
    { rank: 1, sum: 30 }
  ]);
  assert.deepEqual(lines.sort(), ['0: hello from 0 of 2', '1: hello from 1 of 2']);
});

/** What the TypeScript kernel makes of a cell's `await` and `import()`. */
declare const __joulebook: {
  go: <T>(value: T) => T;
  import: (name: string) => Promise<{ sep: string }>;
};

test('a function that a notebook has compiled runs, too', async () => {
  const separators = await launch(
    1,
    async () => (await __joulebook.go(__joulebook.import('node:path'))).sep
  );
  assert.deepEqual(separators, ['/']);
});

test('a worker that fails ends the others, and its last lines are in the error', async () => {
  const run = launch(
    2,
    async ({ group }: distributed.Workers) => {
      await group.barrier();
      if (group.rank === 1) throw new Error('the disk is full');
      await new Promise(() => setInterval(() => undefined, 1000));
    },
    { onLine: () => undefined }
  );
  await assert.rejects(run, error => {
    assert.equal((error as { code?: string }).code, 'distributed/worker');
    assert.match(
      (error as Error).message,
      /worker 1 ended with 1; its last lines:[\s\S]*the disk is full/
    );
    return true;
  });
});

test('a script that imports packages runs from any folder, with its arguments', async () => {
  const script = join(scratch(), 'train.ts');
  writeFileSync(
    script,
    `import { distributed } from 'kernel-helpers';
     const { group, close } = await distributed.multiWorker();
     const total: Int32Array = await group.allReduce(Int32Array.of(Number(process.argv[2])));
     console.log('total', total[0]);
     await close();`
  );
  const lines: string[] = [];
  await launch(2, script, { args: ['21'], onLine: line => lines.push(line) });
  assert.deepEqual(lines, ['total 42', 'total 42']);
});

test('a worker that dies is started again when that is wished, and the group forms anew', async () => {
  const flag = join(scratch(), 'died');
  const results = await launch(
    2,
    async (workers: distributed.Workers, died: string) => {
      const { existsSync, writeFileSync: write } = await import('node:fs');
      const { rank } = workers.group;
      if (!existsSync(died)) {
        await workers.group.barrier();
        if (rank === 1) {
          write(died, '');
          process.kill(process.pid, 'SIGKILL');
        }
      }
      if (rank === 0) {
        try {
          await workers.group.barrier();
        } catch {
          await workers.reform();
        }
      }
      const sum = await workers.group.allReduce(Int32Array.of(1));
      return [workers.group.generation, sum[0]];
    },
    { input: flag, restarts: 1, onLine: () => undefined }
  );
  assert.deepEqual(results[0], [2, 2]);
  assert.deepEqual(results[1], [2, 2]);
});

test('a signal ends all workers', async () => {
  const stop = new AbortController();
  const run = launch(
    2,
    async ({ group }: distributed.Workers) => {
      await group.barrier();
      console.log('ready');
      await new Promise(() => setInterval(() => undefined, 1000));
    },
    { signal: stop.signal, onLine: () => stop.abort() }
  );
  await assert.rejects(run, { code: 'distributed/worker' });
});

test('workers end with the process that launched them, even when it is killed', async () => {
  const script = join(scratch(), 'parent.mjs');
  writeFileSync(
    script,
    `import { distributed } from ${JSON.stringify(import.meta.resolve('kernel-helpers'))};
     await distributed.launch(2, async ({ group }) => {
       console.log(process.pid);
       await group.barrier();
       await new Promise(() => setInterval(() => undefined, 1000));
     }, { onLine: line => console.log(line) });`
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids: number[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    if (pids.push(Number(line)) === 2) parent.kill('SIGKILL');
  }
  // Its output is closed by the last that holds it; the kernel still has to take the processes away.
  while (pids.some(isAlive)) await new Promise(resolve => setTimeout(resolve, 20));
  assert.equal(pids.length, 2);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('the command starts a script, shows its lines by rank and fails as it does', () => {
  const folder = scratch();
  const script = join(folder, 'train.ts');
  writeFileSync(
    script,
    `import { distributed } from 'kernel-helpers';
     const { group, close } = await distributed.multiWorker();
     console.log('of', group.size, process.argv[2]);
     await close();
     process.exitCode = group.rank === 1 && process.argv[2] === 'fail' ? 3 : 0;`
  );
  const joulebook = fileURLToPath(new URL('../../.venv/bin/joulebook', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(joulebook, ['launch', '-n', '2', ...args], { encoding: 'utf8', timeout: 120_000 });
  const fine = run(script, 'well');
  assert.equal(fine.status, 0, fine.stderr);
  assert.deepEqual(fine.stdout.trim().split('\n').sort(), [
    '[worker 0] of 2 well',
    '[worker 1] of 2 well'
  ]);
  const bad = run(script, 'fail');
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /worker 1 ended with 3/);
  const none = run(join(folder, 'absent.ts'));
  assert.equal(none.status, 2);
  assert.match(none.stderr, /no file .*absent\.ts/);
});
