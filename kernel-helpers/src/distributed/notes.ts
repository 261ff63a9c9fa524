import * as tf from '@tensorflow/tfjs';
import { ownReasons, type OwnReason, type Shared } from '../training/exchange.ts';
import { tidy } from '../tidy.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import type { Summed } from './in-graph/shared-gradient.ts';

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
 * Means of what a step summed.
 * @param summed The sums; disposed of, but for the moments.
 * @returns The means, which belong to the caller.
 */
export async function meansOf<P extends Tree>(summed: Summed<P>): Promise<Shared> {
  const { gradient, notes, moments } = summed;
  try {
    const { count, ...read } = readNotes(await notes.data());
    const mean = tidy(() => mapTree(gradient, leaf => tf.div(leaf, count)));
    return { ...read, gradient: mean, moments };
  } finally {
    notes.dispose();
    release(gradient);
  }
}
