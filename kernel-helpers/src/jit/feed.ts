import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { Address } from '../runtime/declarations.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { TensorFlow } from '../runtime/start.ts';
import { AttributeKind, DataType } from '../runtime/types.ts';
import type { InputSource } from './graph-inputs.ts';

/**
 * Adds the inputs of a recorded function to the operation that calls it.
 * @param runtime TensorFlow.
 * @param operation The operation.
 * @param inputs Where its inputs come from.
 * @param leaves The arguments' tensors.
 * @param seed What random operations draw from.
 * @param resource Gives the resource that holds a variable's value.
 * @throws TensorFlowError `jit/disposed` for a variable that is gone.
 */
export function feed(
  { backend }: TensorFlow,
  operation: Address,
  inputs: readonly InputSource[],
  leaves: readonly Tensor[],
  seed: readonly [number, number],
  resource: (variable: Variable) => Address
): void {
  const { api, status } = backend.binding.library;
  for (const input of inputs) {
    if (input.kind === 'seed') {
      const id = backend.binding.createTensor([2], DataType.int32, Int32Array.from(seed));
      api.TFE_OpAddInput(operation, id, status);
      backend.binding.deleteTensor(id);
    } else if (input.kind === 'variable') {
      assertNotDisposed(input.variable);
      api.TFE_OpAddInput(operation, resource(input.variable), status);
    } else {
      const id = input.kind === 'captured' ? input.handle : backend.idOf(leaves[input.index]!);
      api.TFE_OpAddInput(operation, id, status);
    }
  }
  backend.binding.library.check('the inputs of a recorded function');
}

/**
 * Where a variable's value lies; one that is about to change must not share its data with a clone.
 * @param runtime TensorFlow.
 * @param variable The variable.
 * @param changes Whether it is about to change.
 * @returns Its resource.
 */
export function resourceOf({ backend }: TensorFlow, variable: Variable, changes: boolean): Address {
  if (changes && backend.dataOf(variable.dataId).refCount > 1) {
    const [own] = backend.binding.executeEagerly(
      'Identity',
      [{ name: 'T', type: AttributeKind.type, value: backend.dataOf(variable.dataId).dtype }],
      [backend.idOf(variable)],
      1
    );
    const value = backend.wrap(backend.binding.describe(own!));
    variable.assign(value);
    value.dispose();
  }
  const data = backend.dataOf(variable.dataId);
  // Values that wait are written now.
  if (data.resource === undefined) backend.idOf(variable);
  return backend.residents.hold(data, changes);
}

function assertNotDisposed(variable: Variable): void {
  if (!variable.isDisposed) return;
  throw new TensorFlowError(
    'jit/disposed',
    `the variable ${variable.name} that the function uses was disposed of; make a new jit function for the new variable`
  );
}
