import type { CpuUse } from './activities.ts';
import { attributionFor, type Load } from './attribution.ts';

const none = new Set<string>();

function use(parts: Partial<CpuUse>): CpuUse {
  return {
    kernels: new Map(),
    other: 0,
    resident: new Map(),
    gpu: new Map(),
    isKnown: true,
    isLate: false,
    isPartlyLate: false,
    ...parts
  };
}

function load(joules: number, parts: Partial<CpuUse>, holders: string[]): Load {
  return { microjoules: joules * 1e6, seconds: 1, use: use(parts), holders };
}

describe('attributionFor', () => {
  it('learns idle power and watts per CPU second of a package', () => {
    const attribution = attributionFor({ domain: 'package', device: 'package-0' });
    for (let i = 0; i < 100; i++) {
      const [kernel, other] = [i % 4 === 0 ? 1 : 0, (i % 3) / 2];
      const parts = { kernels: new Map([['k', kernel]]), other };
      attribution.learn(load(10 + 6 * kernel + 3 * other, parts, []), 4, none);
    }
    const parts = { kernels: new Map([['k', 1]]), other: 1 };
    const { shares, deviations } = attribution.split(load(19, parts, ['k']));
    expect(shares.kernels.get('k')! / 1e6).toBeCloseTo(6, 0);
    expect(shares.idle / 1e6).toBeCloseTo(10, 0);
    expect(deviations.get('k')! / 1e6).toBeGreaterThan(0.1);
  });

  it('keeps the idle power that a model knows, on a machine that was never idle', () => {
    const attribution = attributionFor({ domain: 'package', device: 'model', idleWatts: 2 });
    const busy = (kernel: number) =>
      load(2 + 3 * (kernel + 1), { kernels: new Map([['k', kernel]]), other: 1 }, ['k']);
    for (let i = 0; i < 100; i++) attribution.learn(busy(0.5), 4, none);
    const { shares } = attribution.split(busy(0.5));
    expect(shares.idle / 1e6).toBeCloseTo(2, 1);
    expect(shares.kernels.get('k')! / 1e6).toBeCloseTo(1.5, 1);
  });

  it('owns that it cannot know the idle power of a machine that was always busy', () => {
    const attribution = attributionFor({ domain: 'package', device: 'package-0' });
    const saturated = (kernel: number) =>
      load(20 + 140 * 2, { kernels: new Map([['k', kernel]]), other: 2 - kernel }, ['k']);
    for (let i = 0; i < 20; i++) attribution.learn(saturated(0.01), 2, none);
    for (let i = 0; i < 3; i++) attribution.learn(saturated(0.7), 2, new Set(i ? [] : ['k']));
    const { shares, deviations } = attribution.split(saturated(0.7));
    const error = Math.abs(shares.kernels.get('k')! / 1e6 - 0.7 * 140);
    expect(error).toBeLessThan(1.96 * (deviations.get('k')! / 1e6));
    expect(error).toBeLessThan(0.5 * 0.7 * 140);
  });

  it('splits what memory uses above idle by resident share', () => {
    const attribution = attributionFor({ domain: 'dram', device: 'package-0 dram' });
    attribution.learn(load(2, {}, []), 4, none);
    const { shares } = attribution.split(load(6, { resident: new Map([['k', 0.25]]) }, ['k']));
    expect(shares.kernels.get('k')).toBeCloseTo(1e6, -2);
    expect(shares.other).toBeCloseTo(3e6, -2);
  });

  it('gives a lone window what the GPU uses above idle, and several their GPU time', () => {
    const attribution = attributionFor({ domain: 'gpu', device: 'gpu-0' });
    attribution.learn(load(50, {}, []), 4, none);
    expect(attribution.split(load(250, {}, ['k'])).shares.kernels.get('k')).toBeCloseTo(2e8, -2);
    const gpu = new Map([
      [
        'gpu-0',
        new Map([
          ['k', 0.6],
          ['j', 0.2]
        ])
      ]
    ]);
    const { shares } = attribution.split(load(250, { gpu }, ['k', 'j']));
    expect(shares.kernels.get('k')).toBeCloseTo(1.5e8, -2);
  });

  it('does not learn from CPU time that came late, and shares the window by it', () => {
    const attribution = attributionFor({ domain: 'package', device: 'package-0' });
    for (let i = 0; i < 50; i++) {
      const parts = { kernels: new Map([['k', i % 2]]), other: 0.1 };
      attribution.learn(load(10 + 5 * (i % 2), parts, []), 4, none);
    }
    const late = { kernels: new Map([['k', 3]]), other: 1, isLate: true };
    attribution.learn(load(30, late, []), 4, none);
    const { shares } = attribution.split(load(30, late, ['k']));
    expect(shares.kernels.get('k')! / 1e6).toBeCloseTo(15, 0);
  });
});
