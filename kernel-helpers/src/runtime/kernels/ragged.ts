import { addKernel, integer, run, runOne, text, type } from './kernel.ts';

/** Registers the kernels of ragged tensors: rows of different lengths. */
export function registerRaggedKernels(): void {
  addKernel('RaggedGather', ({ backend, inputs, lists, attributes }) => {
    const splits = lists.paramsNestedSplits!;
    const rank = attributes.outputRaggedRank as number;
    return run(
      backend,
      'RaggedGather',
      [...splits, inputs.paramsDenseValues!, inputs.indices!],
      [
        type('Tvalues', inputs.paramsDenseValues!.dtype),
        type('Tindices', inputs.indices!.dtype),
        type('Tsplits', 'int32'),
        integer('PARAMS_RAGGED_RANK', splits.length),
        integer('OUTPUT_RAGGED_RANK', rank)
      ],
      rank + 1
    );
  });
  addKernel('RaggedRange', ({ backend, inputs }) =>
    run(
      backend,
      'RaggedRange',
      [inputs.starts!, inputs.limits!, inputs.deltas!],
      [type('T', inputs.starts!.dtype), type('Tsplits', 'int32')],
      2
    )
  );
  addKernel('RaggedTensorToTensor', ({ backend, inputs, lists, attributes }) => {
    const partitions = lists.rowPartitionTensors!;
    return runOne(
      backend,
      'RaggedTensorToTensor',
      [inputs.shape!, inputs.values!, inputs.defaultValue!, ...partitions],
      [
        type('T', inputs.values!.dtype),
        type('Tindex', partitions[0]?.dtype ?? 'int32'),
        type('Tshape', inputs.shape!.dtype),
        integer('num_row_partition_tensors', partitions.length),
        text('row_partition_types', attributes.rowPartitionTypes as string[])
      ]
    );
  });
}
