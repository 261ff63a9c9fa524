/** The daemon, the report and the library compute with these very types and functions: one place says what joules mean. */
export type {
  CarbonNow as CarbonIntensity,
  CarbonService,
  Coefficient,
  DeviceSetting,
  ForecastSpan as ForecastStep,
  ImpactNow as Impact,
  ImpactSettings
} from 'kernel-helpers/impact/figures';
