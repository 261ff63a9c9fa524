import { checkNumber, HelperError } from '../errors.ts';
import { cosine, linear } from './decay.ts';
import type { Schedule } from './schedule.ts';

/**
 * Plays schedules one after another; each counts its steps from where it begins.
 * @param schedules The schedules.
 * @param boundaries The steps at which the second, third, … begin, rising; one fewer than schedules.
 * @returns A schedule.
 * @throws HelperError `input/value` when the numbers do not fit or do not rise.
 */
export function join(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  const rising = boundaries.every((at, index) => index === 0 || at > boundaries[index - 1]!);
  if (schedules.length !== boundaries.length + 1 || !rising) {
    throw new HelperError(
      'input/value',
      `expected ${schedules.length - 1} rising boundaries for ${schedules.length} schedules, got [${boundaries.join(', ')}]`
    );
  }
  return step => {
    const begun = boundaries.filter(at => step >= at);
    return schedules[begun.length]!(step - (begun.at(-1) ?? 0));
  };
}

/**
 * Rises in a straight line, then follows another schedule.
 * @param schedule What follows; it counts its steps from the end of the warm-up, and its first value is the top.
 * @param options `steps` of the warm-up, and the value at step 0, `from`. @default from 0
 * @returns A schedule.
 * @example warmup(cosine(0.1, { steps: 900 }), { steps: 100 })
 */
export function warmup(schedule: Schedule, options: { steps: number; from?: number }): Schedule {
  const steps = checkNumber('steps', options.steps, { from: 1, integer: true });
  return join([linear(options.from ?? 0, { end: schedule(0), steps }), schedule], [steps]);
}

/** Options of warm restarts. */
export interface RestartOptions {
  /** Steps of the first cycle, a whole number. */
  steps: number;
  /** Each cycle is so many times as long as the one before, at least 1. @default 1 */
  stretch?: number;
  /** Value at the end of a cycle. @default 0 */
  end?: number;
  /** Each cycle starts at so much of the one before. @default 1 */
  shrink?: number;
}

/**
 * Falls along half a cosine again and again (SGDR).
 * @param start Value at the start of the first cycle.
 * @param options See `RestartOptions`.
 * @returns A schedule.
 * @see Loshchilov and Hutter 2017, arXiv:1608.03983
 */
export function warmRestarts(start: number, options: RestartOptions): Schedule {
  const { stretch = 1, end = 0, shrink = 1 } = options;
  const first = checkNumber('steps', options.steps, { from: 1, integer: true });
  checkNumber('stretch', stretch, { from: 1 });
  for (const [name, value] of Object.entries({ start, end, shrink })) checkNumber(name, value);
  return step => {
    // The cycle's number has a closed form, but rounding at a cycle's first step would put it into the wrong one.
    let [begin, length, top] = [0, first, start];
    while (step >= begin + length) {
      begin += length;
      length = Math.round(length * stretch);
      top *= shrink;
    }
    return cosine(top, { steps: length, end })(step - begin);
  };
}

/** Options of a single cycle. */
export interface OneCycleOptions {
  /** Steps of the whole cycle, a whole number. */
  steps: number;
  /** Share of the steps in which it rises. @default 0.3 */
  rise?: number;
  /** The start is the peak divided by this. @default 25 */
  startDivisor?: number;
  /** The end is the start divided by this. @default 10000 */
  endDivisor?: number;
  /**
   * How long the halves are. `optax`: ⌊steps·rise⌋ steps up, the rest down, so that the end comes at step `steps`. `torch`: steps·rise − 1
   * up, not rounded, and the end comes at step `steps − 1`. @default 'optax'
   */
  convention?: 'optax' | 'torch';
}

/**
 * Rises along half a cosine to a peak, then falls along another far below the start.
 * @param peak The largest value.
 * @param options See `OneCycleOptions`.
 * @returns A schedule.
 * @see Smith and Topin 2018, arXiv:1708.07120
 */
export function oneCycle(peak: number, options: OneCycleOptions): Schedule {
  const { rise = 0.3, startDivisor = 25, endDivisor = 1e4 } = options;
  const steps = checkNumber('steps', options.steps, { from: 2, integer: true });
  checkNumber('rise', rise, { above: 0, below: 1 });
  checkNumber('startDivisor', startDivisor, { above: 0 });
  checkNumber('endDivisor', endDivisor, { above: 0 });
  const [turn, end] =
    options.convention === 'torch'
      ? [Math.max(steps * rise - 1, Number.EPSILON), steps - 1]
      : [Math.max(1, Math.floor(steps * rise)), steps];
  const start = peak / startDivisor;
  const up = cosine(start, { steps: turn, end: peak });
  const down = cosine(peak, { steps: end - turn, end: start / endDivisor });
  return join([up, down], [turn]);
}
