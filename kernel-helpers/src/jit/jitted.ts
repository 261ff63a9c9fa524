import * as tf from '@tensorflow/tfjs';
import { tensorflow, type TensorFlow } from '../runtime/start.ts';
import { TensorFlowError } from '../runtime/errors.ts';
import type { Precision } from './autocast.ts';
import { RecordingCache } from './cache.ts';
import { Compiled, type CompileReport, runOnce } from './compiled.ts';
import { plainReason } from './convolutions.ts';
import { type Recorded, Recorder, type RunOnce, type TensorFunction } from './record.ts';
import { RetraceWatch } from './retrace.ts';
import { isRagged } from './ragged.ts';
import { type Flat, flatten } from './structure.ts';
import { isUnsupported, unsupportedOperations } from './xla.ts';

/** How a function is recorded and compiled. */
export interface JitOptions {
  /**
   * What the function is called in reports and messages.
   * @default the function's own name
   */
  name?: string;
  /**
   * When XLA compiles: `now` at the first call, in the `background` while plain calls run, or `never`. On a processor functions whose
   * convolutions outweigh all else run plainly, which is faster there; one compiled in the background then runs five times each way, and
   * goes on the quicker one. The two round differently, so that with `background` results may differ in the last digits from run to run.
   * @default 'now'
   */
  compile?: 'now' | 'background' | 'never';
  /**
   * Lower precision for products of matrices and convolutions; results stay float32.
   * @default float32
   */
  precision?: Precision;
  /**
   * Seed of the random operations inside; each call draws anew from it.
   * @default a random one
   */
  seed?: number;
  /**
   * Plain values that the function reads besides its arguments, such as a learning rate: when they change, it is recorded again.
   * @default none
   */
  watch?: () => unknown;
  /**
   * How many recordings are kept, one for each combination of shapes, data types and plain values.
   * @default 32
   */
  capacity?: number;
}

/** A function that runs as one TensorFlow function. */
export interface Jitted<F extends TensorFunction> {
  (...args: Parameters<F>): ReturnType<F>;
  /** What was recorded and compiled, when, and how long it took. */
  report(): CompileReport[];
  /** Resolves when nothing is compiled in the background any more. */
  ready(): Promise<void>;
  /** Forgets all recordings. */
  dispose(): void;
}

/** Records a function for arguments taken apart. */
export type Record = (recorder: Recorder, args: Flat, runOnce: RunOnce) => Recorded;

/**
 * Makes a function that is recorded when it meets arguments of a new kind, and run as recorded from then on.
 * @param fn The function as it is, for where operations themselves are wanted.
 * @param record How it is recorded.
 * @param options Compilation, precision, seed.
 * @returns The fast function.
 */
export function makeJitted<F extends TensorFunction>(
  fn: F,
  record: Record,
  options: JitOptions
): Jitted<F> {
  const jitted = new JitFunction(fn, record, options);
  return Object.assign((...args: Parameters<F>) => jitted.call(args) as ReturnType<F>, {
    report: () => jitted.cache.entries.map(entry => entry.report()),
    ready: () => jitted.ready(),
    dispose: () => jitted.cache.clear()
  });
}

/**
 * What a function is called in reports and messages.
 * @param fn The function.
 * @param options Which may name it.
 * @returns The name.
 */
export function nameOf(fn: TensorFunction, options: JitOptions): string {
  return options.name ?? (fn.name || 'function');
}

class JitFunction {
  readonly cache: RecordingCache;
  readonly #fn: TensorFunction;
  readonly #recordWith: Record;
  readonly #options: JitOptions;
  readonly #name: string;
  readonly #retraces: RetraceWatch;
  readonly #seed: number;
  readonly #pending = new Set<Promise<void>>();
  #runtime: TensorFlow | undefined;
  #calls = 0;
  #lastMissed = '';
  #toldFallback = false;

  constructor(fn: TensorFunction, record: Record, options: JitOptions) {
    this.#fn = fn;
    this.#recordWith = record;
    this.#options = options;
    this.#name = nameOf(fn, options);
    this.cache = new RecordingCache(options.capacity ?? 32);
    this.#retraces = new RetraceWatch(this.#name);
    this.#seed = Math.trunc(options.seed ?? Math.random() * 2 ** 31);
  }

  call(args: readonly unknown[]): unknown {
    const runtime = this.#attach();
    // Inside another recording, or on a tape, the operations themselves are wanted.
    if (runtime.backend.binding.recorder || tf.engine().isTapeOn()) return this.#plainly(args);
    const flat = this.#flatten(args);
    const found = this.cache.find(flat.signature);
    if (found) {
      this.#lastMissed = '';
      return this.#run(found, flat);
    }
    const isLastBatch =
      this.#lastMissed !== flat.signature && isRagged(flat.signature, this.cache.entries);
    this.#lastMissed = flat.signature;
    // A smaller last batch comes once an epoch: running it as it is costs less than a second compilation.
    if (isLastBatch) return tf.tidy(() => this.#plainly(args) as tf.TensorContainer);
    const compiled = this.#record(runtime, flat);
    try {
      return this.#run(compiled, flat);
    } finally {
      // Not before the first step, which it would slow down.
      if (compiled.mode === 'compiling') this.#compileInBackground(compiled, flat);
    }
  }

  async ready(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #plainly(args: readonly unknown[]): unknown {
    return this.#fn(...(args as never[]));
  }

  #flatten(args: readonly unknown[]): Flat {
    const flat = flatten(args, 'args');
    if (!this.#options.watch) return flat;
    const { signature, outline } = flatten(this.#options.watch(), 'watch');
    return {
      ...flat,
      signature: `${flat.signature} ${signature}`,
      outline: `${flat.outline} ${outline}`
    };
  }

  /** After TensorFlow was closed and started again, nothing recorded before is known to it. */
  #attach(): TensorFlow {
    const runtime = tensorflow();
    if (this.#runtime !== runtime) this.cache.clear();
    this.#runtime = runtime;
    return runtime;
  }

  #record(runtime: TensorFlow, flat: Flat): Compiled {
    const recorder = new Recorder(tf, runtime, this.#options.precision);
    const recorded = this.#recordWith(recorder, flat, (name, inputs, outputs) =>
      runOnce(runtime, name, inputs, outputs, flat.leaves, this.#nextSeed())
    );
    const compiled = readied(runtime, recorded, flat.signature, this.#options.compile);
    this.cache.add(runtime.backend.binding, compiled);
    this.#retraces.add(flat);
    return compiled;
  }

  #compileInBackground(compiled: Compiled, flat: Flat): void {
    const done = compiled.compile(flat.leaves, this.#nextSeed()).then(failure => {
      this.#pending.delete(done);
      if (failure === undefined) compiled.switchOver();
      else this.#tellFallback(compiled, failure);
    });
    this.#pending.add(done);
  }

  #run(compiled: Compiled, { leaves }: Flat): unknown {
    return callOrFallBack(compiled, leaves, this.#nextSeed(), message =>
      this.#tellFallback(compiled, message)
    );
  }

  #tellFallback(compiled: Compiled, message: string): void {
    if (!this.#toldFallback) tellFallback(this.#name, compiled, message);
    this.#toldFallback = true;
  }

  #nextSeed(): readonly [number, number] {
    return [this.#seed, this.#calls++];
  }
}

/**
 * Readies a recorded function, through XLA where it gains by it.
 * @param runtime TensorFlow.
 * @param recorded The function.
 * @param signature What it was recorded for.
 * @param compile When XLA compiles it.
 * @returns The function.
 */
export function readied(
  runtime: TensorFlow,
  recorded: Recorded,
  signature: string,
  compile: JitOptions['compile'] = 'now'
): Compiled {
  const mode = ({ now: 'xla', background: 'compiling', never: 'plain' } as const)[compile];
  const compiled = new Compiled(runtime, recorded, signature, mode);
  const reason = plainReason(runtime, recorded.convolutionProducts);
  if (mode !== 'plain' && reason) compiled.fallBack(reason);
  return compiled;
}

/**
 * Calls a recorded function; runs it without XLA from then on if XLA cannot compile it.
 * @param compiled The function.
 * @param leaves The arguments' tensors.
 * @param seed What random operations draw from.
 * @param tell Called with TensorFlow's text when XLA is given up.
 * @returns The result.
 */
export function callOrFallBack(
  compiled: Compiled,
  leaves: readonly tf.Tensor[],
  seed: readonly [number, number],
  tell: (message: string) => void
): unknown {
  try {
    return compiled.call(leaves, seed);
  } catch (error) {
    const mayBeXla = compiled.mode === 'xla' || compiled.mode === 'comparing';
    const xlaFailed = mayBeXla && error instanceof TensorFlowError && isUnsupported(error.message);
    if (!xlaFailed) throw error;
    compiled.fallBack(error.message);
    tell(error.message);
    return compiled.call(leaves, seed);
  }
}

/**
 * Says that a function runs without XLA, and because of which operations and lines.
 * @param name What it is called.
 * @param compiled The function.
 * @param message TensorFlow's text.
 */
export function tellFallback(name: string, compiled: Compiled, message: string): void {
  const names = unsupportedOperations(message);
  const places = names.map(found => `${found}${compiled.recorded.lineOf(found)}`).join(', ');
  console.warn(
    `${name} runs as a plain TensorFlow function: XLA cannot compile ${places || message.slice(0, 200)}.`
  );
}
