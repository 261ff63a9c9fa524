import { insetsOf, NO_INSETS, type OnsetError } from './insets.ts';

/** Edges whose power changes `inset` seconds inside them, known to `blur` seconds. */
function closures(side: 'start' | 'end', inset: number, blur = 5e-5): OnsetError[] {
  return Array.from({ length: 100 }, (_, i) => {
    const step = 1e8 * (1 + ((i * 37) % 100) / 100);
    const seconds = (5e-3 * ((i * 61) % 100)) / 100;
    const lag = Math.min(seconds, inset) + blur * ((i % 3) - 1);
    return { error: -step * lag, rest: (blur * step) ** 2, onsets: [{ side, step, seconds }] };
  });
}

describe('insetsOf', () => {
  it('finds how far inside each edge power changes', () => {
    const { start, end } = insetsOf([...closures('start', 4e-4), ...closures('end', 2e-3)]);
    expect(start.seconds).toBeCloseTo(4e-4, 4);
    expect(end.seconds).toBeCloseTo(2e-3, 4);
    expect(start.least).toBeGreaterThan(2e-4);
    expect(start.least).toBeLessThan(start.seconds);
  });

  it('takes none for known from few edges, or from errors on both sides', () => {
    expect(insetsOf(closures('start', 1e-3).slice(0, 7))).toEqual(NO_INSETS);
    expect(insetsOf(closures('start', 0))).toEqual(NO_INSETS);
    expect(insetsOf(closures('start', -1e-3))).toEqual(NO_INSETS);
  });

  it('does not ask edges that are dated badly', () => {
    expect(insetsOf(closures('end', 1e-3, 5e-4))).toEqual(NO_INSETS);
  });

  it('is not led astray by an edge in ten that is dated wrongly', () => {
    const some = closures('end', 1e-3).map((closure, i) =>
      i % 10 === 0 ? { ...closure, error: 20 * closure.error } : closure
    );
    expect(insetsOf(some).end.seconds).toBeCloseTo(1e-3, 4);
  });
});
