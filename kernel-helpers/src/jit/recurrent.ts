import * as tf from '@tensorflow/tfjs';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';

interface Weight {
  read(): Tensor;
}

interface Activation {
  apply(x: Tensor): Tensor;
}

/** What TensorFlow.js's types leave out of an LSTM's cell. */
interface LstmCell {
  call(inputs: Tensor[], options: object): Tensor[];
  kernel: Weight;
  recurrentKernel: Weight;
  bias?: Weight;
  useBias: boolean;
  activation: Activation;
  recurrentActivation: Activation;
  dropout: number;
  recurrentDropout: number;
}

interface LstmLayer {
  cell: LstmCell;
  call(inputs: Tensor | Tensor[], options: object): Tensor | Tensor[];
}

/** Layers that do so already. */
const changed = new WeakSet<object>();

/**
 * Lets the LSTM layers of a model multiply the inputs of all steps by their kernel at once rather than step by step: one large product
 * and its gradient take less time than many small ones, and there is less to compile. Numbers are the same but for rounding.
 * @param model The model; layers with dropout stay as they are.
 */
export function multiplyInputsAtOnce(model: LayersModel): void {
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'LSTM' || changed.has(layer)) continue;
    const lstm = layer as unknown as LstmLayer;
    if (lstm.cell.dropout > 0 || lstm.cell.recurrentDropout > 0) continue;
    changed.add(layer);
    const call = lstm.call.bind(layer);
    lstm.call = (inputs, options) => {
      const [x, ...others] = Array.isArray(inputs) ? inputs : [inputs];
      return others.length > 0 ? call(inputs, options) : callAtOnce(lstm.cell, call, x!, options);
    };
  }
}

/** The layer's own call, with a cell that takes inputs which the kernel was multiplied with. */
function callAtOnce(
  cell: LstmCell,
  call: LstmLayer['call'],
  x: Tensor,
  options: object
): Tensor | Tensor[] {
  const own = cell.call.bind(cell);
  cell.call = ([projected, h, c]) => step(cell, projected!, h!, c!);
  try {
    return tf.tidy(() => call(project(cell, x), options));
  } finally {
    cell.call = own;
  }
}

/** Inputs of all steps, multiplied by the kernel. */
function project(cell: LstmCell, x: Tensor): Tensor {
  const [batch, steps, width] = x.shape as [number, number, number];
  const product = tf.matMul(tf.reshape(x, [batch * steps, width]), cell.kernel.read());
  const projected = cell.useBias ? tf.add(product, cell.bias!.read()) : product;
  return tf.reshape(projected, [batch, steps, -1]);
}

/** One step (Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735), as TensorFlow.js computes it. */
function step(cell: LstmCell, projected: Tensor, h: Tensor, c: Tensor): Tensor[] {
  const { activation, recurrentActivation: gate } = cell;
  const gates = tf.add(projected, tf.matMul(h, cell.recurrentKernel.read()));
  const [i, f, g, o] = tf.split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const carry = tf.add(tf.mul(gate.apply(f), c), tf.mul(gate.apply(i), activation.apply(g)));
  const output = tf.mul(gate.apply(o), activation.apply(carry));
  return [output, output, carry];
}
