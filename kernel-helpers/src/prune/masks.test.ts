import * as tf from '@tensorflow/tfjs';
import { coded } from '../fixtures/coded.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { encodeSafetensors } from '../io/safetensors.ts';
import type { State } from '../tree.ts';
import * as prune from './index.ts';

const { own } = leakCheck();
const { makeMasks } = prune;

function params(seed = 1) {
  const normal = (shape: number[], of: number): tf.Tensor =>
    tf.randomNormal(shape, 0, 1, 'float32', 10 * seed + of);
  return own({
    layers: [
      { weight: normal([12, 7], 1), bias: normal([7], 2) },
      { weight: normal([7, 3], 3), bias: normal([3], 4) }
    ],
    filter: normal([3, 3, 2, 6], 5)
  });
}

const structures: [string, prune.Structure][] = [
  ['single weights', prune.unstructured()],
  ['blocks', prune.blocks(2, 3)],
  ['rows', prune.slices({ axis: 0 })],
  ['columns by their largest', prune.slices({ norm: Infinity })]
];
const scores: [string, prune.Score][] = [
  ['magnitude', prune.magnitude()],
  ['random', prune.randomScore(3)],
  ['LAMP', prune.lamp()],
  ['taylor', prune.taylor()],
  ['taylor squared', prune.taylor({ squared: true })],
  ['movement', prune.movement()],
  ['hessian', prune.hessian()]
];

describe('masks', () => {
  it.each(scores)('by %s prune as many weights as asked for, in each scope', (_, score) => {
    const at = params();
    const evidence = { score, gradients: params(2), memory: params(3) };
    for (const sparsity of [0, 0.1, 0.5, 0.9, 0.999]) {
      const layer = own(makeMasks(at, { ...evidence, sparsity }));
      for (const mask of Object.values(layer)) {
        const kept = numbers(mask).reduce((sum, bit) => sum + bit, 0);
        expect(Math.abs(kept - Math.max(1, mask.size * (1 - sparsity)))).toBeLessThanOrEqual(0.5);
      }
      const { kept, all } = prune.countKept(
        own(makeMasks(at, { ...evidence, sparsity, scope: 'global' }))
      );
      expect(Math.abs(kept - Math.max(1, all * (1 - sparsity)))).toBeLessThanOrEqual(0.5);
    }
  });

  it.each(structures)('of %s nest as the sparsity rises', (_, structure) => {
    for (const scope of ['layer', 'global'] as const) {
      let within: prune.Masks | undefined;
      for (const sparsity of [0.2, 0.5, 0.5, 0.8]) {
        const next = own(makeMasks(params(), { sparsity, structure, scope, within }));
        const before = within && numbers(within);
        numbers(next).forEach((bit, i) => expect(bit).toBeLessThanOrEqual(before?.[i] ?? 1));
        within = next;
      }
    }
  });

  it.each(structures)('of %s are the same when made of what they masked', (_, structure) => {
    const at = params();
    const masks = own(makeMasks(at, { sparsity: 0.5, structure }));
    const masked = own(prune.applyMasks(at, masks));
    expect(numbers(own(makeMasks(masked, { sparsity: 0.5, structure })))).toEqual(numbers(masks));
    expect(numbers(own(prune.applyMasks(masked, masks)) as State)).toEqual(
      numbers(masked as State)
    );
  });

  it.each(structures)('of %s prune groups as a whole', (_, structure) => {
    const mask = own(makeMasks(params(), { sparsity: 0.5, structure, where: ['filter'] })).filter!;
    const groups = structure.groupsOf(mask.shape, 'filter');
    if (!groups) return;
    const bits = numbers(mask);
    const first = new Map<number, number>();
    groups.of.forEach((group, i) => {
      expect(bits[i]).toBe(first.get(group) ?? bits[i]);
      first.set(group, bits[i]!);
    });
    expect(first.size).toBe(groups.count);
  });

  it.each([
    [2, 4, -2],
    [1, 3, -1],
    [3, 5, 0]
  ])('keep %i of %i neighbours along axis %i', (keep, among, axis) => {
    const structure = prune.nOfM(keep, among, { axis });
    const masks = own(makeMasks(params(), { structure }));
    for (const mask of Object.values(masks)) {
      const { of, count } = structure.groupsOf(mask.shape, 'w')!;
      const [kept, size] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
      numbers(mask).forEach((bit, i) => {
        kept[of[i]!]! += bit;
        size[of[i]!]! += 1;
      });
      kept.forEach((number, group) => expect(number).toBe(Math.min(keep, size[group]!)));
    }
  });

  it('of equal weights keep the earlier, or by tfmot all that equal the lowest', () => {
    const w = own(tf.ones([2, 5]));
    const sparsity = 0.6;
    expect(numbers(own(makeMasks({ w }, { sparsity })))).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(numbers(own(makeMasks({ w }, { sparsity, convention: 'tfmot' })))).toEqual(
      Array(10).fill(1)
    );
  });

  it('may have a sparsity of their own for each tensor', () => {
    const sparsity = (path: string): number => (path === 'filter' ? 0 : 0.5);
    const masks = own(makeMasks(params(), { sparsity }));
    expect(Math.min(...numbers(masks.filter!))).toBe(1);
    expect(numbers(masks['layers.0.weight']!).filter(bit => bit === 0)).toHaveLength(42);
  });

  it('are of bytes and leave the parameters as they were', () => {
    const at = params();
    const before = numbers(at);
    const masks = own(makeMasks(at, { sparsity: 0.5 }));
    own(prune.applyMasks(at, masks));
    expect(Object.values(masks).map(mask => mask.dtype)).toEqual(Array(3).fill('bool'));
    expect(numbers(at as State)).toEqual(before);
  });

  it('end with the zeros in place', () => {
    const at = { w: tf.tensor2d([[1, 2, 3, 4]]) };
    const stripped = own(prune.strip(at, makeMasks(at, { sparsity: 0.5 })));
    expect(numbers(stripped)).toEqual([0, 0, 3, 4]);
    expect(at.w.isDisposed).toBe(true);
  });
});

describe('masks in a file', () => {
  it('come back bit for bit', () => {
    const masks = own(makeMasks(params(), { sparsity: 0.7 }));
    const read = own(prune.decodeMasks(prune.encodeMasks(masks), params()));
    expect(Object.keys(read)).toEqual(Object.keys(masks));
    expect(numbers(read)).toEqual(numbers(masks));
  });

  it('are refused where there are none, or where they were disposed of', async () => {
    const at = params();
    const gone = tf.zeros([1], 'bool');
    gone.dispose();
    const path = 'layers.0.weight';
    expect(() => prune.applyMasks(at, { [path]: gone })).toThrow(coded('input/disposed'));
    expect(() => prune.applyMasks(at, undefined as never)).toThrow(coded('input/structure'));
    const missing = prune.loadMasks('/nonexistent/masks.safetensors', at);
    await expect(missing).rejects.toMatchObject({ code: 'io/format' });
  });

  it('of another model are refused, and leave no tensor', () => {
    const w = own(tf.ones([4, 4]));
    const file = prune.encodeMasks(own(makeMasks({ w }, { sparsity: 0.5 })));
    expect(() => prune.decodeMasks(file, { w: own(tf.ones([4, 5])) })).toThrow(
      coded('input/shape')
    );
    expect(() => prune.decodeMasks(file, { v: w })).toThrow(coded('input/structure'));
    expect(() => prune.decodeMasks(encodeSafetensors({ tensors: { w } }), { w })).toThrow(
      coded('io/format')
    );
  });
});

describe('reports', () => {
  it('count zeros tensor by tensor', () => {
    const at = params();
    const masks = own(makeMasks(at, { sparsity: 0.5 }));
    const report = prune.sparsityReport(own(prune.applyMasks(at, masks)), masks);
    expect(report).toMatchObject({ weights: 223, zeros: 106 });
    expect(report.layers[0]).toMatchObject({ path: 'layers.0.weight', zeros: 42, masked: 42 });
    expect(String(report)).toMatch(/layers\.0\.weight +12×7 +84 +42 +50\.0 %/);
  });

  it('count bytes as they are, packed, and as sparse rows', () => {
    const w = own(
      tf.tensor2d(
        Float32Array.from({ length: 4000 }, (_, i) => Number(i % 20 === 0)),
        [40, 100]
      )
    );
    const { raw, gzip, csr, gzipRatio } = prune.sizeReport({ w });
    expect([raw, csr]).toEqual([16_000, 200 * 5 + 41 * 4]);
    expect(gzip).toBeLessThan(300);
    expect(gzipRatio).toBeCloseTo(raw / gzip);
    expect(prune.sizeReport({ w: own(tf.ones([10, 10])) }).csr).toBe(400);
  });
});

describe('bad input is refused by name, and leaves the parameters alone', () => {
  it.each<[string, Partial<prune.MaskOptions>, string]>([
    ['a sparsity of 1', { sparsity: 1 }, 'sparsity of layers.0.weight'],
    ['a negative sparsity', { sparsity: -0.1 }, '-0.1'],
    ['no sparsity', { sparsity: NaN }, 'NaN'],
    ['a sparsity of all that is out of range', { sparsity: 2, scope: 'global' }, 'got 2'],
    ['sparsities for the global scope', { sparsity: () => 0.5, scope: 'global' }, 'global'],
    ['a tensor that is not there', { where: ['head'] }, 'got head'],
    ['nothing to prune', { where: () => false }, 'chose none of layers.0.weight'],
    [
      'biases in blocks',
      { where: ['layers.0.bias'], structure: prune.blocks(2, 2) },
      'layers.0.bias'
    ],
    ['an axis that is not there', { structure: prune.slices({ axis: 2 }) }, 'got 2'],
    ['a score without gradients', { score: prune.taylor() }, 'gradients'],
    ['a score without memory', { score: prune.movement() }, 'memory'],
    ['the name of a score', { score: 'magnitude' as never }, 'got "magnitude"'],
    ['a scope that is none', { scope: 'model' as never }, 'one of layer, global'],
    ['a convention that is none', { convention: 'keras' as never }, 'one of torch, tfmot']
  ])('%s', (_, options, text) => {
    const at = params();
    const before = numbers(at);
    expect(() => makeMasks(at, { sparsity: 0.5, ...options })).toThrow(text);
    expect(numbers(at as State)).toEqual(before);
  });

  it('masks of other tensors', () => {
    const within = own({ head: tf.scalar(1) });
    expect(() => makeMasks(params(), { sparsity: 0.5, within })).toThrow('got one of head');
  });

  it('numbers that are none, and integers', () => {
    const w = own(tf.tensor2d([[1, NaN]]));
    expect(() => makeMasks({ w }, { sparsity: 0.5 })).toThrow('magnitude gives NaN for weight 1');
    const whole = own(tf.ones([2, 2], 'int32'));
    expect(() => makeMasks({ w: whole }, { sparsity: 0.5 })).toThrow(coded('input/dtype'));
  });

  it.each([
    ['n that is not below m', () => prune.nOfM(4, 4)],
    ['a block of no rows', () => prune.blocks(0, 2)],
    ['a norm of 0', () => prune.slices({ norm: 0 })],
    ['a schedule to sparsity 1', () => prune.polynomialDecay({ to: 1, end: 10 })],
    [
      'a schedule that ends before it begins',
      () => prune.polynomialDecay({ to: 0.5, begin: 9, end: 9 })
    ],
    ['a step that is none', () => prune.oneShot(0.5, 1.5)],
    ['no updates', () => prune.gradual({ to: 0.5, updates: 0, every: 1 })],
    ['half a step', () => prune.constantSparsity(0.5, { every: 0.5 })]
  ])('%s', (_, make) => {
    expect(make).toThrow(coded('input/value'));
  });
});

describe('a schedule', () => {
  it('by Zhu and Gupta changes so many times after the first', () => {
    const { isDue, sparsityAt } = prune.gradual({
      from: 0.2,
      to: 0.8,
      begin: 10,
      updates: 4,
      every: 5
    });
    const due = Array.from({ length: 50 }, (_, step) => step).filter(isDue);
    expect(due).toEqual([10, 15, 20, 25, 30]);
    due.forEach((step, n) => expect(sparsityAt(step)).toBeCloseTo(0.8 - 0.6 * (1 - n / 4) ** 3));
  });

  it('once prunes once', () => {
    const { isDue, sparsityAt } = prune.oneShot(0.5, 3);
    expect([2, 3, 4].map(isDue)).toEqual([false, true, false]);
    expect([2, 3].map(sparsityAt)).toEqual([0, 0.5]);
  });

  it('of rounds takes a share of what is left', () => {
    expect(prune.sparsityAfter(0.2, 7)).toBeCloseTo(1 - 0.8 ** 7);
  });
});
