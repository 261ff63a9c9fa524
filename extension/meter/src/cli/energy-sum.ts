import type { Energy } from '../execution.ts';

/**
 * Adds energies up, intervals included. Errors of measured values are independent, so their half
 * widths add in quadrature (JCGM 100:2008, 5.1.2); those of modelled values come from one model and
 * add as they are. The two kinds are then combined in quadrature.
 */
export class EnergySum {
  #joules = 0;
  #measuredDown = 0;
  #measuredUp = 0;
  #modelledDown = 0;
  #modelledUp = 0;
  #known = 0;
  #missing = 0;
  #modelled = false;

  /** How many of the energies added had no value. */
  get missing(): number {
    return this.#missing;
  }

  /** Adds an energy; one without a value is only counted. */
  add(energy: Energy): void {
    const joules = energy.joules ?? middleOf(energy);
    if (joules === null) {
      this.#missing++;
      return;
    }
    this.#known++;
    this.#joules += joules;
    const down = joules - (energy.low ?? joules);
    const up = (energy.high ?? joules) - joules;
    if (energy.kind === 'modelled') {
      this.#modelled = true;
      this.#modelledDown += down;
      this.#modelledUp += up;
    } else {
      this.#measuredDown += down ** 2;
      this.#measuredUp += up ** 2;
    }
  }

  /** The sum; `modelled` when any part is. */
  get total(): Energy {
    if (this.#known === 0) {
      return {
        joules: null,
        low: null,
        high: null,
        kind: 'missing',
        reason: 'nothing was measured'
      };
    }
    return {
      joules: this.#joules,
      low: this.#joules - Math.hypot(this.#modelledDown, Math.sqrt(this.#measuredDown)),
      high: this.#joules + Math.hypot(this.#modelledUp, Math.sqrt(this.#measuredUp)),
      kind: this.#modelled ? 'modelled' : 'measured'
    };
  }
}

/** What stands for a value too short to resolve: the middle of its interval. */
function middleOf({ low, high }: Energy): number | null {
  return high === null ? null : ((low ?? 0) + high) / 2;
}
