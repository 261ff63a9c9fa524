import { reasonOf } from '../errors.ts';
import { CarbonCache, type CachedCarbon } from './cache.ts';
import { keysOf } from './keys.ts';
import { checkedAnswer, fromNow, type LiveService } from './services/service.ts';

/** Half-hourly values do not change faster. */
const freshMs = 10 * 60_000;
/** After a failure the service is left alone for this long. */
const retryMs = 5 * 60_000;
/** An older answer no longer describes now. */
const usableMs = 2 * 3_600_000;

/** Where answers are kept, and where keys are found. */
export interface LiveCarbonPlaces {
  cacheFile: string;
  keysFile: string;
  environment: Record<string, string | undefined>;
}

/** What is known of now: an answer, or why there is none. */
export interface LiveResult {
  cached: CachedCarbon | undefined;
  /** Why the service gave nothing newer; null when it did. */
  failure: string | null;
}

/** Asks services for the carbon intensity of now: seldom, and never twice at once. */
export class LiveCarbonDesk {
  readonly #cache: CarbonCache;
  readonly #places: LiveCarbonPlaces;
  readonly #asking = new Map<string, Promise<LiveResult>>();
  readonly #failed = new Map<string, { at: number; why: string }>();

  constructor(places: LiveCarbonPlaces) {
    this.#places = places;
    this.#cache = new CarbonCache(places.cacheFile);
  }

  /** The newest answer that describes now, asked for if the last is older than ten minutes. Never throws. */
  async of(service: LiveService, zone: string, now: Date): Promise<LiveResult> {
    const cached = this.#usable(service.name, zone, now);
    const age = cached ? now.getTime() - Date.parse(cached.askedAt) : Infinity;
    if (age < freshMs) return { cached, failure: null };
    const name = `${service.name}/${zone}`;
    const failed = this.#failed.get(name);
    if (failed && Math.abs(now.getTime() - failed.at) < retryMs) {
      return { cached, failure: failed.why };
    }
    const asking = this.#asking.get(name) ?? this.#ask(service, zone, now);
    this.#asking.set(name, asking);
    return asking.finally(() => this.#asking.delete(name));
  }

  /** Forgets failures: a setting or a key may have changed. */
  retry(): void {
    this.#failed.clear();
  }

  async #ask(service: LiveService, zone: string, now: Date): Promise<LiveResult> {
    const { keysFile, environment } = this.#places;
    try {
      const keys = keysOf(service, keysFile, environment);
      const base = environment[`JOULEBOOK_${service.name.toUpperCase()}_URL`] || service.base;
      const told = await service.ask({ zone, keys, now, base: base.replace(/\/+$/, '') });
      const checked = checkedAnswer(service.name, told, now);
      const answer = { ...checked, forecast: fromNow(checked, now) };
      const cached = { service: service.name, zone, askedAt: now.toISOString(), answer };
      this.#cache.put(cached);
      return { cached, failure: null };
    } catch (error) {
      const why = reasonOf(error);
      this.#failed.set(`${service.name}/${zone}`, { at: now.getTime(), why });
      return { cached: this.#usable(service.name, zone, now), failure: why };
    }
  }

  #usable(service: string, zone: string, now: Date): CachedCarbon | undefined {
    const cached = this.#cache.get(service, zone);
    if (cached === undefined) return undefined;
    const age = now.getTime() - Date.parse(cached.askedAt);
    // A clock that was set back makes the answer one of the future: it describes no known time.
    return age >= -60_000 && age < usableMs ? cached : undefined;
  }
}
