import { type TensorInfo, util } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend.ts';
import { addKernel, bool, integer, replaceKernel, run, runOne, text, type } from './kernel.ts';

/** Registers the kernels of strings, and string comparison, which TensorFlow itself has no kernels for. */
export function registerStringKernels(): void {
  addKernel('StringNGrams', ({ backend, inputs, attributes }) =>
    run(
      backend,
      'StringNGrams',
      [inputs.data!, inputs.dataSplits!],
      [
        text('separator', attributes.separator as string),
        integer('ngram_widths', attributes.nGramWidths as number[]),
        text('left_pad', attributes.leftPad as string),
        text('right_pad', attributes.rightPad as string),
        integer('pad_width', attributes.padWidth as number),
        bool('preserve_short_sequences', attributes.preserveShortSequences as boolean),
        type('Tsplits', 'int32')
      ],
      2
    )
  );
  addKernel('StringSplit', ({ backend, inputs, attributes }) =>
    run(
      backend,
      'StringSplit',
      [inputs.input!, inputs.delimiter!],
      [bool('skip_empty', attributes.skipEmpty as boolean)],
      3
    )
  );
  addKernel('StringToHashBucketFast', ({ backend, inputs, attributes }) =>
    runOne(
      backend,
      'StringToHashBucketFast',
      [inputs.input!],
      [integer('num_buckets', attributes.numBuckets as number)]
    )
  );
  compare('Greater', (a, b) => a > b);
  compare('GreaterEqual', (a, b) => a >= b);
  compare('Less', (a, b) => a < b);
  compare('LessEqual', (a, b) => a <= b);
}

function compare(kernelName: string, holds: (a: string, b: string) => boolean): void {
  replaceKernel(kernelName, original => call => {
    const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
    if (a.dtype !== 'string') return original(call);
    return compareTexts(call.backend, a, b, holds);
  });
}

function compareTexts(
  backend: TensorFlowBackend,
  a: TensorInfo,
  b: TensorInfo,
  holds: (a: string, b: string) => boolean
): TensorInfo {
  const shape = broadcastShape(a.shape, b.shape);
  const [left, right] = [textsOf(backend, a), textsOf(backend, b)];
  const strides = util.computeStrides(shape);
  const values = Uint8Array.from({ length: util.sizeFromShape(shape) }, (_, index) => {
    const place = util.indexToLoc(index, shape.length, strides);
    return Number(holds(left[indexAt(place, a.shape)]!, right[indexAt(place, b.shape)]!));
  });
  return backend.makeInfo(values, shape, 'bool');
}

function textsOf(backend: TensorFlowBackend, tensor: TensorInfo): string[] {
  return (backend.readSync(tensor.dataId) as Uint8Array[]).map(bytes => util.decodeString(bytes));
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1)
  );
}

function indexAt(place: readonly number[], shape: readonly number[]): number {
  return shape.reduce((index, size, axis) => {
    const at = place[axis + place.length - shape.length]!;
    return index * size + (size === 1 ? 0 : at);
  }, 0);
}
