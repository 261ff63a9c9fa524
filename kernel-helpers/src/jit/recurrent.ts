import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { tensorflow } from '../runtime/start.ts';
import { lstmSequence } from './lstm-sequence.ts';

interface Weight {
  read(): Tensor;
}

interface Activation {
  apply(x: Tensor): Tensor;
  getClassName(): string;
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
  returnSequences: boolean;
  returnState: boolean;
  goBackwards: boolean;
  stateful: boolean;
  call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[];
}

interface CallOptions {
  readonly mask?: Tensor;
  readonly initialState?: Tensor[];
}

/** Layers that do so already. */
const changed = new WeakSet<object>();

/**
 * Lets the LSTM layers of a model take less time than step by step. Numbers are the same but for rounding.
 * @param model The model; layers with dropout stay as they are.
 */
export function hastenRecurrentLayers(model: LayersModel): void {
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'LSTM' || changed.has(layer)) continue;
    const lstm = layer as unknown as LstmLayer;
    if (lstm.cell.dropout > 0 || lstm.cell.recurrentDropout > 0) continue;
    changed.add(layer);
    const call = lstm.call.bind(layer);
    lstm.call = (inputs, options) => {
      const [x, ...others] = Array.isArray(inputs) ? inputs : [inputs];
      if (others.length > 0) return call(inputs, options);
      const isWhole = tf.getBackend() === 'tensorflow' && isPlain(lstm, options);
      return isWhole ? callAsSequence(lstm, x!) : callAtOnce(lstm.cell, call, x!, options);
    };
  }
}

/** Whether `lstmSequence` computes what the layer does. */
function isPlain(layer: LstmLayer, options: CallOptions): boolean {
  const { activation, recurrentActivation } = layer.cell;
  const gates = [activation.getClassName(), recurrentActivation.getClassName()];
  const isFree = !layer.stateful && !options?.initialState && !options?.mask;
  return isFree && !layer.returnState && gates.join() === 'tanh,sigmoid';
}

function callAsSequence(layer: LstmLayer, x: Tensor): Tensor {
  const { cell, goBackwards, returnSequences } = layer;
  return tf.tidy(() => {
    const [kernel, recurrentKernel] = [cell.kernel.read(), cell.recurrentKernel.read()];
    const bias = cell.useBias ? cell.bias!.read() : tf.zeros([kernel.shape[1]!]);
    const ordered = tf.transpose(goBackwards ? tf.reverse(x, 1) : x, [1, 0, 2]);
    const sizes = partSizes(x.shape[0]);
    // TensorFlow.js has no gradient of a split into one.
    const parts = sizes.length === 1 ? [ordered] : tf.split(ordered, sizes, 1);
    const outputs = parts.map(part => {
      const [steps, batch] = part.shape as [number, number];
      const all = lstmSequence(part, { kernel, recurrentKernel, bias });
      if (!returnSequences) return tf.slice(all, [(steps - 1) * batch, 0], [batch, -1]);
      return tf.transpose(tf.reshape(all, [steps, batch, -1]), [1, 0, 2]);
    });
    return tf.concat(outputs);
  });
}

/** Examples that are worth a chain of steps of their own, and how many chains there are at most. */
const [smallestPart, mostParts] = [32, 4];

/** Parts of a batch whose steps run side by side: those of one are too small for several cores, and each waits for the one before. */
function partSizes(batch: number): number[] {
  const cores = tensorflow().backend.binding.isUsingGpuDevice() ? 1 : availableParallelism();
  const count = Math.max(1, Math.min(cores, mostParts, Math.floor(batch / smallestPart)));
  return Array.from({ length: count }, (_, i) => Math.floor((batch + i) / count));
}

/**
 * The layer's own call, with a cell that takes inputs which the kernel was multiplied with: one large product and its gradient take less
 * time than many small ones, and there is less to compile.
 */
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
