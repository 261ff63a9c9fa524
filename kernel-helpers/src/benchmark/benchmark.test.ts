import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Energy } from '../energy.ts';
import {
  batchFigure,
  benchmark,
  benchmarkBatches,
  breakEven,
  compare,
  paretoFront,
  type BenchmarkClock
} from './index.ts';
import { Latencies } from './latencies.ts';

/** A clock that only the benchmarked function and waiting move. */
class ScriptedClock implements BenchmarkClock {
  seconds = 0;
  now(): number {
    return this.seconds;
  }
  until(seconds: number): Promise<void> {
    this.seconds = Math.max(this.seconds, seconds);
    return Promise.resolve();
  }
}

const joules = (value: number, half = 0, kind: 'measured' | 'modelled' = 'measured'): Energy => ({
  ...{ joules: value, low: value - half, high: value + half },
  kind
});
const missing: Energy = {
  joules: null,
  low: null,
  high: null,
  kind: 'missing',
  reason: 'no meter'
};

describe('benchmark', () => {
  it('tells throughput and latency, without the warm-up', async () => {
    const clock = new ScriptedClock();
    let calls = 0;
    const fn = () => (clock.seconds += calls++ < 5 ? 1 : 0.01);
    const result = await benchmark(fn, { clock, warmup: 4.5, calls: 1000, seconds: 100 });
    expect(result.calls).toBe(1000);
    expect(result.throughput.value).toBeCloseTo(100, 6);
    expect(result.latency.p50.value).toBeCloseTo(0.01, 4);
    expect(result.latency.max).toBeLessThan(0.011);
  });

  it('counts calls that would have waited behind a stall', async () => {
    const clock = new ScriptedClock();
    let calls = 0;
    const fn = () => (clock.seconds += ++calls === 600 ? 1 : 0.001);
    const options = { clock, warmup: 0.1, calls: 1000, seconds: 100 };
    const { latency, serviceTime } = await benchmark(fn, options);
    // One call of 1000 is below the 99th percentile, but half of a second's users felt the stall.
    expect(latency.p50.value).toBeLessThan(0.01);
    expect(latency.p95.value).toBeGreaterThan(0.5);
    expect(serviceTime.p99.value).toBeLessThan(0.002);
  });

  it('counts latency from when a call was due', async () => {
    const clock = new ScriptedClock();
    const fn = () => (clock.seconds += 0.02);
    const options = { clock, warmup: 0, calls: 101, seconds: 1000, rate: 100 };
    const { latency, throughput } = await benchmark(fn, options);
    // Each call takes twice the time between two: the queue grows by 10 ms a call.
    expect(latency.max).toBeCloseTo(0.02 + 100 * 0.01, 2);
    expect(throughput.value).toBeCloseTo(50, 0);
  });

  it('gives missing energies without a meter, and the results all the same', async () => {
    const clock = new ScriptedClock();
    const result = await benchmark(() => (clock.seconds += 0.1), { clock, calls: 20, samples: 4 });
    expect(result).toMatchObject({
      ...{ calls: 20, samples: 4, energy: { kind: 'missing' } },
      joulesPerSample: { kind: 'missing', joules: null }
    });
  });

  it('awaits promises and releases tensors', async () => {
    const clock = new ScriptedClock();
    let [made, released] = [0, 0];
    const fn = () => {
      made++;
      clock.seconds += 0.1;
      return Promise.resolve([{ dispose: () => released++ }]);
    };
    await benchmark(fn, { clock, calls: 10 });
    expect(released).toBe(made);
  });

  it.each([
    ['no function', undefined, {}],
    ['no time', () => 0, { seconds: 0 }],
    ['one call', () => 0, { calls: 1 }],
    ['half a sample', () => 0, { samples: 0.5 }],
    ['a negative rate', () => 0, { rate: -1 }]
  ])('refuses %s', async (_, fn, options) => {
    await expect(benchmark(fn as () => unknown, options)).rejects.toMatchObject({
      code: 'input/value'
    });
  });

  it('passes on the error of the function', async () => {
    const fn = () => {
      throw new Error('mine');
    };
    await expect(benchmark(fn, { clock: new ScriptedClock() })).rejects.toThrow('mine');
  });
});

describe('latencies', () => {
  it('give percentiles to three digits, with intervals that hold them', () => {
    const latencies = new Latencies();
    for (let n = 1; n <= 10_000; n++) latencies.record(n / 10_000);
    const { p50, p95, p99, max, mean } = latencies.percentiles();
    expect([p50.value, p95.value, p99.value, max, mean]).toEqual(
      [0.5, 0.95, 0.99, 1, 0.5].map(value => expect.closeTo(value, 2) as number)
    );
    for (const { low, value, high } of [p50, p95, p99]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });
});

interface LatencyCase {
  latencies_ns: number[];
  expected_interval_ns: number;
  count: number;
  p50_ns: number;
  p95_ns: number;
  p99_ns: number;
  max_ns: number;
}

// Written by test/reference/benchmark/make_fixtures.py.
const cases = JSON.parse(
  readFileSync(join(__dirname, 'fixtures/latencies.json'), 'utf8')
) as LatencyCase[];

describe('HdrHistogram for Python', () => {
  it.each(cases)('corrects the same latencies to the same percentiles', expected => {
    const latencies = new Latencies();
    const interval = expected.expected_interval_ns / 1e9;
    for (const ns of expected.latencies_ns) latencies.record(ns / 1e9, interval);
    const { p50, p95, p99, max } = latencies.percentiles();
    expect(latencies.count).toBe(expected.count);
    expect(Math.round(max * 1e9)).toBe(expected.max_ns);
    // The libraries round a rank that lies halfway to different neighbours.
    const ratios = [
      p50.value / expected.p50_ns,
      p95.value / expected.p95_ns,
      p99.value / expected.p99_ns
    ].map(ratio => ratio * 1e9);
    expect(ratios.every(ratio => Math.abs(ratio - 1) < 0.005)).toBe(true);
  });
});

describe('batches', () => {
  it('are benchmarked one after the other and drawn with their front', async () => {
    const clock = new ScriptedClock();
    const make = (batch: number) => () => (clock.seconds += 0.01 + batch * 0.001);
    const results = await benchmarkBatches(make, [1, 8, 64], { clock, calls: 30 });
    expect(results.map(({ batch, samples }) => [batch, samples])).toEqual([
      ...[
        [1, 1],
        [8, 8],
        [64, 64]
      ]
    ]);
    const measured = results.map((each, index) => ({
      ...each,
      joulesPerSample: joules([3, 1, 2][index] ?? 0, 0.1)
    }));
    const [front, points] = batchFigure(measured).data as { y: number[]; text?: string[] }[];
    expect(front?.y).toEqual([3, 1]);
    expect(points?.text).toEqual(['1', '8', '64']);
    await expect(benchmarkBatches(make, [])).rejects.toMatchObject({ code: 'input/empty' });
  });

  it('have a front that nothing beats', () => {
    const points: [number, number][] = [
      ...([
        [1, 5],
        [2, 4],
        [2, 6],
        [3, 4],
        [4, 1]
      ] as [number, number][]),
      [NaN, 0]
    ];
    expect(paretoFront(points, point => point)).toEqual([
      ...[
        [1, 5],
        [2, 4],
        [4, 1]
      ]
    ]);
  });
});

describe('compare', () => {
  it('decides when the difference exceeds its uncertainty', () => {
    expect(compare(joules(10, 1), joules(20, 1))).toMatchObject({ verdict: 'less' });
    expect(compare(joules(20, 1), joules(10, 1)).ratio.value).toBe(2);
    expect(compare(joules(20, 1), joules(10, 1)).text).toMatch(/^more energy.*2 times as much/);
    expect(compare(joules(10, 5), joules(12, 5)).verdict).toBe('undecided');
  });

  it('is more careful with modelled energies', () => {
    // 10 ± 3 against 15 ± 3: in quadrature 5 > 4.2, end to end 5 < 6.
    expect(compare(joules(10, 3), joules(15, 3)).verdict).toBe('less');
    expect(compare(joules(10, 3, 'modelled'), joules(15, 3)).verdict).toBe('undecided');
  });

  it('says that modelled energies may differ by less than it can tell', () => {
    const shared = /no difference beyond.*an error that they share counts twice$/;
    expect(compare(joules(10, 3, 'modelled'), joules(15, 3, 'modelled')).text).toMatch(shared);
    expect(compare(joules(10, 3, 'modelled'), joules(15, 3)).text).not.toMatch(shared);
  });

  it('turns around with its arguments', () => {
    const [a, b] = [joules(10, 2), joules(17, 3)];
    expect(compare(a, b).difference.value).toBe(-compare(b, a).difference.value);
    expect(compare(a, b).difference.low).toBeCloseTo(-compare(b, a).difference.high, 12);
  });

  it('refuses what is missing', () => {
    expect(() => compare(missing, joules(1))).toThrow(
      expect.objectContaining({ code: 'energy/missing' }) as Error
    );
  });
});

describe('breakEven', () => {
  it('counts the uses after which the one-time cost is earned back', () => {
    const distilled = breakEven(
      { perUse: joules(2, 0.1) },
      { once: joules(1000, 50), perUse: joules(0.5, 0.1) }
    );
    expect(distilled.uses).toBe(Math.ceil(1000 / 1.5));
    expect(distilled.low).toBe(Math.ceil(950 / 1.7));
    expect(distilled.high).toBe(Math.ceil(1050 / 1.3));
    expect(distilled.text).toBe('pays from 667 uses on (559 to 808)');
  });

  it('may never pay', () => {
    const cost = { once: joules(10), perUse: joules(2, 0.5) };
    expect(breakEven({ perUse: joules(2.2, 0.5) }, cost)).toMatchObject({ high: null });
    expect(breakEven({ perUse: joules(1) }, cost)).toMatchObject({ uses: null, low: Infinity });
  });

  it('pays at once when nothing was spent', () => {
    expect(breakEven({ perUse: joules(2) }, { perUse: joules(1) })).toMatchObject({
      ...{ uses: 0, low: 0, high: 0 }
    });
    expect(() => breakEven({ perUse: missing }, { perUse: joules(1) })).toThrow(/"from"/);
  });
});
