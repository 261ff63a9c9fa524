/** An update that two reads in a row have seen. */
export interface Tick {
  atNs: number;
  /** Variance of its moment in ns². */
  variance: number;
}

/** A beat that explains some ticks. */
export interface Regularity {
  periodNs: number;
  /** One of the moments at which updates are due. */
  anchorNs: number;
  /** Standard deviation of the ticks around the beat, in ns. */
  spreadNs: number;
}

/** Candidates closer together than this share of a turn over the ticks' span are one. */
const STEP = 0.2;
/** Of so many ticks the mean phase must be so long; chance brings this in one of some 1e5 searches. */
const LEAST_TICKS = 14;
const LEAST_LENGTH = 0.8;

/**
 * Finds the beat of a counter's updates from ticks with any number of unseen updates in between: the
 * period near `guessNs` for which the ticks' phases agree best (Rayleigh's test of a periodogram).
 * @param share The period is sought within this share of the guess.
 * @returns undefined when the ticks are too few, or agree on no period.
 */
export function findRegularity(
  ticks: readonly Tick[],
  guessNs: number,
  share: number
): Regularity | undefined {
  const first = ticks[0];
  const last = ticks.at(-1);
  if (!first || !last || ticks.length < LEAST_TICKS) return undefined;
  const spanNs = last.atNs - first.atNs;
  const steps = Math.ceil((share * spanNs) / (STEP * guessNs));
  let best = { length: 0, turn: 0, periodNs: NaN };
  for (let step = -steps; step <= steps; step++) {
    const periodNs = guessNs / (1 + (share * step) / Math.max(1, steps));
    const { length, turn } = meanPhase(ticks, periodNs, last.atNs);
    if (length > best.length) best = { length, turn, periodNs };
  }
  if (!(best.length > LEAST_LENGTH)) return undefined;
  const { periodNs } = best;
  const anchorNs = last.atNs + best.turn * periodNs;
  return refined(ticks, { periodNs, anchorNs, spreadNs: 0 });
}

/** Mean of the ticks' phases as a vector: 1 when all agree; `turn` is its direction in turns. */
function meanPhase(ticks: readonly Tick[], periodNs: number, originNs: number) {
  let [x, y] = [0, 0];
  for (const { atNs } of ticks) {
    const angle = (2 * Math.PI * (atNs - originNs)) / periodNs;
    x += Math.cos(angle);
    y += Math.sin(angle);
  }
  return { length: Math.hypot(x, y) / ticks.length, turn: Math.atan2(y, x) / (2 * Math.PI) };
}

/** Least squares of the ticks on their numbers. */
function refined(ticks: readonly Tick[], { periodNs, anchorNs }: Regularity): Regularity {
  let [n, k, kk, e, ke] = [0, 0, 0, 0, 0];
  for (const { atNs } of ticks) {
    const number = Math.round((atNs - anchorNs) / periodNs);
    const error = atNs - anchorNs - number * periodNs;
    n++;
    k += number;
    kk += number * number;
    e += error;
    ke += number * error;
  }
  const determinant = n * kk - k * k;
  const slope = determinant > 0 ? (n * ke - k * e) / determinant : 0;
  const shift = (e - slope * k) / n;
  let squares = 0;
  for (const { atNs } of ticks) {
    const number = Math.round((atNs - anchorNs) / periodNs);
    squares += (atNs - anchorNs - shift - number * (periodNs + slope)) ** 2;
  }
  const spreadNs = Math.sqrt(squares / Math.max(1, n - 2));
  return { periodNs: periodNs + slope, anchorNs: anchorNs + shift, spreadNs };
}
