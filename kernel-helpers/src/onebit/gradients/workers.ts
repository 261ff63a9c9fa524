import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError, inWords } from '../../errors.ts';
import {
  checkTransform,
  defineTransform,
  leafwise,
  type Fields,
  type Transform,
  type Updated
} from '../../optim/transform.ts';
import { tidy } from '../../tidy.ts';
import { checkAlike, type State, type Tree } from '../../tree.ts';
import { treeBytes } from './compressor.ts';

/** An update that several workers agreed on, and what that took. */
export interface Agreed extends Updated {
  /** Bytes that each worker sent; it receives as many. */
  readonly bytes: number;
}

/** An optimiser of several workers, each of which has a gradient of its own. */
export interface WorkersTransform {
  /** Name that its states carry. */
  readonly name: string;
  /** Makes the first state. */
  init(params: Tree, workers: number): State;
  /** Turns one gradient per worker into the update that all of them make. */
  update(gradients: readonly Tree[], state: State, params: Tree): Agreed;
}

/** The mathematics of an optimiser of several workers, free of checks. */
export interface WorkersRule<S extends Fields> {
  /** Makes the first state. */
  init(params: Tree, workers: number): S;
  /** Computes the update, the next state, and the bytes sent by each worker. */
  update(
    gradients: readonly Tree[],
    state: S,
    params: Tree
  ): { updates: Tree; state: S; bytes: number };
}

/**
 * Makes an optimiser of several workers from its mathematics: checks, counts all bytes in its state's `bytes`, frees intermediate tensors.
 * @param name Its name.
 * @param rule How to start and how to update.
 * @returns The optimiser. Its `init` throws HelperError `input/value` for fewer than 1 worker; `update` `input/empty` without gradients,
 *   `input/structure` or `input/shape` for gradients that do not fit, `optim/foreign-state` for another's state.
 */
export function defineWorkers<S extends Fields>(
  name: string,
  rule: WorkersRule<S>
): WorkersTransform {
  return {
    name,
    init(params, workers) {
      checkNumber('workers', workers, { from: 1, integer: true });
      return tidy((): State => ({ of: name, workers, bytes: 0, own: rule.init(params, workers) }));
    },
    update(gradients, state, params) {
      const { of, workers, bytes: before, own } = fieldsOf(state);
      if (of !== name) {
        throw new HelperError(
          'optim/foreign-state',
          `expected a state of ${name}, got ${typeof of === 'string' ? `one of ${of}` : 'another'}; make one with its init(params, workers)`
        );
      }
      if (gradients.length !== workers) {
        throw new HelperError(
          'input/empty',
          `expected a gradient of each of ${Number(workers)} workers, got ${gradients.length}`
        );
      }
      gradients.forEach(gradient => checkAlike(params, gradient));
      return tidy(() => {
        const { updates, state: next, bytes } = rule.update(gradients, own as S, params);
        const total = Number(before) + bytes;
        return { updates, bytes, state: { of: name, workers, bytes: total, own: next } };
      });
    }
  };
}

/**
 * Averages gradients in full, 4 bytes a number: what compressed ways are compared with.
 * @param inner What the average goes through.
 * @returns The optimiser.
 */
export function fullAverage(inner: Transform): WorkersTransform {
  checkTransform('the inner optimiser', inner);
  return defineWorkers<{ inner: State }>(`fullAverage(${inner.name})`, {
    init: params => ({ inner: inner.init(params) }),
    update(gradients, state, params) {
      const { updates, state: next } = inner.update(averageTrees(gradients), state.inner, params);
      return { updates, state: { inner: next }, bytes: treeBytes(params) };
    }
  });
}

/**
 * Sees an optimiser of several workers as one of a single worker.
 * @param transform The optimiser.
 * @returns A transform whose state counts in `state.bytes` what would have been sent.
 */
export function singleWorker(transform: WorkersTransform): Transform {
  if (typeof transform?.init !== 'function') {
    throw new HelperError(
      'input/value',
      `expected an optimiser of workers, such as majorityVote(0.01), got ${inWords(transform)}`
    );
  }
  return defineTransform<{ state: State }>(transform.name, {
    init: params => ({ state: transform.init(params, 1) }),
    update(gradients, { state }, params) {
      const { updates, state: next } = transform.update([gradients], state, params);
      return { updates, state: { state: next } };
    }
  });
}

/**
 * Bytes that each worker has sent so far.
 * @param state A state of a `WorkersTransform`, or of the transform that `singleWorker` made of one.
 * @returns The bytes.
 * @throws HelperError `optim/foreign-state` for another state.
 */
export function bytesSent(state: State): number {
  const fields = fieldsOf(state);
  const { bytes } = 'bytes' in fields ? fields : fieldsOf(fields.state ?? null);
  if (typeof bytes === 'number') return bytes;
  throw new HelperError('optim/foreign-state', 'expected a state that counts bytes, got another');
}

/** The mean of several trees. */
export function averageTrees(trees: readonly Tree[]): Tree {
  const [first, ...others] = trees as [Tree, ...Tree[]];
  if (others.length === 0) return first;
  return leafwise((...at) => tf.div(tf.addN(at), at.length), first, ...others);
}

function fieldsOf(state: State): Record<string, State> {
  return (typeof state === 'object' && state !== null ? state : {}) as Record<string, State>;
}
