import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../errors.ts';
import { mapTree, release, type Tree } from '../tree.ts';
import { named, select, type Model, type NamedNetwork, type Outputs } from './outputs.ts';

/** Whoever is learnt from: computes outputs, without training. */
export interface Teacher {
  /** Computes named outputs; they belong to the caller. */
  readonly outputs: (inputs: tf.Tensor) => Outputs;
}

/**
 * Makes a teacher of a model as it is now or will be: it keeps no copy.
 * @param model The model.
 * @param params Other parameters than the model's own, such as those `fit` returned.
 * @returns The teacher, whose outputs are those of inference.
 */
export function teacherOf<P extends Tree>(model: Model<P> | NamedNetwork<P>, params?: P): Teacher {
  const network = named(model);
  return { outputs: inputs => network.outputs(params ?? network.params, inputs, false) };
}

/** A teacher that does not change, and the tensors to free when it is no longer needed. */
export interface Snapshot extends Teacher {
  /** Frees the copy. */
  readonly dispose: () => void;
}

/**
 * Makes a teacher of a copy of a model, for self-distillation: the model goes on learning, its past self stays.
 * @param model The model.
 * @param params Other parameters than the model's own.
 * @returns The teacher.
 * @see Furlanello et al. 2018 (born-again networks), arXiv:1805.04770
 */
export function snapshot<P extends Tree>(model: Model<P> | NamedNetwork<P>, params?: P): Snapshot {
  const network = named(model);
  const copy = mapTree(params ?? network.params, leaf => leaf.clone());
  return {
    outputs: inputs => network.outputs(copy, inputs, false),
    dispose: () => release(copy)
  };
}

/** How several teachers become one. */
export interface EnsembleOptions {
  /** Weight of each teacher, at least 0. @default equal weights */
  weights?: readonly number[];
  /**
   * What is averaged of `logits`: the logits, which is the geometric mean of the probabilities, or the probabilities at `temperature`,
   * the arithmetic mean. Other outputs are averaged as they are. @default 'logits'
   */
  average?: 'logits' | 'probabilities';
  /** The temperature of the loss that follows, for `probabilities`. @default 1 */
  temperature?: number;
}

/**
 * Makes one teacher of several, all of the same classes.
 * @param teachers At least one.
 * @param options See `EnsembleOptions`.
 * @returns A teacher of the outputs that all of them have.
 * @throws HelperError `input/empty` without teachers, `input/value` for weights that do not fit; its outputs throw `input/shape`
 *   when the teachers' classes differ.
 * @see Hinton et al. 2015, arXiv:1503.02531, section 3; You et al. 2017, "Learning from multiple teacher networks"
 */
export function ensemble(teachers: readonly Teacher[], options: EnsembleOptions = {}): Teacher {
  if (teachers.length === 0) throw new HelperError('input/empty', 'expected at least one teacher');
  const { weights = teachers.map(() => 1), average = 'logits' } = options;
  const temperature = checkNumber('the temperature', options.temperature ?? 1, { above: 0 });
  weights.forEach((weight, index) => checkNumber(`weights[${index}]`, weight, { from: 0 }));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== teachers.length || total === 0) {
    const got = `[${weights.join(', ')}]`;
    const wanted = `expected ${teachers.length} weights, not all 0, got ${got}`;
    throw new HelperError('input/value', wanted);
  }
  const mean = (list: tf.Tensor[]): tf.Tensor => {
    checkShapes(list);
    return tf.addN(list.map((x, index) => tf.mul(x, weights[index]! / total)));
  };
  const meanOf = (name: string, list: tf.Tensor[]): tf.Tensor => {
    if (name !== 'logits' || average === 'logits') return mean(list);
    const shares = list.map(logits => tf.softmax(tf.div(logits, temperature)));
    return tf.mul(tf.log(mean(shares)), temperature);
  };
  const outputs = (inputs: tf.Tensor): Outputs => {
    const all = teachers.map(teacher => teacher.outputs(inputs));
    const names = Object.keys(all[0]!).filter(name => all.every(each => name in each));
    const of = (name: string): tf.Tensor[] => all.map(each => select(each, name, 'teacher'));
    return Object.fromEntries(names.map(name => [name, meanOf(name, of(name))]));
  };
  return { outputs: inputs => tf.tidy(() => outputs(inputs) as tf.NamedTensorMap) };
}

function checkShapes(list: readonly tf.Tensor[]): void {
  const [first, ...others] = list.map(x => String(x.shape)) as [string, ...string[]];
  const other = others.find(shape => shape !== first);
  if (other === undefined) return;
  throw new HelperError(
    'input/shape',
    `expected teachers whose outputs have one shape, got [${first}] and [${other}]`
  );
}
