import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { HelperError } from '../../errors.ts';
import { hostAndPort } from './address.ts';
import { beatMs } from './heart.ts';
import { Line, type Message } from './line.ts';

/** A worker that wants to be in the next group. */
export interface Join {
  readonly line: Line;
  readonly index: number;
  /** The latest group it was in; 0 for a process that has just started. */
  readonly generation: number;
  /** Port of its TensorFlow server to be. */
  readonly port: number;
  /** What it runs: versions and the caller's own name of the program. */
  readonly program: string;
}

/** Milliseconds of silence after which a worker counts as lost: eight of its beats, within the five seconds promised. */
const lostAfterMs = 4000;

/** Milliseconds that the first beat may take beyond that: on a busy machine a process takes long to start. */
const firstBeatMs = 10_000;

/** Where the other workers of a cluster reach this process: they beat here, and join the group it forms. */
export class ControlPort {
  readonly #server: Server;
  readonly #key: Buffer;
  readonly #heard = new Map<number, { at: number; generation: number; beats: number }>();
  readonly #sockets = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  /** Who asks to join, by index. */
  readonly joins = new Map<number, Join>();
  /** Called when a worker died or fell silent. */
  onLost: (index: number, how: string) => void = () => undefined;

  private constructor(server: Server, key: string) {
    this.#server = server;
    this.#key = Buffer.from(key);
    server.on('connection', socket => this.#greet(socket));
    // Beats that came while this thread was busy are read between the timer and the check.
    this.#timer = setInterval(() => setImmediate(() => this.#check()), beatMs);
    this.#timer.unref();
    server.unref();
  }

  /**
   * Listens at this worker's address.
   * @param address `host:port` from the cluster.
   * @param key What the others must name.
   * @returns The port, once it listens.
   * @throws HelperError `distributed/cluster` when the address is taken or not of this machine.
   */
  static async open(address: string, key: string): Promise<ControlPort> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const why =
          cause.code === 'EADDRINUSE'
            ? 'another process listens there: was this worker started twice?'
            : `${cause.message}; is it an address of this machine?`;
        const text = `cannot listen at ${address}, this worker's address: ${why}`;
        reject(new HelperError('distributed/cluster', text, { cause }));
      });
      server.listen(hostAndPort(address), resolve);
    });
    return new ControlPort(server, key);
  }

  /** Where it listens. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** The workers that beat, by index, with the generation of the group that each is in. */
  get alive(): ReadonlyMap<number, number> {
    return new Map([...this.#heard].map(([index, { generation }]) => [index, generation]));
  }

  /**
   * Counts workers as alive from now on, also those whose first beat has still to come: one that dies before it is missed like any other.
   * @param indexes The others of a group.
   */
  expect(indexes: readonly number[]): void {
    for (const index of indexes) {
      const at = performance.now() + firstBeatMs;
      if (!this.#heard.has(index)) this.#heard.set(index, { at, generation: 0, beats: 0 });
    }
  }

  /** Whether each of these has beaten. */
  hasHeard(indexes: readonly number[]): boolean {
    return indexes.every(index => (this.#heard.get(index)?.beats ?? 0) > 0);
  }

  /** Sends those who asked to join away; they ask whoever forms the group. */
  dismiss(): void {
    for (const { line } of this.joins.values()) line.close();
    this.joins.clear();
  }

  /** Listens no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.unref();
    const line = new Line(socket);
    line.onMessage = hello => {
      const { from } = hello;
      if (!this.#admits(hello) || typeof from !== 'number') return void socket.destroy();
      if (hello.type === 'beats') this.#listen(line, from);
      else this.#join(line, from, hello);
    };
  }

  #admits({ key }: Message): boolean {
    const named = Buffer.from(typeof key === 'string' ? key : '');
    return named.length === this.#key.length && timingSafeEqual(named, this.#key);
  }

  #listen(line: Line, index: number): void {
    line.onMessage = ({ generation }) => {
      const beats = 1 + (this.#heard.get(index)?.beats ?? 0);
      this.#heard.set(index, { at: performance.now(), generation: Number(generation), beats });
    };
    line.onClose = () => this.#lose(index, 'its process ended');
  }

  #join(line: Line, index: number, { generation, port, program }: Message): void {
    this.joins.get(index)?.line.close();
    const join: Join = {
      line,
      index,
      generation: Number(generation),
      port: Number(port),
      program: String(program)
    };
    this.joins.set(index, join);
    line.onMessage = () => undefined;
    line.onClose = () => {
      if (this.joins.get(index) === join) this.joins.delete(index);
    };
  }

  #check(): void {
    const now = performance.now();
    for (const [index, { at }] of this.#heard) {
      if (now - at > lostAfterMs) {
        this.#lose(index, `nothing was heard of it for ${Math.round(now - at)} ms`);
      }
    }
  }

  #lose(index: number, how: string): void {
    if (this.#heard.delete(index)) this.onLost(index, how);
  }
}
