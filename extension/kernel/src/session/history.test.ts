import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from './history.ts';

const path = join(mkdtempSync(join(tmpdir(), 'history-')), 'kept', 'h.sqlite');

describe('History', () => {
  it('keeps inputs and outputs of all sessions, for its user only', () => {
    const first = new History(path);
    first.add(1, 'a = 1');
    first.addOutput(1, '1');
    first.add(2, 'b');
    first.close();
    const second = new History(path);
    second.add(1, 'c');
    expect(second.answer({ hist_access_type: 'tail', n: 2 })).toEqual([
      [1, 2, 'b'],
      [2, 1, 'c']
    ]);
    expect(second.answer({ hist_access_type: 'tail', n: 3, output: true })[0]).toEqual([
      1,
      1,
      ['a = 1', '1']
    ]);
    second.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
  it('finds ranges of this and earlier sessions', () => {
    const third = new History(path);
    third.add(1, 'd');
    third.add(2, 'e');
    const range = (session: number, start: number, stop?: number) =>
      third.answer({ hist_access_type: 'range', session, start, stop });
    expect(range(0, 1)).toEqual([
      [3, 1, 'd'],
      [3, 2, 'e']
    ]);
    expect(range(1, 2, 3)).toEqual([[1, 2, 'b']]);
    expect(range(-1, 1)).toEqual([[2, 1, 'c']]);
    third.close();
  });
  it('searches by pattern, each input once when asked so', () => {
    const fourth = new History(':memory:');
    ['x1', 'y', 'x1', 'x2'].forEach((source, at) => fourth.add(at + 1, source));
    const search = (more: object) =>
      fourth.answer({ hist_access_type: 'search', pattern: 'x*', ...more }).map(([, line]) => line);
    expect(search({})).toEqual([1, 3, 4]);
    expect(search({ unique: true })).toEqual([3, 4]);
    expect(search({ n: 1 })).toEqual([4]);
    fourth.close();
  });
});
