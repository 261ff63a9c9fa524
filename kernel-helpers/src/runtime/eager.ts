import { type AttributeSetter, eagerSetter, setAttribute } from './attributes.ts';
import type { Context } from './context.ts';
import type { Address } from './declarations.ts';
import type { Library, SharedWords } from './library.ts';
import { addressAt } from './outputs.ts';
import { assertNoSymbol } from './symbols.ts';
import { type Attribute, DataType } from './types.ts';

/** Most outputs one operation or recorded function may have. */
const mostOutputs = 8192;
const countAt = 2 * mostOutputs;

/** Attributes of products of matrices that are false unless they are set. */
const falseByDefault = new Set(['transpose_a', 'transpose_b', 'adj_x', 'adj_y']);

/**
 * What TensorFlow's rewriter for oneDNN makes of an operation at each run, on a processor, for float32. To name it spares the rewriting, which
 * takes longer than a small product.
 */
const rewritten: Readonly<Record<string, string>> = {
  MatMul: '_MklMatMul',
  BatchMatMulV2: '_MklBatchMatMulV2'
};

/** Which of oneDNN's kernels the rewriter means. */
const rewriterKernel = Buffer.from('MklNameChangeOp');

/** Runs operations at once, one after the other. */
export class EagerOperations {
  readonly #library: Library;
  readonly #context: Context;
  readonly #setter: AttributeSetter;
  /** Where TensorFlow leaves handles, then how many: memory of its own, as passing JavaScript's takes longer. */
  readonly #results: SharedWords;
  /** Operations that `rewritten` names and this TensorFlow knows. */
  readonly #rewritten: Map<string, string>;
  #operation: Address = 0;

  /**
   * Runs operations in a context.
   * @param library TensorFlow.
   * @param context Where.
   */
  constructor(library: Library, context: Context) {
    this.#library = library;
    this.#context = context;
    this.#setter = eagerSetter(library, () => this.#operation);
    this.#results = library.sharedWords(2 * mostOutputs + 1);
    const isRewriting = context.kind === 'CPU' && process.env.TF_ENABLE_ONEDNN_OPTS !== '0';
    this.#rewritten = new Map(isRewriting ? Object.entries(rewritten) : []);
  }

  /**
   * Runs an operation by name.
   * @param name Its type.
   * @param attributes Its attributes.
   * @param inputs Handles of its inputs.
   * @param outputs At least as many as it has outputs.
   * @returns Handles of its outputs, now the caller's.
   * @throws TensorFlowError when TensorFlow refuses it, `jit/leaked` for a tensor of a recording.
   */
  run(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Address[],
    outputs: number
  ): Address[] {
    for (const input of inputs) assertNoSymbol(input);
    const named = this.#rewritten.get(name);
    if (named === undefined || !isFloat32(attributes)) {
      return this.#run(name, attributes, inputs, outputs);
    }
    try {
      return this.#run(named, attributes, inputs, outputs, true);
    } catch {
      // Either the operation is wrong, and TensorFlow says so of the name that was asked for, or it has no such kernel.
      const results = this.#run(name, attributes, inputs, outputs);
      this.#rewritten.delete(name);
      return results;
    }
  }

  #run(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Address[],
    outputs: number,
    isRewritten = false
  ): Address[] {
    const { api, status, definitions } = this.#library;
    const { inferred } = definitions.of(name);
    const operation = this.#reset(name);
    for (const input of inputs) api.TFE_OpAddInput(operation, input, status);
    for (const attribute of attributes) {
      if (!inferred.has(attribute.name) && !isDefault(attribute)) {
        setAttribute(this.#library, this.#setter, attribute);
      }
    }
    if (isRewritten) this.#setter.text('_kernel', rewriterKernel);
    return this.execute(operation, outputs, name);
  }

  /**
   * Runs an operation that has its attributes and inputs.
   * @param operation The operation; it is deleted if it fails.
   * @param outputs At least as many as it has outputs.
   * @param name Its name, for the message.
   * @returns Handles of its outputs, now the caller's.
   * @throws TensorFlowError when TensorFlow refuses it.
   */
  execute(operation: Address, outputs: number, name: string): Address[] {
    const { api, status } = this.#library;
    const { address, words } = this.#results;
    words[countAt] = outputs;
    this.#library.execute(operation, address, address + 4 * countAt, status);
    if (api.TF_GetCode(status) !== 0) {
      api.TFE_DeleteOp(operation);
      if (operation === this.#operation) this.#operation = 0;
      this.#library.check(name);
    }
    const count = words[countAt];
    const results = new Array<Address>(count);
    for (let i = 0; i < count; i++) results[i] = addressAt(words, i);
    return results;
  }

  /** Deletes what is kept for the next operations. */
  close(): void {
    if (this.#operation !== 0) this.#library.api.TFE_DeleteOp(this.#operation);
    this.#operation = 0;
  }

  /** An operation object of TensorFlow is used again: making one costs more than resetting it, which works for any operation that has a definition. */
  #reset(name: string): Address {
    const { api, status } = this.#library;
    const text = this.#library.text(name);
    if (this.#operation !== 0) {
      api.TFE_OpReset(this.#operation, text, 0, status);
      return this.#operation;
    }
    const operation = api.TFE_NewOp(this.#context.address, text, status);
    this.#library.check(name);
    return (this.#operation = operation);
  }
}

function isFloat32(attributes: readonly Attribute[]): boolean {
  return attributes.some(({ name, value }) => name === 'T' && value === DataType.float32);
}

/** oneDNN copies all attributes that are set at each run of a product: those that have their default value cost time for nothing. */
function isDefault({ name, value }: Attribute): boolean {
  return value === false && falseByDefault.has(name);
}
