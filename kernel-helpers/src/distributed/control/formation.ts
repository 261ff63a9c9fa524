import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { HelperError } from '../../errors.ts';
import type { Cluster } from '../cluster.ts';
import { freePort, hostAndPort } from './address.ts';
import { Heart } from './heart.ts';
import { Line, type Message } from './line.ts';
import { ControlPort, type Join } from './port.ts';

/** A group that was agreed on. */
export interface Formed {
  /** 1 for the first group of these workers, then one more each time. */
  readonly generation: number;
  /** Where the TensorFlow servers are, in the order of ranks. */
  readonly addresses: readonly string[];
  /** Places in the cluster, in the order of ranks. */
  readonly indexes: readonly number[];
  readonly rank: number;
  /** On the first worker: the lines to the others, by rank. */
  readonly members?: ReadonlyMap<number, Line>;
  /** On the others: the line to the first. */
  readonly first?: Line;
}

/** How long a group that lost workers waits for those who come back. */
const settleMs = 1000;
const retryMs = 200;

/** This process's part in forming groups, from the first to the last. */
export class Formation {
  readonly #cluster: Cluster;
  readonly #key: string;
  readonly #program: string;
  readonly #seconds: number;
  readonly #heart: Heart;
  readonly port: ControlPort;
  #generation = 0;

  private constructor(cluster: Cluster, options: FormationOptions, port: ControlPort) {
    this.#cluster = cluster;
    [this.#key, this.#program, this.#seconds] = [options.key, options.program, options.seconds];
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
   * @returns The group.
   * @throws HelperError `distributed/formation` naming who did not come in time, `distributed/mismatch` for workers of different
   *   programs.
   */
  async form(): Promise<Formed> {
    const deadline = performance.now() + 1000 * this.#seconds;
    const started = performance.now();
    for (;;) {
      const leader = this.#leader();
      if (leader === this.#cluster.index) {
        const formed = await this.#lead(deadline, started);
        if (formed) return this.#enter(formed);
      } else {
        const formed = await this.#follow(leader, deadline);
        if (formed) return this.#enter(formed);
      }
      if (performance.now() > deadline) throw this.#late([leader]);
      await pause(retryMs);
    }
  }

  /** Leaves: the others notice at once. */
  async close(): Promise<void> {
    await this.#heart.stop();
    this.port.close();
  }

  #enter(formed: Formed): Formed {
    this.#generation = formed.generation;
    this.#heart.generation = formed.generation;
    return formed;
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

  async #lead(deadline: number, started: number): Promise<Formed | undefined> {
    const { index, addresses } = this.#cluster;
    for (;;) {
      if (this.#leader() !== index) {
        this.port.dismiss();
        return undefined;
      }
      const awaited = this.#isLater()
        ? [...this.port.alive.keys()]
        : addresses.map((_, i) => i).filter(i => i !== index);
      const missing = awaited.filter(i => !this.port.joins.has(i));
      const isSettled = !this.#isLater() || performance.now() - started > settleMs;
      if (missing.length === 0 && isSettled) return this.#appoint([...this.port.joins.values()]);
      if (performance.now() > deadline) throw this.#late(missing);
      await pause(retryMs / 4);
    }
  }

  async #appoint(joins: readonly Join[]): Promise<Formed> {
    const { index, addresses } = this.#cluster;
    this.#comparePrograms(joins);
    const own = { index, generation: this.#generation, port: await freePort() };
    const all = [own, ...joins].sort((a, b) => a.index - b.index);
    const generation = 1 + Math.max(...all.map(worker => worker.generation));
    const servers = all.map(({ index: i, port }) => `${hostOf(addresses[i]!)}:${port}`);
    const indexes = all.map(worker => worker.index);
    const members = new Map<number, Line>();
    for (const { line, index: i } of joins) {
      const rank = indexes.indexOf(i);
      line.send({ type: 'group', generation, addresses: servers, indexes, rank });
      members.set(rank, line);
    }
    this.port.joins.clear();
    return { generation, addresses: servers, indexes, rank: indexes.indexOf(index), members };
  }

  #comparePrograms(joins: readonly Join[]): void {
    const other = joins.find(({ program }) => program !== this.#program);
    if (!other) return;
    const text = `worker ${this.#cluster.index} runs ${this.#program}, worker ${other.index} runs ${other.program}; start the same version everywhere`;
    for (const { line } of joins) line.send({ type: 'refused', text });
    throw new HelperError('distributed/mismatch', text);
  }

  async #follow(leader: number, deadline: number): Promise<Formed | undefined> {
    const line = await dial(this.#cluster.addresses[leader]!);
    if (!line) return undefined;
    const hello = { type: 'join', key: this.#key, from: this.#cluster.index };
    line.send({
      ...hello,
      generation: this.#generation,
      port: await freePort(),
      program: this.#program
    });
    const answer = await this.#answer(line, leader, deadline);
    if (answer?.type === 'refused') {
      throw new HelperError('distributed/mismatch', String(answer.text));
    }
    if (answer?.type === 'group') {
      const { generation, addresses, indexes, rank } = answer as unknown as Formed & Message;
      return { generation, addresses, indexes, rank, first: line };
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

  #late(missing: readonly number[]): HelperError {
    const who = missing.map(i => `${i} (${this.#cluster.addresses[i]})`).join(', ');
    return new HelperError(
      'distributed/formation',
      `worker ${this.#cluster.index} waited ${this.#seconds} s for worker ${who}; start it, or check that it can be reached and has the same key (JOULEBOOK_GROUP_KEY)`
    );
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
