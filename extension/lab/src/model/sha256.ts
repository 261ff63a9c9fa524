const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
];

/**
 * The SHA-256 of a text's UTF-8 bytes, in lower-case hex. The browser's own digest is used where it
 * exists; pages of insecure origins other than localhost have none.
 */
export async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  return subtle ? hex(new Uint8Array(await subtle.digest('SHA-256', bytes))) : hex(digest(bytes));
}

/**
 * SHA-256 without the browser's help.
 * @see FIPS 180-4, sections 5.1.1 and 6.2
 */
export function digest(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((message.length + 8) >> 6) + 1) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, (message.length << 3) >>> 0);
  const state = new Uint32Array(INITIAL);
  for (let offset = 0; offset < padded.length; offset += 64) compress(state, view, offset);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, index) => out.setUint32(index * 4, word));
  return new Uint8Array(out.buffer);
}

const ROUND_CONSTANTS = roundConstants();

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function roundConstants(): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) {
    if (primes.every(prime => n % prime !== 0)) primes.push(n);
  }
  return Uint32Array.from(primes, prime => Math.floor((Math.cbrt(prime) % 1) * 2 ** 32));
}

function compress(state: Uint32Array, block: DataView, offset: number): void {
  const schedule = new Uint32Array(64);
  for (let t = 0; t < 64; t++) {
    if (t < 16) {
      schedule[t] = block.getUint32(offset + t * 4);
      continue;
    }
    const [w2, w7, w15, w16] = [2, 7, 15, 16].map(back => schedule[t - back] ?? 0);
    const s0 = rotate(w15 ?? 0, 7) ^ rotate(w15 ?? 0, 18) ^ ((w15 ?? 0) >>> 3);
    const s1 = rotate(w2 ?? 0, 17) ^ rotate(w2 ?? 0, 19) ^ ((w2 ?? 0) >>> 10);
    schedule[t] = (w16 ?? 0) + s0 + (w7 ?? 0) + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + s1 + choice + (ROUND_CONSTANTS[t] ?? 0) + (schedule[t] ?? 0)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] ?? 0) + word;
  });
}

type Eight = [number, number, number, number, number, number, number, number];

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
