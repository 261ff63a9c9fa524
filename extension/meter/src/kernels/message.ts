import { createHmac, timingSafeEqual } from 'node:crypto';

import { parseIsoNs } from '../clock.ts';
import type { Connection } from './connection-file.ts';

const delimiter = Buffer.from('<IDS|MSG>');
const mostIdentities = 16;
/** Headers have some 250 bytes; cells of more than 16 MiB do not exist. */
const largestHeader = 64 * 1024;
const largestContent = 16 * 1024 * 1024;

/** The kinds of messages that matter to a meter. */
export type MessageType = 'status' | 'execute_input' | 'error' | 'shutdown_reply';

const wanted: readonly MessageType[] = ['status', 'execute_input', 'error', 'shutdown_reply'];
const marks = wanted.map(type => [type, Buffer.from(`"${type}"`)] as const);

/** A verified message from a kernel's iopub socket. */
export interface KernelMessage {
  type: MessageType;
  /** Wall time at which the kernel made it, in ns since 1970; undefined when it is no date. */
  dateNs: bigint | undefined;
  parent: { id: string; type: string; subshell: string };
  content: Record<string, unknown>;
}

/** What became of some frames: a message, one that does not matter, or one that is refused. */
export type Received = KernelMessage | 'other' | 'malformed' | 'bad-signature';

/**
 * Whether frames may mark a window's edge: a status about an execute_request. A quick look at two
 * short frames, so that the counter can be read before anything is parsed.
 */
export function looksLikeEdge(frames: readonly Buffer[]): boolean {
  const at = delimiterAt(frames);
  const header = frames[at + 2];
  const parent = frames[at + 3];
  if (at < 0 || !header || !parent || parent.length > largestHeader) return false;
  return quickType(header) === 'status' && parent.includes('"execute_request"');
}

/**
 * Reads the frames of one message and checks its signature.
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
 */
export function readMessage(
  frames: readonly Buffer[],
  { key, hash }: Pick<Connection, 'key' | 'hash'>
): Received {
  const at = delimiterAt(frames);
  const [signature, header, parent, metadata, content] = frames.slice(at + 1, at + 6);
  if (at < 0 || !signature || !header || !parent || !metadata || !content) return 'malformed';
  if (header.length > largestHeader || parent.length > largestHeader) return 'malformed';
  // Most messages are output: those are neither hashed nor parsed.
  const type = quickType(header);
  if (!type) return header.includes('"msg_type"') ? 'other' : 'malformed';
  if (content.length > largestContent || metadata.length > largestContent) return 'malformed';
  if (key && !isSigned(signature, [header, parent, metadata, content], key, hash)) {
    return 'bad-signature';
  }
  return parse(header, parent, content);
}

function delimiterAt(frames: readonly Buffer[]): number {
  const last = Math.min(frames.length, mostIdentities);
  for (let at = 0; at < last; at++) if (frames[at]?.equals(delimiter)) return at;
  return -1;
}

function quickType(header: Buffer): MessageType | undefined {
  if (header.length > largestHeader) return undefined;
  return marks.find(([, mark]) => header.includes(mark))?.[0];
}

function isSigned(signature: Buffer, parts: Buffer[], key: string, hash: string): boolean {
  const hmac = createHmac(hash, key);
  for (const part of parts) hmac.update(part);
  const expected = Buffer.from(hmac.digest('hex'));
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

function parse(header: Buffer, parent: Buffer, content: Buffer): Received {
  const fields = objectOf(header);
  const parentFields = objectOf(parent);
  const body = objectOf(content);
  if (!fields || !parentFields || !body) return 'malformed';
  const type = wanted.find(name => name === fields.msg_type);
  if (!type) return typeof fields.msg_type === 'string' ? 'other' : 'malformed';
  return {
    type,
    dateNs: parseIsoNs(textOf(fields.date)),
    parent: {
      id: textOf(parentFields.msg_id),
      type: textOf(parentFields.msg_type),
      subshell: textOf(parentFields.subshell_id)
    },
    content: body
  };
}

function objectOf(json: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
