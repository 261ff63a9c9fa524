import { Book, type Span } from './book.ts';

function span(fromNs: number, toNs: number, parts: [number, number, number, number]): Span {
  const [cell, background, other, idle] = parts;
  return {
    fromNs,
    toNs,
    advance: cell + background + other + idle,
    isGap: false,
    split: {
      cells: new Map([['w', cell]]),
      background: new Map([['k', background]]),
      other,
      idle
    },
    idle,
    deviations: new Map()
  };
}

describe('Book', () => {
  it('adds up the spans between two boundaries', () => {
    const book = new Book();
    book.append(span(0, 10, [5, 1, 2, 3]));
    book.append(span(10, 20, [7, 0, 1, 2]));
    expect(book.account(0, 20)).toEqual({
      advance: 21,
      cells: 12,
      background: 1,
      idle: 5,
      other: 3,
      gap: 0
    });
    expect(book.account(10, 20).cells).toBe(7);
  });

  it('cuts a span without losing a microjoule', () => {
    const book = new Book();
    book.append(span(0, 10, [5, 1, 2, 3]));
    const whole = book.account(0, 10);
    book.cut(3, () => 4);
    expect(book.account(0, 3).advance).toBe(4);
    expect(book.account(0, 10)).toEqual(whole);
  });

  it('keeps the sums of days in bounded memory', () => {
    const book = new Book();
    for (let i = 0; i < 10_000; i++) book.append(span(i, i + 1, [1, 1, 1, 1]));
    expect(book.account(-Infinity, Infinity)).toMatchObject({ advance: 40_000, idle: 10_000 });
    expect([...book.between(-Infinity, Infinity)].length).toBeLessThan(5_000);
  });
});
