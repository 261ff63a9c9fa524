import * as tf from '@tensorflow/tfjs';
import { HelperError, inWords } from '../errors.ts';
import { tidy } from '../tidy.ts';
import { add } from './elementwise.ts';
import { leafWatcher } from './leaf-watcher.ts';
import { checkAlike, isTensor, zipTrees, type State, type Tree } from '../tree.ts';

/** The loss and its gradient at one point; the gradient's tensors belong to the receiver. */
export interface Evaluation {
  /** Value of the loss. */
  readonly loss: number;
  /** Gradient of the loss, of the parameters' structure and shapes. */
  readonly gradient: Tree;
}

/** What some transforms need besides gradients: line searches and SAM look at the loss themselves. */
export interface Context {
  /** The loss at the current parameters. */
  readonly loss?: number;
  /** The gradient at the current parameters, before any transform. */
  readonly gradient?: Tree;
  /** The loss of this step, for the same batch, at other parameters. */
  readonly lossAt?: (params: Tree) => number;
  /** The same with its gradient. */
  readonly evaluateAt?: (params: Tree) => Evaluation;
}

/** What one update gives. */
export interface Updated {
  /** What to add to the parameters. */
  readonly updates: Tree;
  /** What to pass to the next update. */
  readonly state: State;
}

/**
 * One part of an optimiser: turns gradients into updates, without side effects.
 * Neither function changes or disposes of its arguments; what they return belongs to the caller, and may share tensors
 * with the arguments.
 */
export interface Transform {
  /** Name that its states carry. */
  readonly name: string;
  /** Makes the first state for parameters of this structure. */
  init(params: Tree): State;
  /** Turns gradients, or the updates of the transform before, into updates. */
  update(gradients: Tree, state: State, params: Tree, context?: Context): Updated;
}

/** Elements below which a leaf's intermediate tensors are not worth a scope. */
const smallLeaf = 4096;

/** A state's fields, by name. */
export type Fields = Readonly<Record<string, State>>;

/** The mathematics of a transform, free of checks. */
export interface Rule<S extends Fields> {
  /** Makes the first state. */
  init(params: Tree): S;
  /** Computes updates and the next state. */
  update(gradients: Tree, state: S, params: Tree, context: Context): { updates: Tree; state: S };
}

/**
 * Checks that something is a transform.
 * @param name What it is, for the message.
 * @param value What was given.
 * @returns The transform.
 * @throws HelperError `input/value` for anything else, such as an optimiser of TensorFlow.js.
 */
export function checkTransform(name: string, value: Transform): Transform {
  const { init, update } = (value ?? {}) as Partial<Transform>;
  if (typeof init === 'function' && typeof update === 'function') return value;
  const remedy = 'use one of optim, such as optim.adam(1e-3)';
  throw new HelperError(
    'input/value',
    `expected ${name} to be a gradient transform, got ${inWords(value)}; ${remedy}`
  );
}

/** Updates without the checks and the scope around them, which a transform of transforms needs but once. */
const unguarded = new WeakMap<Transform, Transform['update']>();

/**
 * Updates by a part of a transform, whose own update has checked the gradients and frees what is left over.
 * @param part The inner transform.
 * @param rest Gradients, the part's state, parameters and context, as for its `update`.
 * @returns As the part's `update`.
 */
export function updatePart(part: Transform, ...rest: Parameters<Transform['update']>): Updated {
  const update = unguarded.get(part);
  return update ? update(...rest) : part.update(...rest);
}

/**
 * Makes a transform from its mathematics: checks structure, shapes and whose state it is, and frees intermediate tensors.
 * @param name The transform's name, kept in its state as `of`.
 * @param rule How to start and how to update.
 * @returns The transform. Its `update` throws HelperError `optim/foreign-state` for the state of another transform, and
 *   `input/structure` or `input/shape` for gradients that do not fit the parameters.
 */
export function defineTransform<S extends Fields>(name: string, rule: Rule<S>): Transform {
  const update: Transform['update'] = (gradients, state, params, context = {}) => {
    const own = ownState<S>(name, state);
    const { updates, state: next } = rule.update(gradients, own, params, context);
    return { updates, state: { of: name, ...next } };
  };
  const transform: Transform = {
    name,
    init: params => tidy((): State => ({ of: name, ...rule.init(params) })),
    update(gradients, ...rest) {
      checkAlike(rest[1], gradients);
      return tidy(() => update(gradients, ...rest));
    }
  };
  unguarded.set(transform, update);
  return transform;
}

/**
 * Makes a transform that remembers nothing.
 * @param name The transform's name.
 * @param fn Computes the updates from gradients and parameters.
 * @returns The transform.
 */
export function stateless(name: string, fn: (gradients: Tree, params: Tree) => Tree): Transform {
  return defineTransform<Fields>(name, {
    init: () => ({}),
    update: (gradients, state, params) => ({ updates: fn(gradients, params), state })
  });
}

/**
 * Computes leaf by leaf, freeing what each leaf needed on the way.
 * @param fn Computes one leaf of the result. Plain numbers in it are the same for every leaf of a step, or differ from the first step on:
 *   a recorded step asks for those of one leaf alone where the others had the same ones while it was recorded.
 * @param first The tree that sets the structure.
 * @param others Trees of the same structure and shapes.
 * @returns A tree of the structure of `first`.
 */
export function leafwise<P extends Tree>(
  fn: (leaf: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  first: P,
  ...others: Tree[]
): P {
  // What a small leaf needs on the way is left to the tidy around the update: a scope of its own costs more.
  const compute = (...at: [tf.Tensor, ...tf.Tensor[]]): tf.Tensor =>
    at[0].size < smallLeaf ? fn(...at) : tf.tidy(() => fn(...at));
  const watcher = leafWatcher();
  if (watcher === undefined) return zipTrees(compute, first, ...others);
  watcher.leavesBegin();
  return zipTrees((...at) => watcher.leaf(() => compute(...at)), first, ...others);
}

/**
 * A tree of zeros.
 * @param params The tree whose structure and shapes to copy.
 * @returns New tensors, all 0.
 */
export function zerosLike<P extends Tree>(params: P): P {
  return leafwise(leaf => tf.zerosLike(leaf), params);
}

/**
 * Takes a step: parameters plus updates.
 * @param params The parameters.
 * @param updates What a transform made, of the same structure and shapes.
 * @returns New parameters; the old ones are not changed.
 */
export function applyUpdates<P extends Tree>(params: P, updates: Tree): P {
  return zipTrees(add, params, updates);
}

function ownState<S extends Fields>(name: string, state: State): S {
  const of = typeof state === 'object' && state !== null && 'of' in state ? state.of : undefined;
  if (of === name && !isTensor(state)) return state as S;
  const got = typeof of === 'string' ? `a state of ${of}` : 'something that is no state';
  throw new HelperError(
    'optim/foreign-state',
    `expected a state of ${name}, got ${got}; make one with its init(params)`
  );
}
