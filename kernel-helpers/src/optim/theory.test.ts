import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beale, booth, branin, himmelblau, powell, quadratic, rosenbrock } from '../data/index.ts';
import { finiteDifferences } from '../estimators/index.ts';
import { autodiff } from '../estimators/autodiff.ts';
import { coded } from '../fixtures/coded.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { gradientDescent } from '../gradient-descent.ts';
import { dot } from './arithmetic.ts';
import * as optim from './index.ts';

const { own } = leakCheck();

describe('on quadratics, theory is exact', () => {
  it('an error shrinks by 1 - alpha·lambda along each eigenvector', async () => {
    const { loss, start } = quadratic([1, 0.5, 0.1]);
    const { theta } = await gradientDescent(loss, own(start()), { alpha: 0.8, steps: 20 });
    numbers(own(theta)).forEach((x, i) =>
      expect(x).toBeCloseTo((1 - 0.8 * [1, 0.5, 0.1][i]!) ** 20, 6)
    );
  });

  it('the best constant rate shrinks the error by (k - 1)/(k + 1) in each step', async () => {
    const [low, high] = [1, 9];
    const { loss, start } = quadratic([low, high]);
    const options = { alpha: 2 / (low + high), steps: 30 };
    const { theta } = await gradientDescent(loss, own(start()), options);
    numbers(own(theta)).forEach(x => expect(Math.abs(x)).toBeCloseTo(0.8 ** 30, 6));
  });

  it('heavy ball with the best rate and momentum shrinks it by (√k - 1)/(√k + 1)', async () => {
    const [low, high] = [1, 100];
    const decay = ((Math.sqrt(high) - Math.sqrt(low)) / (Math.sqrt(high) + Math.sqrt(low))) ** 2;
    const rate = 4 / (Math.sqrt(high) + Math.sqrt(low)) ** 2;
    const { loss, start } = quadratic([low, high]);
    const run = async (steps: number): Promise<number> => {
      const optimizer = optim.sgd(rate, { decay });
      const { theta } = await gradientDescent(loss, own(start()), { optimizer, steps });
      return Math.hypot(...numbers(own(theta)));
    };
    // The error is a polynomial in the step times the rate to its power; the ratio of two late ones shows the rate.
    const perStep = ((await run(60)) / (await run(30))) ** (1 / 30);
    expect(perStep).toBeGreaterThan(9 / 11);
    expect(perStep).toBeLessThan(9 / 11 + 0.03);
  });

  it('L-BFGS ends within a few steps more than there are dimensions', async () => {
    const { loss, start } = quadratic([1, 10, 100]);
    const run = await gradientDescent(loss, own(start()), {
      optimizer: optim.lbfgs(),
      steps: 60,
      untilLoss: 1e-10
    });
    own(run.theta);
    expect(run.stopped).toBe('loss');
  });
});

describe('the classical test functions', () => {
  it.each([rosenbrock, booth, beale, branin, powell, himmelblau])(
    '$name is smallest at its minima',
    f => {
      for (const point of f.minima) {
        const value = own(f.loss(own(tf.tensor1d([...point])))).dataSync()[0];
        expect(value).toBeCloseTo(f.minimum, 4);
      }
    }
  );

  it.each([rosenbrock, booth, beale, branin, himmelblau])(
    '$name is minimised by L-BFGS',
    async f => {
      const optimizer = optim.lbfgs();
      const run = await gradientDescent(f.loss, own(f.start()), {
        optimizer,
        steps: 300,
        untilLoss: f.minimum + 1e-4
      });
      const reached = numbers(own(run.theta));
      const distances = f.minima.map(point => Math.hypot(...point.map((x, i) => x - reached[i]!)));
      expect(Math.min(...distances)).toBeLessThan(0.05);
    }
  );

  it.each([rosenbrock, beale, powell])("$name's gradient agrees with finite differences", f => {
    const point = own(tf.tidy(() => tf.add<tf.Tensor1D>(f.start(), 0.3)));
    const exact = own(autodiff()(f.loss, point) as never) as { gradient: tf.Tensor };
    const near = own(finiteDifferences(1e-2)(f.loss, point) as never) as { gradient: tf.Tensor };
    const [a, b] = [numbers(exact.gradient), numbers(near.gradient)];
    a.forEach((x, i) => expect(Math.abs(x - b[i]!)).toBeLessThan(2e-2 * (1 + Math.abs(x))));
  });
});

describe("L-BFGS with Wolfe's conditions", () => {
  const reference = JSON.parse(
    readFileSync(join(__dirname, '../fixtures/line_searches.json'), 'utf8')
  ) as { target: number; cases: Record<string, { evaluations: number; end: number[] }> };
  const problems = { rosenbrock, beale, quadratic: quadratic([1, 10, 100]) };

  it.each(Object.keys(problems) as (keyof typeof problems)[])(
    "%s: ends where torch's does, and asks for at most as many gradients and one a step",
    async name => {
      const { loss, start } = problems[name];
      const { evaluations, end } = reference.cases[name]!;
      let asked = 0;
      const exact = autodiff();
      const from = name === 'beale' ? tf.tensor1d([1, 1]) : start();
      const run = await gradientDescent(loss, own(from), {
        optimizer: optim.lbfgs(),
        estimator: (f, at) => {
          asked++;
          return exact(f, at);
        },
        steps: 100,
        untilLoss: reference.target
      });
      numbers(own(run.theta)).forEach((x, i) => expect(Math.abs(x - end[i]!)).toBeLessThan(0.02));
      expect(asked).toBeLessThanOrEqual(1.25 * evaluations + run.steps + 1);
    }
  );

  it('a step fulfils both conditions', () => {
    const at = own(tf.tensor1d([-1.2, 1]));
    const evaluateAt = (params: optim.Context['gradient']) => {
      const { loss, gradient } = autodiff()(rosenbrock.loss, params as tf.Tensor1D);
      return { loss: own(loss).dataSync()[0]!, gradient };
    };
    const { loss, gradient } = evaluateAt(at);
    const direction = own(tf.neg(own(gradient as tf.Tensor)));
    const context = { loss, gradient, evaluateAt };
    const search = optim.wolfe({ curvature: 0.1 });
    const { updates } = search.update(direction, search.init(at), at, context);
    const end = evaluateAt(own(tf.add(at, own(updates as tf.Tensor))));
    const slope = (g: optim.Evaluation['gradient']) => dot(direction, own(g));
    expect(end.loss).toBeLessThan(loss);
    expect(Math.abs(slope(end.gradient))).toBeLessThanOrEqual(
      0.1 * Math.abs(dot(direction, gradient))
    );
  });

  it.each([{ slope: 0 }, { slope: 0.5, curvature: 0.4 }, { curvature: 1 }, { maxTries: 0 }])(
    '%j is refused',
    options => {
      expect(() => optim.wolfe(options)).toThrow(coded('input/value'));
    }
  );
});

describe('invariances', () => {
  const follow = (transform: optim.Transform, gradients: number[][]): number[] => {
    let at = own(tf.tensor1d([1, -1]));
    let state = own(transform.init(at));
    for (const values of gradients) {
      const updated = transform.update(own(tf.tensor1d(values)), state, at);
      own([updated.updates as tf.Tensor]);
      at = own(optim.applyUpdates(at, updated.updates));
      state = own(updated.state);
    }
    return numbers(at);
  };
  const gradients = [
    [0.5, -2],
    [1, 0.25],
    [-0.75, 1],
    [2, -1]
  ];
  const scaled = gradients.map(row => row.map(x => 1024 * x));

  it.each([
    ['signSgd', () => optim.signSgd(0.1)],
    ['signum', () => optim.signum(0.1)],
    ['lion', () => optim.lion(0.1)],
    ['adam without epsilon', () => optim.adam(0.1, { epsilon: 0 })],
    ['adagrad without start', () => optim.adagrad(0.1, { initial: 0, epsilonRoot: 0 })]
  ])('%s does not see the scale of the loss', (_, make) => {
    const [a, b] = [follow(make(), gradients), follow(make(), scaled)];
    a.forEach((x, i) => expect(b[i]).toBeCloseTo(x, 5));
  });

  it.each([
    ['sgd', (rate: number) => optim.sgd(rate)],
    ['nesterov', (rate: number) => optim.sgd(rate, { decay: 0.9, nesterov: true })]
  ])('%s moves 1024 times as far for 1024 times the loss', (_, make) => {
    const [a, b] = [follow(make(0.1), gradients), follow(make(0.1 / 1024), scaled)];
    a.forEach((x, i) => expect(b[i]).toBeCloseTo(x, 5));
  });

  it('the first step of Adam is its rate, whatever the gradient', () => {
    expect(follow(optim.adam(0.1, { epsilon: 0 }), [[1e-6, -1e6]])[0]).toBeCloseTo(0.9, 6);
  });

  it('accumulating equal gradients is one step along them', () => {
    const thrice = follow(optim.accumulate(optim.adam(0.1), 3), [
      [1, 2],
      [1, 2],
      [1, 2]
    ]);
    follow(optim.adam(0.1), [[1, 2]]).forEach((x, i) => expect(thrice[i]).toBeCloseTo(x, 6));
  });

  it("an orthogonalised matrix has singular values near 1, whatever the matrix's", () => {
    const matrix = own(tf.randomNormal<tf.Rank.R2>([6, 4], 0, 5, 'float32', 3));
    const product = tf.tidy(() => {
      const o = optim.orthogonalize(matrix, 10);
      return tf.matMul(o, o, true, false);
    });
    const trace = tf.tidy(() => tf.sum(tf.mul(product, tf.eye(4))).dataSync()[0]!);
    own(product);
    expect(trace).toBeGreaterThan(4 * 0.5);
    expect(trace).toBeLessThan(4 * 1.5);
  });
});

describe('where signSGD cannot work', () => {
  it('climbs a line whose mean slope is up-hill, because most gradients point the other way', async () => {
    // f(x) = x/4 on [-1, 1] with gradients 4 (one in four) and -1: the mean is 1/4, most signs point up.
    const end = async (make: (rate: number) => optim.Transform): Promise<number> => {
      const transform = make(0.01);
      let at = own(tf.scalar(0));
      let state = own(transform.init(at));
      for (let step = 0; step < 400; step++) {
        const gradient = own(tf.scalar(step % 4 === 0 ? 4 : -1));
        const updated = transform.update(gradient, state, at);
        own(updated.updates);
        at = own(tf.clipByValue(own(optim.applyUpdates(at, updated.updates)), -1, 1));
        state = own(updated.state);
      }
      return Promise.resolve(numbers(at)[0]!);
    };
    expect(await end(optim.signSgd)).toBeCloseTo(1, 1);
    expect(await end(rate => optim.sgd(rate))).toBeCloseTo(-1, 1);
  });

  it('stays on the line x + y = 2 of a least-squares problem whose gradients share one direction of signs', () => {
    // ⟨a, x⟩² with a = ±(1, -1) + ε(1, 1): every gradient is a multiple of a, whose signs are ±(1, -1).
    const rows = [
      [1.5, -0.5],
      [-0.5, 1.5]
    ];
    const reach = (transform: optim.Transform): number[] => {
      let at = own(tf.tensor1d([1, 1]));
      let state = own(transform.init(at));
      for (let step = 0; step < 300; step++) {
        const a = own(tf.tensor1d(rows[step % 2]!));
        const gradient = own(tf.tidy(() => tf.mul(a, tf.mul(2, tf.sum(tf.mul(a, at))))));
        const updated = transform.update(gradient, state, at);
        own(updated.updates);
        at = own(optim.applyUpdates(at, updated.updates));
        state = own(updated.state);
      }
      return numbers(at);
    };
    const [x, y] = reach(optim.signSgd(0.01)) as [number, number];
    expect(x + y).toBeCloseTo(2, 4);
    reach(optim.sgd(0.1)).forEach(value => expect(value).toBeCloseTo(0, 3));
  });
});

describe('sharpness-aware minimisation', () => {
  it('descends along the gradient at the edge of its ball', async () => {
    // On ½λx² the gradient at x + rho is λ(x + rho).
    const { loss } = quadratic([2]);
    const optimizer = optim.sam(optim.sgd(0.1), 0.5);
    const { theta } = await gradientDescent(loss, own(tf.tensor1d([1])), { optimizer, steps: 1 });
    expect(numbers(own(theta))[0]).toBeCloseTo(1 - 0.1 * 2 * 1.5, 6);
  });
});
