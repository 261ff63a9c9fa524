import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beale, quadratic, rosenbrock } from '../data/index.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { gradientDescent } from '../gradient-descent.ts';
import * as optim from './index.ts';

type Reached = Readonly<Record<string, readonly number[]>>;
const { cases } = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/objectives.json'), 'utf8')
) as {
  cases: Record<string, { problem: string; float64: Reached; float32: Reached }>;
};
const problems = { rosenbrock, beale, quadratic: quadratic([1, 10, 100]) };
const { own } = leakCheck();

const search = (): optim.Transform =>
  optim.chain(optim.scale(-1), optim.backtrack({ shorten: 0.5, lengthen: 1.5 }));
/** Our transform for each case of test/reference/helpers/objectives.py. */
const ours: Record<string, () => optim.Transform> = {
  'sam rosenbrock': () => optim.sam(optim.sgd(1e-4), 0.05),
  'sam beale': () => optim.sam(optim.sgd(1e-3), 0.2),
  'sam quadratic': () => optim.sam(optim.sgd(1e-3), 0.5),
  'backtrack rosenbrock': search,
  'backtrack beale': search,
  'backtrack quadratic': search
};

describe('each transform that looks at the loss reaches what its reference reaches', () => {
  it('has a counterpart for every case of the fixture', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(cases).sort());
  });

  it.each(Object.keys(ours))('%s', async name => {
    const { problem, float64, float32 } = cases[name]!;
    const { loss, start } = problems[problem as keyof typeof problems];
    for (const [step, expected] of Object.entries(float64)) {
      const from = own(problem === 'beale' ? tf.tensor1d([1, 1]) : start());
      const run = await gradientDescent(loss, from, {
        optimizer: ours[name]!(),
        steps: Number(step)
      });
      const reached = numbers(own(run.theta));
      // Where a step depends on a comparison of losses, the reference itself shows how much rounding changes.
      const rounding = expected.map((x, i) => Math.abs(x - float32[step]![i]!));
      const within = 1e-5 + 3 * Math.max(...rounding);
      expected.forEach((x, i) => expect(Math.abs(reached[i]! - x)).toBeLessThanOrEqual(within));
    }
  });
});
