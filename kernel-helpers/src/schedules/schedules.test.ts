import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import * as schedules from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { constant, cosine, exponential, join, linear, oneCycle, piecewise, polynomial, stepDecay } =
  schedules;
const { warmRestarts, warmup } = schedules;
const fixture = JSON.parse(
  readFileSync(joinPath(__dirname, '../fixtures/schedules.json'), 'utf8')
) as { steps: number[]; cases: Record<string, number[]> };

/** Our schedule for each case of test/reference/helpers/schedules.py. */
const ours: Record<string, schedules.Schedule> = {
  constant: constant(0.1),
  piecewise: piecewise(0.1, { 9: 0.5, 49: 0.2 }),
  exponential: exponential(0.1, { steps: 10, factor: 0.5 }),
  'exponential staircase': exponential(0.1, {
    steps: 10,
    factor: 0.5,
    begin: 5,
    staircase: true,
    end: 0.01
  }),
  polynomial: polynomial(0.1, { end: 0.01, power: 3, steps: 80, begin: 10 }),
  linear: linear(0.1, { end: 0.01, steps: 80 }),
  cosine: cosine(0.1, { steps: 80, end: 0.01 }),
  warmRestarts: warmRestarts(0.1, { steps: 10, stretch: 2 }),
  oneCycle: oneCycle(0.1, { steps: 100 }),
  warmup: warmup(cosine(0.1, { steps: 80, end: 0.01 }), { steps: 10 }),
  join: join([constant(0.1), linear(0.1, { steps: 50 })], [30]),
  'torch step': stepDecay(0.1, { every: 10, factor: 0.5 }),
  'torch steps': piecewise(0.1, { 10: 0.2, 50: 0.2 }),
  'torch exponential': exponential(0.1, { steps: 1, factor: 0.97 }),
  'torch polynomial': polynomial(0.1, { steps: 80, power: 2 }),
  'torch cosine restarts': warmRestarts(0.1, { steps: 10, stretch: 2, end: 0.01 }),
  'torch one-cycle': oneCycle(0.1, { steps: 151, convention: 'torch' }),
  'torch warm-up': warmup(linear(0.1, { steps: 80 }), { steps: 10, from: 0.01 }),
  'keras piecewise': piecewise(0.1, { 10: 0.5, 50: 0.2 }),
  'keras cosine warm-up': warmup(cosine(0.1, { steps: 80, end: 0.01 }), { steps: 10 }),
  'keras restarts': warmRestarts(0.1, { steps: 10, stretch: 2, shrink: 0.5 }),
  'keras polynomial': polynomial(0.1, { end: 0.01, steps: 80, power: 2 })
};

describe('each schedule has the values of its reference', () => {
  it('has a counterpart for every case of the fixture', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(fixture.cases).sort());
  });

  it.each(Object.keys(ours))('%s', name => {
    const worst = fixture.steps.map((step, i) =>
      Math.abs(ours[name]!(step) - fixture.cases[name]![i]!)
    );
    expect(Math.max(...worst)).toBeLessThan(1e-8);
  });
});

describe('a schedule', () => {
  it('drops in stairs', () => {
    expect([0, 9, 10, 20].map(stepDecay(1, { every: 10 }))).toEqual([1, 1, 0.1, 0.1 ** 2]);
  });

  it('shrinks and stretches its restarts', () => {
    const schedule = warmRestarts(1, { steps: 4, stretch: 1.5, shrink: 0.5 });
    expect([0, 4, 10].map(schedule)).toEqual([1, 0.5, 0.25]);
  });

  it.each([
    ['a length of 0', () => cosine(1, { steps: 0 })],
    ['half a step', () => stepDecay(1, { every: 0.5 })],
    ['a missing boundary', () => join([constant(1), constant(2)], [])],
    ['boundaries that fall', () => join([constant(1), constant(2), constant(3)], [5, 4])],
    ['a start that is NaN', () => cosine(NaN, { steps: 1 })],
    ['an end that is infinite', () => linear(1, { steps: 1, end: Infinity })],
    ['a power that is NaN', () => polynomial(1, { steps: 1, power: NaN })],
    ['a factor that is NaN', () => stepDecay(1, { every: 1, factor: NaN })],
    ['a factor that is no number', () => piecewise(1, { 3: 'half' as never })],
    ['a factor below 0', () => exponential(1, { steps: 1, factor: -1 })],
    ['a divisor of 0', () => oneCycle(1, { steps: 9, startDivisor: 0 })],
    ['a shrinking that is NaN', () => warmRestarts(1, { steps: 9, shrink: NaN })]
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(coded('input/value'));
  });
});
