import * as tf from '@tensorflow/tfjs';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import { mlp, transformer } from '../../models/index.ts';
import type { State } from '../../tree.ts';
import * as prune from '../index.ts';

const { own } = leakCheck();

describe('removing units of a tree', () => {
  it('takes hidden units out of a perceptron, which computes what it did without them', () => {
    const network = mlp([4, 8, 6, 2], { seed: 2 });
    const params = own(network.params as State) as unknown as typeof network.params;
    const smaller = prune.removeUnits(params, prune.denseUnits(params), { sparsity: 0.5 });
    own(smaller as unknown as State);
    expect(smaller.layers.map(({ weight }) => weight.shape)).toEqual([
      [4, 4],
      [4, 3],
      [3, 2]
    ]);
    const x = own(tf.randomNormal([3, 4], 0, 1, 'float32', 1));
    expect(numbers(own(tf.tidy(() => network.apply(smaller, x))))).toHaveLength(6);
  });

  it('takes heads out of a transformer, which computes what it did with their values at 0', () => {
    const network = transformer({ vocabulary: 5, context: 6, width: 8, heads: 4, blocks: 2 });
    const params = own(network.params as State) as unknown as typeof network.params;
    const heads = prune.attentionHeads(params, 4);
    const smaller = prune.removeUnits(params, heads, { sparsity: 0.5 });
    own(smaller as unknown as State);
    expect(
      smaller.blocks.map(({ attention, mix }) => [attention.weight.shape, mix.weight.shape])
    ).toEqual(
      Array(2).fill([
        [8, 12],
        [4, 8]
      ])
    );
    const silent = prune.removeUnits(params, heads, { sparsity: 0 });
    own(silent as unknown as State);
    const mixes = silent.blocks.map(({ mix }, i) => {
      const kept = numbers(smaller.blocks[i]!.mix.weight).slice(0);
      return rowsIn(numbers(mix.weight), kept, 8);
    });
    const blocks = silent.blocks.map((block, i) => ({
      ...block,
      mix: { ...block.mix, weight: own(tf.tensor2d(mixes[i]!, [8, 8])) }
    }));
    const tokens = own(tf.tensor2d([[1, 2, 3, 4]], undefined, 'int32'));
    const run = (at: typeof params): number[] =>
      numbers(own(tf.tidy(() => network.apply(at, tokens))));
    const expected = run({ ...silent, blocks });
    run(smaller).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  it('refuses couplings that do not fit', () => {
    const params = own(mlp([4, 8, 2]).params as State) as unknown as ReturnType<
      typeof mlp
    >['params'];
    const at = { 'layers.0.weight': { axis: 1, makes: true } };
    expect(() =>
      prune.removeUnits(params, [{ name: 'odd', units: 3, at }], { sparsity: 0.5 })
    ).toThrow(coded('input/shape'));
    expect(() =>
      prune.removeUnits(params, [{ name: 'odd', units: 8, at: { head: { axis: 0 } } }], {
        sparsity: 0.5
      })
    ).toThrow(coded('input/structure'));
    expect(() => prune.removeUnits(params, [], { sparsity: 0.5 })).toThrow(coded('input/empty'));
  });

  it('refuses heads that the blocks cannot have', () => {
    const { params } = transformer({ vocabulary: 5, context: 6, width: 8, heads: 4, blocks: 1 });
    own(params as unknown as State);
    expect(() => prune.attentionHeads(params, 3)).toThrow(coded('input/value'));
  });
});

/** The rows of a matrix, those that are not among `kept` set to 0. */
function rowsIn(values: number[], kept: number[], columns: number): number[] {
  const rows = Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns)
  );
  const left = new Set(
    Array.from({ length: kept.length / columns }, (_, i) =>
      String(kept.slice(i * columns, (i + 1) * columns))
    )
  );
  return rows.flatMap(row => (left.has(String(row)) ? row : row.map(() => 0)));
}
