import { monotonicNs } from '../clock.ts';
import type { Sensor } from './sensor.ts';

/**
 * A counter made of power readings: their integral by trapezoids since the sensor was opened. What
 * happens between two readings is not seen, so such sensors carry relative factors.
 */
export class PowerIntegral implements Sensor {
  readonly #readMicrowatts: () => number;
  readonly #close: () => void;
  #last: { atNs: number; microwatts: number } | undefined;
  #microjoules = 0;

  constructor(readMicrowatts: () => number, close: () => void) {
    this.#readMicrowatts = readMicrowatts;
    this.#close = close;
  }

  /** Microjoules since it was opened. Throws what the power reading throws. */
  read(): number {
    const microwatts = this.#power();
    const atNs = monotonicNs();
    if (this.#last) {
      const mean = (microwatts + this.#last.microwatts) / 2;
      this.#microjoules += (mean * (atNs - this.#last.atNs)) / 1e9;
    }
    this.#last = { atNs, microwatts };
    return Math.round(this.#microjoules);
  }

  #power(): number {
    try {
      return this.#readMicrowatts();
    } catch (error) {
      // Nothing is known until the next reading; a trapezoid across would be a guess.
      this.#last = undefined;
      throw error;
    }
  }

  /** Closes what it reads from. */
  close(): void {
    this.#close();
  }
}

/** Truth over integral for power readings that are means of their own period: what is missed. */
export const sampledPower = { relativeLow: 0.9, relativeHigh: 1.1 };
