import { Beats } from './beats.ts';
import { Ledger } from './ledger.ts';
import type { Beat } from './steps.ts';

const MS = 1e6;
const state = { mayRest: false };

/** Reads a counter that is updated at multiples of `periodNs`, at these moments. */
function beatsOf(moments: readonly number[], periodNs: number, nominalNs = MS): Beat[] {
  const beats = new Beats({ periodNs: nominalNs });
  return moments.flatMap(ns => {
    const microjoules = 100 * Math.floor(ns / periodNs);
    const times = { beforeNs: ns - 2e3, afterNs: ns + 2e3 };
    return beats.take({ sensorId: 'a', ...times, microjoules }, state) ?? [];
  });
}

/** Every 5 ms, and once in 20 ms in quick succession for as long as two updates take. */
function steadyAndLocked(untilNs: number): number[] {
  const moments: number[] = [];
  for (let ns = 1e9; ns < untilNs; ns += 5 * MS + 1.3e4) {
    moments.push(ns);
    if (moments.length % 4 !== 0) continue;
    for (let k = 1; k < 45; k++) moments.push(ns + k * 5e4);
  }
  return moments.sort((a, b) => a - b);
}

describe('Beats', () => {
  it('tells nothing new from a value that was read before', () => {
    expect(beatsOf([1e9, 1e9 + 1e5, 1e9 + 2e5], MS)).toHaveLength(1);
  });

  it('knows to some microseconds which update a read saw, once it has learnt the beat', () => {
    for (const periodNs of [MS, 0.9766 * MS]) {
      const late = beatsOf(steadyAndLocked(4e9), periodNs).slice(-100);
      for (const { from, to, beforeNs } of late) {
        const update = Math.floor((beforeNs + 2e3) / periodNs) * periodNs;
        expect(from).toBeLessThanOrEqual(update + 1e3);
        expect(to).toBeGreaterThanOrEqual(update - 1e3);
      }
      const sharp = late.filter(({ from, to }) => to - from < 0.2 * MS);
      expect(sharp.length).toBeGreaterThan(80);
    }
  });

  it('believes in no beat where there is none', () => {
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const updates = [1e9];
    while (updates.at(-1)! < 4e9) updates.push(updates.at(-1)! + (0.2 + 1.6 * random()) * MS);
    const beats = new Beats({ periodNs: MS });
    const seen = steadyAndLocked(3.9e9).flatMap(ns => {
      const microjoules = 100 * updates.findLastIndex(update => update <= ns);
      return beats.take({ sensorId: 'a', beforeNs: ns, afterNs: ns, microjoules }, state) ?? [];
    });
    const blind = seen.slice(-200).filter(({ still }) => (still?.ns ?? 0) > 2 * MS);
    for (const { from, to } of blind) expect(to - from).toBeGreaterThan(MS);
  });

  it('holds the energy of a mean power at some moment of its second', () => {
    const windows: [number, number][] = [
      [10e9, 12e9],
      [20e9, 20.3e9]
    ];
    const energy = (ns: number) => {
      let joules = (20 * ns) / 1e9;
      for (const [from, to] of windows)
        joules += (180 * Math.min(Math.max(0, ns - from), to - from)) / 1e9;
      return joules;
    };
    const ledger = new Ledger({ policy: 'exclusive', clockErrorNs: 2e4 });
    ledger.addSensor({
      id: 'gpu',
      domain: 'gpu',
      device: 'gpu',
      kind: 'measured',
      unitMicrojoules: 1000,
      periodNs: 1e8,
      averageNs: 1e9,
      maxWatts: 400,
      minWatts: 0,
      contained: false
    });
    windows.forEach(([startNs, endNs], k) => {
      ledger.open({ id: String(k), kernelId: 'k', startNs });
      ledger.close(String(k), endNs);
    });
    let counted = 0;
    for (let ns = 2e9; ns < 25e9; ns += 2e7) {
      counted += energy(ns) - energy(ns - 1e9);
      const microjoules = Math.round((counted * 2e7) / 1e3);
      ledger.reading({ sensorId: 'gpu', beforeNs: ns, afterNs: ns + 1e4, microjoules });
    }
    for (const { id, domains } of ledger.settle(30e9)) {
      const [from, to] = windows[Number(id)]!;
      const truth = 1e6 * (energy(to) - energy(from));
      expect(domains[0]!.lowMicrojoules).toBeLessThanOrEqual(truth);
      expect(domains[0]!.highMicrojoules).toBeGreaterThanOrEqual(truth);
    }
  });
});
