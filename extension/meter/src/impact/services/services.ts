import type { CarbonService } from 'kernel-helpers/impact';
import { electricityMaps } from './electricity-maps.ts';
import { entsoe } from './entsoe.ts';
import { neso } from './neso.ts';
import type { LiveService } from './service.ts';
import { wattTime } from './watttime.ts';

/** The services that tell intensities of now, by name. */
export const liveServices: Record<Exclude<CarbonService, 'offline'>, LiveService> = {
  neso,
  electricitymaps: electricityMaps,
  watttime: wattTime,
  entsoe
};
