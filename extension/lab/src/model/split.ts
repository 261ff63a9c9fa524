import type { Domain, DomainEnergy, Power } from '../api/types';

/** The parts in which people think of a machine. */
export type Part = 'cpu' | 'memory' | 'gpu' | 'other';

/** All parts in the order in which they are drawn. */
export const PARTS: readonly Part[] = ['cpu', 'memory', 'gpu', 'other'];

/** An amount per part: joules or watts. */
export type Split = Record<Part, number>;

const PART_OF: Partial<Record<Domain, Part>> = { package: 'cpu', dram: 'memory', gpu: 'gpu' };

/**
 * Splits energies by part. What a containing domain (psys, battery, wall) saw beyond the parts is
 * `other`; domains inside another one are left out, so the parts add up to the total.
 */
export function splitEnergy(domains: readonly DomainEnergy[], total: number | null): Split {
  const named = domains
    .filter(d => d.joules !== null)
    .map(d => ({ domain: d.domain, amount: d.joules ?? 0 }));
  return split(named, total);
}

/** Splits power by part, by the same rule as `splitEnergy`. */
export function splitPower(power: Power): Split {
  const named = power.domains.map(d => ({ domain: d.domain, amount: d.watts ?? 0 }));
  return split(named, power.total.watts);
}

function split(named: { domain: Domain; amount: number }[], total: number | null): Split {
  const parts: Split = { cpu: 0, memory: 0, gpu: 0, other: 0 };
  for (const { domain, amount } of named) {
    const part = PART_OF[domain];
    if (part) parts[part] += Math.max(0, amount);
  }
  const rest = (total ?? 0) - parts.cpu - parts.memory - parts.gpu;
  parts.other = rest > 1e-6 ? rest : 0;
  return parts;
}
