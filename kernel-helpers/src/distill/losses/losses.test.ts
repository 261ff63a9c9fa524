import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import { crossEntropy } from '../../training/index.ts';
import * as distill from '../index.ts';

type Side = number[] | number[][];
interface Fixture {
  inputs: { targets: number[] } & Record<string, { teacher: Side; student: Side }>;
  cases: Record<
    string,
    { kind: string } & Record<'float64' | 'float32', { loss: number; gradients: number[][] }>
  >;
}
type Loss = (teacher: tf.Tensor[], student: tf.Tensor[], targets: tf.Tensor) => tf.Scalar;

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/distill.json'), 'utf8')
) as Fixture;
const { own } = leakCheck();

const of =
  (loss: (teacher: tf.Tensor, student: tf.Tensor, targets: tf.Tensor) => tf.Scalar): Loss =>
  ([teacher], [student], targets) =>
    loss(teacher!, student!, targets);
const flows =
  (convention: 'paper' | 'torchdistill'): Loss =>
  ([a, b], [c, d]) =>
    distill.flow(distill.flowMatrix(a!, b!), distill.flowMatrix(c!, d!), { convention });
const soft = (options: distill.SoftTargetsOptions): Loss =>
  of((t, s) => distill.softTargets(t, s, options));

/** Our loss for each case of test/reference/distill/make_fixtures.py. */
const ours: Record<string, Loss> = {
  softTargets: soft({}),
  'softTargets without T squared': soft({ squared: false }),
  'softTargets sum': soft({ temperature: 3, reduction: 'sum' }),
  'softTargets mean': soft({ temperature: 3, reduction: 'mean' }),
  'softTargets cross-entropy': soft({ temperature: 3, measure: 'crossEntropy' }),
  'hard and soft': of((t, s, targets) =>
    tf.add(
      tf.mul(0.3, crossEntropy(targets, s)),
      tf.mul(0.7, distill.softTargets(t, s, { temperature: 2 }))
    )
  ),
  decoupled: of((t, s, targets) => distill.decoupled(t, s, targets)),
  'decoupled weights': of((t, s, targets) =>
    distill.decoupled(t, s, targets, { alpha: 0.5, beta: 2, temperature: 1 })
  ),
  dist: of((t, s) => distill.dist(t, s, { beta: 2, gamma: 0.5 })),
  'dist tau 4': of((t, s) => distill.dist(t, s, { temperature: 4 })),
  hint: of((t, s) => distill.hint(t, s)),
  'hint of the paper': of((t, s) => distill.hint(t, s, { reduction: 'batch', half: true })),
  attention: of((t, s) => distill.attention(t, s)),
  'attention of the paper': of((t, s) => distill.attention(t, s, { convention: 'paper' })),
  similarity: of((t, s) => distill.similarity(t, s)),
  'similarity l1': of((t, s) => distill.similarity(t, s, { norm: 'l1' })),
  relational: of((t, s) => distill.relational(t, s)),
  'relational distances': of((t, s) => distill.relational(t, s, { distance: 25, angle: 0 })),
  flow: flows('paper'),
  'flow of torchdistill': flows('torchdistill')
};

function tensors(side: Side, kind: string): tf.Tensor[] {
  const list = kind === 'flows' ? (side as number[][]) : [side];
  return own(list.map(values => tf.tensor(values as number[])));
}

function sidesOf(name: string) {
  const { kind } = fixture.cases[name]!;
  const { teacher, student } = fixture.inputs[kind]!;
  const targets = own(tf.tensor1d(fixture.inputs.targets, 'int32'));
  return { teacher: tensors(teacher, kind), student: tensors(student, kind), targets };
}

describe('each loss and its gradient are those of torch', () => {
  it('has a counterpart for every case of the fixture', () => {
    expect(Object.keys(ours).sort()).toEqual(Object.keys(fixture.cases).sort());
  });

  it.each(Object.keys(ours))('%s', name => {
    const { teacher, student, targets } = sidesOf(name);
    const { value, grads } = tf.valueAndGrads((...at: tf.Tensor[]) =>
      ours[name]!(teacher, at, targets)
    )(student);
    own([value, ...grads]);
    const gradients = grads.flatMap(numbers);
    for (const precision of ['float64', 'float32'] as const) {
      const { loss, gradients: expected } = fixture.cases[name]![precision];
      const scale = Math.max(1, Math.abs(loss));
      expect(Math.abs(numbers(value)[0]! - loss) / scale).toBeLessThan(2e-5);
      const flat = (expected as unknown as number[]).flat(4);
      expect(gradients).toHaveLength(flat.length);
      expect(Math.max(...gradients.map((g, i) => Math.abs(g - flat[i]!)))).toBeLessThan(1e-4);
    }
  });
});

describe('each gradient', () => {
  it.each(Object.keys(ours))('of %s agrees with finite differences', name => {
    const { teacher, student, targets } = sidesOf(name);
    const at = (direction: tf.Tensor[], step: number): number =>
      tf.tidy(() => {
        const moved = student.map((x, i) => tf.add(x, tf.mul(direction[i]!, step)));
        return ours[name]!(teacher, moved, targets).dataSync()[0]!;
      });
    const direction = own(student.map((x, i) => tf.randomNormal(x.shape, 0, 1, 'float32', 7 + i)));
    const slope = tf.tidy(() => {
      const grads = tf.grads((...x: tf.Tensor[]) => ours[name]!(teacher, x, targets))(student);
      return tf.addN(grads.map((g, i) => tf.sum(tf.mul(g, direction[i]!)))).dataSync()[0]!;
    });
    const step = 2 ** -7;
    const numeric = (at(direction, step) - at(direction, -step)) / (2 * step);
    expect(Math.abs(slope - numeric)).toBeLessThan(0.01 * Math.max(1, Math.abs(slope)));
  });

  it('of soft targets is T(q - p) over the examples', () => {
    const [p, q] = [own(tf.tensor2d([[2, 0, 1]])), own(tf.tensor2d([[0, 1, 0]]))];
    const gradient = own(tf.grad(s => distill.softTargets(p, s, { temperature: 5 }))(q));
    const expected = tf.tidy(() =>
      numbers(tf.mul(5, tf.sub(tf.softmax(tf.div(q, 5)), tf.softmax(tf.div(p, 5)))))
    );
    numbers(gradient).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });
});

describe('a loss refuses', () => {
  const zeros = (...shape: number[]) => own(tf.zeros(shape));

  it('a temperature of 0', () => {
    const logits = zeros(2, 3);
    const refuse = (loss: () => unknown) => expect(loss).toThrow('the temperature to be');
    refuse(() => distill.softTargets(logits, logits, { temperature: 0 }));
    refuse(() => distill.decoupled(logits, logits, logits, { temperature: -1 }));
    refuse(() => distill.dist(logits, logits, { temperature: NaN }));
    expect(() => distill.softTargets(logits, logits, { temperature: 0 })).toThrow(
      coded('input/value')
    );
  });

  it('logits without an axis of examples, and targets of another number', () => {
    const [one, two] = [own(tf.zeros([3])), own(tf.zeros([2, 3]))];
    expect(() => distill.softTargets(one, one)).toThrow(coded('input/shape'));
    expect(() => distill.decoupled(two, two, own(tf.zeros([5], 'int32')))).toThrow(
      coded('input/shape')
    );
  });

  it('a teacher of other classes', () => {
    const refuse = (loss: () => unknown) => {
      expect(loss).toThrow("a teacher of the student's 3 classes, got one of 4");
      expect(loss).toThrow(coded('input/shape'));
    };
    refuse(() => distill.softTargets(zeros(2, 4), zeros(2, 3)));
    refuse(() => distill.decoupled(zeros(2, 4), zeros(2, 3), zeros(2)));
    refuse(() => distill.dist(zeros(2, 4), zeros(2, 3)));
  });

  it('features that do not fit', () => {
    const shape = coded('input/shape');
    expect(() => distill.hint(zeros(2, 4), zeros(2, 3))).toThrow(shape);
    expect(() => distill.attention(zeros(2, 4, 4, 1), zeros(2, 3, 3, 1))).toThrow(shape);
    expect(() => distill.attention(zeros(2, 4), zeros(2, 4))).toThrow(shape);
    expect(() => distill.similarity(zeros(2, 4), zeros(3, 4))).toThrow(shape);
    expect(() => distill.relational(zeros(2, 4), zeros(3, 4))).toThrow(shape);
    expect(() => distill.flowMatrix(zeros(1, 3, 3, 1), zeros(1, 2, 2, 1))).toThrow(shape);
    expect(() => distill.relational(zeros(2, 4), zeros(2, 4), { angle: -1 })).toThrow(
      coded('input/value')
    );
  });
});
