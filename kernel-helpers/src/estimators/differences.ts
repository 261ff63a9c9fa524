import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';
import { mapTree, type Tree } from '../tree.ts';
import { asScalar } from './autodiff.ts';
import type { Estimator, Loss } from './estimator.ts';

/**
 * Central finite differences, `(J(θ + h) − J(θ − h)) / 2h` for each element in turn: 2 losses per element, so this is for checking
 * a gradient. In float32 the error is smallest, some 1e-3 of the gradient, for an h near 1e-2 of the parameter.
 * @param step h in units of the parameters, above 0. @default 0.01
 * @returns An estimator.
 */
export function finiteDifferences(step = 1e-2): Estimator {
  checkNumber('step', step, { above: 0 });
  return shifted(step, 2 * step);
}

/**
 * The parameter-shift rule, `(J(θ + s) − J(θ − s)) / (2 sin s)`: exact for losses that are sinusoids of period 2π in each parameter,
 * such as the expectation values of quantum circuits with Pauli rotations; wrong for others.
 * @param shift s in radians, above 0 and below π. @default π/2
 * @returns An estimator.
 * @see Mitarai et al. 2018, arXiv:1803.00745; Schuld et al. 2019, arXiv:1811.11184
 */
export function parameterShift(shift = Math.PI / 2): Estimator {
  checkNumber('shift', shift, { above: 0, below: Math.PI });
  return shifted(shift, 2 * Math.sin(shift));
}

function shifted(shift: number, divisor: number): Estimator {
  return (loss, params) => {
    const gradient = mapTree(params, (leaf, _, index) => {
      const values = leaf.dataSync();
      const slopes = Float32Array.from(values, (value, element) => {
        const at = (x: number): number => lossWith(loss, params, index, element, x);
        return (at(value + shift) - at(value - shift)) / divisor;
      });
      return tf.tensor(slopes, leaf.shape);
    });
    return { loss: tf.tidy(() => asScalar(loss(params))), gradient };
  };
}

/** The loss with one element of one leaf replaced. */
function lossWith<P extends Tree>(
  loss: Loss<P>,
  params: P,
  index: number,
  element: number,
  value: number
): number {
  return tf.tidy(() => {
    const moved = mapTree(params, (leaf, _, at) => {
      if (at !== index) return leaf;
      const values = Float32Array.from(leaf.dataSync());
      values[element] = value;
      return tf.tensor(values, leaf.shape);
    });
    return asScalar(loss(moved)).dataSync()[0] ?? NaN;
  });
}
