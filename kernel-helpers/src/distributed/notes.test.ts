import { notesLength, readNotes, writeNotes } from './notes.ts';

const sumOf = (...all: readonly number[][]): number[] =>
  all.reduce((sum, notes) => sum.map((value, i) => value + notes[i]!));

describe('notes that travel with gradients', () => {
  it('add up to the mean loss, and to what anybody noted', () => {
    const sum = sumOf(
      writeNotes({ loss: 2, examples: 3 }),
      writeNotes({ loss: 4, examples: 1, hasNewcomer: true, reason: 'joules' })
    );
    expect(sum).toHaveLength(notesLength);
    expect(readNotes(sum, 2)).toEqual({
      ...{ loss: 2.5, count: 4, hasNewcomer: true, reason: 'joules', isCompiled: false }
    });
  });

  it('say whether all have compiled', () => {
    const [done, not] = [true, false].map(isCompiled =>
      writeNotes({ loss: 1, examples: 1, isCompiled })
    ) as [number[], number[]];
    expect(readNotes(sumOf(done, done, done), 3).isCompiled).toBe(true);
    expect(readNotes(sumOf(done, not, done), 3).isCompiled).toBe(false);
    expect(readNotes(not, 1)).not.toHaveProperty('reason');
  });

  it('say no when processors are of several kinds', () => {
    const own = writeNotes({ loss: 1, examples: 1, isCompiled: true });
    const kind = own.length - 2;
    const elsewhere = own.with(kind, 65).with(kind + 1, 65 ** 2);
    expect(readNotes(sumOf(own, elsewhere), 2).isCompiled).toBe(false);
    expect(readNotes(sumOf(elsewhere, elsewhere), 2).isCompiled).toBe(true);
  });
});
