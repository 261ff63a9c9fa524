import type { Energy } from '../energy.ts';
import { afterSolar } from './carbon.ts';
import type { Coefficient } from './coefficient.ts';
import type { CarbonNow, CarbonService, ImpactNow } from './now.ts';

/** What a live service told of the grid while a cell ran, kept with the cell. Own solar power is not taken off. */
export interface CarbonRecord extends Coefficient<'g/kWh'> {
  /** Grid zone. */
  readonly zone: string;
  /** Who told. */
  readonly service: CarbonService;
  /** Mean of all electricity, or what one more kWh causes. */
  readonly basis: 'average' | 'marginal';
  /** The last time that it describes, ISO 8601. */
  readonly at: string;
}

/** What decides how an execution's energy is weighed. */
export interface Weighed {
  readonly total: Energy;
  /** Absent or null where no service told. */
  readonly carbon?: CarbonRecord | null;
}

interface Part {
  joules: number;
  value: number;
  low: number;
  high: number;
  last: CarbonRecord;
}

/** What a cell too short to have an energy weighs. */
const leastJoules = 1e-12;

/**
 * The mean of what the grid emitted while executions ran, each weighed by its energy. One for every sum: its energy times this mean is the sum of
 * the executions' carbon.
 */
export class CarbonMean {
  readonly #parts = new Map<string, Part>();
  #joules = 0;

  /** Takes an execution into the mean. */
  add({ total, carbon }: Weighed): void {
    const joules = Math.max(total.joules ?? 0, leastJoules);
    this.#joules += joules;
    if (!carbon) return;
    const name = partName(carbon.service, carbon.zone);
    const part = this.#parts.get(name) ?? { joules: 0, value: 0, low: 0, high: 0, last: carbon };
    part.joules += joules;
    for (const end of ['value', 'low', 'high'] as const) part[end] += joules * carbon[end];
    if (carbon.at > part.last.at) part.last = carbon;
    this.#parts.set(name, part);
  }

  /**
   * The figures for what was added: those in force, with the carbon intensity of when it ran.
   * @param now The figures in force, from `GET /v1/impact`.
   * @returns What the service of the settings had told for the zone of the settings; the yearly average weighs executions without that, and the
   *   note says how much of the energy they have. Where no live service is set, or nothing was added, `now` as it is.
   */
  figures(now: ImpactNow): ImpactNow {
    const { zone, carbon_year: year, settings } = now;
    const { service, own_solar_share: solar } = settings;
    if (zone === null || year === null || service === 'offline' || this.#joules === 0) return now;
    const part = this.#parts.get(partName(service, zone));
    if (part === undefined) {
      const note = `nothing was recorded from ${service} while this ran: weighed by the yearly average`;
      return { ...now, carbon: { ...year, note } };
    }
    const known = Math.min(1, part.joules / this.#joules);
    const over = (end: 'value' | 'low' | 'high') => part[end] / part.joules;
    const told = afterSolar(
      { ...part.last, value: over('value'), low: over('low'), high: over('high') },
      solar
    );
    const mean = (end: 'value' | 'low' | 'high') => known * told[end] + (1 - known) * year[end];
    return { ...now, carbon: meanOf(told, mean, 1 - known, year) };
  }
}

function meanOf(
  told: CarbonRecord,
  mean: (end: 'value' | 'low' | 'high') => number,
  rest: number,
  year: CarbonNow
): CarbonNow {
  const { service, zone, basis } = told;
  const share = Math.max(1, Math.round(100 * rest));
  const note = `mean of what ${service} told while the cells ran`;
  return {
    ...told,
    ...{ id: `carbon/${zone}/${service}/recorded`, at: null, age_seconds: null },
    ...{ title: `${basis} carbon intensity while the cells ran, ${zone}` },
    ...{ value: mean('value'), low: mean('low'), high: mean('high') },
    source: rest > 0 ? `${told.source}; ${year.source}` : told.source,
    note: rest > 0 ? `${note}; the yearly average for ${share} % of the energy` : note
  };
}

/**
 * The figures that weigh some executions.
 * @param executions One or more, of any time.
 * @param now The figures in force, from `GET /v1/impact`.
 * @returns As `CarbonMean.figures`.
 */
export function figuresOf(executions: Iterable<Weighed>, now: ImpactNow): ImpactNow {
  // Asked at every drawing of a page: most people have no live service.
  if (now.settings.service === 'offline') return now;
  const mean = new CarbonMean();
  for (const execution of executions) mean.add(execution);
  return mean.figures(now);
}

function partName(service: CarbonService, zone: string): string {
  return `${service}/${zone}`;
}
