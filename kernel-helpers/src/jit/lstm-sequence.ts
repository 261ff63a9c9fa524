import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';
import { gradient } from '../runtime/gradients.ts';

/** What an LSTM computes with, its gates in the order of Keras and TensorFlow.js: input, forget, cell, output. */
export interface LstmWeights {
  /** `[width, 4·units]`. */
  readonly kernel: Tensor;
  /** `[units, 4·units]`. */
  readonly recurrentKernel: Tensor;
  /** `[4·units]`. */
  readonly bias: Tensor;
}

/** What a step leaves for its gradient: states before it, its gates, and tanh of the cell state after it. */
type Step = readonly [
  h: Tensor,
  c: Tensor,
  input: Tensor,
  forget: Tensor,
  cell: Tensor,
  output: Tensor,
  squashed: Tensor
];
const kept = 7;

/**
 * All steps of an LSTM with tanh and logistic gates, from states of zeros, where TensorFlow computes. What does not wait for the step before
 * is one product for all steps: the inputs by their kernel, and the gradients of both kernels. It can be differentiated once.
 * @param x Inputs, `[steps, batch, width]`, float32.
 * @param weights Kernels and bias.
 * @returns The outputs of all steps, `[steps·batch, units]`.
 * @see Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; Werbos 1990, "Backpropagation through time"
 */
export function lstmSequence(x: Tensor, { kernel, recurrentKernel, bias }: LstmWeights): Tensor {
  const [length, batch, width] = x.shape as [number, number, number];
  const projected = tf.add(tf.matMul(tf.reshape(x, [length * batch, width]), kernel), bias);
  const recur = tf.customGrad((...args) => {
    const [inputs, recurrent, save] = args as unknown as [Tensor, Tensor, Save];
    const { steps, outputs } = forward(tf.split(inputs, length), recurrent);
    save([recurrent, ...steps.flat()]);
    const gradFunc = (dy: Tensor, [recurrent, ...saved]: Tensor[]): Tensor[] => {
      const step = (_: unknown, at: number) => saved.slice(kept * at, kept * (at + 1));
      return backward(dy, recurrent!, Array.from({ length }, step) as unknown as Step[]);
    };
    return { value: tf.concat(outputs), gradFunc };
  });
  return recur(projected, recurrentKernel);
}

type Save = (tensors: Tensor[]) => void;

function forward(projected: readonly Tensor[], recurrent: Tensor) {
  const steps: Step[] = [];
  const outputs: Tensor[] = [];
  let h: Tensor = tf.zeros([projected[0]!.shape[0], recurrent.shape[0]]);
  let c = h;
  for (const at of projected) {
    // The first product would be of zeros.
    const sum = outputs.length === 0 ? at : tf.add(at, tf.matMul(h, recurrent));
    const [toInput, toForget, toCell, toOutput] = tf.split(sum, 4, 1);
    const [input, forget] = [tf.sigmoid(toInput!), tf.sigmoid(toForget!)];
    const [cell, output] = [tf.tanh(toCell!), tf.sigmoid(toOutput!)];
    const next = tf.add(tf.mul(forget, c), tf.mul(input, cell));
    const squashed = tf.tanh(next);
    steps.push([h, c, input, forget, cell, output, squashed]);
    h = tf.mul(output, squashed);
    c = next;
    outputs.push(h);
  }
  return { steps, outputs };
}

/** Gradients by the projected inputs and by the recurrent kernel. */
function backward(dy: Tensor, recurrent: Tensor, steps: readonly Step[]): [Tensor, Tensor] {
  const given = tf.split(dy, steps.length);
  const sums: Tensor[] = [];
  // What comes back from the step after.
  let later: { dh: Tensor; dc: Tensor } | undefined;
  for (let t = steps.length - 1; t >= 0; t--) {
    const [, c, input, forget, cell, output, squashed] = steps[t]!;
    const dh = later ? tf.add(given[t]!, later.dh) : given[t]!;
    const through = gradient('TanhGrad', tf.mul(dh, output), squashed);
    const dc = later ? tf.add(through, later.dc) : through;
    const sum = tf.concat(
      [
        gradient('SigmoidGrad', tf.mul(dc, cell), input),
        gradient('SigmoidGrad', tf.mul(dc, c), forget),
        gradient('TanhGrad', tf.mul(dc, input), cell),
        gradient('SigmoidGrad', tf.mul(dh, squashed), output)
      ],
      1
    );
    sums.unshift(sum);
    if (t > 0) later = { dh: tf.matMul(sum, recurrent, false, true), dc: tf.mul(dc, forget) };
  }
  const all = tf.concat(sums);
  return [all, tf.matMul(tf.concat(steps.map(([h]) => h)), all, true)];
}
