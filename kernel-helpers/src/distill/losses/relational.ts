import * as tf from '@tensorflow/tfjs';
import { checkNumber } from '../../errors.ts';
import { normalized, reduce, rows, sameShape, type Reduction } from './reduction.ts';

/** Options of relational distillation. */
export interface RelationalOptions {
  /** Weight of the distances between two examples. @default 1 */
  distance?: number;
  /** Weight of the angles between three. @default 2 */
  angle?: number;
  /** Over all pairs and triples. @default 'mean' */
  reduction?: Reduction;
}

/**
 * Relational distillation: distances between examples, in units of their mean, and angles, compared by a Huber loss of width 1.
 * Memory grows with the cube of the number of examples where angles count.
 * @param teacher Features of shape [examples, …].
 * @param student Features of as many examples, of any other shape.
 * @param options See `RelationalOptions`.
 * @returns A scalar.
 * @throws HelperError `input/value` for a negative weight, `input/shape` when the numbers of examples differ.
 * @see Park et al. 2019, arXiv:1904.05068, equations 5 to 9
 */
export function relational(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: RelationalOptions = {}
): tf.Scalar {
  const { reduction = 'mean' } = options;
  const distance = checkNumber('distance', options.distance ?? 1, { from: 0 });
  const angle = checkNumber('angle', options.angle ?? 2, { from: 0 });
  return tf.tidy(() => {
    const compare = (of: (features: tf.Tensor2D) => tf.Tensor): tf.Tensor => {
      const [wanted, found] = [of(rows(teacher)), of(rows(student))];
      sameShape('the relations', wanted, found);
      return reduce(huber(tf.sub(found, wanted)), reduction);
    };
    const zero = tf.scalar(0);
    return tf.add(
      distance > 0 ? tf.mul(compare(distances), distance) : zero,
      angle > 0 ? tf.mul(compare(angles), angle) : zero
    );
  });
}

/** Distances of all pairs over their mean: [examples, examples]. */
function distances(features: tf.Tensor2D): tf.Tensor {
  const count = features.shape[0];
  const squares = tf.sum(tf.square(features), 1, true);
  const products = tf.matMul(features, features, false, true);
  const square = tf.sub(tf.add(squares, tf.transpose(squares)), tf.mul(products, 2));
  const apart = tf.sub(1, tf.eye(count));
  const distance = tf.mul(tf.sqrt(tf.maximum(square, 1e-12)), apart);
  return tf.div(distance, tf.div(tf.sum(distance), count * (count - 1)));
}

/** Cosines at each example between each two: [examples, examples, examples]. */
function angles(features: tf.Tensor2D): tf.Tensor {
  const differences = tf.sub(tf.expandDims(features, 0), tf.expandDims(features, 1));
  const directions = normalized(differences, 2);
  return tf.matMul(directions, directions, false, true);
}

/** x²/2 up to 1, |x| − 1/2 beyond. */
function huber(x: tf.Tensor): tf.Tensor {
  const size = tf.abs(x);
  const inner = tf.minimum(size, 1);
  return tf.mul(inner, tf.sub(size, tf.div(inner, 2)));
}
