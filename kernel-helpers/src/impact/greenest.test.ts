import type { Energy } from '../energy.ts';
import { mulberry32 } from './fixtures/numbers.ts';
import { greenestWindow, savings, type ForecastSpan } from './index.ts';

const start = Date.parse('2026-11-24T12:00:00Z');
const halfHour = 1_800_000;
const spansOf = (grams: number[]): ForecastSpan[] =>
  grams.map((grams_per_kwh, index) => ({
    from: new Date(start + index * halfHour).toISOString(),
    to: new Date(start + (index + 1) * halfHour).toISOString(),
    grams_per_kwh
  }));
const now = new Date(start + 60_000);
const day = 86_400;

describe('greenestWindow', () => {
  it('finds the valley and tells what running now would cost', () => {
    const window = greenestWindow(spansOf([200, 200, 100, 50, 50, 150]), {
      ...{ seconds: 3600, withinSeconds: day, now }
    });
    expect(window.start).toBe(new Date(start + 3 * halfHour).toISOString());
    expect(window).toMatchObject({ gramsPerKwh: 50, waitSeconds: 5340 });
    expect(window.nowGramsPerKwh).toBeGreaterThan(190);
  });

  it('begins between two spans when that is best', () => {
    const window = greenestWindow(spansOf([300, 100, 90, 300, 300]), {
      ...{ seconds: 2700, withinSeconds: day, now }
    });
    expect(Date.parse(window.start)).toBe(start + 3 * halfHour - 2_700_000);
  });

  it('runs now when nothing is better', () => {
    const window = greenestWindow(spansOf([100, 100, 100]), {
      ...{ seconds: 1200, withinSeconds: day, now }
    });
    expect(window).toMatchObject({ waitSeconds: 0, gramsPerKwh: 100 });
  });

  it('never finds less than trying every minute does', () => {
    const random = mulberry32(5);
    for (let trial = 0; trial < 40; trial++) {
      const spans = spansOf(Array.from({ length: 20 }, () => Math.round(random() * 500)));
      const seconds = 600 + Math.round(random() * 7200);
      const { gramsPerKwh } = greenestWindow(spans, { seconds, withinSeconds: day, now });
      for (let at = now.getTime(); at + seconds * 1000 <= start + 20 * halfHour; at += 60_000) {
        const tried = spans.reduce((sum, { from, to, grams_per_kwh }) => {
          const overlap =
            Math.min(at + seconds * 1000, Date.parse(to)) - Math.max(at, Date.parse(from));
          return overlap > 0 ? sum + (overlap * grams_per_kwh) / (seconds * 1000) : sum;
        }, 0);
        expect(gramsPerKwh).toBeLessThanOrEqual(tried + 1e-6);
      }
    }
  });

  it('claims nothing for jobs of minutes', () => {
    expect(() => greenestWindow(spansOf([100]), { seconds: 300, withinSeconds: day, now })).toThrow(
      expect.objectContaining({ code: 'impact/too-short' }) as Error
    );
  });

  it.each([
    ['an empty forecast', [], now],
    ['a clock before the forecast', spansOf([1, 2, 3]), new Date(start - 1000)],
    ['a clock after the forecast', spansOf([1, 2, 3]), new Date(start + 9 * halfHour)],
    ['a negative intensity', spansOf([100, -5, 100]), now],
    ['an absurd intensity', spansOf([100, 99_999, 100]), now],
    ['a gap', [...spansOf([1]), ...spansOf([1, 2, 3]).slice(2)], now],
    ['a span that ends before it begins', spansOf([1]).map(s => ({ ...s, to: s.from })), now]
  ])('refuses %s', (_, spans, at) => {
    const job = { seconds: 900, withinSeconds: day, now: at };
    expect(() => greenestWindow(spans, job)).toThrow(
      expect.objectContaining({ code: 'impact/forecast' }) as Error
    );
  });

  it('refuses a duration of zero', () => {
    expect(() => greenestWindow(spansOf([1]), { seconds: 0, withinSeconds: 1, now })).toThrow(
      expect.objectContaining({ code: 'impact/value' }) as Error
    );
  });
});

describe('savings', () => {
  const energy: Energy = { joules: 3.6e6, low: 1.8e6, high: 7.2e6, kind: 'measured' };
  const window = { start: '', waitSeconds: 60, gramsPerKwh: 50, nowGramsPerKwh: 150 };

  it('are the difference of the two windows, modelled, with what forecasts miss', () => {
    const saved = savings(energy, window);
    const missed = 0.165 * Math.hypot(150, 50);
    expect(saved).toMatchObject({ value: 100, kind: 'modelled', unit: 'g' });
    expect(saved?.low).toBeCloseTo(0.5 * (100 - missed), 9);
    expect(saved?.high).toBeCloseTo(2 * (100 + missed), 9);
  });

  it('may be none where the windows lie closer than forecasts are right', () => {
    const saved = savings(energy, { ...window, gramsPerKwh: 140 });
    expect([saved?.value, saved?.low]).toEqual([10, 0]);
  });

  it('are never negative, and none of a missing energy', () => {
    expect(savings(energy, { ...window, nowGramsPerKwh: 10 })?.value).toBe(0);
    const missing = { joules: null, low: null, high: null, kind: 'missing' } as const;
    expect(savings(missing, window)).toBeNull();
  });
});
