import { Book, type Span } from './book.ts';

function span(fromNs: number, toNs: number, parts: [number, number, number, number]): Span {
  const [cell, background, other, idle] = parts;
  return {
    fromNs,
    toNs,
    advance: cell + background + other + idle,
    isGap: false,
    gap: 0,
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

  it('keeps gaps among them apart, also when such a stretch is cut', () => {
    const book = new Book();
    const lost: Span = { ...span(0, 1, [0, 0, 0, 0]), advance: 3, gap: 3, isGap: true };
    for (let i = 0; i < 10_000; i++) {
      const times = { fromNs: i, toNs: i + 1 };
      book.append(i % 10 === 0 ? { ...lost, ...times } : span(i, i + 1, [1, 1, 1, 1]));
    }
    const parts = { cells: 9_000, background: 9_000, idle: 9_000, other: 9_000, gap: 3_000 };
    expect(book.account(-Infinity, Infinity)).toEqual({ advance: 39_000, ...parts });
    book.cut(100.5, () => 401);
    expect(book.account(-Infinity, Infinity)).toEqual({ advance: 39_000, ...parts });
    const { advance, ...first } = book.account(-Infinity, 100.5);
    expect(Object.values(first).reduce((a, b) => a + b, 0)).toBe(advance);
  });
});
