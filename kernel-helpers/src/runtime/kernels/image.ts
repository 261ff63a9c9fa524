import { backend_util, scalar, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs';
import { DataType } from '../types.ts';
import { addKernel, bool, integer, type KernelCall, run, runOne, text, type } from './kernel.ts';

/** Registers the kernels of images that tfjs-node lacks. */
export function registerImageKernels(): void {
  addKernel('Transform', transform);
  addKernel('MaxPoolWithArgmax', maxPoolWithArgmax);
}

function transform({ backend, inputs, attributes }: KernelCall): Tensor {
  const [, height, width] = inputs.image!.shape as [number, number, number];
  const shape = (attributes.outputShape as [number, number] | undefined) ?? [height, width];
  return tidy(() =>
    runOne(
      backend,
      'ImageProjectiveTransformV3',
      [
        inputs.image!,
        inputs.transforms!,
        tensor1d(shape, 'int32'),
        scalar(attributes.fillValue as number)
      ],
      [
        type('dtype', inputs.image!.dtype),
        text('interpolation', (attributes.interpolation as string).toUpperCase()),
        text('fill_mode', (attributes.fillMode as string).toUpperCase())
      ]
    )
  );
}

function maxPoolWithArgmax({ backend, inputs, attributes }: KernelCall): Tensor[] {
  const { filterSize, strides, pad, includeBatchInIndex } = attributes as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: 'valid' | 'same';
    includeBatchInIndex: boolean;
  };
  const shape = inputs.x!.shape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, [1, 1], pad);
  return run(
    backend,
    'MaxPoolWithArgmax',
    [inputs.x!],
    [
      type('T', inputs.x!.dtype),
      type('Targmax', DataType.int64),
      integer('ksize', [1, info.filterHeight, info.filterWidth, 1]),
      integer('strides', [1, info.strideHeight, info.strideWidth, 1]),
      text('padding', info.padInfo.type),
      bool('include_batch_in_index', includeBatchInIndex)
    ],
    2
  );
}
