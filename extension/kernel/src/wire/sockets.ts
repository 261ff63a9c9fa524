import * as zmq from 'zeromq';
import { log } from './log.ts';
import type { Channel } from './message.ts';
import { endpoint, type Connection } from './connection.ts';

/** The kernel's open sockets. */
export interface Sockets {
  /** Receives frames on a channel until the sockets close. */
  listen(channel: 'shell' | 'control' | 'stdin', receive: (frames: Uint8Array[]) => void): void;
  /** Calls back with the topic of each new subscription on iopub. */
  onSubscribe(welcome: (topic: Uint8Array) => void): void;
  /** Sends frames; they leave in the order of the calls. */
  send(channel: Channel, frames: Uint8Array[]): void;
  /** Resolves once all that was given to `send` is with ZeroMQ. */
  drained(): Promise<void>;
  close(): void;
}

type Routed = zmq.Router | zmq.XPublisher;

/** How long closing waits for messages still in the socket, ms. */
const lingerMs = 1000;

/**
 * Binds the five sockets of a connection file, CurveZMQ-encrypted when it holds keys.
 */
export async function openSockets(connection: Connection): Promise<Sockets> {
  const { curve } = connection;
  const options = {
    linger: lingerMs,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    ...(curve && {
      curveServer: true,
      curvePublicKey: curve.publicKey,
      curveSecretKey: curve.secretKey
    })
  };
  const routers = {
    shell: new zmq.Router({ ...options, handover: true }),
    control: new zmq.Router({ ...options, handover: true }),
    stdin: new zmq.Router({ ...options, handover: true })
  };
  const iopub = new zmq.XPublisher({ ...options, verbosity: 'allSubs' });
  const heartbeat = new zmq.Router({ ...options, handover: true });
  const sockets: Record<Channel, Routed> = { ...routers, iopub };
  const close = (): void => {
    for (const socket of [...Object.values(sockets), heartbeat]) socket.close();
  };
  const bound = await Promise.allSettled([
    ...(['shell', 'control', 'stdin', 'iopub'] as const).map(channel =>
      sockets[channel].bind(endpoint(connection, channel))
    ),
    heartbeat.bind(endpoint(connection, 'hb'))
  ]);
  const refused = bound.find(result => result.status === 'rejected');
  if (refused) {
    // ZeroMQ aborts the process when it ends while sockets are open.
    close();
    throw refused.reason;
  }
  void echo(heartbeat);
  const outbox = new Outbox(sockets);
  return {
    listen: (channel, receive) => void receiveAll(routers[channel], receive),
    onSubscribe: welcome =>
      void receiveAll(iopub, ([frame]) => {
        if (frame?.[0] === 1) welcome(frame.subarray(1));
      }),
    send: (channel, frames) => outbox.push(channel, frames),
    drained: () => outbox.drained(),
    close
  };
}

async function receiveAll(socket: Routed, receive: (frames: Uint8Array[]) => void): Promise<void> {
  for await (const frames of socket) receive(frames);
}

async function echo(socket: zmq.Router): Promise<void> {
  for await (const frames of socket) await socket.send(frames);
}

/** ZeroMQ allows one send at a time for each socket; the rest waits here in order. */
class Outbox {
  readonly #sockets: Record<Channel, Routed>;
  readonly #last = new Map<Channel, Promise<void>>();

  constructor(sockets: Record<Channel, Routed>) {
    this.#sockets = sockets;
  }

  push(channel: Channel, frames: Uint8Array[]): void {
    const send = (): Promise<void> => this.#sockets[channel].send(frames).catch(reportLoss);
    this.#last.set(channel, this.#last.get(channel)?.then(send) ?? send());
  }

  async drained(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

/** A peer that left cannot be answered; that is no reason to stop. */
function reportLoss(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EHOSTUNREACH')) {
    log(`a message was not sent: ${String(error)}`);
  }
}
