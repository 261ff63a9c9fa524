import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { cosine } from '../schedules/index.ts';
import { release, type State } from '../tree.ts';
import * as optim from './index.ts';

type Layer = { bias: number[]; weight: number[][] };
type Reached = Record<'1' | '2' | '10' | '100', number[]>;
interface Fixture {
  params: Layer;
  gradients: Layer[];
  cases: Record<string, Record<'float64' | 'float32', Reached>>;
}

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/optimizers.json'), 'utf8')
) as Fixture;
const { chain, scale } = optim;
const rate = 0.05;
const falling = cosine(rate, { steps: 80 });
const clipped = (clip: optim.Transform) => chain(clip, scale(-rate));
const weights = (path: string) => path === 'weight';
const keras = { convention: 'keras' } as const;

/** Our optimiser for each case of test/reference/helpers/optimizers.py. */
const ours: Record<string, () => optim.Transform> = {
  sgd: () => optim.sgd(rate),
  'sgd cosine': () => optim.sgd(falling),
  momentum: () => optim.sgd(rate, { decay: 0.9 }),
  nesterov: () => optim.sgd(rate, { decay: 0.9, nesterov: true }),
  adagrad: () => optim.adagrad(rate),
  adadelta: () => optim.adadelta(1),
  rmsprop: () => optim.rmsprop(rate),
  'rmsprop centred': () => optim.rmsprop(rate, { centred: true, epsilonRoot: 1e-3 }),
  'rmsprop momentum': () => optim.rmsprop(rate, { momentum: 0.9 }),
  'rmsprop nesterov cosine': () => optim.rmsprop(falling, { momentum: 0.9, nesterov: true }),
  'rmsprop epsilon outside': () => optim.rmsprop(rate, { epsilonRoot: 0, epsilon: 1e-3 }),
  adam: () => optim.adam(rate),
  'adam large epsilon': () => optim.adam(rate, { epsilon: 1e-2, epsilonRoot: 1e-3 }),
  'adamw masked': () => optim.adamw(rate, { weightDecay: 0.1, mask: weights }),
  'nadam constant': () => optim.nadam(rate, { momentumDecay: Infinity }),
  radam: () => optim.radam(rate),
  'amsgrad corrected': () => optim.amsgrad(rate, { maximumOf: 'corrected' }),
  adamax: () => optim.adamax(rate, { epsilon: 1e-3 }),
  lion: () => optim.lion(rate, { weightDecay: 0.1 }),
  lamb: () => optim.lamb(rate, { weightDecay: 0.1 }),
  lars: () => optim.lars(rate, { weightDecay: 0.1, mask: weights, trustMask: weights }),
  adafactor: () => optim.adafactor(rate),
  'adafactor factored': () =>
    optim.adafactor(rate, { minDimension: 2, momentum: 0.9, weightDecay: 0.01 }),
  signSgd: () => optim.signSgd(rate),
  signum: () => optim.signum(rate),
  muon: () =>
    optim.muon(rate, { weightDecay: 0.1, others: optim.nadam(rate, { momentumDecay: Infinity }) }),
  scheduleFreeSgd: () => optim.scheduleFreeSgd(rate),
  scheduleFreeAdamw: () => optim.scheduleFreeAdamw(rate, { weightDecay: 0.1 }),
  lbfgs: () => chain(optim.scaleByLbfgs({ memory: 3, anyCurvature: true }), scale(-rate)),
  clipByValue: () => clipped(optim.clipByValue(0.3)),
  clipByGlobalNorm: () => clipped(optim.clipByGlobalNorm(0.8)),
  clipByRms: () => clipped(optim.clipByRms(0.4)),
  clipAdaptive: () => clipped(optim.clipAdaptive(0.1)),
  ema: () => clipped(optim.ema(0.9)),
  'ema biased': () => clipped(optim.ema(0.9, { debias: false })),
  'weight decay before': () =>
    chain(optim.addDecayedWeights(0.1), optim.scaleByAdam(), scale(-rate)),
  accumulate: () => optim.accumulate(optim.adam(rate), 3),
  partition: () =>
    optim.partition({ fast: optim.adam(rate), slow: optim.sgd(rate / 10) }, path =>
      weights(path) ? 'fast' : 'slow'
    ),
  inject: () =>
    optim.injectHyperparameters(({ learningRate }) => optim.adam(learningRate, { beta1: 0.8 }), {
      learningRate: falling
    }),
  'keras sgd momentum': () => optim.sgd(rate, { decay: 0.9 }),
  'keras nesterov': () => optim.sgd(rate, { decay: 0.9, nesterov: true }),
  'keras adagrad': () => optim.adagrad(rate),
  'keras adadelta': () => optim.adadelta(1, { decay: 0.95, epsilonRoot: 1e-7 }),
  'keras rmsprop': () => optim.rmsprop(rate, { epsilonRoot: 1e-3 }),
  'keras rmsprop centred momentum': () =>
    optim.rmsprop(rate, { centred: true, momentum: 0.9, epsilonRoot: 1e-3 }),
  'keras adam': () => optim.adam(rate, { epsilon: 1e-2, ...keras }),
  'keras amsgrad': () => optim.amsgrad(rate, { epsilon: 1e-2, ...keras }),
  'keras adamax': () => optim.adamax(rate, { epsilon: 1e-2, ...keras }),
  'keras nadam': () => optim.nadam(rate, { momentumDecay: 1, epsilon: 1e-7 }),
  'keras adamw': () => optim.adamw(rate, { weightDecay: 0.1, epsilon: 1e-7, ...keras }),
  'keras lion': () => optim.lion(rate),
  'keras clipnorm': () => clipped(optim.clipByNorm(0.5)),
  'torch dampening': () => optim.sgd(rate, { decay: 0.9, dampening: 0.5 }),
  'torch weight decay': () =>
    chain(optim.addDecayedWeights(0.1), optim.sgd(rate, { decay: 0.9, nesterov: true })),
  'torch adagrad': () => optim.adagrad(rate, { initial: 0, epsilonRoot: 0, epsilon: 1e-2 }),
  'torch adadelta': () => optim.adadelta(1),
  'torch rmsprop': () => optim.rmsprop(rate, { epsilonRoot: 0, epsilon: 1e-2 }),
  'torch rmsprop centred momentum': () =>
    optim.rmsprop(rate, { epsilonRoot: 0, epsilon: 1e-1, centred: true, momentum: 0.9 }),
  'torch adam': () => optim.adam(rate, { epsilon: 1e-2 }),
  'torch adamw': () => optim.adamw(rate, { weightDecay: 0.1 }),
  'torch adamw of the paper': () =>
    optim.adamw(rate, { weightDecay: 0.02, multiplier: step => falling(step) / rate }),
  'torch amsgrad': () => optim.amsgrad(rate, { epsilon: 1e-2 }),
  'torch adamax': () => optim.adamax(rate, { epsilon: 1e-2 }),
  'torch nadam': () => optim.nadam(rate, { epsilon: 1e-2 }),
  'torch radam': () => optim.radam(rate, { epsilon: 1e-2, ...keras }),
  'torch adafactor': () => optim.adafactor(rate, { minDimension: 2, weightDecay: rate * 0.01 }),
  'torch momentum cosine': () => optim.sgd(falling, { decay: 0.9 }),
  'torch rmsprop momentum cosine': () =>
    optim.rmsprop(falling, { epsilonRoot: 0, epsilon: 1e-2, momentum: 0.9, convention: 'torch' }),
  'torch average': () => chain(optim.adam(rate, { epsilon: 1e-2 }), optim.averageParams('polyak')),
  'torch exponential average': () =>
    chain(optim.adam(rate, { epsilon: 1e-2 }), optim.averageParams(0.9)),
  'keras momentum cosine': () => optim.sgd(falling, { decay: 0.9, convention: 'keras' }),
  'keras nesterov cosine': () =>
    optim.sgd(falling, { decay: 0.9, nesterov: true, convention: 'keras' }),
  'skip not finite': () => optim.skipNonFinite(optim.adam(rate))
};

/** What is compared where it is not the parameters. */
const reachedBy: Record<string, (state: State) => State> = {
  'torch average': averageOf,
  'torch exponential average': averageOf
};

function averageOf(state: State): State {
  const { states } = state as unknown as { states: readonly optim.Averaged[] };
  return states[1]!.average;
}

leakCheck();

const tensors = ({ bias, weight }: Layer) => ({
  bias: tf.tensor1d(bias),
  weight: tf.tensor2d(weight)
});

function run(name: string): Reached {
  const transform = ours[name]!();
  const reached: Partial<Reached> = {};
  let params = tensors(fixture.params);
  let state = transform.init(params);
  fixture.gradients.forEach((values, index) => {
    const isBroken = name === 'skip not finite' && (index + 1) % 7 === 3;
    const gradients = tensors(isBroken ? { ...values, bias: values.bias.map(() => NaN) } : values);
    const updated = transform.update(gradients, state, params);
    const next = optim.applyUpdates(params, updated.updates);
    const old: State = [params, state, gradients, updated.updates];
    release(old, next, updated.state);
    [params, state] = [next, updated.state];
    if ([1, 2, 10, 100].includes(index + 1))
      reached[`${index + 1}` as keyof Reached] = numbers(reachedBy[name]?.(state) ?? params);
  });
  release([params, state]);
  return reached as Reached;
}

describe('each optimiser reaches what its reference reaches', () => {
  it('has a counterpart for every case of the fixture', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(fixture.cases).sort());
  });

  it.each(Object.keys(ours))('%s', name => {
    const reached = run(name);
    const off: unknown[] = [];
    for (const step of ['1', '2', '10', '100'] as const) {
      const { float64, float32 } = fixture.cases[name]!;
      // Where a rule amplifies rounding, as L-BFGS does, the reference itself shows by how much.
      const rounding = Math.max(...float64[step].map((x, i) => Math.abs(x - float32[step][i]!)));
      const within = 1e-5 + 3 * rounding;
      [float64[step], float32[step]].forEach((expected, precision) => {
        const worst = Math.max(...expected.map((x, i) => Math.abs(x - reached[step][i]!)));
        if (!(worst <= within))
          off.push({ precision: ['float64', 'float32'][precision], step, worst, within });
      });
    }
    expect(off).toEqual([]);
  });
});
