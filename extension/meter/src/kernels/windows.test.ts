import { type CellWindow, type WindowChange, type WindowMessage, Windows } from './windows.ts';

const ms = 1e6;

describe('Windows', () => {
  let windows: Windows;
  let log: [WindowChange, CellWindow][];

  beforeEach(() => {
    log = [];
    windows = new Windows(0, (change, window) => log.push([change, { ...window }]));
  });

  const about = (parentId: string, atMs: number, subshell = '') => ({
    parentId,
    subshell,
    atNs: atMs * ms
  });
  const busy = (id: string, at: number, subshell?: string): WindowMessage => ({
    ...about(id, at, subshell),
    kind: 'busy'
  });
  const idle = (id: string, at: number, subshell?: string): WindowMessage => ({
    ...about(id, at, subshell),
    kind: 'idle'
  });
  const input = (id: string, at: number, subshell?: string): WindowMessage => ({
    ...about(id, at, subshell),
    kind: 'input',
    sourceSha256: 'abc',
    executionCount: 3
  });
  const error = (id: string, at: number, interrupted = false): WindowMessage => ({
    ...about(id, at),
    kind: 'error',
    interrupted
  });
  const take = (...messages: WindowMessage[]) => messages.map(message => windows.take(message));
  const closed = () =>
    log
      .filter(([change]) => change === 'closed')
      .map(([, { msgId, status, startNs, endNs }]) => [
        msgId,
        status,
        startNs / ms,
        (endNs ?? NaN) / ms
      ]);
  const changes = () => log.map(([change, { msgId }]) => `${change} ${msgId}`);

  it('runs from busy to idle and is announced with its source', () => {
    take(busy('a', 10), input('a', 11), idle('a', 30));
    expect(changes()).toEqual(['opened a', 'announced a', 'closed a']);
    expect(closed()).toEqual([['a', 'ok', 10, 30]]);
    expect(log[2]?.[1]).toMatchObject({ sourceSha256: 'abc', executionCount: 3 });
  });

  it('tells an error from an interrupt', () => {
    take(busy('a', 1), input('a', 1), error('a', 2), idle('a', 3));
    take(busy('b', 4), input('b', 4), error('b', 5, true), idle('b', 6));
    expect(closed().map(([, status]) => status)).toEqual(['error', 'interrupted']);
  });

  it('drops a silent request of a kernel that sends execute_input', () => {
    windows.expectInput();
    take(busy('silent', 1), idle('silent', 2), busy('a', 3), input('a', 3), idle('a', 4));
    expect(changes()).toEqual([
      'opened silent',
      'dropped silent',
      'opened a',
      'announced a',
      'closed a'
    ]);
  });

  it('calls cells aborted that a kernel answers unrun after an error', () => {
    take(busy('a', 1), input('a', 1), error('a', 2), idle('a', 3));
    take(busy('b', 4), idle('b', 4), busy('c', 5), idle('c', 5));
    take(busy('silent', 90), idle('silent', 91), busy('d', 92), input('d', 92), idle('d', 93));
    take(busy('silent too', 94), idle('silent too', 95));
    expect(closed().map(([id, status]) => [id, status])).toEqual([
      ['a', 'error'],
      ['b', 'aborted'],
      ['c', 'aborted'],
      ['d', 'ok']
    ]);
  });

  it('takes cells of a kernel that never sends execute_input (tslab)', () => {
    take(busy('a', 1), idle('a', 5));
    expect(closed()).toEqual([['a', 'ok', 1, 5]]);
  });

  it('announces a long cell of such a kernel while it runs', () => {
    take(busy('a', 1));
    windows.tick(100 * ms);
    expect(changes()).toEqual(['opened a']);
    windows.tick(300 * ms);
    expect(changes()).toEqual(['opened a', 'announced a']);
  });

  it('starts a queued cell at the previous idle when the kernel calls it busy on arrival', () => {
    take(busy('a', 1), busy('b', 2), busy('c', 3), idle('a', 10), idle('b', 30), idle('c', 31));
    expect(closed()).toEqual([
      ['a', 'ok', 1, 10],
      ['b', 'ok', 10, 30],
      ['c', 'ok', 30, 31]
    ]);
  });

  it('closes a cell whose idle was lost when the next one begins', () => {
    take(busy('a', 1), input('a', 1), busy('b', 50), input('b', 51), idle('b', 60));
    expect(closed()).toEqual([
      ['a', 'lost', 1, 50],
      ['b', 'ok', 50, 60]
    ]);
  });

  it('closes a cell whose idle was lost when its shell serves another request', () => {
    take(busy('a', 1), input('a', 1));
    windows.takeOther('complete_request', 'other-subshell', 20 * ms);
    windows.takeOther('comm_msg', '', 30 * ms);
    expect(closed()).toEqual([]);
    windows.takeOther('complete_request', '', 40 * ms);
    expect(closed()).toEqual([['a', 'lost', 1, 40]]);
  });

  it('lets subshells run beside each other', () => {
    take(busy('a', 1), input('a', 1), busy('b', 5, 's1'), input('b', 5, 's1'));
    take(idle('a', 8), idle('b', 9, 's1'));
    expect(closed()).toEqual([
      ['a', 'ok', 1, 8],
      ['b', 'ok', 5, 9]
    ]);
  });

  it('opens a cell whose busy was lost with its execute_input', () => {
    take(busy('a', 1), input('a', 1), idle('a', 2), input('b', 7), idle('b', 9));
    expect(closed()).toEqual([
      ['a', 'ok', 1, 2],
      ['b', 'ok', 7, 9]
    ]);
  });

  it('joins a cell that ran already when the meter came', () => {
    windows = new Windows(100 * ms, (change, window) => log.push([change, { ...window }]));
    windows.expectInput();
    take(idle('early', 150));
    expect(closed()).toEqual([['early', 'ok', 100, 150]]);
    expect(log[0]?.[1].joined).toBe(true);
  });

  it('says no to an idle nobody can place, and yes to late words about ended cells', () => {
    take(busy('a', 1), input('a', 1), idle('a', 2));
    expect(take(idle('unknown', 5))).toEqual([false]);
    expect(take(idle('a', 6), error('a', 7), busy('a', 8))).toEqual([true, true, true]);
    expect(closed()).toHaveLength(1);
  });

  it('ends what is open when the kernel dies, and forgets what was queued', () => {
    take(busy('a', 1), input('a', 1), busy('b', 2));
    windows.end(50 * ms, 'died');
    expect(closed()).toEqual([['a', 'died', 1, 50]]);
    take(busy('c', 60), input('c', 60), idle('c', 70));
    expect(closed()[1]).toEqual(['c', 'ok', 60, 70]);
  });
});
