import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { discoverPowercap } from './powercap.ts';
import { ReaderLoop } from './reader-loop.ts';
import { type Clocks, SUSPENDED, SuspendWatch } from './suspend.ts';

/** Clocks that go on as they are told. */
class Pretend implements Clocks {
  readonly #now = { monotonic: 1e6, wall: 1.8e12, boot: 3e6 };
  monotonicMs = () => this.#now.monotonic;
  wallMs = () => this.#now.wall;
  bootMs = () => Math.floor(this.#now.boot / 10) * 10;

  pass(ms: number): void {
    this.#now.monotonic += ms;
    this.sleep(ms);
  }
  sleep(ms: number): void {
    this.#now.wall += ms;
    this.#now.boot += ms;
  }
  set(ms: number): void {
    this.#now.wall += ms;
  }
}

describe('SuspendWatch', () => {
  it('notices sleep once, and takes no step of the wall clock for it', () => {
    const clocks = new Pretend();
    const watch = new SuspendWatch(clocks);
    const seen = [3, 777, 60_000].map(ms => {
      clocks.pass(ms);
      return watch.hasSlept();
    });
    expect(seen).toEqual([false, false, false]);
    clocks.set(-3_600_000);
    expect(watch.hasSlept()).toBe(false);
    clocks.set(5_000);
    expect(watch.hasSlept()).toBe(false);
    clocks.sleep(8 * 3_600_000);
    expect([watch.hasSlept(), watch.hasSlept()]).toEqual([true, false]);
  });

  it('agrees with this machine, which has not slept just now', () => {
    const watch = new SuspendWatch();
    expect(watch.hasSlept()).toBe(false);
  });
});

describe('a reader on a machine that sleeps', () => {
  it('marks each counter before it is read again', () => {
    const sysfs = mkdtempSync(join(tmpdir(), 'sysfs-'));
    for (const n of [0, 1]) {
      const folder = join(sysfs, 'class/powercap', `intel-rapl:${n}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'name'), `package-${n}\n`);
      writeFileSync(join(folder, 'energy_uj'), '1000\n');
    }
    const clocks = new Pretend();
    const loop = new ReaderLoop(new SuspendWatch(clocks));
    discoverPowercap(sysfs).places.forEach((place, index) => loop.add(index, place));
    loop.step(1e15);
    expect(loop.take().reasons).toEqual([]);
    clocks.sleep(60_000);
    loop.edge();
    const { rows, reasons } = loop.take();
    expect(reasons).toEqual([SUSPENDED, SUSPENDED]);
    const gaps = [...rows].filter(Number.isNaN).length;
    expect([gaps, rows.length / 4]).toEqual([2, 4]);
    expect(Number.isNaN(rows[3])).toBe(true);
    loop.close();
    rmSync(sysfs, { recursive: true });
  });
});
