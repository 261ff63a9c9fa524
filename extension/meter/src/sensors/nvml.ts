import { MeterError } from '../errors.ts';
import { closeNvml, type Gpu, nvmlGpu, nvmlGpus, openNvml } from './nvml-library.ts';
import { PowerIntegral } from './power-integral.ts';
import type { Discovery, Sensor, SensorPlace } from './sensor.ts';

/** The energy counter of a data-centre card is updated ten times a second. */
const updatePeriodNs = 100_000_000;
const microPerMilli = 1000;
/**
 * Where only a moment's power is told, it stands for a part of the time (25 of each 100 ms;
 * arXiv:2312.02741), so the integral may be off by a quarter for a load that swings.
 */
const momentary = { relativeLow: 0.75, relativeHigh: 1.3 };
/** A mean of the last second misses nothing, but comes late; NVIDIA claims 5 %. */
const averaged = { averageNs: 1_000_000_000, relativeLow: 0.95, relativeHigh: 1.05 };

/**
 * Finds NVIDIA's GPUs through NVML, all of the machine's whatever CUDA_VISIBLE_DEVICES says: a GPU's
 * energy is shared out by its processes. With MIG the whole card is metered.
 * @param library Default: the driver's own.
 */
export function discoverNvml(library = 'libnvidia-ml.so.1'): Discovery {
  let gpus: Gpu[];
  try {
    openNvml(library);
    gpus = nvmlGpus();
  } catch {
    // No driver: there is no NVIDIA GPU to tell of.
    return { places: [], statuses: [] };
  }
  const places = gpus.filter(({ mode }) => mode !== 'none').map(gpu => placeOf(gpu, library));
  const statuses = gpus.map(gpu => ({
    id: `nvml:${gpu.uuid}`,
    domain: 'gpu' as const,
    device: gpu.name,
    kind: 'measured' as const,
    state: gpu.mode === 'none' ? ('failing' as const) : ('active' as const),
    detail: details[gpu.mode]
  }));
  return { places, statuses };
}

const details: Record<Gpu['mode'], string> = {
  counter: 'reads the total energy counter',
  power: 'integrates power: this GPU has no energy counter',
  none: 'the driver tells neither energy nor power of this GPU'
};

/**
 * Opens one GPU's counter.
 * @throws MeterError `sensor/absent` when the GPU or the driver has gone, `sensor/unreadable`.
 */
export function openNvmlGpu(place: SensorPlace): Sensor {
  const { uuid, library, mode } = place.address;
  openNvml(String(library));
  const gpu = nvmlGpu(String(uuid));
  if (mode === 'counter') {
    return { read: () => gpu.energyMillijoules() * microPerMilli, close: closeNvml };
  }
  if (mode === 'power') {
    return new PowerIntegral(() => gpu.powerMilliwatts() * microPerMilli, closeNvml);
  }
  throw new MeterError('sensor/absent', `expected mode counter or power, got ${String(mode)}`);
}

function placeOf(gpu: Gpu, library: string): SensorPlace {
  return {
    source: 'nvml',
    description: {
      id: `nvml:${gpu.uuid}`,
      domain: 'gpu',
      device: gpu.name,
      kind: 'measured',
      unitMicrojoules: microPerMilli,
      periodNs: updatePeriodNs,
      maxWatts: gpu.limitWatts * 1.3,
      minWatts: 0,
      contained: false,
      ...(gpu.mode === 'power' ? (gpu.isAveraged ? averaged : momentary) : {})
    },
    address: { uuid: gpu.uuid, library, mode: gpu.mode }
  };
}
