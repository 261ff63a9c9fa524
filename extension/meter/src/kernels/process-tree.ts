import { processCpuNs } from '../libc.ts';
import { parseStat, ProcFile, readIo, readPeakMemory, readStat } from './proc.ts';
import { ProcessTable } from './process-table.ts';

const table = new ProcessTable();

/** Totals of a kernel's process and all that descend from it, since the meter knows them. */
export interface TreeUsage {
  /** CPU ns of threads and processes, ended ones included. */
  cpuNs: number;
  residentBytes: number;
}

/** Storage traffic of the tree, since the meter knows it. */
export interface TreeTraffic {
  readBytes: number;
  writtenBytes: number;
}

interface Member {
  pid: number;
  /** Its /proc/PID/stat. */
  stat: ProcFile;
  parent: number;
  startTicks: number;
  cpuNs: number;
  residentBytes: number;
  /** CPU of children that ended: as last seen alive, and as the parent was told on waiting. */
  seenNs: number;
  waitedNs: number;
  /** `waitedNs` before the meter knew the process. */
  waitedBeforeNs: number;
  traffic: TreeTraffic;
}

/**
 * A kernel's process tree. A child that ends is not forgotten: its CPU time is the larger of what
 * was last seen and what its parent was credited with when it waited for it. Children that ended
 * unseen are in the latter as well. One that was orphaned stays a member, and is found by its
 * session when it was orphaned before anybody saw it.
 */
export class ProcessTree {
  readonly pid: number;
  readonly #members = new Map<number, Member>();
  /** Of members that ended and whose parent is no member. */
  #lostNs = 0;
  #goneTraffic: TreeTraffic = { readBytes: 0, writtenBytes: 0 };
  #cpuNs = 0;
  #looks = 0;
  /** The session that the root leads, if it does: Jupyter makes each kernel the leader of one. */
  readonly #session: number | undefined;

  /** A tree by its root; `alive` is false when there is no such process. */
  constructor(pid: number) {
    this.pid = pid;
    this.#adopt(pid, 0);
    this.#session = readStat(pid)?.session === pid ? pid : undefined;
    this.grow();
  }

  /** Whether the root is running: one that ended and waits for its parent is not. */
  get alive(): boolean {
    const root = this.#members.get(this.pid);
    const stat = parseStat(root?.stat.read());
    return root !== undefined && stat?.startTicks === root.startTicks && !stat.ended;
  }

  /** Whether a process belongs to the tree; new children are looked up. */
  has(pid: number): boolean {
    for (let id = pid, depth = 0; id > 1 && depth < 64; depth++) {
      if (this.#members.has(id)) return true;
      id = readStat(id)?.parent ?? 0;
    }
    return false;
  }

  /** Looks for new processes. */
  grow(): void {
    const looks = table.look();
    if (looks === this.#looks) return;
    this.#looks = looks;
    const isMember = (pid: number) => this.#members.has(pid);
    for (const [pid, parent] of table.joining(isMember, this.#session)) this.#adopt(pid, parent);
  }

  /** CPU time and memory now: a system call and a file read for each process. */
  sample(): TreeUsage {
    for (const member of [...this.#members.values()]) this.#refresh(member);
    let cpuNs = this.#lostNs;
    let residentBytes = 0;
    for (const member of this.#members.values()) {
      cpuNs += totalNs(member);
      residentBytes += member.residentBytes;
    }
    this.#cpuNs = Math.max(this.#cpuNs, cpuNs);
    return { cpuNs: this.#cpuNs, residentBytes };
  }

  /** Closes the files it reads; the tree cannot be used afterwards. */
  close(): void {
    for (const { stat } of this.#members.values()) stat.close();
    this.#members.clear();
  }

  /** Storage traffic now: a file read for each process. */
  traffic(): TreeTraffic {
    const { readBytes, writtenBytes } = this.#goneTraffic;
    const sum = { readBytes, writtenBytes };
    for (const member of this.#members.values()) {
      const io = readIo(member.pid);
      member.traffic.readBytes = Math.max(member.traffic.readBytes, io.readBytes);
      member.traffic.writtenBytes = Math.max(member.traffic.writtenBytes, io.writtenBytes);
      sum.readBytes += member.traffic.readBytes;
      sum.writtenBytes += member.traffic.writtenBytes;
    }
    return sum;
  }

  /** Greatest memory the root has ever held, in bytes. */
  peakMemoryBytes(): number {
    return readPeakMemory(this.pid);
  }

  #adopt(pid: number, parent: number): boolean {
    const file = new ProcFile(`/proc/${pid}/stat`);
    const stat = parseStat(file.read());
    const cpuNs = processCpuNs(pid);
    if (!stat || cpuNs === undefined) {
      file.close();
      return false;
    }
    this.#members.set(pid, {
      pid,
      stat: file,
      parent,
      startTicks: stat.startTicks,
      cpuNs,
      residentBytes: stat.residentBytes,
      seenNs: 0,
      waitedNs: stat.childrenNs,
      waitedBeforeNs: stat.childrenNs,
      traffic: { readBytes: 0, writtenBytes: 0 }
    });
    return true;
  }

  #refresh(member: Member): void {
    const stat = parseStat(member.stat.read());
    if (stat?.startTicks !== member.startTicks) {
      this.#bury(member);
      return;
    }
    member.cpuNs = Math.max(member.cpuNs, processCpuNs(member.pid) ?? 0);
    member.residentBytes = stat.residentBytes;
    member.waitedNs = stat.childrenNs;
  }

  #bury(member: Member): void {
    this.#members.delete(member.pid);
    member.stat.close();
    this.#goneTraffic.readBytes += member.traffic.readBytes;
    this.#goneTraffic.writtenBytes += member.traffic.writtenBytes;
    const parent = this.#members.get(member.parent);
    if (parent) parent.seenNs += totalNs(member);
    else this.#lostNs += totalNs(member);
  }
}

function totalNs({ cpuNs, seenNs, waitedNs, waitedBeforeNs }: Member): number {
  return cpuNs + Math.max(seenNs, waitedNs - waitedBeforeNs);
}
