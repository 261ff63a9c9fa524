import { inspect } from 'node:util';
import { newContext } from '../runtime/context.ts';
import type { Address } from '../runtime/declarations.ts';
import type { Library } from '../runtime/library.ts';
import { field, integer, message } from '../runtime/protobuf.ts';
import { newTensor, readTensor } from '../runtime/tensors.ts';
import { DataType, sizeOf } from '../runtime/types.ts';

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
  /** Seconds that one operation waits for the other workers. */
  readonly timeout: number;
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
  readonly #timeout: number;
  #instance = 0;
  #running = 0;
  #closed = false;

  private constructor(
    library: Library,
    context: Address,
    rank: number,
    size: number,
    { timeout, hasPython }: OpenOptions
  ) {
    this.#library = library;
    this.#context = context;
    [this.#rank, this.#size, this.#timeout] = [rank, size, timeout];
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
    options: OpenOptions
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
      handles.push(await this.#execute(operation, status, name));
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
    const device = `/job:worker/replica:0/task:${this.#rank}/device:CPU:0`;
    const name = (text: string): Address => this.#library.text(text);
    api.TFE_OpSetDevice(operation, name(device), status);
    api.TFE_OpSetAttrType(operation, name('T'), dtype);
    for (const [key, text] of Object.entries({ ...texts, communication_hint: 'auto' })) {
      const bytes = Buffer.from(text);
      api.TFE_OpSetAttrString(operation, name(key), bytes, bytes.length);
    }
    api.TFE_OpSetAttrFloat(operation, name('timeout_seconds'), this.#timeout);
    if (isOrdered) api.TFE_OpSetAttrInt(operation, name('Nordering_token'), 0);
  }

  async #execute(operation: Address, status: Address, name: string): Promise<Address> {
    const results = new BigUint64Array(1);
    const count = Int32Array.of(1);
    const { TFE_Execute: execute } = this.#library.api;
    await new Promise<void>((resolve, reject) =>
      execute.async(operation, results, count, status, failed =>
        failed ? reject(new Error(inspect(failed))) : resolve()
      )
    );
    checkStatus(this.#library, status, name);
    return Number(results[0]);
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

function checkStatus(library: Library, status: Address, what: string): void {
  if (library.api.TF_GetCode(status) === 0) return;
  throw new Error(`${what}: ${library.api.TF_Message(status)}`);
}

function dtypeOf(values: Numbers): number {
  if (values instanceof Uint16Array) return DataType.float16;
  return values instanceof Float32Array ? DataType.float32 : DataType.int32;
}

/** A ConfigProto: the first worker leads, and one thread more than there are workers, else operations wait for each other. */
function config(size: number, hasPython: boolean): Buffer {
  const leader = '/job:worker/replica:0/task:0';
  const noGpu = field(1, message(field(1, 'GPU'), integer(2, 0)));
  const jobs = field(10, message(field(1, 'worker'), integer(2, size)));
  // Python's strategy starts a coordination service on the first worker, and all others must register there.
  const service = message(field(1, 'standalone'), field(2, leader), integer(3, 1), jobs);
  const experimental = message(field(1, leader), ...(hasPython ? [field(23, service)] : []));
  return message(noGpu, integer(5, Math.max(4, size + 1)), field(16, experimental));
}

/** A ServerDef; the numbers are the fields of tensorflow/core/protobuf/tensorflow_server.proto and cluster.proto. */
function serverDefinition(addresses: readonly string[], rank: number, proto: Buffer): Buffer {
  const tasks = addresses.map((address, i) => field(2, message(integer(1, i), field(2, address))));
  const job = message(field(1, 'worker'), ...tasks);
  const port = Number(addresses[rank]!.slice(addresses[rank]!.lastIndexOf(':') + 1));
  return message(
    field(1, field(1, job)),
    field(2, 'worker'),
    integer(3, rank),
    field(4, proto),
    field(5, 'grpc'),
    integer(6, port)
  );
}
