import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { startCluster } from './start.ts';
import { worst } from './worst.ts';

const workers = 3;
const steps = 4;
const size = 29;
type Ways = Record<string, { means: number[][]; bytes: number }>;
let ways: Ways;

const gradient = (rank: number, step: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.sin(1 + 7 * rank + 3 * step + 1.7 * i));
const ranks = Array.from({ length: workers }, (_, rank) => rank);
const meanOf = (lists: number[][]): number[] =>
  lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length);
const exact = (step: number): number[] => meanOf(ranks.map(rank => gradient(rank, step)));
const parts = [
  [0, 24],
  [24, 29]
] as const;

/** Signs times the mean magnitude of each tensor. */
const signed = (values: number[]): number[] =>
  parts.flatMap(([from, to]) => {
    const part = values.slice(from, to);
    const scale = part.reduce((sum, x) => sum + Math.abs(x), 0) / part.length;
    return part.map(x => (x >= 0 ? scale : -scale));
  });

/** The means that error feedback gives, computed worker after worker in double precision. */
function withFeedback(send: (wanted: number[]) => number[], from = gradient): number[][] {
  const errors = ranks.map(() => new Array<number>(size).fill(0));
  return Array.from({ length: steps }, (_, step) => {
    const sent = ranks.map(rank => {
      const wanted = from(rank, step).map((x, i) => x + errors[rank]![i]!);
      const message = send(wanted);
      errors[rank] = wanted.map((x, i) => x - message[i]!);
      return message;
    });
    return meanOf(sent);
  });
}

before(async () => {
  const cluster = await startCluster('compression.worker.ts', workers);
  const said = await Promise.all(cluster.workers.map(worker => worker.hears('all')));
  for (const { all } of said)
    assert.deepEqual((all as Ways).signs?.means, (said[0]!.all as Ways).signs?.means);
  for (const { all } of said)
    assert.deepEqual((all as Ways).half?.means, (said[0]!.all as Ways).half?.means);
  ways = said[0]!.all as Ways;
});

const agrees = (name: string, expected: number[][], within: number): void => {
  ways[name]!.means.forEach((mean, step) => {
    const off = worst(mean, expected[step]!);
    assert.ok(off <= within, `step ${step}: off by ${off}`);
  });
};
const exactSteps = (): number[][] => Array.from({ length: steps }, (_, step) => exact(step));

test('half precision is off by its rounding alone, and sends half the bytes', () => {
  agrees('half', exactSteps(), 3e-3);
  assert.equal(ways.half!.bytes, (4 / 3) * 2 * size);
});

test('all numbers sent are the mean itself', () => agrees('everything', exactSteps(), 1e-6));

test('the largest numbers are sent, the others later', () => {
  const largest = (wanted: number[]): number[] => {
    const order = wanted
      .map((_, i) => i)
      .sort((a, b) => Math.abs(wanted[b]!) - Math.abs(wanted[a]!));
    const chosen = new Set(order.slice(0, 6));
    return wanted.map((x, i) => (chosen.has(i) ? x : 0));
  };
  agrees('topK', withFeedback(largest), 1e-5);
  assert.equal(ways.topK!.bytes, 2 * 6 * 8);
});

test('signs and scales with error feedback', () => {
  agrees('signs', withFeedback(signed), 1e-5);
  assert.equal(ways.signs!.bytes, 2 * (2 * 4 + 4));
});

test('the majority decides on each sign', () => {
  const votes = Array.from({ length: steps }, (_, step) =>
    meanOf(ranks.map(rank => gradient(rank, step).map(x => (x >= 0 ? 1 : -1)))).map(x =>
      x >= 0 ? 1 : -1
    )
  );
  agrees('vote', votes, 0);
});

test('PowerSGD gives a matrix of the wanted rank, and vectors as they are', () => {
  for (const [step, mean] of ways.lowRank!.means.entries()) {
    assert.ok(worst(mean.slice(24), exact(step).slice(24)) < 1e-5, 'the vector is the mean');
    const rows = Array.from({ length: 6 }, (_, row) => mean.slice(4 * row, 4 * row + 4));
    assert.ok(thirdMinor(rows) < 1e-5, 'every minor of size 3 vanishes');
  }
  // Two numbers for each of 6 rows in one all-reduce, for each of 4 columns and the vector in another.
  assert.ok(Math.abs(ways.lowRank!.bytes - (4 / 3) * 4 * (12 + 8 + 5)) < 1e-9);
});

test('PowerSGD of rank 1 gives a matrix of rank 1 exactly', () => {
  const mean = Array.from({ length: 24 }, (_, i) => 2 * Math.cos(i >> 2) * Math.sin(1 + (i & 3)));
  ways.rankOne!.means.forEach(reached => assert.ok(worst(mean, reached.slice(0, 24)) < 1e-5));
});

test('what is averaged after the warm-up are running means, as signs', () => {
  const beta = 0.9;
  let momentum = new Array<number>(size).fill(0);
  const errors = ranks.map(() => new Array<number>(size).fill(0));
  const expected = Array.from({ length: steps }, (_, step) => {
    if (step < 2) {
      const mean = exact(step);
      momentum = momentum.map((m, i) => beta * m + (1 - beta) * mean[i]!);
      return mean;
    }
    const old = momentum;
    const sent = ranks.map(rank => {
      const wanted = gradient(rank, step).map(
        (g, i) => beta * old[i]! + (1 - beta) * g + errors[rank]![i]!
      );
      const message = signed(wanted);
      errors[rank] = wanted.map((x, i) => x - message[i]!);
      return message;
    });
    momentum = meanOf(sent);
    return momentum.map((m, i) => (m - beta * old[i]!) / (1 - beta));
  });
  agrees('momentum', expected, 1e-4);
});

function thirdMinor(rows: number[][]): number {
  let largest = 0;
  for (let i = 0; i + 2 < rows.length; i++) {
    const [a, b, c] = [rows[i]!, rows[i + 1]!, rows[i + 2]!];
    for (let j = 0; j + 2 < 4; j++) {
      const determinant =
        a[j]! * (b[j + 1]! * c[j + 2]! - b[j + 2]! * c[j + 1]!) -
        a[j + 1]! * (b[j]! * c[j + 2]! - b[j + 2]! * c[j]!) +
        a[j + 2]! * (b[j]! * c[j + 1]! - b[j + 1]! * c[j]!);
      largest = Math.max(largest, Math.abs(determinant));
    }
  }
  return largest;
}
