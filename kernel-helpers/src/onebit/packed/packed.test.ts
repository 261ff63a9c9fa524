import * as tf from '@tensorflow/tfjs';
import { random } from '../../data/index.ts';
import { coded } from '../../fixtures/coded.ts';
import { leakCheck, numbers } from '../../fixtures/leaks.ts';
import {
  binaryConv2d,
  binaryDense,
  packModel,
  PackedConv2d,
  PackedDense,
  sizeReport,
  type Quantizer
} from '../index.ts';

const { own } = leakCheck();
const draw = random(11);
const signs = (size: number): Float32Array =>
  Float32Array.from({ length: size }, () => (draw.uniform() < 0.5 ? -1 : 1));
const upTo = (limit: number): number => 1 + Math.floor(draw.uniform() * limit);

describe('packed products equal those of floats', () => {
  it('for dense layers of random sizes', () => {
    for (let round = 0; round < 40; round++) {
      const [rows, inputs, outputs] = [upTo(9), upTo(400), upTo(40)];
      const [x, kernel] = [signs(rows * inputs), signs(inputs * outputs)];
      const float = tf.tidy(() =>
        numbers(tf.matMul(tf.tensor2d(x, [rows, inputs]), tf.tensor2d(kernel, [inputs, outputs])))
      );
      const packed = new PackedDense({ inputs, outputs, kernel });
      expect(Array.from(packed.apply(x))).toEqual(float);
    }
  });

  it('for more rows than are computed at once', () => {
    const [rows, inputs, outputs] = [300, 1024, 5];
    const [x, kernel] = [signs(rows * inputs), signs(inputs * outputs)];
    const float = tf.tidy(() =>
      numbers(tf.matMul(tf.tensor2d(x, [rows, inputs]), tf.tensor2d(kernel, [inputs, outputs])))
    );
    expect(Array.from(new PackedDense({ inputs, outputs, kernel }).apply(x))).toEqual(float);
  });

  it('for convolutions of random sizes, strides and paddings', () => {
    for (let round = 0; round < 40; round++) {
      const [height, width, channels, filters] = [upTo(7), upTo(7), upTo(70), upTo(9)];
      const kernelSize = upTo(Math.min(3, height, width));
      const [strides, padding] = [upTo(3), upTo(2) === 1 ? 'same' : 'valid'] as const;
      const [x, kernel] = [
        signs(2 * height * width * channels),
        signs(kernelSize ** 2 * channels * filters)
      ];
      const float = tf.tidy(() => {
        const pictures = tf.tensor4d(x, [2, height, width, channels]);
        const filter = tf.tensor4d(kernel, [kernelSize, kernelSize, channels, filters]);
        return numbers(tf.conv2d(pictures, filter, strides, padding));
      });
      const packed = new PackedConv2d({
        ...{ input: [height, width, channels], kernelSize, filters, kernel, strides, padding }
      });
      expect(Array.from(packed.apply(x))).toEqual(float);
    }
  });

  it('with factors and summands, and for inputs that count by their sign', () => {
    const plan = { inputs: 3, outputs: 2, kernel: Float32Array.of(1, -1, 1, 1, -1, 1) };
    const [scale, bias] = [Float32Array.of(0.5, 2), Float32Array.of(1, -1)];
    const packed = new PackedDense({ ...plan, scale, bias, accepts: 'signs' });
    // The signs of -2, 0 and 7 are -1, 1 and 1: the products are -1 and 3.
    expect(Array.from(packed.apply(Float32Array.of(-2, 0, 7)))).toEqual([0.5, 5]);
  });
});

describe('a packed model', () => {
  const conv = (args: { kernelQuantizer?: Quantizer; strides?: number; padValue?: -1 | 0 | 1 }) =>
    binaryConv2d({
      filters: 6,
      kernelSize: 3,
      padding: 'same',
      inputQuantizer: 'steSign',
      ...args
    });
  const input = () => own(tf.randomNormal([3, 8, 7, 1], 0, 1, 'float32', 3));
  const agree = (model: tf.LayersModel, x: tf.Tensor): void => {
    const packed = packModel(model);
    const [ours, theirs] = [own(packed.predict(x)), own(model.predict(x) as tf.Tensor)];
    expect(ours.shape).toEqual(theirs.shape);
    expect(numbers(ours)).toEqual(numbers(theirs));
  };

  it('predicts exactly what the model predicts', () => {
    const model = tf.sequential({
      layers: [
        binaryConv2d({ filters: 5, kernelSize: 3, inputShape: [8, 7, 1] }),
        tf.layers.batchNormalization(),
        conv({ padValue: 1 }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 1 }),
        conv({ strides: 2 }),
        conv({ padValue: -1 }),
        tf.layers.flatten(),
        binaryDense({ units: 9, inputQuantizer: 'approxSign', kernelQuantizer: 'swishSign' }),
        binaryDense({ units: 4, inputQuantizer: 'steSign', useBias: false }),
        tf.layers.softmax()
      ]
    });
    agree(model, input());
    expect(packModel(model).layers.map(layer => layer.packed)).toEqual(
      [0, 0, 1, 0, 1, 1, 0, 1, 1, 0].map(Boolean)
    );
    model.dispose();
  });

  it('keeps the scale of magnitude-aware kernels', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 7, 1] }),
        binaryDense({ units: 4, inputQuantizer: 'steSign', kernelQuantizer: 'magnitudeAwareSign' })
      ]
    });
    const x = input();
    const [ours, theirs] = [own(packModel(model).predict(x)), own(model.predict(x) as tf.Tensor)];
    numbers(ours).forEach((value, i) => expect(value).toBeCloseTo(numbers(theirs)[i]!, 5));
    model.dispose();
  });

  it('says why a layer stays as it is', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, inputShape: [4] }),
        binaryDense({ units: 3, inputQuantizer: 'doReFaActivations' }),
        binaryDense({ units: 3, inputQuantizer: 'steSign', kernelQuantizer: 'ternary' }),
        binaryDense({ units: 3 })
      ]
    });
    agree(model, own(tf.randomNormal([2, 4], 0, 1, 'float32', 1)));
    expect(packModel(model).layers.map(layer => layer.reason)).toEqual([
      'Dense has no bits',
      'its inputs are quantized by doReFaActivations, which gives no signs',
      'its kernel is quantized by ternary, which gives no signs',
      'its inputs are not quantized'
    ]);
    model.dispose();
  });

  it('takes models made of other models, and refuses those that branch', () => {
    const part = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
    const whole = tf.sequential({ layers: [part, tf.layers.softmax()] });
    agree(whole, own(tf.randomNormal([2, 4], 0, 1, 'float32', 1)));
    whole.dispose();
    const input = tf.input({ shape: [4] });
    const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
      layer.apply(x) as tf.SymbolicTensor;
    const first = apply(tf.layers.dense({ units: 4 }), input);
    const second = apply(tf.layers.dense({ units: 4 }), first);
    const chain = tf.model({ inputs: input, outputs: second });
    agree(chain, own(tf.randomNormal([2, 4], 0, 1, 'float32', 1)));
    const sum = apply(tf.layers.add({ name: 'residual' }), [first, second]);
    const branched = tf.model({ inputs: input, outputs: sum });
    expect(() => packModel(branched)).toThrow(/residual is used twice or takes other inputs/);
    expect(() => packModel(branched)).toThrow(coded('input/structure'));
    expect(() => packModel({} as never)).toThrow(coded('input/structure'));
    branched.dispose();
  });

  it('counts what it takes', () => {
    const model = tf.sequential({
      layers: [
        binaryDense({ units: 16, inputShape: [100], useBias: false }),
        tf.layers.batchNormalization({ scale: false }),
        binaryDense({ units: 10, kernelQuantizer: 'ternary' })
      ]
    });
    const { layers, bytes, floatBytes } = sizeReport(model);
    expect(layers.map(layer => layer.bytes)).toEqual([200, 128, 80]);
    expect([bytes, floatBytes]).toEqual([408, 6400 + 128 + 680]);
    model.dispose();
  });
});

describe('a packed layer refuses', () => {
  const plan = { inputs: 2, outputs: 2, kernel: signs(4) };

  it('inputs outside its range', () => {
    expect(() => new PackedDense(plan).apply(Float32Array.of(1, 0.5))).toThrow(
      'expected the input to be -1 or 1, got 0.5 at 1'
    );
    expect(() => new PackedDense(plan).apply(Float32Array.of(1, NaN))).toThrow(
      coded('input/value')
    );
  });

  it('kernels that are not binary, and sizes that do not fit', () => {
    const kernel = Float32Array.of(1, -1, 0, 1);
    expect(() => new PackedDense({ ...plan, kernel })).toThrow(coded('input/value'));
    expect(() => new PackedDense({ ...plan, inputs: 3 })).toThrow(coded('input/shape'));
    expect(() => new PackedDense({ ...plan, bias: signs(3) })).toThrow(coded('input/shape'));
    expect(() => new PackedDense(plan).apply(signs(3))).toThrow(coded('input/shape'));
    const conv = { input: [2, 2, 1], kernelSize: 3, filters: 1, kernel: signs(9) } as const;
    expect(() => new PackedConv2d(conv)).toThrow('expected the height of the output');
  });
});
