import type { Execution } from '../execution.ts';
import type { Store } from '../store/store.ts';
import type { MeterSource } from './meter-source.ts';
import {
  type Family,
  prometheusText,
  prometheusType,
  type Series,
  type SeriesLabels,
  Sums
} from './prometheus.ts';

/** Kernels and notebooks beyond this many are counted together as `other`. */
const maxSeries = 500;
const other = 'other';

/**
 * The daemon's figures for Prometheus. Counters begin at 0 with the daemon, as Prometheus expects;
 * an execution counts when it ends.
 */
export class Metrics {
  readonly #kernels = new BoundedNames(maxSeries);
  readonly #notebooks = new BoundedNames(maxSeries);
  readonly #byKernel = new Sums();
  readonly #byNotebook = new Sums();
  readonly #byDomain = new Sums();
  readonly #executions = new Sums();
  readonly #everywhere: SeriesLabels;
  #observed: () => Family[] = () => [];

  /**
   * Begins to count.
   * @param everywhere Labels of every series, such as which node this is.
   */
  constructor(everywhere: SeriesLabels = {}) {
    this.#everywhere = everywhere;
  }

  /** Content type of the text. */
  readonly contentType = prometheusType;

  /** Counts a finished execution. */
  add(execution: Execution): void {
    this.#executions.add({ status: execution.status }, 1);
    const { joules, kind } = execution.total;
    if (joules === null) return;
    const kernel_id = this.#kernels.admit(execution.kernel_id);
    const kernel_name = kernel_id === other ? other : execution.kernel_name;
    this.#byKernel.add({ kernel_id, kernel_name, kind }, joules);
    const notebook = this.#notebooks.admit(execution.notebook ?? '');
    this.#byNotebook.add({ notebook, kind }, joules);
    for (const part of execution.domains) {
      if (part.contained || part.joules === null) continue;
      this.#byDomain.add({ domain: part.domain, kind: part.kind }, part.joules);
    }
  }

  /** Adds the figures that are read when Prometheus asks. */
  observe(meter: MeterSource, store: Store): void {
    this.#observed = () => observedFamilies(meter, store);
  }

  /** All figures in Prometheus' text format. */
  text(): string {
    return prometheusText([...this.#counted(), ...this.#observed()], this.#everywhere);
  }

  #counted(): Family[] {
    return [
      counter(
        'joulebook_kernel_energy_joules_total',
        'Energy of the finished executions of a kernel.',
        this.#byKernel
      ),
      counter(
        'joulebook_notebook_energy_joules_total',
        'Energy of the finished executions of a notebook.',
        this.#byNotebook
      ),
      counter(
        'joulebook_energy_joules_total',
        'Energy of finished executions by domain; domains inside others are left out.',
        this.#byDomain
      ),
      counter('joulebook_executions_total', 'Finished executions.', this.#executions)
    ];
  }
}

function observedFamilies(meter: MeterSource, store: Store): Family[] {
  const { sensors, kernels, meter: self, counts } = meter.status();
  const kernelsByState = new Sums();
  for (const { state } of kernels) kernelsByState.add({ state }, 1);
  return [
    gauge('joulebook_power_watts', 'Power of the machine by domain.', powerSeries(meter)),
    gauge(
      'joulebook_sensor_up',
      '1 when a sensor is read.',
      sensors.map(({ id, domain, kind, state }) => ({
        labels: { sensor: id, domain, kind },
        value: state === 'active' || state === 'contained' ? 1 : 0
      }))
    ),
    gauge('joulebook_kernels', 'Kernels by state.', kernelsByState),
    gauge(
      'joulebook_history_waiting_executions',
      'Executions not yet on disk.',
      only(store.state.waiting)
    ),
    gauge('joulebook_meter_resident_bytes', 'Memory of the meter.', only(self.rss_bytes)),
    counter('joulebook_meter_cpu_seconds_total', 'CPU time of the meter.', only(self.cpu_seconds)),
    counter(
      'joulebook_meter_energy_joules_total',
      'Energy of the meter; absent while no sensor tells any.',
      self.joules === null ? [] : only(self.joules)
    ),
    counter(
      'joulebook_unused_messages_total',
      'Messages of kernels that were heard and not used, by reason.',
      Object.entries<number>({ ...counts }).map(([reason, value]) => ({
        labels: { reason },
        value
      }))
    )
  ];
}

function powerSeries(meter: MeterSource): Series[] {
  return meter.power().domains.flatMap(({ domain, kind, watts }) => {
    return watts === null ? [] : { labels: { domain, kind }, value: watts };
  });
}

function counter(name: string, help: string, series: Iterable<Series>): Family {
  return { name, help, type: 'counter', series };
}

function gauge(name: string, help: string, series: Iterable<Series>): Family {
  return { name, help, type: 'gauge', series };
}

function only(value: number): Series[] {
  return [{ labels: {}, value }];
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
