import { Edits, TextBuilder } from './edits.ts';
import { originOf } from './transpile.ts';

describe('Edits', () => {
  it('applies replacements and insertions in the order of their places', () => {
    const edits = new Edits();
    edits.insert(6, '!');
    edits.replace(0, 1, 'J');
    expect(edits.slice('hello world', 0, 6).text).toBe('Jello !');
  });
  it('keeps insertions at one place in the order of the calls, before a replacement there', () => {
    const edits = new Edits();
    edits.replace(1, 2, 'x');
    edits.insert(1, 'a');
    edits.insert(1, 'b');
    expect(edits.slice('012', 0, 3).text).toBe('0abx2');
  });
  it('drops what lies inside a replaced stretch', () => {
    const edits = new Edits();
    edits.replace(0, 4, '-');
    edits.replace(1, 2, 'lost');
    expect(edits.slice('abcdef', 0, 6).text).toBe('-ef');
  });
  it('tells where each part came from', () => {
    const edits = new Edits();
    edits.insert(2, '<<');
    const { text, segments } = edits.slice('abcdef', 0, 6);
    expect(originOf(segments, text.indexOf('e'))).toBe(4);
    expect(originOf(segments, 0)).toBe(0);
  });
});

describe('TextBuilder', () => {
  it('shifts the segments of what it appends', () => {
    const inner = new TextBuilder().copy('xy', 40);
    const outer = new TextBuilder().copy('head').append(inner);
    expect(outer.text).toBe('headxy');
    expect(originOf(outer.segments, 5)).toBe(41);
  });
});
