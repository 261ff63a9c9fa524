import type { Domain, Energy, Execution } from '../../execution.ts';
import { EnergySum } from '../energy-sum.ts';
import { Summaries } from '../summary.ts';

/** Runs of the past are drawn by day, or by hour when they are of few days. */
const fewDays = 3;

/** Everything a report or an export of sums shows, collected execution by execution. */
export class Collected {
  readonly notebooks = new Summaries(({ notebook }) => notebook);
  readonly cells = new Summaries(({ notebook, cell_id }) => cellName(notebook, cell_id));
  readonly sensors = new Map<string, number>();
  readonly policies = new Map<string, number>();
  readonly #domains = new Map<Domain, EnergySum>();
  readonly #hours = new Map<string, EnergySum>();
  #firstAt = '';
  #lastAt = '';
  /** The notebook's folder of data, where there is one. */
  dataFolder: { path: string; bytes: number } | null = null;
  bytes = { read: 0, written: 0, sent: 0, received: 0 };

  /** Adds an execution. */
  add(execution: Execution): void {
    const { started_at, total, domains, policy } = execution;
    this.notebooks.add(execution);
    this.cells.add(execution);
    this.policies.set(policy, (this.policies.get(policy) ?? 0) + 1);
    if (this.#firstAt === '' || started_at < this.#firstAt) this.#firstAt = started_at;
    if (started_at > this.#lastAt) this.#lastAt = started_at;
    sumOf(this.#hours, started_at.slice(0, 13)).add(total);
    for (const domain of domains) {
      const name = `${domain.domain} (${domain.sensor}, ${domain.kind})`;
      this.sensors.set(name, (this.sensors.get(name) ?? 0) + 1);
      if (!domain.contained) sumOf(this.#domains, domain.domain).add(domain);
    }
    this.bytes.read += execution.read_bytes ?? 0;
    this.bytes.written += execution.written_bytes ?? 0;
    this.bytes.sent += execution.network?.sent_bytes ?? 0;
    this.bytes.received += execution.network?.received_bytes ?? 0;
  }

  /** The sum of all, its time, and how many ran. */
  get all() {
    return this.notebooks.all;
  }

  /** ISO 8601 of the first and last start; empty without any. */
  get span(): { from: string; to: string } {
    return { from: this.#firstAt, to: this.#lastAt };
  }

  /** Domains that do not contain each other, the costliest first. */
  get domains(): { domain: Domain; energy: Energy }[] {
    return [...this.#domains]
      .map(([domain, sum]) => ({ domain, energy: sum.total }))
      .sort((a, b) => (b.energy.joules ?? 0) - (a.energy.joules ?? 0));
  }

  /** Energy by day, or by hour for few days, in order; spans without any are left out. */
  get timeline(): { at: string; joules: number }[] {
    const days = new Set([...this.#hours.keys()].map(hour => hour.slice(0, 10)));
    const digits = days.size <= fewDays ? 13 : 10;
    const joules = new Map<string, number>();
    for (const [hour, sum] of this.#hours) {
      const at = hour.slice(0, digits);
      joules.set(at, (joules.get(at) ?? 0) + (sum.total.joules ?? 0));
    }
    return [...joules].sort().map(([at, joules]) => ({ at, joules }));
  }
}

function cellName(notebook: string | null, cell: string | null): string | null {
  return cell === null ? null : `${notebook?.split('/').at(-1) ?? ''} · ${cell}`;
}

function sumOf<K>(sums: Map<K, EnergySum>, key: K): EnergySum {
  const found = sums.get(key) ?? new EnergySum();
  sums.set(key, found);
  return found;
}
