import { fitLink, ringSeconds, treeSeconds } from './ring-model.ts';

/** Sends messages one by one, as a ring does, and counts time on every worker's clock. */
function simulateRing(workers: number, bytes: number, latency: number, bandwidth: number): number {
  let clocks = Array<number>(workers).fill(0);
  for (let round = 0; round < 2 * (workers - 1); round++) {
    const arrivals = clocks.map(at => at + latency + bytes / workers / bandwidth);
    clocks = clocks.map((at, i) => Math.max(at, arrivals[(i + workers - 1) % workers]!));
  }
  return Math.max(...clocks);
}

/** Adds up towards the first worker by halves, and sends the sum back the same way. */
function simulateTree(workers: number, bytes: number, latency: number, bandwidth: number): number {
  const clocks = Array<number>(workers).fill(0);
  const send = (from: number, to: number): void => {
    const end = Math.max(clocks[to]!, clocks[from]!) + latency + bytes / bandwidth;
    clocks[from] = clocks[to] = end;
  };
  const spans: number[] = [];
  for (let span = 1; span < workers; span *= 2) spans.push(span);
  for (const span of spans) {
    for (let i = 0; i + span < workers; i += 2 * span) send(i + span, i);
  }
  for (const span of spans.reverse()) {
    for (let i = 0; i + span < workers; i += 2 * span) send(i, i + span);
  }
  return Math.max(...clocks);
}

const link = { latency: 5e-6, bandwidth: 1e10 };

describe('the model of all-reduce', () => {
  for (const workers of [1, 2, 3, 8, 64, 500]) {
    it(`gives what message after message takes on ${workers} workers`, () => {
      const ring = simulateRing(workers, 1e6, link.latency, link.bandwidth);
      expect(ringSeconds(workers, 1e6, link)).toBeCloseTo(ring, 9);
      const tree = simulateTree(workers, 1e6, link.latency, link.bandwidth);
      expect(treeSeconds(workers, 1e6, link)).toBeCloseTo(tree, 9);
    });
  }

  it('prefers trees for few bytes, rings for many', () => {
    expect(treeSeconds(1024, 1e3, link)).toBeLessThan(ringSeconds(1024, 1e3, link));
    expect(ringSeconds(1024, 1e9, link)).toBeLessThan(treeSeconds(1024, 1e9, link));
  });

  it('lets workers wait for one another where they are more than work at once', () => {
    const busy = { ...link, atOnce: 4 };
    expect(ringSeconds(4, 0, busy)).toBe(ringSeconds(4, 0, link));
    expect(ringSeconds(8, 0, busy)).toBeCloseTo(2 * ringSeconds(8, 0, link), 12);
    // Of 8 workers all meet in the first round, 4 in the second, 2 in the third.
    expect(treeSeconds(8, 0, busy)).toBeCloseTo(2 * (2 + 1 + 1) * link.latency, 12);
  });

  it('finds how many work at once', () => {
    const busy = { ...link, shared: true, atOnce: 4 };
    const measured = [2, 3, 4, 6, 8].flatMap(workers =>
      [1e3, 1e7].map(bytes => ({ workers, bytes, seconds: ringSeconds(workers, bytes, busy) }))
    );
    expect(fitLink(measured, { shared: true }).atOnce).toBe(4);
  });

  for (const shared of [false, true]) {
    it(`finds the link again from rings that were timed${shared ? ', also a shared one' : ''}`, () => {
      const measured = [2, 4, 8].flatMap(workers =>
        [1e3, 1e7].map(bytes => ({
          workers,
          bytes,
          seconds: ringSeconds(workers, bytes, { ...link, shared })
        }))
      );
      const found = fitLink(measured, { shared });
      expect(found.latency / link.latency).toBeCloseTo(1, 6);
      expect(found.bandwidth / link.bandwidth).toBeCloseTo(1, 6);
    });
  }

  it('refuses what tells nothing', () => {
    const one = { workers: 2, bytes: 1e6, seconds: 1e-3 };
    expect(() => fitLink([one, one])).toThrow('different sizes');
    expect(() => ringSeconds(0, 1, link)).toThrow('workers');
    expect(() => ringSeconds(2, 1, { ...link, bandwidth: 0 })).toThrow('bandwidth');
    expect(() => ringSeconds(2, 1, { ...link, atOnce: 0 })).toThrow('atOnce');
  });
});
