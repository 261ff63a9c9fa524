import { TensorFlowError } from './errors.ts';

/** Ids below this name tensors of a recording; addresses on the heap are far above. */
export const symbolLimit = 1 << 24;

/**
 * Refuses a tensor that exists in a recording alone.
 * @param id A handle, or a symbol.
 * @throws TensorFlowError `jit/leaked` for a symbol.
 */
export function assertNoSymbol(id: number): void {
  if (id >= symbolLimit) return;
  throw new TensorFlowError(
    'jit/leaked',
    'a tensor made while a jit function was recorded is used outside of it; return it from the function instead of keeping it'
  );
}
