import * as tf from '@tensorflow/tfjs';
import { backend_util, type Tensor, type TensorInfo } from '@tensorflow/tfjs';
import { type Attribute } from '../types.ts';
import { integer, type KernelCall, replaceKernel, runOne, text, type } from './kernel.ts';

type Pad = 'valid' | 'same' | number | backend_util.ExplicitPadding;

/** Registers convolutions with explicit padding, and fused ones with channels first. */
export function registerConvolutionKernels(): void {
  for (const name of ['Conv2D', 'DepthwiseConv2dNative', 'FusedConv2D', 'FusedDepthwiseConv2D']) {
    replaceKernel(name, original => call => {
      const { pad, dataFormat } = call.attributes as { pad: Pad; dataFormat: string };
      return original(call, { attributes: { pad: explicit(pad, dataFormat) } });
    });
  }
  replaceKernel('FusedConv2D', original => call => {
    if (call.attributes.dataFormat !== 'NCHW') return original(call);
    return tf.tidy(() => toFirst(original(lastChannels(call)) as Tensor));
  });
  replaceKernel('Conv2DBackpropInput', original => call => {
    const padding = paddingOf(
      call,
      call.attributes.inputShape as number[],
      call.inputs.filter!.shape
    );
    if (!padding) return original(call);
    return backprop(call, 'Conv2DBackpropInput', padding, [
      tf.tensor1d(call.attributes.inputShape as number[], 'int32'),
      call.inputs.filter!,
      call.inputs.dy!
    ]);
  });
  replaceKernel('Conv2DBackpropFilter', original => call => {
    const padding = paddingOf(call, call.inputs.x!.shape, call.attributes.filterShape as number[]);
    if (!padding) return original(call);
    return backprop(call, 'Conv2DBackpropFilter', padding, [
      call.inputs.x!,
      tf.tensor1d(call.attributes.filterShape as number[], 'int32'),
      call.inputs.dy!
    ]);
  });
}

/** A single number of padding, written as TensorFlow wants it: two numbers for each axis. */
function explicit(pad: Pad, dataFormat: string): Pad {
  if (typeof pad !== 'number' || pad === 0) return pad;
  const [none, some]: [[number, number], [number, number]] = [
    [0, 0],
    [pad, pad]
  ];
  return dataFormat === 'NCHW' ? [none, none, some, some] : [none, some, some, none];
}

function paddingOf(
  { attributes }: KernelCall,
  input: readonly number[],
  filter: readonly number[]
): Attribute[] | undefined {
  const { pad, strides, dataFormat, dimRoundingMode } = attributes as {
    pad: Pad;
    strides: number;
    dataFormat: 'NHWC' | 'NCHW';
    dimRoundingMode?: 'floor';
  };
  const info = backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(dataFormat)
  );
  if (info.padInfo.type === 'VALID' || info.padInfo.type === 'SAME') return undefined;
  const { top, bottom, left, right } = info.padInfo;
  const sides = [top, bottom, left, right];
  const none = [0, 0];
  const first = dataFormat === 'NCHW';
  const moves = [info.strideHeight, info.strideWidth];
  return [
    text('padding', 'EXPLICIT'),
    text('data_format', dataFormat),
    integer(
      'explicit_paddings',
      first ? [...none, ...none, ...sides] : [...none, ...sides, ...none]
    ),
    integer('strides', first ? [1, 1, ...moves] : [1, ...moves, 1])
  ];
}

function backprop(
  { backend }: KernelCall,
  name: string,
  padding: readonly Attribute[],
  inputs: readonly TensorInfo[]
): Tensor {
  const shape = inputs.find(input => input.dtype === 'int32') as Tensor;
  const result = runOne(backend, name, inputs, [type('T', 'float32'), ...padding]);
  shape.dispose();
  return result;
}

/** The same call with channels last; vectors of channels stay, as they broadcast along the last axis. */
function lastChannels(call: KernelCall): KernelCall {
  const { pad } = call.attributes as { pad: Pad };
  const entries = Object.entries(call.inputs).map(([name, tensor]) => {
    const moves = name !== 'filter' && tensor && tensor.shape.length >= 3;
    return [name, moves ? toLast(tensor as Tensor) : tensor];
  });
  const moved = Array.isArray(pad) ? [pad[0], pad[2], pad[3], pad[1]] : pad;
  return {
    ...call,
    inputs: Object.fromEntries(entries) as Record<string, TensorInfo>,
    attributes: { ...call.attributes, dataFormat: 'NHWC', pad: moved }
  };
}

function toLast(tensor: Tensor): Tensor {
  return tf.transpose(tensor, tensor.shape.length === 3 ? [1, 2, 0] : [0, 2, 3, 1]);
}

function toFirst(tensor: Tensor): Tensor {
  return tf.transpose(tensor, [0, 3, 1, 2]);
}
