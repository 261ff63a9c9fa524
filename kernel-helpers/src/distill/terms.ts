import * as tf from '@tensorflow/tfjs';
import { checkFunction, checkNumber, HelperError, inWords } from '../errors.ts';
import { stopGradient } from '../stop-gradient.ts';
import { asScalar } from '../estimators/autodiff.ts';
import { crossEntropy } from '../training/losses.ts';
import type { PredictionLoss } from '../training/network.ts';
import type { Projector } from './projector.ts';
import { select, type Outputs, type Selector } from './outputs.ts';

/** One thing that a student learns from its teacher. */
export interface Term {
  /** Compares the two outputs; `targets` are those of the batch. */
  readonly loss: (teacher: tf.Tensor, student: tf.Tensor, targets: tf.Tensor) => tf.Tensor;
  /** The teacher's output. @default 'logits' */
  readonly teacher?: Selector;
  /** The student's output. @default 'logits' */
  readonly student?: Selector;
  /** Factor of this loss, at least 0. @default 1 */
  readonly weight?: number;
  /** Brings the student's output to the teacher's shape; learns along. */
  readonly projector?: Projector;
  /** `student`: its own outputs teach it, as constants, so that an early layer learns from a late one. @default 'teacher' */
  readonly from?: 'teacher' | 'student';
}

/** What a student learns from the targets themselves. */
export interface HardTerm {
  /** Compares targets with the student's output. @default crossEntropy */
  readonly loss?: PredictionLoss;
  /** The student's output. @default 'logits' */
  readonly student?: Selector;
  /** Factor of this loss, at least 0; 0 leaves it out. @default 1 */
  readonly weight?: number;
}

/** What is compared for one batch. */
export interface Compared {
  /** The teacher's outputs; empty when nothing is learnt from one. */
  readonly teacher: Outputs;
  /** The student's. */
  readonly student: Outputs;
  /** The batch's targets. */
  readonly targets: tf.Tensor;
}

/**
 * Checks terms before anything runs.
 * @param terms What is learnt from the teacher.
 * @param hard What is learnt from the targets.
 * @param hasTeacher Whether there is a teacher.
 * @throws HelperError `input/value` for a negative weight, no terms, or terms that need a teacher where there is none.
 */
export function checkTerms(terms: readonly Term[], hard: HardTerm, hasTeacher: boolean): void {
  if (typeof terms?.forEach !== 'function') {
    const remedy = 'pass [{ loss: (t, s) => distill.softTargets(t, s) }]';
    throw new HelperError('input/value', `expected { terms }, got ${inWords(terms)}; ${remedy}`);
  }
  terms.forEach(({ loss, weight = 1 }, index) => {
    checkFunction(`terms[${index}].loss`, loss, 'pass (teacher, student) => a scalar tensor');
    checkNumber(`terms[${index}].weight`, weight, { from: 0 });
  });
  const hardWeight = checkNumber('hard.weight', hard.weight ?? 1, { from: 0 });
  if (terms.length === 0 && hardWeight === 0) {
    throw new HelperError(
      'input/value',
      'expected at least one term, or a hard.weight above 0, got neither'
    );
  }
  const orphan = terms.findIndex(({ from }) => from !== 'student');
  if (orphan >= 0 && !hasTeacher) {
    throw new HelperError(
      'input/value',
      `expected a teacher, which terms[${orphan}] learns from, got none; give one or set from: 'student'`
    );
  }
}

/**
 * Adds up all that a student is to learn.
 * @param terms What is learnt from the teacher.
 * @param hard What is learnt from the targets.
 * @param compared The outputs of a batch.
 * @param projectors The parameters of each term's projector, {} without one.
 * @returns A scalar.
 * @throws HelperError `input/value` for an output that is missing, `input/shape` for outputs that do not fit.
 */
export function totalLoss(
  terms: readonly Term[],
  hard: HardTerm,
  compared: Compared,
  projectors: readonly Readonly<Record<string, tf.Tensor>>[]
): tf.Scalar {
  const { teacher, student, targets } = compared;
  const parts = terms.map((term, index) => {
    const own = term.from === 'student';
    const selected = select(
      own ? student : teacher,
      term.teacher ?? 'logits',
      own ? 'student' : 'teacher'
    );
    const wanted = own ? stopGradient(selected) : selected;
    const output = select(student, term.student ?? 'logits', 'student');
    const found = term.projector ? term.projector.apply(projectors[index]!, output) : output;
    return tf.mul(asScalar(term.loss(wanted, found, targets)), term.weight ?? 1);
  });
  const { loss = crossEntropy, weight = 1 } = hard;
  if (weight > 0) {
    const output = select(student, hard.student ?? 'logits', 'student');
    parts.push(tf.mul(asScalar(loss(targets, output)), weight));
  }
  return tf.addN(parts) as tf.Scalar;
}
