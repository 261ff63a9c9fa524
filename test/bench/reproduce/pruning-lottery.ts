import { data, measure, models, optim, prune, type Energy } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import type { BenchResult } from '../result.ts';
import { setting, steps, tellCut } from './setting.ts';
import { energyRows, type Mean, meanOf, shown } from './summary.ts';
import { allKept, errorOf, inferences, train } from './train.ts';

type Params = ReturnType<typeof models.leNet300>['params'];
type Digits = Awaited<ReturnType<typeof data.mnist>>;
type Part = Digits['train'];

/** One training: where validation was best, and the error on the test set at the end. */
interface Outcome {
  readonly params: Params;
  readonly bestStep: number;
  readonly error: number;
}

const every = 100;
const batchSize = 60;
const rounds = 7;

/** Frankle and Carbin 2019, arXiv:1803.03635: LeNet-300-100 with 21 % of its weights left. */
export async function lottery(): Promise<BenchResult[]> {
  const length = steps(8000);
  tellCut(
    'lottery ticket',
    `${length} steps a round instead of 50,000; validation every ${every} steps`
  );
  const digits = await data.mnist();
  const [training, validation] = [part(digits.train, 0, 55_000), part(digits.train, 55_000, 5000)];
  const found: Record<'dense' | 'ticket' | 'redrawn', Outcome[]> = {
    dense: [],
    ticket: [],
    redrawn: []
  };
  const costs = { training: [] as Energy[], before: [] as Energy[], after: [] as Energy[] };
  for (const seed of setting.seeds) {
    const learn = (params: Params, masks: prune.Masks): Outcome =>
      trainWatched({ ...models.leNet300({ seed }), params }, masks, {
        training,
        validation,
        test: digits.test,
        length,
        seed
      });
    const network = models.leNet300({ seed });
    const outcomes: Outcome[] = [];
    const { value: ticket, energy } = await measure('ticket', () =>
      prune.lotteryTicket(network, {
        rounds: setting.small ? 1 : rounds,
        // The output layer is pruned half as fast, as in the paper.
        share: path => (path === 'layers.2.weight' ? 0.1 : 0.2),
        train: (start, masks) => {
          const outcome = learn(start.params, masks);
          outcomes.push(outcome);
          return outcome.params;
        }
      })
    );
    const fresh = prune.applyMasks(models.leNet300({ seed: seed + 1000 }).params, ticket.masks);
    const dense = trainWatched(network, allKept(network.params), {
      training,
      validation,
      test: digits.test,
      length,
      seed
    });
    found.dense.push(dense);
    found.ticket.push(outcomes.at(-1)!);
    found.redrawn.push(learn(fresh, ticket.masks));
    costs.training.push(energy);
    costs.before.push(
      (await measure('before', inferences(network, dense.params, digits.test.inputs))).energy
    );
    costs.after.push(
      (await measure('after', inferences(network, ticket.trained, digits.test.inputs))).energy
    );
  }
  return [...rows(found), ...energyRows('lottery ticket', costs)];
}

function trainWatched(
  network: ReturnType<typeof models.leNet300>,
  masks: prune.Masks,
  given: { training: Part; validation: Part; test: Part; length: number; seed: number }
): Outcome {
  let [best, bestStep] = [Infinity, 0];
  const params = train(network, given.training, {
    optimizer: prune.masking(optim.adam(1.2e-3), masks),
    steps: given.length,
    batchSize,
    seed: given.seed,
    before: (run, step) => {
      if (step % every === 0) {
        const loss = lossOf(network, run.params, given.validation);
        if (loss < best) [best, bestStep] = [loss, step];
      }
      return run;
    }
  });
  return { params, bestStep, error: errorOf(network, params, given.test) };
}

function lossOf(
  network: ReturnType<typeof models.leNet300>,
  params: Params,
  { inputs, targets }: Part
): number {
  return tf.tidy(() => {
    const wanted = tf.oneHot(tf.cast(targets, 'int32'), 10);
    const logits = network.apply(params, inputs);
    return tf.losses.softmaxCrossEntropy(wanted, logits).dataSync()[0]!;
  });
}

function part({ inputs, targets }: Part, from: number, count: number): Part {
  return { inputs: tf.slice(inputs, from, count), targets: tf.slice(targets, from, count) };
}

function rows(found: Record<'dense' | 'ticket' | 'redrawn', Outcome[]>): BenchResult[] {
  const mean = (of: Outcome[], what: 'bestStep' | 'error'): Mean =>
    meanOf(of.map(outcome => outcome[what]));
  const [dense, ticket, redrawn] = [
    mean(found.dense, 'bestStep'),
    mean(found.ticket, 'bestStep'),
    mean(found.redrawn, 'bestStep')
  ];
  const [denseError, error, redrawnError] = [
    mean(found.dense, 'error'),
    mean(found.ticket, 'error'),
    mean(found.redrawn, 'error')
  ];
  return [
    {
      name: `lottery ticket, 21 % left: best validation at step ${shown(ticket)} beside dense ${shown(dense)} (paper: 38 % sooner)`,
      ours: ticket.mean,
      other: dense.mean,
      ratio: ticket.mean / dense.mean,
      unit: 'steps',
      goal: 'at most 0.8 of dense',
      met: ticket.mean <= 0.8 * dense.mean
    },
    {
      name: `lottery ticket, 21 % left: best validation at step ${shown(ticket)} beside redrawn weights ${shown(redrawn)} (paper: 2.51 times faster)`,
      ours: ticket.mean,
      other: redrawn.mean,
      ratio: ticket.mean / redrawn.mean,
      unit: 'steps',
      goal: 'at most 0.67 of redrawn',
      met: ticket.mean <= 0.67 * redrawn.mean
    },
    {
      name: `lottery ticket, 21 % left: test error ${shown(error)} % beside dense ${shown(denseError)} % and redrawn ${shown(redrawnError)} %`,
      ours: error.mean,
      other: denseError.mean,
      ratio: error.mean / denseError.mean,
      unit: '%',
      goal: 'no more than dense, less than redrawn',
      met: error.mean <= denseError.mean && error.mean < redrawnError.mean
    }
  ];
}
