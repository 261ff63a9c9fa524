import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

import { Cells } from './cells.ts';
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
import { Ledger } from './ledger/ledger.ts';
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
  readonly #cells: Cells;
  readonly #doubted = new DoubtedCells();
  readonly #memory = new MemoryKeeper();
  readonly #pulse = new Pulse({
    isBusy: () => this.#cells.size > 0 || this.#measures.size > 0,
    isWatched: () => this.#isWatched,
    setPace: pace => this.#sensors.setPace(pace),
    beat: (nowNs, isHot) => this.#beat(nowNs, isHot)
  });
  /** Policies of kernels that do not follow the general one. */
  readonly #policies = new Map<string, Policy>();
  #policy: Policy;
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
    const energies = {
      ledger: this.#ledger,
      domainOf: (sensorId: string) => this.#sensors.domainOf(sensorId)
    };
    this.#cells = new Cells({
      ...energies,
      tell: (what, execution) => this.emit(what, execution),
      powerKnown: () => this.#tellKernels()
    });
    this.#measures = new Measures({
      ...energies,
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
    this.#cells.tellProgress();
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
    const record = window && this.#cells.of(window);
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
    this.#cells.label(label);
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
      this.#cells.of(window)?.continues(execution, now, this.#sensors.domains);
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
    const record = this.#cells.of(window);
    if (!record) return;
    if (change === 'announced') this.#cells.announce(record);
    if (change === 'closed' || change === 'dropped') {
      this.#cells.end(record, change === 'closed');
      this.#sample(kernel);
      this.#ledger.close(record.id, window.endNs ?? monotonicNs());
    }
  }

  #open(window: CellWindow, kernel: KernelListener): void {
    const policy = this.#policies.get(kernel.id) ?? this.#policy;
    const record = new ExecutionRecord(kernel, window, policy, this.#clock);
    this.#cells.add(record);
    this.#pulse.heat();
    this.#sample(kernel);
    const startNs = window.meteredFromNs ?? window.startNs;
    this.#ledger.setPolicy(policy);
    this.#ledger.open({ id: record.id, kernelId: kernel.id, startNs });
  }

  #settle(): void {
    for (const energy of this.#ledger.settle(monotonicNs())) {
      if (!this.#measures.settled(energy)) this.#cells.settled(energy);
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
    if (this.#cells.areSettling) this.#settle();
    const isTold = this.#cells.tellDue(now, this.#isWatched);
    if (isTold && this.#isWatched) this.emit('power', this.power());
    if (now - this.#discoveredNs > rediscoverNs) this.discover();
    this.#memory.check(now, isHot);
  }

  #sample(edge?: KernelListener | 'all'): void {
    const { all } = this.#kernels;
    const { guests } = this.#measures;
    const sampled = ({ windows }: KernelListener, usage: TreeUsage) =>
      this.#cells.sampled(windows.running, usage);
    const activity = this.#sampler.sample(all, guests, this.#sensors.gpus, sampled, edge);
    this.#ledger.activity(activity);
    this.#bill.add(activity, this.#ledger.power());
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
      const watts = (window && this.#cells.of(window)?.watts) ?? null;
      return { ...kernel.describe(), watts };
    });
  }
}
