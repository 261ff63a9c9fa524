import { monotonicNs } from './clock.ts';
import { MeterError } from './errors.ts';
import { domainEnergy, type ExecutionRecord, gapsOf } from './execution-record.ts';
import type { Energy, MeasureResult } from './execution.ts';
import { isOf } from './kernels/proc.ts';
import { ProcessTree } from './kernels/process-tree.ts';
import type { Ledger, WindowEnergy } from './ledger/ledger.ts';
import type { Guest } from './sampler.ts';
import type { Domain } from './sensors/sensor.ts';
import { totalEnergy } from './total.ts';

const settleEveryMs = 20;
/** Blocks open at once; each may hold a file for every process of its tree. */
const mostOpen = 1000;

/** What measures use of the meter. */
export interface MeasuresOptions {
  ledger: Ledger;
  domainOf: (sensorId: string) => Domain;
  /** Reads the counters now. */
  edge: () => void;
  /** Samples activity and settles what can be settled. */
  settle: () => void;
}

/** A block as it is opened. */
export interface MeasureOpening {
  id: string;
  pid: number;
  label: string;
  parentId?: string;
  /** The kernel whose processes hold the caller; undefined: it is no kernel's. */
  kernel: Guest | undefined;
  /** The running cell it belongs to. */
  record: ExecutionRecord | undefined;
  /** The user who asks, by the system's number. */
  user: number;
}

interface Measure extends MeasureOpening {
  startNs: number;
  endNs: number;
  /** Watched for this block alone. */
  guest: Guest | undefined;
  settled: ((energy: WindowEnergy) => void) | undefined;
}

/** The `measure()` blocks that are open: windows inside a cell, or of a process of its own. */
export class Measures {
  readonly #options: MeasuresOptions;
  readonly #open = new Map<string, Measure>();

  constructor(options: MeasuresOptions) {
    this.#options = options;
  }

  /** Blocks that are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Process trees of blocks outside any kernel. */
  get guests(): Guest[] {
    return [...this.#open.values()].flatMap(({ guest }) => guest ?? []);
  }

  /**
   * Opens a block.
   * @throws MeterError `measure/not-a-kernel` when no kernel holds the process and it cannot be
   *   watched by itself; `measure/too-many` when 1000 blocks are open.
   */
  open(opening: MeasureOpening): { id: string; startNs: number } {
    if (this.#open.size >= mostOpen) {
      throw new MeterError(
        'measure/too-many',
        `expected at most ${mostOpen} open measures, got one more, "${opening.label}"; end some first`
      );
    }
    const guest = opening.kernel ? undefined : guestOf(opening);
    const kernelId = (opening.kernel ?? guest)?.id ?? '';
    const { id } = opening;
    this.#options.edge();
    const startNs = monotonicNs();
    this.#open.set(id, { ...opening, startNs, endNs: NaN, guest, settled: undefined });
    this.#options.settle();
    const parent = this.#parentOf(opening);
    this.#options.ledger.open({ id, kernelId, startNs, ...(parent && { parent }) });
    return { id, startNs };
  }

  /**
   * Ends a block and answers with its energy once the readings are in, after 2 s at most.
   * @throws MeterError `measure/unknown`
   */
  async end(id: string): Promise<MeasureResult> {
    const measure = this.#open.get(id);
    if (!measure || measure.settled) {
      throw new MeterError('measure/unknown', `expected the id of an open measure, got "${id}"`);
    }
    this.#options.edge();
    this.#closeAt(measure, monotonicNs());
    const energy = await new Promise<WindowEnergy>(resolve => {
      measure.settled = resolve;
      this.#options.ledger.close(id, measure.endNs);
      this.#settleUntilAnswered(id);
    });
    return this.#result(measure, energy);
  }

  /**
   * What an open block has used so far.
   * @throws MeterError `measure/unknown`
   */
  soFar(id: string): MeasureResult {
    const measure = this.#open.get(id);
    if (!measure) {
      throw new MeterError('measure/unknown', `expected the id of an open measure, got "${id}"`);
    }
    const endNs = monotonicNs();
    return this.#result({ ...measure, endNs }, this.#options.ledger.preview(id, endNs));
  }

  /** Takes a settled window if it is a block's. */
  settled(energy: WindowEnergy): boolean {
    const measure = this.#open.get(energy.id);
    if (!measure) return false;
    this.#open.delete(energy.id);
    measure.guest?.tree.close();
    const { id, label, parentId, record, startNs: start_ns } = measure;
    const parent_id = parentId ?? null;
    // A block that nobody ended has ended with its cell.
    const end_ns = Number.isNaN(measure.endNs) ? (record?.window.endNs ?? start_ns) : measure.endNs;
    const total = this.#total(energy);
    record?.measures.push({ id, parent_id, label, start_ns, end_ns, total });
    measure.settled?.(energy);
    return true;
  }

  /** Closes the blocks of processes that have ended without closing them; those inside a cell end with it. */
  dropEnded(): void {
    for (const measure of this.#open.values()) {
      const holder = measure.guest ?? measure.kernel;
      if (!Number.isNaN(measure.endNs) || measure.record || holder?.tree.alive) continue;
      this.#closeAt(measure, monotonicNs());
      this.#options.ledger.close(measure.id, measure.endNs);
    }
  }

  /** Answers those who wait, with what is known. */
  stop(): void {
    for (const { id, guest, settled } of this.#open.values()) {
      guest?.tree.close();
      settled?.(this.#options.ledger.preview(id, monotonicNs()));
    }
    this.#open.clear();
  }

  /** Blocks inside a block end with it, as the ledger has it. */
  #closeAt(measure: Measure, endNs: number): void {
    measure.endNs = endNs;
    for (const inner of this.#open.values()) {
      if (inner.parentId === measure.id && Number.isNaN(inner.endNs)) this.#closeAt(inner, endNs);
    }
  }

  #parentOf({ parentId, record }: MeasureOpening): string | undefined {
    return parentId !== undefined && this.#open.has(parentId) ? parentId : record?.id;
  }

  #result(measure: Measure, energy: WindowEnergy): MeasureResult {
    const { id, label, startNs, endNs } = measure;
    return {
      id,
      label,
      start_ns: startNs,
      end_ns: endNs,
      seconds: (endNs - startNs) / 1e9,
      ...this.#total(energy),
      domains: energy.domains.map(domainEnergy)
    };
  }

  #total(energy: WindowEnergy): Energy {
    const gaps = gapsOf(energy, this.#options.domainOf);
    return totalEnergy(energy.domains.map(domainEnergy), gaps);
  }

  /** Readings settle windows as they arrive; a sensor that went silent must not keep one waiting. */
  #settleUntilAnswered(id: string): void {
    const timer = setInterval(() => {
      if (this.#open.has(id)) this.#options.settle();
      else clearInterval(timer);
    }, settleEveryMs);
  }
}

function guestOf({ pid, user }: MeasureOpening): Guest {
  // Another user's processes are not even looked at.
  if (isOf(user, pid)) {
    const tree = new ProcessTree(pid);
    if (tree.alive) return { id: `process-${pid}`, tree };
    tree.close();
  }
  throw new MeterError(
    'measure/not-a-kernel',
    `expected the pid of a running process of this user, got ${pid}`
  );
}
