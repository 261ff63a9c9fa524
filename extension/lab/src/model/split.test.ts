import type { DomainEnergy } from '../api/types';
import { measured } from '../fixtures';
import { splitEnergy } from './split';

const part = (domain: DomainEnergy['domain'], joules: number, contained = false): DomainEnergy => ({
  ...measured(joules, 0.1),
  domain,
  contained,
  sensor: domain
});

describe('splitEnergy', () => {
  it('leaves out what lies inside another domain', () => {
    const domains = [part('package', 10), part('core', 8, true), part('dram', 2)];
    expect(splitEnergy(domains, 12)).toEqual({ cpu: 10, memory: 2, gpu: 0, other: 0 });
  });
  it('calls the rest of a containing domain other', () => {
    const domains = [part('psys', 20), part('package', 10, true), part('dram', 2, true)];
    expect(splitEnergy(domains, 20)).toEqual({ cpu: 10, memory: 2, gpu: 0, other: 8 });
  });
  it('has nothing where nothing is known', () => {
    expect(splitEnergy([], null)).toEqual({ cpu: 0, memory: 0, gpu: 0, other: 0 });
  });
});
