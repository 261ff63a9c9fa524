import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

import type { Execution } from './execution.ts';
import { Meter } from './meter.ts';
import { type Places, placesOf } from './paths.ts';

const root = join(__dirname, '..', '..', '..');
const python = join(root, '.venv', 'bin', 'python');
const client = join(__dirname, 'fixtures', 'run-cells.py');
const readerEntry = join(__dirname, 'sensors', 'reader-thread.ts');

/** A kernel and its client, in Python: takes a JSON command a line, answers with one. */
class RealKernel {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  constructor(folder: string) {
    this.#process = spawn(python, [client], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        ...process.env,
        JUPYTER_RUNTIME_DIR: folder,
        JUPYTER_DATA_DIR: folder,
        TMPDIR: join(folder, 'temp')
      }
    });
    this.#lines = createInterface({ input: this.#process.stdout! });
  }

  async ask(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`);
    const [line] = (await once(this.#lines, 'line')) as [string];
    return JSON.parse(line) as Record<string, unknown>;
  }

  async start(): Promise<number> {
    return Number((await this.ask({ do: 'start' })).pid);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.stdin?.end();
    await once(this.#process, 'exit');
  }
}

describe('Meter', () => {
  let folder: string;
  let places: Places;
  let meter: Meter;
  let kernel: RealKernel;
  let counter: NodeJS.Timeout | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meter-'));
    mkdirSync(join(folder, 'temp'));
    places = placesOf({
      JUPYTER_RUNTIME_DIR: folder,
      JUPYTER_DATA_DIR: folder,
      JOULEBOOK_SYSFS: folder,
      TMPDIR: join(folder, 'temp')
    });
    kernel = new RealKernel(folder);
  });
  afterEach(async () => {
    clearInterval(counter);
    await kernel.end();
    await meter.stop();
    rmSync(folder, { recursive: true });
  }, 20_000);

  /** A package that draws `watts`, as files that this process keeps advancing. */
  function simulate(watts: number) {
    const zone = join(folder, 'class', 'powercap', 'intel-rapl:0');
    mkdirSync(zone, { recursive: true });
    writeFileSync(join(zone, 'name'), 'package-0\n');
    writeFileSync(join(zone, 'max_energy_range_uj'), '262143328850\n');
    const energy = openSync(join(zone, 'energy_uj'), 'w');
    const advance = () => {
      const microjoules = Math.round((Number(process.hrtime.bigint()) * watts) / 1e3) % 2 ** 37;
      writeSync(energy, `${microjoules}\n`.padEnd(16), 0);
    };
    advance();
    counter = setInterval(advance, 1);
  }
  async function start(policy: 'active' | 'exclusive' = 'exclusive') {
    meter = new Meter({ places, policy, readerEntry });
    await meter.start();
  }
  const finished = async () => ((await once(meter, 'finished')) as [Execution])[0];
  const run = async (code: string) => {
    const [execution] = await Promise.all([finished(), kernel.ask({ do: 'run', code })]);
    return execution;
  };

  it('gives a cell its joules, its source and its CPU time', async () => {
    simulate(100);
    await start();
    const pid = await kernel.start();
    const started: Execution[] = [];
    meter.on('started', execution => started.push(execution));
    const code = 'import time\nend = time.time() + .4\nwhile time.time() < end: pass # ä';
    const execution = await run(code);
    const seconds = ((execution.end_ns ?? 0) - execution.start_ns) / 1e9;
    expect(execution).toMatchObject({
      status: 'ok',
      kernel_name: 'python3',
      execution_count: 1,
      source_sha256: createHash('sha256').update(code).digest('hex'),
      policy: 'exclusive',
      total: { kind: 'measured' }
    });
    expect(started[0]).toMatchObject({ id: execution.id, status: 'running', end_ns: null });
    // Its ends are when its messages came, and either may have come late.
    expect(seconds).toBeGreaterThan(0.3);
    const { joules, low, high } = execution.total;
    // One run in twenty lies outside an interval of 95 %, none by more than its width.
    const width = (high ?? NaN) - (low ?? NaN);
    expect((low ?? NaN) - width).toBeLessThanOrEqual(100 * seconds);
    expect((high ?? NaN) + width).toBeGreaterThanOrEqual(100 * seconds);
    // This process may stall while it plays the counter: then there is a gap, and less is known.
    expect(joules).toBeGreaterThan(0);
    expect(joules).toBeLessThan(110 * seconds);
    expect(execution.cpu_seconds).toBeGreaterThan(0.05);
    expect(execution.peak_memory_bytes).toBeGreaterThan(1e7);
    expect(meter.status().kernels).toMatchObject([{ pid, remote: false }]);
  }, 30_000);

  it('tells an error from an interrupt, and a dead kernel with its energy so far', async () => {
    simulate(50);
    await start();
    await kernel.start();
    expect((await run('1/0')).status).toBe('error');
    const interrupted = finished();
    await kernel.ask({ do: 'interrupt', code: 'import time; time.sleep(60)' });
    expect((await interrupted).status).toBe('interrupted');
    const died = finished();
    await kernel.ask({ do: 'kill', code: 'import time; time.sleep(60)' });
    const last = await died;
    expect(last.status).toBe('died');
    expect(last.total.joules).toBeGreaterThan(0);
  }, 30_000);

  it('nests a measure block in the running cell of the kernel that asks', async () => {
    simulate(100);
    await start();
    const pid = await kernel.start();
    const done = finished();
    const started = once(meter, 'started');
    const ran = kernel.ask({ do: 'run', code: 'import time; time.sleep(.6)' });
    await started;
    const outer = meter.openMeasure({ pid, label: 'outer' });
    const inner = meter.openMeasure({ pid, label: 'inner', parentId: outer.id });
    const ticked = once(meter, 'progress');
    await ticked;
    const innerResult = await meter.endMeasure(inner.id);
    const outerResult = await meter.endMeasure(outer.id);
    expect(innerResult.joules).toBeGreaterThan(0);
    expect(outerResult.joules).toBeGreaterThan(innerResult.joules ?? Infinity);
    expect(outerResult.seconds).toBeGreaterThan(innerResult.seconds);
    await expect(meter.endMeasure(inner.id)).rejects.toThrow(/expected the id of an open measure/);
    await ran;
    const execution = await done;
    expect(execution.measures).toMatchObject([
      { label: 'inner', parent_id: outer.id },
      { label: 'outer', parent_id: null }
    ]);
    expect(execution.total.joules).toBeGreaterThan(outerResult.joules ?? Infinity);
  }, 30_000);

  it('measures a block of a process that is no kernel, and refuses one that is none', async () => {
    simulate(100);
    await start();
    const { id } = meter.openMeasure({ pid: process.pid, label: 'script' });
    await once(meter, 'power');
    expect((await meter.endMeasure(id)).joules).toBeGreaterThan(0);
    expect(() => meter.openMeasure({ pid: 2 ** 22 + 1, label: 'x' })).toThrow(/pid/);
  }, 30_000);

  it('models what no sensor measures, and says so', async () => {
    await start('active');
    await kernel.start();
    const { total, domains } = await run('sum(i * i for i in range(10**6))');
    expect(total.kind).toBe('modelled');
    expect(total.joules).toBeGreaterThan(0);
    expect((total.high ?? 0) / (total.joules ?? Infinity)).toBeGreaterThan(1.5);
    expect(domains.map(({ sensor }) => sensor)).toEqual(['model:package', 'model:dram']);
  }, 30_000);

  it('names a cell by the label of its message, whenever that comes', async () => {
    await start();
    await kernel.start();
    meter.on('started', ({ msg_id }) =>
      meter.label({ msg_id, notebook: '/home/a.ipynb', cell_id: 'c1' })
    );
    const execution = await run('1');
    expect(execution).toMatchObject({ notebook: '/home/a.ipynb', cell_id: 'c1' });
  }, 30_000);

  it('goes on with a cell that an earlier daemon left running', async () => {
    simulate(100);
    await start();
    await kernel.start();
    const started = once(meter, 'started');
    const flag = join(folder, 'flag');
    const wait = `import os, time\nwhile not os.path.exists('${flag}'): time.sleep(.02)`;
    const ran = kernel.ask({ do: 'run', code: wait });
    await started;
    const [left] = (await once(meter, 'progress')) as [Execution];
    await meter.stop();
    await start();
    const gone = once(meter, 'finished');
    meter.resume([{ ...left, id: 'x', kernel_id: 'gone', msg_id: 'y' }, left]);
    expect(await gone).toMatchObject([{ id: 'x', status: 'died' }]);
    const done = finished();
    writeFileSync(flag, '');
    const execution = await done;
    await ran;
    expect(execution).toMatchObject({ id: left.id, status: 'ok', msg_id: left.msg_id });
    expect(execution.gaps.map(({ reason }) => reason).join()).toMatch(/the meter was stopped/);
    expect(execution.total.joules).toBeGreaterThanOrEqual(left.total.joules ?? Infinity);
  }, 30_000);
});
