import type { Address } from '../runtime/declarations.ts';
import type { Binding } from '../runtime/binding.ts';
import type { Compiled } from './compiled.ts';

/** Which recordings hold which captured tensors, per binding. */
const captures = new WeakMap<Binding, Map<Address, Set<Compiled>>>();

/** The recordings of one function: at most so many, the least recently used go first. */
export class RecordingCache {
  readonly #capacity: number;
  readonly #entries = new Map<string, Compiled>();

  /**
   * An empty cache.
   * @param capacity How many recordings to keep.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The recordings, the least recently used first. */
  get entries(): readonly Compiled[] {
    return [...this.#entries.values()];
  }

  /**
   * Finds a recording that can still be called.
   * @param signature What it was recorded for.
   * @returns The recording; undefined when there is none, or when a tensor it captured is gone.
   */
  find(signature: string): Compiled | undefined {
    const found = this.#entries.get(signature);
    if (!found) return undefined;
    this.#entries.delete(signature);
    if (found.isStale || writesToGone(found)) {
      found.dispose();
      return undefined;
    }
    this.#entries.set(signature, found);
    return found;
  }

  /**
   * Keeps a recording.
   * @param binding What it runs on.
   * @param compiled The recording.
   */
  add(binding: Binding, compiled: Compiled): void {
    watch(binding, compiled);
    this.#entries.set(compiled.signature, compiled);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest, entry] = this.#entries.entries().next().value!;
    this.#entries.delete(oldest);
    entry.dispose();
  }

  /** Drops every recording. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.dispose();
    this.#entries.clear();
  }
}

/** A variable that was disposed of may have been replaced: recording again finds out. */
function writesToGone({ recorded }: Compiled): boolean {
  return recorded.inputs.some(input => input.kind === 'variable' && input.variable.isDisposed);
}

function watch(binding: Binding, compiled: Compiled): void {
  const known = captures.get(binding) ?? new Map<Address, Set<Compiled>>();
  if (!captures.has(binding)) {
    captures.set(binding, known);
    binding.onDelete = id => {
      for (const entry of known.get(id) ?? []) entry.isStale = true;
      known.delete(id);
    };
  }
  for (const handle of compiled.captured) {
    const holders = known.get(handle) ?? new Set();
    known.set(handle, holders.add(compiled));
  }
}
