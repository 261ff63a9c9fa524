import type { Domain, DomainEnergy, Energy, EnergyKind, ExecutionGap } from './execution.ts';

/**
 * Sets of domains that do not contain each other, the most complete first. A wall meter or the
 * battery sees the whole machine; `psys` contains `package` and `dram`, but not a graphics card with
 * a supply of its own; `core` and `uncore` lie inside `package` and are never added.
 */
const domainSets: readonly (readonly Domain[])[] = [
  ['wall'],
  ['battery'],
  ['psys', 'gpu'],
  ['package', 'dram', 'gpu']
];

/**
 * The domains to add: the first set whose leading domain is there.
 * @param present Domains that have a value.
 */
export function addedDomains(present: Iterable<Domain>): readonly Domain[] {
  const all = new Set(present);
  return domainSets.find(([leader]) => leader && all.has(leader)) ?? ['package', 'dram', 'gpu'];
}

/**
 * The sum of domains that do not contain each other. Intervals add up linearly, as the errors of
 * two sensors at one edge go together; a single modelled part makes the sum modelled. Where a part
 * gave nothing at all the sum is missing, with the reason: it is never taken for 0.
 */
export function totalEnergy(
  domains: readonly DomainEnergy[],
  gaps: readonly ExecutionGap[]
): Energy {
  const added = addedDomains(domains.map(({ domain }) => domain));
  const parts = domains.filter(part => added.includes(part.domain) && !part.contained);
  const missing = parts.find(part => part.joules === null);
  const hole = gaps.find(gap => added.includes(gap.domain) && !hasDomain(parts, gap.domain));
  if (parts.length === 0 || missing || hole) {
    const reason = missing?.reason ?? hole?.reason ?? gaps[0]?.reason;
    return missingEnergy(reason ?? 'no sensor gave a reading');
  }
  const kind: EnergyKind = parts.some(part => part.kind === 'modelled') ? 'modelled' : 'measured';
  const sum = (field: 'joules' | 'low' | 'high') =>
    parts.reduce((total, part) => total + (part[field] ?? 0), 0);
  return {
    joules: sum('joules'),
    low: sum('low'),
    high: sum('high'),
    kind,
    ...(parts.every(part => part.below) ? { below: true as const } : {})
  };
}

/** An energy nobody knows, and why. */
export function missingEnergy(reason: string): Energy {
  return { joules: null, low: null, high: null, kind: 'missing', reason };
}

function hasDomain(parts: readonly DomainEnergy[], domain: Domain): boolean {
  return parts.some(part => part.domain === domain);
}
