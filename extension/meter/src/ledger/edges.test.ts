import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EdgeContext, estimateEdge, variancesBetween } from './edges.ts';
import { NO_INSETS } from './insets.ts';
import { Points } from './points.ts';
import { regionsOf } from './regions.ts';

interface WindowCase {
  period: number;
  unit: number;
  eps: number;
  t0: number;
  t1: number;
  lo: number[];
  hi: number[];
  value: number[];
  u: number[];
  half: number[];
  est: number;
  sd: number;
  low: number;
  high: number | null;
}

const fixtures = join(__dirname, '../../../../test/reference/estimator/fixtures');
const cases = JSON.parse(readFileSync(join(fixtures, 'windows.json'), 'utf8')) as WindowCase[];

function contextOf(trial: WindowCase): EdgeContext {
  const points = new Points();
  trial.value.forEach((joules, i) => {
    const [lo, hi] = [trial.lo[i]! * 1e9, trial.hi[i]! * 1e9];
    points.push({
      lo,
      hi,
      from: lo,
      to: hi,
      value: joules * 1e6,
      run: 1,
      doubtLow: 0,
      doubtHigh: 0
    });
  });
  return {
    points,
    regions: regionsOf([{ startNs: trial.t0 * 1e9, endNs: trial.t1 * 1e9 }]),
    shares: { inside: 0.35, outside: 0.1, between: 0.5, fall: 0 },
    clockErrorNs: trial.eps * 1e9,
    insets: NO_INSETS,
    periodNs: trial.period * 1e9,
    unitMicrojoules: trial.unit * 1e6,
    // The prototype takes the next slice as it is.
    stretch: 0
  };
}

const relative = (ours: number, theirs: number) =>
  Math.abs(ours - theirs) / Math.max(1e-6, Math.abs(theirs));

describe('estimateEdge', () => {
  it.each(cases.map((trial, i) => [i, trial] as const))(
    'gives the reference a window of %i within 1e-9',
    (_, trial) => {
      const context = contextOf(trial);
      const start = estimateEdge(trial.t0 * 1e9, context)!;
      const end = estimateEdge(trial.t1 * 1e9, context)!;
      expect(relative((end.value - start.value) / 1e6, trial.est)).toBeLessThan(1e-9);
      const { clock, counter } = variancesBetween(start, end, context);
      const sd = Math.sqrt(clock + counter) / 1e6;
      expect(relative(sd, trial.sd)).toBeLessThan(1e-9);
      expect(Math.max(0, end.low - start.high) / 1e6).toBeCloseTo(trial.low, 6);
      if (trial.high !== null) expect((end.high - start.low) / 1e6).toBeCloseTo(trial.high, 6);
    }
  );

  /** Ten watts from 0 to 20 ms, read every millisecond but dated wrongly where it says so. */
  function steady(dated: Record<number, { from: number; to: number }>): Points {
    const points = new Points();
    for (let ms = 0; ms <= 20; ms++) {
      const sharp = { from: ms - 0.01, to: ms + 0.01 };
      const { from, to } = dated[ms] ?? sharp;
      const moment = { lo: from * 1e6, hi: to * 1e6, from: from * 1e6, to: to * 1e6 };
      const tornNs = ms in dated ? (to - from) * 1e6 : 0;
      points.push({ ...moment, tornNs, value: ms * 1e4, run: 1, doubtLow: 0, doubtHigh: 0 });
    }
    return points;
  }

  const context = (points: Points, windows: [number, number][]): EdgeContext => ({
    points,
    regions: regionsOf(windows.map(([from, to]) => ({ startNs: from * 1e6, endNs: to * 1e6 }))),
    shares: { inside: 0.35, outside: 0.01, between: 0.5, fall: 0 },
    clockErrorNs: 0,
    insets: NO_INSETS,
    periodNs: 1e6,
    unitMicrojoules: 1,
    stretch: 6
  });

  it('passes over an update whose read was interrupted for one that is dated well', () => {
    const torn = steady({ 9: { from: 8.1, to: 9 } });
    const estimate = estimateEdge(9.5e6, context(torn, [[9.5, 15.5]]))!;
    expect(estimate.slice.fromNs).toBe(8e6);
    expect(Math.abs(estimate.value - 9.5e4)).toBeLessThan(1e3);
    const exact = estimateEdge(9.5e6, context(steady({}), [[9.5, 15.5]]))!;
    expect(exact.slice.fromNs).toBe(9e6);
  });

  it('doubts a power that was taken between updates whose moments are not known', () => {
    const windows: [number, number][] = [[4.5, 9.5]];
    const sharp = estimateEdge(9.5e6, context(steady({}), windows))!;
    const blurred = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [11 + i, { from: 10.2 + i, to: 11 + i }])
    );
    const vague = estimateEdge(9.5e6, context(steady(blurred), windows))!;
    expect(vague.mixVariance).toBeGreaterThan(2 * sharp.mixVariance);
  });

  it('takes the power outside for that at the edge, where a window draws its own well inside', () => {
    const points = new Points();
    // Ten watts, and twenty from 9.7 ms on.
    for (let ms = 0; ms <= 20; ms++) {
      const [lo, hi] = [(ms - 0.01) * 1e6, (ms + 0.01) * 1e6];
      const value = (ms + Math.max(0, ms - 9.7)) * 1e4;
      points.push({ lo, hi, from: lo, to: hi, value, run: 1, doubtLow: 0, doubtHigh: 0 });
    }
    const known = context(points, [[9.6, 15.5]]);
    const shares = { ...known.shares, outside: known.shares.inside };
    const unknown = { ...known, shares, clockErrorNs: 2e4 };
    const slope = (least: number) => {
      const insets = { ...NO_INSETS, start: { seconds: least, least } };
      return estimateEdge(9.6e6, { ...unknown, insets })!.slope / 1e6;
    };
    expect(slope(0)).toBeGreaterThan(12);
    expect(slope(1e-4)).toBeCloseTo(10, 1);
    expect(slope(2e-5)).toBeGreaterThan(slope(4e-5));
  });

  it('knows where power changes once it was learned, and shows the same to calibration', () => {
    const points = new Points();
    // Ten watts, and twenty from 10.3 ms on: .7 ms after the window begins.
    for (let ms = 0; ms <= 20; ms += 2) {
      const [lo, hi] = [(ms - 0.01) * 1e6, (ms + 0.01) * 1e6];
      const value = (ms + Math.max(0, ms - 10.3)) * 1e4;
      points.push({ lo, hi, from: lo, to: hi, value, run: 1, doubtLow: 0, doubtHigh: 0 });
    }
    const known = context(points, [[9.6, 17.5]]);
    known.shares = { ...known.shares, outside: known.shares.inside };
    const plain = estimateEdge(9.6e6, known)!;
    const start = { seconds: 4e-4, least: 4e-4 };
    const learned = estimateEdge(9.6e6, { ...known, insets: { ...NO_INSETS, start } })!;
    expect(Math.abs(learned.value - 9.6e4)).toBeLessThan(1);
    expect(Math.abs(plain.value - 9.6e4)).toBeGreaterThan(2e3);
    expect(learned.closure!.error).toBeCloseTo(plain.closure!.error, 6);
  });

  it('lets the powers between two windows fall to that of the pause as far as it was learned', () => {
    const points = new Points();
    // Twenty watts from 4 to 9 ms and from 10 to 15 ms, ten watts else.
    const joules = (ms: number) =>
      ms + Math.max(0, Math.min(ms, 9) - 4) + Math.max(0, Math.min(ms, 15) - 10);
    for (let ms = 0; ms <= 20; ms++) {
      const [lo, hi] = [(ms - 0.01) * 1e6, (ms + 0.01) * 1e6];
      const value = joules(ms) * 1e4;
      points.push({ lo, hi, from: lo, to: hi, value, run: 1, doubtLow: 0, doubtHigh: 0 });
    }
    const windows: [number, number][] = [
      [4, 9.3],
      [9.6, 15]
    ];
    const closure = estimateEdge(9.3e6, context(points, windows))!.closure!;
    expect(closure.between).toBeGreaterThan(0);
    const learned = context(points, windows);
    learned.shares = { ...learned.shares, fall: 0.4 };
    const lower = estimateEdge(9.3e6, learned)!;
    expect(lower.powerBefore / 1e6).toBeCloseTo(16, 1);
    // What calibration learns from does not depend on what it has learned.
    expect(lower.closure!.error).toBeCloseTo(closure.error, 3);
  });
});
