/**
 * From joules to impact: carbon, water, money, hardware and data, each from sourced coefficients with ranges.
 * Pure functions: the daemon, the sidebar, the report and notebooks share them.
 * @module
 */
export {
  add,
  amountOf,
  convert,
  kilowattHours,
  scale,
  scaleBy,
  type Amount,
  type Weaker
} from './amount.ts';
export { afterSolar, emissions, type Emissions, type Supply } from './carbon.ts';
export { ageInYears, coefficient, type Coefficient, type Kind } from './coefficient.ts';
export { deviceLifetime, devices, type DeviceName } from './devices.ts';
export { estimateEnergy, intensityOfMix, type Reservation } from './estimate.ts';
export { footprint, type Footprint } from './footprint.ts';
export { amountParts, formatAmount, type AmountParts } from './format.ts';
export { generation, type GenerationSource } from './generation.ts';
export {
  greenestWindow,
  mostGramsPerKwh,
  savings,
  shortestJobSeconds,
  type ForecastSpan,
  type Job,
  type Window
} from './greenest.ts';
export { embodiedShare, stretchLifetime, type Device } from './hardware.ts';
export {
  carbonServices,
  defaultImpactSettings,
  type CarbonNow,
  type CarbonService,
  type DeviceSetting,
  type ImpactNow,
  type ImpactSettings
} from './now.ts';
export { methodsParagraph, type MethodsInput } from './methods.ts';
export { CarbonMean, figuresOf, type CarbonRecord, type Weighed } from './recorded.ts';
export { money, water, type Tariff, type Water, type WaterSupply } from './resources.ts';
export { sci, type SciInput, type SciScore } from './sci.ts';
export {
  builtIn,
  forecastError,
  fromSettings,
  gridWater,
  liveSpread,
  memoryPower,
  network,
  pueOwnMachine,
  pueUnknown,
  storageHdd,
  storageSsd,
  wueOwnMachine,
  wueUnknown
} from './table.ts';
export { storageEnergy, transferEnergy } from './transfer.ts';
export { findZone, listZones, marginalCarbon, type Zone } from './zones.ts';
