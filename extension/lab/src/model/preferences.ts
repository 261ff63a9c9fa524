import { JSONExt } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
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
  saveMetadata: false
};

const isOneOf =
  (...choices: unknown[]) =>
  (value: unknown): boolean =>
    choices.includes(value);
const isAmount = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const VALID: Record<keyof PreferenceValues, (value: unknown) => boolean> = {
  unit: isOneOf('auto', 'J', 'Wh'),
  intervals: isOneOf(true, false),
  badges: isOneOf('below', 'inside', 'off'),
  budget: isAmount,
  budgets: value => isRecord(value) && Object.values(value).every(isAmount),
  policy: isOneOf('keep', 'active', 'share-idle', 'exclusive'),
  retentionDays: value => value === null || isAmount(value),
  saveMetadata: isOneOf(true, false)
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
