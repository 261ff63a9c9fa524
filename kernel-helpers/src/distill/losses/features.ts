import * as tf from '@tensorflow/tfjs';
import { HelperError } from '../../errors.ts';
import { normalized, reduce, rows, sameShape, type Reduction } from './reduction.ts';

/**
 * FitNets' loss: the square of the difference of features. The paper has half the sum over an example, `{ reduction: 'batch', half: true }`.
 * @param teacher Features of any shape [examples, …].
 * @param student Features of the same shape, after a projector where needed.
 * @param options `reduction`, `mean` as in torch unless given; `half` halves the loss.
 * @returns A scalar.
 * @throws HelperError `input/shape` when the shapes differ.
 * @see Romero et al. 2015, arXiv:1412.6550, equation 3
 */
export function hint(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: { reduction?: Reduction; half?: boolean } = {}
): tf.Scalar {
  sameShape('the features', teacher, student);
  return tf.tidy(() => {
    const loss = reduce(tf.square(tf.sub(student, teacher)), options.reduction ?? 'mean');
    return options.half ? tf.div(loss, 2) : loss;
  });
}

/**
 * Attention transfer: the difference of where the channels' energy lies in the picture. The numbers of channels may differ.
 * @param teacher Feature maps of shape [examples, height, width, channels].
 * @param student Feature maps of the same height and width.
 * @param options `convention`: `code`, the mean square as in the authors' program, or `paper`, the mean L2 distance. @default 'code'
 * @returns A scalar.
 * @throws HelperError `input/shape` when heights or widths differ.
 * @see Zagoruyko and Komodakis 2017, arXiv:1612.03928, equation 2
 */
export function attention(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: { convention?: 'code' | 'paper' } = {}
): tf.Scalar {
  return tf.tidy(() => {
    const [wanted, found] = [attentionMap(teacher), attentionMap(student)];
    sameShape('the attention maps', wanted, found);
    const square = tf.square(tf.sub(rows(normalizedMap(found)), rows(normalizedMap(wanted))));
    if (options.convention !== 'paper') return tf.mean(square);
    return tf.mean(tf.sqrt(tf.maximum(tf.sum(square, 1), 1e-24)));
  });
}

/**
 * Similarity-preserving distillation: which examples of the batch are alike, by the products of their features.
 * @param teacher Features of shape [examples, …].
 * @param student Features of as many examples, of any other shape.
 * @param options `norm` of the rows of similarities: `l2` as in the paper, or `l1` as torchdistill computes. @default 'l2'
 * @returns A scalar: the squared Frobenius norm of the difference, over examples².
 * @throws HelperError `input/shape` when the numbers of examples differ.
 * @see Tung and Mori 2019, arXiv:1907.09682, equation 4
 */
export function similarity(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: { norm?: 'l1' | 'l2' } = {}
): tf.Scalar {
  return tf.tidy(() => {
    const [wanted, found] = [teacher, student].map(features => {
      const products = tf.matMul(rows(features), rows(features), false, true);
      if (options.norm !== 'l1') return normalized(products, 1);
      return tf.div(products, tf.maximum(tf.sum(tf.abs(products), 1, true), 1e-12));
    }) as [tf.Tensor, tf.Tensor];
    sameShape('the similarities', wanted, found);
    return tf.mean(tf.square(tf.sub(found, wanted)));
  });
}

/**
 * The flow between two layers (FSP): products of their channels, the mean over the picture. Take it as a term's output:
 * `teacher: outputs => flowMatrix(outputs.first!, outputs.last!)`.
 * @param first Feature maps of shape [examples, height, width, a].
 * @param second Feature maps of shape [examples, height, width, b]; the larger picture is max-pooled to the smaller.
 * @returns Of shape [examples, a, b].
 * @throws HelperError `input/shape` when one picture is no whole multiple of the other.
 * @see Yim et al. 2017, "A gift from knowledge distillation", equation 1
 */
export function flowMatrix(first: tf.Tensor, second: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const size = [1, 2].map(axis => Math.min(first.shape[axis]!, second.shape[axis]!));
    const flat = (map: tf.Tensor): tf.Tensor => {
      const [examples, , , channels] = map.shape as [number, number, number, number];
      return tf.reshape(pooled(map as tf.Tensor4D, size), [examples, -1, channels]);
    };
    const products = tf.matMul(flat(first), flat(second), true, false);
    return tf.div(products, size[0]! * size[1]!);
  });
}

/**
 * The difference of two flows.
 * @param teacher Of shape [examples, a, b], by `flowMatrix`.
 * @param student Of the same shape.
 * @param options `convention`: `paper`, the squared Frobenius norm, or `torchdistill`, the sum of the norms of the columns. @default 'paper'
 * @returns A scalar: the mean over the examples.
 * @throws HelperError `input/shape` when the shapes differ.
 * @see Yim et al. 2017, "A gift from knowledge distillation", equation 2
 */
export function flow(
  teacher: tf.Tensor,
  student: tf.Tensor,
  options: { convention?: 'paper' | 'torchdistill' } = {}
): tf.Scalar {
  sameShape('the flows', teacher, student);
  return tf.tidy(() => {
    const square = tf.square(tf.sub(student, teacher));
    if (options.convention !== 'torchdistill') return reduce(square, 'batch');
    return reduce(tf.sqrt(tf.maximum(tf.sum(square, 1), 1e-24)), 'batch');
  });
}

function attentionMap(features: tf.Tensor): tf.Tensor {
  if (features.rank === 4) return tf.mean(tf.square(features), -1);
  throw new HelperError(
    'input/shape',
    `expected feature maps of shape [examples, height, width, channels], got [${String(features.shape)}]`
  );
}

function normalizedMap(map: tf.Tensor): tf.Tensor {
  return normalized(rows(map), 1);
}

function pooled(map: tf.Tensor4D, [height, width]: number[]): tf.Tensor4D {
  const [down, across] = [map.shape[1] / height!, map.shape[2] / width!];
  if (down === 1 && across === 1) return map;
  if (Number.isInteger(down) && Number.isInteger(across)) {
    return tf.maxPool(map, [down, across], [down, across], 'valid');
  }
  throw new HelperError(
    'input/shape',
    `expected pictures of ${map.shape[1]} × ${map.shape[2]} to be whole multiples of ${height} × ${width}; resize one of them`
  );
}
