import { oneLine, shortened, table } from './table.ts';

describe('table', () => {
  it('aligns columns, whatever colours and wide letters they hold', () => {
    const rows = [
      ['name', 'J'],
      ['\u001b[31mé\u001b[39m', '12'],
      ['longer', '3']
    ];
    expect(table(rows, 'lr')).toEqual([
      'name     J',
      '\u001b[31mé\u001b[39m       12',
      'longer   3'
    ]);
  });
});

describe('oneLine', () => {
  it('lets nothing through that moves the cursor', () => {
    expect(oneLine('a\u001b[2Jb\nc\rd\u0007e')).toBe('ab c d e');
  });
});

describe('shortened', () => {
  it('keeps the end of a path', () => {
    expect(shortened('/home/ada/notebook.ipynb', 12)).toBe('…ebook.ipynb');
    expect(shortened('short', 12)).toBe('short');
  });
});
