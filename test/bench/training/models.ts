import * as tf from '@tensorflow/tfjs';
import { stopGradient } from '../../../kernel-helpers/src/stop-gradient.ts';

/** A model of the benchmark: pure functions of a list of parameters. */
export interface BenchModel {
  readonly shapes: readonly (readonly number[])[];
  /** Shape of one example. */
  readonly input: readonly number[];
  /** Classes of the last layer. */
  readonly classes: number;
  logits(p: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor;
}

/** 784-300-100-10, the classic of MNIST. */
const mlp: BenchModel = {
  shapes: [[784, 300], [300], [300, 100], [100], [100, 10], [10]],
  input: [784],
  classes: 10,
  logits: (p, x) => {
    const first = tf.relu(tf.add(tf.matMul(x, p[0]!), p[1]!));
    const second = tf.relu(tf.add(tf.matMul(first, p[2]!), p[3]!));
    return tf.add(tf.matMul(second, p[4]!), p[5]!);
  }
};

/** LeNet-5 with rectifiers and maximum pooling. */
const lenet: BenchModel = {
  shapes: [
    [5, 5, 1, 6],
    [6],
    [5, 5, 6, 16],
    [16],
    [400, 120],
    [120],
    [120, 84],
    [84],
    [84, 10],
    [10]
  ],
  input: [28, 28, 1],
  classes: 10,
  logits: (p, x) => {
    const conv = (h: tf.Tensor, i: number, pad: 'same' | 'valid'): tf.Tensor4D =>
      tf.maxPool(
        tf.relu<tf.Tensor4D>(
          tf.add(tf.conv2d(h as tf.Tensor4D, p[i] as tf.Tensor4D, 1, pad), p[i + 1]!)
        ),
        2,
        2,
        'valid'
      );
    const flat = tf.reshape(conv(conv(x, 0, 'same'), 2, 'valid'), [-1, 400]);
    const first = tf.relu(tf.add(tf.matMul(flat, p[4]!), p[5]!));
    const second = tf.relu(tf.add(tf.matMul(first, p[6]!), p[7]!));
    return tf.add(tf.matMul(second, p[8]!), p[9]!);
  }
};

/** An LSTM of 64 units over 28 steps of 28 values. */
const lstm: BenchModel = {
  shapes: [[28, 256], [64, 256], [256], [64, 10], [10]],
  input: [28, 28],
  classes: 10,
  logits: (p, x) => {
    let h: tf.Tensor = tf.zeros([x.shape[0], 64]);
    let c: tf.Tensor = tf.zeros([x.shape[0], 64]);
    for (const step of tf.unstack(x, 1)) {
      const gates = tf.add(tf.add(tf.matMul(step, p[0]!), tf.matMul(h, p[1]!)), p[2]!);
      const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    return tf.add(tf.matMul(h, p[3]!), p[4]!);
  }
};

const width = 64;
const heads = 4;
const layerShapes = [
  [width, 3 * width],
  [width, width],
  [width],
  [width],
  [width, 4 * width],
  [4 * width],
  [4 * width, width],
  [width],
  [width],
  [width]
];

/** Two layers of a transformer of 64 channels and 4 heads over 28 steps of 28 values. */
const transformer: BenchModel = {
  shapes: [[28, width], [28, width], ...layerShapes, ...layerShapes, [width, 10], [10]],
  input: [28, 28],
  classes: 10,
  logits: (p, x) => {
    const flat = tf.matMul(tf.reshape(x, [-1, 28]), p[0]!);
    const embedded = tf.add(tf.reshape(flat, [-1, 28, width]), p[1]!);
    const once = transformerLayer(p.slice(2, 12), embedded);
    const twice = transformerLayer(p.slice(12, 22), once);
    return tf.add(tf.matMul(tf.mean(twice, 1), p[22]!), p[23]!);
  }
};

function transformerLayer(p: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
  const attended = normalise(tf.add(x, attention(x, p[0]!, p[1]!)), p[2]!, p[3]!);
  const hidden = tf.relu(tf.add(dense(attended, p[4]!), p[5]!));
  return normalise(tf.add(attended, tf.add(dense(hidden, p[6]!), p[7]!)), p[8]!, p[9]!);
}

function attention(x: tf.Tensor, qkv: tf.Tensor, out: tf.Tensor): tf.Tensor {
  const split = tf
    .split(dense(x, qkv), 3, 2)
    .map(part => tf.transpose(tf.reshape(part, [-1, 28, heads, width / heads]), [0, 2, 1, 3]));
  const [q, k, v] = split as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.softmax(tf.mul(tf.matMul(q, k, false, true), Math.sqrt(heads / width)));
  const mixed = tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]);
  return dense(tf.reshape(mixed, [-1, 28, width]), out);
}

function dense(x: tf.Tensor, w: tf.Tensor): tf.Tensor {
  const [inner, outer] = w.shape as [number, number];
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, inner]), w), [-1, 28, outer]);
}

function normalise(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const mean = tf.mean(x, -1, true);
  // Python's tf.nn.moments stops the gradient here as well: it is 0 and costs two more sums.
  const variance = tf.mean(tf.square(tf.sub(x, stopGradient(mean))), -1, true);
  const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  // Parameters start near 0 for all shapes alike, so the scale counts from 1.
  return tf.add(tf.mul(unit, tf.add(scale, 1)), shift);
}

/** The models by name. */
export const models: Readonly<Record<string, BenchModel>> = { mlp, lenet, lstm, transformer };

/** Uniform numbers in [0, 1) that Python's side draws alike (Park and Miller 1988, doi:10.1145/63039.63042). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** First parameters: uniform within ±sqrt(6 / (in + out)), biases and vectors 0. */
export function firstParameters(model: BenchModel): Float32Array[] {
  const draw = uniform(1);
  return model.shapes.map(shape => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (shape.length < 2) return new Float32Array(size);
    const [outer, inner] = [shape.at(-1)!, shape.at(-2)!];
    const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
    const limit = Math.sqrt(6 / (field * (inner + outer)));
    return Float32Array.from({ length: size }, () => (draw() * 2 - 1) * limit);
  });
}

/** One batch: inputs in [0, 1), labels as one-hot rows. */
export function batchOf(model: BenchModel, size: number): { x: tf.Tensor; y: tf.Tensor } {
  const draw = uniform(2);
  const length = size * model.input.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length }, draw);
  const y = new Float32Array(size * model.classes);
  for (let i = 0; i < size; i++) y[i * model.classes + Math.floor(draw() * model.classes)] = 1;
  return { x: tf.tensor(x, [size, ...model.input]), y: tf.tensor(y, [size, model.classes]) };
}
