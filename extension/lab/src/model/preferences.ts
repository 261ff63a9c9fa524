import { JSONExt } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import { devices, type DeviceName } from 'kernel-helpers/impact/figures';
import type { CarbonService } from '../api/impact-types';
import type { Policy } from '../api/types';
import type { EnergyUnit } from '../format/number';

/** Where a cell's badge stands. */
export type BadgePlacement = 'below' | 'inside' | 'off';

/** What the user chose in the settings. */
export interface PreferenceValues {
  unit: EnergyUnit;
  intervals: boolean;
  badges: BadgePlacement;
  /** Joules per run of a notebook after which a notice comes; 0 for none. */
  budget: number;
  /** Budgets of single notebooks by their path; they outrank `budget`. */
  budgets: Readonly<Record<string, number>>;
  /** `keep` leaves the daemon as it is. */
  policy: Policy | 'keep';
  /** Days of history that the daemon keeps, 0 for ever; null leaves the daemon as it is. */
  retentionDays: number | null;
  /** Whether saving a notebook writes each cell's energy into its metadata. */
  saveMetadata: boolean;
  /** Zone of the electricity; '' leaves the daemon as it is, `none` takes its zone away. */
  carbonZone: string;
  /** Where the daemon asks for the carbon of electricity; `keep` leaves it as it is. */
  carbonService: CarbonService | 'keep';
  /** Power usage effectiveness of the site; like all that follow, null leaves the daemon as it is. */
  pue: number | null;
  /** Litres that cooling the machine evaporates per kilowatt-hour. */
  wue: number | null;
  /** Part of the electricity that comes from panels of one's own, between 0 and 1. */
  ownSolarShare: number | null;
  /** What the supplier states, in g/kWh. */
  supplierGramsPerKwh: number | null;
  /** Price of a kilowatt-hour. */
  tariff: number | null;
  /** Currency of the tariff; '' leaves the daemon as it is. */
  currency: string;
  /** The machine, by its name in the table of devices; `keep` leaves the daemon as it is. */
  device: DeviceName | 'keep';
  /** Carbon of making the machine, in kg; outranks the table's. */
  deviceEmbodiedKg: number | null;
  /** Years for which the machine is used. */
  deviceLifetimeYears: number | null;
  /** Whether the status bar shows the notebook's carbon. */
  statusBarCarbon: boolean;
}

/** What holds before the settings are read, and where they are invalid. */
export const DEFAULTS: Readonly<PreferenceValues> = {
  unit: 'auto',
  intervals: true,
  badges: 'below',
  budget: 0,
  budgets: {},
  policy: 'keep',
  retentionDays: null,
  saveMetadata: false,
  carbonZone: '',
  carbonService: 'keep',
  pue: null,
  wue: null,
  ownSolarShare: null,
  supplierGramsPerKwh: null,
  tariff: null,
  currency: '',
  device: 'keep',
  deviceEmbodiedKg: null,
  deviceLifetimeYears: null,
  statusBarCarbon: false
};

const isOneOf =
  (...choices: unknown[]) =>
  (value: unknown): boolean =>
    choices.includes(value);
const isAmount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isAmountOrNull = (value: unknown): boolean => value === null || isAmount(value);
const isText = (value: unknown): boolean => typeof value === 'string';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const VALID: Record<keyof PreferenceValues, (value: unknown) => boolean> = {
  unit: isOneOf('auto', 'J', 'Wh'),
  intervals: isOneOf(true, false),
  badges: isOneOf('below', 'inside', 'off'),
  budget: isAmount,
  budgets: value => isRecord(value) && Object.values(value).every(isAmount),
  policy: isOneOf('keep', 'active', 'share-idle', 'exclusive'),
  retentionDays: isAmountOrNull,
  saveMetadata: isOneOf(true, false),
  carbonZone: isText,
  carbonService: isOneOf('keep', 'offline', 'neso', 'electricitymaps', 'watttime', 'entsoe'),
  pue: value => value === null || (isAmount(value) && (value as number) >= 1),
  wue: isAmountOrNull,
  ownSolarShare: value => isAmountOrNull(value) && (value === null || (value as number) <= 1),
  supplierGramsPerKwh: isAmountOrNull,
  tariff: isAmountOrNull,
  currency: isText,
  device: isOneOf('keep', ...Object.keys(devices)),
  deviceEmbodiedKg: isAmountOrNull,
  deviceLifetimeYears: value => value === null || (isAmount(value) && value !== 0),
  statusBarCarbon: isOneOf(true, false)
};

/** The user's choices, live. */
export class Preferences {
  private readonly _changed = new Signal<this, PreferenceValues>(this);
  private _values: PreferenceValues = { ...DEFAULTS };

  /** Emitted with the new values after each real change. */
  get changed(): ISignal<this, PreferenceValues> {
    return this._changed;
  }

  /** The values that hold now. */
  get values(): PreferenceValues {
    return this._values;
  }

  /** The budget of one notebook in joules, 0 for none. */
  budgetOf(path: string): number {
    return this._values.budgets[path] ?? this._values.budget;
  }

  /** Takes what is valid of `given`; for anything else its default holds. */
  update(given: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(DEFAULTS) as (keyof PreferenceValues)[];
    const next = Object.fromEntries(
      keys.map(key => [key, VALID[key](given[key]) ? given[key] : DEFAULTS[key]])
    ) as unknown as PreferenceValues;
    if (keys.every(key => JSONExt.deepEqual(next[key], this._values[key]))) return;
    this._values = next;
    this._changed.emit(next);
  }
}
