import { nullTranslator } from '@jupyterlab/translation';
import type { Execution } from '../api/types';
import { cell, execution, measured } from '../fixtures';
import { Formatter } from '../format/formatter';
import type { Row } from '../model/row';
import { ViewBuilder } from '../model/rows';
import { metaText, promptOf, splitText, spokenRow, toneOf } from './row-text';

const trans = nullTranslator.load('joulebook_lab');
const format = new Formatter(trans, { unit: 'auto', intervals: true, locale: 'en' });
const rowOf = (change: Partial<Execution>): Row => {
  const [row] = new ViewBuilder().build(
    [cell(1)],
    [execution('1', change)],
    new Map(),
    new Map()
  ).rows;
  if (!row) throw new Error('expected one row');
  return row;
};

describe('metaText', () => {
  it('gives time, mean power and CPU use', () => {
    expect(metaText(rowOf({}), format, trans)).toBe('1.0 s · 10.0 W · 1.0 cores');
  });
  it.each([
    ['error', 'failed after 1.0 s'],
    ['interrupted', 'interrupted after 1.0 s'],
    ['died', 'the kernel died after 1.0 s'],
    ['lost', 'its end was never heard']
  ] as const)('says of a cell that ended as %p: %p', (status, text) => {
    expect(metaText(rowOf({ status }), format, trans)).toContain(text);
    expect(toneOf(rowOf({ status }))).toBe('bad');
  });
  it('says calmly of a cell that was not run why, and nothing of a missing figure', () => {
    const total = { joules: null, low: null, high: null, kind: 'missing' as const };
    const row = rowOf({ status: 'aborted', start_ns: 0, end_ns: 0, cpu_seconds: null, total });
    expect(metaText(row, format, trans)).toBe('not run: an earlier cell failed');
    expect(toneOf(row)).toBe('quiet');
  });
  it('says why there is no figure', () => {
    const total = {
      joules: null,
      low: null,
      high: null,
      kind: 'missing' as const,
      reason: 'no permission'
    };
    expect(metaText(rowOf({ total }), format, trans)).toContain('no figure: no permission');
  });
  it.each([
    [0.2, '0.2 s'],
    [1.5, 'no figure: no permission · 1.5 s']
  ])('lets a cell run for a moment before it misses a figure: %p s', (elapsed, text) => {
    const figure = { joules: null, low: null, high: null, kind: 'missing' as const };
    const unknown = { cpu_seconds: null, total: { ...figure, reason: 'no permission' } };
    const running = execution('1', { status: 'running', ended_at: null, end_ns: null, ...unknown });
    const [row] = new ViewBuilder().build(
      [cell(1)],
      [running],
      new Map(),
      new Map([['1', elapsed]])
    ).rows;
    expect(row && metaText(row, format, trans)).toBe(text);
  });
  it('tells of readings that are missing, the longest time of any domain', () => {
    const gap = (domain: 'package' | 'dram', seconds: number) => ({
      domain,
      from_ns: 0,
      to_ns: seconds * 1e9,
      reason: 'daemon was away'
    });
    const gaps = [gap('package', 1), gap('package', 1), gap('dram', 0.5)];
    expect(metaText(rowOf({ gaps }), format, trans)).toContain('no readings for 2.0 s');
  });
});

describe('splitText', () => {
  const part = (domain: 'package' | 'gpu', joules: number) => ({
    ...measured(joules, 0.1),
    ...{ domain, sensor: domain, contained: false }
  });
  it('names the parts of the machine with their shares', () => {
    const domains = [part('package', 7.5), part('gpu', 2.5)];
    expect(splitText(rowOf({ domains }), format, trans)).toBe('CPU 75 %, GPU 25 %');
  });
  it('says nothing where one part has it all', () => {
    expect(splitText(rowOf({ domains: [part('package', 10)] }), format, trans)).toBe('');
  });
});

describe('a row in words', () => {
  it('names the cell, its code, its energy and its time', () => {
    expect(spokenRow(rowOf({}), format, trans)).toBe(
      'Cell 1, line 1, 10.0 J ± 0.5, 1.0 s · 10.0 W · 1.0 cores'
    );
    expect(promptOf(rowOf({}))).toBe('[1]');
    expect(promptOf(rowOf({ status: 'running', end_ns: null }))).toBe('[*]');
  });
});
