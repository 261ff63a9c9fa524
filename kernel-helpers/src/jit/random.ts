import type { DataType as TfjsType } from '@tensorflow/tfjs';
import { TensorFlowError } from '../runtime/errors.ts';
import { here, userLine } from './source-line.ts';

/** A distribution that TensorFlow.js was about to draw from in JavaScript. */
export type Distribution =
  | { readonly kind: 'uniform'; readonly from: number; readonly range: number }
  | { readonly kind: 'normal' | 'truncated'; readonly mean: number; readonly deviation: number };

/** The parts of TensorFlow.js's random generators that say what they draw. */
interface Generator {
  min?: number;
  range?: number;
  mean?: number;
  stdDev?: number;
  truncated?: boolean;
}

/** Operations whose generator can be replaced by one inside the graph. */
const replaceable = new Set([
  'randomUniform',
  'randomUniformInt',
  'randomNormal',
  'randomStandardNormal',
  'truncatedNormal'
]);

/** Operations that draw in a way no graph can. */
const drawnInJavaScript = new Set(['rand', 'randomGamma']);

/** Its seed is drawn in JavaScript, its values are not: the recording gives it a seed of its own. */
const seededInJavaScript = new Set(['multinomial']);

/**
 * Finds out, while a function is recorded, which distribution an operation draws from.
 *
 * TensorFlow.js draws in JavaScript and hands over finished values, which a recording would freeze. Each of its generators is seeded by
 * `Math.random()` and then stores its source of numbers in its own field `random`; a setter that exists only between the two sees
 * the generator and so its exact parameters, whichever copy of TensorFlow.js it comes from.
 */
export class RandomWatch {
  readonly #scope: () => string;
  readonly #random = Math.random;
  #found: Distribution | undefined;

  /**
   * A watch that has not started.
   * @param scope Name of the operation that TensorFlow.js is in.
   */
  constructor(scope: () => string) {
    this.#scope = scope;
  }

  /** Starts to watch; `stop` must follow. */
  start(): void {
    Math.random = () => this.#seed();
  }

  /** Ends the watch. */
  stop(): void {
    Math.random = this.#random;
    this.#disarm();
  }

  /**
   * What the operation at hand draws from.
   * @param dtype Data type of the tensor it makes.
   * @returns The distribution; undefined when the tensor is not random, or the user seeded it and so asked for the same values each time.
   * @throws TensorFlowError `jit/random` when it can only be drawn in JavaScript.
   */
  take(dtype: TfjsType): Distribution | undefined {
    const scope = this.#scope();
    if (drawnInJavaScript.has(scope)) {
      throw refusal(
        `tf.${scope} draws in JavaScript`,
        'draw outside of the function and pass the tensor in, or use tf.randomUniform or tf.randomNormal'
      );
    }
    const found = this.#found;
    this.#found = undefined;
    return replaceable.has(scope) && dtype !== 'string' ? found : undefined;
  }

  #seed(): number {
    const scope = this.#scope();
    if (drawnInJavaScript.has(scope) || seededInJavaScript.has(scope)) return this.#random();
    if (!replaceable.has(scope)) {
      throw refusal(
        'Math.random() would be drawn once and stay the same in every call',
        'use tf.randomUniform inside the function, or pass the number in as a tensor'
      );
    }
    const found = (generator: Generator): void => {
      this.#disarm();
      this.#found = distributionOf(generator);
    };
    Object.defineProperty(Object.prototype, 'random', {
      configurable: true,
      set(this: Generator, value: unknown) {
        found(this);
        Object.assign(this, { random: value });
      }
    });
    return this.#random();
  }

  #disarm(): void {
    Reflect.deleteProperty(Object.prototype, 'random');
  }
}

function distributionOf(generator: Generator): Distribution | undefined {
  const { min, range, mean, stdDev, truncated } = generator;
  if (min !== undefined && range !== undefined) return { kind: 'uniform', from: min, range };
  if (mean === undefined || stdDev === undefined) return undefined;
  return { kind: truncated ? 'truncated' : 'normal', mean, deviation: stdDev };
}

function refusal(what: string, remedy: string): TensorFlowError {
  return new TensorFlowError(
    'jit/random',
    `${what}${userLine(here())}, which jit cannot record; ${remedy}`
  );
}
