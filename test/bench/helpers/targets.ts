import {
  data,
  estimators,
  fit,
  gradientDescent,
  models,
  optim,
  training,
  type Energy
} from 'kernel-helpers';
import type { BenchResult } from '../result.ts';

interface Outcome {
  reached: boolean;
  seconds: number;
  steps: number;
  energy: Energy;
}

type Run = (optimizer: optim.Transform, seed: number) => Promise<Outcome>;

interface Problem {
  name: string;
  run: Run;
  /** Factor of each optimiser's usual rate that suits the problem. */
  rates: number;
}

const seeds = [1, 2, 3, 4, 5];
const optimizers: [string, (factor: number) => optim.Transform][] = [
  ['sgd', f => optim.sgd(0.05 * f)],
  ['momentum', f => optim.sgd(0.01 * f, { decay: 0.9 })],
  ['nesterov', f => optim.sgd(0.01 * f, { decay: 0.9, nesterov: true })],
  ['adagrad', f => optim.adagrad(0.05 * f)],
  ['rmsprop', f => optim.rmsprop(0.005 * f)],
  ['adam', f => optim.adam(0.01 * f)],
  ['adamw', f => optim.adamw(0.01 * f)],
  ['nadam', f => optim.nadam(0.01 * f)],
  ['lion', f => optim.lion(0.002 * f)],
  ['schedule-free', f => optim.scheduleFreeAdamw(0.02 * f)]
];

const problems: Problem[] = [
  {
    name: 'linear regression, loss 0.02',
    rates: 2,
    run: async (optimizer, seed) => {
      const { inputs, targets } = data.linearRegression([2, -3, 1], { examples: 200, seed });
      const network = models.mlp([3, 1], { seed });
      const { loss, estimator } = estimators.minibatch(
        (params: typeof network.params, batch) =>
          training.meanSquaredError(batch.targets, network.apply(params, batch.inputs)),
        { inputs, targets },
        { batchSize: 50, seed }
      );
      const theta = network.params;
      return outcome(
        await gradientDescent(loss, theta, { optimizer, estimator, steps: 4000, untilLoss: 0.02 })
      );
    }
  },
  { name: 'sine by a perceptron, loss 0.02', rates: 1, run: fitted('sine') },
  { name: 'two spirals, loss 0.1', rates: 1, run: fitted('spirals') }
];

/** Joules and seconds to a target loss: ten optimisers, three problems, five seeds. */
export async function toTarget(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const { name, run, rates } of problems) {
    for (const [optimizer, make] of optimizers) {
      const outcomes: Outcome[] = [];
      for (const seed of seeds) outcomes.push(await run(make(rates), seed));
      results.push(summary(`${optimizer}, ${name}`, outcomes));
    }
  }
  return results;
}

function fitted(kind: 'sine' | 'spirals'): Run {
  return async (optimizer, seed) => {
    const sine = kind === 'sine';
    const examples = sine
      ? data.sineRegression({ examples: 128, seed })
      : data.twoSpirals({ examples: 128, noise: 0.01, seed });
    const network = models.mlp(sine ? [1, 32, 1] : [2, 32, 32, 2], { seed, activation: 'tanh' });
    const loss = sine ? training.meanSquaredError : training.crossEntropy;
    const untilLoss = sine ? 0.02 : 0.1;
    return outcome(
      await fit(network, examples, { loss, optimizer, batchSize: 64, seed, steps: 4000, untilLoss })
    );
  };
}

function outcome(run: {
  stopped: string;
  seconds: number;
  steps: number;
  energy: Energy;
}): Outcome {
  const { seconds, steps, energy } = run;
  return { reached: run.stopped === 'loss', seconds, steps, energy };
}

function summary(name: string, outcomes: readonly Outcome[]): BenchResult {
  const reached = outcomes.filter(run => run.reached);
  const known = reached.length > 0 && reached.every(run => run.energy.joules !== null);
  const [joules, seconds, steps] = [
    interval(reached.map(run => run.energy.joules ?? NaN)),
    interval(reached.map(run => run.seconds)),
    interval(reached.map(run => run.steps))
  ];
  const told = [
    `${reached.length} of ${outcomes.length} seeds`,
    `${text(steps)} steps`,
    ...(known ? [`${text(seconds)} s`, `energy ± ${joules.half.toPrecision(2)}`] : [])
  ];
  return {
    name: `${name}: ${told.join(', ')}`,
    ours: known ? joules.mean : seconds.mean,
    other: null,
    ratio: null,
    unit: known ? `J (${reached[0]?.energy.kind})` : 's',
    goal: 'reached with 5 of 5 seeds',
    met: reached.length === outcomes.length
  };
}

function text({ mean, half }: { mean: number; half: number }): string {
  return `${Number(mean.toPrecision(3))} ± ${Number(half.toPrecision(2))}`;
}

/** Mean and half the 95 % interval of the mean, by Student's t for five values. */
function interval(values: readonly number[]): { mean: number; half: number } {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const t = [NaN, NaN, 12.706, 4.303, 3.182, 2.776][n] ?? 2.776;
  return { mean, half: t * Math.sqrt(variance / n) };
}
