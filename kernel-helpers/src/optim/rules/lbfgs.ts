import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import type { Tree } from '../../tree.ts';
import { dot } from '../arithmetic.ts';
import { chain } from '../chain.ts';
import { scale } from '../scale.ts';
import { defineTransform, leafwise, type Transform } from '../transform.ts';
import { wolfe } from './wolfe.ts';

/** A step and the change of the gradient along it. */
type Secant = { readonly step: Tree; readonly change: Tree; readonly weight: number };
type History = {
  count: number;
  secants: readonly Secant[];
  params: Tree | null;
  gradient: Tree | null;
};

/** Options of L-BFGS. */
export interface LbfgsOptions {
  /** How many steps are remembered, at least 1. @default 10 */
  memory?: number;
  /**
   * Whether steps along which the gradient fell are remembered too, as optax does. They can turn the direction uphill, so by
   * default only steps of positive curvature count. @default false
   */
  anyCurvature?: boolean;
}

/**
 * Multiplies gradients by an estimate of the inverse Hessian from the latest steps, by the two-loop recursion.
 * The first direction is the gradient, at most 1 long.
 * @param options See `LbfgsOptions`.
 * @returns A transform whose state holds `2·memory + 2` tensors per parameter. Descend with a rate of 1 or a line search.
 * @see Nocedal and Wright 2006, "Numerical optimization", algorithm 7.4
 */
export function scaleByLbfgs(options: LbfgsOptions = {}): Transform {
  const { anyCurvature = false } = options;
  const memory = checkNumber('memory', options.memory ?? 10, { from: 1, integer: true });
  return defineTransform<History>('scaleByLbfgs', {
    init: () => ({ count: 0, secants: [], params: null, gradient: null }),
    update(gradient, old, params) {
      const latest =
        old.params && old.gradient && secant(params, old.params, gradient, old.gradient);
      const useful = latest && (anyCurvature ? latest.weight !== 0 : latest.weight > 0);
      const secants = useful ? [...old.secants, latest].slice(-memory) : old.secants;
      const updates = twoLoops(gradient, secants);
      return { updates, state: { count: old.count + 1, secants, params, gradient } };
    }
  });
}

/**
 * L-BFGS with a line search that tries the full step first; for losses without noise: full batches.
 * @param options What is remembered, and the line search: `wolfe()` as torch and SciPy have it, or `backtrack()`, which asks for
 *   losses without gradients. @default lineSearch wolfe()
 * @returns A transform that needs the objective: use it with gradientDescent, fit or takeStep.
 * @see Liu and Nocedal 1989, "On the limited memory BFGS method for large scale optimization"
 */
export function lbfgs(options: LbfgsOptions & { lineSearch?: Transform } = {}): Transform {
  return chain(scaleByLbfgs(options), scale(-1), options.lineSearch ?? wolfe());
}

function secant(params: Tree, oldParams: Tree, gradient: Tree, oldGradient: Tree): Secant {
  const subtract = (a: tf.Tensor, b?: tf.Tensor): tf.Tensor => tf.sub(a, b!);
  const step = leafwise(subtract, params, oldParams);
  const change = leafwise(subtract, gradient, oldGradient);
  const curvature = dot(step, change);
  return { step, change, weight: curvature === 0 ? 0 : 1 / curvature };
}

function twoLoops(gradient: Tree, secants: readonly Secant[]): Tree {
  let direction = gradient;
  const alphas: number[] = [];
  for (const { step, change, weight } of [...secants].reverse()) {
    const alpha = weight * dot(step, direction);
    alphas.unshift(alpha);
    direction = addScaled(direction, change, -alpha);
  }
  const first = firstScale(gradient, secants.at(-1));
  direction = leafwise(d => tf.mul(d, first), direction);
  secants.forEach(({ step, change, weight }, index) => {
    const beta = weight * dot(change, direction);
    direction = addScaled(direction, step, alphas[index]! - beta);
  });
  return direction;
}

function firstScale(gradient: Tree, latest?: Secant): number {
  if (latest) return 1 / (latest.weight * dot(latest.change, latest.change));
  const norm = Math.sqrt(dot(gradient, gradient));
  return norm > 1 ? 1 / norm : 1;
}

function addScaled(tree: Tree, other: Tree, factor: number): Tree {
  return leafwise((a, b) => tf.add(a, tf.mul(b, factor)), tree, other);
}
