import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { HelperError } from '../../errors.ts';
import type { Cluster } from '../cluster.ts';
import { hostAndPort, reservePort } from './address.ts';
import { Heart } from './heart.ts';
import { Line, type Message } from './line.ts';
import { ControlPort, type Join } from './port.ts';
import { areAllReady } from './readiness.ts';
import { Star } from './star.ts';

/** A group that was agreed on. */
export interface Formed {
  /** 1 for the first group of these workers, then one more each time. */
  readonly generation: number;
  /** Where the TensorFlow servers are, in the order of ranks. */
  readonly addresses: readonly string[];
  /** Places in the cluster, in the order of ranks. */
  readonly indexes: readonly number[];
  readonly rank: number;
}

/** What a worker brings to a group, opened when the group is agreed on and closed when it comes to nothing. */
export interface Opened {
  close(): void;
}

/** A group that all its workers have opened. */
export interface Joined<T extends Opened> {
  readonly formed: Formed;
  readonly opened: T;
  readonly star: Star;
}

interface Agreed {
  readonly formed: Formed;
  readonly star: Star;
}

/** How long a group that lost workers waits for those that are lost or back at nearly the same time; one that comes later joins the next. */
const settleMs = 250;
const retryMs = 200;

/** This process's part in forming groups, from the first to the last. */
export class Formation {
  readonly #cluster: Cluster;
  readonly #key: string;
  readonly #program: string;
  readonly #seconds: number;
  readonly #fewest: number;
  readonly #heart: Heart;
  readonly port: ControlPort;
  #generation = 0;

  private constructor(cluster: Cluster, options: FormationOptions, port: ControlPort) {
    this.#cluster = cluster;
    [this.#key, this.#program] = [options.key, options.program];
    [this.#seconds, this.#fewest] = [options.seconds, options.fewest];
    this.port = port;
    const others = cluster.addresses.filter((_, i) => i !== cluster.index).map(hostAndPort);
    this.#heart = new Heart({ type: 'beats', key: options.key, from: cluster.index }, others);
  }

  /**
   * Listens for the other workers and tells them that this one lives.
   * @param cluster Who they are.
   * @param options Key, program and patience.
   * @returns The formation; close it at the end.
   */
  static async open(cluster: Cluster, options: FormationOptions): Promise<Formation> {
    const port = await ControlPort.open(cluster.addresses[cluster.index]!, options.key);
    return new Formation(cluster, options, port);
  }

  /**
   * Forms the next group: the first one of all workers; a later one of those alive, under the lowest of them.
   * @param open Opens this worker's part of the group that was agreed on. When it fails, or a worker is lost meanwhile, all agree anew.
   * @returns The group, once all its workers have opened their parts.
   * @throws HelperError `distributed/formation` naming who did not come in time or why nothing could be opened,
   *   `distributed/mismatch` for workers of different programs.
   */
  async form<T extends Opened>(open: (formed: Formed) => Promise<T>): Promise<Joined<T>> {
    const started = performance.now();
    const deadline = started + 1000 * this.#seconds;
    let cause: unknown;
    for (;;) {
      const leader = this.#leader();
      const isFirst = leader === this.#cluster.index;
      const agreed = await (isFirst
        ? this.#lead(deadline, started)
        : this.#follow(leader, deadline));
      const joined =
        agreed && (await this.#open(agreed, open).catch(error => void (cause = error)));
      if (joined) return joined;
      if (performance.now() > deadline) throw this.#late([leader], cause);
      await pause(retryMs);
    }
  }

  /** Whether a worker lives that is not among these: it waits to be taken in. */
  hasOthers(indexes: readonly number[]): boolean {
    return [...this.port.alive.keys()].some(index => !indexes.includes(index));
  }

  /** Leaves: the others notice at once. */
  async close(): Promise<void> {
    await this.#heart.stop();
    this.port.close();
  }

  async #open<T extends Opened>(
    { formed, star }: Agreed,
    open: (formed: Formed) => Promise<T>
  ): Promise<Joined<T> | undefined> {
    const others = formed.indexes.filter(index => index !== this.#cluster.index);
    this.port.expect(others);
    const opened = await open(formed).catch(error => {
      star.close();
      throw error;
    });
    const sight = {
      areThere: () => others.every(index => this.port.alive.has(index)),
      areHeard: () => this.port.hasHeard(others)
    };
    if (await areAllReady(star, formed.rank === 0, sight)) {
      this.#generation = formed.generation;
      this.#heart.generation = formed.generation;
      return { formed, opened, star };
    }
    opened.close();
    star.close();
    return undefined;
  }

  /** Whether any worker was in a group before: then not all need to come. */
  #isLater(): boolean {
    const joined = [...this.port.joins.values()].some(({ generation }) => generation > 0);
    return this.#generation > 0 || joined || [...this.port.alive.values()].some(g => g > 0);
  }

  #leader(): number {
    if (!this.#isLater()) return 0;
    return Math.min(this.#cluster.index, ...this.port.alive.keys());
  }

  async #lead(deadline: number, started: number): Promise<Agreed | undefined> {
    const { index, addresses } = this.#cluster;
    for (;;) {
      if (this.#leader() !== index) {
        this.port.dismiss();
        return undefined;
      }
      const { joins, alive } = this.port;
      const isEnough = this.#isLater() && joins.size + 1 >= this.#fewest;
      const awaited = isEnough
        ? [...alive.keys()]
        : addresses.map((_, i) => i).filter(i => i !== index);
      const missing = awaited.filter(i => !joins.has(i));
      const isSettled = !this.#isLater() || performance.now() - started > settleMs;
      if (missing.length === 0 && isSettled) return this.#appoint([...joins.values()]);
      if (performance.now() > deadline) throw this.#late(missing);
      await pause(retryMs / 4);
    }
  }

  async #appoint(joins: readonly Join[]): Promise<Agreed> {
    const { index, addresses } = this.#cluster;
    this.#comparePrograms(joins);
    const reserved = await reservePort();
    const own = { index, generation: this.#generation, port: reserved.port };
    const all = [own, ...joins].sort((a, b) => a.index - b.index);
    const generation = 1 + Math.max(...all.map(worker => worker.generation));
    const servers = all.map(({ index: i, port }) => `${hostOf(addresses[i]!)}:${port}`);
    const indexes = all.map(worker => worker.index);
    const lines = new Map(joins.map(({ index: i, line }) => [indexes.indexOf(i), line]));
    for (const [rank, line] of lines) {
      line.send({ type: 'group', generation, addresses: servers, indexes, rank });
    }
    this.port.joins.clear();
    await reserved.release();
    return { formed: { generation, addresses: servers, indexes, rank: 0 }, star: new Star(lines) };
  }

  #comparePrograms(joins: readonly Join[]): void {
    const other = joins.find(({ program }) => program !== this.#program);
    if (!other) return;
    const text = `worker ${this.#cluster.index} runs ${this.#program}, worker ${other.index} runs ${other.program}; start the same version everywhere`;
    for (const { line } of joins) line.send({ type: 'refused', text });
    throw new HelperError('distributed/mismatch', text);
  }

  async #follow(leader: number, deadline: number): Promise<Agreed | undefined> {
    const line = await dial(this.#cluster.addresses[leader]!);
    if (!line) return undefined;
    const reserved = await reservePort();
    const hello = { type: 'join', key: this.#key, from: this.#cluster.index };
    const { port } = reserved;
    line.send({ ...hello, generation: this.#generation, port, program: this.#program });
    const answer = await this.#answer(line, leader, deadline);
    await reserved.release();
    if (answer?.type === 'refused') {
      throw new HelperError('distributed/mismatch', String(answer.text));
    }
    if (answer?.type === 'group') {
      const { generation, addresses, indexes, rank } = answer as unknown as Formed & Message;
      return {
        formed: { generation, addresses, indexes, rank },
        star: new Star(new Map([[0, line]]))
      };
    }
    line.close();
    return undefined;
  }

  /** What the leader says; nothing when it went away, somebody else leads by now, or time is over. */
  #answer(line: Line, leader: number, deadline: number): Promise<Message | undefined> {
    return new Promise(resolve => {
      const timer = setInterval(() => {
        if (this.#leader() !== leader || performance.now() > deadline) end(undefined);
      }, retryMs);
      const end = (message: Message | undefined): void => {
        clearInterval(timer);
        resolve(message);
      };
      line.onMessage = end;
      line.onClose = () => end(undefined);
    });
  }

  #late(missing: readonly number[], cause?: unknown): HelperError {
    const who = missing.map(i => `${i} (${this.#cluster.addresses[i]})`).join(', ');
    const text =
      cause instanceof Error
        ? `worker ${this.#cluster.index} could not open its part of the group within ${this.#seconds} s: ${cause.message}`
        : `worker ${this.#cluster.index} waited ${this.#seconds} s for worker ${who}; start it, or check that it can be reached and has the same key (JOULEBOOK_GROUP_KEY)`;
    return new HelperError('distributed/formation', text, { cause });
  }
}

/** How a group is formed. */
export interface FormationOptions {
  /** Secret that workers name to each other. */
  readonly key: string;
  /** What runs here: workers of different programs form no group. */
  readonly program: string;
  /** Seconds to wait for the others. */
  readonly seconds: number;
  /** Fewest workers of a group after the first. */
  readonly fewest: number;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function dial(address: string): Promise<Line | undefined> {
  return new Promise(resolve => {
    const socket = connect({ ...hostAndPort(address), timeout: 2000 });
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(new Line(socket));
    });
    socket.once('timeout', () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(undefined));
  });
}
