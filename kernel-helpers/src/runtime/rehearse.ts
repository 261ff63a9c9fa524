import type { Address } from './declarations.ts';
import type { Library } from './library.ts';

/**
 * Runs a prepared operation on another thread and drops what it makes: XLA has compiled it then.
 * @param library TensorFlow.
 * @param operation The operation, which is deleted afterwards.
 * @param outputs At least as many as it has outputs.
 * @returns TensorFlow's text when it failed.
 */
export async function rehearse(
  library: Library,
  operation: Address,
  outputs: number
): Promise<string | undefined> {
  const { api } = library;
  const status = api.TF_NewStatus();
  const results = new BigUint64Array(Math.max(1, outputs));
  const count = Int32Array.of(outputs);
  const refused = await new Promise<unknown>(resolve =>
    api.TFE_Execute.async(operation, results, count, status, resolve)
  );
  const failed = api.TF_GetCode(status) !== 0;
  const failure = refused ? describe(refused) : failed ? api.TF_Message(status) : undefined;
  if (failure === undefined) {
    for (const id of results.subarray(0, count[0])) api.TFE_DeleteTensorHandle(Number(id));
  }
  api.TF_DeleteStatus(status);
  api.TFE_DeleteOp(operation);
  return failure;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'TensorFlow was not called';
}
