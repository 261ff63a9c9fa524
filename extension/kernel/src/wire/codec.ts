import { createHmac, timingSafeEqual } from 'node:crypto';
import { KernelError } from '../errors.ts';
import type { Channel, Header, Json, Message } from './message.ts';

const delimiter = Buffer.from('<IDS|MSG>');

/** How messages are signed: the connection's key and digest. */
export interface Signing {
  /** Empty when messages are not signed. */
  key: string;
  digest: string;
}

function sign(signing: Signing, parts: readonly Uint8Array[]): Buffer {
  if (signing.key === '') return Buffer.alloc(0);
  const hmac = createHmac(signing.digest, signing.key);
  for (const part of parts) hmac.update(part);
  return Buffer.from(hmac.digest('hex'));
}

/**
 * Turns a message into the frames that travel: identities, delimiter, signature, four JSON parts, buffers.
 */
export function encode(message: Message, signing: Signing): Uint8Array[] {
  const parts = [message.header, message.parent_header, message.metadata, message.content].map(
    part => Buffer.from(JSON.stringify(part))
  );
  return [...message.identities, delimiter, sign(signing, parts), ...parts, ...message.buffers];
}

/**
 * Reads a message from its frames.
 * @throws KernelError `message/signature` when the signature is not of this kernel's key, `message/malformed` otherwise.
 */
export function decode(frames: readonly Uint8Array[], channel: Channel, signing: Signing): Message {
  const at = frames.findIndex(frame => delimiter.equals(frame));
  const signature = frames[at + 1];
  const parts = frames.slice(at + 2, at + 6);
  if (at < 0 || signature === undefined || parts.length < 4) {
    throw new KernelError(
      'message/malformed',
      `expected a delimiter, a signature and 4 parts, got ${frames.length} frames`
    );
  }
  const expected = sign(signing, parts);
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
    throw new KernelError('message/signature', `a message on ${channel} is not signed by our key`);
  }
  const [header, parent, metadata, content] = parts.map(parsePart) as [Json, Json, Json, Json];
  if (typeof header.msg_type !== 'string' || typeof header.msg_id !== 'string') {
    throw new KernelError('message/malformed', 'a message has no msg_id or no msg_type');
  }
  return {
    channel,
    identities: frames.slice(0, at),
    header: header as unknown as Header,
    parent_header: parent,
    metadata,
    content,
    buffers: frames.slice(at + 6)
  };
}

function parsePart(part: Uint8Array): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8'));
  } catch (cause) {
    throw new KernelError('message/malformed', 'a part of a message is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KernelError('message/malformed', 'a part of a message is not a JSON object');
  }
  return value as Json;
}
