import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** USER_HZ is 100 on every Linux that userland sees. */
const tickNs = 10_000_000;
const pageBytes = 4096;

let buffer = Buffer.alloc(16 * 1024);

/** The text of a file of /proc, or undefined when the process has gone or is another user's. */
export function readProc(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return readDescriptor(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readDescriptor(descriptor: number): string | undefined {
  try {
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, length);
      length += read;
      if (read === 0 || length < buffer.length) return buffer.toString('latin1', 0, length);
      buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    }
  } catch {
    return undefined;
  }
}

/** What /proc/PID/stat says, as far as a meter needs it. */
export interface ProcessStat {
  parent: number;
  /** Ended, or ended and not yet waited for by its parent. */
  ended: boolean;
  /** CPU time of children that ended and were waited for, and of theirs; ticks of 10 ms, in ns. */
  childrenNs: number;
  /** Ticks after boot; with the pid it names a process for good. */
  startTicks: number;
  residentBytes: number;
}

/** Reads /proc/PID/stat; undefined when there is no such process. See proc_pid_stat(5). */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  // The name, second field, may hold spaces and brackets: count from its last bracket.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields.length < 22) return undefined;
  const number = (index: number) => Number(fields[index]);
  return {
    parent: number(1),
    ended: fields[0] === 'Z' || fields[0] === 'X',
    childrenNs: (number(13) + number(14)) * tickNs,
    startTicks: number(19),
    residentBytes: number(21) * pageBytes
  };
}

/** Bytes that a process has read from and written to storage; zeros where that is not told. */
export function readIo(pid: number): { readBytes: number; writtenBytes: number } {
  const text = readProc(`/proc/${pid}/io`) ?? '';
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { readBytes: field('read_bytes'), writtenBytes: field('write_bytes') };
}

/** Greatest memory a process has held at once, in bytes, since it began; 0 when unknown. */
export function readPeakMemory(pid: number): number {
  const text = readProc(`/proc/${pid}/status`) ?? '';
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/** The children of a process, of all its threads. */
export function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const lists = threads.map(thread => readProc(`/proc/${pid}/task/${thread}/children`));
  if (lists.every(list => list === undefined)) return childrenByParent(pid);
  return lists.flatMap(list => list?.split(' ').filter(Boolean).map(Number) ?? []);
}

/** For kernels built without CONFIG_PROC_CHILDREN: everybody's parent is asked. */
function childrenByParent(pid: number): number[] {
  return processIds().filter(candidate => readStat(candidate)?.parent === pid);
}

/** Every process of the system. */
export function processIds(): number[] {
  return readdirSync('/proc').filter(isNumber).map(Number);
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}
