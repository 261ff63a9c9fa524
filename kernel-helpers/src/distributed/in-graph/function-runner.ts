import type { Address } from '../../runtime/declarations.ts';
import type { Library } from '../../runtime/library.ts';
import { checkStatus, execute } from '../operation.ts';

/** A recorded function with collective operations in it. */
export interface GroupFunction {
  readonly name: string;
  /** A FunctionDef in protobuf's wire format. */
  readonly definition: Buffer;
  /** Of each of its collective operations, how many numbers every worker puts in. */
  readonly sums: readonly number[];
  readonly outputs: number;
}

/** Runs functions that another context recorded on a device of its own context. */
export class FunctionRunner {
  readonly #library: Library;
  readonly #context: Address;
  readonly #device: string;
  /** Names of the functions that the context knows from here. */
  readonly #defined: Set<string>;

  /**
   * Prepares; nothing runs yet.
   * @param library TensorFlow.
   * @param context Where to run.
   * @param device Full name of the device.
   * @param defined What the context knows already; shared by the runners of one context.
   */
  constructor(library: Library, context: Address, device: string, defined = new Set<string>()) {
    this.#library = library;
    this.#context = context;
    this.#device = device;
    this.#defined = defined;
  }

  /**
   * Runs a function off JavaScript's thread.
   * @param step The function.
   * @param inputs Handles of its inputs, of any context; they stay the caller's.
   * @returns TF_Tensors of its outputs; they belong to the caller.
   * @throws OperationFailure when TensorFlow refuses it.
   */
  async run({ name, definition, outputs }: GroupFunction, inputs: readonly Address[]) {
    const { api } = this.#library;
    const status = api.TF_NewStatus();
    try {
      if (!this.#defined.has(name)) {
        api.TFE_ContextAddFunctionDef(this.#context, definition, definition.length, status);
        checkStatus(this.#library, status, name);
        this.#defined.add(name);
      }
      const operation = api.TFE_NewOp(this.#context, this.#library.text(name), status);
      try {
        api.TFE_OpSetDevice(operation, this.#library.text(this.#device), status);
        for (const input of inputs) this.#addInput(operation, input, status);
        checkStatus(this.#library, status, name);
        const results = await execute(this.#library, operation, status, name, outputs);
        return results.map(result => this.#takeOut(result, status));
      } finally {
        api.TFE_DeleteOp(operation);
      }
    } finally {
      api.TF_DeleteStatus(status);
    }
  }

  /** A handle belongs to the context that made it; its memory does not, and is not copied. */
  #addInput(operation: Address, handle: Address, status: Address): void {
    const { api } = this.#library;
    const tensor = api.TFE_TensorHandleResolve(handle, status);
    checkStatus(this.#library, status, 'an input');
    const own = api.TFE_NewTensorHandle(tensor, status);
    api.TF_DeleteTensor(tensor);
    api.TFE_OpAddInput(operation, own, status);
    api.TFE_DeleteTensorHandle(own);
  }

  #takeOut(handle: Address, status: Address): Address {
    const { api } = this.#library;
    const tensor = api.TFE_TensorHandleResolve(handle, status);
    api.TFE_DeleteTensorHandle(handle);
    checkStatus(this.#library, status, 'a result');
    return tensor;
  }
}
