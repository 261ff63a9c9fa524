import { formatIso, parseIsoNs } from './clock.ts';

describe('parseIsoNs', () => {
  it('keeps the microseconds that Date drops', () => {
    const early = parseIsoNs('2026-11-23T10:00:00.123456Z');
    const late = parseIsoNs('2026-11-23T10:00:00.123457Z');
    expect(Number(late) - Number(early)).toBeGreaterThan(0);
    expect((late ?? 0n) - (early ?? 0n)).toBe(1_000n);
  });
  it('reads offsets, and takes a date without a zone for UTC', () => {
    expect(parseIsoNs('2026-11-23T12:00:00+02:00')).toBe(parseIsoNs('2026-11-23T10:00:00'));
  });
  it('keeps nanoseconds where a kernel writes them', () => {
    expect((parseIsoNs('2026-11-23T10:00:00.000000001Z') ?? 0n) % 1_000n).toBe(1n);
  });
  it('refuses what is not a date', () => {
    expect(parseIsoNs('yesterday')).toBeUndefined();
    expect(parseIsoNs('2026-13-45T99:00:00Z')).toBeUndefined();
  });
});

describe('formatIso', () => {
  it('writes what parseIsoNs reads', () => {
    const text = '2026-11-23T10:00:00.123456Z';
    expect(formatIso(parseIsoNs(text) ?? 0n)).toBe(text);
  });
});
