import { withoutFiles } from '../fixtures/no-files.ts';
import { processIds } from './proc.ts';
import { ProcessFinder } from './processes.ts';
import { Unlisted } from './unlisted.ts';

describe('processes that cannot be listed', () => {
  it('are answered with the reason, which is of that look alone', () => {
    expect(withoutFiles(processIds)).toEqual({ failure: 'EMFILE' });
    expect(processIds()).toEqual({ pids: expect.arrayContaining([process.pid]) as number[] });
  });

  it('are told by the finder that could not list them, and by no other', () => {
    const told: string[] = [];
    const others: string[] = [];
    const finder = new ProcessFinder(process.getuid?.() ?? 0, failure => told.push(failure));
    const other = new ProcessFinder(process.getuid?.() ?? 0, failure => others.push(failure));
    withoutFiles(() => finder.find());
    other.find();
    finder.find();
    expect([told, others]).toEqual([['EMFILE'], []]);
  });

  it('are told to people once while it lasts, with what to do', () => {
    const told: string[] = [];
    const unlisted = new Unlisted(what => told.push(what));
    unlisted.failed('EMFILE');
    unlisted.failed('EMFILE');
    expect(told).toEqual([expect.stringMatching(/EMFILE.*not metered.*ulimit -n/)]);
  });
});
