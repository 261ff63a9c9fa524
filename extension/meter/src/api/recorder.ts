import type { Execution, Kernel, Label, PowerNow } from '../execution.ts';
import { CarbonWatch, type AskCarbon } from '../impact/carbon-watch.ts';
import type { Settings, SettingsChanges } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { EventHub } from './event-hub.ts';
import type { MeterSource } from './meter-source.ts';
import type { Metrics } from './metrics.ts';

/** A running execution is stored when its first energy is known, then this often. */
const saveEveryMs = 2000;

/**
 * Leads what the meter tells into the store, then to the clients: nobody sees an execution that is
 * not stored.
 */
export class Recorder {
  readonly #meter: MeterSource;
  readonly #store: Store;
  readonly #events: EventHub;
  readonly #metrics: Metrics;
  readonly #carbon: CarbonWatch;
  #stopped = false;
  readonly #savedAt = new Map<string, number>();
  /** Progress that waits for its time to be stored. */
  readonly #unsaved = new Map<string, Execution>();
  readonly #listeners = {
    started: (execution: Execution) => this.#started(execution),
    progress: (execution: Execution) => this.#progress(execution),
    finished: (execution: Execution) => this.#finished(execution),
    kernels: (kernels: Kernel[]) => this.#events.publish({ name: 'kernels', data: kernels })
  };
  readonly #power = (power: PowerNow) => this.#events.publish({ name: 'power', data: power });

  constructor(
    meter: MeterSource,
    store: Store,
    events: EventHub,
    metrics: Metrics,
    askCarbon: AskCarbon
  ) {
    this.#meter = meter;
    this.#store = store;
    this.#events = events;
    this.#metrics = metrics;
    this.#carbon = new CarbonWatch(askCarbon);
    for (const name of ['started', 'progress', 'finished'] as const) {
      meter.on(name, this.#listeners[name]);
    }
    meter.on('kernels', this.#listeners.kernels);
    // A meter that nobody listens to need not work out the power.
    events.onChange = count => {
      meter.off('power', this.#power);
      if (count > 0) meter.on('power', this.#power);
    };
  }

  /** Names cells, in the store and in the meter. */
  label(labels: Label[]): void {
    for (const label of labels) this.#meter.label(label);
    this.#relabel(labels);
  }

  /** Changes settings, with effect at once. */
  changeSettings(changes: SettingsChanges): Settings {
    const settings = this.#store.saveSettings(changes);
    this.#meter.setPolicy(settings.policy);
    this.#store.prune();
    this.#events.publish({ name: 'settings', data: settings });
    return settings;
  }

  /** Stores how far running executions have come and stops listening to the meter. */
  stop(): void {
    this.#stopped = true;
    for (const execution of this.#unsaved.values()) this.#store.saveProgress(execution);
    this.#unsaved.clear();
    for (const name of ['started', 'progress', 'finished'] as const) {
      this.#meter.off(name, this.#listeners[name]);
    }
    this.#meter.off('kernels', this.#listeners.kernels);
    this.#meter.off('power', this.#power);
  }

  #started(execution: Execution): void {
    const recorded = this.#store.record(this.#carbon.running(execution));
    this.#events.publish({ name: 'started', data: recorded.execution, id: recorded.change });
  }

  #progress(told: Execution): void {
    const execution = this.#carbon.running(told);
    const last = this.#savedAt.get(execution.id) ?? 0;
    if (Date.now() - last < saveEveryMs) {
      this.#unsaved.set(execution.id, execution);
    } else {
      this.#unsaved.delete(execution.id);
      this.#savedAt.set(execution.id, Date.now());
      this.#store.saveProgress(execution);
    }
    this.#events.publish({ name: 'progress', data: this.#store.labelled(execution) });
  }

  #finished(execution: Execution): void {
    this.#savedAt.delete(execution.id);
    this.#unsaved.delete(execution.id);
    const known = this.#carbon.ended(execution, later => {
      if (!this.#stopped) this.#storeEnd(later);
    });
    this.#metrics.add(this.#storeEnd(known));
  }

  #storeEnd(ended: Execution): Execution {
    const { execution, change } = this.#store.record(ended);
    this.#events.publish({ name: 'finished', data: execution, id: change });
    return execution;
  }

  /** A late name is told as the same start or end again: clients know executions by their id. */
  #relabel(labels: Label[]): void {
    for (const { execution, change } of this.#store.label(labels)) {
      const name = execution.status === 'running' ? 'started' : 'finished';
      this.#events.publish({ name, data: execution, id: change });
    }
  }
}
