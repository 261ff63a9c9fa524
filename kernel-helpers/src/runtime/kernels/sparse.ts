import { cast, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs';
import { TensorFlowError } from '../errors.ts';
import { addKernel, type KernelCall, run, runOne, type } from './kernel.ts';

/** Registers the kernels of sparse tensors. */
export function registerSparseKernels(): void {
  addKernel('SparseFillEmptyRows', ({ backend, inputs }) =>
    run(
      backend,
      'SparseFillEmptyRows',
      [
        { long: inputs.indices! },
        inputs.values!,
        { long: inputs.denseShape! },
        inputs.defaultValue!
      ],
      [type('T', inputs.values!.dtype)],
      4
    )
  );
  addKernel('SparseReshape', ({ backend, inputs }) =>
    run(
      backend,
      'SparseReshape',
      [{ long: inputs.inputIndices! }, { long: inputs.inputShape! }, { long: inputs.newShape! }],
      [],
      2
    )
  );
  for (const name of ['SparseSegmentMean', 'SparseSegmentSum']) {
    addKernel(name, call => reduceSegments(name, call));
  }
}

function reduceSegments(name: string, { backend, inputs }: KernelCall): TensorInfo {
  const { data, indices, segmentIds } = inputs;
  // TensorFlow has means of floating-point numbers only.
  const isWhole = name === 'SparseSegmentMean' && data!.dtype !== 'float32';
  if (data!.shape.length === 0) {
    throw new TensorFlowError(
      'tensorflow/input',
      `${name}: data should be at least 1 dimensional, got a scalar`
    );
  }
  const attributes = [
    type('T', isWhole ? 'float32' : data!.dtype),
    type('Tidx', indices!.dtype),
    type('Tsegmentids', segmentIds!.dtype)
  ];
  return tidy(() => {
    const values = isWhole ? cast(data as Tensor, 'float32') : data!;
    const reduced = runOne(backend, name, [values, indices!, segmentIds!], attributes);
    return isWhole ? cast(reduced, data!.dtype) : reduced;
  });
}
