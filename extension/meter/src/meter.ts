import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

import { formatIso, monotonicNs } from './clock.ts';
import { DoubtedCells, fateOf, resumedWindow } from './unfinished.ts';
import { WallClock } from './wall-clock.ts';
import { ExecutionRecord } from './execution-record.ts';
import type {
  Execution,
  Kernel,
  Label,
  MeasureResult,
  MessageCounts,
  Policy,
  PowerNow
} from './execution.ts';
import type { KernelListener } from './kernels/kernel-listener.ts';
import type { TreeUsage } from './kernels/process-tree.ts';
import { Kernels } from './kernels/kernels.ts';
import type { CellWindow, WindowChange } from './kernels/windows.ts';
import { Labels } from './labels.ts';
import { Ledger, type WindowEnergy } from './ledger/ledger.ts';
import { Measures } from './measures.ts';
import type { MeterEvents, MeterOptions, MeterStatus } from './meter-types.ts';
import { MeterBill } from './meter-bill.ts';
import { powerNow } from './power-now.ts';
import { Pulse } from './pulse.ts';
import { MemoryKeeper } from './release-memory.ts';
import { ActivitySampler } from './sampler.ts';
import { readerEntry } from './sensors/reader-entry.ts';
import { SensorBank } from './sensors/sensor-bank.ts';
import type { Sensors } from './sensors/shared-bank.ts';

/** Progress is told this often while somebody looks, else only often enough to be stored. */
const tellNs = 450_000_000;
const tellUnseenNs = 1_950_000_000;
/** That many cells at once are told about as often; more of them less often. */
const fewCells = 8;
const rediscoverNs = 30_000_000_000;
const togetherMs = 20;
/** Spread of header dates around the true edge, as measured on ipykernel: 20 us. */
const clockErrorNs = 20_000;

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
  readonly #sensors: Sensors;
  readonly #user: number;
  readonly #measures: Measures;
  readonly #sampler = new ActivitySampler();
  readonly #bill = new MeterBill();
  readonly #records = new Map<CellWindow, ExecutionRecord>();
  /** Records whose window has closed, and those of no cell after all (undefined). */
  readonly #closing = new Map<string, ExecutionRecord | undefined>();
  readonly #labels = new Labels();
  readonly #doubted = new DoubtedCells();
  readonly #memory = new MemoryKeeper();
  readonly #pulse = new Pulse({
    isBusy: () => this.#records.size > 0 || this.#measures.size > 0,
    isWatched: () => this.#isWatched,
    setPace: pace => this.#sensors.setPace(pace),
    beat: (nowNs, isHot) => this.#beat(nowNs, isHot)
  });
  /** Policies of kernels that do not follow the general one. */
  readonly #policies = new Map<string, Policy>();
  #policy: Policy;
  #toldNs = 0;
  #kernelsTimer: NodeJS.Timeout | undefined;
  #discoveredNs = 0;

  constructor(options: MeterOptions) {
    super();
    const { places } = options;
    this.#policy = options.policy ?? 'active';
    this.#ledger = new Ledger({ policy: this.#policy, clockErrorNs });
    const heard = { sink: this.#ledger, arrived: () => this.#settle() };
    this.#sensors =
      options.sensors?.(heard) ??
      new SensorBank({ places, entry: options.readerEntry ?? readerEntry(), ...heard });
    this.#user = places.user;
    this.#kernels = new Kernels(places, {
      clock: this.#clock,
      counts: this.#counts,
      events: {
        edge: () => this.#edge(),
        window: (change, window, kernel) => this.#window(change, window, kernel),
        broken: kernel => this.#doubted.addAll(kernel, monotonicNs()),
        changed: () => this.#tellKernels(),
        trouble: what => this.emit('trouble', what)
      }
    });
    this.#measures = new Measures({
      ledger: this.#ledger,
      domainOf: id => this.#sensors.domainOf(id),
      edge: () => this.#edge(),
      settle: () => {
        this.#sample('all');
        this.#settle();
      }
    });
  }

  /** Starts to listen and to read. Kernels that run already are found before it settles. */
  async start(): Promise<void> {
    await this.#sensors.start();
    this.#kernels.start();
    this.#discoveredNs = monotonicNs();
    this.#pulse.start();
  }

  /** Stops; running executions are told a last time, as they stand, and stay `running`. */
  async stop(): Promise<void> {
    this.#pulse.stop();
    clearTimeout(this.#kernelsTimer);
    this.#settle();
    this.#progress();
    await this.#kernels.stop();
    await this.#sensors.stop();
    this.#measures.stop();
    this.#sampler.close();
  }

  /** Policy, sensors, kernels, what the meter costs, and messages it could not use. */
  status(): MeterStatus {
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
   * @throws MeterError `measure/not-a-kernel` when there is no such process of this user, `measure/too-many` when 1000 are open.
   */
  openMeasure(block: { pid: number; label: string; parentId?: string }): {
    id: string;
    startNs: number;
  } {
    const kernel = this.#kernels.kernelOf(block.pid);
    const [window] = kernel?.windows.running ?? [];
    const record = window && this.#records.get(window);
    this.#pulse.heat();
    this.#ledger.setPolicy(record?.policy ?? this.#policy);
    const holder = kernel?.tree && { id: kernel.id, tree: kernel.tree };
    const opening = { ...block, id: randomUUID(), kernel: holder, user: this.#user };
    return this.#measures.open({ ...opening, record });
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
  }

  /**
   * The policy of executions that start from now on.
   * @param kernelId Of this kernel alone, for as long as it lives.
   */
  setPolicy(policy: Policy, kernelId?: string): void {
    if (kernelId === undefined) this.#policy = policy;
    else this.#policies.set(kernelId, policy);
    const living = new Set(this.#kernels.all.map(({ id }) => id));
    for (const id of this.#policies.keys()) if (!living.has(id)) this.#policies.delete(id);
  }

  /** Looks for sensors now: one was calibrated, plugged in, or permitted. */
  discover(): void {
    this.#discoveredNs = monotonicNs();
    this.#sensors.discover();
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
      // A cell keeps its policy, and its kernel one of its own.
      if (execution.policy !== this.#policy) this.setPolicy(execution.policy, execution.kernel_id);
      const window = resumedWindow(execution, now);
      fate.kernel.windows.adopt(window);
      this.#records.get(window)?.continues(execution, now, this.#sensors.domains);
      this.#doubted.add(window, fate.kernel, now);
    }
  }

  get #isWatched(): boolean {
    return this.listenerCount('power') > 0;
  }

  #edge(): void {
    this.#pulse.heat();
    this.#sensors.edge();
  }

  #window(change: WindowChange, window: CellWindow, kernel: KernelListener): void {
    if (change === 'opened') this.#open(window, kernel);
    const record = this.#records.get(window);
    if (!record) return;
    if (change === 'announced') this.emit('started', this.#atFirst(record));
    if (change === 'closed' || change === 'dropped') {
      record.finish();
      this.#records.delete(window);
      this.#closing.set(record.id, change === 'closed' ? record : undefined);
      this.#sample(kernel);
      this.#ledger.close(record.id, window.endNs ?? monotonicNs());
    }
  }

  #open(window: CellWindow, kernel: KernelListener): void {
    const policy = this.#policies.get(kernel.id) ?? this.#policy;
    const record = new ExecutionRecord(kernel, window, policy, this.#clock);
    record.label = this.#labels.of(window.msgId);
    this.#records.set(window, record);
    this.#pulse.heat();
    this.#sample(kernel);
    const startNs = window.meteredFromNs ?? window.startNs;
    this.#ledger.setPolicy(policy);
    this.#ledger.open({ id: record.id, kernelId: kernel.id, startNs });
  }

  /** No energy is worked out at the start: there is hardly any, and a meter that lags would fall behind further. */
  #atFirst(record: ExecutionRecord): Execution {
    return this.#executionOf(record, { id: record.id, domains: [], gaps: [] });
  }

  #preview(record: ExecutionRecord): Execution {
    const now = monotonicNs();
    const execution = this.#executionOf(record, this.#ledger.preview(record.id, now));
    const seconds = (now - record.window.startNs) / 1e9;
    const { joules } = execution.total;
    const wasUnknown = record.watts === null;
    record.watts = joules === null || seconds <= 0 ? null : joules / seconds;
    if (wasUnknown && record.watts !== null) this.#tellKernels();
    return execution;
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
  #beat(now: number, isHot: boolean): void {
    this.#clock.sample();
    this.#kernels.checkAlive();
    this.#measures.dropEnded();
    this.#doubted.check(now);
    for (const { windows } of this.#kernels.all) windows.tick(now);
    this.#sample();
    if (this.#closing.size > 0) this.#settle();
    this.#tell(now);
    if (now - this.#discoveredNs > rediscoverNs) this.discover();
    this.#memory.check(now, isHot);
  }

  #sample(edge?: KernelListener | 'all'): void {
    const { all } = this.#kernels;
    const { guests } = this.#measures;
    const sampled = ({ windows }: KernelListener, usage: TreeUsage) => {
      for (const window of windows.running) this.#records.get(window)?.sampled(usage);
    };
    const activity = this.#sampler.sample(all, guests, this.#sensors.gpus, sampled, edge);
    this.#ledger.activity(activity);
    this.#bill.add(activity, this.#ledger.power());
  }

  #tell(now: number): void {
    const unseenNs = tellUnseenNs * Math.max(1, this.#records.size / fewCells);
    const isDue = now - this.#toldNs > (this.#isWatched ? tellNs : unseenNs);
    if (isDue) this.#toldNs = now;
    this.#progress(isDue ? Infinity : now);
    if (isDue && this.#isWatched) this.emit('power', this.power());
  }

  /** Tells how far executions have come: all, or those that are due for their first time. */
  #progress(nowNs = Infinity): void {
    for (const record of this.#records.values()) {
      const isFirst = !record.told && nowNs - record.window.startNs > tellNs;
      if (!record.window.announced || !(nowNs === Infinity || isFirst)) continue;
      record.told = true;
      this.emit('progress', this.#preview(record));
    }
  }

  /** Many kernels may change at once: they are told together. */
  #tellKernels(): void {
    this.#kernelsTimer ??= setTimeout(() => {
      this.#kernelsTimer = undefined;
      this.emit('kernels', this.#describeKernels());
    }, togetherMs);
  }

  #describeKernels(): Kernel[] {
    return this.#kernels.all.map(kernel => {
      const [window] = kernel.windows.running;
      const watts = (window && this.#records.get(window)?.watts) ?? null;
      return { ...kernel.describe(), watts };
    });
  }
}
