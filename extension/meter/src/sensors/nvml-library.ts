import { MeterError } from '../errors.ts';
import { native } from './native.ts';

const success = 0;
const gone = new Set([
  2, // NVML_ERROR_INVALID_ARGUMENT: no such handle any more
  6, // NVML_ERROR_NOT_FOUND
  15 // NVML_ERROR_GPU_IS_LOST
]);
const textLength = 96;
/** NVML_DEVICE_ARCH_AMPERE */
const ampere = 7;
const defaultLimitWatts = 1500;
/** nvmlProcessUtilizationSample_t: pid, padding, time in us, then SM, memory, encoder, decoder in %. */
const sampleBytes = 32;
const mostSamples = 1024;

/** What the driver tells of a GPU. */
export interface Gpu {
  index: number;
  uuid: string;
  name: string;
  limitWatts: number;
  /** Whether it counts energy, tells power only, or neither. */
  mode: 'counter' | 'power' | 'none';
  /** Its power is the mean of the last second; else that of a moment. */
  isAveraged: boolean;
}

/** One process's use of a GPU in one of the driver's sampling periods. */
export interface ProcessShare {
  pid: number;
  /** End of the period, us since 1970. */
  untilUs: bigint;
  /** Share of the GPU's multiprocessors, 0..1. */
  share: number;
}

/** One GPU that is open. */
export interface OpenGpu {
  /** Since the driver was loaded. Throws MeterError, as all of these. */
  energyMillijoules: () => number;
  powerMilliwatts: () => number;
  /** Share of the GPU (0..1) that processes used since `sinceUs`, or undefined where it is not told. */
  processes: (sinceUs: bigint) => ProcessShare[] | undefined;
}

type Handle = unknown;
type Call = (...args: unknown[]) => number;

interface Library {
  path: string;
  call(signature: string): Call;
  shutdown(): void;
}

let library: Library | undefined;
let users = 0;

/**
 * Loads and initialises NVML; each success needs a `closeNvml`.
 * @throws MeterError `sensor/absent` when there is no driver.
 */
export function openNvml(path: string): void {
  users += 1;
  if (library?.path === path) return;
  try {
    library = load(path);
  } catch (error) {
    users -= 1;
    throw new MeterError('sensor/absent', `cannot use ${path}: is the NVIDIA driver loaded?`, {
      cause: error
    });
  }
}

/** Gives NVML back; the last user shuts it down. */
export function closeNvml(): void {
  users = Math.max(0, users - 1);
  if (users > 0) return;
  library?.shutdown();
  library = undefined;
}

/** The machine's GPUs. NVML must be open. */
export function nvmlGpus(): Gpu[] {
  const count = [0];
  check(call('int nvmlDeviceGetCount_v2(_Out_ uint32_t *)')(count), 'nvmlDeviceGetCount_v2');
  return Array.from({ length: count[0] ?? 0 }, (_, index) => describe(index));
}

/**
 * One GPU by its UUID: indices change when a GPU goes.
 * @throws MeterError `sensor/absent`
 */
export function nvmlGpu(uuid: string): OpenGpu {
  const handle: Handle[] = [null];
  const byUuid = call('int nvmlDeviceGetHandleByUUID(const char *, _Out_ void **)');
  check(byUuid(uuid, handle), `nvmlDeviceGetHandleByUUID(${uuid})`);
  const energy = call('int nvmlDeviceGetTotalEnergyConsumption(void *, uint64_t *)');
  const power = call('int nvmlDeviceGetPowerUsage(void *, _Out_ uint32_t *)');
  const total = new BigUint64Array(1);
  const milliwatts = [0];
  return {
    energyMillijoules: () => {
      check(energy(handle[0], total), 'nvmlDeviceGetTotalEnergyConsumption');
      return Number(total[0]);
    },
    powerMilliwatts: () => {
      check(power(handle[0], milliwatts), 'nvmlDeviceGetPowerUsage');
      return milliwatts[0] ?? 0;
    },
    processes: sinceUs => processesOf(handle[0], sinceUs)
  };
}

function processesOf(handle: Handle, sinceUs: bigint): ProcessShare[] | undefined {
  const buffer = Buffer.alloc(sampleBytes * mostSamples);
  const count = new Uint32Array([mostSamples]);
  let status: number;
  try {
    const signature =
      'int nvmlDeviceGetProcessUtilization(void *, void *, uint32_t *, uint64_t since)';
    status = call(signature)(handle, buffer, count, sinceUs);
  } catch {
    return undefined;
  }
  if (status === 6) return [];
  if (status !== success) return undefined;
  return Array.from({ length: Math.min(count[0] ?? 0, mostSamples) }, (_, index) => {
    const at = index * sampleBytes;
    const untilUs = buffer.readBigUInt64LE(at + 8);
    return { pid: buffer.readUInt32LE(at), untilUs, share: buffer.readUInt32LE(at + 16) / 100 };
  });
}

function describe(index: number): Gpu {
  const handle: Handle[] = [null];
  const byIndex = call('int nvmlDeviceGetHandleByIndex_v2(uint32_t, _Out_ void **)');
  check(byIndex(index, handle), `nvmlDeviceGetHandleByIndex_v2(${index})`);
  const text = (name: string) => {
    const buffer = Buffer.alloc(textLength);
    check(call(`int ${name}(void *, void *, uint32_t)`)(handle[0], buffer, textLength), name);
    return buffer.toString('utf8', 0, buffer.indexOf(0));
  };
  const uuid = text('nvmlDeviceGetUUID');
  const name = text('nvmlDeviceGetName');
  const isAveraged = averages(handle[0]);
  return { index, uuid, name, ...limits(handle[0]), mode: modeOf(uuid), isAveraged };
}

/**
 * Ampere and what came after tell the mean of a second, older ones a moment's power.
 * @see NVML's reference, nvmlDeviceGetPowerUsage
 */
function averages(handle: Handle): boolean {
  const architecture = [0];
  try {
    const ask = call('int nvmlDeviceGetArchitecture(void *, _Out_ uint32_t *)');
    return ask(handle, architecture) !== success || (architecture[0] ?? 0) >= ampere;
  } catch {
    // A driver too old to be asked knows no such GPU.
    return false;
  }
}

function limits(handle: Handle): { limitWatts: number } {
  const milliwatts = [0];
  const limit = call('int nvmlDeviceGetEnforcedPowerLimit(void *, _Out_ uint32_t *)');
  const told = limit(handle, milliwatts) === success && (milliwatts[0] ?? 0) > 0;
  return { limitWatts: told ? (milliwatts[0] ?? 0) / 1000 : defaultLimitWatts };
}

function modeOf(uuid: string): Gpu['mode'] {
  const gpu = nvmlGpu(uuid);
  for (const [mode, read] of [
    ['counter', gpu.energyMillijoules],
    ['power', gpu.powerMilliwatts]
  ] as const) {
    try {
      read();
      return mode;
    } catch {
      // Not on this GPU: consumer cards before Volta have no counter, vGPUs neither.
    }
  }
  return 'none';
}

function load(path: string): Library {
  const loaded = native().load(path);
  const functions = new Map<string, Call>();
  const named = (signature: string) => {
    let found = functions.get(signature);
    if (!found) {
      found = loaded.func(signature) as Call;
      functions.set(signature, found);
    }
    return found;
  };
  check(named('int nvmlInit_v2()')(), 'nvmlInit_v2');
  return { path, call: named, shutdown: () => named('int nvmlShutdown()')() };
}

function call(signature: string): Call {
  if (library) return library.call(signature);
  throw new MeterError('sensor/absent', 'expected NVML to be open: it was shut down');
}

function check(status: number, what: string): void {
  if (status === success) return;
  throw new MeterError(
    gone.has(status) ? 'sensor/absent' : 'sensor/unreadable',
    `${what} failed with NVML status ${status}${status === 15 ? ': the GPU fell off the bus' : ''}`
  );
}
