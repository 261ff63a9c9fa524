import type { LayersModel } from '@tensorflow/tfjs';
import { jit } from './jit.ts';
import type { JitOptions } from './jitted.ts';
import type { CompileReport } from './compiled.ts';
import type { TensorFunction } from './record.ts';
import { hastenRecurrentLayers } from './recurrent.ts';

/** The parts of a layers model that make the functions of its loops. */
interface StepMaker {
  makeTrainFunction(): TensorFunction;
  /** Sets `testFunction`. */
  makeTestFunction(): void;
  testFunction?: TensorFunction;
  optimizer_?: { learningRate?: number };
  /** Set in a Sequential: the model that does its work. */
  model?: StepMaker;
}

/** A model whose training step is compiled. */
export interface CompiledStep {
  /** What was compiled, when and how long it took. */
  report(): CompileReport[];
  /** Resolves when nothing is compiled in the background any more. */
  ready(): Promise<void>;
}

/**
 * Lets `fit` and `evaluate` of a layers model run each step as one compiled function. Call it once; the model may be compiled again
 * (`model.compile`) at any time, and a changed learning rate is taken up. Steps run plainly until XLA has compiled them in the background, and
 * on where that is the quicker way.
 * @param model A model of TensorFlow.js's layers.
 * @param options As for `jit`, but that `compile` is `background` unless it is given.
 * @returns What was compiled.
 * @example compileStep(model); await model.fit(x, y, { epochs: 5 })
 */
export function compileStep(model: LayersModel, options: JitOptions = {}): CompiledStep {
  hastenRecurrentLayers(model);
  const outer = model as unknown as StepMaker;
  const maker = outer.model ?? outer;
  const optimizers = new Numbered();
  const watch = (): unknown => [
    optimizers.of(maker.optimizer_),
    maker.optimizer_?.learningRate ?? null,
    options.watch?.() ?? null
  ];
  const compiled: JitOptions = { compile: 'background', ...options, watch };
  const makeTrain = maker.makeTrainFunction.bind(maker);
  const train = jit((...args: never[]) => makeTrain()(...args), { name: 'train', ...compiled });
  const makeTest = maker.makeTestFunction.bind(maker);
  const plainTest = (...args: never[]): unknown => {
    makeTest();
    return maker.testFunction!(...args);
  };
  const test = jit(plainTest, { name: 'evaluate', ...compiled });
  // `fit` asks for the function at each call: a new one would be recorded and compiled again.
  maker.makeTrainFunction = () => train;
  maker.makeTestFunction = () => void (maker.testFunction = test);
  return {
    report: () => [...train.report(), ...test.report()],
    ready: async () => void (await Promise.all([train.ready(), test.ready()]))
  };
}

/** Numbers objects in the order they are met. */
class Numbered {
  readonly #numbers = new WeakMap<object, number>();
  #next = 0;

  of(value: object | undefined): number {
    if (!value) return -1;
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#next);
    return this.#next++;
  }
}
