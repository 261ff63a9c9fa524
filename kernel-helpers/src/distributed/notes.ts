import { ownReasons, type OwnReason, type Shared } from '../training/exchange.ts';
import type { Tree } from '../tree.ts';
import type { Reduced } from './in-graph/shared-gradient.ts';
import { processorKind } from './processor-kind.ts';

/** What travels beside gradients. */
export interface Notes {
  readonly loss: number;
  readonly examples: number;
  /** Whether somebody waits to be taken in. */
  readonly hasNewcomer?: boolean;
  /** Why this worker wants to end, if it does. */
  readonly reason?: OwnReason | undefined;
  /** Whether this worker has compiled its optimiser; two more numbers where it is said. */
  readonly isCompiled?: boolean;
}

/** What anybody noted. */
export interface ReadNotes {
  /** The mean over all examples. */
  readonly loss: number;
  /** How many examples there were. */
  readonly count: number;
  readonly hasNewcomer: boolean;
  readonly reason?: OwnReason;
  /** Whether all have compiled their optimisers, on processors of one kind. */
  readonly isCompiled: boolean;
}

/** How many numbers the notes are, without a word of compiling. */
export const notesLength = 3 + ownReasons.length;

/**
 * Writes notes as numbers that can be added up over workers.
 * @param notes This worker's.
 * @returns The numbers; the first is the loss times the examples.
 */
export function writeNotes(notes: Notes): number[] {
  const { loss, examples, hasNewcomer = false, reason, isCompiled } = notes;
  const flags = ownReasons.map(own => Number(own === reason));
  const kind = isCompiled ? processorKind() : 0;
  const compiled = isCompiled === undefined ? [] : [kind, kind ** 2];
  return [loss * examples, examples, Number(hasNewcomer), ...flags, ...compiled];
}

/**
 * Reads the sums of all workers' notes.
 * @param sums The sums.
 * @param workers How many there are.
 * @returns The mean loss, the number of examples, and what anybody noted.
 */
export function readNotes(sums: Iterable<number>, workers: number): ReadNotes {
  const [lossSum = 0, count = 0, waiting = 0, ...rest] = sums;
  const reason = ownReasons.find((_, i) => (rest[i] ?? 0) > 0);
  const [kinds = 0, squares = 0] = rest.slice(ownReasons.length);
  return {
    loss: lossSum / count,
    count,
    hasNewcomer: waiting > 0,
    // Numbers are equal where the square of their sum is as large as it can be.
    isCompiled: kinds > 0 && workers * squares === kinds ** 2,
    ...(reason && { reason })
  };
}

/**
 * What a step gave, with its notes read.
 * @param reduced Means and sums; the notes are disposed of.
 * @param workers How many there are.
 * @returns The same as the workers' share.
 */
export async function sharedOf<P extends Tree>(
  reduced: Reduced<P>,
  workers: number
): Promise<Shared> {
  const { gradient, notes, moments } = reduced;
  try {
    return { ...readNotes(await notes.data(), workers), gradient, moments };
  } finally {
    notes.dispose();
  }
}
