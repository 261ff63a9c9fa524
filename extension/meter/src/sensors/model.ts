import { readFileSync } from 'node:fs';

import { monotonicNs } from '../clock.ts';
import { MeterError, systemCodeOf } from '../errors.ts';
import {
  clientTdpWatts,
  memoryModel,
  microarchitectures,
  otherServerWattsPerThread
} from './coefficients.ts';
import { type CpuModel, cpuWatts, modelOfTdp } from './cpu-model.ts';
import { machineMemory, MachineClock, processor, type Processor } from './machine.ts';
import type { Discovery, Sensor, SensorDescription, SensorPlace } from './sensor.ts';

const gigabyte = 2 ** 30;
const updatePeriodNs = 1_000_000;

/** The model of a processor by its generation, or by its name where it is a laptop's or desktop's. */
export function modelOfProcessor(cpu: Processor): CpuModel {
  const row = microarchitectures.find(
    ({ vendor, family, models }) =>
      vendor === cpu.vendor && family === cpu.family && models.includes(cpu.model)
  );
  if (row) {
    const tdp = (cpu.threads * row.tdpWatts) / row.threads;
    return modelOfTdp(tdp, `${cpu.threads} threads of a ${row.name} (as ${row.part})`);
  }
  const client = cpu.virtual ? undefined : clientTdpWatts.find(([name]) => name.test(cpu.name));
  if (client) return modelOfTdp(client[1], `a ${client[1]} W part (by its name, ${cpu.name})`);
  const tdp = cpu.threads * otherServerWattsPerThread;
  return modelOfTdp(tdp, `${cpu.threads} threads of an unlisted server CPU (${cpu.name})`);
}

/**
 * The sensors of a machine that has no measured package: CPU power from utilisation and memory from
 * its size. They are labelled as modelled and carry a wide interval.
 * @param calibrationPath What `joulebook calibrate` wrote, if it has run.
 * @throws MeterError `sensor/bad-calibration`.
 */
export function discoverModel(calibrationPath: string): Discovery {
  const cpu = processor();
  const model = readCalibration(calibrationPath) ?? modelOfProcessor(cpu);
  const places = [packagePlace(cpu, model), memoryPlace(machineMemory().totalBytes)];
  const statuses = places.map(({ description }, index) => {
    const { id, domain, device, kind } = description;
    const detail = index === 0 ? `modelled: ${model.origin}` : 'modelled from the memory size';
    const remedy = 'run `joulebook calibrate`, or grant access to a measured sensor';
    return { id, domain, device, kind, state: 'active' as const, detail, remedy };
  });
  return { places, statuses };
}

/** Opens a modelled sensor: a counter that this process advances whenever it is read. */
export function openModel(place: SensorPlace): Sensor {
  const { idleWatts, dynamicWatts, exponent } = place.address;
  if (dynamicWatts === undefined) return new SteadyPower(Number(idleWatts));
  return new BusyPower({
    idleWatts: Number(idleWatts),
    dynamicWatts: Number(dynamicWatts),
    exponent: Number(exponent)
  });
}

function packagePlace(cpu: Processor, model: CpuModel): SensorPlace {
  const { idleWatts, dynamicWatts, exponent, relativeLow, relativeHigh } = model;
  return {
    source: 'model',
    description: {
      ...modelled('model:package', 'package', cpu.name, idleWatts + dynamicWatts),
      idleWatts,
      relativeLow,
      relativeHigh
    },
    address: { idleWatts, dynamicWatts, exponent }
  };
}

function memoryPlace(bytes: number): SensorPlace {
  const gigabytes = bytes / gigabyte;
  const idleWatts = gigabytes * memoryModel.wattsPerGigabyte;
  return {
    source: 'model',
    description: {
      ...modelled('model:dram', 'dram', `${gigabytes.toFixed(1)} GiB of memory`, idleWatts),
      idleWatts,
      relativeLow: memoryModel.low,
      relativeHigh: memoryModel.high
    },
    address: { idleWatts }
  };
}

function modelled(id: string, domain: 'package' | 'dram', device: string, fullWatts: number) {
  return {
    id,
    domain,
    device,
    kind: 'modelled',
    unitMicrojoules: 1,
    periodNs: updatePeriodNs,
    maxWatts: fullWatts * 1.5 + 1,
    minWatts: 0,
    contained: false
  } satisfies SensorDescription;
}

class SteadyPower implements Sensor {
  readonly #watts: number;

  constructor(watts: number) {
    this.#watts = watts;
  }

  read(): number {
    return Math.round((monotonicNs() * this.#watts) / 1e3);
  }

  close(): void {
    // Nothing is held open.
  }
}

class BusyPower implements Sensor {
  readonly #model: Parameters<typeof cpuWatts>[0];
  readonly #clock = new MachineClock();
  readonly #threads = processor().threads;
  #atNs = monotonicNs();
  #busyNs = this.#clock.busyNs();
  #microjoules = 0;

  constructor(model: Parameters<typeof cpuWatts>[0]) {
    this.#model = model;
  }

  read(): number {
    const atNs = monotonicNs();
    const busyNs = this.#clock.busyNs();
    const elapsedNs = atNs - this.#atNs;
    if (elapsedNs > 0) {
      const utilisation = (busyNs - this.#busyNs) / (elapsedNs * this.#threads);
      this.#microjoules += (cpuWatts(this.#model, utilisation) * elapsedNs) / 1e3;
      this.#atNs = atNs;
      this.#busyNs = busyNs;
    }
    return Math.round(this.#microjoules);
  }

  close(): void {
    this.#clock.close();
  }
}

/**
 * Reads what `joulebook calibrate` found for this machine.
 * @returns Undefined when it has not run.
 * @throws MeterError `sensor/bad-calibration` when the file is not a model.
 */
export function readCalibration(path: string): CpuModel | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw new MeterError('sensor/bad-calibration', `cannot read ${path}`, { cause: error });
  }
  const model = parseModel(text);
  if (model) return model;
  const expected = 'positive idleWatts, dynamicWatts, exponent, relativeLow and relativeHigh';
  throw new MeterError(
    'sensor/bad-calibration',
    `expected a JSON object with ${expected} in ${path}; run \`joulebook calibrate\` again`
  );
}

function parseModel(text: string): CpuModel | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map(Object.entries(value));
  const positive = (name: string) => {
    const number: unknown = fields.get(name);
    return typeof number === 'number' && number > 0 && Number.isFinite(number) ? number : NaN;
  };
  const model = {
    idleWatts: positive('idleWatts'),
    dynamicWatts: positive('dynamicWatts'),
    exponent: positive('exponent'),
    relativeLow: positive('relativeLow'),
    relativeHigh: positive('relativeHigh')
  };
  if (Object.values(model).some(Number.isNaN)) return undefined;
  return { ...model, origin: 'calibrated on this machine' };
}
