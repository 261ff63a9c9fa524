import type { TensorData } from './backend.ts';
import type { Binding } from './binding.ts';
import type { Address } from './declarations.ts';
import { type Attribute, AttributeKind } from './types.ts';

/** TensorFlow's name for a resource that nobody else may find (ResourceHandle::ANONYMOUS_NAME). */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** What stands for the handle of a value that lies in a resource alone; tfjs-node deletes no handle below 0. */
const inResource = -1;

/**
 * Values of variables that recorded functions write. Each lies in a resource of TensorFlow, which compiled code updates in place. Outside
 * of recorded functions a value is read when an operation or the user needs it, and the handle lives until the value changes.
 */
export class Residents {
  readonly #binding: Binding;

  /**
   * No value lies in a resource yet.
   * @param binding What runs the operations.
   */
  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /**
   * The resource of a value, made at first use.
   * @param data The value; nothing else may share it if `changes`.
   * @param changes Whether a function is about to write it: handles read before hold the old value's memory, and go.
   * @returns A handle of the resource, owned by the data.
   */
  hold(data: TensorData, changes: boolean): Address {
    data.resource ??= this.copy(data);
    if (changes && data.id !== inResource) {
      this.#binding.deleteTensor(data.id);
      data.id = inResource;
    }
    return data.resource;
  }

  /**
   * A resource of its own with the same value.
   * @param data The value.
   * @returns A handle of the resource; `release` frees it.
   */
  copy(data: TensorData): Address {
    this.read(data);
    const attributes: Attribute[] = [
      { name: 'container', type: AttributeKind.string, value: '' },
      { name: 'shared_name', type: AttributeKind.string, value: anonymous },
      { name: 'dtype', type: AttributeKind.type, value: data.dtype },
      { name: 'shape', type: AttributeKind.shape, value: data.shape }
    ];
    const resource = this.#binding.executeEagerly('VarHandleOp', attributes, [], 1)[0]!;
    this.#binding.executeEagerly('AssignVariableOp', [dtypeOf(data)], [resource, data.id], 0);
    return resource;
  }

  /**
   * Gives a value that lies in a resource a handle as well, which shares its memory.
   * @param data The value.
   */
  read(data: TensorData): void {
    if (data.resource === undefined || data.id !== inResource) return;
    const inputs = [data.resource];
    data.id = this.#binding.executeEagerly('ReadVariableOp', [dtypeOf(data)], inputs, 1)[0]!;
  }

  /**
   * Frees a resource.
   * @param resource Its handle.
   */
  release(resource: Address): void {
    if (this.#binding.isClosed) return;
    const attribute = { name: 'ignore_lookup_error', type: AttributeKind.bool, value: true };
    this.#binding.executeEagerly('DestroyResourceOp', [attribute], [resource], 0);
    this.#binding.deleteTensor(resource);
  }
}

function dtypeOf({ dtype }: TensorData): Attribute {
  return { name: 'dtype', type: AttributeKind.type, value: dtype };
}
