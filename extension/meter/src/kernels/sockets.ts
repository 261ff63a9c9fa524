import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { monotonicNs } from '../clock.ts';
import type { Connection } from './connection-file.ts';
import { isLocalAddress } from './processes.ts';
import { isOf, processIds, readProc } from './proc.ts';

const listening = '0A';
/** Programs that carry a port of another machine to this one: behind them is no kernel of ours. */
const carriers = /^(ssh|sshd|autossh|kubectl|socat|docker-proxy)$/;

/** A table this old is read anew. */
const freshNs = 1_000_000_000;

/** Sockets that somebody on this host listens on: inodes by TCP port, and by path. */
interface ListeningSockets {
  atNs: number;
  ports: Map<number, string>;
  paths: Map<string, string>;
}

/** Knows on which sockets somebody on this host listens, and which process does. */
export class Sockets {
  #table: ListeningSockets = { atNs: -Infinity, ports: new Map(), paths: new Map() };
  /** Processes by the inode of their socket; undefined: no kernel of the user. */
  readonly #owners = new Map<string, number | undefined>();
  readonly #user: number;

  /** Looks among the processes of a user, by the system's number. */
  constructor(user: number) {
    this.#user = user;
  }

  /**
   * Whether somebody may be behind an address; of another host nobody here can tell. A pod of this node is not looked into: its kernel is
   * known by its process, and a file that a pod left behind would be waited for without end.
   */
  isServed(connection: Connection): boolean {
    const { transport, ip, near, iopubPort } = connection;
    if (transport === 'ipc') return existsSync(`${ip}-${iopubPort}`);
    if (!isLocalAddress(ip)) return !near;
    return this.#inodeOf(connection) !== undefined;
  }

  /**
   * The process that publishes at this address: for kernels whose command line does not name their
   * connection file, such as embedded ones and those that a launcher script hides.
   */
  ownerOf(connection: Connection): number | undefined {
    if (connection.transport === 'tcp' && !isLocalAddress(connection.ip)) return undefined;
    const inode = this.#inodeOf(connection);
    if (inode === undefined) return undefined;
    if (!this.#owners.has(inode)) {
      const listing = processIds();
      if ('failure' in listing) return undefined;
      this.#owners.set(inode, findOwner(listing.pids, this.#user, inode));
    }
    return this.#owners.get(inode);
  }

  #inodeOf({ transport, ip, iopubPort }: Connection): string | undefined {
    const nowNs = monotonicNs();
    if (nowNs - this.#table.atNs > freshNs) this.#table = { atNs: nowNs, ...listeningSockets() };
    if (transport === 'tcp') return this.#table.ports.get(iopubPort);
    const path = `${ip}-${iopubPort}`;
    return this.#table.paths.get(path) ?? this.#table.paths.get(resolve(path));
  }
}

/** Reads who listens, from /proc/net; see proc_net(5) and unix(7). */
function listeningSockets(): Pick<ListeningSockets, 'ports' | 'paths'> {
  const ports = new Map<number, string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(file)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/, 10);
      if (state === listening) ports.set(parseInt(local.split(':')[1] ?? '', 16), inode);
    }
  }
  const paths = new Map<string, string>();
  for (const line of linesOf('/proc/net/unix')) {
    const [, inode = '', path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
    if (path !== undefined) paths.set(path, inode);
  }
  return { ports, paths };
}

/** A child that inherited the socket has a greater number than who made it. */
function findOwner(pids: number[], user: number, inode: string): number | undefined {
  const own = pids.filter(pid => isOf(user, pid));
  return own.find(pid => socketsOf(pid).includes(inode) && !isCarrier(pid));
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(descriptor => {
      return /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function isCarrier(pid: number): boolean {
  // Such as `/usr/bin/ssh` and `sshd: ada@pts/0`.
  const program = readProc(`/proc/${pid}/cmdline`)?.split(/[\0 :]/, 1)[0] ?? '';
  return carriers.test(basename(program));
}

function linesOf(file: string): string[] {
  return readProc(file)?.split('\n').slice(1) ?? [];
}
