import { ownReasons, type OwnReason, type Shared } from '../training/exchange.ts';
import type { Tree } from '../tree.ts';
import type { Reduced } from './in-graph/shared-gradient.ts';

/** What travels beside gradients: loss and examples, whether somebody waits to be taken in, and who wants to end and why. */
export interface Notes {
  readonly loss: number;
  readonly examples: number;
  readonly hasNewcomer?: boolean;
  readonly reason?: OwnReason | undefined;
}

/** How many numbers the notes are. */
export const notesLength = 3 + ownReasons.length;

/**
 * Writes notes as numbers that can be added up over workers.
 * @param notes This worker's.
 * @returns The numbers; the first is the loss times the examples.
 */
export function writeNotes({ loss, examples, hasNewcomer = false, reason }: Notes): number[] {
  const flags = ownReasons.map(own => Number(own === reason));
  return [loss * examples, examples, Number(hasNewcomer), ...flags];
}

/**
 * Reads the sums of all workers' notes.
 * @param sums The sums.
 * @returns The mean loss, the number of examples, and what anybody noted.
 */
export function readNotes([lossSum = 0, count = 0, waiting = 0, ...wanted]: Iterable<number>): {
  loss: number;
  count: number;
  hasNewcomer: boolean;
  reason?: OwnReason;
} {
  const reason = ownReasons.find((_, i) => (wanted[i] ?? 0) > 0);
  return { loss: lossSum / count, count, hasNewcomer: waiting > 0, ...(reason && { reason }) };
}

/**
 * What a step gave, with its notes read.
 * @param reduced Means and sums; the notes are disposed of.
 * @returns The same as the workers' share.
 */
export async function sharedOf<P extends Tree>(reduced: Reduced<P>): Promise<Shared> {
  const { gradient, notes, moments } = reduced;
  try {
    const { loss, hasNewcomer, reason } = readNotes(await notes.data());
    return { loss, hasNewcomer, gradient, moments, ...(reason && { reason }) };
  } finally {
    notes.dispose();
  }
}
