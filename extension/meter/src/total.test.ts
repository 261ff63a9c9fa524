import type { Domain, DomainEnergy } from './execution.ts';
import { addedDomains, totalEnergy } from './total.ts';

const part = (domain: Domain, joules: number | null, extra: Partial<DomainEnergy> = {}) =>
  ({
    domain,
    sensor: `s:${domain}`,
    contained: domain === 'core',
    joules,
    low: joules === null ? null : joules - 1,
    high: joules === null ? null : joules + 1,
    kind: joules === null ? 'missing' : 'measured',
    ...extra
  }) satisfies DomainEnergy;

describe('totalEnergy', () => {
  it('adds package, dram and gpu, intervals with them, and never core', () => {
    const parts = [part('package', 10), part('core', 8), part('dram', 2), part('gpu', 30)];
    expect(totalEnergy(parts, [])).toEqual({ joules: 42, low: 39, high: 45, kind: 'measured' });
  });

  it('takes what contains the others instead of them', () => {
    const inside = [part('package', 10), part('dram', 2), part('gpu', 30)];
    expect(totalEnergy([...inside, part('psys', 20)], []).joules).toBe(50);
    expect(totalEnergy([...inside, part('psys', 20), part('wall', 70)], []).joules).toBe(70);
    expect(addedDomains(['package', 'battery'])).toEqual(['battery']);
  });

  it('is modelled as soon as one part is', () => {
    const parts = [part('package', 10, { kind: 'modelled' }), part('gpu', 30)];
    expect(totalEnergy(parts, []).kind).toBe('modelled');
  });

  it('is missing, with the reason, when a part gave nothing: never less by it', () => {
    const gap = { domain: 'dram' as const, from_ns: 0, to_ns: 1, reason: 'EIO' };
    expect(totalEnergy([part('package', 10)], [gap])).toEqual({
      joules: null,
      low: null,
      high: null,
      kind: 'missing',
      reason: 'EIO'
    });
    expect(totalEnergy([], []).reason).toMatch(/no sensor/);
  });

  it('stays known when a gap covers only a part of the window', () => {
    const gap = { domain: 'package' as const, from_ns: 0, to_ns: 1, reason: 'EIO' };
    expect(totalEnergy([part('package', 10)], [gap]).joules).toBe(10);
  });

  it('is too short to resolve only when every part is', () => {
    const below = { below: true as const };
    const both = [part('package', 0, below), part('dram', 0, below)];
    expect(totalEnergy(both, []).below).toBe(true);
    expect(totalEnergy([part('package', 5), part('dram', 0, below)], []).below).toBeUndefined();
  });
});
