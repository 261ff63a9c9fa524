import { MeterError, reasonOf } from '../errors.ts';
import type { Places } from '../paths.ts';
import { absentSources } from './absent.ts';
import { discoverBattery } from './battery.ts';
import { discoverHttpMeters } from './http-meters.ts';
import { discoverHwmon } from './hwmon.ts';
import { processor } from './machine.ts';
import { discoverModel } from './model.ts';
import { discoverNvml } from './nvml.ts';
import { discoverPerf } from './perf.ts';
import { discoverPowercap } from './powercap.ts';
import type { Discovery, Domain } from './sensor.ts';

/** Domains of which a machine has one: two sources of it show the same joules. */
const onceOnly = new Set<Domain>(['package', 'dram', 'psys', 'core', 'uncore', 'battery', 'wall']);

/**
 * Finds every sensor of this machine. Modelled ones stand in only where no package is measured, perf
 * only where powercap is refused. `loadNative` must have run. Cheap enough to repeat.
 */
export function discoverSensors(places: Places): Discovery {
  const found = discoverAll(places);
  const { virtual } = processor();
  const absent = absentSources(found.statuses, { sysfs: places.sysfs, virtual });
  return { ...found, statuses: [...found.statuses, ...absent] };
}

function discoverAll(places: Places): Discovery {
  const powercap = discoverPowercap(places.sysfs);
  const measured = [
    powercap,
    ...(hasPackage(powercap) ? [] : [discoverPerf(places.sysfs)]),
    discoverNvml(),
    discoverHwmon(places.sysfs),
    discoverBattery(places.sysfs),
    discoverHttpMeters(places.meters)
  ].reduce(merge);
  return hasPackage(measured) ? measured : merge(measured, modelOrDefault(places.calibration));
}

function hasPackage({ places }: Discovery): boolean {
  return places.some(({ description }) => description.domain === 'package');
}

/** Joins two discoveries; a domain of the CPU that the first one reads is not read a second time. */
function merge(first: Discovery, second: Discovery): Discovery {
  const taken = new Set(first.places.map(({ description }) => description.domain));
  const isTwin = (domain: Domain) => onceOnly.has(domain) && taken.has(domain);
  return {
    places: [
      ...first.places,
      ...second.places.filter(({ description }) => !isTwin(description.domain))
    ],
    statuses: [
      ...first.statuses,
      ...second.statuses.map(status =>
        status.state === 'active' && isTwin(status.domain)
          ? { ...status, state: 'duplicate' as const, detail: 'another sensor reads this domain' }
          : status
      )
    ]
  };
}

/** A broken calibration is said in the status; the public coefficients take its place. */
function modelOrDefault(calibration: string): Discovery {
  try {
    return discoverModel(calibration);
  } catch (error) {
    const discovery = discoverModel('');
    const reason = error instanceof MeterError ? error.message : reasonOf(error);
    const statuses = discovery.statuses.map(status => ({
      ...status,
      detail: `${status.detail}; the calibration was not used: ${reason}`
    }));
    return { ...discovery, statuses };
  }
}
