import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pageBytesOf } from './page-size.ts';

describe('pageBytesOf', () => {
  const auxiliary = (...words: number[]) => Buffer.from(BigUint64Array.from(words, BigInt).buffer);

  it('finds the page size among the entries', () => {
    expect(pageBytesOf(auxiliary(33, 6, 6, 65_536, 0, 0))).toBe(65_536);
  });

  it('is the usual one where none is told', () => {
    expect(pageBytesOf(auxiliary(33, 6, 0, 0))).toBe(4096);
    expect(pageBytesOf(Buffer.alloc(0))).toBe(4096);
  });

  it("is this machine's", () => {
    const told = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
    expect(pageBytesOf(readFileSync('/proc/self/auxv'))).toBe(told);
  });
});
