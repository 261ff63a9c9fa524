import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

import { formatIso, monotonicNs } from './clock.ts';
import { fateOf, ResumedCells, resumedWindow } from './unfinished.ts';
import { WallClock } from './wall-clock.ts';
import { ExecutionRecord } from './execution-record.ts';
import type {
  Execution,
  Kernel,
  Label,
  MeasureResult,
  MessageCounts,
  MeterCost,
  Policy,
  PowerNow,
  SensorStatus
} from './execution.ts';
import type { KernelListener } from './kernels/kernel-listener.ts';
import type { TreeUsage } from './kernels/process-tree.ts';
import { Kernels } from './kernels/kernels.ts';
import type { CellWindow, WindowChange } from './kernels/windows.ts';
import { Labels } from './labels.ts';
import { Ledger, type WindowEnergy } from './ledger/ledger.ts';
import { Measures } from './measures.ts';
import { MeterBill } from './meter-bill.ts';
import type { Places } from './paths.ts';
import { powerNow } from './power-now.ts';
import { ActivitySampler } from './sampler.ts';
import { readerEntry } from './sensors/reader-entry.ts';
import { SensorBank } from './sensors/sensor-bank.ts';

const hotBeatMs = 100;
const coldBeatMs = 1_000;
const tellMs = 500;
/** After a cell the kernel stays hot: the next one often follows. */
const hotAfterNs = 2_000_000_000;
const rediscoverMs = 30_000;
/** Spread of header dates around the true edge, as measured on ipykernel: 20 us. */
const clockErrorNs = 20_000;

/** What a meter is made of. */
export interface MeterOptions {
  places: Places;
  /** Default: `active`. */
  policy?: Policy;
  /** Script of the reader thread. Default: beside the running program. */
  readerEntry?: string;
}

/** What a meter tells unasked. */
export interface MeterEvents {
  /** A cell began; status `running`. */
  started: [Execution];
  /** A running execution with its energy so far, twice a second. */
  progress: [Execution];
  finished: [Execution];
  /** Twice a second while somebody listens. */
  power: [PowerNow];
  /** The kernels changed: all of them. */
  kernels: [Kernel[]];
  /** An execution learnt which cell it is of. */
  relabelled: [Label];
}

/** Meters every kernel of this user: kernels, sensors and ledger put together. */
export class Meter extends EventEmitter<MeterEvents> {
  readonly #clock = new WallClock();
  readonly #counts: MessageCounts = {
    bad_signatures: 0,
    malformed_messages: 0,
    unknown_messages: 0
  };
  readonly #ledger: Ledger;
  readonly #kernels: Kernels;
  readonly #sensors: SensorBank;
  readonly #measures: Measures;
  readonly #sampler = new ActivitySampler();
  readonly #bill = new MeterBill();
  readonly #records = new Map<CellWindow, ExecutionRecord>();
  /** Records whose window has closed, and those of no cell after all (undefined). */
  readonly #closing = new Map<string, ExecutionRecord | undefined>();
  readonly #labels = new Labels();
  readonly #resumed = new ResumedCells();
  #policy: Policy;
  #hotUntilNs = 0;
  #toldNs = 0;
  #discoveredNs = 0;
  #isHot = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MeterOptions) {
    super();
    const { places } = options;
    this.#policy = options.policy ?? 'active';
    this.#ledger = new Ledger({ policy: this.#policy, clockErrorNs });
    this.#sensors = new SensorBank({
      places,
      entry: options.readerEntry ?? readerEntry(),
      sink: this.#ledger,
      arrived: () => this.#settle()
    });
    this.#kernels = new Kernels(places, {
      clock: this.#clock,
      counts: this.#counts,
      events: {
        edge: () => this.#edge(),
        window: (change, window, kernel) => this.#window(change, window, kernel),
        changed: () => this.emit('kernels', this.#describeKernels())
      }
    });
    this.#measures = new Measures({
      ledger: this.#ledger,
      domainOf: id => this.#sensors.domainOf(id),
      edge: () => this.#edge(),
      settle: () => {
        this.#sample();
        this.#settle();
      }
    });
  }

  /** Starts to listen and to read. Kernels that run already are found before it settles. */
  async start(): Promise<void> {
    await this.#sensors.start();
    this.#kernels.start();
    this.#discoveredNs = monotonicNs();
    this.#beat();
  }

  /** Stops; running executions are told a last time, as they stand, and stay `running`. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
    this.#progress();
    await this.#kernels.stop();
    await this.#sensors.stop();
    this.#measures.stop();
    this.#sampler.close();
  }

  /** Policy, sensors, kernels, what the meter costs, and messages it could not use. */
  status(): {
    policy: Policy;
    sensors: SensorStatus[];
    kernels: Kernel[];
    meter: MeterCost;
    counts: MessageCounts;
  } {
    return {
      policy: this.#policy,
      sensors: this.#sensors.statuses(),
      kernels: this.#describeKernels(),
      meter: this.#bill.cost(),
      counts: { ...this.#counts }
    };
  }

  /** The power of every domain now. */
  power(): PowerNow {
    const at = formatIso(this.#clock.toWall(monotonicNs()));
    return powerNow(at, this.#ledger.power());
  }

  /**
   * Opens a `measure()` block: inside the running cell of the kernel whose processes hold `pid`, or
   * for the process itself when it is no kernel's.
   * @throws MeterError `measure/not-a-kernel` when there is no such process of this user.
   */
  openMeasure(block: { pid: number; label: string; parentId?: string }): {
    id: string;
    startNs: number;
  } {
    const kernel = this.#kernels.kernelOf(block.pid);
    const [window] = kernel?.windows.running ?? [];
    const record = window && this.#records.get(window);
    this.#heat();
    return this.#measures.open({ ...block, id: randomUUID(), kernelId: kernel?.id, record });
  }

  /**
   * Ends a block; answers once its readings have settled, after 2 s at most.
   * @throws MeterError `measure/unknown`
   */
  async endMeasure(id: string): Promise<MeasureResult> {
    return this.#measures.end(id);
  }

  /**
   * What an open block has used so far.
   * @throws MeterError `measure/unknown`
   */
  previewMeasure(id: string): MeasureResult {
    return this.#measures.soFar(id);
  }

  /** Names the cell of a message, before or after it runs. */
  label(label: Label): void {
    this.#labels.add(label);
    for (const record of [...this.#records.values(), ...this.#closing.values()]) {
      if (record?.window.msgId === label.msg_id) record.label = label;
    }
    this.emit('relabelled', label);
  }

  /** The policy of executions that start from now on. */
  setPolicy(policy: Policy): void {
    this.#policy = policy;
    this.#ledger.setPolicy(policy);
  }

  /**
   * Takes over executions that a daemon left running. Those whose kernel lives go on, with a gap;
   * the others end as `died`, or as `lost` when the machine has been restarted since.
   */
  resume(running: Execution[]): void {
    const now = monotonicNs();
    for (const execution of running) {
      const fate = fateOf(execution, this.#kernels.all, this.#clock, now);
      if ('ended' in fate) {
        this.emit('finished', fate.ended);
        continue;
      }
      const window = resumedWindow(execution, now);
      fate.kernel.windows.adopt(window);
      this.#records.get(window)?.continues(execution, now);
      this.#resumed.add(window, fate.kernel, now);
    }
  }

  #edge(): void {
    this.#heat();
    this.#sensors.edge();
  }

  #heat(): void {
    this.#hotUntilNs = monotonicNs() + hotAfterNs;
    if (this.#isHot || !this.#timer) return;
    this.#isHot = true;
    this.#sensors.setPace('hot');
    this.#beatIn(hotBeatMs);
  }

  #window(change: WindowChange, window: CellWindow, kernel: KernelListener): void {
    if (change === 'opened') this.#open(window, kernel);
    const record = this.#records.get(window);
    if (!record) return;
    if (change === 'announced') this.emit('started', this.#preview(record));
    if (change === 'closed' || change === 'dropped') {
      record.finish();
      this.#records.delete(window);
      this.#closing.set(record.id, change === 'closed' ? record : undefined);
      this.#sample();
      this.#ledger.close(record.id, window.endNs ?? monotonicNs());
    }
  }

  #open(window: CellWindow, kernel: KernelListener): void {
    const record = new ExecutionRecord(kernel, window, this.#policy, this.#clock);
    record.label = this.#labels.of(window.msgId);
    this.#records.set(window, record);
    this.#heat();
    this.#sample();
    const startNs = window.meteredFromNs ?? window.startNs;
    this.#ledger.open({ id: record.id, kernelId: kernel.id, startNs });
  }

  #preview(record: ExecutionRecord): Execution {
    return this.#executionOf(record, this.#ledger.preview(record.id, monotonicNs()));
  }

  #executionOf(record: ExecutionRecord, energy: WindowEnergy): Execution {
    return record.toExecution(energy, id => this.#sensors.domainOf(id));
  }

  #settle(): void {
    for (const energy of this.#ledger.settle(monotonicNs())) {
      if (this.#measures.settled(energy)) continue;
      const record = this.#closing.get(energy.id);
      this.#closing.delete(energy.id);
      if (record) this.emit('finished', this.#executionOf(record, energy));
    }
  }

  /** What has to be done again and again: ten times a second while a kernel is hot. */
  #beat(): void {
    const now = monotonicNs();
    this.#isHot = this.#records.size > 0 || this.#measures.size > 0 || now < this.#hotUntilNs;
    this.#sensors.setPace(this.#isHot ? 'hot' : 'cold');
    this.#clock.sample();
    this.#kernels.checkAlive();
    this.#measures.dropEnded();
    this.#resumed.check(now);
    for (const { windows } of this.#kernels.all) windows.tick(now);
    this.#sample();
    if (this.#closing.size > 0) this.#settle();
    if (now - this.#toldNs > (tellMs - hotBeatMs / 2) * 1e6) this.#tell(now);
    if (now - this.#discoveredNs > rediscoverMs * 1e6) {
      this.#discoveredNs = now;
      this.#sensors.discover();
    }
    const isWatched = this.listenerCount('power') > 0;
    this.#beatIn(this.#isHot ? hotBeatMs : isWatched ? tellMs : coldBeatMs);
  }

  #beatIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), ms);
    this.#timer.unref();
  }

  #sample(): void {
    const { all } = this.#kernels;
    const { guests } = this.#measures;
    const sampled = (kernel: KernelListener, usage: TreeUsage) => {
      for (const window of kernel.windows.running) this.#records.get(window)?.sampled(usage);
    };
    const activity = this.#sampler.sample(all, guests, this.#sensors.gpus, sampled);
    this.#ledger.activity(activity);
    this.#bill.add(activity, this.#ledger.power());
  }

  #tell(now: number): void {
    this.#toldNs = now;
    this.#progress();
    if (this.listenerCount('power') > 0) this.emit('power', this.power());
  }

  #progress(): void {
    for (const record of this.#records.values()) {
      if (record.window.announced) this.emit('progress', this.#preview(record));
    }
  }

  #describeKernels(): Kernel[] {
    return this.#kernels.all.map(kernel => ({ ...kernel.describe(), watts: this.#watts(kernel) }));
  }

  /** Mean power of the cell that runs. */
  #watts(kernel: KernelListener): number | null {
    const [window] = kernel.windows.running;
    const record = window && this.#records.get(window);
    if (!record) return null;
    const { total } = this.#preview(record);
    const seconds = (monotonicNs() - record.window.startNs) / 1e9;
    return total.joules === null || seconds <= 0 ? null : total.joules / seconds;
  }
}
