import { execution } from '../fixtures';
import { inOrder, runSeconds, runTotal, splitRuns } from './runs';

describe('splitRuns', () => {
  it('keeps together what one kernel counted upwards', () => {
    expect(splitRuns([execution('1'), execution('2')])).toHaveLength(1);
  });
  it('begins a run when the count begins again', () => {
    const again = execution('3', { execution_count: 1 });
    const runs = splitRuns([execution('1'), execution('2'), again]);
    expect(runs.map(run => run.executions.length)).toEqual([2, 1]);
  });
  it('begins a run with another kernel, and after one that died', () => {
    const other = execution('2', { kernel_id: 'kernel-b' });
    expect(splitRuns([execution('1'), other])).toHaveLength(2);
    const died = execution('1', { status: 'died' });
    expect(splitRuns([died, execution('2')])).toHaveLength(2);
  });
  it('does not begin a run because a count is unknown', () => {
    const unknown = execution('2', { execution_count: null });
    expect(splitRuns([execution('1'), unknown, execution('3')])).toHaveLength(1);
  });
});

describe('a run', () => {
  it('adds up energy and time', () => {
    const [run] = splitRuns([execution('1'), execution('2', { end_ns: null, status: 'running' })]);
    if (!run) throw new Error('expected one run');
    expect(runTotal(run).joules).toBe(20);
    expect(runSeconds(run)).toBe(1);
  });
});

describe('inOrder', () => {
  it('orders by the time of start, whatever the order of arrival', () => {
    const ids = inOrder([execution('3'), execution('1'), execution('2')]).map(e => e.id);
    expect(ids).toEqual(['1', '2', '3']);
  });
});
