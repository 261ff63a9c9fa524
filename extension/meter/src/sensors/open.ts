import { MeterError } from '../errors.ts';
import { openBattery } from './battery.ts';
import { openHwmon } from './hwmon.ts';
import { openModel } from './model.ts';
import { openNvmlGpu } from './nvml.ts';
import { openPerf } from './perf.ts';
import { openPowercap } from './powercap.ts';
import type { Sensor, SensorPlace, SensorSource } from './sensor.ts';

const openers: Partial<Record<SensorSource, (place: SensorPlace) => Sensor>> = {
  powercap: openPowercap,
  perf: openPerf,
  nvml: openNvmlGpu,
  hwmon: openHwmon,
  battery: openBattery,
  model: openModel
};

/** Sources that call C libraries: their thread needs `loadNative` first. */
export const nativeSources: readonly SensorSource[] = ['perf', 'nvml'];

/**
 * Opens a sensor that discovery found.
 * @throws MeterError `sensor/denied`, `sensor/absent` or `sensor/unreadable`.
 */
export function openSensor(place: SensorPlace): Sensor {
  const opener = openers[place.source];
  if (opener) return opener(place);
  const known = Object.keys(openers).join(', ');
  throw new MeterError('sensor/absent', `expected a source of ${known}, got ${place.source}`);
}
