import { Ledger } from '../../../extension/meter/src/ledger/ledger.ts';

const ID = 'package-0';
const READ_EVERY_NS = 0.02 * 1e9;
const PERIOD_NS = 1e6;

/** A package whose counter ticks a thousand times a second, and the ledger that reads it 50 times. */
export class PackageCounter {
  readonly ledger = new Ledger({ policy: 'active', clockErrorNs: 2e4 });
  /** Now, in ns. */
  atNs: number;
  #readNs: number;
  #joules: number;

  constructor(atNs: number, joules: number) {
    this.atNs = atNs;
    this.#readNs = atNs;
    this.#joules = joules;
    this.ledger.addSensor({
      ...{ id: ID, domain: 'package', device: ID, kind: 'measured' },
      ...{ unitMicrojoules: 61, periodNs: PERIOD_NS, maxWatts: 1000, minWatts: 0, contained: false }
    });
  }

  /** Lets time go on at constant power, and reads meanwhile. */
  draw(watts: number, seconds: number): void {
    const untilNs = this.atNs + seconds * 1e9;
    for (; this.#readNs < untilNs; this.#readNs += READ_EVERY_NS) {
      const sinceNs = Math.floor(this.#readNs / PERIOD_NS) * PERIOD_NS - this.atNs;
      this.ledger.reading({
        sensorId: ID,
        beforeNs: this.#readNs,
        afterNs: this.#readNs + 5e3,
        microjoules: Math.floor(this.#joules * 1e6 + (watts * Math.max(0, sinceNs)) / 1e3)
      });
    }
    this.#joules += watts * seconds;
    this.atNs = untilNs;
  }
}
