import { checkNumber, HelperError, inWords } from '../errors.ts';
import { polynomial } from '../schedules/decay.ts';
import { checkSparsity } from './masks.ts';

/** How sparse a model should be, and when its masks are made anew. */
export interface SparsitySchedule {
  /** Name of the schedule. */
  readonly name: string;
  /** Whether masks are made anew before the step, counted from 0. */
  readonly isDue: (step: number) => boolean;
  /** Share to be pruned at the step. */
  readonly sparsityAt: (step: number) => number;
}

/** The steps at which a schedule acts. */
export interface DueOptions {
  /** First step. @default 0 */
  begin?: number;
  /** Last step at which masks may change. @default Infinity */
  end?: number;
  /** Steps between two changes, at least 1. @default 100, as in tfmot */
  every?: number;
}

/**
 * Prunes once.
 * @param sparsity Share to prune, from 0 up to 1.
 * @param at The step before which it happens, counted from 0. @default 0
 * @returns A schedule.
 */
export function oneShot(sparsity: number, at = 0): SparsitySchedule {
  checkSparsity(sparsity);
  checkNumber('at', at, { from: 0, integer: true });
  return {
    name: 'oneShot',
    isDue: step => step === at,
    sparsityAt: step => (step < at ? 0 : sparsity)
  };
}

/**
 * The same sparsity throughout, masks made anew now and then.
 * @param sparsity Share to prune, from 0 up to 1.
 * @param options When: see `DueOptions`.
 * @returns A schedule, with the values and steps of tfmot's ConstantSparsity.
 */
export function constantSparsity(sparsity: number, options: DueOptions = {}): SparsitySchedule {
  checkSparsity(sparsity);
  return { name: 'constantSparsity', isDue: dueSteps(options), sparsityAt: () => sparsity };
}

/** Options of a sparsity that rises along a power. */
export interface PolynomialDecayOptions extends DueOptions {
  /** Sparsity at `begin`. @default 0 */
  from?: number;
  /** Sparsity from `end` on. */
  to: number;
  /** Last step at which masks may change. */
  end: number;
  /** Power of the way still to go. @default 3 */
  power?: number;
}

/**
 * Rises fast at first, then slower: `to + (from − to)·(1 − t)^power`, t from 0 at `begin` to 1 at `end`.
 * @param options See `PolynomialDecayOptions`.
 * @returns A schedule, with the values and steps of tfmot's PolynomialDecay.
 * @throws HelperError `input/value` for a sparsity outside [0, 1), or an end that does not come after the beginning.
 */
export function polynomialDecay(options: PolynomialDecayOptions): SparsitySchedule {
  const { from = 0, to, begin = 0, end, power = 3 } = options;
  checkSparsity(from, 'from');
  checkSparsity(to, 'to');
  checkNumber('end', end, { above: begin, below: Infinity });
  const value = polynomial(from, { end: to, begin, steps: end - begin, power });
  return { name: 'polynomialDecay', isDue: dueSteps(options), sparsityAt: value };
}

/**
 * Zhu and Gupta's gradual pruning: `updates` changes, `every` steps apart, along a cube.
 * @param options `from` and `to`, the sparsity at `begin` and after all changes; `updates` after the first; `every`, steps.
 * @returns A schedule.
 * @see Zhu and Gupta 2017, arXiv:1710.01878, equation 1
 */
export function gradual(options: {
  from?: number;
  to: number;
  begin?: number;
  updates: number;
  every: number;
}): SparsitySchedule {
  const { begin = 0, updates, every } = options;
  checkNumber('updates', updates, { from: 1, integer: true });
  const schedule = polynomialDecay({ ...options, end: begin + updates * every });
  return { ...schedule, name: 'gradual' };
}

/**
 * The sparsity after each round of pruning a fixed share of what is left: `1 − (1 − share)^round`.
 * @param share Share of the remaining weights that a round prunes, from 0 up to 1.
 * @param round Rounds so far.
 * @returns A sparsity.
 */
export function sparsityAfter(share: number, round: number): number {
  return 1 - (1 - checkSparsity(share, 'share')) ** round;
}

function dueSteps({
  begin = 0,
  end = Infinity,
  every = 100
}: DueOptions): (step: number) => boolean {
  checkNumber('begin', begin, { from: 0, integer: true });
  checkNumber('every', every, { from: 1, integer: true });
  if (!(end >= begin)) {
    throw new HelperError('input/value', `expected end to be at least ${begin}, got ${end}`);
  }
  return step => step >= begin && step <= end && (step - begin) % every === 0;
}

/**
 * Checks that something is a schedule of sparsity.
 * @param schedule What was given.
 * @throws HelperError `input/value` for anything else.
 */
export function checkSchedule(schedule: SparsitySchedule | undefined): void {
  if (schedule && typeof schedule.isDue === 'function') return;
  throw new HelperError(
    'input/value',
    `expected { schedule }, such as oneShot(0.9) or polynomialDecay({ to: 0.9, end: 1000 }), got ${inWords(schedule)}`
  );
}
