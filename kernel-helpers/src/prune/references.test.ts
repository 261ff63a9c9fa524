import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { autodiff } from '../estimators/autodiff.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import * as optim from '../optim/index.ts';
import { takeStep } from '../training/step.ts';
import * as prune from './index.ts';
import { exchangeWeights, sparsities } from './training/rigl.ts';

type Named = 'plain' | 'second' | 'even' | 'filters' | 'gradient' | 'tied';
interface Fixture {
  tensors: Record<Named, { shape: number[]; values: number[] }>;
  torch: {
    masks: Record<string, number[] | Record<string, number[]>>;
    training: Record<'x' | 'y' | 'start' | 'mask', number[][]> & {
      reached: Record<'adam' | 'momentum', number[]>;
    };
    hessian: Record<'x' | 'y' | 'w', number[][]> & { diagonal: number[] };
  };
  tfmot: {
    masks: Record<string, number[]>;
    schedules: {
      steps: number[];
      cases: Record<string, { due: boolean[]; sparsity: number[] }>;
    };
  };
  formulas: {
    lamp: Record<string, number[]>;
    movement: { scores: number[]; mask: number[] };
    rigl: { before: number[]; count: number; after: number[] }[];
    erdos_renyi_kernel: { shapes: number[][]; sparsities: Record<string, number[]> };
  };
}

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/prune.json'), 'utf8')) as Fixture;
const { own } = leakCheck();
const tensor = (name: Named): tf.Tensor =>
  own(tf.tensor(fixture.tensors[name].values, fixture.tensors[name].shape));

/** The mask of one tensor, as a list. */
function maskOf(name: Named, options: prune.MaskOptions): number[] {
  return numbers(own(prune.makeMasks({ w: tensor(name) }, options)));
}

function twice(): number[] {
  const params = { w: tensor('plain') };
  const within = own(prune.makeMasks(params, { sparsity: 0.3 }));
  return numbers(own(prune.makeMasks(params, { sparsity: 0.4, within, of: 'remaining' })));
}

const torch: Record<string, () => number[]> = {
  'magnitude 0.25': () => maskOf('plain', { sparsity: 0.25 }),
  'magnitude 0.35': () => maskOf('plain', { sparsity: 0.35 }),
  'magnitude 0.9': () => maskOf('plain', { sparsity: 0.9 }),
  'magnitude 0.3 then 0.4 of the rest': twice,
  ...Object.fromEntries(
    [1, 2, Infinity].flatMap(norm =>
      [0, 1].map(axis => [
        `norm ${norm === Infinity ? 'inf' : norm} axis ${axis}`,
        () => maskOf('plain', { sparsity: 0.4, structure: prune.slices({ axis, norm }) })
      ])
    )
  ),
  filters: () => maskOf('filters', { sparsity: 0.5, structure: prune.slices() }),
  taylor: () =>
    maskOf('plain', {
      sparsity: 0.6,
      score: prune.taylor(),
      gradients: { w: tensor('gradient') }
    })
};

const tfmot: Record<string, () => number[]> = {
  'plain 0.25': () => maskOf('plain', { sparsity: 0.25, convention: 'tfmot' }),
  'plain 0.35': () => maskOf('plain', { sparsity: 0.35, convention: 'tfmot' }),
  'tied 0.5': () => maskOf('tied', { sparsity: 0.5, convention: 'tfmot' }),
  'tied 0.77': () => maskOf('tied', { sparsity: 0.77, convention: 'tfmot' }),
  'blocks mean': () => blocksOf(0.5, prune.blocks(4, 2)),
  'blocks max': () => blocksOf(0.5, prune.blocks(4, 2, { pool: 'max' })),
  'blocks 1x3': () => blocksOf(0.6, prune.blocks(1, 3)),
  '2 of 4 dense': () => maskOf('even', { structure: prune.nOfM(2, 4) }),
  '2 of 4 filters': () => maskOf('filters', { structure: prune.nOfM(2, 4) }),
  '1 of 4 dense': () => maskOf('even', { structure: prune.nOfM(1, 4) })
};

function blocksOf(sparsity: number, structure: prune.Structure): number[] {
  return maskOf('even', { sparsity, structure, convention: 'tfmot' });
}

describe('masks are those of torch.nn.utils.prune', () => {
  it('in every case of the fixture', () => {
    expect([...Object.keys(torch), 'global'].sort()).toEqual(
      Object.keys(fixture.torch.masks).sort()
    );
  });

  it.each(Object.keys(torch))('%s', name => {
    expect(torch[name]!()).toEqual(fixture.torch.masks[name]);
  });

  it('global', () => {
    const params = { plain: tensor('plain'), second: tensor('second') };
    const masks = own(prune.makeMasks(params, { sparsity: 0.55, scope: 'global' }));
    const found = { plain: numbers(masks.plain!), second: numbers(masks.second!) };
    expect(found).toEqual(fixture.torch.masks.global);
  });
});

describe('masks are those of tfmot', () => {
  it('in every case of the fixture', () => {
    expect(Object.keys(tfmot).sort()).toEqual(Object.keys(fixture.tfmot.masks).sort());
  });

  it.each(Object.keys(tfmot))('%s', name => {
    expect(tfmot[name]!()).toEqual(fixture.tfmot.masks[name]);
  });
});

describe('schedules are those of tfmot', () => {
  const { steps, cases } = fixture.tfmot.schedules;
  const ours: Record<string, prune.SparsitySchedule> = {
    polynomial: prune.polynomialDecay({ from: 0.5, to: 0.8, end: 1000 }),
    'polynomial power 1': prune.polynomialDecay({
      to: 0.9,
      begin: 100,
      end: 1000,
      power: 1,
      every: 50
    }),
    constant: prune.constantSparsity(0.6, { begin: 100, end: 1000 })
  };

  it.each(Object.keys(cases))('%s', name => {
    const { isDue, sparsityAt } = ours[name]!;
    expect(steps.map(isDue)).toEqual(cases[name]!.due);
    steps.forEach((step, i) => expect(sparsityAt(step)).toBeCloseTo(cases[name]!.sparsity[i]!, 6));
  });
});

describe('formulas', () => {
  it.each(['plain', 'second'] as const)('LAMP of %s', name => {
    const scores = prune.lamp().of(Float32Array.from(fixture.tensors[name].values), {
      path: 'w',
      index: 0
    });
    scores.forEach((score, i) => expect(score).toBeCloseTo(fixture.formulas.lamp[name]![i]!, 12));
  });

  it('movement, gathered over three steps', () => {
    const optimizer = prune.pruning(optim.sgd(0.1), {
      score: prune.movement(),
      schedule: prune.oneShot(0.6, 3)
    });
    let position = {
      params: { w: tensor('plain') },
      state: own(optimizer.init({ w: tensor('plain') }))
    };
    for (const factor of [1, 2, 3, 0]) {
      const gradients = own({ w: tf.mul(tensor('gradient'), factor) });
      const { updates, state } = optimizer.update(gradients, position.state, position.params);
      own([updates as never, state]);
      position = { params: own(optim.applyUpdates(position.params, updates)), state };
    }
    const { scores, mask } = fixture.formulas.movement;
    const { memory, masks } = position.state as { memory: tf.Tensor; masks: prune.Masks };
    numbers(memory).forEach((score, i) => expect(score).toBeCloseTo(scores[i]!, 4));
    expect(numbers(masks)).toEqual(mask);
  });

  it('an exchange of RigL', () => {
    const [weights, gradient] = (['plain', 'gradient'] as const).map(name =>
      Float32Array.from(fixture.tensors[name].values)
    ) as [Float32Array, Float32Array];
    for (const { before, count, after } of fixture.formulas.rigl) {
      const mask = exchangeWeights(weights, gradient, Uint8Array.from(before), count);
      expect([...mask]).toEqual(after);
    }
  });

  it.each(['0.5', '0.9', '0.98'])('Erdős–Rényi at %s', sparsity => {
    const { shapes, sparsities: wanted } = fixture.formulas.erdos_renyi_kernel;
    const tensors = shapes.map(shape => ({ shape, size: shape.reduce((a, b) => a * b, 1) }));
    const found = sparsities(tensors, Number(sparsity));
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[sparsity]![i]!, 7));
  });
});

describe('training', () => {
  const { x, y, start, mask, reached } = fixture.torch.training;

  it.each([
    ['adam', () => optim.adam(0.05)],
    ['momentum', () => optim.sgd(0.05, { decay: 0.9 })]
  ] as const)('with masks and %s reaches what torch reaches', (name, make) => {
    const [inputs, targets] = [own(tf.tensor2d(x)), own(tf.tensor2d(y))];
    const optimizer = prune.masking(make(), own({ w: tf.tensor2d(mask, undefined, 'bool') }));
    const loss = ({ w }: { w: tf.Tensor }): tf.Scalar =>
      tf.mean(tf.square(tf.sub(tf.matMul(inputs, w as tf.Tensor2D), targets)));
    const params = own(
      prune.applyMasks(
        { w: own(tf.tensor2d(start)) },
        { w: own(tf.tensor2d(mask, undefined, 'bool')) }
      )
    );
    let at = { params, state: own(optimizer.init(params)) };
    for (let step = 0; step < 5; step++) {
      at = takeStep(optimizer, autodiff(), loss, at);
      own([at.params, at.state]);
    }
    numbers(at.params).forEach((w, i) => expect(w).toBeCloseTo(reached[name][i]!, 5));
  });

  it("finds the Hessian's diagonal that torch finds", () => {
    const { x, y, w, diagonal } = fixture.torch.hessian;
    const [inputs, targets] = [own(tf.tensor2d(x)), own(tf.tensor2d(y))];
    const loss = (params: { w: tf.Tensor }): tf.Scalar => {
      const logits = tf.matMul(inputs, params.w);
      return tf.losses.sigmoidCrossEntropy(targets, logits);
    };
    const found = own(
      prune.hessianDiagonal(loss, { w: own(tf.tensor2d(w)) }, { probes: 400, step: 0.05 })
    );
    numbers(found).forEach((h, i) => expect(Math.abs(h - diagonal[i]!)).toBeLessThan(0.02));
  });
});
