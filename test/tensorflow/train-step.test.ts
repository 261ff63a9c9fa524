import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { inVariables, type TrainPosition, trainStep } from '../../kernel-helpers/src/jit/index.ts';
import * as optim from '../../kernel-helpers/src/optim/index.ts';
import { useTensorFlow } from '../../kernel-helpers/src/runtime/index.ts';
import { leaves, release } from '../../kernel-helpers/src/tree.ts';
import { assertClose } from './close.ts';

before(async () => void (await useTensorFlow({ fallback: 'none' })));

type Params = { w: tf.Tensor; b: tf.Tensor };

const first = (): Params => ({ w: tf.tensor2d([[1], [-2], [0.5]]), b: tf.zeros([1]) });
const x = (): tf.Tensor => tf.randomUniform([16, 3], -1, 1, 'float32', 3);
const loss = ({ w, b }: Params, batch: tf.Tensor): tf.Scalar =>
  tf.mean(tf.square(tf.sub(tf.add(tf.matMul(batch, w), b), 1)));

/** The same steps, operation by operation. */
function plainly(optimizer: optim.Transform, steps: number): TrainPosition<Params> {
  const batch = x();
  let params = first();
  let state = optimizer.init(params);
  for (let i = 0; i < steps; i++) {
    const { grads } = tf.valueAndGrads((w: tf.Tensor, b: tf.Tensor) => loss({ w, b }, batch))([
      params.w,
      params.b
    ]);
    const updated = optimizer.update({ w: grads[0]!, b: grads[1]! }, state, params);
    params = optim.applyUpdates(params, updated.updates);
    state = updated.state;
  }
  return { params, state };
}

const falling = (step: number): number => 0.1 / (1 + step);

const optimizers: Record<string, () => optim.Transform> = {
  'sgd with a schedule': () => optim.sgd(falling),
  momentum: () => optim.sgd(0.1, { decay: 0.9 }),
  'adam with a schedule': () => optim.adam(falling),
  'a chain with clipping': () =>
    optim.chain(
      optim.clipByGlobalNorm(0.1),
      optim.scaleByAdam(),
      optim.scaleByLearningRate(falling)
    ),
  'adamw, lion and rmsprop by turns': () =>
    optim.chain(optim.rmsprop(0.5), optim.lion(0.1), optim.adamw(0.1)),
  'groups whose schedules part after some steps': () =>
    optim.partition(
      { weights: optim.sgd(step => (step < 4 ? 0.1 : 0.01)), biases: optim.sgd(() => 0.1) },
      path => (path === 'w' ? 'weights' : 'biases')
    ),
  'gradients of two steps accumulated': () => optim.accumulate(optim.adam(0.05), 2)
};

describe('trainStep', () => {
  for (const [name, make] of Object.entries(optimizers)) {
    it(`takes the steps of ${name}`, () => {
      const expected = plainly(make(), 7);
      const optimizer = make();
      const step = trainStep(optimizer, loss);
      const batch = x();
      const params = first();
      let position: TrainPosition<Params> = { params, state: optimizer.init(params) };
      for (let i = 0; i < 7; i++) {
        const next = step(position, batch);
        release([position.params, position.state]);
        next.loss.dispose();
        position = next;
      }
      assertClose(leaves(position.params), leaves(expected.params), 1e-5);
      assert.deepEqual(plainValues(position.state), plainValues(expected.state));
      assert.ok(step.report().length <= 2, `${step.report().length} recordings`);
    });
  }

  for (const [name, make] of Object.entries(optimizers)) {
    it(`takes the steps of ${name} in variables, in place`, () => {
      const expected = plainly(make(), 7);
      const optimizer = make();
      const step = trainStep(optimizer, loss);
      const batch = x();
      const params = first();
      const state = optimizer.init(params);
      const start = inVariables({ params, state });
      let position = start;
      let tensors = 0;
      for (let i = 0; i < 7; i++) {
        const next = step(position, batch);
        next.loss.dispose();
        if (i === 4) tensors = tf.memory().numTensors;
        position = next;
      }
      assertClose(leaves(position.params), leaves(expected.params), 1e-5);
      assert.deepEqual(plainValues(position.state), plainValues(expected.state));
      assert.equal(position.params.w, start.params.w);
      assert.deepEqual(leaves(position.state), leaves(start.state));
      assert.equal(tf.memory().numTensors, tensors);
      // What the variables were made of is as it was.
      assertClose(leaves(params), leaves(first()), 0);
      release([position.params, position.state]);
    });
  }

  it('records anew for other variables', () => {
    const optimizer = optim.adam(0.1);
    const step = trainStep(optimizer, loss);
    const [batch, params] = [x(), first()];
    const start = { params, state: optimizer.init(params) };
    const [one, two] = [inVariables(start), inVariables(start)];
    step(one, batch).loss.dispose();
    assertClose(leaves(two.params), leaves(params), 0);
    step(two, batch).loss.dispose();
    assertClose(leaves(one.params), leaves(two.params), 0);
    assert.equal(step.report().length, 2);
    release([one.params, one.state, two.params, two.state]);
  });

  it('gives the loss before the step', () => {
    const optimizer = optim.sgd(0.1);
    const params = first();
    const before = loss(params, x());
    const step = trainStep(optimizer, loss);
    assertClose([step({ params, state: optimizer.init(params) }, x()).loss], [before], 1e-6);
  });

  it('frees all but the new position', () => {
    const optimizer = optim.adam(falling);
    const step = trainStep(optimizer, loss);
    const batch = x();
    const params = first();
    let position: TrainPosition<Params> = { params, state: optimizer.init(params) };
    const advance = (): void => {
      const next = step(position, batch);
      release([position.params, position.state]);
      next.loss.dispose();
      position = next;
    };
    advance();
    const count = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) advance();
    assert.equal(tf.memory().numTensors, count);
  });
});

function plainValues(state: unknown): unknown {
  return JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (value instanceof tf.Tensor ? 'tensor' : value))
  );
}
