import { Comparison } from './comparison.ts';

function compare(times: Record<'xla' | 'plain', number[]>): Comparison {
  const comparison = new Comparison();
  while (comparison.quicker === undefined) {
    const way = comparison.next;
    comparison.add(way, times[way].shift()!);
  }
  return comparison;
}

describe('Comparison', () => {
  it('takes turns, and keeps what is quicker by the median of five calls each', () => {
    const slowXla = compare({ xla: [16, 16, 16, 16, 1], plain: [9, 9, 9, 90, 90] });
    expect(slowXla.quicker).toBe('plain');
    expect(slowXla.note).toBe('without XLA a call took 9.0 ms here, with it 16 ms');
    expect(compare({ xla: [1, 1, 1, 50, 50], plain: [2, 2, 2, 2, 2] }).quicker).toBe('xla');
  });

  it('stays with XLA where there is next to no difference', () => {
    expect(compare({ xla: [1, 1, 1, 1, 1], plain: [0.95, 0.95, 0.95, 1, 1] }).quicker).toBe('xla');
  });
});
