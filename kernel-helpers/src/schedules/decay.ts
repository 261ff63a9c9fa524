import { checkNumber } from '../errors.ts';
import type { Schedule } from './schedule.ts';

/**
 * The same value at each step.
 * @param value Any finite number.
 * @returns A schedule.
 */
export function constant(value: number): Schedule {
  checkNumber('value', value);
  return () => value;
}

/**
 * Multiplies by a factor each time so many steps are over: `start·factor^⌊step / every⌋`.
 * @param start Value at step 0.
 * @param options `factor` (default 0.1) and `every`, a whole number of steps.
 * @returns A schedule.
 */
export function stepDecay(start: number, options: { every: number; factor?: number }): Schedule {
  const every = checkNumber('every', options.every, { from: 1, integer: true });
  checkNumber('start', start);
  const factor = checkNumber('factor', options.factor ?? 0.1);
  return step => start * factor ** Math.floor(step / every);
}

/**
 * Multiplies by a factor at each of the steps listed.
 * @param start Value at step 0.
 * @param factors The factor by the step from which it applies.
 * @returns A schedule.
 * @example piecewise(0.1, { 1000: 0.1, 2000: 0.1 })
 */
export function piecewise(start: number, factors: Readonly<Record<number, number>>): Schedule {
  checkNumber('start', start);
  const entries = Object.entries(factors).map(
    ([at, factor]) =>
      [checkNumber('a step', Number(at)), checkNumber(`the factor at ${at}`, factor)] as const
  );
  return step =>
    entries.reduce((value, [at, factor]) => (step >= at ? value * factor : value), start);
}

/** Options of exponential decay. */
export interface ExponentialOptions {
  /** Steps in which the value is multiplied by `factor` once, above 0. */
  steps: number;
  /** The factor, above 0. */
  factor: number;
  /** First step of the decay. @default 0 */
  begin?: number;
  /** Decays in stairs of `steps`. @default false */
  staircase?: boolean;
  /** Where the decay ends: the least value for a factor below 1, else the largest. */
  end?: number;
}

/**
 * Decays exponentially: `start·factor^((step − begin) / steps)`.
 * @param start Value until `begin`.
 * @param options See `ExponentialOptions`.
 * @returns A schedule.
 */
export function exponential(start: number, options: ExponentialOptions): Schedule {
  const { begin = 0, staircase = false, end } = options;
  checkNumbers({ start, begin, end: end ?? 0 });
  const steps = checkNumber('steps', options.steps, { above: 0 });
  const factor = checkNumber('factor', options.factor, { above: 0 });
  return step => {
    if (step <= begin) return start;
    const periods = (step - begin) / steps;
    const value = start * factor ** (staircase ? Math.floor(periods) : periods);
    if (end === undefined) return value;
    return factor < 1 ? Math.max(value, end) : Math.min(value, end);
  };
}

/** Options of polynomial decay. */
export interface PolynomialOptions {
  /** Value from step `begin + steps` on. @default 0 */
  end?: number;
  /** Steps from the start to the end, above 0. */
  steps: number;
  /** Power of the way still to go; 1 is a straight line. @default 1 */
  power?: number;
  /** First step of the decay. @default 0 */
  begin?: number;
}

/**
 * Goes from one value to another along a power: `end + (start − end)·(1 − t)^power`, `t` from 0 to 1.
 * @param start Value until `begin`.
 * @param options See `PolynomialOptions`.
 * @returns A schedule.
 */
export function polynomial(start: number, options: PolynomialOptions): Schedule {
  const { end = 0, power = 1, begin = 0 } = options;
  checkNumbers({ start, end, begin });
  checkNumber('power', power, { above: 0 });
  const steps = checkNumber('steps', options.steps, { above: 0 });
  return step => end + (start - end) * (1 - clamp((step - begin) / steps)) ** power;
}

/**
 * Goes from one value to another in a straight line.
 * @param start Value at step 0.
 * @param options `end` (default 0), and `steps` to get there.
 * @returns A schedule.
 */
export function linear(start: number, options: { end?: number; steps: number }): Schedule {
  return polynomial(start, options);
}

/** Options of cosine decay. */
export interface CosineOptions {
  /** Steps from the start to the end, above 0. */
  steps: number;
  /** Value from step `steps` on. @default 0 */
  end?: number;
}

/**
 * Falls along half a cosine: `end + (start − end)·(1 + cos πt) / 2`.
 * @param start Value at step 0.
 * @param options See `CosineOptions`.
 * @returns A schedule.
 * @see Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5
 */
export function cosine(start: number, options: CosineOptions): Schedule {
  const { end = 0 } = options;
  checkNumbers({ start, end });
  const steps = checkNumber('steps', options.steps, { above: 0 });
  return step => end + ((start - end) * (1 + Math.cos(Math.PI * clamp(step / steps)))) / 2;
}

function checkNumbers(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) checkNumber(name, value);
}

function clamp(part: number): number {
  return Math.min(1, Math.max(0, part));
}
