import { checkNumber, HelperError } from '../../errors.ts';
import type { Structure } from './structure.ts';

/**
 * Rectangles of a matrix, which processors can skip as a whole. A tensor of more axes is seen as a matrix whose columns are its last axis.
 * Blocks at the rim may be smaller. (tfmot shifts its blocks when they do not divide the matrix; ours start at the corner.)
 * @param height Rows of a block, at least 1.
 * @param width Columns of a block, at least 1.
 * @param options `pool` says how a block is scored, as in tfmot. @default 'mean'
 * @returns A structure.
 * @see Gray et al. 2017, "GPU kernels for block-sparse weights"
 */
export function blocks(
  height: number,
  width: number,
  options: { pool?: 'mean' | 'max' } = {}
): Structure {
  checkNumber('height', height, { from: 1, integer: true });
  checkNumber('width', width, { from: 1, integer: true });
  const { pool = 'mean' } = options;
  return {
    name: `blocks ${height}×${width}`,
    reduction: pool === 'max' ? Infinity : 'mean',
    groupsOf(shape, path) {
      needAxes(shape, path, 2, `blocks of ${height} × ${width}`);
      const columns = shape.at(-1)!;
      const size = shape.reduce((product, length) => product * length, 1);
      const across = Math.ceil(columns / width);
      const of = new Int32Array(size);
      for (let i = 0; i < size; i++) {
        const [row, column] = [Math.floor(i / columns), i % columns];
        of[i] = Math.floor(row / height) * across + Math.floor(column / width);
      }
      return { of, count: Math.ceil(size / columns / height) * across };
    }
  };
}

/**
 * Refuses tensors of too few axes.
 * @param shape The tensor's shape.
 * @param path Its path.
 * @param axes How many axes are needed.
 * @param what What for.
 * @throws HelperError `input/shape`.
 */
export function needAxes(shape: readonly number[], path: string, axes: number, what: string): void {
  if (shape.length >= axes) return;
  throw new HelperError(
    'input/shape',
    `expected at least ${axes} axes for ${what}, got shape [${shape.join(', ')}] at ${path}; leave it out with { where }`
  );
}
