/**
 * What can go wrong between a notebook and TensorFlow, as stable codes.
 * `tensorflow`: the library, its devices and its operations; `jit`: recording a function.
 */
export type TensorFlowErrorCode =
  | 'tensorflow/missing'
  | 'tensorflow/symbols'
  | 'tensorflow/not-started'
  | 'tensorflow/closed'
  | 'tensorflow/device'
  | 'tensorflow/memory'
  | 'tensorflow/input'
  | 'tensorflow/disposed'
  | 'tensorflow/operation'
  | 'tensorflow/saved-model'
  | 'jit/argument'
  | 'jit/read'
  | 'jit/record'
  | 'jit/random'
  | 'jit/leaked'
  | 'jit/asynchronous'
  | 'jit/disposed'
  | 'jit/scan';

/** A failure of TensorFlow the caller may branch on: `code` is stable API, `message` is for people. */
export class TensorFlowError extends Error {
  /** Stable name of what went wrong. */
  readonly code: TensorFlowErrorCode;
  /** What TensorFlow was doing, such as the type of the operation it refused. */
  readonly operation: string | undefined;

  /**
   * Makes an error whose text reads `message`.
   * @param code Stable name of what went wrong.
   * @param message The offending value, what was expected and the next step.
   * @param options The cause, if another error led here; the operation, if `message` is TensorFlow's own text about one.
   */
  constructor(
    code: TensorFlowErrorCode,
    message: string,
    options: ErrorOptions & { operation?: string } = {}
  ) {
    super(message, options);
    // The text stays TensorFlow's, which other code may compare; the name tells people which operation it is about.
    this.name = options.operation ? `TensorFlowError [${options.operation}]` : 'TensorFlowError';
    this.code = code;
    this.operation = options.operation;
  }
}
