import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';

/** An operation so small that calling it is all that takes time. */
interface SmallOperation {
  readonly attributes: (binding: TFJSBinding) => object[];
  readonly shape: number[];
}

const typeOf = (binding: TFJSBinding): object => ({
  name: 'T',
  type: binding.TF_ATTR_TYPE,
  value: binding.TF_FLOAT
});

/** The operations by TensorFlow's name. */
export const smallOperations: Readonly<Record<string, SmallOperation>> = {
  AddV2: { shape: [4], attributes: binding => [typeOf(binding)] },
  MatMul: {
    shape: [2, 2],
    attributes: binding =>
      [typeOf(binding)].concat(
        ['transpose_a', 'transpose_b'].map(name => ({
          name,
          type: binding.TF_ATTR_BOOL,
          value: false
        }))
      )
  }
};

/** Milliseconds for many calls of `executeOp`, each result freed. Throws when a result is wrong. */
export function timeOperation(binding: TFJSBinding, name: string, times: number): number {
  const { shape, attributes } = smallOperations[name]!;
  const input = binding.createTensor(shape, binding.TF_FLOAT, Float32Array.of(1, 1, 1, 1));
  const given = attributes(binding) as Parameters<TFJSBinding['executeOp']>[1];
  const started = performance.now();
  for (let i = 0; i < times; i++) {
    binding.deleteTensor(binding.executeOp(name, given, [input, input], 1)[0]!.id);
  }
  const ms = performance.now() - started;
  const result = binding.executeOp(name, given, [input, input], 1)[0]!.id;
  const values = binding.tensorDataSync(result) as Float32Array;
  if (values.some(value => value !== 2)) throw new Error(`${name} gave ${values.join()}, not 2s`);
  for (const id of [result, input]) binding.deleteTensor(id);
  return ms;
}
