import * as tf from '@tensorflow/tfjs';
import { backend_util, type Tensor } from '@tensorflow/tfjs';
import { type KernelCall, type Original, replaceKernel } from './kernel.ts';

/** How a tensor is padded before a pooling without padding: two numbers for each axis. */
type Paddings = [number, number][];

/** Registers pooling with explicit padding, which TensorFlow's operations do not have: the tensor is padded first. */
export function registerPoolingKernels(): void {
  for (const name of ['MaxPool', 'MaxPool3D']) {
    replaceKernel(name, original => call => {
      const paddings = paddingsOf(call, call.inputs.x!.shape);
      if (!paddings) return original(call);
      return tf.tidy(() => pooled(original, call, padLowest(call.inputs.x as Tensor, paddings)));
    });
  }
  for (const name of ['AvgPool', 'AvgPool3D']) {
    replaceKernel(name, original => call => {
      const x = call.inputs.x as Tensor;
      const paddings = paddingsOf(call, x.shape);
      if (!paddings) return original(call);
      return tf.tidy(() => {
        // What was padded does not count: the mean of ones is the share that does.
        const share = pooled(original, call, tf.pad(tf.ones(x.shape), paddings));
        return tf.divNoNan(pooled(original, call, tf.pad(x, paddings)), share);
      });
    });
  }
  for (const name of ['MaxPoolGrad', 'MaxPool3DGrad']) {
    replaceKernel(name, original => call => {
      const input = call.inputs.input as Tensor;
      const paddings = paddingsOf(call, input.shape);
      if (!paddings) return original(call);
      return tf.tidy(() => {
        const gradient = original(call, {
          inputs: { input: padLowest(input, paddings) },
          attributes: unpadded
        }) as Tensor;
        return inner(gradient, paddings, input.shape);
      });
    });
  }
  for (const name of ['AvgPoolGrad', 'AvgPool3DGrad']) {
    replaceKernel(name, original => call => averageGradient(original, call, name));
  }
}

const unpadded = { pad: 'valid', dimRoundingMode: undefined };

function pooled(original: Original, call: KernelCall, x: Tensor): Tensor {
  return original(call, { inputs: { x }, attributes: unpadded }) as Tensor;
}

function averageGradient(original: Original, call: KernelCall, name: string): ReturnType<Original> {
  const { input, dy } = call.inputs as { input: Tensor; dy: Tensor };
  const paddings = paddingsOf(call, input.shape);
  if (!paddings) return original(call);
  return tf.tidy(() => {
    const forward = name.replace('Grad', '');
    const ones = tf.pad(tf.ones(input.shape), paddings);
    const attributes = { ...call.attributes, ...unpadded };
    const share = tf.engine().runKernel<Tensor>(forward, { x: ones }, attributes as never);
    const gradient = original(call, {
      inputs: { input: tf.pad(input, paddings), dy: tf.divNoNan(dy, share) },
      attributes: unpadded
    }) as Tensor;
    return inner(gradient, paddings, input.shape);
  });
}

function padLowest(x: Tensor, paddings: Paddings): Tensor {
  return tf.pad(x, paddings, -3.4028234e38);
}

function inner(gradient: Tensor, paddings: Paddings, shape: number[]): Tensor {
  return tf.slice(
    gradient,
    paddings.map(([before]) => before),
    shape
  );
}

/** Undefined where TensorFlow's own operation pads as it should. */
function paddingsOf({ attributes }: KernelCall, shape: readonly number[]): Paddings | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as {
    filterSize: number;
    strides: number;
    pad: 'valid';
    dimRoundingMode?: 'floor';
  };
  if (shape.length === 4) {
    const image = shape as [number, number, number, number];
    const info = backend_util.computePool2DInfo(
      image,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (isOwn(info.padInfo.type)) return undefined;
    return [
      [0, 0],
      fill(info.padInfo.top, info.outHeight, info.strideHeight, info.filterHeight, info.inHeight),
      fill(info.padInfo.left, info.outWidth, info.strideWidth, info.filterWidth, info.inWidth),
      [0, 0]
    ];
  }
  const volume = shape as [number, number, number, number, number];
  const info = backend_util.computePool3DInfo(volume, filterSize, strides, 1, pad, dimRoundingMode);
  if (isOwn(info.padInfo.type)) return undefined;
  return [
    [0, 0],
    fill(info.padInfo.front, info.outDepth, info.strideDepth, info.filterDepth, info.inDepth),
    fill(info.padInfo.top, info.outHeight, info.strideHeight, info.filterHeight, info.inHeight),
    fill(info.padInfo.left, info.outWidth, info.strideWidth, info.filterWidth, info.inWidth),
    [0, 0]
  ];
}

function isOwn(type: string): boolean {
  return type === 'VALID' || type === 'SAME';
}

/** As much behind as the last window needs: rounding up makes one that hangs over. */
function fill(
  before: number,
  windows: number,
  stride: number,
  size: number,
  length: number
): [number, number] {
  return [before, Math.max(0, (windows - 1) * stride + size - length - before)];
}
