import { addressAt, encodeOutputs } from './outputs.ts';

describe('outputs', () => {
  it('lie in memory as C has them', () => {
    const bytes = encodeOutputs([{ operation: 2 ** 40 + 5, index: 3 }]);
    expect(bytes.length).toBe(16);
    expect(bytes.readBigUInt64LE(0)).toBe(2n ** 40n + 5n);
    expect(bytes.readInt32LE(8)).toBe(3);
  });

  it('have an address even when there are none', () => {
    expect(encodeOutputs([]).length).toBe(16);
  });

  it('are read back as plain numbers', () => {
    const memory = BigUint64Array.of(7n, 2n ** 47n - 1n);
    const words = new Uint32Array(memory.buffer);
    expect([addressAt(words, 0), addressAt(words, 1)]).toEqual([7, 2 ** 47 - 1]);
  });
});
