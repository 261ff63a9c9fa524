import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EdgeContext, estimateEdge, variancesBetween } from './edges.ts';
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
    shares: { inside: 0.35, outside: 0.1 },
    clockErrorNs: trial.eps * 1e9,
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
});
