import type { SensorStatus } from '../execution.ts';
import type { GpuActivity } from './gpu-activity.ts';
import type { LivePace } from './reader-protocol.ts';
import {
  enoughReads,
  longestStartMs,
  type ReadingSink,
  SensorBank,
  type SensorBankOptions
} from './sensor-bank.ts';
import type { Domain, Reading, SensorDescription } from './sensor.ts';

/** What a meter asks of the sensors. */
export type Sensors = Pick<SensorBank, keyof SensorBank>;

/** Gives a meter its sensors. */
export type SensorsOf = (user: Pick<SensorBankOptions, 'sink' | 'arrived'>) => Sensors;

/** What one meter needs is fast enough for those that need less. */
const fastestFirst = ['hot', 'steady', 'cold'] as const satisfies LivePace[];

/** The sensors of a machine, read once for the meters of several users. */
export class SharedBank {
  readonly #bank: SensorBank;
  readonly #members = new Set<Member>();
  readonly #described = new Map<string, SensorDescription>();
  #started: Promise<void> | undefined;

  /** Prepares; the first meter that starts lets the reading begin. */
  constructor(options: Omit<SensorBankOptions, 'sink' | 'arrived'>) {
    const sink: ReadingSink = {
      addSensor: description => {
        this.#described.set(description.id, description);
        this.#each(({ sink }) => sink.addSensor(description));
      },
      removeSensor: (id, atNs, reason) => {
        this.#described.delete(id);
        this.#each(({ sink }) => sink.removeSensor(id, atNs, reason));
      },
      reading: (reading: Reading) => this.#each(({ sink }) => sink.reading(reading))
    };
    const arrived = () =>
      this.#each(member => {
        member.batches++;
        member.arrived();
        member.heard();
      });
    this.#bank = new SensorBank({ ...options, sink, arrived });
  }

  /** Lets a meter use the sensors. */
  readonly join: SensorsOf = ({ sink, arrived }) => {
    const member: Member = { sink, arrived, pace: 'cold', batches: 0, heard: () => {} };
    return new SharedSensors(this.#bank, {
      start: async () => {
        // What is known already is told now; what is found from here on, as it is found.
        for (const description of this.#described.values()) sink.addSensor(description);
        this.#members.add(member);
        if (this.#started === undefined) {
          await (this.#started = this.#bank.start());
          return;
        }
        await this.#started;
        await this.#warmUp(member);
      },
      setPace: pace => this.#setPace(member, pace),
      leave: () => this.#members.delete(member)
    });
  };

  /** Ends the reading. */
  async stop(): Promise<void> {
    if (this.#started) await this.#bank.stop();
  }

  /** A meter that comes later learns the counters' ways from readings of its own, quickly. */
  async #warmUp(member: Member): Promise<void> {
    this.#setPace(member, 'hot');
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, longestStartMs);
      member.heard = () => {
        if (member.batches < enoughReads) return;
        clearTimeout(timer);
        resolve();
      };
    });
    member.heard = () => {};
  }

  #setPace(member: Member, pace: LivePace): void {
    member.pace = pace;
    const wanted = new Set([...this.#members].map(each => each.pace));
    this.#bank.setPace(fastestFirst.find(each => wanted.has(each)) ?? 'cold');
  }

  #each(tell: (member: Member) => void): void {
    for (const member of this.#members) tell(member);
  }
}

interface Member extends Pick<SensorBankOptions, 'sink' | 'arrived'> {
  pace: LivePace;
  /** Batches of readings that came. */
  batches: number;
  /** Called with each. */
  heard: () => void;
}

interface Membership {
  start: () => Promise<void>;
  setPace: (pace: LivePace) => void;
  leave: () => void;
}

/** The shared sensors as one meter sees them. */
class SharedSensors implements Sensors {
  readonly #bank: SensorBank;
  readonly #membership: Membership;

  constructor(bank: SensorBank, membership: Membership) {
    this.#bank = bank;
    this.#membership = membership;
  }

  start(): Promise<void> {
    return this.#membership.start();
  }

  discover(): void {
    this.#bank.discover();
  }

  get gpus(): GpuActivity | undefined {
    return this.#bank.gpus;
  }

  setPace(pace: LivePace): void {
    this.#membership.setPace(pace);
  }

  edge(): void {
    this.#bank.edge();
  }

  domainOf(id: string): Domain {
    return this.#bank.domainOf(id);
  }

  get domains(): Domain[] {
    return this.#bank.domains;
  }

  statuses(): SensorStatus[] {
    return this.#bank.statuses();
  }

  /** This meter hears no more; the others do. */
  stop(): Promise<void> {
    this.#membership.setPace('cold');
    this.#membership.leave();
    return Promise.resolve();
  }
}
