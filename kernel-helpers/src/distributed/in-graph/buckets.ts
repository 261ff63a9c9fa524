import * as tf from '@tensorflow/tfjs';

/** Bytes from which gradients travel: fewer would cost more time in messages than in bytes. */
export const defaultBucketBytes = 1 << 20;

/**
 * Adds up gradients over workers in buckets: the backward pass makes the last layers' gradients first, and they travel while it goes on.
 * @param gradients In the order of the layers.
 * @param notes A vector that travels along with the first bucket.
 * @param add Adds a vector over all workers.
 * @param bucketBytes Bytes from which a bucket travels.
 * @returns The sums, in the same order, and those of the notes.
 * @see Li et al. 2020, "PyTorch Distributed", arXiv:2006.15704, section 3.2.3
 */
export function addInBuckets(
  gradients: readonly tf.Tensor[],
  notes: tf.Tensor1D,
  add: (values: tf.Tensor) => tf.Tensor,
  bucketBytes = defaultBucketBytes
): { gradients: tf.Tensor[]; notes: tf.Tensor1D } {
  const buckets = bucketsOf(gradients, bucketBytes);
  const [withNotes, ...sums] = buckets.map((bucket, i) =>
    add(tf.concat1d([...(i === 0 ? [notes] : []), ...bucket.map(asVector)]))
  ) as [tf.Tensor1D, ...tf.Tensor1D[]];
  const sumOfNotes = tf.slice1d(withNotes, 0, notes.size);
  const first = tf.slice1d(withNotes, notes.size, withNotes.size - notes.size);
  const parts = buckets.flatMap((bucket, i) => {
    const sum = i === 0 ? first : sums[i - 1]!;
    let at = 0;
    return bucket.map(like => {
      const part = tf.slice1d(sum, at, like.size);
      at += like.size;
      return tf.reshape(part, like.shape);
    });
  });
  return { gradients: parts.reverse(), notes: sumOfNotes };
}

/** From the last gradient to the first; at least one bucket, and none but the last small. */
function bucketsOf(gradients: readonly tf.Tensor[], bucketBytes: number): tf.Tensor[][] {
  const buckets: tf.Tensor[][] = [[]];
  let bytes = 0;
  for (const gradient of gradients.toReversed()) {
    if (bytes >= bucketBytes) {
      buckets.push([]);
      bytes = 0;
    }
    buckets.at(-1)!.push(gradient);
    bytes += 4 * gradient.size;
  }
  return buckets;
}

function asVector(tensor: tf.Tensor): tf.Tensor1D {
  return tf.reshape(tensor, [tensor.size]);
}
