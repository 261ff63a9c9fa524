import type { Examples } from '../data/batches.ts';
import { release, type Tree } from '../tree.ts';
import { fit, type Distilled, type DistillOptions } from './fit.ts';
import { named, type Model } from './outputs.ts';
import type { Teacher } from './teachers.ts';

/**
 * Distils along a row of students, each of which teaches the next: through assistants of sizes between teacher and student, or through generations
 * of one size.
 * @param teacher Whom the first student learns from.
 * @param students The row; the last is the one that is wanted.
 * @param data Inputs and targets.
 * @param options As for `fit`, but for the teacher; a function gives each student, by its number, its own.
 * @returns What each student reached; all parameters belong to the caller.
 * @throws HelperError as `fit`; then those of the students before are freed, and Layers models keep what they learnt.
 * @see Mirzadeh et al. 2020 (teacher assistants), arXiv:1902.03393; Furlanello et al. 2018 (born-again networks), arXiv:1805.04770
 */
export async function succession<P extends Tree>(
  teacher: Teacher,
  students: readonly Model<P>[],
  data: Examples,
  options: Omit<DistillOptions, 'teacher'> | ((student: number) => Omit<DistillOptions, 'teacher'>)
): Promise<Distilled<P>[]> {
  const reached: Distilled<P>[] = [];
  let from = teacher;
  try {
    for (const [index, student] of students.entries()) {
      const own = typeof options === 'function' ? options(index) : options;
      const run = await fit(student, data, { ...own, teacher: from });
      reached.push(run);
      const network = named(student);
      from = { outputs: inputs => network.outputs(run.params, inputs, false) };
    }
    return reached;
  } catch (error) {
    reached.forEach(({ params, projectors }) => release([params, projectors]));
    throw error;
  }
}
