import { checkNumber, HelperError } from '../../errors.ts';
import { needAxes } from './blocks.ts';
import type { Reduction, Structure } from './structure.ts';

/**
 * Rows, filters or channels: all weights that share an index on one axis, scored by their L-n norm.
 * Masks only: `removeChannels` takes such slices out of a model.
 * @param options `axis` counts from the end when negative (−1, the default: a dense layer's units or a convolution's filters;
 *   −2: its input channels); `norm` reduces the scores. @default norm 2
 * @returns A structure.
 * @see Li et al. 2017, arXiv:1608.08710
 */
export function slices(options: { axis?: number; norm?: Reduction } = {}): Structure {
  const { axis = -1, norm = 2 } = options;
  checkNumber('axis', axis, { integer: true });
  if (typeof norm === 'number' && norm !== Infinity) checkNumber('norm', norm, { above: 0 });
  return {
    name: `slices along axis ${axis}`,
    reduction: norm,
    groupsOf(shape, path) {
      const { length, inner } = axisOf(shape, axis, path);
      const size = shape.reduce((product, side) => product * side, 1);
      const of = Int32Array.from({ length: size }, (_, i) => Math.floor(i / inner) % length);
      return { of, count: length };
    }
  };
}

/**
 * n of every m neighbours stay, such as 2 of 4, which sparse tensor cores compute at twice the speed.
 * Needs no sparsity: it is 1 − n/m. A rest shorter than m keeps at most n. Of equal scores the earlier are kept.
 * @param keep How many stay, n.
 * @param among Of how many, m, more than n.
 * @param options `axis` along which weights are neighbours. @default −2, the inputs that one output sums over, as in tfmot
 * @returns A structure.
 * @see Mishra et al. 2021, arXiv:2104.08378
 */
export function nOfM(keep: number, among: number, options: { axis?: number } = {}): Structure {
  checkNumber('among', among, { from: 2, integer: true });
  checkNumber('keep', keep, { from: 1, below: among, integer: true });
  const { axis = -2 } = options;
  checkNumber('axis', axis, { integer: true });
  return {
    name: `${keep} of ${among}`,
    reduction: 'sum',
    keepInGroup: keep,
    groupsOf(shape, path) {
      const { length, inner } = axisOf(shape, axis, path);
      const size = shape.reduce((product, side) => product * side, 1);
      const perLine = Math.ceil(length / among);
      const of = Int32Array.from({ length: size }, (_, i) => {
        const [outer, at, last] = [
          Math.floor(i / inner / length),
          Math.floor(i / inner) % length,
          i % inner
        ];
        return (outer * perLine + Math.floor(at / among)) * inner + last;
      });
      return { of, count: (size / length) * perLine };
    }
  };
}

/** The length of an axis, and how many weights lie between two neighbours on it. */
function axisOf(
  shape: readonly number[],
  axis: number,
  path: string
): { length: number; inner: number } {
  needAxes(shape, path, 2, `slices along axis ${axis}`);
  const at = axis < 0 ? shape.length + axis : axis;
  const length = shape[at];
  if (length === undefined) {
    throw new HelperError(
      'input/value',
      `expected an axis of ${path}, of shape [${shape.join(', ')}], got ${axis}`
    );
  }
  return { length, inner: shape.slice(at + 1).reduce((product, side) => product * side, 1) };
}
