import { checkFunction, checkNumber } from '../../errors.ts';
import { checkAlike, release, type Tree } from '../../tree.ts';
import type { Network } from '../../training/network.ts';
import { countKept, makeMasks, type MaskOptions } from '../make-masks.ts';
import { applyMasks, checkSparsity, type Masks } from '../masks.ts';
import { sparsityAfter } from '../schedules.ts';

/** How to look for a winning ticket. */
export interface LotteryOptions<P extends Tree> extends Omit<
  MaskOptions,
  'sparsity' | 'within' | 'gradients' | 'memory' | 'of'
> {
  /**
   * Trains a network whose pruned weights are 0 and must stay so (`masking` sees to it), and returns new parameters.
   * @param ticket The network at its start: the first weights where the masks keep them.
   * @param masks What it may use.
   * @param round Rounds of pruning so far, from 0.
   */
  train: (ticket: Network<P>, masks: Masks, round: number) => P | Promise<P>;
  /** Rounds of pruning; the network is trained once more than that. */
  rounds: number;
  /** Share of the remaining weights that a round prunes, for all tensors or each. @default 0.2 */
  share?: number | ((path: string) => number);
  /** Weights to go back to, such as those after some steps of training. @default the network's own */
  rewindTo?: P;
}

/** One round of the search. */
export interface LotteryRound {
  /** Rounds of pruning before it. */
  readonly round: number;
  /** Share of the maskable weights that it trained. */
  readonly left: number;
}

/** What the search found. */
export interface Ticket<P extends Tree> {
  /** Masks of the ticket; they belong to the caller. */
  readonly masks: Masks;
  /** The first weights under the masks; they belong to the caller. */
  readonly start: P;
  /** The ticket trained; it belongs to the caller. */
  readonly trained: P;
  /** All rounds. */
  readonly rounds: readonly LotteryRound[];
}

/**
 * Iterative pruning with rewind: train, prune some of what is left, put the rest back to where it started, and again.
 * @param network The network; it is not changed.
 * @param options See `LotteryOptions`.
 * @returns The last round's ticket.
 * @throws HelperError `input/value` for a share or a number of rounds out of range, and as `makeMasks`; no tensor is left behind.
 * @see Frankle and Carbin 2019, arXiv:1803.03635; Frankle et al. 2019, arXiv:1903.01611, for `rewindTo` later weights
 */
export async function lotteryTicket<P extends Tree>(
  network: Network<P>,
  options: LotteryOptions<P>
): Promise<Ticket<P>> {
  const { train, rounds, share = 0.2, rewindTo = network.params, ...rest } = options;
  checkNumber('rounds', rounds, { from: 0, integer: true });
  checkFunction('{ train }', train, 'pass async (ticket, masks) => trained parameters');
  checkAlike(network.params, rewindTo);
  const rate = (path: string): number =>
    checkSparsity(typeof share === 'function' ? share(path) : share, 'share');
  const passed: LotteryRound[] = [];
  let masks = makeMasks(network.params, { ...rest, sparsity: 0 });
  const held: (P | null)[] = [];
  try {
    for (let round = 0; ; round++) {
      const start = applyMasks(rewindTo, masks);
      held[0] = start;
      const trained = await train({ ...network, params: start }, masks, round);
      checkAlike(start, trained ?? {});
      held[1] = trained;
      const { kept, all } = countKept(masks);
      passed.push({ round, left: kept / all });
      if (round === rounds) return { masks, start, trained, rounds: passed };
      const sparsity = (path: string): number => sparsityAfter(rate(path), round + 1);
      const next = makeMasks(trained, { ...rest, sparsity, within: masks });
      release([masks, ...held.splice(0)]);
      masks = next;
    }
  } catch (error) {
    release([masks, ...held]);
    throw error;
  }
}
