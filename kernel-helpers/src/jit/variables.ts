import type * as Tf from '@tensorflow/tfjs';
import type { Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../runtime/start.ts';
import type { Recording } from './recording.ts';

/** What variables held at some moment. */
export type Snapshot = readonly { readonly variable: Variable; readonly dataId: object }[];

/**
 * What every variable holds now.
 * @param tf TensorFlow.js.
 * @returns The variables with their data.
 */
export function snapshot(tf: typeof Tf): Snapshot {
  return variablesOf(tf).map(variable => ({ variable, dataId: variable.dataId }));
}

/**
 * Which variables were assigned since.
 * @param before What they held.
 * @returns Those that hold something else now.
 */
export function changed(before: Snapshot): Variable[] {
  return before
    .filter(({ variable, dataId }) => variable.dataId !== dataId)
    .map(({ variable }) => variable);
}

/** Lets every variable stand for its value at each call while a function is recorded. */
export class Substitution {
  readonly #tf: typeof Tf;
  readonly #runtime: TensorFlow;
  readonly #held: { readonly variable: Variable; readonly dataId: object }[] = [];

  /**
   * Substitutes nothing yet.
   * @param tf TensorFlow.js.
   * @param runtime TensorFlow.
   */
  constructor(tf: typeof Tf, runtime: TensorFlow) {
    [this.#tf, this.#runtime] = [tf, runtime];
  }

  /**
   * Puts a symbol of the recording into each variable.
   * @param recording The recording.
   */
  begin(recording: Recording): void {
    const engine = this.#tf.engine();
    const { backend } = this.#runtime;
    for (const variable of variablesOf(this.#tf)) {
      backend.idOf(variable);
      const { dtype } = backend.dataOf(variable.dataId);
      const metadata = recording.input({ kind: 'variable', variable }, variable.shape, dtype);
      const symbol = backend.wrap(metadata);
      this.#held.push({ variable, dataId: variable.dataId });
      variable.dataId = symbol.dataId;
      engine.incRef(variable, backend);
    }
  }

  /** Gives back to each variable what it held. */
  end(): void {
    const engine = this.#tf.engine();
    for (const { variable, dataId } of this.#held) {
      // One disposed of while recording has dropped its symbol already; what it held goes now.
      if (!variable.isDisposed) engine.disposeTensor(variable);
      variable.dataId = dataId;
      if (variable.isDisposed) engine.disposeTensor(variable);
    }
  }
}

function variablesOf(tf: typeof Tf): Variable[] {
  return Object.values(tf.engine().registeredVariables);
}
