import { checkNumber } from '../../errors.ts';
import { layAxis, type Axis } from '../layers/geometry.ts';
import {
  checkSigns,
  checkSize,
  packColumns,
  wordFloats,
  type Affine,
  type Columns
} from './columns.ts';
import { roundUp } from './layout.ts';

/** A convolution to be packed. */
export interface Conv2dPlan extends Affine {
  /** Height, width and channels of the pictures. */
  readonly input: readonly [height: number, width: number, channels: number];
  /** Height and width of the kernel. */
  readonly kernelSize: number;
  /** Channels of the output. */
  readonly filters: number;
  /** −1 and 1, of shape [kernelSize, kernelSize, channels, filters]. */
  readonly kernel: Float32Array;
  /** From one output to the next. @default 1 */
  readonly strides?: number;
  /** Whether the picture keeps its size. @default 'valid' */
  readonly padding?: 'same' | 'valid';
  /** What `same` adds around the picture. @default 0 */
  readonly padValue?: number;
  /** `signs`: inputs count by their sign, that of 0 being 1. `binary`: inputs must be −1 and 1. @default 'binary' */
  readonly accepts?: 'binary' | 'signs';
}

/** A convolution of bits, one picture at a time: each output is the product of a row of pixels with the kernel. */
export class PackedConv2d {
  readonly #plan: Required<Omit<Conv2dPlan, 'scale' | 'bias'>>;
  readonly #columns: Columns;
  readonly #rows: Axis;
  readonly #across: Axis;
  /** Bytes of a pixel: its channels, filled up to whole words. */
  readonly #pixelBytes: number;
  #floats = 0;
  #packed = 0;
  #padded = 0;
  #windows = 0;
  #offsets = 0;
  #out = 0;

  /**
   * Packs a layer; the plan's arrays are not kept.
   * @param plan The layer. A size that does not fit throws HelperError `input/shape`, a kernel of other values `input/value`.
   */
  constructor(plan: Conv2dPlan) {
    const { input, kernelSize, filters, kernel, scale, bias } = plan;
    const { strides = 1, padding = 'valid', padValue = 0, accepts = 'binary' } = plan;
    const [height, width, channels] = input;
    for (const [name, value] of Object.entries({ height, width, channels, kernelSize, filters })) {
      checkNumber(name, value, { from: 1, integer: true });
    }
    checkSize('the kernel', kernel, kernelSize ** 2 * channels * filters);
    if (scale) checkSize('the scale', scale, filters);
    if (bias) checkSize('the bias', bias, filters);
    checkSigns('the kernel', kernel);
    this.#plan = { input, kernelSize, filters, kernel, strides, padding, padValue, accepts };
    this.#rows = layAxis(height, kernelSize, strides, padding);
    this.#across = layAxis(width, kernelSize, strides, padding);
    checkNumber('the height of the output', this.#rows.outputs, { from: 1 });
    checkNumber('the width of the output', this.#across.outputs, { from: 1 });
    const pixelFloats = roundUp(channels, wordFloats);
    this.#pixelBytes = pixelFloats / 8;
    this.#columns = packColumns({
      ...{ outputs: filters, length: kernelSize ** 2 * pixelFloats, scale, bias },
      at: (element, output) => {
        const [tap, channel] = [Math.floor(element / pixelFloats), element % pixelFloats];
        return channel < channels ? kernel[(tap * channels + channel) * filters + output]! : -1;
      },
      plan: (layout, rowBytes, columns) => {
        const outputs = this.#rows.outputs * this.#across.outputs;
        this.#floats = layout.take(4 * height * width * pixelFloats);
        this.#packed = layout.take(height * width * this.#pixelBytes);
        this.#padded = layout.take(this.#paddedWidth * this.#paddedHeight * this.#pixelBytes);
        this.#windows = layout.take(outputs * rowBytes);
        this.#offsets = layout.take(4 * outputs * columns);
        this.#out = layout.take(4 * outputs * columns);
      }
    });
    new Float32Array(this.#columns.memory, this.#floats, height * width * pixelFloats).fill(-1);
    this.#writeOffsets();
  }

  /** Bytes of the packed kernel. */
  get bytes(): number {
    return this.#columns.rowBytes * this.#plan.filters;
  }

  /** Height, width and channels of an output. */
  get outputShape(): [number, number, number] {
    return [this.#rows.outputs, this.#across.outputs, this.#plan.filters];
  }

  /**
   * Computes outputs.
   * @param pictures Pictures one after another, channels last.
   * @returns `scale·conv(sign(pictures), kernel) + bias`: pictures of `outputShape`.
   * @throws HelperError `input/shape` for a part of a picture, `input/value` for values other than −1 and 1 unless `signs` are accepted.
   */
  apply(pictures: Float32Array): Float32Array {
    const size = this.#plan.input.reduce((product, length) => product * length, 1);
    const count = Math.ceil(pictures.length / size);
    checkSize(`${count} pictures of ${size}`, pictures, count * size);
    if (this.#plan.accepts === 'binary') checkSigns('the input', pictures);
    const outputSize = this.outputShape.reduce((product, length) => product * length, 1);
    const result = new Float32Array(count * outputSize);
    for (let index = 0; index < count; index++) {
      this.#pack(pictures.subarray(index * size, (index + 1) * size));
      this.#window();
      this.#multiply(result.subarray(index * outputSize, (index + 1) * outputSize));
    }
    return result;
  }

  get #paddedHeight(): number {
    return this.#plan.input[0] + this.#rows.before + this.#rows.after;
  }

  get #paddedWidth(): number {
    return this.#plan.input[1] + this.#across.before + this.#across.after;
  }

  /** Signs of a picture's pixels, in a frame of −1. */
  #pack(picture: Float32Array): void {
    const { kernels, memory } = this.#columns;
    const [height, width, channels] = this.#plan.input;
    const pixelFloats = this.#pixelBytes * 8;
    const floats = new Float32Array(memory, this.#floats, height * width * pixelFloats);
    if (channels === pixelFloats) floats.set(picture);
    else
      for (let pixel = 0; pixel < height * width; pixel++) {
        const values = picture.subarray(pixel * channels, (pixel + 1) * channels);
        floats.set(values, pixel * pixelFloats);
      }
    kernels.pack(this.#floats, this.#packed, floats.length / wordFloats);
    const first = (this.#rows.before * this.#paddedWidth + this.#across.before) * this.#pixelBytes;
    const [rowBytes, step] = [width * this.#pixelBytes, this.#paddedWidth * this.#pixelBytes];
    kernels.gather(this.#packed, this.#padded + first, rowBytes, rowBytes, step, height);
  }

  /** A row of bits for each output: the pixels under the kernel. */
  #window(): void {
    const { kernels, rowBytes } = this.#columns;
    const { kernelSize, strides } = this.#plan;
    const [pieceBytes, lineBytes] = [
      kernelSize * this.#pixelBytes,
      this.#paddedWidth * this.#pixelBytes
    ];
    const across = this.#across.outputs;
    for (let y = 0; y < this.#rows.outputs; y++) {
      for (let line = 0; line < kernelSize; line++) {
        const from = this.#padded + (y * strides + line) * lineBytes;
        const to = this.#windows + y * across * rowBytes + line * pieceBytes;
        kernels.gather(from, to, pieceBytes, strides * this.#pixelBytes, rowBytes, across);
      }
    }
  }

  #multiply(result: Float32Array): void {
    const { kernels, memory, rowBytes, width, bits, scales, biases } = this.#columns;
    const outputs = this.#rows.outputs * this.#across.outputs;
    const { filters } = this.#plan;
    kernels.multiply(
      ...([this.#windows, bits, this.#out, this.#offsets, scales, biases] as const),
      ...([outputs, width, rowBytes, 4 * width] as const)
    );
    const out = new Float32Array(memory, this.#out, outputs * width);
    if (width === filters) result.set(out);
    else
      for (let index = 0; index < outputs; index++) {
        result.set(out.subarray(index * width, index * width + filters), index * filters);
      }
  }

  /** The number of products of each output, corrected where the kernel stands over the frame, which is packed as −1. */
  #writeOffsets(): void {
    const { memory, width } = this.#columns;
    const { input, kernelSize, filters, padValue } = this.#plan;
    const sums = this.#tapSums();
    const products = kernelSize ** 2 * input[2];
    const offsets = new Int32Array(
      memory,
      this.#offsets,
      this.#rows.outputs * this.#across.outputs * width
    ).fill(products);
    for (let y = 0; y < this.#rows.outputs; y++) {
      for (let x = 0; x < this.#across.outputs; x++) {
        const at = (y * this.#across.outputs + x) * width;
        for (const tap of this.#tapsOverFrame(y, x)) {
          for (let filter = 0; filter < filters; filter++) {
            offsets[at + filter]! += (padValue + 1) * sums[tap * filters + filter]!;
          }
        }
      }
    }
  }

  /** The sum of the kernel over the channels, per tap and filter. */
  #tapSums(): Float32Array {
    const { input, kernelSize, filters, kernel } = this.#plan;
    const sums = new Float32Array(kernelSize ** 2 * filters);
    kernel.forEach((value, index) => {
      const tap = Math.floor(index / (input[2] * filters));
      sums[tap * filters + (index % filters)]! += value;
    });
    return sums;
  }

  #tapsOverFrame(y: number, x: number): number[] {
    const { input, kernelSize, strides } = this.#plan;
    const taps = Array.from({ length: kernelSize ** 2 }, (_, tap) => tap);
    return taps.filter(tap => {
      const row = y * strides + Math.floor(tap / kernelSize) - this.#rows.before;
      const column = x * strides + (tap % kernelSize) - this.#across.before;
      return row < 0 || row >= input[0] || column < 0 || column >= input[1];
    });
  }
}
