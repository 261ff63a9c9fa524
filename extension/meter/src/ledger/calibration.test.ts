import { Calibration, DEFAULT_SHARES } from './calibration.ts';
import type { Residual } from './edges.ts';

/** Residuals whose size is this share of the powers inside and outside, the pieces' sizes mixed. */
function closures(inside: number, outside: number): Residual[] {
  return Array.from({ length: 120 }, (_, i) => {
    const [a, b] = [((i * 37) % 100) / 100, ((i * 61) % 100) / 100];
    const error = Math.hypot(inside * a, outside * b) * (i % 2 === 0 ? 1 : -1);
    return { error, inside: a * a, outside: b * b, between: 0, falls: 0, rest: 0 };
  });
}

describe('Calibration', () => {
  it('keeps its defaults until it has seen enough', () => {
    const calibration = new Calibration();
    calibration.add([], closures(0.5, 0.1).slice(0, 5));
    expect(calibration.shares).toEqual(DEFAULT_SHARES);
  });

  it('finds which side of the edge was known badly', () => {
    const calibration = new Calibration();
    calibration.add([], closures(0.2, 0.6));
    expect(calibration.shares.inside).toBeCloseTo(0.2, 1);
    expect(calibration.shares.outside).toBeCloseTo(0.6, 1);
  });

  it('widens intervals when errors have long tails', () => {
    const calm = new Calibration();
    calm.add([], closures(0.3, 0.1));
    const wild = new Calibration();
    wild.add(
      [],
      closures(0.3, 0.1).map((r, i) => ({ ...r, error: r.error * (i % 8 === 0 ? 8 : 0.3) }))
    );
    expect(wild.widths.checked).toBeGreaterThan(calm.widths.checked);
  });

  it('learns how far power falls between two windows, and how well it is known there', () => {
    const pairs = Array.from({ length: 120 }, (_, i): Residual => {
      const a = 1 + ((i * 37) % 100) / 100;
      const error = a * (-0.4 + 0.2 * (i % 2 === 0 ? 1 : -1));
      return { error, inside: 0, outside: 0, between: a * a, falls: -a, rest: 0 };
    });
    const calibration = new Calibration();
    calibration.add([], pairs);
    expect(calibration.shares.fall).toBeCloseTo(0.4, 2);
    expect(calibration.shares.between).toBeCloseTo(0.2, 2);
    expect(calibration.shares.inside).toBe(DEFAULT_SHARES.inside);
  });
});
