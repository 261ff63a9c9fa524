/**
 * What can go wrong, as stable codes: the part before the slash is the area.
 * `input`: what the caller passed; `optim`: a transform's state or update; `training`: a run; `estimator`: a gradient;
 * `energy`: the meter; `display`: the kernel's output; `data`: a data set's files; `io`: saved files;
 * `distributed`: workers that train together; `impact`: what an energy means.
 */
export type HelperErrorCode =
  | 'input/value'
  | 'input/shape'
  | 'input/dtype'
  | 'input/empty'
  | 'input/disposed'
  | 'input/structure'
  | 'optim/foreign-state'
  | 'optim/not-finite'
  | 'optim/no-objective'
  | 'training/diverged'
  | 'estimator/no-gradient'
  | 'energy/missing'
  | 'energy/no-meter'
  | 'energy/refused'
  | 'display/missing'
  | 'display/too-large'
  | 'data/missing'
  | 'data/checksum'
  | 'io/format'
  | 'distributed/cluster'
  | 'distributed/formation'
  | 'distributed/mismatch'
  | 'distributed/lost'
  | 'distributed/timeout'
  | 'distributed/worker'
  | 'impact/coefficient'
  | 'impact/value'
  | 'impact/kind'
  | 'impact/zone'
  | 'impact/forecast'
  | 'impact/too-short';

/** A failure the caller may branch on: `code` is stable API, `message` is for people. */
export class HelperError extends Error {
  /** Stable name of what went wrong. */
  readonly code: HelperErrorCode;

  /**
   * Makes an error whose text reads `message`.
   * @param code Stable name of what went wrong.
   * @param message The offending value, what was expected and the next step.
   * @param options The cause, if another error led here.
   */
  constructor(code: HelperErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HelperError';
    this.code = code;
  }
}

/**
 * Passes a function, refuses all else.
 * @param name What the function is, for the message.
 * @param value What was given.
 * @param remedy What to give instead.
 * @returns The function.
 * @throws HelperError `input/value` when it is none.
 */
export function checkFunction<F>(name: string, value: F, remedy: string): F {
  if (typeof value === 'function') return value;
  throw new HelperError(
    'input/value',
    `expected ${name} to be a function, got ${inWords(value)}; ${remedy}`
  );
}

/**
 * Names a value in a message without printing all of it.
 * @param value Anything.
 * @returns Its text, or the name of its class.
 */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `an object of class ${value.constructor?.name}`;
}

/**
 * Passes a number that lies within bounds, refuses any other.
 * @param name What the number is, for the message.
 * @param value The number to check; NaN never passes.
 * @param range Bounds: `above` and `below` are exclusive, `from` and `to` inclusive; `integer` asks for a whole number.
 * @returns The value.
 * @throws HelperError `input/value` when it is outside.
 */
export function checkNumber(
  name: string,
  value: number,
  range: { above?: number; below?: number; from?: number; to?: number; integer?: boolean } = {}
): number {
  const { above = -Infinity, below = Infinity, from = -Infinity, to = Infinity } = range;
  const inside = value > above && value < below && value >= from && value <= to;
  if (typeof value === 'number' && inside && (!range.integer || Number.isInteger(value))) {
    return value;
  }
  const wanted = [
    range.integer ? 'a whole number' : 'a finite number',
    range.above === undefined ? '' : `above ${range.above}`,
    range.from === undefined ? '' : `of at least ${range.from}`,
    range.below === undefined ? '' : `below ${range.below}`,
    range.to === undefined ? '' : `of at most ${range.to}`
  ];
  throw new HelperError(
    'input/value',
    `expected ${name} to be ${wanted.filter(Boolean).join(' ')}, got ${String(value)}`
  );
}
