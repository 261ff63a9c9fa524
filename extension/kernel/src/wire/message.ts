import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';

/** The version of Jupyter's messaging protocol that the kernel speaks. */
export const protocolVersion = '5.5';

/** A JSON object whose fields are not known here. */
export type Json = Record<string, unknown>;

/** The header of a Jupyter message. */
export interface Header {
  msg_id: string;
  msg_type: string;
  username: string;
  session: string;
  /** ISO 8601, UTC. */
  date: string;
  version: string;
  subshell_id?: string | null;
}

/** The four channels that carry messages; the heartbeat only echoes. */
export type Channel = 'shell' | 'control' | 'iopub' | 'stdin';

/** One message of the protocol, decoded. */
export interface Message {
  channel: Channel;
  /** Routing prefix of ROUTER sockets, or the topic on iopub. */
  identities: Uint8Array[];
  header: Header;
  parent_header: Header | Json;
  metadata: Json;
  content: Json;
  buffers: Uint8Array[];
}

/** This kernel's session id, one for its lifetime. */
export const sessionId = randomUUID();

let username: string | undefined;
let sent = 0;

/**
 * Makes the header of a message that is about to be sent; `date` is now.
 * @param type The message's type, such as `status`.
 */
export function makeHeader(type: string): Header {
  username ??= nameOfUser();
  sent += 1;
  return {
    msg_id: `${sessionId}_${process.pid}_${sent}_${randomUUID().slice(0, 8)}`,
    msg_type: type,
    username,
    session: sessionId,
    date: new Date().toISOString(),
    version: protocolVersion
  };
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'kernel'; // a user id without a name, as in some containers
  }
}

/** What a message may carry beside its content. */
export interface MessageExtras {
  metadata?: Json;
  buffers?: Uint8Array[];
}

/**
 * Answers a request on the channel it came from.
 * @param request What is answered; its identities route the answer.
 * @param type Such as `execute_reply`.
 */
export function makeReply(
  request: Message,
  type: string,
  content: Json,
  extras: MessageExtras = {}
): Message {
  return {
    channel: request.channel,
    identities: request.identities,
    header: makeHeader(type),
    parent_header: request.header,
    metadata: extras.metadata ?? {},
    content,
    buffers: extras.buffers ?? []
  };
}

/**
 * Makes a message for everybody who listens on iopub.
 * @param parent The header of the request that caused it, `{}` when none did.
 */
export function makeBroadcast(
  parent: Header | Json,
  type: string,
  content: Json,
  extras: MessageExtras = {}
): Message {
  return {
    channel: 'iopub',
    identities: [Buffer.from(`kernel.${sessionId}.${type}`)],
    header: makeHeader(type),
    parent_header: parent,
    metadata: extras.metadata ?? {},
    content,
    buffers: extras.buffers ?? []
  };
}
