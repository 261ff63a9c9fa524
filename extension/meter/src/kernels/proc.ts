import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { reasonOf, systemCodeOf } from '../errors.ts';
import { pageBytesOf } from './page-size.ts';

/** USER_HZ is 100 on every Linux that userland sees. */
const tickNs = 10_000_000;

let buffer = Buffer.alloc(16 * 1024);

const pageBytes = pageBytesOf(Buffer.from(readProc('/proc/self/auxv') ?? '', 'latin1'));

/** The text of a file of /proc, or undefined when the process has gone or is another user's. */
export function readProc(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    // Tables such as /proc/net/unix come a page at a time, however much is asked for.
    return readDescriptor(descriptor, read => read === 0);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads from the beginning until a read of so many bytes was the last. */
function readDescriptor(
  descriptor: number,
  isLast: (read: number, asked: number) => boolean
): string | undefined {
  try {
    let length = 0;
    for (;;) {
      const asked = buffer.length - length;
      const read = readSync(descriptor, buffer, length, asked, length);
      length += read;
      if (isLast(read, asked)) return buffer.toString('latin1', 0, length);
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
    }
  } catch {
    return undefined;
  }
}

/**
 * A file of /proc that comes whole, such as a process's `stat`, and is kept open: reading again is
 * one system call, and the file of a process never becomes that of another one with the same number.
 */
export class ProcFile {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch {
      // No such process, or no descriptors left: `read` tries by name.
      this.#descriptor = undefined;
    }
  }

  /** The text now, or undefined when the process has gone. */
  read(): string | undefined {
    if (this.#descriptor === undefined) return readProc(this.#path);
    return readDescriptor(this.#descriptor, (read, asked) => read < asked);
  }

  /** Closes the file. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

const loadAverage = { file: undefined as ProcFile | undefined };

/**
 * The number of the newest process or thread of the system; undefined where that is not told. While
 * it stays the same nothing has been started.
 */
export function newestPid(): number | undefined {
  loadAverage.file ??= new ProcFile('/proc/loadavg');
  const newest = Number(loadAverage.file.read()?.trim().split(' ').at(-1));
  return Number.isInteger(newest) && newest > 0 ? newest : undefined;
}

/** What /proc/PID/stat says, as far as a meter needs it. */
export interface ProcessStat {
  parent: number;
  /** Id of its session: the pid of the process that leads it. */
  session: number;
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
  return parseStat(readProc(`/proc/${pid}/stat`));
}

/** What the text of a /proc/PID/stat says; undefined when there is none. */
export function parseStat(text: string | undefined): ProcessStat | undefined {
  // The name, second field, may hold spaces and brackets: count from its last bracket.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ', 22);
  if (!fields || fields.length < 22) return undefined;
  const number = (index: number) => Number(fields[index]);
  return {
    parent: number(1),
    session: number(3),
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

/**
 * Every process of the system, or why they cannot be listed now, as the system's code: such as when no
 * file can be opened any more. Then nobody has ended, as far as anybody knows.
 */
export function processIds(): { pids: number[] } | { failure: string } {
  try {
    return { pids: readdirSync('/proc').filter(isNumber).map(Number) };
  } catch (error) {
    return { failure: systemCodeOf(error) ?? reasonOf(error) };
  }
}

/** Whether a process is a user's. */
export function isOf(user: number, pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === user;
  } catch {
    return false;
  }
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}
