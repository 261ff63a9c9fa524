import { monotonicNs } from './clock.ts';

const hotBeatMs = 100;
const watchedBeatMs = 500;
const coldBeatMs = 1_000;
/** After a cell the kernel stays hot: the next one often follows. */
const hotAfterNs = 2_000_000_000;

/** What a pulse asks and tells. */
export interface PulseOptions {
  /** Whether a cell or a block runs. */
  isBusy: () => boolean;
  /** Whether somebody looks at the power. */
  isWatched: () => boolean;
  /** The pace of reading changes, or is confirmed. */
  setPace: (pace: 'hot' | 'cold') => void;
  /** What has to be done again and again. */
  beat: (nowNs: number, isHot: boolean) => void;
}

/** The meter's pulse: ten beats a second while a kernel is hot, one a second otherwise. */
export class Pulse {
  readonly #options: PulseOptions;
  #hotUntilNs = 0;
  #isHot = false;
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
    this.#hotUntilNs = monotonicNs() + hotAfterNs;
    if (this.#isHot || !this.#timer) return;
    this.#isHot = true;
    this.#options.setPace('hot');
    this.#beatIn(hotBeatMs);
  }

  #beat(): void {
    const now = monotonicNs();
    const { isBusy, isWatched, setPace, beat } = this.#options;
    this.#isHot = isBusy() || now < this.#hotUntilNs;
    setPace(this.#isHot ? 'hot' : 'cold');
    beat(now, this.#isHot);
    this.#beatIn(this.#isHot ? hotBeatMs : isWatched() ? watchedBeatMs : coldBeatMs);
  }

  #beatIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), ms);
    this.#timer.unref();
  }
}
