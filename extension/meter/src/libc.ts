import koffi from 'koffi';

/** `clockid_t` values of <time.h>. */
const realtimeClock = 0;
/** CPUCLOCK_SCHED, the last three bits of a process's CPU clock (kernel/time/posix-cpu-timers.c). */
const schedulerClock = 2;
/** MADV_DONTNEED of <sys/mman.h>. */
const dontNeed = 4;

type ClockGettime = (clock: number, time: BigInt64Array) => number;
type Madvise = (start: number, bytes: number, advice: number) => number;

let clockGettime: ClockGettime | undefined;
let madvise: Madvise | undefined;
const time = new BigInt64Array(2);

/** Null is the running program, which has libc linked: no file name to guess on musl or glibc. */
function program() {
  return koffi.load(null);
}

function read(clock: number): bigint | undefined {
  clockGettime ??= program().func('clock_gettime', 'int', ['int32_t', 'void *']) as ClockGettime;
  if (clockGettime(clock, time) !== 0) return undefined;
  return (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
}

/** Wall time, ns since 1970. It follows every step of the system's clock. */
export function realtimeNs(): bigint {
  return read(realtimeClock) ?? BigInt(Date.now()) * 1_000_000n;
}

/**
 * CPU time of a process in ns: all its threads, ended ones included, children not.
 * One system call on the process's CPU clock, with the scheduler's own ns resolution.
 * @returns Undefined when there is no such process.
 * @see clock_getcpuclockid(3)
 */
export function processCpuNs(pid: number): number | undefined {
  const ns = read((~pid << 3) | schedulerClock);
  return ns === undefined ? undefined : Number(ns);
}

/**
 * Unmaps the resident pages of a range of memory. Only for pages that are a file's and were never
 * written: those come back from it when they are used.
 * @param start Address, a multiple of the page's size.
 * @see madvise(2), MADV_DONTNEED
 */
export function giveBack(start: number, bytes: number): void {
  madvise ??= program().func('madvise', 'int', ['uintptr_t', 'size_t', 'int']) as Madvise;
  madvise(start, bytes, dontNeed);
}

/** Gives free pieces of the C heap back to the system, where the C library can: glibc, not musl. */
export function trimHeap(): void {
  try {
    const trim = program().func('malloc_trim', 'int', ['size_t']) as (keep: number) => number;
    trim(0);
  } catch {
    return;
  }
}
