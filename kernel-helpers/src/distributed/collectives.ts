import { inspect } from 'node:util';
import { newContext } from '../runtime/context.ts';
import type { Address } from '../runtime/declarations.ts';
import type { Library } from '../runtime/library.ts';
import { newTensor, readTensor } from '../runtime/tensors.ts';
import { DataType, sizeOf } from '../runtime/types.ts';
import { noTimeout } from './in-graph/graph-sum.ts';
import { FunctionRunner, type GroupFunction } from './in-graph/function-runner.ts';
import { checkStatus, execute } from './operation.ts';
import { config, serverDefinition } from './server-definition.ts';

/** What workers exchange; an `Uint16Array` holds the bits of half precision. */
export type Numbers = Float32Array | Int32Array | Uint16Array;

/** How the numbers of all workers become one. */
export type Reduction = 'sum' | 'mean' | 'max' | 'min';

/** TensorFlow's status of something that is no longer there. */
const unavailable = 14;

/** The number of the first collective operation of `tf.distribute.MultiWorkerMirroredStrategy`: workers agree on them by counting. */
const pythonsFirst = 100;

/** How this worker's server speaks to the others. */
export interface OpenOptions {
  /** Whether some of them run TensorFlow's Python strategy. @default false */
  readonly hasPython?: boolean;
}

/**
 * TensorFlow's collective operations in a context of their own: the one that computes keeps its tensors when a group breaks.
 * Every worker must start the same operations in the same order; each runs off JavaScript's thread.
 */
export class Collectives {
  readonly #library: Library;
  readonly #context: Address;
  readonly #rank: number;
  readonly #size: number;
  readonly #device: string;
  readonly #functions: FunctionRunner;
  #instance = 0;
  #running = 0;
  #closed = false;

  private constructor(
    library: Library,
    context: Address,
    rank: number,
    size: number,
    { hasPython }: OpenOptions
  ) {
    this.#library = library;
    this.#context = context;
    [this.#rank, this.#size] = [rank, size];
    this.#device = `/job:worker/replica:0/task:${rank}/device:CPU:0`;
    this.#functions = new FunctionRunner(library, context, this.#device);
    if (hasPython) this.#instance = pythonsFirst - 1;
  }

  /**
   * Starts this worker's server, which the others reach at its address.
   * @param library TensorFlow.
   * @param addresses `host:port` of every worker; this one's port must be free.
   * @param rank This worker's place among them.
   * @param options Time-out, and who the others are.
   * @returns The operations, once the server runs; the first of them waits for the others.
   */
  static async open(
    library: Library,
    addresses: readonly string[],
    rank: number,
    options: OpenOptions = {}
  ): Promise<Collectives> {
    const proto = config(addresses.length, options.hasPython ?? false);
    const context = newContext(library, proto);
    const server = serverDefinition(addresses, rank, proto);
    const status = library.api.TF_NewStatus();
    try {
      const { TFE_EnableCollectiveOps: enable } = library.api;
      await new Promise<void>((resolve, reject) =>
        enable.async(context, server, server.length, status, failed =>
          failed ? reject(new Error(inspect(failed))) : resolve()
        )
      );
      checkStatus(library, status, 'starting the server');
    } catch (error) {
      library.api.TFE_DeleteContext(context);
      throw error;
    } finally {
      library.api.TF_DeleteStatus(status);
    }
    return new Collectives(library, context, rank, addresses.length, options);
  }

  /**
   * Reduces element by element over all workers.
   * @param values As many on every worker.
   * @param reduction How.
   * @returns The same numbers on every worker, bit for bit.
   */
  async allReduce<T extends Numbers>(values: T, reduction: Reduction): Promise<T> {
    const merge = { sum: 'Add', mean: 'Add', max: 'Max', min: 'Min' }[reduction];
    const final = reduction === 'mean' ? 'Div' : 'Id';
    const texts = { merge_op: merge, final_op: final };
    return (await this.#run('CollectiveReduceV2', values, [values.length], texts, true)) as T;
  }

  /**
   * Puts the numbers of all workers one after another.
   * @param values As many on every worker.
   * @returns `size` times as many, in the order of ranks.
   */
  async allGather<T extends Numbers>(values: T): Promise<T> {
    return (await this.#run('CollectiveGatherV2', values, [values.length], {}, true)) as T;
  }

  /**
   * Sends one worker's numbers to all.
   * @param values On the root what is sent; elsewhere as many of the same type.
   * @param root The rank that sends.
   * @returns The root's numbers.
   */
  async broadcast<T extends Numbers>(values: T, root: number): Promise<T> {
    if (this.#rank === root) {
      return (await this.#run('CollectiveBcastSendV2', values, [values.length], {}, false)) as T;
    }
    const shape = Int32Array.of(values.length);
    return (await this.#run('CollectiveBcastRecvV2', shape, [1], {}, false, dtypeOf(values))) as T;
  }

  /**
   * Takes numbers for operations of a function: all workers count alike.
   * @param count How many it has.
   * @returns The first of them.
   */
  reserve(count: number): number {
    const first = this.#instance + 1;
    this.#instance += count;
    return first;
  }

  /**
   * Runs a function with collective operations inside, which meet those of the other workers.
   * @param step The function.
   * @param inputs Handles of its inputs, of any context; they stay the caller's.
   * @returns TF_Tensors of its outputs; they belong to the caller.
   * @throws OperationFailure when it fails.
   */
  async runFunction(step: GroupFunction, inputs: readonly Address[]): Promise<Address[]> {
    this.#running++;
    try {
      return await this.#functions.run(step, inputs);
    } finally {
      this.#running--;
      this.#deleteWhenIdle();
    }
  }

  /** Ends what waits for other workers, with an error, and every operation after it. */
  abort(): void {
    if (this.#closed) return;
    const { api } = this.#library;
    const status = api.TF_NewStatus();
    api.TF_SetStatus(status, unavailable, 'the group was left');
    api.TFE_AbortCollectiveOps(this.#context, status);
    api.TF_DeleteStatus(status);
  }

  /** Frees the server and its port, as soon as nothing runs. */
  close(): void {
    if (this.#closed) return;
    // Also when nothing runs here: what another worker still asks of this one would hold the server for as long as that waits.
    this.abort();
    this.#closed = true;
    this.#deleteWhenIdle();
  }

  async #run(
    name: string,
    values: Numbers,
    shape: readonly number[],
    texts: Readonly<Record<string, string>>,
    isOrdered: boolean,
    received?: number
  ): Promise<Numbers> {
    const { api } = this.#library;
    const status = api.TF_NewStatus();
    const handles: Address[] = [];
    const tensor = (dims: readonly number[], dtype: number, content: Numbers): Address =>
      handles[handles.push(this.#handle(dims, dtype, content)) - 1]!;
    const scalar = (value: number): Address => tensor([], DataType.int32, Int32Array.of(value));
    const operation = api.TFE_NewOp(this.#context, this.#library.text(name), status);
    this.#running++;
    try {
      const group = [scalar(this.#size), scalar(1), scalar(++this.#instance)];
      const content = tensor(shape, dtypeOf(values), values);
      const inputs = received === undefined ? [content, ...group] : [...group, content];
      for (const input of inputs) api.TFE_OpAddInput(operation, input, status);
      this.#set(operation, status, texts, received ?? dtypeOf(values), isOrdered);
      if (received !== undefined) {
        api.TFE_OpSetAttrType(operation, this.#library.text('Tshape'), DataType.int32);
      }
      checkStatus(this.#library, status, name);
      handles.push(...(await execute(this.#library, operation, status, name, 1)));
      return readTensor(this.#library, handles.at(-1)!) as Numbers;
    } finally {
      api.TFE_DeleteOp(operation);
      for (const handle of handles) api.TFE_DeleteTensorHandle(handle);
      api.TF_DeleteStatus(status);
      this.#running--;
      this.#deleteWhenIdle();
    }
  }

  #set(
    operation: Address,
    status: Address,
    texts: Readonly<Record<string, string>>,
    dtype: number,
    isOrdered: boolean
  ): void {
    const { api } = this.#library;
    const name = (text: string): Address => this.#library.text(text);
    api.TFE_OpSetDevice(operation, name(this.#device), status);
    api.TFE_OpSetAttrType(operation, name('T'), dtype);
    for (const [key, text] of Object.entries({ ...texts, communication_hint: 'auto' })) {
      const bytes = Buffer.from(text);
      api.TFE_OpSetAttrString(operation, name(key), bytes, bytes.length);
    }
    api.TFE_OpSetAttrFloat(operation, name('timeout_seconds'), noTimeout);
    if (isOrdered) api.TFE_OpSetAttrInt(operation, name('Nordering_token'), 0);
  }

  #handle(shape: readonly number[], dtype: number, values: Numbers): Address {
    const { api, status } = this.#library;
    const tensor = newTensor(this.#library, sizeOf(shape) === 0 ? [0] : shape, dtype, values);
    const handle = api.TFE_NewTensorHandle(tensor, status);
    api.TF_DeleteTensor(tensor);
    this.#library.check('making a tensor');
    return handle;
  }

  #deleteWhenIdle(): void {
    if (this.#closed && this.#running === 0) this.#library.api.TFE_DeleteContext(this.#context);
  }
}

function dtypeOf(values: Numbers): number {
  if (values instanceof Uint16Array) return DataType.float16;
  return values instanceof Float32Array ? DataType.float32 : DataType.int32;
}
