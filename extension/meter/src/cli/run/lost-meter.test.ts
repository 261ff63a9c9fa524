import { listOf } from './lost-meter.ts';

describe('the cells that a lost meter leaves', () => {
  it.each([
    [[3], 'cell 3'],
    [[1, 2], 'cells 1 and 2'],
    [[2, 3, 4, 7, 9, 10], 'cells 2 to 4, 7, 9 and 10']
  ])('are told in words: %j', (cells, said) => {
    expect(listOf(cells)).toBe(said);
  });
});
