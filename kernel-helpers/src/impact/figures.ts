/**
 * What pages need: all that computes and writes impacts, without the data of the zones, which take megabytes.
 * @module
 */
export type { Amount } from './amount.ts';
export type { Coefficient } from './coefficient.ts';
export { footprint, type Footprint } from './footprint.ts';
export { amountParts, formatAmount, type AmountParts } from './format.ts';
export type { ForecastSpan } from './greenest.ts';
export { stretchLifetime } from './hardware.ts';
export type { CarbonNow, CarbonService, DeviceSetting, ImpactNow, ImpactSettings } from './now.ts';
export { figuresOf, type CarbonRecord } from './recorded.ts';
export { deviceLifetime, devices, type DeviceName } from './devices.ts';
export { sci, type SciScore } from './sci.ts';
export { transferEnergy } from './transfer.ts';
