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
  /**
   * The same, with each update added to its parameter while it is in the processor's cache, where the rule goes leaf by leaf. It calls
   * `spent` with each leaf of the gradients that it is done with.
   * @default updates all leaves, then adds all
   */
  step?(gradients: Tree, state: S, params: Tree, context: Context, spent: Spent): Stepped<S>;
}

/** Takes note of a tensor that a computation is done with. */
export type Spent = (leaf: tf.Tensor) => void;

/** What one step gives: parameters in place of updates. */
export interface Stepped<S = State> {
  /** The next parameters. */
  readonly params: Tree;
  /** What to pass to the next step. */
  readonly state: S;
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

/** What a transform does without the checks and the scope around it, which a transform of transforms needs but once. */
interface Unguarded {
  readonly update: Transform['update'];
  readonly step: (at: Parameters<Transform['update']>, spent: Spent) => Stepped;
}
const unguarded = new WeakMap<Transform, Unguarded>();

/**
 * Updates by a part of a transform, whose own update has checked the gradients and frees what is left over.
 * @param part The inner transform.
 * @param rest Gradients, the part's state, parameters and context, as for its `update`.
 * @returns As the part's `update`.
 */
export function updatePart(part: Transform, ...rest: Parameters<Transform['update']>): Updated {
  return (unguarded.get(part) ?? part).update(...rest);
}

/**
 * Updates by a part of a transform and adds the updates to the parameters, under the same conditions as `updatePart`.
 * @param part The inner transform.
 * @param at Gradients, the part's state, parameters and context, as for its `update`.
 * @param spent May be called with each leaf of the gradients that is no longer needed.
 * @returns The next parameters and the part's next state.
 */
export function stepPart(
  part: Transform,
  at: Parameters<Transform['update']>,
  spent: Spent = () => undefined
): Stepped {
  const inner = unguarded.get(part);
  return inner ? inner.step(at, spent) : added(part.update(...at), at[2]);
}

function added<S>({ updates, state }: { updates: Tree; state: S }, params: Tree): Stepped<S> {
  return { params: applyUpdates(params, updates), state };
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
  const step: Unguarded['step'] = ([gradients, state, params, context = {}], spent) => {
    const at = [gradients, ownState<S>(name, state), params, context] as const;
    const next = rule.step ? rule.step(...at, spent) : added(rule.update(...at), params);
    return { params: next.params, state: { of: name, ...next.state } };
  };
  const transform: Transform = {
    name,
    init: params => tidy((): State => ({ of: name, ...rule.init(params) })),
    update(gradients, ...rest) {
      checkAlike(rest[1], gradients);
      return tidy(() => update(gradients, ...rest));
    }
  };
  unguarded.set(transform, { update, step });
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
  const scoped: typeof fn = (...at) =>
    at[0].size < smallLeaf ? fn(...at) : tf.tidy(() => fn(...at));
  return eachLeaf(scoped, first, ...others);
}

/**
 * The same for a computation that leaves nothing over: the scope around each leaf takes longer than an addition of a small one.
 * @param fn Computes one leaf of the result and frees by itself what it needs on the way, as `spend` does.
 * @param first The tree that sets the structure.
 * @param others Trees of the same structure and shapes.
 * @returns A tree of the structure of `first`.
 */
export function eachLeaf<P extends Tree>(
  fn: (leaf: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  first: P,
  ...others: Tree[]
): P {
  const watcher = leafWatcher();
  if (watcher === undefined) return zipTrees(fn, first, ...others);
  watcher.leavesBegin();
  return zipTrees((...at) => watcher.leaf(() => fn(...at)), first, ...others);
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
