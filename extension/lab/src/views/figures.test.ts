import { nullTranslator } from '@jupyterlab/translation';
import { cell, execution, measured } from '../fixtures';
import { Formatter } from '../format/formatter';
import { compareRuns } from '../model/compare';
import { ViewBuilder } from '../model/rows';
import { splitRuns } from '../model/runs';
import { cellsFigure, comparisonFigure, runsFigure, timelineFigure } from './figures';

const trans = nullTranslator.load('joulebook_lab');
const texts = {
  trans,
  format: new Formatter(trans, { unit: 'auto', intervals: true, locale: 'en' }),
  pageTime: (date: string) => Date.parse(date)
};
const cells = [cell(1, { line: '<b onclick="x()">' }), cell(2), cell(3)];
const executions = ['1', '2'].map(id => execution(id, { total: measured(20 * Number(id), 1) }));
const { rows } = new ViewBuilder().build(
  cells,
  executions,
  new Map([['cell-3', 'queued']]),
  new Map()
);

interface Trace {
  x: (number | string)[];
  y: (number | string)[];
  name?: string;
  text?: string;
  hovertext?: string[];
  error_x?: { array: number[]; arrayminus: number[] };
}
const traces = (figure: { data: object[] } | null): Trace[] => (figure?.data ?? []) as Trace[];

describe('the power timeline', () => {
  const [first, second, machine] = traces(
    timelineFigure(rows, [{ at: Date.parse(executions[0]!.started_at), power: power(7) }], texts)
  );
  it('has a block for each cell that ran, whose area is its energy', () => {
    for (const [block, joules] of [
      [first, 20],
      [second, 40]
    ] as const) {
      const [from, , to] = block!.x.map(date => Date.parse(`${date}Z`));
      expect(((to! - from!) / 1e3) * Number(block!.y[1])).toBeCloseTo(joules);
    }
  });
  it('names the cell at the pointer, as text and not as markup', () => {
    expect(first!.text).toBe('[1] &lt;b onclick="x()"&gt;<br>20.0 J ± 1.0<br>1.0 s');
  });
  it('has a block for a running cell, as long as it has taken so far', () => {
    const running = execution('1', { status: 'running', end_ns: null });
    const view = new ViewBuilder().build(cells, [running], new Map(), new Map([['1', 4]]));
    const [block] = traces(timelineFigure(view.rows, [], texts));
    expect(Date.parse(`${block!.x[2]}Z`) - Date.parse(`${block!.x[0]}Z`)).toBe(4_000);
  });
  it('shows what the whole machine drew', () => {
    expect(machine).toMatchObject({ name: 'machine', y: [7] });
  });
});

describe('energy by cell', () => {
  it('has a bar with its interval for each cell that has a figure', () => {
    const [bars] = traces(cellsFigure(rows, texts));
    expect(bars!.x).toEqual([20, 40]);
    expect(bars!.error_x).toMatchObject({ array: [1, 1], arrayminus: [1, 1] });
    expect(bars!.hovertext?.[0]).not.toContain('<b');
  });
});

describe('energy by run', () => {
  it('has the total of each run', () => {
    const restarted = execution('3', { execution_count: 1 });
    const [bars] = traces(runsFigure(splitRuns([...executions, restarted]), texts));
    expect([bars!.x, bars!.y]).toEqual([
      ['1', '2'],
      [60, 10]
    ]);
  });
});

describe('two runs compared', () => {
  it('puts the bars of both runs at each cell, and keeps equal lines apart', () => {
    const equal = cells.map(info => ({ ...info, line: 'x = 1' }));
    const later = execution('3', { execution_count: 1, cell_id: 'cell-1', total: measured(5, 1) });
    const [before, after] = splitRuns([...executions, later]);
    const [earlier, newer] = traces(comparisonFigure(compareRuns(equal, before!, after!), texts));
    expect([earlier!.name, earlier!.x]).toEqual(['Earlier', [20, 40]]);
    expect([newer!.name, newer!.x]).toEqual(['Later', [5, null]]);
    expect(new Set(earlier!.y).size).toBe(2);
  });
});

function power(watts: number) {
  const total = { watts, low: watts, high: watts, kind: 'measured' as const };
  return { at: '', domains: [], total };
}
