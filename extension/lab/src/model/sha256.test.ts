import { createHash, webcrypto } from 'node:crypto';
import { digest, sha256 } from './sha256';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('digest', () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 1000])(
    'agrees with another implementation for %p bytes',
    n => {
      const text = 'x'.repeat(n);
      expect(hex(digest(new TextEncoder().encode(text)))).toBe(hash(text));
    }
  );
});

describe('sha256', () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  const setCrypto = (value: unknown): void => {
    Object.defineProperty(globalThis, 'crypto', { value, configurable: true });
  };
  afterEach(() => {
    if (original) Object.defineProperty(globalThis, 'crypto', original);
  });

  it('hashes UTF-8 bytes with the browser’s own digest', async () => {
    setCrypto(webcrypto);
    expect(await sha256('θ = 1 😀')).toBe(hash('θ = 1 😀'));
  });
  it('hashes without it on insecure origins', async () => {
    setCrypto({});
    expect(await sha256('θ = 1 😀')).toBe(hash('θ = 1 😀'));
  });
});
