import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';

import { monotonicNs } from './clock.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { ProcessTree } from './kernels/process-tree.ts';
import { Ledger } from './ledger/ledger.ts';
import { type MeasureOpening, Measures } from './measures.ts';

const user = process.getuid?.() ?? 0;
/** A window without readings is settled after 2 s. */
const patienceNs = 3e9;

describe('Measures', () => {
  let ledger: Ledger;
  let measures: Measures;

  beforeEach(() => {
    ledger = new Ledger({ policy: 'active', clockErrorNs: 0 });
    measures = new Measures({
      ledger,
      domainOf: () => 'package',
      edge: () => {},
      settle: () => {}
    });
  });
  afterEach(() => measures.stop());

  const opening = (changes: Partial<MeasureOpening>): MeasureOpening => ({
    ...{ id: 'm', pid: process.pid, label: 'block', user },
    ...{ kernel: undefined, record: undefined },
    ...changes
  });
  const openFilesOf = (pid: number): number =>
    readdirSync('/proc/self/fd').filter(descriptor => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === `/proc/${pid}/stat`;
      } catch {
        return false;
      }
    }).length;

  it("refuses another user's process, and keeps none of its files open", () => {
    const before = openFilesOf(process.pid);
    expect(() => measures.open(opening({ user: user + 1 }))).toThrow(
      /running process of this user/
    );
    expect(openFilesOf(process.pid)).toBe(before);
  });

  it('keeps a bounded number of blocks', () => {
    const kernel = { id: 'k', tree: new ProcessTree(process.pid) };
    for (let n = 0; n < 1000; n++) measures.open(opening({ id: `m${n}`, kernel }));
    expect(() => measures.open(opening({ id: 'more', kernel }))).toThrow(
      /at most 1000 open measures/
    );
    expect(measures.size).toBe(1000);
    kernel.tree.close();
  });

  it('gives a block that nobody ended the end of its cell, or of the block around it', async () => {
    const cell = { id: 'cell', window: { endNs: 0 }, measures: [] };
    const kernel = { id: 'k', tree: new ProcessTree(process.pid) };
    const record = cell as unknown as ExecutionRecord;
    ledger.open({ id: 'cell', kernelId: 'k', startNs: monotonicNs() });
    for (const [id, parentId] of [['outer'], ['inner', 'outer'], ['last']]) {
      measures.open(opening({ id: id!, ...(parentId && { parentId }), kernel, record }));
    }
    const settle = () => {
      for (const energy of ledger.settle(monotonicNs() + patienceNs)) measures.settled(energy);
    };
    const ended = measures.end('outer');
    settle();
    const { end_ns: endNs } = await ended;
    cell.window.endNs = monotonicNs();
    ledger.close('cell', cell.window.endNs);
    settle();
    const ends = Object.fromEntries(record.measures.map(({ id, end_ns }) => [id, end_ns]));
    expect(ends).toEqual({ outer: endNs, inner: endNs, last: cell.window.endNs });
    kernel.tree.close();
  });

  it.each(['a kernel outside a cell', 'a program'])(
    'closes a block of %s that has ended without closing it',
    async holder => {
      const child = spawn('sh', ['-c', 'read line'], { stdio: 'pipe' });
      const pid = child.pid ?? 0;
      const kernel = holder === 'a program' ? undefined : { id: 'k', tree: new ProcessTree(pid) };
      measures.open(opening({ pid, kernel }));
      measures.dropEnded();
      for (const energy of ledger.settle(monotonicNs() + patienceNs)) measures.settled(energy);
      expect(measures.size).toBe(1);
      child.kill('SIGKILL');
      await once(child, 'exit');
      measures.dropEnded();
      for (const energy of ledger.settle(monotonicNs() + patienceNs)) measures.settled(energy);
      expect(measures.size).toBe(0);
      kernel?.tree.close();
    }
  );
});
