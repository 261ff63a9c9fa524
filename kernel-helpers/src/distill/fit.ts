import * as tf from '@tensorflow/tfjs';
import { countExamples, type Examples } from '../data/batches.ts';
import { checkFunction, HelperError } from '../errors.ts';
import { fit as train, type Fit } from '../training/fit.ts';
import { isLayersModel, writeLayers, type Network } from '../training/network.ts';
import type { FitOptions } from '../training/options.ts';
import { release, type Tree } from '../tree.ts';
import { teacherOutputs, type CacheOptions } from './cache.ts';
import { named, type Model, type NamedNetwork, type Outputs } from './outputs.ts';
import type { Teacher } from './teachers.ts';
import { checkTerms, totalLoss, type HardTerm, type Term } from './terms.ts';

/** How to distil: what is learnt from whom, and how to train. */
export interface DistillOptions extends Omit<FitOptions, 'loss'> {
  /** Whom to learn from; needed unless every term is `from: 'student'`. */
  teacher?: Teacher;
  /** What to learn from the teacher. */
  terms: readonly Term[];
  /** What to learn from the targets. @default cross-entropy, of weight 1 */
  hard?: HardTerm;
  /**
   * Asks the teacher once for all examples, keeping its outputs in memory (`{}`) or in a file, so that it works once instead of in each epoch.
   * Without it the teacher is asked for each batch.
   */
  cache?: CacheOptions;
}

/** What a distillation reached. */
export interface Distilled<P extends Tree> extends Omit<Fit<P>, 'params'> {
  /** The student's parameters; they belong to the caller. */
  readonly params: P;
  /** The parameters of each term's projector, {} without one; they belong to the caller too. */
  readonly projectors: readonly Readonly<Record<string, tf.Tensor>>[];
}

type Trained<P extends Tree> = {
  readonly student: P;
  readonly projectors: readonly Readonly<Record<string, tf.Tensor>>[];
};

/**
 * Trains a student on what its teacher makes of the examples.
 * @param student A network (with named outputs, or one that becomes `logits`), which is not changed, or a Layers model, which is trained in place;
 *   `named` gives a Layers model's inner layers names.
 * @param data Inputs and targets; a model's unlabelled examples take any targets, with `hard: { weight: 0 }`.
 * @param options The teacher, the terms, and how to train.
 * @returns What `fit` returns: the energy is that of training and of asking the teacher.
 * @throws HelperError `input/value` for terms without a teacher, a weight below 0 or a missing output, `input/shape` for a teacher of other classes;
 *   else as `fit`. Then the student is as it was.
 * @example await distill.fit(student, train, { teacher, terms: [{ loss: (t, s) => softTargets(t, s, { temperature: 20 }) }], epochs: 5 });
 * @see Hinton et al. 2015, arXiv:1503.02531
 */
export async function fit<P extends Tree>(
  student: Model<P>,
  data: Examples,
  options: DistillOptions
): Promise<Distilled<P>> {
  const { teacher, terms, hard = {}, cache, ...training } = options;
  checkTerms(terms, hard, teacher !== undefined);
  if (teacher) checkFunction('teacher.outputs', teacher.outputs, 'make one: teacherOf(model)');
  countExamples(data);
  const network = named(student);
  const tables = teacher && cache ? await tabled(teacher, data, training, cache) : undefined;
  const projectors = terms.map(term => term.projector?.init() ?? {});
  try {
    const lesson = lessonOf(network, projectors, options, tables);
    const validation = tables?.validation ?? training.validation;
    const run = await train(lesson.network, tables?.train ?? data, {
      label: 'distill',
      ...training,
      validation,
      loss: lesson.loss
    });
    if (isLayersModel(student)) writeLayers(student, run.params.student as never);
    return { ...run, params: run.params.student, projectors: run.params.projectors };
  } finally {
    release(projectors);
    if (tables) release([{ ...tables.outputs }, tables.targets, ...tables.owned]);
  }
}

/** The teacher's answers for all examples; the examples' targets are their numbers in these tables. */
interface Tables {
  readonly outputs: Outputs;
  readonly targets: tf.Tensor;
  readonly train: Examples;
  readonly validation: Examples | undefined;
  readonly owned: readonly tf.Tensor[];
}

async function tabled(
  teacher: Teacher,
  data: Examples,
  { validation }: Pick<FitOptions, 'validation'>,
  cache: CacheOptions
): Promise<Tables> {
  const count = countExamples(data);
  const together = (of: (examples: Examples) => tf.Tensor): tf.Tensor =>
    validation ? tf.concat([of(data), of(validation)], 0) : of(data).clone();
  const inputs = together(({ inputs }) => inputs);
  try {
    const outputs = await teacherOutputs(teacher, inputs, cache);
    const last = inputs.shape[0];
    const numbers = [tf.range(0, count, 1, 'int32'), tf.range(count, last, 1, 'int32')] as const;
    return {
      outputs,
      targets: together(({ targets }) => targets),
      train: { inputs: data.inputs, targets: numbers[0] },
      validation: validation && { inputs: validation.inputs, targets: numbers[1] },
      owned: numbers
    };
  } finally {
    inputs.dispose();
  }
}

/** The student as a network to train, and its loss. */
function lessonOf<P extends Tree>(
  network: NamedNetwork<P>,
  projectors: Trained<P>['projectors'],
  { teacher, terms, hard = {} }: DistillOptions,
  tables: Tables | undefined
): { network: Network<Trained<P>>; loss: FitOptions['loss'] } {
  // `fit` hands a loss the predictions alone. It computes them right before, so what else belongs to the batch waits here meanwhile.
  let latest: { inputs: tf.Tensor; student: Outputs; params: Trained<P> } | undefined;
  const apply = (params: Trained<P>, inputs: tf.Tensor, isTraining?: boolean): tf.Tensor => {
    const student = network.outputs(params.student, inputs, isTraining);
    latest = { inputs, student, params };
    const [first] = Object.values(student);
    if (first) return first;
    throw new HelperError('input/value', 'expected a student with at least one output, got none');
  };
  const loss = (given: tf.Tensor): tf.Tensor => {
    const { inputs, student, params } = latest!;
    const targets = tables ? tf.gather(tables.targets, given) : given;
    const taught = tables ? rowsOf(tables.outputs, given) : (teacher?.outputs(inputs) ?? {});
    return totalLoss(terms, hard, { teacher: taught, student, targets }, params.projectors);
  };
  const params = { student: network.params, projectors };
  return { network: { params, apply }, loss };
}

function rowsOf(tables: Outputs, numbers: tf.Tensor): Outputs {
  const entries = Object.entries(tables).map(([name, table]) => [name, tf.gather(table, numbers)]);
  return Object.fromEntries(entries) as Outputs;
}
