import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../errors.ts';

/** A function to try optimisers on: of a point of shape [dimensions]. */
export interface TestFunction {
  /** Its usual name. */
  readonly name: string;
  /** The function, for gradientDescent. */
  readonly loss: (point: tf.Tensor1D) => tf.Scalar;
  /** The usual start; a new tensor. */
  readonly start: () => tf.Tensor1D;
  /** Where it is smallest; several points for some. */
  readonly minima: readonly (readonly number[])[];
  /** Its smallest value. */
  readonly minimum: number;
}

type Formula = (...coordinates: tf.Scalar[]) => tf.Tensor;

function define(
  name: string,
  start: readonly number[],
  minima: readonly (readonly number[])[],
  formula: Formula,
  minimum = 0
): TestFunction {
  return {
    name,
    loss: point => tf.tidy(() => formula(...(tf.unstack(point) as tf.Scalar[]))) as tf.Scalar,
    start: () => tf.tensor1d([...start]),
    minima,
    minimum
  };
}

const { add, mul, square, sub } = tf;

/** Rosenbrock's valley, `(1 − x)² + 100(y − x²)²`: easy to enter, slow to follow. */
export const rosenbrock: TestFunction = define('Rosenbrock', [-1.2, 1], [[1, 1]], (x, y) =>
  add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
);

/** Booth's quadratic, `(x + 2y − 7)² + (2x + y − 5)²`, of condition 9. */
export const booth: TestFunction = define('Booth', [0, 0], [[1, 3]], (x, y) =>
  add(square(sub(add(x, mul(2, y)), 7)), square(sub(add(mul(2, x), y), 5)))
);

/** Beale's function: flat far out, with sharp corners. */
export const beale: TestFunction = define('Beale', [1, 1], [[3, 0.5]], (x, y) => {
  const term = (value: number, power: number): tf.Tensor =>
    square(add(value, mul(x, sub(tf.pow(y, power), 1))));
  return tf.addN([term(1.5, 1), term(2.25, 2), term(2.625, 3)]);
});

/** Branin's function, with three equal minima. */
export const branin: TestFunction = define(
  'Branin',
  [2.5, 7.5],
  [
    [-Math.PI, 12.275],
    [Math.PI, 2.275],
    [9.42478, 2.475]
  ],
  (x, y) => {
    const [b, c, t] = [5.1 / (4 * Math.PI ** 2), 5 / Math.PI, 1 / (8 * Math.PI)];
    const bend = sub(add(sub(y, mul(b, square(x))), mul(c, x)), 6);
    return add(add(square(bend), mul(10 * (1 - t), tf.cos(x))), 10);
  },
  0.397887
);

/** Powell's singular function of four variables: its Hessian is singular at the minimum. */
export const powell: TestFunction = define('Powell', [3, -1, 0, 1], [[0, 0, 0, 0]], (a, b, c, d) =>
  tf.addN([
    square(add(a, mul(10, b))),
    mul(5, square(sub(c, d))),
    square(square(sub(b, mul(2, c)))),
    mul(10, square(square(sub(a, d))))
  ])
);

/** Himmelblau's function, with four equal minima. */
export const himmelblau: TestFunction = define(
  'Himmelblau',
  [0, 0],
  [
    [3, 2],
    [-2.805118, 3.131312],
    [-3.77931, -3.283186],
    [3.584428, -1.848126]
  ],
  (x, y) => add(square(sub(add(square(x), y), 11)), square(sub(add(x, square(y)), 7)))
);

/**
 * A quadratic bowl `½ Σ λᵢ xᵢ²`, whose descent theory gives exactly: a step of rate α multiplies xᵢ by `1 − αλᵢ`.
 * @param curvatures The eigenvalues λ of its Hessian, each above 0.
 * @returns A test function that starts at all ones.
 */
export function quadratic(curvatures: readonly number[]): TestFunction {
  curvatures.forEach((curvature, index) =>
    checkNumber(`curvatures[${index}]`, curvature, { above: 0 })
  );
  const ones = curvatures.map(() => 1);
  return {
    ...define('quadratic', ones, [curvatures.map(() => 0)], () => tf.scalar(0)),
    loss: point =>
      tf.tidy(() => tf.mul(0.5, tf.sum(tf.mul(tf.tensor1d([...curvatures]), tf.square(point)))))
  };
}
