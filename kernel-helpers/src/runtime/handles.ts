import type { Context } from './context.ts';
import type { Address } from './declarations.ts';
import type { Library } from './library.ts';
import { DataType } from './types.ts';

/**
 * Makes a handle of a TF_Tensor, on a context's device.
 * @param library TensorFlow.
 * @param context Where the tensor is used.
 * @param tensor The tensor; it is deleted.
 * @param dtype Its data type; integers and strings stay in main memory, as TensorFlow's own kernels expect.
 * @returns The handle; the caller deletes it.
 */
export function newHandle(
  library: Library,
  context: Context,
  tensor: Address,
  dtype: number
): Address {
  const { api, status } = library;
  const handle = api.TFE_NewTensorHandle(tensor, status);
  api.TF_DeleteTensor(tensor);
  library.check('making a tensor');
  if (context.kind !== 'GPU' || dtype === DataType.int32 || dtype === DataType.string) {
    return handle;
  }
  const device = library.text(context.device);
  const moved = api.TFE_TensorHandleCopyToDevice(handle, context.address, device, status);
  api.TFE_DeleteTensorHandle(handle);
  library.check(`copying a tensor to ${context.device}`);
  return moved;
}
