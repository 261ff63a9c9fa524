import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';

import { withoutFiles } from '../fixtures/no-files.ts';
import { ProcessTree } from './process-tree.ts';

/** A shell that does a line of its input at a time and says `done` after each. */
class Shell {
  readonly process: ChildProcess = spawn('sh', [], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // As Jupyter starts kernels: the leader of a session.
    detached: true
  });
  readonly #lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async run(command: string): Promise<string> {
    this.process.stdin?.write(`${command}; echo done\n`);
    for (let said = ''; ;) {
      const { value } = (await this.#lines.next()) as { value: string };
      if (value === 'done') return said;
      said = value;
    }
  }

  async end(): Promise<void> {
    if (this.process.signalCode) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}

const burn = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done';

describe('ProcessTree', () => {
  let shell: Shell;
  beforeEach(async () => {
    shell = new Shell();
    await shell.run('true');
  });
  afterEach(() => shell.end());

  it('counts the CPU time of the root in less than ticks', async () => {
    const tree = new ProcessTree(shell.pid);
    const before = tree.sample().cpuNs;
    await shell.run(burn);
    const after = tree.sample().cpuNs;
    expect(after).toBeGreaterThan(before);
    expect((after - before) % 10_000_000).not.toBe(0);
  });

  it('counts a child that came and went unseen', async () => {
    const tree = new ProcessTree(shell.pid);
    const before = tree.sample().cpuNs;
    const spent = await shell.run(
      `sh -c '${burn}; ${burn}; ${burn}; times' | tail -n 2 | head -n 1`
    );
    const seconds = Number(/0m([\d.]+)s/.exec(spent)?.[1]);
    expect(seconds).toBeGreaterThan(0.05);
    // The parent is told in ticks of 10 ms, user and system apart.
    expect((tree.sample().cpuNs - before) / 1e9).toBeGreaterThan(seconds - 0.02);
  });

  it('never goes back when a child ends that nobody waits for', async () => {
    const tree = new ProcessTree(shell.pid);
    const pid = Number(await shell.run(`sh -c 'while :; do :; done' & echo $!`));
    tree.grow();
    await shell.run(burn);
    const running = tree.sample().cpuNs;
    process.kill(pid, 'SIGKILL');
    await shell.run('wait');
    expect(tree.sample().cpuNs).toBeGreaterThanOrEqual(running);
  });

  it('holds grandchildren, also those that were orphaned, and no strangers', async () => {
    const tree = new ProcessTree(shell.pid);
    const pid = Number(await shell.run(`sh -c 'sleep 60 & echo $!'`));
    tree.grow();
    expect(tree.has(shell.pid)).toBe(true);
    expect(tree.has(process.pid)).toBe(false);
    process.kill(pid);
  });

  it('finds by its session a child that was orphaned before anybody saw it', async () => {
    const tree = new ProcessTree(shell.pid);
    const pid = Number(await shell.run(`sh -c 'sleep 60 >/dev/null & echo $!'`));
    expect(tree.has(pid)).toBe(false);
    // Looks that follow each other within milliseconds are one look: the next one finds it.
    while (!tree.has(pid)) {
      await setImmediate();
      tree.grow();
    }
    process.kill(pid);
  });

  it('keeps what it knows while no file can be opened, and finds the rest afterwards', async () => {
    const tree = new ProcessTree(shell.pid);
    // Without files a parent cannot be asked for: only members are had.
    const isMember = (pid: number) => withoutFiles(() => tree.has(pid));
    const start = async () => Number(await shell.run('sleep 60 >/dev/null & echo $!'));
    const known = await start();
    while (!isMember(known)) {
      await setImmediate();
      tree.grow();
    }
    const late = await start();
    withoutFiles(() => {
      // Looks within 5 ms are one look.
      for (const until = performance.now() + 10; performance.now() < until;) tree.grow();
    });
    expect([isMember(known), isMember(late), tree.alive]).toEqual([true, false, true]);
    while (!isMember(late)) {
      await setImmediate();
      tree.grow();
    }
    process.kill(known);
    process.kill(late);
  });

  it('knows when the root has ended, also before its parent waits for it', async () => {
    const tree = new ProcessTree(shell.pid);
    expect(tree.alive).toBe(true);
    await shell.end();
    expect(tree.alive).toBe(false);
    expect(new ProcessTree(2 ** 22 + 1).alive).toBe(false);
  });

  it('sees what is written to storage', async () => {
    const tree = new ProcessTree(shell.pid);
    const before = tree.traffic();
    await shell.run('f=$(mktemp) && exec 3>$f && rm $f');
    for (let block = 0; block < 8; block++) await shell.run('printf %4096s x >&3');
    expect(tree.traffic().writtenBytes - before.writtenBytes).toBeGreaterThanOrEqual(0);
    expect(tree.sample().residentBytes).toBeGreaterThan(100_000);
    expect(tree.peakMemoryBytes()).toBeGreaterThan(100_000);
  });
});
