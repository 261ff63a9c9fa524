import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { decodeTree, encodeTree } from '../io/index.ts';
import { cosine } from '../schedules/index.ts';
import type { State, Tree } from '../tree.ts';
import * as optim from './index.ts';
import { coded } from '../fixtures/coded.ts';

const { chain, partition, masked, scale, sgd, adam } = optim;
const { own } = leakCheck();
const params = () => own({ head: tf.tensor1d([1, 2]), body: [tf.tensor1d([3]), tf.scalar(4)] });
const ones = (like: Tree) => own(optimZeros(like, 1));

function optimZeros(tree: Tree, value: number): Tree {
  if (tree instanceof tf.Tensor) return tf.fill(tree.shape, value);
  if (Array.isArray(tree)) return tree.map((item: Tree) => optimZeros(item, value));
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [key, optimZeros(item, value)])
  );
}

function updateOnce(transform: optim.Transform, gradients?: Tree): optim.Updated {
  const at = params();
  const state = own(transform.init(at));
  const updated = transform.update(gradients ?? ones(at), state, at);
  own([updated.updates, updated.state] as State);
  return updated;
}

describe('chain', () => {
  it('passes updates from part to part', () => {
    expect(numbers(updateOnce(chain(scale(2), scale(3))).updates)).toEqual([6, 6, 6, 6]);
  });

  it('without parts passes gradients unchanged', () => {
    expect(numbers(updateOnce(chain()).updates)).toEqual([1, 1, 1, 1]);
  });
});

describe('step', () => {
  it.each([
    ['a chain', adam(0.1)],
    ['a chain that ends otherwise', sgd(0.1, { decay: 0.9, convention: 'keras' })],
    ['a chain without parts', chain()],
    ['a factor', sgd(0.1)],
    ['a schedule', sgd(cosine(0.1, { steps: 10 }))],
    ['groups', partition({ head: sgd(0.1), body: adam(0.1) }, path => path.split('.')[0]!)],
    ['a transform of its own', { ...sgd(0.1) }]
  ])('of %s is the update added to the parameters, and holds nothing else', (_, transform) => {
    const at = params();
    const state = own(transform.init(at));
    const { updates, state: expected } = transform.update(ones(at), state, at);
    own([updates as State, expected]);
    const next = own(
      optim.step(transform, ones(at), { params: at, state }) as State
    ) as unknown as {
      params: Tree;
      state: State;
    };
    expect(numbers(next.params)).toEqual(numbers(own(optim.applyUpdates(at, updates))));
    expect(numbers(next.state)).toEqual(numbers(expected));
  });

  it('takes a transform that updates two parameters by one tensor', () => {
    const still = optim.stateless('still', () => {
      const zero = tf.zeros([2]);
      return { a: zero, b: zero };
    });
    const at = own({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) });
    const transform = chain(still, scale(2));
    const next = optim.step(transform, at, { params: at, state: own(transform.init(at)) });
    own(next as unknown as State);
    expect(numbers(next.params)).toEqual([1, 2, 3, 4]);
  });

  it('refuses gradients and states that do not fit, and leaves the position as it was', () => {
    const at = params();
    const short = own({ head: tf.tensor1d([1]), body: [tf.tensor1d([3]), tf.scalar(4)] });
    const position = { params: at, state: own(adam().init(at)) };
    expect(() => optim.step(adam(), short, position)).toThrow(coded('input/shape'));
    expect(() => optim.step(sgd(1), ones(at), position)).toThrow(coded('optim/foreign-state'));
    expect(numbers(at)).toEqual([1, 2, 3, 4]);
  });
});

describe('partition and masked', () => {
  it('give each group its own transform', () => {
    const transform = partition({ fast: scale(10), slow: scale(0.5) }, path =>
      path === 'head' ? 'fast' : path === 'body.0' ? 'slow' : undefined
    );
    expect(numbers(updateOnce(transform).updates)).toEqual([10, 10, 0.5, 1]);
  });

  it('see the shape of a leaf as well as its path', () => {
    expect(numbers(updateOnce(masked(scale(-1), (_, leaf) => leaf.rank === 0)).updates)).toEqual([
      1, 1, 1, -1
    ]);
  });

  it('name a group that has no transform', () => {
    const transform = partition({ a: scale(1) }, () => 'b');
    expect(() => transform.init(params())).toThrow('the group of head to be one of a, got b');
  });
});

describe('injectHyperparameters', () => {
  it('keeps the values of each step in its state', () => {
    const transform = optim.injectHyperparameters(({ rate }) => sgd(rate), {
      rate: cosine(0.1, { steps: 4 })
    });
    expect(updateOnce(transform).state).toMatchObject({ count: 1, values: { rate: 0.1 } });
  });

  it('lets a number be changed while it runs', () => {
    const transform = optim.injectHyperparameters(({ rate }) => sgd(rate), { rate: 1 });
    const at = params();
    const state = optim.setHyperparameters(own(transform.init(at)), { rate: 3 });
    const { updates } = transform.update(ones(at), state, at);
    expect(numbers(own(updates))).toEqual([-3, -3, -3, -3]);
    expect(() => optim.setHyperparameters(state, { beta: 1 })).toThrow(
      'expected one of rate, got beta'
    );
    expect(() => optim.setHyperparameters({ count: 1 }, { rate: 1 })).toThrow(
      coded('optim/foreign-state')
    );
  });
});

describe('a transform refuses', () => {
  it('the state of another', () => {
    const at = params();
    const state = own(sgd(1, { decay: 0.9 }).init(at));
    expect(() => adam().update(ones(at), state, at)).toThrow(
      'expected a state of chain(scaleByAdam, scale), got a state of chain(momentum, scale)'
    );
    expect(() => adam().update(ones(at), null, at)).toThrow('something that is no state');
  });

  it('gradients that do not fit the parameters, and a state for others', () => {
    const at = params();
    const state = own(adam().init(at));
    const short = own({ head: tf.tensor1d([1]), body: [tf.tensor1d([3]), tf.scalar(4)] });
    expect(() => adam().update(short, state, at)).toThrow('expected shape [2] at head, got [1]');
    expect(() => adam().update(short, state, short)).toThrow(coded('input/shape'));
  });

  it.each([
    ['a negative rate', () => sgd(-0.1)],
    ['a decay of 1', () => optim.momentum({ decay: 1 })],
    ['a rate that is NaN', () => adam(NaN)],
    ['a negative epsilon', () => adam(1, { epsilon: -1 })],
    ['a norm of 0', () => optim.clipByGlobalNorm(0)],
    ['half a step', () => optim.accumulate(sgd(1), 0.5)],
    ['an epsilon below 0 for adagrad', () => optim.adagrad(1, { epsilonRoot: -1 })],
    ['an epsilon below 0 for adadelta', () => optim.adadelta(1, { epsilonRoot: -1 })],
    ['an epsilon below 0 for rmsprop', () => optim.rmsprop(1, { epsilon: -1 })],
    ['an epsilon below 0 for trust ratios', () => optim.scaleByTrustRatio({ epsilon: -1 })],
    ['a rate of decay below 0 for adafactor', () => optim.adafactor(1, { decayRate: -1 })],
    ['a smallest norm below 0', () => optim.clipAdaptive(0.1, -1)],
    ['a momentum decay below 0', () => optim.nadam(1, { momentumDecay: -1 })],
    ['a threshold that is NaN', () => optim.radam(1, { threshold: NaN })],
    ['half an iteration', () => optim.muon(1, { steps: 0.5 })],
    ['a weight that is NaN', () => optim.scheduleFreeSgd(1, { weightPower: NaN })],
    ['a search that promises too much', () => optim.backtrack({ slope: 1 })],
    ['a search that shortens as it lengthens', () => optim.backtrack({ lengthen: 0.5 })],
    ['a number as part of a chain', () => chain(adam(), 0.1 as never)],
    ['a missing mask', () => masked(adam(), undefined as never)],
    ['a missing transform of a group', () => partition({ a: undefined as never }, () => 'a')],
    ['a missing maker', () => optim.injectHyperparameters(undefined as never, {})],
    ['a missing inner optimiser', () => optim.sam(undefined as never)]
  ])('%s', (_, make) => {
    expect(make).toThrow(coded('input/value'));
  });

  it('a schedule that gives no number, naming the step', () => {
    expect(() => updateOnce(sgd(() => NaN))).toThrow(
      'the schedule at step 0 to be a finite number'
    );
  });

  it('to search or sharpen without an objective', () => {
    for (const transform of [optim.sam(sgd(1)), optim.lbfgs()]) {
      const at = params();
      const state = own(transform.init(at));
      expect(() => transform.update(ones(at), state, at)).toThrow(coded('optim/no-objective'));
    }
  });
});

describe('gradients that are not finite', () => {
  const broken = () => own({ head: tf.tensor1d([1, NaN]), body: [tf.tensor1d([3]), tf.scalar(4)] });

  it('are named by requireFinite', () => {
    expect(() => updateOnce(optim.requireFinite(), broken())).toThrow('got NaN in head');
  });

  it('are skipped without touching the state, until there are too many in a row', () => {
    const transform = optim.skipNonFinite(sgd(1, { decay: 0.5 }), 1);
    const at = params();
    const start = own(transform.init(at));
    const first = transform.update(broken(), start, at);
    own([first.updates, first.state] as State);
    expect(numbers(first.updates)).toEqual([0, 0, 0, 0]);
    expect(first.state).toMatchObject({ skipped: 1, inARow: 1 });
    expect(() => transform.update(broken(), first.state, at)).toThrow(coded('optim/not-finite'));
    const good = transform.update(ones(at), first.state, at);
    own([good.updates, good.state] as State);
    expect(good.state).toMatchObject({ skipped: 1, inARow: 0 });
  });
});

describe('averageParams', () => {
  it.each([
    ['polyak' as const, 2],
    [0.5, 2.25]
  ])('follows the parameters with %p', (decay, expected) => {
    const transform = optim.averageParams(decay);
    let at = own(tf.tensor1d([0]));
    let state = own(transform.init(at));
    for (let step = 0; step < 3; step++) {
      const updated = transform.update(own(tf.tensor1d([1])), state, at);
      at = own(optim.applyUpdates(at, updated.updates));
      state = own(updated.state);
    }
    expect(numbers((state as { average: State }).average)).toEqual([expected]);
  });
});

describe('schedule-free training', () => {
  it('gives the average of the fast sequence to evaluate at', () => {
    const transform = optim.scheduleFreeSgd(1);
    let at = own(tf.tensor1d([0]));
    let state = own(transform.init(at));
    for (let step = 0; step < 3; step++) {
      const updated = transform.update(own(tf.tensor1d([-1])), state, at);
      own(updated.updates);
      at = own(optim.applyUpdates(at, updated.updates));
      state = own(updated.state);
    }
    // The fast sequence goes 1, 2, 3.
    expect(numbers(own(optim.averagedParams(state, at)))[0]).toBeCloseTo(2, 5);
    expect(() => optim.averagedParams(null, at)).toThrow(coded('optim/foreign-state'));
  });
});

describe('a state', () => {
  const transforms: Record<string, () => optim.Transform> = {
    adam: () => adam(0.1),
    lbfgs: () => chain(optim.scaleByLbfgs({ memory: 2, anyCurvature: true }), scale(-0.1)),
    muon: () => optim.muon(0.1),
    'schedule-free': () => optim.scheduleFreeSgd(0.1),
    accumulate: () => optim.accumulate(optim.rmsprop(0.1, { centred: true, momentum: 0.9 }), 2),
    partition: () => partition({ a: adam(0.1) }, path => (path === 'm' ? 'a' : undefined))
  };

  it.each(Object.keys(transforms))('of %s that was saved and read goes on bit for bit', name => {
    const run = (from: number, to: number, at: Tree, state: State): [Tree, State] => {
      const transform = transforms[name]!();
      let position: [Tree, State] = [at, state];
      for (let step = from; step < to; step++) {
        const gradients = own({
          m: tf.randomNormal([3, 2], 0, 1, 'float32', step),
          v: tf.fill([2], Math.cos(step))
        });
        const updated = transform.update(gradients, position[1], position[0]);
        own(updated.updates);
        position = [own(optim.applyUpdates(position[0], updated.updates)), own(updated.state)];
      }
      return position;
    };
    const start = own({ m: tf.ones([3, 2]), v: tf.zeros([2]) });
    const half = run(0, 5, start, own(transforms[name]!().init(start)));
    const [at, state] = own(decodeTree(encodeTree(half as State))) as [Tree, State];
    const resumed = run(5, 10, at, state);
    const whole = run(5, 10, ...half);
    expect(encodeTree(resumed as State)).toEqual(encodeTree(whole as State));
  });
});
