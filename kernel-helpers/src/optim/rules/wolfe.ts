import * as tf from '@tensorflow/tfjs';
import { checkNumber, HelperError } from '../../errors.ts';
import { tidy } from '../../tidy.ts';
import { release, type Tree } from '../../tree.ts';
import { dot } from '../arithmetic.ts';
import {
  applyUpdates,
  defineTransform,
  leafwise,
  type Context,
  type Transform
} from '../transform.ts';

/** How a strong Wolfe line search goes. */
export interface WolfeOptions {
  /** Share c₁ of the decrease that the slope promises and a step must bring. @default 1e-4 */
  slope?: number;
  /** Share c₂ of the starting slope that may be left at the end, between `slope` and 1. @default 0.9 */
  curvature?: number;
  /** Most losses and gradients computed for one step. @default 25 */
  maxTries?: number;
}

/** The loss along the search direction: how far, how low, how steep. */
interface Point {
  readonly length: number;
  readonly loss: number;
  readonly slope: number;
}

/**
 * Scales updates to a length η that fulfils the strong Wolfe conditions: `J(θ + ηu) ≤ J(θ) + c₁η⟨u, ∇J⟩` and
 * `|⟨u, ∇J(θ + ηu)⟩| ≤ c₂|⟨u, ∇J⟩|`. Starts at 1, doubles until a minimum is bracketed, then narrows by cubic interpolation.
 * Stands after a direction of descent.
 * @param options See `WolfeOptions`.
 * @returns A transform without state. Its update throws HelperError `optim/no-objective` where only gradients are passed; a search
 *   that runs out of tries makes the lowest step it saw, and none where all were higher than the start.
 * @throws HelperError `input/value` for shares outside `0 < slope < curvature < 1`.
 * @see Nocedal and Wright 2006, "Numerical optimization", algorithms 3.5 and 3.6
 */
export function wolfe(options: WolfeOptions = {}): Transform {
  const slope = checkNumber('slope', options.slope ?? 1e-4, { above: 0, below: 1 });
  const curvature = checkNumber('curvature', options.curvature ?? 0.9, { above: slope, below: 1 });
  const tries = checkNumber('maxTries', options.maxTries ?? 25, { from: 1, integer: true });
  return defineTransform('wolfe', {
    init: () => ({}),
    update(updates, state, params, context) {
      const { start, at } = along(updates, params, context);
      const length = search(start, at, { slope, curvature, tries });
      return { updates: leafwise(u => tf.mul(u, length), updates), state };
    }
  });
}

function along(updates: Tree, params: Tree, context: Context) {
  const { loss, gradient, evaluateAt } = context;
  if (loss === undefined || !gradient || !evaluateAt) {
    throw new HelperError(
      'optim/no-objective',
      'expected a context with loss, gradient and evaluateAt, got gradients alone; use gradientDescent, fit or takeStep'
    );
  }
  const at = (length: number): Point => {
    const reached = tidy(() =>
      applyUpdates(
        params,
        leafwise(u => tf.mul(u, length), updates)
      )
    );
    const evaluation = evaluateAt(reached);
    const slope = dot(updates, evaluation.gradient);
    release([reached, evaluation.gradient]);
    return { length, loss: evaluation.loss, slope };
  };
  return { start: { length: 0, loss, slope: dot(updates, gradient) }, at };
}

interface Conditions {
  readonly slope: number;
  readonly curvature: number;
  readonly tries: number;
}

function search(start: Point, at: (length: number) => Point, conditions: Conditions): number {
  let [before, length] = [start, 1];
  for (let tried = 1; tried <= conditions.tries; tried++) {
    const point = at(length);
    const left = { ...conditions, tries: conditions.tries - tried };
    const risen = tooHigh(start, point, conditions) || (tried > 1 && point.loss >= before.loss);
    if (risen) return zoom(start, at, [before, point], left);
    if (flatEnough(start, point, conditions)) return point.length;
    if (point.slope >= 0) return zoom(start, at, [point, before], left);
    [before, length] = [point, 2 * length];
  }
  return before.length;
}

/** Narrows a bracket whose first point is the lowest so far and slopes towards the second. */
function zoom(
  start: Point,
  at: (length: number) => Point,
  bracket: readonly [Point, Point],
  conditions: Conditions
): number {
  let [low, high] = bracket;
  for (let tried = 0; tried < conditions.tries; tried++) {
    const point = at(between(low, high));
    if (tooHigh(start, point, conditions) || point.loss >= low.loss) {
      high = point;
    } else {
      if (flatEnough(start, point, conditions)) return point.length;
      if (point.slope * (high.length - low.length) >= 0) high = low;
      low = point;
    }
  }
  return low.length;
}

// Written so that NaN and Infinity count as too high.
function tooHigh(start: Point, point: Point, { slope }: Conditions): boolean {
  return !(point.loss <= start.loss + slope * point.length * start.slope);
}

function flatEnough(start: Point, point: Point, { curvature }: Conditions): boolean {
  return Math.abs(point.slope) <= -curvature * start.slope;
}

/** The minimum of the cubic through both points and slopes, at least a tenth of the bracket away from its ends. */
function between(a: Point, b: Point): number {
  const width = b.length - a.length;
  const d1 = a.slope + b.slope - (3 * (b.loss - a.loss)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  const share = 1 - (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  const inside = Number.isFinite(share) ? Math.min(0.9, Math.max(0.1, share)) : 0.5;
  return a.length + inside * width;
}
