import type { SensorDescription } from '../sensors/sensor.ts';
import { type Activity, Ledger, type Policy, type WindowEnergy } from './ledger.ts';

const HISTORIES = 40;
const STEPS = 60;
const MODULUS = 65_536_000_000;
const POLICIES: Policy[] = ['active', 'share-idle', 'exclusive'];
const KERNELS = ['a', 'b', 'c'];

function sensor(id: string, domain: 'package' | 'dram'): SensorDescription {
  return {
    ...{ id, domain, device: id, kind: 'measured', unitMicrojoules: 61, periodNs: 1e6 },
    ...{ wrapMicrojoules: MODULUS, maxWatts: 400, minWatts: 0, contained: false }
  };
}
const SENSORS = [sensor('package-0', 'package'), sensor('package-0 dram', 'dram')];

/** Numbers in [0, 1) that are the same in every run: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

interface Opened {
  id: string;
  parent: string | undefined;
}

/** A counter that now and then fails, starts again, or stands still. */
class Register {
  readonly description: SensorDescription;
  readonly #random: () => number;
  #joules: number;
  #frozenUntil = -1;
  #shown = 0;

  constructor(description: SensorDescription, random: () => number) {
    this.description = description;
    this.#random = random;
    // Often just below its end.
    this.#joules = MODULUS / 1e6 - 200 * random();
  }

  read(ledger: Ledger, ns: number, seconds: number): void {
    this.#joules += seconds * (5 + 200 * this.#random());
    if (this.#random() < 0.002) this.#joules = 0;
    if (this.#random() < 0.002) this.#frozenUntil = ns + 2e9 * this.#random();
    if (ns >= this.#frozenUntil) this.#shown = Math.floor((this.#joules % (MODULUS / 1e6)) * 1e6);
    const sensorId = this.description.id;
    const times = { beforeNs: ns, afterNs: ns + 2e3 };
    if (this.#random() < 0.005) ledger.reading({ sensorId, ...times, gap: 'EIO' });
    else ledger.reading({ sensorId, ...times, microjoules: this.#shown });
  }
}

/** A few seconds of kernels whose messages come late, on counters that lie; all that was settled. */
function live(seed: number): { ledger: Ledger; opened: Opened[]; settled: WindowEnergy[] } {
  const random = randomFrom(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
  const ledger = new Ledger({ policy: pick(POLICIES), clockErrorNs: 2e4 });
  const registers = SENSORS.map(description => new Register(description, random));
  for (const { description } of registers) ledger.addSensor(description);
  const busy = { a: 0, b: 0, c: 0 };
  let machine = 0;
  const sample = (atNs: number): Activity => ({
    ...{ atNs, machineBusyNs: machine, cpus: 4, cores: 2, meterCpuNs: 0, residentTotalBytes: 8e9 },
    groups: Object.entries(busy).map(([kernelId, cpuNs]) => {
      return { kernelId, cpuNs, residentBytes: 1e9 };
    })
  });
  const opened: Opened[] = [];
  let open: (Opened & { kernelId: string })[] = [];
  const settled: WindowEnergy[] = [];
  // Messages of a kernel come in order.
  const lateNs = random() * 1e8;
  let ns = 1e9;
  for (let step = 0; step < STEPS; step++) {
    const until = ns + 5e6 + random() * 2e8;
    for (; ns < until; ns += 5e6) for (const register of registers) register.read(ledger, ns, 5e-3);
    const used = random() * 2e8;
    busy[pick(['a', 'b', 'c'] as const)] += used;
    machine += used * (random() < 0.1 ? 0.5 : 1 + random());
    ledger.activity(sample(ns));
    if (random() < 0.6) {
      const around = random() < 0.3 ? open.at(-1) : undefined;
      const kernelId = around?.kernelId ?? pick(KERNELS);
      const window = { id: String(opened.length), kernelId, parent: around?.id };
      if (random() < 0.2) ledger.setPolicy(pick(POLICIES));
      const { parent, ...rest } = window;
      ledger.open({ ...rest, startNs: ns - lateNs, ...(parent === undefined ? {} : { parent }) });
      opened.push(window);
      open.push(window);
    }
    if (open.length > 0 && random() < 0.5) {
      const { id } = pick(open);
      ledger.close(id, ns - lateNs / 2);
      // What is inside ends with it.
      const ended = new Set([id]);
      for (const each of open) if (ended.has(each.parent ?? '')) ended.add(each.id);
      open = open.filter(each => !ended.has(each.id));
    }
    settled.push(...ledger.settle(ns));
  }
  for (const { id } of open) ledger.close(id, ns);
  settled.push(...ledger.settle(ns + 1e10));
  return { ledger, opened, settled };
}

function check(seed: number): void {
  const { ledger, opened, settled } = live(seed);
  expect(settled.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
    opened.map((_, i) => i)
  );
  const cells = opened.filter(({ parent }) => parent === undefined).map(({ id }) => id);
  for (const { id: sensorId } of SENSORS) {
    const { advance, ...parts } = ledger.account(sensorId, -Infinity, Infinity);
    const values = Object.values(parts);
    expect(values.reduce((a, b) => a + b, 0)).toBe(advance);
    expect(values.every(part => Number.isSafeInteger(part) && part >= 0)).toBe(true);
    const energies = new Map(
      settled.map(({ id, domains }) => [id, domains.find(each => each.sensorId === sensorId)])
    );
    const sum = cells.reduce((total, id) => total + (energies.get(id)?.microjoules ?? 0), 0);
    expect(sum).toBe(parts.cells);
    for (const { id, parent } of opened) {
      const energy = energies.get(id);
      if (!energy) continue;
      const { lowMicrojoules, microjoules, highMicrojoules } = energy;
      expect([lowMicrojoules, microjoules, highMicrojoules].every(Number.isSafeInteger)).toBe(true);
      expect(lowMicrojoules).toBeGreaterThanOrEqual(0);
      expect(microjoules).toBeGreaterThanOrEqual(lowMicrojoules);
      expect(highMicrojoules).toBeGreaterThanOrEqual(microjoules);
      const around = parent === undefined ? undefined : energies.get(parent);
      if (around) expect(microjoules).toBeLessThanOrEqual(around.microjoules);
    }
  }
}

describe('whatever happens, the ledger', () => {
  it(`adds up, in ${HISTORIES} histories of late messages, nested windows and lying counters`, () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      try {
        check(seed);
      } catch (error) {
        throw new Error(`history ${seed}`, { cause: error });
      }
    }
  }, 60_000);
});
