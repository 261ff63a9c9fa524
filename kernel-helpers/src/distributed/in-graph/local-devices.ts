import { HelperError } from '../../errors.ts';
import { newContext } from '../../runtime/context.ts';
import type { Address } from '../../runtime/declarations.ts';
import type { Library } from '../../runtime/library.ts';
import { field, integer, message } from '../../runtime/protobuf.ts';
import { FunctionRunner } from './function-runner.ts';
import type { Seat } from './shared-gradient.ts';

/** A kind of device, and how many of it. */
export interface DeviceCount {
  readonly kind: 'cpu' | 'gpu';
  readonly count: number;
}

/** Calls that libuv, which runs what TensorFlow is asked for, lets wait at once. */
const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

/** Devices of this process that reduce together, in a context of their own. */
export class LocalDevices {
  readonly #library: Library;
  readonly #context: Address;
  readonly #running = new Set<Promise<unknown>>();
  /** One for each device. */
  readonly seats: readonly Seat[];

  /**
   * Opens the devices.
   * @param library TensorFlow.
   * @param devices How many of which kind; several processors are this machine's, divided into virtual ones.
   * @throws HelperError `input/value` for more devices than can wait for each other; TensorFlowError `tensorflow/device`.
   */
  constructor(library: Library, { kind, count }: DeviceCount) {
    if (count > threads) {
      throw new HelperError(
        'input/value',
        `expected at most ${threads} devices, got ${count}; set UV_THREADPOOL_SIZE=${count} before Node starts`
      );
    }
    this.#library = library;
    this.#context = newContext(library, config(kind, count));
    const defined = new Set<string>();
    this.seats = Array.from({ length: count }, (_, rank) => {
      const device = `/job:localhost/replica:0/task:0/device:${kind.toUpperCase()}:${rank}`;
      return this.#seat(rank, count, new FunctionRunner(library, this.#context, device, defined));
    });
  }

  /** Ends what waits for other devices, with an error; nothing can be run afterwards. */
  abort(): void {
    const { api } = this.#library;
    const status = api.TF_NewStatus();
    api.TF_SetStatus(status, cancelled, 'another device failed');
    api.TFE_AbortCollectiveOps(this.#context, status);
    api.TF_DeleteStatus(status);
  }

  /** Frees the devices once nothing runs. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    this.#library.api.TFE_DeleteContext(this.#context);
  }

  #seat(rank: number, size: number, runner: FunctionRunner): Seat {
    let instance = 0;
    // TensorFlow chooses between rings over main memory and NVIDIA's library by the devices.
    const hint = 'auto';
    return {
      ...{ rank, size, hint },
      reserve: operations => (instance += operations) - operations + 1,
      runFunction: async (step, inputs) => {
        const run = runner.run(step, inputs);
        this.#running.add(run);
        return run.finally(() => this.#running.delete(run));
      }
    };
  }
}

/** TensorFlow's status of what was given up. */
const cancelled = 1;

/** A ConfigProto; the numbers are the fields of tensorflow/core/protobuf/config.proto. */
function config(kind: 'cpu' | 'gpu', count: number): Buffer {
  const counts = (name: string, number: number): Buffer =>
    field(1, message(field(1, name), integer(2, number)));
  const growth = field(6, integer(4, 1));
  const devices = kind === 'cpu' ? [counts('CPU', count), counts('GPU', 0)] : [growth];
  return message(...devices, integer(5, count + 2));
}
