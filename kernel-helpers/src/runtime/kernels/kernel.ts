import {
  type DataType as TfjsType,
  getKernel,
  type KernelConfig,
  registerKernel,
  type Tensor,
  type TensorInfo,
  unregisterKernel
} from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend.ts';
import { type Attribute, AttributeKind, DataType, type TensorMetadata } from '../types.ts';

/** What a kernel is called with. */
export interface KernelCall {
  readonly backend: TensorFlowBackend;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  /** Inputs that are lists of tensors. */
  readonly lists: Readonly<Record<string, readonly TensorInfo[]>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a kernel does. */
export type Kernel = (call: KernelCall) => TensorInfo | TensorInfo[];

/** Runs the kernel that was registered before. */
export type Original = (
  call: KernelCall,
  changed?: Partial<Pick<KernelCall, 'inputs' | 'attributes'>>
) => TensorInfo | TensorInfo[];

/**
 * Registers a kernel that tfjs-node lacks.
 * @param kernelName Its name in TensorFlow.js.
 * @param kernel What it does.
 */
export function addKernel(kernelName: string, kernel: Kernel): void {
  registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: adapt(kernel) });
}

/**
 * Puts a kernel in front of tfjs-node's own.
 * @param kernelName Its name in TensorFlow.js.
 * @param make Makes the kernel, which may call the original.
 */
export function replaceKernel(kernelName: string, make: (original: Original) => Kernel): void {
  const { kernelFunc } = getKernel(kernelName, 'tensorflow');
  const original: Original = (call, changed = {}) =>
    kernelFunc({
      inputs: { ...call.inputs, ...changed.inputs },
      attrs: { ...call.attributes, ...changed.attributes } as never,
      backend: call.backend
    });
  unregisterKernel(kernelName, 'tensorflow');
  addKernel(kernelName, make(original));
}

function adapt(kernel: Kernel): KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend }) =>
    kernel({
      backend: backend as TensorFlowBackend,
      inputs: inputs as Record<string, TensorInfo>,
      lists: inputs as unknown as Record<string, TensorInfo[]>,
      attributes: attrs ?? {}
    });
}

/** An input of an operation; `long` is cast to 64-bit integers first. */
export type Input = TensorInfo | { readonly long: TensorInfo };

/**
 * Runs an operation of TensorFlow. 64-bit integers come back as int32, which is all that TensorFlow.js has.
 * @param backend TensorFlow.
 * @param name Type of the operation.
 * @param inputs Its inputs.
 * @param attributes Its attributes.
 * @param outputs How many outputs it has.
 * @returns Its outputs.
 */
export function run(
  backend: TensorFlowBackend,
  name: string,
  inputs: readonly Input[],
  attributes: readonly Attribute[],
  outputs = 1
): Tensor[] {
  const { binding } = backend;
  const casts: number[] = [];
  const ids = inputs.map(input => {
    if (!('long' in input)) return backend.idOf(input);
    const id = cast(backend, backend.idOf(input.long), DataType.int32, DataType.int64).id;
    casts.push(id);
    return id;
  });
  try {
    const results = binding.executeOp(name, attributes, ids, outputs);
    return results.map(result => backend.wrap(shortened(backend, result)));
  } finally {
    for (const id of casts) binding.deleteTensor(id);
  }
}

/**
 * Runs an operation of TensorFlow that has one output.
 * @param backend TensorFlow.
 * @param name Type of the operation.
 * @param inputs Its inputs.
 * @param attributes Its attributes.
 * @returns Its output.
 */
export function runOne(
  backend: TensorFlowBackend,
  name: string,
  inputs: readonly Input[],
  attributes: readonly Attribute[]
): Tensor {
  return run(backend, name, inputs, attributes)[0]!;
}

function shortened(backend: TensorFlowBackend, result: TensorMetadata): TensorMetadata {
  if (result.dtype !== DataType.int64) return result;
  const short = cast(backend, result.id, DataType.int64, DataType.int32);
  backend.binding.deleteTensor(result.id);
  return short;
}

function cast(backend: TensorFlowBackend, id: number, from: number, to: number): TensorMetadata {
  const attributes = [type('SrcT', from), type('DstT', to)];
  return backend.binding.executeOp('Cast', attributes, [id], 1)[0]!;
}

/** An attribute that is a data type, by TensorFlow's number or TensorFlow.js's name. */
export function type(name: string, value: number | TfjsType): Attribute {
  return {
    name,
    type: AttributeKind.type,
    value: typeof value === 'number' ? value : DataType[value]
  };
}

/** An attribute that is a whole number or a list of them. */
export function integer(name: string, value: number | readonly number[]): Attribute {
  return { name, type: AttributeKind.integer, value };
}

/** An attribute that is true or false. */
export function bool(name: string, value: boolean): Attribute {
  return { name, type: AttributeKind.bool, value };
}

/** An attribute that is a text or a list of them. */
export function text(name: string, value: string | readonly string[]): Attribute {
  return { name, type: AttributeKind.string, value };
}
