import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { LiveCarbon } from './services/service.ts';

const cachedSchema = z.object({
  service: z.string(),
  zone: z.string(),
  askedAt: z.string(),
  answer: z.object({
    grams: z.number(),
    low: z.optional(z.number()),
    high: z.optional(z.number()),
    at: z.string(),
    basis: z.enum(['average', 'marginal']),
    carbonFree: z.optional(z.number()),
    forecast: z.array(z.object({ from: z.string(), to: z.string(), grams_per_kwh: z.number() }))
  })
});

/** An answer with when and for what it was asked. */
export interface CachedCarbon {
  service: string;
  zone: string;
  /** ISO 8601. */
  askedAt: string;
  answer: LiveCarbon;
}

/** The last answer of a service, on disk: a daemon that starts again need not ask again. */
export class CarbonCache {
  readonly #path: string;
  #last: CachedCarbon | undefined;
  #isRead = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last answer of this service for this zone, or undefined. A file that cannot be read counts as none. */
  get(service: string, zone: string): CachedCarbon | undefined {
    if (!this.#isRead) this.#last = read(this.#path);
    this.#isRead = true;
    const found = this.#last;
    return found?.service === service && found.zone === zone ? found : undefined;
  }

  /** Keeps an answer in place of the last; a disk that is full or read-only keeps it in memory alone. */
  put(cached: CachedCarbon): void {
    this.#last = cached;
    this.#isRead = true;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const draft = `${this.#path}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(cached), { mode: 0o600 });
      renameSync(draft, this.#path);
    } catch {
      return;
    }
  }
}

function read(path: string): CachedCarbon | undefined {
  try {
    return cachedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
