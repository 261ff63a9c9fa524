import * as tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../runtime/start.ts';
import { type Attribute, AttributeKind, DataType } from '../../runtime/types.ts';

/** TensorFlow would keep a thread asleep for each operation until its time-out, long after it ended: whoever runs it keeps the time. */
export const noTimeout = 0;

/** The group key of TensorFlow's collective operations: all workers are in one group. */
const groupKey = 1;

/** What sums of one recording need to meet those of the other workers. */
export interface Meeting {
  /** How many workers there are, an int32 scalar of the recording. */
  readonly size: tf.Tensor;
  /** The number of the first operation, an int32 scalar of the recording. */
  readonly firstInstance: tf.Tensor;
  /** TensorFlow's `communication_hint`. */
  readonly hint: string;
}

/** Sums over all workers inside a recorded function: every worker must record as many, in the same order. */
export class GraphSum {
  readonly #runtime: TensorFlow;
  readonly #meeting: Meeting;
  /** Of each sum that was recorded, how many numbers every worker puts in. */
  readonly sums: number[] = [];

  /**
   * Starts with no sum.
   * @param runtime TensorFlow, which records.
   * @param meeting What the sums need to meet those of the others.
   */
  constructor(runtime: TensorFlow, meeting: Meeting) {
    this.#runtime = runtime;
    this.#meeting = meeting;
  }

  /**
   * Adds the numbers of all workers, element by element. It can be differentiated: what one worker puts in counts in the results of all,
   * so that the gradient is the sum of all workers' gradients.
   * @param values Float32, of the same shape on every worker.
   * @returns The sums, the same on every worker.
   */
  add(values: tf.Tensor): tf.Tensor {
    const sum = tf.customGrad((...args) => {
      const [x] = args as unknown as [tf.Tensor];
      return { value: this.#record(x), gradFunc: (dy: tf.Tensor) => [this.add(dy)] };
    });
    return sum(values);
  }

  #record(values: tf.Tensor): tf.Tensor {
    const { backend } = this.#runtime;
    const { size, firstInstance } = this.#meeting;
    const key = tf.add(firstInstance, tf.scalar(this.sums.length, 'int32'));
    this.sums.push(values.size);
    const inputs = [values, size, tf.scalar(groupKey, 'int32'), key];
    const ids = inputs.map(input => backend.idOf(input));
    const [output] = backend.binding.executeOp(
      'CollectiveReduceV2',
      attributes(this.#meeting),
      ids,
      1
    );
    return backend.wrap(output!);
  }
}

function attributes({ hint }: Meeting): Attribute[] {
  const text = (name: string, value: string): Attribute => ({
    name,
    type: AttributeKind.string,
    value
  });
  return [
    { name: 'T', type: AttributeKind.type, value: DataType.float32 },
    text('merge_op', 'Add'),
    text('final_op', 'Id'),
    text('communication_hint', hint),
    { name: 'timeout_seconds', type: AttributeKind.float, value: noTimeout },
    { name: 'Nordering_token', type: AttributeKind.integer, value: 0 }
  ];
}
