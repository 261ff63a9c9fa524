import { inspect } from 'node:util';
import type { Address } from '../runtime/declarations.ts';
import type { Library } from '../runtime/library.ts';

/** Statuses of an operation that this worker itself cannot do: wrong arguments, no memory, nothing of that name. */
const ownStatuses: ReadonlySet<number> = new Set([3, 5, 8, 9, 11, 12]);

/** TensorFlow's word on an operation that failed. */
export class OperationFailure extends Error {
  /** Whether the operation failed here, rather than in exchange with the others. */
  readonly isOwn: boolean;

  /**
   * Keeps TensorFlow's text.
   * @param message The text.
   * @param code The status, one of `tsl::error::Code`.
   */
  constructor(message: string, code: number) {
    super(message);
    this.isOwn = ownStatuses.has(code);
  }
}

/**
 * Throws what a status says.
 * @param library TensorFlow.
 * @param status The status.
 * @param what What was done.
 * @throws OperationFailure unless all is well.
 */
export function checkStatus(library: Library, status: Address, what: string): void {
  const code = library.api.TF_GetCode(status);
  if (code !== 0) throw new OperationFailure(`${what}: ${library.api.TF_Message(status)}`, code);
}

/**
 * Runs an operation off JavaScript's thread.
 * @param library TensorFlow.
 * @param operation The operation; it stays the caller's.
 * @param status A status of this operation alone.
 * @param name What it is called in messages.
 * @param outputs How many outputs it has.
 * @returns Handles of its outputs, which belong to the caller.
 * @throws OperationFailure when TensorFlow refuses it.
 */
export async function execute(
  library: Library,
  operation: Address,
  status: Address,
  name: string,
  outputs: number
): Promise<Address[]> {
  const results = new BigUint64Array(outputs);
  const count = Int32Array.of(outputs);
  await new Promise<void>((resolve, reject) =>
    library.api.TFE_Execute.async(operation, results, count, status, failed =>
      failed ? reject(new Error(inspect(failed))) : resolve()
    )
  );
  checkStatus(library, status, name);
  return Array.from(results, Number);
}
