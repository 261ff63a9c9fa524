import { nullTranslator } from '@jupyterlab/translation';
import type { Execution } from '../api/types';
import { cell, execution } from '../fixtures';
import { Formatter } from '../format/formatter';
import type { Row } from '../model/row';
import { ViewBuilder } from '../model/rows';
import { metaText, promptOf, spokenRow, toneOf } from './row-text';

const trans = nullTranslator.load('joulebook_lab');
const format = new Formatter(trans, { unit: 'auto', intervals: true, locale: 'en' });
const rowOf = (change: Partial<Execution>): Row => {
  const [row] = new ViewBuilder().build(
    [cell(1)],
    [execution('1', change)],
    new Set(),
    new Map()
  ).rows;
  if (!row) throw new Error('expected one row');
  return row;
};

describe('metaText', () => {
  it('gives time, mean power and CPU use', () => {
    expect(metaText(rowOf({}), format, trans)).toBe('1.0 s · 10.0 W · 1.0 CPU s/s');
  });
  it.each([
    ['error', 'failed after 1.0 s'],
    ['interrupted', 'interrupted after 1.0 s'],
    ['died', 'the kernel died after 1.0 s'],
    ['aborted', 'not run: an earlier cell failed'],
    ['lost', 'its end was never heard']
  ] as const)('says of a cell that ended as %p: %p', (status, text) => {
    expect(metaText(rowOf({ status }), format, trans)).toContain(text);
    expect(toneOf(rowOf({ status }))).toBe('bad');
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

describe('a row in words', () => {
  it('names the cell, its code, its energy and its time', () => {
    expect(spokenRow(rowOf({}), format, trans)).toBe(
      'Cell 1, line 1, 10.0 J ± 0.5, 1.0 s · 10.0 W · 1.0 CPU s/s'
    );
    expect(promptOf(rowOf({}))).toBe('[1]');
    expect(promptOf(rowOf({ status: 'running', end_ns: null }))).toBe('[*]');
  });
});
