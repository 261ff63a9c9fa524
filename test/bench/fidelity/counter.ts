import { Random } from './random.ts';

/** How a simulated counter updates. */
export interface CounterShape {
  /** Seconds between updates. */
  period: number;
  /** Joules per step. */
  unit: number;
  /** Each update comes up to this share of a period early or late. */
  jitter: number;
  /** Share of updates that are left out. */
  missed: number;
}

/** A RAPL-like counter of 1 ms. */
export const RAPL: CounterShape = { period: 1e-3, unit: 61.035e-6, jitter: 0.1, missed: 0.02 };

/** An NVML-like counter of 100 ms. */
export const NVML: CounterShape = { period: 0.1, unit: 1e-3, jitter: 0.03, missed: 0.01 };

/** What can be read at a moment: the energy at the last update, in whole units. Asked in time order. */
export class SimulatedCounter {
  readonly #shape: CounterShape;
  readonly #random: Random;
  readonly #energyAt: (seconds: number) => number;
  readonly #phase: number;
  #k: number;
  #next: number;
  #value: number;

  constructor(
    shape: CounterShape,
    random: Random,
    startsAt: number,
    energyAt: (seconds: number) => number
  ) {
    this.#shape = shape;
    this.#random = random;
    this.#energyAt = energyAt;
    this.#phase = random.between(0, shape.period);
    this.#k = Math.ceil((startsAt - this.#phase) / shape.period) + 1;
    this.#value = this.#units(startsAt);
    this.#next = this.#moment();
  }

  /** Joules in the register at a moment not before the last one asked. */
  read(seconds: number): number {
    while (this.#next <= seconds) {
      if (!this.#random.chance(this.#shape.missed)) this.#value = this.#units(this.#next);
      this.#k++;
      this.#next = this.#moment();
    }
    return this.#value;
  }

  #units(seconds: number): number {
    return Math.floor(this.#energyAt(seconds) / this.#shape.unit) * this.#shape.unit;
  }

  #moment(): number {
    const { period, jitter } = this.#shape;
    return this.#phase + period * (this.#k + jitter * this.#random.between(-1, 1));
  }
}
