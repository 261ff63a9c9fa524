import type { TranslationBundle } from '@jupyterlab/translation';
import type { Impact } from '../api/impact-types';
import type { Energy, Execution } from '../api/types';
import { type Grams, gramsOf, impactWhile } from '../model/carbon';
import {
  energyScale,
  type EnergyUnit,
  lastPlace,
  massScale,
  significantPlace,
  toPlace,
  valuePlace
} from './number';

/** What the settings say about writing values. */
export interface FormatOptions {
  /** The unit of energies. @default 'auto' */
  unit: EnergyUnit;
  /** Whether intervals stand beside values; that a value is modelled is said in any case. */
  intervals: boolean;
  /** BCP 47 tag of the interface's language. */
  locale: string;
  /** Coefficients of carbon; null or absent where there are none. */
  impact?: Impact | null;
}

/** An energy in words: `value` and `interval` stand apart in the table, `text` is both. */
export interface EnergyText {
  value: string;
  interval: string;
  text: string;
}

/** Writes energies, powers and times with as many digits as their intervals allow. */
export class Formatter {
  constructor(
    private readonly trans: TranslationBundle,
    private readonly options: FormatOptions
  ) {}

  /** An energy with its interval, for example `12.4 J ± 0.6`. */
  energy(energy: Energy): EnergyText {
    if (energy.below && energy.high !== null) return this.below(energy.high);
    if (energy.joules === null) {
      return { value: '—', interval: '', text: this.missing(energy.reason) };
    }
    return energy.low === null || energy.high === null
      ? this.unbounded(this.bare(energy), energy)
      : this.bounded(energy.joules, energy.low, energy.high, energy);
  }

  /** The energy of executions with its interval and, where a zone is set, its carbon: what a hover says. */
  meaning(energy: Energy, executions: readonly Execution[] = []): string {
    const { text } = this.energy(energy);
    const grams = gramsOf(energy, impactWhile(executions, this.options.impact ?? null));
    return grams ? `${text} · ${this.carbon(grams).text}` : text;
  }

  /** The value alone, with the digits that its interval allows and its unit. */
  bare(energy: Energy): string {
    const { joules, low, high } = energy;
    if (joules === null) return '—';
    const scale = energyScale(joules, this.options.unit);
    return `${this.quantity(joules / scale.factor, low === null || high === null ? null : (high - low) / 2 / scale.factor)} ${scale.symbol}`;
  }

  /** The same energy in watt-hours, for people who pay by them. */
  wattHours(energy: Energy): string {
    return new Formatter(this.trans, { ...this.options, unit: 'Wh' }).bare(energy);
  }

  /** A mass of CO₂ equivalents, for example `21 mg CO₂e`; `text` has its range. */
  carbon(grams: Grams): EnergyText {
    const { factor, symbol } = massScale(grams.value);
    const [value, low, high] = [grams.value, grams.low, grams.high].map(g => g / factor);
    const half = ((high ?? 0) - (low ?? 0)) / 2;
    const place = Math.max(valuePlace(value ?? 0, half), valuePlace(value ?? 0, null));
    const write = (x = 0): string => toPlace(x, place, this.options.locale);
    const bare = this.trans.__('%1 %2 CO₂e', write(value), symbol);
    const interval = this.trans.__('%1 to %2', write(low), write(high));
    return { value: bare, interval, text: `${bare} (${interval})` };
  }

  /** A price; small ones keep two significant digits. */
  price(amount: number, currency: string): string {
    const place = Math.min(-2, significantPlace(amount, 2));
    return `${toPlace(amount, place, this.options.locale)} ${currency}`;
  }

  /** Mean or momentary power; the interval, where known, only decides the digits. */
  power(watts: number, low: number | null = null, high: number | null = null): string {
    const half = low === null || high === null ? null : (high - low) / 2;
    return `${this.watts(watts, half)} W`;
  }

  /** Power without its unit; it changes all the time, and nobody follows more than four digits. */
  watts(value: number, halfWidth: number | null): string {
    const place = Math.max(valuePlace(value, halfWidth), significantPlace(value, 4));
    return toPlace(value, place, this.options.locale);
  }

  /** A number with the digits of its interval, or three significant ones without. */
  quantity(value: number, halfWidth: number | null): string {
    return toPlace(value, valuePlace(value, halfWidth), this.options.locale);
  }

  /** A share of a whole between 0 and 1, in per cent. */
  share(part: number): string {
    const percent = part * 100;
    if (percent > 0 && percent < 1) return this.trans.__('< 1 %');
    return `${toPlace(percent, 0, this.options.locale)} %`;
  }

  /** A time span: `6 ms`, `8.1 s`, `2 min 05 s`, `1 h 02 min`. */
  duration(seconds: number): string {
    const two = (n: number): string => String(n).padStart(2, '0');
    if (seconds < 0.0995)
      return `${toPlace(seconds * 1e3, seconds < 0.001 ? -1 : 0, this.options.locale)} ms`;
    if (seconds < 59.95) return `${toPlace(seconds, -1, this.options.locale)} s`;
    const whole = Math.round(seconds);
    if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    const minutes = Math.round(whole / 60);
    return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  }

  /** Why there is no value. */
  missing(reason: string | undefined): string {
    return reason ? this.trans.__('no figure: %1', reason) : this.trans.__('no figure');
  }

  private below(high: number): EnergyText {
    const scale = energyScale(high, this.options.unit);
    const bound = high / scale.factor;
    const value = `< ${toPlace(bound, lastPlace(Math.max(bound, 1e-9)), this.options.locale)} ${scale.symbol}`;
    return { value, interval: '', text: value };
  }

  private bounded(joules: number, low: number, high: number, energy: Energy): EnergyText {
    const { locale, intervals, unit } = this.options;
    const bare = this.bare(energy);
    const { factor } = energyScale(joules, unit);
    const half = (high - low) / 2 / factor;
    const place = valuePlace(joules / factor, half);
    const coarse = half > 0 ? lastPlace(half) : place;
    const deviation = (x: number): string => toPlace(x / factor, coarse, locale);
    if (energy.kind === 'measured' && deviation(joules - low) === deviation(high - joules)) {
      const plusMinus = `± ${toPlace(half, coarse, locale)}`;
      return this.joined(bare, plusMinus, `${bare} ${plusMinus}`);
    }
    const write = (x: number): string =>
      toPlace(x / factor, x === 0 || x / factor >= 10 ** coarse ? coarse : place, locale);
    const [from, to] = [write(low), write(high)];
    if (energy.kind === 'measured') {
      const range = this.trans.__('%1 to %2', from, to);
      return this.joined(bare, range, `${bare} (${range})`);
    }
    const modelled = intervals
      ? this.trans.__('%1 to %2, modelled', from, to)
      : this.trans.__('modelled');
    const text = this.trans.__('about %1 (%2)', bare, modelled);
    return { value: bare, interval: modelled, text };
  }

  private unbounded(bare: string, energy: Energy): EnergyText {
    const interval = energy.kind === 'modelled' ? this.trans.__('modelled') : '';
    return { value: bare, interval, text: interval ? `${bare} (${interval})` : bare };
  }

  private joined(value: string, interval: string, text: string): EnergyText {
    return this.options.intervals
      ? { value, interval, text }
      : { value, interval: '', text: value };
  }
}
