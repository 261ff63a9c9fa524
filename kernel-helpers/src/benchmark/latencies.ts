import { build, type Histogram } from 'hdr-histogram-js';
import { checkNumber } from '../errors.ts';

/** A value with its 95 % interval. */
export interface Estimate {
  /** Best estimate. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** How long calls took, in seconds. */
export interface LatencyPercentiles {
  /** Half of the calls took at most this. */
  readonly p50: Estimate;
  /** 95 of 100 calls took at most this. */
  readonly p95: Estimate;
  /** 99 of 100 calls took at most this. */
  readonly p99: Estimate;
  /** The longest. */
  readonly max: number;
  /** The mean of all. */
  readonly mean: number;
}

const nanosecond = 1e-9;
/** Longer calls are counted as this long: a day. */
const longestNs = 86_400e9;
const z95 = 1.959964;

/** A histogram of latencies of three significant digits, whatever their size: an HDR histogram. */
export class Latencies {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestNs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false
  });

  /** How many were counted, those put in by the correction included. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /**
   * Counts a call.
   * @param seconds How long it took.
   * @param expectedInterval Seconds between the starts of calls that nobody holds up; above 0, a call that took longer also counts for
   *   those that would have started and waited meanwhile: coordinated omission. @default 0
   */
  record(seconds: number, expectedInterval = 0): void {
    checkNumber('a latency in seconds', seconds, { from: 0 });
    const ticks = Math.min(longestNs, Math.max(1, Math.round(seconds / nanosecond)));
    const interval = Math.round(expectedInterval / nanosecond);
    if (interval > 0) this.#histogram.recordValueWithExpectedInterval(ticks, interval);
    else this.#histogram.recordValue(ticks);
  }

  /** The percentiles; the interval of each is that of the order statistic, without assuming a distribution. */
  percentiles(): LatencyPercentiles {
    return {
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      max: this.#histogram.maxValue * nanosecond,
      mean: this.#histogram.mean * nanosecond
    };
  }

  #percentile(share: number): Estimate {
    const spread = z95 * Math.sqrt((share * (1 - share)) / Math.max(1, this.count));
    const at = (rank: number) =>
      this.#histogram.getValueAtPercentile(100 * Math.min(1, Math.max(0, rank))) * nanosecond;
    return { value: at(share), low: at(share - spread), high: at(share + spread) };
  }
}
