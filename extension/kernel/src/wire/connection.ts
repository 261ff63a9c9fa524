import { readFileSync } from 'node:fs';
import { KernelError } from '../errors.ts';

/** What a Jupyter client wrote into the connection file. */
export interface Connection {
  transport: 'tcp' | 'ipc';
  ip: string;
  key: string;
  /** The digest of the signatures, such as `sha256`. */
  digest: string;
  ports: Record<'shell' | 'control' | 'iopub' | 'stdin' | 'hb', number>;
  /** CurveZMQ's Z85 keys, when the client asks for encryption. */
  curve?: { publicKey: string; secretKey: string };
}

const channels = ['shell', 'control', 'iopub', 'stdin', 'hb'] as const;

/**
 * Reads a connection file.
 * @throws KernelError `connection/unreadable`, `connection/invalid` or `connection/unsupported`.
 */
export function readConnection(path: string): Connection {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KernelError('connection/unreadable', `cannot read the connection file ${path}`, {
      cause
    });
  }
  return parseConnection(text, path);
}

/**
 * Parses a connection file's text.
 * @param path Named in the errors.
 * @throws KernelError `connection/invalid` or `connection/unsupported`.
 */
export function parseConnection(text: string, path: string): Connection {
  const file = parseObject(text, path);
  const transport = file.transport ?? 'tcp';
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new KernelError(
      'connection/unsupported',
      `${path}: expected transport tcp or ipc, got ${JSON.stringify(transport)}`
    );
  }
  const scheme = file.signature_scheme ?? 'hmac-sha256';
  if (typeof scheme !== 'string' || !scheme.startsWith('hmac-')) {
    throw new KernelError(
      'connection/unsupported',
      `${path}: expected signature_scheme hmac-…, got ${JSON.stringify(scheme)}`
    );
  }
  const ports = {} as Connection['ports'];
  for (const channel of channels) ports[channel] = port(file, `${channel}_port`, path);
  return {
    transport,
    ip: typeof file.ip === 'string' ? file.ip : '127.0.0.1',
    key: typeof file.key === 'string' ? file.key : '',
    digest: scheme.slice('hmac-'.length),
    ports,
    ...curveKeys(file)
  };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KernelError('connection/invalid', `${path} is not JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KernelError('connection/invalid', `${path}: expected a JSON object`);
  }
  return value as Record<string, unknown>;
}

function port(file: Record<string, unknown>, field: string, path: string): number {
  const value = file[field];
  if (!Number.isInteger(value) || (value as number) < 0) {
    throw new KernelError(
      'connection/invalid',
      `${path}: expected a port number in ${field}, got ${JSON.stringify(value)}`
    );
  }
  return value as number;
}

function curveKeys(file: Record<string, unknown>): Pick<Connection, 'curve'> {
  const { curve_publickey: publicKey, curve_secretkey: secretKey } = file;
  return typeof publicKey === 'string' && typeof secretKey === 'string'
    ? { curve: { publicKey, secretKey } }
    : {};
}

/**
 * The address of one channel: `tcp://ip:port`, or `ipc://path-port` as Jupyter names its sockets.
 */
export function endpoint(connection: Connection, channel: keyof Connection['ports']): string {
  const { transport, ip, ports } = connection;
  return transport === 'tcp' ? `tcp://${ip}:${ports[channel]}` : `ipc://${ip}-${ports[channel]}`;
}
