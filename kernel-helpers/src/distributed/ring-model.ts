import { checkNumber, HelperError } from '../errors.ts';

/** What the links between workers take: a model, not a measurement. */
export interface Link {
  /** Seconds until the first byte of a message is there. */
  readonly latency: number;
  /** Bytes a second. */
  readonly bandwidth: number;
  /** Whether all workers share that bandwidth, as processes of one machine do; else each link has it. @default false */
  readonly shared?: boolean;
  /**
   * How many workers send and receive at once, at least 1; where there are more they wait for one another, as processes do that are more than
   * a machine has cores. @default all
   */
  readonly atOnce?: number;
}

/** One all-reduce that was timed. */
export interface TimedAllReduce {
  readonly workers: number;
  /** Bytes of one worker's numbers. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Models a ring all-reduce: `2(n−1)` rounds, in each of which every worker sends an n-th of its numbers to the next.
 * @param workers n, from 1.
 * @param bytes Of one worker's numbers.
 * @param link Latency in seconds, bandwidth in bytes a second.
 * @returns Seconds, by the latency–bandwidth model.
 * @throws HelperError `input/value` for fewer than one worker, or a link that takes no time.
 * @see Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations"
 */
export function ringSeconds(workers: number, bytes: number, link: Link): number {
  check(workers, link);
  const [turns, volume] = ringTerms(workers, bytes, link);
  return turns * link.latency + volume / link.bandwidth;
}

/**
 * Models an all-reduce on a binary tree: `⌈log₂ n⌉` rounds towards the root, as many back, all numbers in each.
 * @param workers n, from 1.
 * @param bytes Of one worker's numbers.
 * @param link As for `ringSeconds`.
 * @returns Seconds, by the latency–bandwidth model.
 * @throws HelperError as `ringSeconds` does.
 * @see Thakur, Rabenseifner and Gropp 2005, "Optimization of collective communication operations in MPICH"
 */
export function treeSeconds(workers: number, bytes: number, link: Link): number {
  check(workers, link);
  let [rounds, turns] = [0, 0];
  for (let left = workers; left > 1; left = Math.ceil(left / 2)) {
    rounds += 2;
    // Of those left, pairs meet.
    turns += 2 * turnsOf(2 * Math.floor(left / 2), link);
  }
  const volume = link.shared ? 2 * (workers - 1) * bytes : rounds * bytes;
  return turns * link.latency + volume / link.bandwidth;
}

/**
 * Finds the link that explains measured rings best, by least squares of the relative errors.
 * @param measured At least two all-reduces of different sizes.
 * @param options Whether the workers share one machine's bandwidth; how many of them work at once is found then, too.
 * @returns The link.
 * @throws HelperError `input/value` when the measurements do not tell latency from bandwidth.
 */
export function fitLink(
  measured: readonly TimedAllReduce[],
  { shared = false }: { shared?: boolean } = {}
): Link {
  const counts = shared ? new Set(measured.map(({ workers }) => workers)) : [Infinity];
  const links = [...counts].map(atOnce => fitTerms(measured, { shared, atOnce }));
  const errorOf = (link: Link): number =>
    measured.reduce(
      (sum, { workers, bytes, seconds }) =>
        sum + (ringSeconds(workers, bytes, link) / seconds - 1) ** 2,
      0
    );
  return links.reduce((best, link) => (errorOf(link) < errorOf(best) ? link : best));
}

type Sharing = Pick<Link, 'shared' | 'atOnce'>;

/** Latency and bandwidth by least squares, where it is known what is shared. */
function fitTerms(measured: readonly TimedAllReduce[], sharing: Sharing): Link {
  const rows = measured.map(({ workers, bytes, seconds }) =>
    ringTerms(workers, bytes, sharing).map(term => term / seconds)
  ) as [number, number][];
  const sum = (term: (row: [number, number]) => number): number =>
    rows.reduce((total, row) => total + term(row), 0);
  const [aa, ab, bb] = [sum(([a]) => a * a), sum(([a, b]) => a * b), sum(([, b]) => b * b)];
  const [a, b] = [sum(([x]) => x), sum(([, y]) => y)];
  const determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-9 * aa * bb)) {
    throw new HelperError(
      'input/value',
      `expected all-reduces of different sizes, got ${JSON.stringify(measured)}`
    );
  }
  // A link cannot take less than nothing: what came out negative is noise.
  const latency = Math.max(0, (a * bb - b * ab) / determinant);
  const perByte = Math.max(Number.EPSILON, (b - latency * ab) / bb);
  return { latency, bandwidth: 1 / perByte, ...sharing };
}

/** How many latencies pass, one after another, and the bytes that one bandwidth carries. */
function ringTerms(workers: number, bytes: number, sharing: Sharing): [number, number] {
  const rounds = 2 * (workers - 1);
  const volume = sharing.shared ? rounds * bytes : (rounds / workers) * bytes;
  return [rounds * turnsOf(workers, sharing), volume];
}

/** How many latencies a round takes in which so many workers send or receive. */
function turnsOf(busy: number, { atOnce = Infinity }: Sharing): number {
  return Math.max(1, busy / atOnce);
}

function check(workers: number, { latency, bandwidth, atOnce = Infinity }: Link): void {
  checkNumber('workers', workers, { from: 1, integer: true });
  checkNumber('latency', latency, { from: 0 });
  checkNumber('bandwidth', bandwidth, { above: 0 });
  if (atOnce !== Infinity) checkNumber('atOnce', atOnce, { from: 1 });
}
