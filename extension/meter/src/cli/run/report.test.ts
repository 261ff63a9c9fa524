import { execution, running } from '../../store/fixtures/executions.ts';
import type { Output } from '../context.ts';
import { RunReport } from './report.ts';
import { RunView } from './view.ts';

/** What a view writes, on a terminal or not. */
function recorder(isTerminal: boolean) {
  let text = '';
  const output = {
    isTerminal,
    columns: 80,
    line: (line: string) => (text += `${line}\n`),
    write: (part: string) => (text += part),
    style: (_: string, styled: string) => styled
  } as unknown as Output;
  return { output, text: () => text };
}

const sent = (n: number) => ({
  index: n,
  cell_id: `c${n}`,
  msg_id: `message-${n}`,
  source: `x = ${n}`
});

describe('RunReport', () => {
  it('joins what the executor and the meter tell, and leaves other kernels out', () => {
    const report = new RunReport();
    report.sent(sent(1));
    expect(report.metered(execution(2))).toBeUndefined();
    report.metered(running(1));
    expect(report.settled).toBe(false);
    report.ended('message-1', 'ok');
    report.metered(execution(1));
    expect(report.settled).toBe(true);
    expect(report.total.joules).toBe(2);
    expect(report.cells).toMatchObject([
      { index: 1, status: 'ok', execution: { cell_id: 'cell-1' } }
    ]);
  });
});

describe('a report whose meter left for good', () => {
  it('takes nothing that was told of a running cell for its energy', () => {
    const report = new RunReport();
    for (const n of [1, 2, 3]) report.sent(sent(n));
    report.metered(execution(1));
    report.metered(running(2));
    expect(report.unmetered).toEqual([]);
    report.meterLost = 'it did not start again';
    expect(report.unmetered.map(({ index }) => index)).toEqual([2, 3]);
    expect(report.cells.map(cell => report.energyOf(cell))).toMatchObject([
      { joules: 2 },
      { kind: 'missing', reason: expect.stringContaining('the meter left') as string },
      { kind: 'missing' }
    ]);
    expect(report.total.joules).toBe(2);
  });
});

describe('RunView', () => {
  it('prints a line a cell, in order, when it has its energy', () => {
    const report = new RunReport();
    report.planned = 2;
    const { output, text } = recorder(false);
    const view = new RunView(output, report);
    report.sent(sent(1));
    report.sent(sent(2));
    report.metered(execution(2));
    view.update();
    expect(text()).toBe('');
    report.metered(execution(1));
    view.update();
    expect(text()).toMatch(/1\/2 +ok +0\.5 s +2\.00 J ± 0\.10 +x = 1\n +2\/2 +ok .* x = 2\n$/);
    view.end();
  });

  it('says of which cells the meter never heard', () => {
    const report = new RunReport();
    report.planned = 1;
    const { output, text } = recorder(false);
    const view = new RunView(output, report);
    report.sent(sent(1));
    report.ended('message-1', 'ok');
    view.end();
    expect(text()).toContain('missing (the meter did not see it)');
  });

  it('draws a bar on a terminal and leaves none behind', () => {
    const report = new RunReport();
    report.planned = 2;
    const { output, text } = recorder(true);
    const view = new RunView(output, report);
    report.sent(sent(1));
    view.update();
    expect(text()).toContain(`${'░'.repeat(20)} 0/2`);
    report.ended('message-1', 'ok');
    report.metered(execution(1));
    view.update();
    expect(text()).toContain('██████████░░░░░░░░░░ 1/2');
    view.end();
    expect(text().endsWith('\r\u001b[K')).toBe(true);
  });
});
