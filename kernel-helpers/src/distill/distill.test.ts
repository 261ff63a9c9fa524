import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Examples } from '../data/index.ts';
import { coded } from '../fixtures/coded.ts';
import { leakCheck, numbers } from '../fixtures/leaks.ts';
import { mlp } from '../models/index.ts';
import { adam } from '../optim/index.ts';
import { accuracy, predict } from '../training/index.ts';
import type { State } from '../tree.ts';
import * as distill from './index.ts';

const { own } = leakCheck();
const owned = <N extends { params: unknown }>(network: N): N => {
  own(network.params as State);
  return network;
};
const student = (seed = 0) => owned(mlp([2, 8, 3], { seed }));
const data = (examples = 40): Examples => {
  const inputs = own(tf.randomNormal([examples, 2], 0, 1, 'float32', 1));
  const targets = own(tf.tidy(() => tf.argMax(teach(inputs).logits!, 1)));
  return { inputs, targets };
};
/** Three classes by the angle of the input. */
const teach = (x: tf.Tensor): distill.Outputs => {
  const directions = tf.tensor2d([
    [3, -3, 0],
    [0, 1, -4]
  ]);
  const features = tf.matMul(x, directions);
  return { logits: features, features: tf.concat([features, x], 1) };
};
const teacher: distill.Teacher = { outputs: x => tf.tidy(() => teach(x) as tf.NamedTensorMap) };
const soft: distill.Term = { loss: (t, s) => distill.softTargets(t, s, { temperature: 2 }) };
const options = { teacher, terms: [soft], optimizer: adam(0.05), epochs: 30, batchSize: 20 };

describe('distill.fit', () => {
  it('teaches without a single target', async () => {
    const { inputs, targets } = data();
    const unknown = own(tf.zeros([40], 'int32'));
    const network = student();
    const before = numbers(network.params);
    const run = await distill.fit(
      network,
      { inputs, targets: unknown },
      { ...options, hard: { weight: 0 } }
    );
    own(run.params as State);
    expect(numbers(network.params as State)).toEqual(before);
    const logits = own(predict(network, run.params, inputs));
    expect(accuracy(targets, logits)).toBeGreaterThan(0.9);
  });

  it('trains a Layers model in place, with features through a projector', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 6, activation: 'tanh', inputShape: [2], name: 'hidden' }),
        tf.layers.dense({ units: 3 })
      ]
    });
    const named = distill.named(model, { features: 'hidden' });
    const projector = distill.denseProjector(6, 5);
    const loss: distill.Term['loss'] = (teacher, student) => distill.hint(teacher, student);
    const hinted: distill.Term = { teacher: 'features', student: 'features', projector, loss };
    const examples = data();
    const run = await distill.fit(named, examples, { ...options, terms: [soft, hinted] });
    own([run.params as State, run.projectors as unknown as State]);
    expect(run.projectors.map(p => Object.keys(p))).toEqual([[], ['weight', 'bias']]);
    expect(run.losses.at(-1)).toBeLessThan(run.losses[0]! / 2);
    const whole = await distill.fit(model, examples, options);
    own(whole.params as State);
    const logits = own(model.predict(examples.inputs) as tf.Tensor);
    expect(accuracy(examples.targets, logits)).toBeGreaterThan(0.9);
    model.dispose();
  });

  it('is the same with the teacher asked once as with each batch', async () => {
    const examples = data();
    const validation = data(7);
    const runs = [];
    for (const cache of [undefined, {}]) {
      const run = await distill.fit(student(), examples, {
        ...{ ...options, validation, cache },
        epochs: 3
      });
      own(run.params as State);
      runs.push([run.losses, run.epochs.map(epoch => epoch.validation)]);
    }
    const [live, cached] = runs.map(run => run.flat() as number[]);
    cached!.forEach((value, i) => expect(value).toBeCloseTo(live![i]!, 5));
  });

  it('lets an early layer learn from a late one', async () => {
    const deep: distill.NamedNetwork<{ early: tf.Tensor; late: tf.Tensor }> = {
      params: own({ early: tf.zeros([2, 3]), late: tf.ones([2, 3]) }),
      outputs: ({ early, late }, x) => ({
        logits: tf.matMul(x, late),
        early: tf.matMul(x, early)
      })
    };
    const term: distill.Term = { ...soft, from: 'student', student: 'early' };
    const run = await distill.fit(deep, data(), { ...options, teacher: undefined, terms: [term] });
    own(run.params);
    const apart = tf.tidy(() => {
      const [a, b] = [run.params.early, run.params.late].map(w => tf.sub(w, tf.mean(w, 1, true)));
      return tf.max(tf.abs(tf.sub(a!, b!))).dataSync()[0];
    });
    expect(apart).toBeLessThan(1);
  });

  it('passes through assistants and generations', async () => {
    const row = [16, 8, 4].map((size, seed) => owned(mlp([2, size, 3], { seed })));
    const examples = data();
    const reached = await distill.succession(teacher, row, examples, {
      ...options,
      hard: { weight: 0 }
    });
    own(reached.map(run => run.params as State));
    const logits = own(predict(row[2]!, reached[2]!.params, examples.inputs));
    expect(accuracy(examples.targets, logits)).toBeGreaterThan(0.85);
  });
});

describe('distill.fit refuses, and leaves the student as it was,', () => {
  const four: distill.Teacher = { outputs: x => ({ logits: tf.zeros([x.shape[0], 4]) }) };
  it.each<[string, object, string, string]>([
    ['a teacher of other classes', { teacher: four }, 'input/shape', "student's 3 classes"],
    ['no teacher', { teacher: undefined }, 'input/value', 'terms[0] learns from'],
    [
      'a model in place of a teacher',
      { teacher: { params: {}, apply: () => undefined } },
      'input/value',
      'teacherOf(model)'
    ],
    ['a teacher of other classes, asked once', { teacher: four, cache: {} }, 'input/shape', '3'],
    ['no terms', { terms: undefined }, 'input/value', '{ terms }'],
    ['a term without a loss', { terms: [{}] }, 'input/value', 'terms[0].loss'],
    ['nothing to learn', { terms: [], hard: { weight: 0 } }, 'input/value', 'at least one term'],
    ['a negative weight', { terms: [{ ...soft, weight: -1 }] }, 'input/value', 'terms[0].weight'],
    [
      'an unknown output',
      { terms: [{ ...soft, teacher: 'x' }] },
      'input/value',
      'logits, features'
    ],
    [
      'a temperature of 0',
      {
        terms: [
          { loss: (t: tf.Tensor, s: tf.Tensor) => distill.softTargets(t, s, { temperature: 0 }) }
        ]
      },
      'input/value',
      'temperature'
    ]
  ])('%s', async (_, extra, code, message) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    const before = model.getWeights().flatMap(numbers);
    const run = distill.fit(model, data(), { ...options, ...extra });
    await expect(run).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string
    });
    expect(model.getWeights().flatMap(numbers)).toEqual(before);
    model.dispose();
  });

  it('what is no model', () => {
    expect(() => distill.teacherOf(undefined as never)).toThrow(coded('input/structure'));
  });

  it('layers that are not there', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    expect(() => distill.named(model, { features: 'conv9' })).toThrow('expected a layer conv9');
    model.dispose();
  });
});

describe('a teacher', () => {
  const x = () => own(tf.tensor2d([[1, 2]]));
  const saying = (...logits: number[]): distill.Teacher => ({
    outputs: () => ({ logits: tf.tensor2d([logits]) })
  });
  const logits = (from: distill.Teacher): number[] => numbers(own({ ...from.outputs(x()) }));

  it('of several averages logits, or probabilities', () => {
    const two = [saying(0, 2), saying(2, 0)];
    expect(logits(distill.ensemble(two))).toEqual([1, 1]);
    expect(logits(distill.ensemble(two, { weights: [3, 1] }))).toEqual([0.5, 1.5]);
    const average = { average: 'probabilities', temperature: 2, weights: [1, 3] } as const;
    const mixed = logits(distill.ensemble(two, average));
    const share = 1 / (1 + Math.E);
    const expected = [share / 4 + (3 * (1 - share)) / 4, (1 - share) / 4 + (3 * share) / 4];
    expected.forEach((p, i) => expect(mixed[i]).toBeCloseTo(2 * Math.log(p), 5));
  });

  it('of several refuses weights and classes that do not fit', () => {
    expect(() => distill.ensemble([])).toThrow(coded('input/empty'));
    const two = [saying(0, 2), saying(1, 2, 3)];
    expect(() => distill.ensemble(two).outputs(x())).toThrow(coded('input/shape'));
    expect(() => distill.ensemble(two, { weights: [1] })).toThrow(coded('input/value'));
    expect(() => distill.ensemble(two, { weights: [0, 0] })).toThrow('got [0, 0]');
  });

  it('stays as it was in a snapshot', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
    const [past, present] = [distill.snapshot(model), distill.teacherOf(model)];
    const before = logits(past);
    expect(logits(present)).toEqual(before);
    model.setWeights(own([tf.ones([2, 2]), tf.ones([2])]));
    expect(logits(past)).toEqual(before);
    expect(logits(present)).toEqual([4, 4]);
    past.dispose();
    model.dispose();
  });

  it('is remembered in a file, which is no other teacher’s and of no other inputs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'joulebook-helpers-'));
    const file = join(folder, 'teacher.safetensors');
    const { inputs } = data();
    let asked = 0;
    const counting: distill.Teacher = {
      outputs: x => {
        asked += x.shape[0];
        return teacher.outputs(x);
      }
    };
    const ask = async (from = counting, of: tf.Tensor = inputs) =>
      own({ ...(await distill.teacherOutputs(from, of, { file, batchSize: 16 })) });
    const first = numbers(await ask());
    expect(asked).toBe(40);
    expect(numbers(await ask())).toEqual(first);
    expect(asked).toBe(44);
    const other: distill.Teacher = {
      outputs: x => tf.tidy(() => ({ ...teacher.outputs(tf.neg(x)) }))
    };
    await expect(ask(other)).rejects.toMatchObject({ code: 'io/format' });
    const fewer = own(tf.slice(inputs, 0, 8));
    await expect(ask(counting, fewer)).rejects.toThrow('for other inputs');
    writeFileSync(file, 'x');
    await expect(ask()).rejects.toMatchObject({ code: 'io/format' });
    rmSync(folder, { recursive: true });
  });
});
