import { PackageCounter } from './package-counter.ts';
import { Random } from './random.ts';
import type { TenantTrial } from './tenants.ts';

/** Hardware threads, physical cores and about how many watts a CPU second costs, from laptop to server. */
const MACHINES = [
  [4, 2, 8],
  [2, 2, 60],
  [16, 8, 4],
  [16, 8, 25],
  [64, 32, 2]
] as const;
/** Seconds for which the meter knows the machine when the cell starts. */
const KNOWN = [0.4, 3, 15] as const;
/** What else runs: as much as the machine can, always the same, or in waves. */
const LOADS = ['saturated', 'steady', 'in waves'] as const;
/** A CPU second of one program costs so many times another's. */
const [LEAST_RATIO, MOST_RATIO] = [0.62, 1.6];
const SAMPLE = 0.2;
/** The cell's seconds, and the slices after it. */
const CELL = 2;
const AFTER = 10;

type Machine = (typeof MACHINES)[number];
type Load = (typeof LOADS)[number];

/**
 * Cells on machines that were busy before the meter started, so that nobody told it what idle costs:
 * the trials of each scenario.
 */
export function meterBusy(count: number, seed: number): TenantTrial[][] {
  const random = new Random(seed);
  return LOADS.flatMap(load =>
    KNOWN.flatMap(known =>
      MACHINES.map(machine =>
        Array.from({ length: count }, () => meterCell(random, machine, load, known))
      )
    )
  );
}

function meterCell(random: Random, machine: Machine, load: Load, known: number): TenantTrial {
  const session = new Session(random, machine, load);
  for (let i = 0; i < Math.round(known / SAMPLE); i++) session.step(false);
  const energy = session.cell(Math.round(CELL / SAMPLE));
  return {
    truth: session.truth,
    ours: energy.microjoules / 1e6,
    low: energy.lowMicrojoules / 1e6,
    high: energy.highMicrojoules / 1e6,
    cpuShare: session.cpuShare
  };
}

/** A cell's slices added up: watts of its own and of all, CPUs kept busy by it and by all. */
interface CellSums {
  own: number;
  watts: number;
  kernel: number;
  busy: number;
  slices: number;
}

/** One machine, its counter, and what runs on it. */
class Session {
  readonly #counter = new PackageCounter(10e9, 50_000);
  readonly #size: { cpus: number; cores: number };
  readonly #watts: ReturnType<typeof wattsOf>;
  readonly #loads: ReturnType<typeof loadsOf>;
  #busyNs = 0;
  #cpuNs = 0;
  #least = Infinity;
  readonly #cell: CellSums = { own: 0, watts: 0, kernel: 0, busy: 0, slices: 0 };

  constructor(random: Random, [cpus, cores, about]: Machine, load: Load) {
    this.#size = { cpus, cores };
    this.#watts = wattsOf(random, about, cores);
    this.#loads = loadsOf(random, load, cpus);
    this.#sample();
  }

  /** Joules above idle that the cell truly used. */
  get truth(): number {
    return this.#cell.own * SAMPLE;
  }

  /** Its share, by CPU time, of what exceeds the least power seen before it. */
  get cpuShare(): number {
    const { watts, slices, kernel, busy } = this.#cell;
    return (Math.max(0, watts - this.#least * slices) * SAMPLE * kernel) / busy;
  }

  /** Runs a cell of so many slices; what the ledger says of it. */
  cell(slices: number) {
    const { ledger, atNs } = this.#counter;
    ledger.open({ id: 'cell', kernelId: 'k', startNs: atNs });
    for (let i = 0; i < slices; i++) this.step(true);
    ledger.close('cell', this.#counter.atNs);
    for (let i = 0; i < AFTER; i++) this.step(false);
    const settled = ledger.settle(this.#counter.atNs + 3e9);
    return settled.find(({ id }) => id === 'cell')!.domains[0]!;
  }

  /** One slice of time. */
  step(isCell: boolean): void {
    const { kernel, other } = this.#loads(isCell);
    const { idle, own, rest } = this.#watts(kernel, other);
    const watts = idle + own + rest;
    this.#counter.draw(watts, SAMPLE);
    this.#busyNs += (kernel + other) * SAMPLE * 1e9;
    this.#cpuNs += kernel * SAMPLE * 1e9;
    this.#sample();
    if (isCell) this.#count({ own, watts, kernel, busy: kernel + other, slices: 1 });
    else this.#least = Math.min(this.#least, watts);
  }

  #count(slice: CellSums): void {
    for (const name of Object.keys(slice) as (keyof CellSums)[]) this.#cell[name] += slice[name];
  }

  #sample(): void {
    const { ledger, atNs } = this.#counter;
    ledger.activity({
      ...{ atNs, machineBusyNs: this.#busyNs, ...this.#size },
      ...{ meterCpuNs: 0, residentTotalBytes: 8e9 },
      groups: [{ kernelId: 'k', cpuNs: this.#cpuNs, residentBytes: 5e8 }]
    });
  }
}

/** Watts by who draws them, on one machine of the kind; programs differ as much as the meter takes them to. */
function wattsOf(random: Random, about: number, cores: number) {
  const idle = Math.exp(random.between(Math.log(2), Math.log(30)));
  const rest = about * random.between(0.8, 1.25);
  const own = rest * Math.exp(random.between(Math.log(LEAST_RATIO), Math.log(MOST_RATIO)));
  const theta = random.between(0, 0.15);
  return (kernel: number, other: number) => {
    const factor = crowded(kernel + other, cores) * Math.max(1, kernel + other) ** -theta;
    return {
      idle: idle * (1 + 0.02 * random.normal()),
      own: own * kernel * factor,
      rest: rest * other * factor
    };
  };
}

/** A second thread of a core adds 30 %. */
function crowded(busy: number, cores: number): number {
  return busy > cores ? (cores + 0.3 * (busy - cores)) / busy : 1;
}

/** CPUs that the kernel and the others keep busy, slice by slice. */
function loadsOf(random: Random, load: Load, cpus: number) {
  const [most, level] = [random.between(0.7, 1), random.between(0.3, cpus - 0.3)];
  const keep = Math.exp(-SAMPLE / 1.5);
  let wave = random.normal();
  return (isCell: boolean) => {
    wave = keep * wave + Math.sqrt(1 - keep * keep) * random.normal();
    if (load === 'saturated') {
      const fair = (cpus / (cpus + 1)) * (1 + 0.1 * random.normal());
      const kernel = isCell ? Math.min(1, Math.max(0, fair)) : 0.01;
      return { kernel, other: cpus - kernel };
    }
    const kernel = isCell ? most * (1 + 0.05 * random.normal()) : 0.01;
    const other = level * (1 + (load === 'steady' ? 0.03 * random.normal() : 0.5 * wave));
    return { kernel, other: Math.min(cpus - kernel, Math.max(0, other)) };
  };
}
