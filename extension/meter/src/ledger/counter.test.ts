import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Counter } from './counter.ts';
import type { Beat, Limits } from './steps.ts';

interface WrapCase {
  fault: string;
  modulus: number;
  pMax: number;
  pMin: number;
  period: number;
  unit: number;
  eps: number;
  t: number[];
  raw: number[];
  marker: boolean[];
  sibling: number[] | null;
  advance: (number | null)[];
}

const fixtures = join(__dirname, '../../../../test/reference/estimator/fixtures');
const cases = JSON.parse(readFileSync(join(fixtures, 'wraps.json'), 'utf8')) as WrapCase[];

/** The advance of each step as the counter publishes it, in joules; null where it has a gap. */
function advances(trace: WrapCase): (number | null)[] {
  const limits: Limits = {
    wrapMicrojoules: trace.modulus * 1e6,
    unitMicrojoules: trace.unit * 1e6,
    periodNs: trace.period * 1e9,
    maxWatts: trace.pMax,
    minWatts: trace.pMin,
    slackNs: trace.eps * 1e9,
    isOwn: false
  };
  const found = new Map<number, number>();
  let last = { run: 0, value: 0 };
  const point = ({ lo: index }: Beat, value: number, run: number) => {
    if (run === last.run) found.set(index - 1, (value - last.value) / 1e6);
    last = { run, value };
  };
  const counter = new Counter(limits, { point, gap: () => undefined });
  const sibling = new Counter(limits, { point: () => undefined, gap: () => undefined });
  if (trace.sibling) counter.siblings.push(sibling);
  trace.t.forEach((seconds, i) => {
    const ns = seconds * 1e9;
    const mark = i > 0 && trace.marker[i - 1] ? { mark: 'suspended' } : {};
    const beat = { beforeNs: ns, afterNs: ns, lo: i, hi: i, from: i, to: i, ...mark };
    if (trace.sibling) sibling.beat({ ...beat, raw: trace.sibling[i]! * 1e6 });
    counter.beat({ ...beat, raw: trace.raw[i]! * 1e6 });
  });
  return trace.advance.map((_, i) => found.get(i) ?? null);
}

describe('Counter', () => {
  it.each(cases.map((trace, i) => [`${trace.fault} ${i}`, trace] as const))(
    'believes the same steps as the reference: %s',
    (_, trace) => {
      const ours = advances(trace);
      expect(ours.map(step => step === null)).toEqual(trace.advance.map(step => step === null));
      ours.forEach((step, i) => expect(step ?? 0).toBeCloseTo(trace.advance[i] ?? 0, 6));
    }
  );
});
