import * as tf from '@tensorflow/tfjs';
import { linearRegression } from '../../data/index.ts';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import { mlp } from '../../models/index.ts';
import * as optim from '../../optim/index.ts';
import { fit, meanSquaredError, readCheckpoint, type Network } from '../../training/index.ts';
import type { State } from '../../tree.ts';
import * as prune from '../index.ts';

const { own } = leakCheck();
const weights = 'layers.0.weight';

function problem() {
  const data = own({ ...linearRegression([2, -3, 0.1, 0.05], { examples: 40, noise: 0.01 }) });
  const network = mlp([4, 8, 1], { seed: 4 });
  own(network.params as State);
  return { data, network };
}

async function train(
  network: Network<ReturnType<typeof mlp>['params']>,
  data: { inputs: tf.Tensor; targets: tf.Tensor },
  optimizer: optim.Transform,
  steps: number
) {
  const saved: Uint8Array[] = [];
  const run = await fit(network, data, {
    loss: meanSquaredError,
    optimizer,
    steps,
    batchSize: 40,
    checkpoint: { every: steps, save: ({ bytes }) => void saved.push(bytes) }
  });
  own(run.params);
  const { params, state } = readCheckpoint(saved[0]!, network.params);
  own([params, state]);
  return { ...run, masks: prune.masksOf(state) };
}

describe('pruning during training', () => {
  const schedule = prune.polynomialDecay({ to: 0.75, end: 20, every: 5 });

  it('prunes along the schedule and learns all the same', async () => {
    const { data, network } = problem();
    const optimizer = prune.pruning(optim.adam(0.05), { schedule });
    const { params, losses, masks } = await train(network, data, optimizer, 150);
    const report = prune.sparsityReport(params, masks);
    expect(report.layers.every(({ zeros, masked }) => zeros >= (masked ?? 0))).toBe(true);
    expect(prune.countKept(masks)).toEqual({ kept: 10, all: 40 });
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 20);
  });

  it('keeps masks in checkpoints: a resumed run ends where a whole one does', async () => {
    const { data, network } = problem();
    const options = () => ({
      loss: meanSquaredError,
      optimizer: prune.pruning(optim.adam(0.05), { schedule, score: prune.movement() }),
      steps: 24,
      batchSize: 10
    });
    const saved: Uint8Array[] = [];
    const checkpoint = {
      every: 12,
      save: ({ bytes }: { bytes: Uint8Array }) => void saved.push(bytes)
    };
    const whole = await fit(network, data, { ...options(), checkpoint });
    const resumed = await fit(network, data, { ...options(), resume: saved[0]! });
    own([whole.params, resumed.params]);
    expect(numbers(resumed.params as State)).toEqual(numbers(whole.params as State));
  });

  it('lets masks shrink only, unless weights may come back', async () => {
    const { data, network } = problem();
    const rise = prune.constantSparsity(0.5, { every: 1 });
    for (const regrow of [false, true]) {
      const optimizer = prune.pruning(optim.sgd(0.05), {
        schedule: rise,
        score: prune.randomScore(),
        regrow
      });
      const { masks } = await train(network, data, optimizer, 5);
      expect(prune.countKept(masks).kept).toBe(20);
    }
  });

  it('refuses a missing schedule or optimiser', () => {
    for (const wrap of [
      () => prune.pruning(undefined as never, { schedule }),
      () => prune.masking('adam' as never, {}),
      () => prune.rigl(undefined as never, { sparsity: 0.5, until: 3 })
    ]) {
      expect(wrap).toThrow(coded('input/value'));
    }
    expect(() => prune.pruning(optim.sgd(1), {} as never)).toThrow(coded('input/value'));
  });
});

describe('masking', () => {
  const one = () => ({ w: own(tf.tensor1d([1, 2, 3])) });
  const mask = () => ({ w: own(tf.tensor1d([1, 0, 1], 'bool')) });

  it('gives kept weights the very update of the optimiser, and leads the others to exactly 0', () => {
    const params = one();
    const gradients = { w: own(tf.tensor1d([0.3, 0.7, 1e-7])) };
    const transform = prune.masking(optim.adamw(0.1, { weightDecay: 0.1 }), mask());
    const plain = optim.adamw(0.1, { weightDecay: 0.1 });
    const masked = transform.update(gradients, own(transform.init(params)), params);
    const free = plain.update(gradients, own(plain.init(params)), params);
    own([masked, free] as unknown as State);
    const [a, b] = [numbers(masked.updates), numbers(free.updates)];
    expect([a[0], a[2]]).toEqual([b[0], b[2]]);
    expect(numbers(own(optim.applyUpdates(params, masked.updates)))[1]).toBe(0);
  });

  it('shows an optimiser the gradients of kept weights alone, if asked to', () => {
    const params = one();
    const gradients = { w: own(tf.tensor1d([3, 100, 4])) };
    const clipped = optim.chain(optim.clipByGlobalNorm(1), optim.scale(-1));
    for (const [seen, norm] of [
      ['kept', 5],
      ['all', Math.hypot(3, 100, 4)]
    ] as const) {
      const transform = prune.masking(clipped, mask(), { gradients: seen });
      const { updates, state } = transform.update(gradients, own(transform.init(params)), params);
      own([updates as State, state]);
      expect(numbers(updates)[0]).toBeCloseTo(-3 / norm, 5);
    }
  });

  it('takes other masks between two steps', () => {
    const params = { w: tf.tensor1d([1, 2, 3]) };
    const transform = prune.masking(optim.sgd(1), mask());
    const position = { params, state: transform.init(params) };
    const next = prune.withMasks(position, { w: own(tf.tensor1d([0, 1, 1], 'bool')) });
    own(next as unknown as State);
    expect(numbers(next.params)).toEqual([0, 2, 3]);
    expect(numbers(prune.masksOf(next.state))).toEqual([0, 1, 1]);
    expect(params.w.isDisposed).toBe(true);
  });

  it('refuses a state without masks', () => {
    const params = one();
    const state = own(optim.adam().init(params));
    expect(() => prune.withMasks({ params, state }, mask())).toThrow(coded('optim/foreign-state'));
    expect(params.w.isDisposed).toBe(false);
  });

  it('refuses masks that do not fit, and keeps the position', () => {
    const params = one();
    const wrong = { w: own(tf.tensor1d([1, 0], 'bool')) };
    expect(() => prune.masking(optim.sgd(1), wrong).init(params)).toThrow(coded('input/shape'));
    const state = own(prune.masking(optim.sgd(1), mask()).init(params));
    expect(() => prune.withMasks({ params, state }, wrong)).toThrow(coded('input/shape'));
    expect(params.w.isDisposed).toBe(false);
  });
});

describe('RigL', () => {
  it('keeps the sparsity from the first step to the last, and changes places until it ends', async () => {
    const { data, network } = problem();
    const options = { sparsity: 0.5, every: 4, until: 30, distribution: 'uniform' } as const;
    const transform = prune.rigl(optim.adam(0.05), options);
    const first = own(transform.init(network.params));
    expect(prune.countKept(prune.masksOf(first))).toEqual({ kept: 20, all: 40 });
    const { params, losses, masks } = await train(network, data, transform, 120);
    expect(prune.countKept(masks)).toEqual({ kept: 20, all: 40 });
    expect(numbers(masks)).not.toEqual(numbers(prune.masksOf(first)));
    expect(
      prune
        .sparsityReport(params, masks)
        .layers.every(({ zeros, masked }) => zeros >= (masked ?? 0))
    ).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 20);
  });

  it('starts grown weights at 0 and leaves kept ones alone at a change', () => {
    const params = { w: own(tf.tensor2d([[1, 2, 3, 4, 5, 6, 7, 8]])) };
    const gradients = { w: own(tf.tensor2d([[8, 7, 6, 5, 4, 3, 2, 1]])) };
    const transform = prune.rigl(optim.sgd(1), {
      sparsity: 0.5,
      every: 1,
      until: 100,
      exchange: 0.5,
      distribution: 'uniform'
    });
    const mask = own(tf.tensor2d([[0, 0, 0, 0, 1, 1, 1, 1]], undefined, 'bool'));
    const state = { ...(own(transform.init(params)) as object), step: 1, masks: { w: mask } };
    const masked = own(prune.applyMasks(params, { w: mask }));
    const { updates, state: next } = transform.update(gradients, state, masked);
    own([updates, next]);
    expect(numbers(prune.masksOf(next))).toEqual([1, 0, 0, 0, 0, 1, 1, 1]);
    expect(numbers(own(optim.applyUpdates(masked, updates)))).toEqual([0, 0, 0, 0, 0, 6, 7, 8]);
  });

  it.each([{ sparsity: 1 }, { until: 0 }, { every: 0.5 }, { exchange: 0 }])('refuses %j', wrong => {
    expect(() => prune.rigl(optim.sgd(1), { sparsity: 0.5, until: 10, ...wrong })).toThrow(
      coded('input/value')
    );
  });
});

describe('a lottery ticket', () => {
  it('goes back to the first weights after each round, with a fifth of the rest pruned', async () => {
    const { data, network } = problem();
    const seen: number[] = [];
    const ticket = await prune.lotteryTicket(network, {
      rounds: 3,
      share: path => (path === weights ? 0.2 : 0.1),
      train: async (start, masks) => {
        seen.push(prune.countKept(masks).kept);
        const run = await fit(start, data, {
          loss: meanSquaredError,
          optimizer: prune.masking(optim.adam(0.05), masks),
          steps: 10,
          batchSize: 40
        });
        return run.params;
      }
    });
    const { masks, start, trained, rounds } = ticket;
    own([masks, start, trained]);
    expect(seen).toEqual([40, 33, 26, 22]);
    expect(rounds.map(({ left }) => left * 40)).toEqual(seen);
    expect(numbers(start as State)).toEqual(
      numbers(own(prune.applyMasks(network.params, masks)) as State)
    );
    expect(prune.sparsityReport(trained, masks).zeros).toBeGreaterThanOrEqual(18);
  });

  it('leaves no tensor when the training fails', async () => {
    const { network } = problem();
    const train = (): never => {
      throw new Error('out of power');
    };
    await expect(prune.lotteryTicket(network, { rounds: 1, train })).rejects.toThrow(
      'out of power'
    );
    const search = (options: object) =>
      prune.lotteryTicket(network, { rounds: 1, train: () => network.params, ...options });
    for (const [options, code] of [
      [{ train: undefined }, 'input/value'],
      [{ train: () => undefined }, 'input/structure'],
      [{ rewindTo: { layers: [] } }, 'input/structure'],
      [{ share: 1 }, 'input/value']
    ] as const) {
      await expect(search(options)).rejects.toMatchObject({ code });
    }
  });
});
