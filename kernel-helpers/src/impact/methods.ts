import { formatEnergy, type Energy } from '../energy.ts';
import { footprint } from './footprint.ts';
import { formatAmount } from './format.ts';
import type { ImpactNow } from './now.ts';

/** What a methods paragraph tells of. */
export interface MethodsInput {
  /** Version of joulebook. */
  readonly version: string;
  /** The sum, in joules with its interval. */
  readonly energy: Energy;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** How many cells ran. */
  readonly executions: number;
  /** What was read, such as `package (powercap:intel-rapl:0, measured)`. */
  readonly sensors: readonly string[];
  /** How energy was split, such as `active`. */
  readonly policies: readonly string[];
}

const policyTexts: Record<string, string> = {
  active:
    'a cell gets its share, by CPU time, of the energy above idle; idle energy is not counted',
  'share-idle': 'a cell gets its share, by CPU time, of all energy, idle energy included',
  exclusive: 'a cell gets all energy of the machine while it runs'
};

/**
 * A paragraph for a paper's methods section: sensors, policy, intervals, sources.
 * @param input The sum and what it was measured with.
 * @param now The figures in force, from `GET /v1/impact`.
 * @returns Plain text of a few sentences, without line breaks.
 */
export function methodsParagraph(input: MethodsInput, now: ImpactNow): string {
  const { version, energy, seconds, executions, sensors, policies } = input;
  const { carbon, hardware } = footprint(energy, now, seconds);
  const rules = policies.map(policy => `${policy} (${policyTexts[policy] ?? 'as documented'})`);
  const sentences = [
    `Energy was metered with joulebook ${version} over ${executions} cell executions (${duration(seconds)}), ` +
      `from ${sensors.length > 0 ? sensors.join(', ') : 'no sensor'}.`,
    `Energy was attributed by the policy ${rules.join(' and ') || 'active'}.`,
    `The total is ${formatEnergy(energy)}; intervals are 95 % intervals and contain the counters' time resolution and the attribution.`
  ];
  if (now.carbon !== null && carbon !== null) {
    const { source, year, licence, value, basis } = now.carbon;
    const facility = now.pue.value === 1 ? 'no PUE' : `a PUE of ${now.pue.value}`;
    sentences.push(
      `With ${facility} and ${basis === 'marginal' ? 'a marginal' : 'an average'} carbon intensity of ${rounded(value)} g/kWh ` +
        `for ${now.zone_name} (${source}, ${year}, ${licence}) this corresponds to ${formatAmount(carbon.location)} CO2e, location-based.`
    );
    if (carbon.hasContract) {
      sentences.push(
        `By the supplier's contract it is ${formatAmount(carbon.market)} CO2e, market-based.`
      );
    }
  } else {
    sentences.push('No carbon is given, since no grid zone was chosen.');
  }
  if (hardware !== null) {
    sentences.push(
      `The share of the machine's making by time is ${formatAmount(hardware)} CO2e; it is attributed and not part of the figures above.`
    );
  }
  return sentences.join(' ');
}

function duration(seconds: number): string {
  if (seconds < 120) return `${rounded(seconds)} s`;
  if (seconds < 7200) return `${rounded(seconds / 60)} min`;
  return `${rounded(seconds / 3600)} h`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
