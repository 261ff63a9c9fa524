import koffi from 'koffi';

/** `clockid_t` values of <time.h>. */
const realtimeClock = 0;
/** CPUCLOCK_SCHED, the last three bits of a process's CPU clock (kernel/time/posix-cpu-timers.c). */
const schedulerClock = 2;

type ClockGettime = (clock: number, time: BigInt64Array) => number;

let clockGettime: ClockGettime | undefined;
const time = new BigInt64Array(2);

function load(): ClockGettime {
  // Null is the running program, which has libc linked: no file name to guess on musl or glibc.
  return koffi.load(null).func('clock_gettime', 'int', ['int32_t', 'void *']) as ClockGettime;
}

function read(clock: number): bigint | undefined {
  clockGettime ??= load();
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
