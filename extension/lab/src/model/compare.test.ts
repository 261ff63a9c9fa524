import { cell, execution, measured } from '../fixtures';
import { compareRuns, difference, runsToCompare, sharesError } from './compare';
import { type Run, splitRuns } from './runs';

const run = (...energies: [number, number][]): Run => {
  const executions = energies.map(([joules, half], index) =>
    execution(String(index + 1), { total: measured(joules, half) })
  );
  const [only] = splitRuns(executions);
  if (!only) throw new Error('expected one run');
  return only;
};

describe('compareRuns', () => {
  it('tells a change that exceeds the intervals from one that does not', () => {
    const differences = compareRuns(
      [cell(1), cell(2)],
      run([10, 3], [10, 3]),
      run([20, 4], [12, 4])
    );
    expect(differences.map(d => d.exceeds)).toEqual([true, false]);
    expect(differences[0]?.change).toEqual({ joules: 10, low: 5, high: 15 });
  });
  it('names a cell that ran in one run only, and one that is gone', () => {
    const differences = compareRuns([cell(1)], run([10, 3]), run([10, 3], [5, 1]));
    expect(differences[1]).toMatchObject({
      line: null,
      before: null,
      change: null,
      exceeds: false
    });
  });
});

describe('runsToCompare', () => {
  const runs = ['1', '2', '3'].map(id => ({ ...run([1, 1]), id }));
  const ids = (chosen: string[], of = runs): string[] | undefined =>
    runsToCompare(of, chosen)?.map(({ id }) => id);
  it('takes the two chosen ones, the earlier first, else the newest two', () => {
    expect(ids(['3', '1'])).toEqual(['1', '3']);
    expect(ids(['1'])).toEqual(['2', '3']);
    expect(ids(['of another notebook', '1'])).toEqual(['2', '3']);
  });
  it('needs two runs', () => {
    expect(ids([], runs.slice(0, 1))).toBeUndefined();
  });
});

describe('sharesError', () => {
  it('is of two modelled figures only', () => {
    const modelled = { ...measured(10, 5), kind: 'modelled' as const };
    const [before, after] = [modelled, measured(10, 5)];
    expect(sharesError([{ before, after: before }])).toBe(true);
    expect(sharesError([{ before, after }])).toBe(false);
    expect(sharesError([{ before, after: null }])).toBe(false);
  });
});

describe('difference', () => {
  it('is unknown where one side has no figure', () => {
    const none = { joules: null, low: null, high: null, kind: 'missing' as const };
    expect(difference(none, measured(1, 1))).toBeNull();
  });
});
