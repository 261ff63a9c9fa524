/** What a core's second thread adds, as a share of the first; programs differ in this. */
const SECOND_THREAD = 0.35;
const SECOND_THREAD_DEVIATION = 0.12;
/** How far the exponent of the clocks' fall may be off. */
const THETA_DEVIATION = 0.04;

/**
 * How much less a CPU second costs when many threads run: two threads share a core, clocks fall.
 * @param busy Running threads, on average.
 * @param theta Exponent of the clocks' fall.
 * @param cores Physical cores; above them a second thread adds 35 %.
 */
export function crowding(busy: number, theta: number, cores: number): number {
  const second = secondThreads(busy, cores);
  const shared = busy > cores ? (cores + SECOND_THREAD * second) / Math.max(busy, 1e-9) : 1;
  return shared * Math.max(busy, 1) ** -theta;
}

/**
 * How far the energy of all threads may be off, as a share of it, because some of them came since it
 * was last the same: a machine that was never as crowded has not shown what more threads cost.
 * @param busy Running threads, on average.
 * @param added How many of them came.
 * @param cores Physical cores.
 */
export function crowdingDoubt(busy: number, added: number, cores: number): number {
  const before = busy - added;
  const shared = shareOfSecond(busy, cores) - shareOfSecond(before, cores);
  const clocks = Math.log(Math.max(1, busy)) - Math.log(Math.max(1, before));
  return Math.hypot(SECOND_THREAD_DEVIATION * shared, THETA_DEVIATION * clocks);
}

/** Change of all threads' energy, as a share of it, with what a second thread adds. */
function shareOfSecond(busy: number, cores: number): number {
  const second = secondThreads(busy, cores);
  return second / (cores + SECOND_THREAD * second);
}

function secondThreads(busy: number, cores: number): number {
  return Math.max(0, Math.min(busy, 2 * cores) - cores);
}
