import type { MeterCost } from './execution.ts';
import type { Activity, DomainPower } from './ledger/ledger.ts';
import { powerNow } from './power-now.ts';

/** What the meter itself costs: its CPU time, and that share of the machine's energy. */
export class MeterBill {
  #last: Activity | undefined;
  #joules = 0;
  #known = false;

  /**
   * Takes in who used the machine since the last sample, and its power meanwhile. The meter's part
   * is its share of the machine's CPU capacity, so idle CPUs are nobody's.
   */
  add(activity: Activity, power: readonly DomainPower[]): void {
    const last = this.#last;
    this.#last = activity;
    const { watts } = powerNow('', power).total;
    if (!last || watts === null) return;
    this.#known = true;
    const seconds = (activity.meterCpuNs - last.meterCpuNs) / 1e9;
    this.#joules += (watts * seconds) / activity.cpus;
  }

  /** The bill so far; joules are null while no sensor tells the machine's power. */
  cost(): MeterCost {
    const { user, system } = process.cpuUsage();
    return {
      cpu_seconds: (user + system) / 1e6,
      rss_bytes: process.memoryUsage.rss(),
      joules: this.#known ? this.#joules : null
    };
  }
}
