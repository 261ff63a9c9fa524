import { monotonicNs } from './clock.ts';
import type { LivePace } from './sensors/reader-protocol.ts';

const hotBeatMs = 100;
const steadyBeatMs = 200;
const watchedBeatMs = 500;
const coldBeatMs = 2_000;
/** After a cell the kernel stays hot: the next one often follows. */
const hotAfterNs = 2_000_000_000;
/**
 * From here on the youngest cell has run so long that the end of a window, known to some 4 ms however fast the
 * counter is read, is less than a thousandth of its energy.
 */
const steadyAfterNs = 5_000_000_000;

/** What a pulse asks and tells. */
export interface PulseOptions {
  /** Whether a cell or a block runs. */
  isBusy: () => boolean;
  /** Whether somebody looks at the power. */
  isWatched: () => boolean;
  /** The pace of reading changes, or is confirmed. */
  setPace: (pace: LivePace) => void;
  /** What has to be done again and again. */
  beat: (nowNs: number, isHot: boolean) => void;
}

/**
 * The meter's pulse: ten beats a second while a kernel is hot, five once every cell has run for a while, one in two
 * seconds otherwise.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #heatedNs = -Infinity;
  #pace: LivePace = 'cold';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Beats a first time, and goes on. */
  start(): void {
    this.#beat();
  }

  /** Beats no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Something is about to run: fast from now on. */
  heat(): void {
    this.#heatedNs = monotonicNs();
    if (this.#pace === 'hot' || !this.#timer) return;
    this.#pace = 'hot';
    this.#options.setPace('hot');
    this.#beatIn(hotBeatMs);
  }

  #beat(): void {
    const now = monotonicNs();
    this.#pace = this.#paceAt(now);
    this.#options.setPace(this.#pace);
    this.#options.beat(now, this.#pace === 'hot');
    this.#beatIn(this.#beatMs());
  }

  #paceAt(nowNs: number): LivePace {
    const quietNs = nowNs - this.#heatedNs;
    if (this.#options.isBusy()) return quietNs < steadyAfterNs ? 'hot' : 'steady';
    return quietNs < hotAfterNs ? 'hot' : 'cold';
  }

  #beatMs(): number {
    if (this.#pace === 'hot') return hotBeatMs;
    if (this.#pace === 'steady') return steadyBeatMs;
    return this.#options.isWatched() ? watchedBeatMs : coldBeatMs;
  }

  #beatIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), ms);
    this.#timer.unref();
  }
}
