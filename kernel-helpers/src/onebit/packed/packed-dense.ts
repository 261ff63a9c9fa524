import { checkNumber } from '../../errors.ts';
import { checkSigns, checkSize, packColumns, type Affine, type Columns } from './columns.ts';

/** Rows are computed in parts whose floats take about this much. */
const partBytes = 2 ** 19;

/** A dense layer to be packed. */
export interface DensePlan extends Affine {
  /** Length of the input. */
  readonly inputs: number;
  /** Length of the output. */
  readonly outputs: number;
  /** −1 and 1, of shape [inputs, outputs]. */
  readonly kernel: Float32Array;
  /** `signs`: inputs count by their sign, that of 0 being 1. `binary`: inputs must be −1 and 1. @default 'binary' */
  readonly accepts?: 'binary' | 'signs';
}

/** A dense layer of bits: its products are whole numbers, exact, and equal to those of floats. */
export class PackedDense {
  readonly #plan: DensePlan;
  readonly #columns: Columns;
  readonly #part: number;
  #floats = 0;
  #bits = 0;
  #offsets = 0;
  #out = 0;

  /**
   * Packs a layer; the plan's arrays are not kept.
   * @param plan The layer. A size that does not fit throws HelperError `input/shape`, a kernel of other values `input/value`.
   */
  constructor(plan: DensePlan) {
    const { inputs, outputs, kernel, scale, bias } = plan;
    checkNumber('inputs', inputs, { from: 1, integer: true });
    checkNumber('outputs', outputs, { from: 1, integer: true });
    checkSize('the kernel', kernel, inputs * outputs);
    if (scale) checkSize('the scale', scale, outputs);
    if (bias) checkSize('the bias', bias, outputs);
    checkSigns('the kernel', kernel);
    this.#plan = plan;
    this.#part = Math.max(1, Math.floor(partBytes / (4 * inputs)));
    this.#columns = packColumns({
      ...{ outputs, scale, bias, length: inputs },
      at: (element, output) => kernel[element * outputs + output]!,
      plan: (layout, rowBytes, width) => {
        this.#floats = layout.take(this.#part * rowBytes * 32);
        this.#bits = layout.take(this.#part * rowBytes);
        this.#offsets = layout.take(4 * width);
        this.#out = layout.take(4 * width * this.#part);
      }
    });
    const { memory, rowBytes, width } = this.#columns;
    // Past the end of an input stands −1 in rows and columns: bits that never differ.
    new Float32Array(memory, this.#floats, this.#part * rowBytes * 8).fill(-1);
    new Int32Array(memory, this.#offsets, width).fill(inputs);
  }

  /** Bytes of the packed kernel. */
  get bytes(): number {
    return this.#columns.rowBytes * this.#plan.outputs;
  }

  /**
   * Computes outputs.
   * @param inputs Rows of `inputs` numbers, one after another.
   * @returns `scale·(sign(inputs)·kernel) + bias`: rows of `outputs` numbers.
   * @throws HelperError `input/shape` for a part of a row, `input/value` for values other than −1 and 1 unless `signs` are accepted.
   */
  apply(inputs: Float32Array): Float32Array {
    const { inputs: length, outputs, accepts = 'binary' } = this.#plan;
    const rows = Math.ceil(inputs.length / length);
    checkSize(`${rows} rows of ${length}`, inputs, rows * length);
    if (accepts === 'binary') checkSigns('the input', inputs);
    const result = new Float32Array(rows * outputs);
    for (let from = 0; from < rows; from += this.#part) {
      const count = Math.min(this.#part, rows - from);
      this.#multiply(inputs.subarray(from * length, (from + count) * length), count);
      this.#read(result.subarray(from * outputs, (from + count) * outputs), count);
    }
    return result;
  }

  #multiply(inputs: Float32Array, count: number): void {
    const { kernels, memory, rowBytes, width, bits, scales, biases } = this.#columns;
    const [length, rowFloats] = [this.#plan.inputs, rowBytes * 8];
    const floats = new Float32Array(memory, this.#floats, count * rowFloats);
    if (length === rowFloats) floats.set(inputs);
    else
      for (let row = 0; row < count; row++) {
        floats.set(inputs.subarray(row * length, (row + 1) * length), row * rowFloats);
      }
    kernels.pack(this.#floats, this.#bits, (count * rowBytes) / 4);
    kernels.multiply(
      ...([this.#bits, bits, this.#out, this.#offsets, scales, biases] as const),
      ...([count, width, rowBytes, 0] as const)
    );
  }

  #read(result: Float32Array, count: number): void {
    const { memory, width } = this.#columns;
    const { outputs } = this.#plan;
    const out = new Float32Array(memory, this.#out, count * width);
    if (width === outputs) result.set(out);
    else
      for (let row = 0; row < count; row++) {
        result.set(out.subarray(row * width, row * width + outputs), row * outputs);
      }
  }
}
