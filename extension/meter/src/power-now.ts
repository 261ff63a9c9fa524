import type { Domain, PowerNow, Watts } from './execution.ts';
import type { DomainPower } from './ledger/ledger.ts';
import { addedDomains } from './total.ts';

/** The power of each domain, sensors of one domain added, and of the machine. */
export function powerNow(at: string, sensors: readonly DomainPower[]): PowerNow {
  const domains = [...new Set(sensors.map(({ domain }) => domain))];
  const added = addedDomains(domains);
  return {
    at,
    domains: domains.map(domain => ({ domain, ...sum(sensors.filter(ofDomain(domain))) })),
    total: sum(sensors.filter(({ domain, contained }) => added.includes(domain) && !contained))
  };
}

function ofDomain(domain: Domain) {
  return (sensor: DomainPower) => sensor.domain === domain;
}

function sum(parts: readonly DomainPower[]): Watts {
  if (parts.length === 0) return { watts: null, low: null, high: null, kind: 'missing' };
  const add = (field: 'watts' | 'low' | 'high') =>
    parts.reduce((total, part) => total + part[field], 0);
  const modelled = parts.some(({ kind }) => kind === 'modelled');
  return {
    watts: add('watts'),
    low: add('low'),
    high: add('high'),
    kind: modelled ? 'modelled' : 'measured'
  };
}
