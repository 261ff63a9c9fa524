import type { MessagePort } from 'node:worker_threads';
import type { Connection } from './connection.ts';
import type { Json, Message } from './message.ts';

/** What the socket thread is started with. */
export interface ThreadData {
  connection: Connection;
  /** The content of `kernel_info_reply`, so that control answers while a cell runs. */
  info: Json;
  /** Two counters, see `sharedSlot`. */
  shared: SharedArrayBuffer;
  /** Where the values of `input_reply` go. */
  stdin: MessagePort;
}

/** The meaning of the shared counters. */
export const sharedSlot = { interruptsSeen: 0, inputsArrived: 1 } as const;

/** From the kernel's thread to the socket thread. */
export type ToSockets =
  | { type: 'send'; message: Message }
  | { type: 'ping'; id: number }
  | { type: 'signals'; port: MessagePort }
  | { type: 'close' };

/** From the socket thread to the kernel's thread. */
export type FromSockets =
  | { type: 'ready' }
  | { type: 'failed'; reason: string }
  | { type: 'request'; message: Message }
  | { type: 'pong'; id: number }
  | { type: 'interrupt'; id: number }
  | { type: 'shutdown'; restart: boolean }
  | { type: 'closed' };
