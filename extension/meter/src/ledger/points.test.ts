import { Points } from './points.ts';

const point = (from: number, to: number, value: number, run = 1) => ({
  lo: from,
  hi: to,
  from,
  to,
  value,
  run,
  doubtLow: 0,
  doubtHigh: 0
});

describe('Points', () => {
  it('makes one point of one update seen twice, with the tighter interval', () => {
    const points = new Points();
    points.push(point(0, 100, 5));
    points.push(point(40, 160, 5));
    expect(points.size).toBe(1);
    expect([points.get('from', 0), points.get('to', 0)]).toEqual([40, 100]);
  });

  it('keeps updates in order: none is later than one that follows', () => {
    const points = new Points();
    points.push(point(0, 100, 5));
    points.push(point(20, 60, 6));
    expect(points.get('to', 0)).toBe(60);
    expect(points.at(0)).toBe(30);
    expect(points.at(1)).toBe(40);
  });

  it('knows how far trusted steps reach', () => {
    const points = new Points();
    [1, 1, 2, 3, 3, 3].forEach((run, i) => points.push(point(i * 10, i * 10 + 2, i, run)));
    expect([0, 1, 2, 3, 5].map(i => points.endOfRun(i, 5))).toEqual([1, 1, 2, 5, 5]);
    expect(points.endOfRun(3, 4)).toBe(4);
  });

  it('forgets the oldest points when it is full', () => {
    const points = new Points(100);
    for (let i = 0; i < 1000; i++) points.push(point(i * 10, i * 10 + 2, i));
    expect(points.size).toBe(100);
    expect(points.value(0)).toBe(900);
    expect(points.value(points.before(9500))).toBe(949);
    expect(points.value(points.surelyAfter(9501))).toBe(951);
    expect(points.value(points.surelyBefore(9501))).toBe(949);
  });

  it('takes a read that was interrupted for one of its two ends, any other for a moment in between', () => {
    const points = new Points();
    points.push(point(0, 120, 5));
    points.push({ ...point(200, 320, 6), tornNs: 120 });
    points.push({ ...point(400, 520, 7), tornNs: 20 });
    expect([0, 1, 2].map(i => points.isTorn(i))).toEqual([false, true, false]);
    expect(points.variance(0)).toBeCloseTo(120 ** 2 / 12);
    expect(points.variance(1)).toBeCloseTo(60 ** 2);
    expect(points.variance(2)).toBeCloseTo(100 ** 2 / 12 + 10 ** 2);
  });
});
