import * as tf from '@tensorflow/tfjs';
import { leakCheck, numbers } from './fixtures/leaks.ts';
import { ScriptedMeter, twoJoules } from './fixtures/meter.ts';
import { gradientDescent } from './gradient-descent.ts';

const { own } = leakCheck();
const square = (theta: tf.Tensor): tf.Scalar => tf.sum(tf.square(theta));
const start = () => own(tf.tensor1d([1, -2]));

describe('gradientDescent', () => {
  it('multiplies the error of a quadratic by 1 - alpha·lambda in each step, as theory says', async () => {
    const { theta, losses, steps, stopped } = await gradientDescent(square, start(), {
      alpha: 0.1,
      steps: 10
    });
    own(theta);
    const factor = (1 - 0.1 * 2) ** 10;
    expect(numbers(theta)[0]).toBeCloseTo(factor, 6);
    expect(numbers(theta)[1]).toBeCloseTo(-2 * factor, 6);
    expect([steps, stopped, losses.length]).toEqual([10, 'steps', 11]);
    expect(losses[0]).toBe(5);
    expect(losses[10]).toBeCloseTo(5 * factor ** 2, 6);
  });

  it('descends on records of tensors and leaves the start as it was', async () => {
    const theta0 = own({ w: tf.tensor2d([[3]]), b: tf.scalar(1) });
    const loss = ({ w, b }: typeof theta0): tf.Scalar => square(tf.add(w, b));
    const { theta } = await gradientDescent(loss, theta0, { learningRate: 0.25, steps: 1 });
    own(theta);
    expect([numbers(theta0), numbers(theta)]).toEqual([
      [3, 1],
      [1, -1]
    ]);
  });

  it("descends along the caller's own gradient but watches the loss", async () => {
    const gradient = (theta: tf.Tensor) => tf.mul(theta, 1);
    const { theta, losses } = await gradientDescent({ loss: square, gradient }, start(), {
      alpha: 0.5,
      steps: 1
    });
    expect([numbers(own(theta)), [...losses]]).toEqual([
      [0.5, -1],
      [5, 1.25]
    ]);
  });

  it('stops at a loss, at a time and at an abort', async () => {
    const options = { alpha: 0.1, steps: 1e6 };
    const atLoss = await gradientDescent(square, start(), { ...options, untilLoss: 1 });
    const atTime = await gradientDescent(square, start(), { ...options, maxSeconds: 1e-9 });
    const aborted = await gradientDescent(square, start(), {
      ...options,
      signal: AbortSignal.abort()
    });
    own([atLoss.theta, atTime.theta, aborted.theta]);
    expect([atLoss, atTime, aborted].map(run => run.stopped)).toEqual([
      'loss',
      'seconds',
      'aborted'
    ]);
    expect(atLoss.losses.at(-1)).toBeLessThan(1);
    expect(aborted.losses).toEqual([5]);
  });

  it('tells its progress after each step', async () => {
    const seen: number[] = [];
    const onProgress = ({ step, loss }: { step: number; loss: number }): unknown =>
      seen.push(step, loss);
    own((await gradientDescent(square, start(), { alpha: 0.5, steps: 2, onProgress })).theta);
    expect(seen).toEqual([1, 5, 2, 0]);
  });

  it('shares the energy of the run among its steps', async () => {
    const meter = new ScriptedMeter(twoJoules);
    await meter.listen();
    const { theta, energy, joulesPerStep } = await gradientDescent(square, start(), { steps: 4 });
    await meter.close();
    own(theta);
    expect([energy.joules, joulesPerStep.joules, joulesPerStep.kind]).toEqual([2, 0.5, 'measured']);
  });

  it('stops when the meter has attributed the joules of its budget', async () => {
    const meter = new ScriptedMeter(call =>
      call.route === 'GET /v1/measures/m-budget' ? [200, { joules: 3 }] : twoJoules(call)
    );
    await meter.listen();
    const options = { label: 'budget', steps: 1e5, maxJoules: 2.5 };
    const { theta, stopped } = await gradientDescent(square, start(), options);
    await meter.close();
    own(theta);
    expect(stopped).toBe('joules');
  });

  it('refuses to go on when the meter does not tell how much a budget has left', async () => {
    const meter = new ScriptedMeter(call =>
      call.route.startsWith('GET') ? [404, {}] : twoJoules(call)
    );
    await meter.listen();
    const run = gradientDescent(square, start(), { steps: 1e5, maxJoules: 2.5 });
    await expect(run).rejects.toMatchObject({ code: 'energy/missing' });
    await meter.close();
  });

  it.each([
    ['a diverging run', { alpha: 1e30, steps: 9 }, 'training/diverged'],
    ['a negative rate', { alpha: -0.1 }, 'input/value'],
    ['two different rates', { alpha: 0.1, learningRate: 0.2 }, 'input/value'],
    ['half a step', { steps: 0.5 }, 'input/value'],
    ['a budget in joules without a meter', { maxJoules: 1 }, 'energy/missing']
  ])('refuses %s with a code', async (_, options, code) => {
    process.env.JOULEBOOK_SOCKET = '/nonexistent/meter.sock';
    await expect(gradientDescent(square, start(), options)).rejects.toMatchObject({ code });
    delete process.env.JOULEBOOK_SOCKET;
  });

  it('refuses integer, disposed and absent parameters', async () => {
    const integer = own(tf.tensor1d([1], 'int32'));
    const gone = tf.scalar(1);
    gone.dispose();
    const descend = (theta: tf.Tensor | []) => gradientDescent(square as never, theta);
    await expect(descend(integer)).rejects.toMatchObject({ code: 'input/dtype' });
    await expect(descend(gone)).rejects.toMatchObject({ code: 'input/disposed' });
    await expect(descend([])).rejects.toMatchObject({ code: 'input/empty' });
  });

  it('refuses what is no loss and no optimiser of its own, by name', async () => {
    const descend = (loss: unknown, options = {}) =>
      gradientDescent(loss as typeof square, start(), options);
    await expect(descend(undefined)).rejects.toMatchObject({ code: 'input/value' });
    await expect(descend({ loss: 'mse' })).rejects.toThrow('the loss to be a function, got "mse"');
    const foreign = tf.train.sgd(0.1);
    await expect(descend(square, { optimizer: foreign })).rejects.toMatchObject({
      code: 'input/value',
      message: expect.stringContaining('got an object of class SGDOptimizer') as string
    });
    foreign.dispose();
  });

  it('refuses gradients that are not finite once they have led to no loss', async () => {
    const root = (theta: tf.Tensor) => tf.sum<tf.Scalar>(tf.sqrt(theta));
    const at = own(tf.tensor1d([0, 1]));
    await expect(gradientDescent(root, at, { steps: 3 })).rejects.toMatchObject({
      code: 'training/diverged'
    });
    expect(numbers(at)).toEqual([0, 1]);
  });

  it('refuses a loss that is no scalar or has no gradient', async () => {
    const vector = (theta: tf.Tensor) => tf.square(theta) as tf.Scalar;
    const constant = () => tf.scalar(1);
    await expect(gradientDescent(vector, start())).rejects.toMatchObject({ code: 'input/shape' });
    await expect(gradientDescent(constant, start())).rejects.toMatchObject({
      code: 'estimator/no-gradient'
    });
  });
});
