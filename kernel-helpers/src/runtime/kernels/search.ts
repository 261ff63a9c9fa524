import { backend_util, scalar, type Tensor } from '@tensorflow/tfjs';
import { TensorFlowError } from '../errors.ts';
import {
  addKernel,
  bool,
  integer,
  type KernelCall,
  replaceKernel,
  runOne,
  type
} from './kernel.ts';

/** Registers the kernels that look values up, count them and gather them. */
export function registerSearchKernels(): void {
  addKernel('SearchSorted', ({ backend, inputs, attributes }) => {
    const name = attributes.side === 'left' ? 'LowerBound' : 'UpperBound';
    const types = [type('T', inputs.values!.dtype), type('out_type', 'int32')];
    return runOne(backend, name, [inputs.sortedSequence!, inputs.values!], types);
  });
  addKernel('DenseBincount', ({ backend, inputs, attributes }) => {
    const size = scalar(attributes.size as number, 'int32');
    const counted = runOne(
      backend,
      'DenseBincount',
      [inputs.x!, size, inputs.weights!],
      [
        type('Tidx', inputs.x!.dtype),
        type('T', inputs.weights!.dtype),
        bool('binary_output', Boolean(attributes.binaryOutput))
      ]
    );
    size.dispose();
    return counted;
  });
  addKernel('BitwiseAnd', ({ backend, inputs }) =>
    runOne(backend, 'BitwiseAnd', [inputs.a!, inputs.b!], [type('T', inputs.a!.dtype)])
  );
  replaceKernel('GatherV2', () => gather);
}

/**
 * tfjs-node reads all indices in JavaScript first, which waits for a GPU and cannot be recorded; TensorFlow checks them itself,
 * and its words become those that TensorFlow.js's users know.
 */
function gather({ backend, inputs, attributes }: KernelCall): Tensor {
  const { x, indices } = inputs as { x: Tensor; indices: Tensor };
  const { axis, batchDims = 0 } = attributes as { axis: number; batchDims?: number };
  backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
  const axisTensor = scalar(axis, 'int32');
  try {
    return runOne(
      backend,
      'GatherV2',
      [x, indices, axisTensor],
      [
        integer('batch_dims', batchDims),
        type('Tparams', x.dtype),
        type('Tindices', indices.dtype),
        type('Taxis', 'int32')
      ]
    );
  } catch (error) {
    const found = /= (-?\d+) is not in \[0, (\d+)\)/.exec((error as Error).message);
    if (!found) throw error;
    const most = Number(found[2]) - 1;
    throw new TensorFlowError(
      'tensorflow/input',
      `GatherV2: the index value ${found[1]} is not in [0, ${most}]`,
      { cause: error }
    );
  } finally {
    axisTensor.dispose();
  }
}
