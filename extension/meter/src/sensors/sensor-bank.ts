import { monotonicNs } from '../clock.ts';
import { systemCodeOf } from '../errors.ts';
import type { SensorStatus } from '../execution.ts';
import type { Places } from '../paths.ts';
import { discoverSensors } from './discover.ts';
import { GpuActivity } from './gpu-activity.ts';
import { HttpMeters } from './http-meters.ts';
import { loadNative } from './native.ts';
import { Reader } from './reader.ts';
import type { LivePace } from './reader-protocol.ts';
import type { Discovery, Domain, Reading, SensorDescription, SensorPlace } from './sensor.ts';

/** After so many readings a counter is trusted. */
export const enoughReads = 5;
/** A sensor that hangs must not keep the meter from starting. */
export const longestStartMs = 1_500;

/** Who gets the readings; the ledger does. */
export interface ReadingSink {
  addSensor(description: SensorDescription): void;
  removeSensor(id: string, atNs: number, reason: string): void;
  reading(reading: Reading): void;
}

/** What a bank is made of. */
export interface SensorBankOptions {
  places: Places;
  /** Script of the reader thread. */
  entry: string;
  sink: ReadingSink;
  /** Called after a batch of readings went to the sink. */
  arrived: () => void;
}

/** All sensors of the machine: found, read by the reader thread, passed on to the ledger. */
export class SensorBank {
  readonly #options: SensorBankOptions;
  readonly #reader: Reader;
  readonly #meters: HttpMeters;
  readonly #places = new Map<string, SensorPlace>();
  readonly #domains = new Map<string, Domain>();
  readonly #failures = new Map<string, string>();
  readonly #reads = new Map<string, number>();
  #statuses: SensorStatus[] = [];
  #started: (() => void) | undefined;
  #gpus: GpuActivity | undefined;

  constructor(options: SensorBankOptions) {
    this.#options = options;
    const onReadings = (readings: Reading[]) => this.#receive(readings);
    this.#reader = new Reader({ entry: options.entry, onReadings });
    this.#meters = new HttpMeters(onReadings);
  }

  /** Finds sensors and begins to read them; settles when each has been read a few times. */
  async start(): Promise<void> {
    await loadNative();
    this.discover();
    this.#reader.start();
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, longestStartMs);
      this.#started = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#checkStarted();
    });
  }

  /** Looks again: devices come and go, and permission is granted or taken. */
  discover(): void {
    const discovery = this.#look();
    if (discovery === undefined) return;
    const { places, statuses } = discovery;
    this.#statuses = statuses;
    const found = new Map(places.map(place => [place.description.id, place]));
    for (const [id, { description }] of this.#places) {
      if (isSamePlace(found.get(id), this.#places.get(id))) continue;
      this.#places.delete(id);
      this.#reader.remove(id);
      this.#meters.remove(id);
      this.#options.sink.removeSensor(id, monotonicNs(), `${description.device} has gone`);
    }
    let hasChanged = false;
    for (const [id, place] of found) {
      if (this.#places.has(id)) continue;
      this.#places.set(id, place);
      this.#domains.set(id, place.description.domain);
      this.#options.sink.addSensor(place.description);
      if (place.source === 'http') this.#meters.add(place);
      else this.#reader.add(place);
      hasChanged ||= place.source === 'nvml';
    }
    if (hasChanged) this.#gpus = new GpuActivity([...this.#places.values()]);
  }

  /** What is there now; undefined where no file can be opened: no sensor has gone for that. */
  #look(): Discovery | undefined {
    try {
      return discoverSensors(this.#options.places);
    } catch (error) {
      const isFull = /^E[MN]FILE$/.test(systemCodeOf(error) ?? '');
      if (isFull && this.#places.size > 0) return undefined;
      throw error;
    }
  }

  /** GPU time by process, where the driver tells it. */
  get gpus(): GpuActivity | undefined {
    return this.#gpus;
  }

  /** Reads slowly, or fast while a kernel is hot. */
  setPace(pace: LivePace): void {
    this.#reader.setPace(pace);
    this.#meters.setPace(pace);
  }

  /** A window begins or ends about now. */
  edge(): void {
    this.#reader.edge();
    this.#meters.edge();
  }

  /** What a sensor's readings cover; sensors that have gone included. */
  domainOf(id: string): Domain {
    return this.#domains.get(id) ?? 'package';
  }

  /** What is read now, contained domains left out. */
  get domains(): Domain[] {
    const added = [...this.#places.values()].filter(({ description }) => !description.contained);
    return [...new Set(added.map(({ description }) => description.domain))];
  }

  /** Each source's state, with the reason where readings fail. */
  statuses(): SensorStatus[] {
    return this.#statuses.map(status => {
      const failure = this.#failures.get(status.id);
      return failure ? { ...status, state: 'failing', detail: failure } : status;
    });
  }

  /** Stops reading after a last batch. */
  stop(): Promise<void> {
    this.#meters.stop();
    return this.#reader.stop();
  }

  #receive(readings: Reading[]): void {
    if (this.#started) this.#count(readings);
    for (const reading of readings) {
      this.#options.sink.reading(reading);
      if ('gap' in reading) this.#failures.set(reading.sensorId, reading.gap);
      else if (this.#failures.size > 0) this.#failures.delete(reading.sensorId);
    }
    this.#options.arrived();
  }

  #count(readings: Reading[]): void {
    for (const { sensorId } of readings) {
      this.#reads.set(sensorId, (this.#reads.get(sensorId) ?? 0) + 1);
    }
    this.#checkStarted();
  }

  #checkStarted(): void {
    const local = [...this.#places.values()].filter(({ source }) => source !== 'http');
    const ids = local.map(({ description }) => description.id);
    if (ids.some(id => (this.#reads.get(id) ?? 0) < enoughReads)) return;
    this.#started?.();
    this.#started = undefined;
  }
}

/** A model that was calibrated has another address: its coefficients. */
function isSamePlace(a: SensorPlace | undefined, b: SensorPlace | undefined): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
