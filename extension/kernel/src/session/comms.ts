import { randomUUID } from 'node:crypto';
import type { Json, Message, MessageExtras } from '../wire/message.ts';

/** A message that arrived on a comm. */
export interface CommMessage {
  data: Json;
  buffers: Uint8Array[];
}

type Send = (type: string, content: Json, extras?: MessageExtras) => void;

/** A channel to a widget in the front end. */
export class Comm {
  readonly id: string;
  readonly target: string;
  readonly #send: Send;
  readonly #forget: () => void;
  #onMessage: ((message: CommMessage) => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(id: string, target: string, send: Send, forget: () => void) {
    this.id = id;
    this.target = target;
    this.#send = send;
    this.#forget = forget;
  }

  /** Sends data to the other side. */
  send(data: Json, buffers: Uint8Array[] = []): void {
    this.#send('comm_msg', { comm_id: this.id, data }, { buffers });
  }

  /** Closes the channel on both sides. */
  close(data: Json = {}): void {
    this.#forget();
    this.#send('comm_close', { comm_id: this.id, data });
  }

  /** Sets what happens with a message of the other side. */
  onMessage(handler: (message: CommMessage) => void): void {
    this.#onMessage = handler;
  }

  /** Sets what happens when the other side closes. */
  onClose(handler: () => void): void {
    this.#onClose = handler;
  }

  /** Hands over a message of the other side. */
  receive(message: CommMessage): void {
    this.#onMessage?.(message);
  }

  /** Tells that the other side closed. */
  closed(): void {
    this.#forget();
    this.#onClose?.();
  }
}

/** All open comms. */
export class Comms {
  readonly #send: Send;
  readonly #open = new Map<string, Comm>();
  readonly #targets = new Map<string, (comm: Comm, message: CommMessage) => void>();

  /**
   * Begins without comms.
   * @param send Broadcasts a message as part of the running cell.
   */
  constructor(send: Send) {
    this.#send = send;
  }

  /** Opens a comm to a target that the front end knows. */
  open(
    target: string,
    data: Json = {},
    options: { metadata?: Json; buffers?: Uint8Array[] } = {}
  ): Comm {
    const comm = this.#add(randomUUID().replaceAll('-', ''), target);
    this.#send('comm_open', { comm_id: comm.id, target_name: target, data }, options);
    return comm;
  }

  /** Accepts comms that the front end opens. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void {
    this.#targets.set(target, opened);
  }

  /** The content of `comm_info_reply`. */
  info(target: unknown): Json {
    const comms = [...this.#open.values()]
      .filter(comm => typeof target !== 'string' || comm.target === target)
      .map(comm => [comm.id, { target_name: comm.target }] as const);
    return { status: 'ok', comms: Object.fromEntries(comms) };
  }

  /** Takes a `comm_open`, `comm_msg` or `comm_close` of the front end. */
  receive(message: Message): void {
    const { content, buffers, header } = message;
    const id = String(content.comm_id);
    const given = { data: (content.data ?? {}) as Json, buffers };
    if (header.msg_type === 'comm_open') this.#accept(id, String(content.target_name), given);
    else if (header.msg_type === 'comm_msg') this.#open.get(id)?.receive(given);
    else this.#open.get(id)?.closed();
  }

  #accept(id: string, target: string, message: CommMessage): void {
    const opened = this.#targets.get(target);
    if (opened === undefined) {
      this.#send('comm_close', { comm_id: id, data: {} }); // as the protocol asks for unknown targets
      return;
    }
    opened(this.#add(id, target), message);
  }

  #add(id: string, target: string): Comm {
    const comm = new Comm(id, target, this.#send, () => this.#open.delete(id));
    this.#open.set(id, comm);
    return comm;
  }
}
