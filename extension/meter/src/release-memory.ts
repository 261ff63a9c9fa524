import { readFileSync } from 'node:fs';

import { giveBack, trimHeap } from './libc.ts';

/** The start is over by then. */
const firstAfterNs = 3_000_000_000;
const everyNs = 60_000_000_000;
/** Below this there is nothing to gain. */
const enoughBytes = 60 * 2 ** 20;

const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ +\//;

/**
 * Gives memory back that only the start needed: free pieces of the C heap, and the pages of program
 * and libraries, which the system maps in far greater number than are used. A page that is needed
 * again comes from the page cache in some microseconds. Some 10 ms in all.
 */
export function releaseMemory(): void {
  trimHeap();
  // To find them takes longer than to release them, and they stay where they are.
  ranges ??= programPages();
  for (const { start, end } of ranges) giveBack(start, end - start);
}

let ranges: Range[] | undefined;

interface Range {
  start: number;
  end: number;
}

/** Keeps the meter small: looks now and then, while no cell runs, whether memory can be given back. */
export class MemoryKeeper {
  #nextNs = Infinity;

  /** To be called again and again. */
  check(nowNs: number, isHot: boolean): void {
    if (this.#nextNs === Infinity) this.#nextNs = nowNs + firstAfterNs;
    if (isHot || nowNs < this.#nextNs) return;
    this.#nextNs = nowNs + everyNs;
    if (residentBytes() > enoughBytes) releaseMemory();
  }
}

function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    // It is read from a file, and no more can be opened now.
    return 0;
  }
}

/** Ranges of files that are mapped, cannot be written, and never were: their pages are the file's. */
function programPages(): Range[] {
  const found: Range[] = [];
  let current: Range | undefined;
  for (const line of memoryMap().split('\n')) {
    const [, start = '', end = '', mode = ''] = mapping.exec(line) ?? [];
    if (/^[0-9a-f]+-/.test(line)) {
      const isReadOnly = /^r-[-x]p$/.test(mode);
      current = isReadOnly ? { start: parseInt(start, 16), end: parseInt(end, 16) } : undefined;
    } else if (current && /^Anonymous: +0 kB$/.test(line)) {
      found.push(current);
    }
  }
  return found;
}

function memoryMap(): string {
  try {
    return readFileSync('/proc/self/smaps', 'latin1');
  } catch {
    // Kernels without CONFIG_PROC_PAGE_MONITOR do not tell: then nothing is given back.
    return '';
  }
}
