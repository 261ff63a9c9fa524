import { tableHtml, tableOf } from './table.ts';

describe('tableOf', () => {
  it('takes the columns of all rows', () => {
    expect(tableOf([{ a: 1 }, { b: 2 }])?.columns).toEqual(['a', 'b']);
  });
  it.each([[[]], [[1, 2]], [[{ a: { b: 1 } }]], [[new Map()]], ['text'], [[{ a: 1 }, null]]])(
    'takes %p for no table',
    value => expect(tableOf(value)).toBeUndefined()
  );
});

describe('tableHtml', () => {
  it('escapes what the cells hold', () => {
    const table = tableOf([{ '<h>': '"&', when: new Date(0), list: [1, 2] }]);
    expect(table && tableHtml(table)).toBe(
      '<table><thead><tr><th></th><th>&lt;h&gt;</th><th>when</th><th>list</th></tr></thead>' +
        '<tbody><tr><th>0</th><td>&quot;&amp;</td><td>1970-01-01T00:00:00.000Z</td><td>[1, 2]</td></tr></tbody></table>'
    );
  });
  it('says how many rows are left out', () => {
    const table = tableOf(Array.from({ length: 100 }, (_, n) => ({ n })));
    expect(table && tableHtml(table)).toContain('60 of 100 rows');
  });
});
