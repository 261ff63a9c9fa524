import { Counter, Gauge, Registry } from 'prom-client';
import type { Execution } from '../execution.ts';
import type { Store } from '../store/store.ts';
import type { MeterSource } from './meter-source.ts';

/** Kernels and notebooks beyond this many are counted together as `other`. */
const maxSeries = 500;
const other = 'other';

/**
 * The daemon's figures for Prometheus. Counters begin at 0 with the daemon, as Prometheus expects;
 * an execution counts when it ends.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #kernels = new BoundedNames(maxSeries);
  readonly #notebooks = new BoundedNames(maxSeries);
  readonly #byKernel: Counter;
  readonly #byNotebook: Counter;
  readonly #byDomain: Counter;
  readonly #executions: Counter;

  constructor() {
    const registers = [this.#registry];
    this.#byKernel = new Counter({
      name: 'joulebook_kernel_energy_joules_total',
      help: 'Energy of the finished executions of a kernel.',
      labelNames: ['kernel_id', 'kernel_name', 'kind'],
      registers
    });
    this.#byNotebook = new Counter({
      name: 'joulebook_notebook_energy_joules_total',
      help: 'Energy of the finished executions of a notebook.',
      labelNames: ['notebook', 'kind'],
      registers
    });
    this.#byDomain = new Counter({
      name: 'joulebook_energy_joules_total',
      help: 'Energy of finished executions by domain; domains inside others are left out.',
      labelNames: ['domain', 'kind'],
      registers
    });
    this.#executions = new Counter({
      name: 'joulebook_executions_total',
      help: 'Finished executions.',
      labelNames: ['status'],
      registers
    });
  }

  /** Counts a finished execution. */
  add(execution: Execution): void {
    this.#executions.inc({ status: execution.status });
    const { joules, kind } = execution.total;
    if (joules === null) return;
    const kernel = this.#kernels.admit(execution.kernel_id);
    const kernel_name = kernel === other ? other : execution.kernel_name;
    this.#byKernel.inc({ kernel_id: kernel, kernel_name, kind }, Math.max(0, joules));
    const notebook = this.#notebooks.admit(execution.notebook ?? '');
    this.#byNotebook.inc({ notebook, kind }, Math.max(0, joules));
    for (const domain of execution.domains) {
      if (domain.contained || domain.joules === null) continue;
      this.#byDomain.inc({ domain: domain.domain, kind: domain.kind }, Math.max(0, domain.joules));
    }
  }

  /** Adds the figures that are read when Prometheus asks. */
  observe(meter: MeterSource, store: Store): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, labelNames: string[], collect: (g: Gauge) => void) =>
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          collect(this);
        }
      });
    gauge('joulebook_power_watts', 'Power of the machine by domain.', ['domain', 'kind'], g => {
      for (const { domain, kind, watts } of meter.power().domains) {
        if (watts !== null) g.inc({ domain, kind }, watts);
      }
    });
    gauge('joulebook_sensor_up', '1 when a sensor is read.', ['sensor', 'domain', 'kind'], g => {
      for (const { id, domain, kind, state } of meter.status().sensors) {
        g.set({ sensor: id, domain, kind }, state === 'active' || state === 'contained' ? 1 : 0);
      }
    });
    gauge('joulebook_kernels', 'Kernels by state.', ['state'], g => {
      for (const { state } of meter.status().kernels) g.inc({ state });
    });
    gauge('joulebook_history_waiting_executions', 'Executions not yet on disk.', [], g =>
      g.set(store.state.waiting)
    );
    gauge('joulebook_meter_resident_bytes', 'Memory of the meter.', [], g =>
      g.set(meter.status().meter.rss_bytes)
    );
    this.#countWhenAsked('joulebook_meter_cpu_seconds_total', 'CPU time of the meter.', () => ({
      '': meter.status().meter.cpu_seconds
    }));
    this.#countWhenAsked('joulebook_meter_energy_joules_total', 'Energy of the meter.', () => ({
      '': meter.status().meter.joules ?? 0
    }));
    this.#countWhenAsked(
      'joulebook_unused_messages_total',
      'Messages of kernels that were heard and not used, by reason.',
      () => ({ ...meter.status().counts }),
      'reason'
    );
  }

  /** All figures in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The text's content type. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #countWhenAsked(
    name: string,
    help: string,
    values: () => Record<string, number>,
    labelName?: string
  ): void {
    new Counter({
      name,
      help,
      labelNames: labelName === undefined ? [] : [labelName],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [label, value] of Object.entries(values())) {
          this.inc(labelName === undefined ? {} : { [labelName]: label }, value);
        }
      }
    });
  }
}

/** Admits the first names up to a number; later ones are `other`, so that labels stay bounded. */
class BoundedNames {
  readonly #names = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  admit(name: string): string {
    if (this.#names.size < this.#most) this.#names.add(name);
    return this.#names.has(name) ? name : other;
  }
}
