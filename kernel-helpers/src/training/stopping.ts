import { setImmediate } from 'node:timers/promises';
import { checkNumber, HelperError } from '../errors.ts';
import { missingEnergy, type Energy } from '../energy.ts';
import type { MeasuredBlock } from '../measure.ts';

/** When a run ends; the first rule that applies wins. */
export interface Stopping {
  /** Steps to take at most, a whole number. @default 1000 */
  steps?: number;
  /** Ends as soon as the loss is this or less. */
  untilLoss?: number;
  /** Ends after this many seconds. */
  maxSeconds?: number;
  /**
   * Ends when the meter has attributed this many joules to the run. The meter is asked four times a second, so a run
   * takes somewhat more; without a meter the run does not start.
   */
  maxJoules?: number;
  /** Ends the run early, with what it reached. */
  signal?: AbortSignal;
}

/** Which rule ended a run. */
export type StopReason = 'steps' | 'loss' | 'seconds' | 'joules' | 'aborted' | 'patience';

/** How often the event loop gets its turn, so that interrupts, timers and other cells' messages are served. */
const turnMs = 20;
const joulesEveryMs = 250;
/** How many unanswered questions in a row end a run with a budget. */
const patience = 4;

/** Watches one run: time, joules and the abort signal. */
export class Watch {
  readonly #rules: Stopping;
  readonly #block: MeasuredBlock;
  readonly #watchJoules: boolean;
  readonly #start = performance.now();
  #lastTurn = this.#start;
  #lastAsked = -Infinity;
  #asking = false;
  #joules: number | null = null;
  #unanswered = 0;

  /**
   * Starts watching.
   * @param rules When to end.
   * @param block The block that measures the run.
   * @param watchJoules Whether somebody wants to know the joules meanwhile.
   */
  constructor(rules: Stopping, block: MeasuredBlock, watchJoules = false) {
    checkStopping(rules);
    this.#rules = rules;
    this.#block = block;
    this.#watchJoules = watchJoules || rules.maxJoules !== undefined;
    if (rules.maxJoules !== undefined && block.missing !== undefined) {
      throw new HelperError(
        'energy/missing',
        `a budget of ${rules.maxJoules} J cannot be kept without a meter: ${block.missing}`
      );
    }
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Joules so far as the meter last said; null while unknown. */
  get joules(): number | null {
    return this.#joules;
  }

  /**
   * Decides whether to go on.
   * @param step How many steps were taken.
   * @param loss The latest loss.
   * @returns The rule that ends the run, if any.
   */
  reason(step: number, loss: number): StopReason | undefined {
    const { signal, untilLoss, maxSeconds, maxJoules, steps = 1000 } = this.#rules;
    if (signal?.aborted) return 'aborted';
    if (untilLoss !== undefined && loss <= untilLoss) return 'loss';
    if (maxSeconds !== undefined && this.seconds >= maxSeconds) return 'seconds';
    if (maxJoules !== undefined && (this.#joules ?? 0) >= maxJoules) return 'joules';
    return step >= steps ? 'steps' : undefined;
  }

  /**
   * Lets the event loop run when it has waited long enough.
   * @throws HelperError `energy/missing` when the meter has stopped telling how much of a budget is spent.
   */
  async turn(): Promise<void> {
    if (this.#rules.maxJoules !== undefined && this.#unanswered >= patience) {
      throw new HelperError(
        'energy/missing',
        `a budget of ${this.#rules.maxJoules} J cannot be kept: the meter does not tell what this run used so far`
      );
    }
    const now = performance.now();
    if (now - this.#lastTurn < turnMs) return;
    if (this.#watchJoules && !this.#asking && now - this.#lastAsked >= joulesEveryMs) {
      this.#lastAsked = now;
      void this.#ask();
    }
    await setImmediate();
    this.#lastTurn = performance.now();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const joules = await this.#block.joulesSoFar();
    this.#unanswered = joules === null ? this.#unanswered + 1 : 0;
    this.#joules = joules ?? this.#joules;
    this.#asking = false;
  }
}

/**
 * The energy to a target loss.
 * @param energy What a run cost.
 * @param stopped Which rule ended it.
 * @returns The energy when the run ended at its target; missing, with the reason, when it did not get there.
 */
export function toTarget(energy: Energy, stopped: StopReason): Energy {
  return stopped === 'loss'
    ? energy
    : missingEnergy(`the run ended by ${stopped}, not by its loss`);
}

/**
 * Checks stopping rules before anything runs.
 * @param rules The rules.
 * @throws HelperError `input/value` naming the rule that makes no sense.
 */
export function checkStopping(rules: Stopping): void {
  const { steps, untilLoss, maxSeconds, maxJoules } = rules;
  if (steps !== undefined) checkNumber('steps', steps, { from: 0, integer: true });
  if (untilLoss !== undefined) checkNumber('untilLoss', untilLoss, { above: -Infinity });
  if (maxSeconds !== undefined) checkNumber('maxSeconds', maxSeconds, { above: 0 });
  if (maxJoules !== undefined) checkNumber('maxJoules', maxJoules, { above: 0 });
}
