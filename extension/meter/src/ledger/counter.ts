import { judgeCatchUp } from './stalls.ts';
import {
  type Beat,
  isAlive,
  isSteady,
  judge,
  type Limits,
  type Step,
  steadyDoubt
} from './steps.ts';

/** Hears the corrected updates of a counter in time order. */
export interface CounterListener {
  /**
   * A beat that can be trusted, and the corrected value it brought (microjoules). A new run means a
   * gap before it. The doubts say how much less or more the truth since the start may be.
   */
  point(beat: Beat, value: number, run: number, doubtLow: number, doubtHigh: number): void;
  /** Nothing between these two moments can be trusted. */
  gap(fromNs: number, toNs: number, reason: string): void;
}

interface Judged {
  step: Step;
  ok: boolean | undefined;
  ns: number;
  waited: number;
  /** The usual power in watts before a stall that is not judged yet. */
  stallWatts?: number;
  /** Microjoules that a stall may have lost. */
  lost?: number;
}

/** A step is believed when this many clean ones surround it on each side; the meter's own at once. */
const QUARANTINE = 2;
const STEADY_STEPS = 5;
const LONGEST_STEADY_NS = 2.5e9;
const EVIDENCE_BEATS = 64;
const EVIDENCE_PATIENCE = 4;
/** An update this late says that the one before may have been the last for longer. */
const OVERDUE_PERIODS = 3;
const STOOD_STILL = 'the counter stood still';

/**
 * Turns a register's beats into an ever-growing value that is right or has a gap: wraps are resolved
 * with evidence, resets, freezes, jumps and failed reads become gaps, and two clean steps must
 * surround every step that counts, since a fault may hide in a step beside the one that shows it.
 */
export class Counter {
  readonly limits: Limits;
  /** Counters of the same device, whose clean advance shows that it was not reset. */
  readonly siblings: Counter[] = [];
  readonly #listener: CounterListener;
  readonly #freezeNs: (watts: number) => number;
  readonly #beats: Beat[] = [];
  readonly #pending: Judged[] = [];
  readonly #history: Beat[] = [];
  readonly #steady: { advance: number; ns: number }[] = [];
  readonly #quarantine: number;
  readonly #okBefore: boolean[];
  #value = 0;
  #run = 0;
  #doubtLow = 0;
  #doubtHigh = 0;
  #stillNs = 0;
  #stillSteps = 0;
  #watts = 0;
  #gap: { fromNs: number; reason: string } | undefined;
  #joined = false;

  /**
   * Starts without a value: the first steps only show that the counter can be trusted.
   * @param freezeNs How long a counter may stand still, given its usual power; Infinity: for ever.
   */
  constructor(
    limits: Limits,
    listener: CounterListener,
    freezeNs: (watts: number) => number = () => 3 * limits.periodNs + limits.slackNs
  ) {
    this.limits = limits;
    this.#quarantine = limits.isOwn ? 0 : QUARANTINE;
    this.#okBefore = new Array<boolean>(this.#quarantine).fill(false);
    this.#listener = listener;
    this.#freezeNs = freezeNs;
  }

  /** Why nothing is believed at the moment, if so. */
  get doubt(): string | undefined {
    return this.#pending.find(({ ok }) => ok === false)?.step.reason ?? this.#gap?.reason;
  }

  /** Whether it may stand still for ever, as a device that rests. */
  get mayRest(): boolean {
    // Before its power is known it is taken for a busy one.
    return this.limits.isOwn || this.#freezeNs(this.#watts || Infinity) === Infinity;
  }

  /** Takes the next beat in time order. */
  beat(beat: Beat): void {
    this.#history.push(beat);
    if (this.#history.length >= 2 * EVIDENCE_BEATS) this.#history.splice(0, EVIDENCE_BEATS);
    const last = this.#beats.at(-1);
    this.#beats.push(beat);
    if (last === undefined) return;
    const judged = this.#judge(last, beat);
    this.#pending.push(judged);
    this.#noteStill(judged);
    this.#decide();
  }

  #judge(a: Beat, b: Beat): Judged {
    const step = judge(this.limits, a, b);
    const ns = (b.beforeNs + b.afterNs - a.beforeNs - a.afterNs) / 2;
    const ok = step.verdict === 'needs-evidence' ? undefined : step.verdict === 'clean';
    const judged = { step, ok, ns, waited: 0 };
    const stillNs = b.still?.ns ?? 0;
    if (!(stillNs > this.#freezeNs(this.#watts))) {
      if (stillNs > OVERDUE_PERIODS * this.limits.periodNs && !this.mayRest) blur(a, b);
      return judged;
    }
    if (step.verdict !== 'dirty') return { ...judged, ok: undefined, stallWatts: this.#watts };
    if (step.advance >= 0 && step.advance < step.least) step.reason = STOOD_STILL;
    return judged;
  }

  /**
   * Whether this counter advanced cleanly over a stretch of time; undefined when its readings do not
   * reach that far yet.
   */
  wasAlive(fromNs: number, toNs: number): boolean | undefined {
    const to = this.#history.find(beat => beat.afterNs >= toNs);
    if (to === undefined) return undefined;
    const from = this.#history.findLast(beat => beat.beforeNs <= fromNs);
    return from !== undefined && isAlive(this.limits, from, to);
  }

  /** A run of steps without advance is a freeze once it lasts too long: all of it is dirty. */
  #noteStill({ step, ns, stallWatts }: Judged): void {
    if (!step.isStill) {
      this.#stillNs = this.#stillSteps = 0;
      if (step.verdict === 'clean' && ns > 0 && stallWatts === undefined) {
        const watts = (1e3 * step.advance) / ns;
        this.#watts += (watts - this.#watts) * Math.min(1, this.#watts === 0 ? 1 : 0.05);
      }
      return;
    }
    this.#stillNs += Math.max(0, ns);
    this.#stillSteps++;
    if (this.#stillNs <= this.#freezeNs(this.#watts)) return;
    for (const judged of this.#pending.slice(-this.#stillSteps)) {
      if (judged.step.isWrap) continue;
      judged.ok = false;
      judged.step.reason ||= STOOD_STILL;
    }
  }

  /** Steps that may yet turn out to belong to a freeze. */
  get #undecided(): number {
    const limit = this.#freezeNs(this.#watts);
    return limit < Infinity && this.#stillNs <= limit ? this.#stillSteps : 0;
  }

  #decide(): void {
    const pending = this.#pending;
    while (pending.length > this.#quarantine) {
      const near = this.#quarantine + 1;
      let clean = !this.#okBefore.includes(false);
      let culprit: Judged | undefined;
      for (let i = 0; i < near; i++) {
        const judged = pending[i]!;
        if (!this.#resolve(judged, i)) return;
        clean &&= judged.ok === true;
        if (judged.ok === false) culprit ??= judged;
      }
      const undecided = this.#undecided;
      if (near > pending.length - undecided && undecided > 0) return;
      const judged = pending.shift()!;
      if (this.#quarantine > 0) {
        this.#okBefore.push(judged.ok === true);
        this.#okBefore.shift();
      }
      this.#publish(judged, clean, culprit?.step.reason);
    }
  }

  /** Looks for evidence; false while it may still come. */
  #resolve(judged: Judged, index: number): boolean {
    const { step, ns } = judged;
    if (judged.stallWatts !== undefined && !this.#resolveStall(judged, index)) return false;
    if (judged.ok === undefined) {
      const from = this.#beats[index]!;
      const to = this.#beats[index + 1]!;
      const seen = this.siblings.map(sibling => sibling.wasAlive(from.beforeNs, to.afterNs));
      if (seen.some(alive => alive === true)) {
        judged.ok = true;
        step.doubtLow = step.doubtHigh = 0;
      } else if (seen.every(alive => alive === false) || judged.waited++ >= EVIDENCE_PATIENCE) {
        judged.ok = this.#isSteady(step, ns);
        // The register may have wrapped and been reset: then it advanced by more.
        if (judged.ok) step.doubtHigh = Math.max(step.doubtHigh, 2 * this.#steadyDoubt(ns));
      } else {
        return false;
      }
    }
    return true;
  }

  /** Judges a catch-up by the steps around it; false while those after it are not there yet. */
  #resolveStall(judged: Judged, index: number): boolean {
    const pending = this.#pending;
    const after = pending.slice(index + 1, index + 1 + QUARANTINE);
    if (after.length < QUARANTINE) return false;
    const { step, ns, stallWatts: usualWatts = 0 } = judged;
    delete judged.stallWatts;
    const beat = this.#beats[index + 1]!;
    // In the step before its last read the counter may have stopped already.
    const before = [
      ...this.#steady,
      ...pending.slice(0, index).map(one => ({ advance: one.step.advance, ns: one.ns }))
    ];
    const partly = before.splice(-1);
    const isWhole = after.every(one => one.step.verdict !== 'dirty' && one.ns > 0) && ns > 0;
    const steps = after.map(one => ({ advance: one.step.advance, ns: one.ns }));
    const { maxWatts, periodNs } = this.limits;
    const sinceStoodNs = beat.afterNs - (beat.still?.untilNs ?? beat.beforeNs);
    const around = { before, partly, after: steps, sinceStoodNs, maxWatts };
    const stall = { advance: step.advance, ns, usualWatts, ...around };
    const lost = isWhole ? judgeCatchUp(stall, periodNs) : undefined;
    if (lost === undefined) {
      Object.assign(step, { verdict: 'dirty', reason: STOOD_STILL });
      judged.ok = false;
    } else {
      blur(this.#beats[index]!, beat);
      judged.lost = lost;
      if (step.verdict === 'clean') judged.ok = true;
    }
    return true;
  }

  #steadyDoubt(ns: number): number {
    let [advance, time] = [0, 0];
    for (const step of this.#steady) {
      advance += step.advance;
      time += step.ns;
    }
    return steadyDoubt(this.limits, advance / time, ns);
  }

  #isSteady(step: Step, ns: number): boolean {
    return (
      this.#steady.length >= STEADY_STEPS &&
      ns <= LONGEST_STEADY_NS &&
      isSteady(this.limits, this.#steady, step.advance, ns)
    );
  }

  #publish(judged: Judged, clean: boolean, reason: string | undefined): void {
    const [from, to] = this.#beats as [Beat, Beat];
    this.#beats.shift();
    const { step, ns } = judged;
    const looksReal = step.verdict !== 'dirty' && judged.ok !== undefined && ns > 0;
    if (!looksReal) this.#steady.length = 0;
    else if (this.#steady.push({ advance: step.advance, ns }) > STEADY_STEPS) this.#steady.shift();
    if (!clean) {
      this.#joined = false;
      // What came after the last trusted update, and before the read that saw it, is not known.
      this.#gap ??= { fromNs: (from.from + from.to) / 2, reason: '' };
      this.#gap.reason ||= reason ?? '';
      return;
    }
    if (!this.#joined) this.#startRun(from);
    this.#value += step.advance;
    this.#doubtLow += step.doubtLow;
    this.#doubtHigh += step.doubtHigh + (judged.lost ?? 0);
    this.#emit(to);
  }

  #startRun(beat: Beat): void {
    this.#run++;
    this.#joined = true;
    if (this.#gap !== undefined && this.#run > 1) {
      const reason = this.#gap.reason || 'the readings around it cannot be trusted';
      this.#listener.gap(this.#gap.fromNs, beat.beforeNs, reason);
    }
    this.#gap = undefined;
    this.#emit(beat);
  }

  #emit(beat: Beat): void {
    this.#listener.point(beat, this.#value, this.#run, this.#doubtLow, this.#doubtHigh);
  }
}

/** The counter stood still between the beats, from some moment since the read before the first. */
function blur(from: Beat, to: Beat): void {
  const { unseenNs = from.lo } = from;
  Object.assign(from, { lo: unseenNs, from: unseenNs, isCatchUp: true });
  to.isCatchUp = true;
}
