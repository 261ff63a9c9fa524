import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker
} from 'node:worker_threads';

import { monotonicNs } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import { nativeSources } from './open.ts';
import {
  control,
  type LivePace,
  paces,
  type ReaderOrder,
  type ReadingBatch,
  rowLength
} from './reader-protocol.ts';
import type { Reading, SensorPlace } from './sensor.ts';

const restartMs = 1_000;

interface Thread {
  port: MessagePort;
  ended: Promise<void>;
  isNative: boolean;
}

/** What a reader is made of. */
export interface ReaderOptions {
  /** Path of the reader thread's script. */
  entry: string | URL;
  /** Called with readings in time order per sensor, some 200 ms after they were taken at most. */
  onReadings: (readings: Reading[]) => void;
}

/**
 * The main thread's side of the reader thread: it names the sensors, the pace and the edges, and
 * receives readings. A thread that dies is started again; its sensors have a gap meanwhile.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #ids = new Map<number, string>();
  readonly #places = new Map<number, SensorPlace>();
  #words = new Int32Array(new SharedArrayBuffer(4 * control.length));
  #thread: Thread | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Starts the thread. */
  start(): void {
    const { port1, port2 } = new MessageChannel();
    const isNative = [...this.#places.values()].some(isNativePlace);
    const worker = new Worker(this.#options.entry, {
      workerData: { shared: this.#words.buffer, port: port2, isNative },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 }
    });
    const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()));
    worker.once('error', (error: unknown) => this.#died(error));
    port1.on('message', (batch: ReadingBatch) => this.#receive(batch));
    this.#thread = { port: port1, ended, isNative };
    for (const [index, place] of this.#places) this.#order({ kind: 'add', index, place });
  }

  /** Reads a sensor from now on. */
  add(place: SensorPlace): void {
    const index = this.#ids.size;
    this.#ids.set(index, place.description.id);
    this.#places.set(index, place);
    // A thread that began without C libraries cannot load them later: it is started anew.
    if (this.#thread && !this.#thread.isNative && isNativePlace(place)) void this.#renew();
    else this.#order({ kind: 'add', index, place });
  }

  /** Reads a sensor no more; readings that are under way still arrive. */
  remove(sensorId: string): void {
    for (const [index, { description }] of this.#places) {
      if (description.id !== sensorId) continue;
      this.#places.delete(index);
      this.#order({ kind: 'remove', index });
    }
  }

  /** Reads slowly, 200 times a second while a kernel is hot, or 50 times once its cell has run for long. */
  setPace(pace: LivePace): void {
    if (Atomics.exchange(this.#words, control.pace, paces[pace]) !== paces[pace]) this.#wake();
  }

  /** A window begins or ends about now: every sensor is read at once. Takes some microseconds. */
  edge(): void {
    Atomics.add(this.#words, control.edges, 1);
    this.#wake();
  }

  /** Stops the thread after a last batch. */
  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    await this.#end();
  }

  async #renew(): Promise<void> {
    const pace = Atomics.load(this.#words, control.pace);
    await this.#end();
    this.#words = new Int32Array(new SharedArrayBuffer(4 * control.length));
    Atomics.store(this.#words, control.pace, pace);
    this.start();
  }

  async #end(): Promise<void> {
    Atomics.store(this.#words, control.pace, paces.stop);
    this.#wake();
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    await thread.ended;
    for (let last = receive(thread.port); last; last = receive(thread.port)) this.#receive(last);
    thread.port.close();
  }

  #wake(): void {
    Atomics.add(this.#words, control.wakes, 1);
    Atomics.notify(this.#words, control.wakes);
  }

  #order(order: ReaderOrder): void {
    if (!this.#thread) return;
    this.#thread.port.postMessage(order);
    this.#wake();
  }

  #receive({ rows, reasons }: ReadingBatch): void {
    const readings: Reading[] = [];
    let gaps = 0;
    for (let at = 0; at < rows.length; at += rowLength) {
      const sensorId = this.#ids.get(rows[at] ?? -1);
      if (sensorId === undefined) continue;
      const beforeNs = rows[at + 1] ?? 0;
      const afterNs = rows[at + 2] ?? 0;
      const microjoules = rows[at + 3] ?? NaN;
      readings.push(
        Number.isNaN(microjoules)
          ? { sensorId, beforeNs, afterNs, gap: reasons[gaps++] ?? 'unreadable' }
          : { sensorId, beforeNs, afterNs, microjoules }
      );
    }
    this.#options.onReadings(readings);
  }

  #died(error: unknown): void {
    this.#thread?.port.close();
    this.#thread = undefined;
    const atNs = monotonicNs();
    const gap = `the reader thread ended: ${reasonOf(error)}`;
    this.#options.onReadings(
      [...this.#places.values()].map(({ description }) => ({
        sensorId: description.id,
        beforeNs: atNs,
        afterNs: atNs,
        gap
      }))
    );
    this.#restart = setTimeout(() => this.start(), restartMs);
    this.#restart.unref();
  }
}

function isNativePlace({ source }: SensorPlace): boolean {
  return nativeSources.includes(source);
}

function receive(port: MessagePort): ReadingBatch | undefined {
  const received: { message: ReadingBatch } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
