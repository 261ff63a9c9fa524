import { crowdingDoubt } from './crowding.ts';
import type { LoadSlice, PowerFilter, ReadOut } from './power-filter.ts';

/** The circumstances in which a window was split. */
export interface Circumstances {
  filter: Pick<PowerFilter, 'shock' | 'surprise'>;
  /** Physical cores. */
  cores: number;
  /** Children of kernels were counted late in a part of the window. */
  isPartlyLate: boolean;
}

/** What was learnt while others seemed to use a child's CPU time may be off by this share. */
const LATE_DEVIATION = 0.15;
/** Every cause is told at its worst, so less than their sum holds the truth in 95 of 100: `npm run bench -- fidelity`. */
const TOGETHER = 0.79;

/**
 * Deviations with what the filter's own leave out. It trusts that whoever just changed its power is
 * the kernel that began a cell, that more threads cost what its model of cores and clocks says, and
 * that CPU time is seen when it is used.
 */
export function withDoubts(read: ReadOut, slice: LoadSlice, circumstances: Circumstances): ReadOut {
  const { filter, cores, isPartlyLate } = circumstances;
  const surprised = Math.sqrt(Math.max(1, filter.shock / Math.max(1, filter.surprise)));
  let active = read.other;
  let cpu = slice.other;
  for (const { joules } of read.kernels.values()) active += joules;
  for (const seconds of slice.kernels.values()) cpu += seconds;
  const busy = cpu / slice.seconds;
  const kernels = new Map(
    [...read.kernels].map(([id, { joules, sd }]) => {
      const added = (slice.kernels.get(id) ?? 0) / slice.seconds;
      const crowded = active * crowdingDoubt(busy, added, cores);
      const late = isPartlyLate ? LATE_DEVIATION * joules : 0;
      return [id, { joules, sd: TOGETHER * Math.hypot(sd * surprised, crowded, late) }];
    })
  );
  return { ...read, kernels };
}
