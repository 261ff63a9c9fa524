import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { type BlockList, isIP, isIPv6 } from 'node:net';
import { basename } from 'node:path';

import { MeterError, reasonOf, systemCodeOf } from '../errors.ts';
import type { Places } from '../paths.ts';
import { isLocalAddress } from './processes.ts';

const largestBytes = 64 * 1024;
const hash = /^hmac-(sha(1|224|256|384|512)|md5)$/;
const hostName = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
/** A CurveZMQ key of 32 bytes; see https://rfc.zeromq.org/spec/32. */
const z85Key = /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

/** Whose files are read, and by whom. */
export type Whose = Pick<Places, 'user' | 'system'>;

/** What a kernel's connection file says, as far as listening needs it. */
export interface Connection {
  path: string;
  /** The id in the file's name; Jupyter Server uses the same. */
  kernelId: string;
  kernelName: string;
  transport: 'tcp' | 'ipc';
  ip: string;
  /** Its address is of this host, or of the networks of this node's pods; another may be behind a network that is slow, or away. */
  near: boolean;
  iopubPort: number;
  /** Key of the messages' signatures; empty: they are not signed. */
  key: string;
  /** Name of the hash for Node's createHmac, e.g. `sha256`. */
  hash: string;
  /** CurveZMQ keys in Z85, when the kernel encrypts. */
  curve?: { publicKey: string; secretKey: string };
  /** The notebook's absolute path, when the file tells it. */
  notebook: string | null;
}

/** Address of the kernel's iopub socket for zeromq. */
export function iopubAddress({ transport, ip, iopubPort }: Connection): string {
  return transport === 'tcp' ? `tcp://${ip}:${iopubPort}` : `ipc://${ip}-${iopubPort}`;
}

/**
 * Reads a connection file of the user.
 * @param whose The user, and how far the daemon of a whole node may go: to ports of this machine and of the networks named, which anybody
 *   may connect to, never to a socket in a folder that only it can enter.
 * @returns Undefined when it is plainly something else: no file, another user's, or JSON without
 *   any port.
 * @throws MeterError `kernel/bad-connection-file` or `kernel/unsupported-transport`.
 */
export function readConnectionFile(path: string, whose: Whose): Connection | undefined {
  const text = readOwn(path, whose.user);
  if (text === undefined) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (error) {
    throw bad(path, 'JSON', reasonOf(error));
  }
  if (typeof fields !== 'object' || fields === null || !('iopub_port' in fields)) return undefined;
  const told = connectionOf(realpathSync(path), new Map(Object.entries(fields)));
  const { transport, ip } = told;
  const near = transport === 'ipc' || isNear(ip, whose.system?.networks);
  if (whose.system && (transport === 'ipc' || !near)) {
    throw new MeterError(
      'kernel/unsupported-transport',
      `expected a TCP port of this machine, ${path} says ${transport} at ${ip}; start the daemon with ` +
        '--network for kernels in networks of pods, or one of your own with joulebook serve'
    );
  }
  return { ...told, near };
}

function isNear(ip: string, networks: BlockList | undefined): boolean {
  if (isLocalAddress(ip)) return true;
  // Nobody says today where a name leads tomorrow; nor is a scope (`%eth0`) part of a network's addresses.
  if (!networks || !isIP(ip) || ip.includes('%')) return false;
  return networks.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}

function readOwn(path: string, user: number): string | undefined {
  let descriptor: number;
  try {
    // A pipe under this name must not keep the daemon waiting.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'EACCES') return undefined;
    throw bad(path, 'a file', reasonOf(error));
  }
  try {
    const found = fstatSync(descriptor);
    const { uid, size } = found;
    if (uid !== user || !found.isFile()) return undefined;
    if (size > largestBytes) throw bad(path, `at most ${largestBytes} bytes`, `${size}`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof MeterError ? error : bad(path, 'a file', reasonOf(error));
  } finally {
    closeSync(descriptor);
  }
}

function connectionOf(path: string, fields: Map<string, unknown>): Omit<Connection, 'near'> {
  const text = (name: string, otherwise?: string) => {
    const value = fields.get(name) ?? otherwise;
    if (typeof value === 'string') return value;
    throw bad(path, `a text in ${name}`, JSON.stringify(value) ?? 'nothing');
  };
  const transport = text('transport', 'tcp');
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new MeterError(
      'kernel/unsupported-transport',
      `expected transport tcp or ipc in ${path}, got ${JSON.stringify(transport)}`
    );
  }
  const port = fields.get('iopub_port');
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw bad(path, 'a port in iopub_port', JSON.stringify(port) ?? 'nothing');
  }
  const scheme = text('signature_scheme', 'hmac-sha256');
  const algorithm = hash.exec(scheme)?.[1];
  if (!algorithm) throw bad(path, 'signature_scheme hmac-<hash>', JSON.stringify(scheme));
  const ip = text('ip', '127.0.0.1');
  if (transport === 'tcp' && !isIP(ip) && !hostName.test(ip)) {
    throw bad(path, 'an address or the name of a host in ip', JSON.stringify(ip));
  }
  const curveKey = (name: string) => {
    const value = text(name, '');
    if (value === '' || z85Key.test(value)) return value;
    // The value of a secret stays out of logs.
    throw bad(path, `a Z85 key of 40 characters in ${name}`, `${value.length} characters`);
  };
  const publicKey = curveKey('curve_publickey');
  const secretKey = curveKey('curve_secretkey');
  return {
    path,
    kernelId: basename(path, '.json').replace(/^kernel-/, ''),
    kernelName: text('kernel_name', ''),
    transport,
    ip,
    iopubPort: port,
    key: text('key', ''),
    hash: algorithm,
    ...(publicKey && secretKey ? { curve: { publicKey, secretKey } } : {}),
    notebook: notebookPath(fields.get('jupyter_session'))
  };
}

function notebookPath(path: unknown): string | null {
  if (typeof path !== 'string') return null;
  return path.startsWith('/') && path.endsWith('.ipynb') ? path : null;
}

function bad(path: string, expected: string, got: string): MeterError {
  return new MeterError(
    'kernel/bad-connection-file',
    `expected ${expected} in ${path}, got ${got}; the kernel is not metered`
  );
}
